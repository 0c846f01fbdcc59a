package contactfile

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

const linkedInFile = "Notes:\n\"When exporting your connection data, you may notice that some of the email addresses are missing. You will only see email addresses, " +
	"for connections who have allowed it\"\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\n" +
	"Ada,King,https://www.linkedin.com/in/ada,,Acme,Analyst,03 Mar 2026\nBob,\"Ray, MBA\",https://www.linkedin.com/in/bob,bob@gmail.com,Acme,,04 Mar 2026\n"

// Each product's own file is understood by its header alone.
func TestFormats(t *testing.T) {
	for name, c := range map[string]struct{ file, format, want string }{
		"linkedin": {linkedInFile, FormatLinkedIn, "01 Ada King\n02 Bob Ray, MBA personal_email=bob@gmail.com"},
		"linkedin, semicolons": {strings.NewReplacer(",", ";", "\", ", "\"; ").Replace("Notes:\n\"a, b\"\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\nAda,King,https://www.linkedin.com/in/ada,,Acme,Analyst,03 Mar 2026\n"),
			FormatLinkedIn, "01 Ada King"},
		"salesforce leads": {"Lead ID,First Name,Last Name,Title,Company / Account,Email,Phone,Mobile,Lead Source,Country\n" +
			"00Q1,Ada,King,Analyst,Acme,ada@acme.example,020 7946 0001,07911 123456,Web,United Kingdom\n", FormatSalesforce,
			"01 Ada King mobile_phone=+447911123456 work_email=ada@acme.example work_phone=+442079460001"},
		"salesforce api": {"Id,FirstName,LastName,Email,Phone,MobilePhone,Title,AccountName,MailingCity,MailingCountry\n" +
			"003A,Ada,King,ada@acme.example,+4915112345678,+4915112345679,Analyst,Acme,Berlin,Germany\n", FormatSalesforce,
			"01 Ada King mobile_phone=+4915112345679 work_email=ada@acme.example mobile_phone=+4915112345678"},
		"hubspot": {"Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,Job Title,Associated Company,Website URL,Lifecycle Stage,Country/Region\n" +
			"51,Ada,King,ada@acme.example,(202) 555-0123,,Analyst,Acme,https://www.acme.example/x,lead,United States\n", FormatHubSpot,
			"01 Ada King work_email=ada@acme.example work_phone=+12025550123"},
		"hubspot labels": {"First name,Last name,Email address,Company name,Job title,Mobile phone number\nAda,King,ada@acme.example,Acme,Analyst,+33612345678\n", FormatHubSpot,
			"01 Ada King mobile_phone=+33612345678 work_email=ada@acme.example"},
		"google, first generation": {"Name,Given Name,Family Name,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Type,E-mail 2 - Value,Phone 1 - Type,Phone 1 - Value,Phone 2 - Type,Phone 2 - Value,Organization 1 - Name,Organization 1 - Title\n" +
			"Ada King,Ada,King,* Work,ada@acme.example ::: ada.king@acme.example,Home,ada@home.example,Mobile,+1 202 555 0123 ::: +1 202 555 0124,Work Fax,+1 202 555 0199,Acme,Analyst\n", FormatGoogle,
			"01 Ada King work_email=ada@acme.example work_email=ada.king@acme.example personal_email=ada@home.example mobile_phone=+12025550123 mobile_phone=+12025550124"},
		"google, second generation": {"First Name,Last Name,Organization Name,Organization Title,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - City,Address 1 - Country\n" +
			"Ada,King,Acme,Analyst,* myContacts,,ada@gmail.com,Main,020 7946 0001,London,GB\n", FormatGoogle,
			"01 Ada King personal_email=ada@gmail.com"},
		"any table":       {"Name;E-Mail;Tel;Firma\nAda King;info@acme.example;+44 7911 123456;Acme\n", FormatTable, "01 Ada King work_email=info@acme.example mobile_phone=+447911123456"},
		"ours":            {"full_name,company,work_phones,shoe\nAda King,Acme,+12025550123,38\n", FormatDirectory, "01 Ada King work_phone=+12025550123"},
		"rejected, again": {"row,reason,full_name,company\n7,nobody,Ada King,Acme\n", FormatDirectory, "01 Ada King"},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, "text/csv", c.file, c.want)
			r, err := NewReader(strings.NewReader(c.file), "text/csv")
			if err != nil {
				t.Fatal(err)
			}
			if u := r.Understood(); u.Format != c.format {
				t.Errorf("understood as %s, want %s: %+v", u.Format, c.format, u.Columns)
			}
		})
	}
	p := readAll(t, strings.NewReader(linkedInFile), "text/csv")[0].Person
	if p.LinkedInURL != "https://www.linkedin.com/in/ada" || p.Title != "Analyst" || p.Extra["connected_on"] != "03 Mar 2026" || len(p.Extra) != 1 {
		t.Errorf("%+v", p)
	}
	r, _ := NewReader(strings.NewReader(linkedInFile), "text/csv")
	if u := r.Understood(); u.HeaderRow != 4 || u.Delimiter != "," || u.Encoding != "UTF-8" {
		t.Errorf("%+v", u)
	}
	main := readAll(t, strings.NewReader("First Name,Last Name,Organization Name,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value\nAda,King,Acme,,Main,+44 20 7946 0001\n"), "text/csv")[0].Person
	if main.CompanyPhone != "+442079460001" || len(main.Values) != 0 {
		t.Errorf("a main line is the company's: %+v", main)
	}
	crm := readAll(t, strings.NewReader("Contact ID,Last Name,Mailing City,Mailing State/Province,Mailing Country,Website,Phone\n1,King,Berlin,BE,Germany,none,0800 1234567\n"), "text/csv")[0]
	if p := crm.Person; p.Location != "Berlin, BE, Germany" || p.Country != "DE" || p.CompanyDomain != "" || p.CompanyPhone != "+498001234567" || len(crm.Problems) != 0 {
		t.Errorf("%+v %v", p, crm.Problems)
	}
}

// A mapping says what a name does not.
func TestMapping(t *testing.T) {
	file := "Wer,Bude,Rufnummer,Notiz,Email\nAda King,Acme,+44 7911 123456,friendly,x@y.example\n"
	read := func(m Mapping) (string, error) {
		r, err := Read(strings.NewReader(file), "text/csv", Options{Mapping: m})
		if err != nil {
			return "", err
		}
		record, err := r.Next()
		if err != nil {
			return "", err
		}
		return described(record) + " " + record.Person.Company + " " + record.Person.Extra["notiz"], nil
	}
	got, err := read(Mapping{"Wer": "full_name", "bude": "company", "Rufnummer": "phone", "Email": ""})
	if want := "01 Ada King mobile_phone=+447911123456 Acme friendly"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, c := range []struct {
		mapping Mapping
		want    string
	}{
		{Mapping{"Wer": "fullname"}, `the mapping of Wer leads to "fullname"; it must be one of id, full_name`},
		{Mapping{"Who": "full_name"}, "the mapping of who names no column of the file"},
	} {
		var wrong *MappingError
		if _, err := read(c.mapping); !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v: %v", c.mapping, err)
		}
	}
	var format *FormatError
	if _, err := read(Mapping{"Email": ""}); !errors.As(err, &format) {
		t.Errorf("nobody is named: %v", err)
	}
}

func TestEncodings(t *testing.T) {
	western, err := charmap.Windows1252.NewEncoder().String("full_name,company\nZoë Müller,Café “X” – €\nBob,Acme\n")
	if err != nil {
		t.Fatal(err)
	}
	utf16 := func(big bool) string {
		var b strings.Builder
		for _, r := range "full_name,company\nZoë Müller,Café\n" {
			if big {
				b.WriteString(string([]byte{byte(r >> 8), byte(r)}))
			} else {
				b.WriteString(string([]byte{byte(r), byte(r >> 8)}))
			}
		}
		return b.String()
	}
	far := "full_name,company\n" + strings.Repeat("Bob,Acme\n", 4000)
	for name, c := range map[string]struct{ file, contentType, encoding, first string }{
		"UTF-8":               {"full_name,company\nZoë Müller,Café\n", "text/csv", "UTF-8", "Zoë Müller"},
		"UTF-8 with a mark":   {"\ufefffull_name,company\nZoë Müller,Café\n", "text/csv", "UTF-8", "Zoë Müller"},
		"Windows-1252":        {western, "text/csv", "Windows-1252", "Zoë Müller"},
		"Windows-1252 is far": {far + "Zo\xeb,Caf\xe9\n", "text/csv", "Windows-1252", "Bob"},
		"UTF-8 is far":        {far + "Zoë,Café\n", "text/csv", "UTF-8", "Bob"},
		"UTF-16 LE":           {utf16(false), "text/csv", "UTF-16 LE", "Zoë Müller"},
		"UTF-16 BE":           {utf16(true), "text/csv", "UTF-16 BE", "Zoë Müller"},
		"as it is said":       {"full_name,company\nZo\xeb,Acme\n", "text/csv; charset=iso-8859-1", "Windows-1252", "Zoë"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := NewReader(strings.NewReader(c.file), c.contentType)
			if err != nil {
				t.Fatal(err)
			}
			var all []Record
			for {
				record, err := r.Next()
				if err != nil {
					break
				}
				all = append(all, record)
			}
			last := all[len(all)-1]
			if got := all[0].Person.FullName; got != c.first || r.Understood().Encoding != c.encoding || last.Rejected {
				t.Errorf("%q in %s, want %q in %s; last %s", got, r.Understood().Encoding, c.first, c.encoding, described(last))
			}
			if strings.Contains(name, "far") && last.Person.Name() != "Zoë" {
				t.Errorf("last: %q", last.Person.Name())
			}
		})
	}
	// Good UTF-8 first: what is broken later is a broken row.
	expect(t, "text/csv", "full_name,company\nZoë,Acme\nB\xffob,Acme\n", "01 Zoë\n02 rejected [the row is not UTF-8 text; save the file as CSV UTF-8]")
}
