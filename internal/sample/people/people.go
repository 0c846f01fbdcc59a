// Package people makes people to try the product on. Nobody of them exists: their
// domains end in .example and their numbers are in the range kept for fiction.
package people

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"
)

var (
	firstNames = strings.Fields(`Ada Alan Amara Anders Anika Aoife Arjun Beatriz Bruno Camille Chen Clara Dalia Daniel Diego Elena Emre Esther Fatima Felix
		Freya Gabriel Grace Hana Henrik Ines Ivan Jamal Jana Jonas Julia Kaito Kofi Lara Leila Linus Lucia Magnus Maria Mateo Mei Mila Nadia Nikhil Noor
		Olga Omar Paolo Petra Priya Rafael Rania Rosa Samir Sara Selma Soren Tariq Thea Tomas Uma Valentina Viktor Wanda Xavier Yara Yusuf Zara Zoe`)
	lastNames = strings.Fields(`Abebe Adler Almeida Andersen Bakker Banerjee Becker Berg Bianchi Castillo Chowdhury Costa Dahl Demir Diaz Dubois Eriksen
		Farouk Ferrari Fischer Garcia Goldberg Gupta Haddad Hansen Hoffmann Ibrahim Ito Jansen Johansson Kaya Keller Khan Kim Kowalski Kumar Larsen Lemaire
		Lindqvist Lopez Marino Mbeki Mendes Moreau Mueller Nakamura Ndiaye Nguyen Novak Okafor Olsen Park Patel Petrov Popescu Quinn Ramirez Rossi Sato
		Schmidt Silva Singh Suzuki Tanaka Torres Vargas Volkov Wagner Weber Yilmaz Zhang`)
	companyNames = strings.Fields(`Aurora Basalt Beacon Birchwood Bluefin Borealis Bramble Calder Canopy Cascade Cedar Cinder Cobalt Copper Coral Crest Delta
		Ember Everglade Falcon Fjord Foundry Gable Garnet Glacier Granite Harbor Hazel Heron Horizon Indigo Ironwood Juniper Keystone Lantern Larch Lumen Maple
		Meridian Mistral Nimbus Northlight Oakline Obsidian Onyx Orchard Osprey Pinecrest Prairie Quarry Quartz Rowan Saffron Sierra Slate Solstice Sparrow
		Summit Tamarack Tidewater Topaz Umber Vantage Verdant Vista Walnut Willow Wren Zephyr`)
	companyKinds = []string{"Analytics", "Logistics", "Software", "Robotics", "Health", "Energy", "Foods", "Capital", "Media", "Security"}
	titles       = []string{
		"VP Sales", "Head of Marketing", "Account Executive", "Sales Development Representative", "Chief Revenue Officer", "Director of Operations",
		"Procurement Lead", "IT Manager", "Chief Technology Officer", "Customer Success Manager", "Founder", "Data Engineer", "Product Manager", "RevOps Analyst",
	}
	sizes  = []string{"1-10", "11-50", "51-200", "201-500", "501-1000", "1001-5000", "10001+"}
	places = []place{
		{"Berlin", "DE"}, {"Lisbon", "PT"}, {"Toronto", "CA"}, {"Chicago", "US"}, {"Austin", "US"}, {"Oslo", "NO"},
		{"Dublin", "IE"}, {"Singapore", "SG"}, {"Nairobi", "KE"}, {"São Paulo", "BR"}, {"Warsaw", "PL"}, {"Barcelona", "ES"},
	}
)

type place struct{ city, country string }

// Person is one of the sample's people, as a history needs them.
type Person struct{ ID, Name, Company, Profile string }

// File writes n people as a directory file, the same ones for the same now, and
// lists them.
func File(n int, now time.Time) (io.Reader, []Person) {
	random := rand.New(rand.NewPCG(1815, 12)) // the same people every time
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	_ = w.Write([]string{
		"id", "full_name", "title", "company", "company_domain", "company_phone", "linkedin_url", "location", "work_email", "work_email_status",
		"work_email_verified_at", "personal_emails", "work_phones", "mobile_phones", "country", "industry", "company_size",
	})
	list := make([]Person, 0, n)
	for i := range n {
		first, last := firstNames[random.IntN(len(firstNames))], lastNames[random.IntN(len(lastNames))]
		c := random.IntN(len(companyNames) * len(companyKinds))
		company := companyNames[c/len(companyKinds)] + " " + companyKinds[c%len(companyKinds)]
		domain := strings.ToLower(strings.ReplaceAll(company, " ", "")) + ".example"
		mainLine := phone(200+c%700, c%100)
		slug := strings.ToLower(first+"-"+last) + fmt.Sprintf("-%04d", i)
		p := Person{ID: fmt.Sprintf("sample-%05d", i), Name: first + " " + last, Company: company, Profile: "https://www.linkedin.com/in/" + slug}
		email, status, verified := workEmail(random, first, last, i, domain, now)
		title, at := titles[random.IntN(len(titles))], places[random.IntN(len(places))]
		_ = w.Write([]string{
			p.ID, p.Name, title, company, domain, mainLine, p.Profile, at.city,
			email, status, verified, personalEmail(random, slug), workPhones(random, mainLine), mobilePhones(random), at.country,
			companyKinds[c%len(companyKinds)], sizes[c/len(companyKinds)%len(sizes)],
		})
		list = append(list, p)
	}
	w.Flush() // a buffer takes everything
	return &file, list
}

// phone is a number that is kept for fiction: 555-0100 to 555-0199 of an area. No area has a 9
// in the middle or ends in 11, so a number that has one is refused.
func phone(area, n int) string {
	if area/10%10 == 9 || area%100 == 11 {
		area -= 10
	}
	return fmt.Sprintf("+1 %03d-555-01%02d", area, n)
}

func workEmail(random *rand.Rand, first, last string, i int, domain string, now time.Time) (email, status, verified string) {
	email = strings.ToLower(fmt.Sprintf("%s.%s%d@%s", first, last, i, domain))
	switch r := random.IntN(100); {
	case r < 50:
		return email, "verified", now.AddDate(0, 0, -random.IntN(60)).Format(time.DateOnly)
	case r < 70:
		return email, "verified", now.AddDate(0, 0, -120-random.IntN(200)).Format(time.DateOnly)
	case r < 85:
		return email, "likely", ""
	}
	return "", "", ""
}

func personalEmail(random *rand.Rand, slug string) string {
	if random.IntN(100) < 45 {
		return slug + "@mail.example"
	}
	return ""
}

func workPhones(random *rand.Rand, mainLine string) string {
	switch r := random.IntN(100); {
	case r < 55:
		return phone(200+random.IntN(700), random.IntN(100))
	case r < 75:
		return mainLine
	case r < 80:
		return mainLine + " ext. " + fmt.Sprint(100+random.IntN(900))
	}
	return ""
}

func mobilePhones(random *rand.Rand) string {
	switch r := random.IntN(100); {
	case r < 55:
		return phone(200+random.IntN(700), random.IntN(100))
	case r < 70:
		return phone(200+random.IntN(700), random.IntN(100)) + ";" + phone(200+random.IntN(700), random.IntN(100))
	}
	return ""
}
