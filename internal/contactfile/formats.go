package contactfile

import (
	"regexp"
	"strings"
	"unicode"
)

// The formats that a file may be understood as.
const (
	FormatDirectory  = "directory"  // our own columns
	FormatTable      = "table"      // any other header
	FormatLinkedIn   = "linkedin"   // Connections.csv of LinkedIn's data export
	FormatSalesforce = "salesforce" // leads or contacts, by labels or by API names
	FormatHubSpot    = "hubspot"    // contacts
	FormatGoogle     = "google"     // Google Contacts, either generation
	FormatVCard      = "vcard"
	FormatNDJSON     = "ndjson"
)

// squash is a header's name without anything but its letters and digits, in
// lower case: "E-mail Address" is emailaddress.
func squash(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// aliases are the names by which people and products head columns that the
// directory knows. Our own names come before them.
var aliases = map[string]column{
	"name": fullName, "contactname": fullName, "displayname": fullName, "fileas": left,
	"firstname": firstName, "givenname": firstName, "forename": firstName, "vorname": firstName,
	"lastname": lastName, "surname": lastName, "familyname": lastName, "nachname": lastName,
	"fullname": fullName,
	"email":    email, "emailaddress": email, "mail": email, "primaryemail": email, "contactemail": email,
	"workemail": workEmail, "businessemail": workEmail, "companyemail": workEmail, "professionalemail": workEmail, "emailstatus": extra,
	"personalemail": personalEmails, "personalemails": personalEmails, "homeemail": personalEmails, "privateemail": personalEmails,
	"phone": phone, "phonenumber": phone, "telephone": phone, "tel": phone, "telephonenumber": phone,
	"workphone": workPhones, "businessphone": workPhones, "officephone": workPhones, "directdial": workPhones, "directphone": workPhones,
	"workdirectphone": workPhones, "mobile": mobilePhones, "mobilephone": mobilePhones, "mobilephonenumber": mobilePhones, "cell": mobilePhones,
	"cellphone": mobilePhones, "mobilenumber": mobilePhones, "handy": mobilePhones, "homephone": homePhone,
	"jobtitle": title, "position": title, "title": title,
	"company": company, "companyname": company, "organization": company, "organisation": company, "employer": company, "account": company,
	"accountname": company, "companyaccount": company, "firma": company,
	"companydomain": companyDomain, "domain": companyDomain, "companydomainname": companyDomain, "companywebsite": companyDomain,
	"companyphone": companyPhone, "mainphone": companyPhone, "switchboard": companyPhone, "corporatephone": companyPhone, "companyphonenumber": companyPhone,
	"linkedin": linkedInURL, "linkedinurl": linkedInURL, "linkedinprofile": linkedInURL, "linkedinprofileurl": linkedInURL,
	"personlinkedinurl": linkedInURL, "linkedinprofilelink": linkedInURL, "profileurl": linkedInURL,
	"location": location, "country": country, "countrycode": country, "countryregion": country,
}

// formatAliases mean what they mean in the files of one product alone.
var formatAliases = map[string]map[string]column{
	FormatLinkedIn: {"url": linkedInURL},
	FormatSalesforce: {
		"leadid": id, "contactid": id, "id": id, "website": website, "city": city, "state": region, "stateprovince": region, "mailingcity": city,
		"mailingstate": region, "mailingstateprovince": region, "mailingcountry": country, "otherphone": phone, "name": fullName,
	},
	FormatHubSpot: {
		"recordid": id, "contactid": id, "vid": id, "websiteurl": website, "website": website, "city": city, "stateregion": region, "state": region,
		"linkedinbio": linkedInURL, "hslinkedinurl": linkedInURL, "associatedcompany": company, "primaryassociatedcompany": company,
	},
	FormatGoogle: {
		"name": fullName, "organizationname": company, "organizationtitle": title, "organization1name": company, "organization1title": title,
		"address1city": city, "address1region": region, "address1country": country, "notes": extra, "photo": left, "labels": extra, "groupmembership": extra,
	},
}

// googleNumbered is a column of which Google writes as many as it needs, each
// beside one that says its type: "Phone 2 - Value" and "Phone 2 - Type", or Label.
var googleNumbered = regexp.MustCompile(`^(e-?mail|phone|website) (\d{1,3}) - (value|type|label)$`)

// formatOf tells whose file a header is of, by the columns that no other has.
func formatOf(header []string) string {
	names := map[string]bool{}
	canonical, google := 0, false
	for _, h := range header {
		if columnNamed(columnName(h)) != extra {
			canonical++
		}
		names[squash(h)] = true
		m := googleNumbered.FindStringSubmatch(strings.ToLower(strings.TrimSpace(h)))
		google = google || m != nil && m[1] != "website"
	}
	has := func(all ...string) bool {
		for _, n := range all {
			if !names[n] {
				return false
			}
		}
		return true
	}
	any := func(some ...string) bool {
		for _, n := range some {
			if names[n] {
				return true
			}
		}
		return false
	}
	// "First Name" and "Email" alone are anybody's.
	named := has("firstname", "lastname") || has("lastname") || has("fullname") || has("name")
	switch {
	case has("connectedon", "firstname", "lastname"):
		return FormatLinkedIn
	case google:
		return FormatGoogle
	case named && any("recordid", "hubspotid", "lifecyclestage", "marketingcontactstatus", "hsobjectid", "vid"), named && has("emailaddress", "companyname", "jobtitle"):
		return FormatHubSpot
	case named && any("leadid", "contactid", "leadsource", "leadstatus", "companyaccount", "mailingcity", "mailingcountry", "accountid", "emailoptout", "hasoptedoutofemail"),
		named && has("accountname"), rawHas(header, "FirstName", "LastName") && any("mobilephone", "company", "phone"):
		return FormatSalesforce
	case canonical == len(header) || canonical >= 3 && any("linkedinurl", "workemail", "workphones", "mobilephones", "personalemails", "companydomain"):
		return FormatDirectory
	}
	return FormatTable
}

func rawHas(header []string, names ...string) bool {
	found := 0
	for _, h := range header {
		for _, n := range names {
			if strings.TrimSpace(h) == n {
				found++
			}
		}
	}
	return found == len(names)
}
