package contactfile

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/leadmeter/leadmeter/internal/lead"
)

const vcardType = "text/vcard"

func cards(bodies ...string) string {
	var b strings.Builder
	for _, body := range bodies {
		b.WriteString("BEGIN:VCARD\r\n" + strings.ReplaceAll(body, "\n", "\r\n") + "\r\nEND:VCARD\r\n")
	}
	return b.String()
}

func TestVCards(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"3.0": {cards("VERSION:3.0\nFN:Ada King\nN:King;Ada;;Dr.;\nORG:Acme\\, Inc.;R&D\nTITLE:Analyst\nEMAIL;TYPE=INTERNET,WORK:ada@acme.example\nEMAIL;TYPE=HOME:ada@home.example\n" +
			"TEL;TYPE=CELL,VOICE:+44 7911 123456\nTEL;TYPE=\"work,voice\":+44 20 7946 0001\nTEL;TYPE=FAX,WORK:+44 20 7946 0002\nNOTE:a\\nb\nPHOTO;ENCODING=b;TYPE=JPEG:" +
			strings.Repeat("QUJD", 30_000)),
			"01 Ada King work_email=ada@acme.example work_phone=+442079460001 personal_email=ada@home.example mobile_phone=+447911123456"},
		"4.0": {cards("VERSION:4.0\nFN:Ada King\nitem1.TEL;VALUE=uri;PREF=1;TYPE=\"voice,cell\":tel:+44-7911-123456\nEMAIL;PREF=1:ada@acme.example\nORG:Acme\nUID:urn:uuid:1\nKIND:individual"),
			"01 Ada King mobile_phone=+447911123456 work_email=ada@acme.example"},
		"folded": {cards("VERSION:3.0\nFN:Ada \n King\nORG:Ac\n\tme\nEMAIL:ada@ac\n me.example"), "01 Ada King work_email=ada@acme.example"},
		"2.1": {cards("VERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Zo=C3=AB\nORG;QUOTED-PRINTABLE:Ac=\nme\nTEL;CELL:+49 151 12345678\nTEL;WORK;VOICE:+49 30 12345678\nEMAIL;INTERNET:zoe@acme.example",
			"VERSION:2.1\nFN;CHARSET=windows-1252;ENCODING=QUOTED-PRINTABLE:Zo=EB\nORG:Acme"),
			"01 Zoë Müller work_phone=+493012345678 mobile_phone=+4915112345678 work_email=zoe@acme.example\n02 Zoë"},
		"several, one broken": {cards("VERSION:3.0\nFN:Ada King\nORG:Acme") + "BEGIN:VCARD\nVERSION:3.0\nFN:Never Ended\n" + cards("VERSION:3.0\nFN:Bob Ray\nORG:Acme", "VERSION:3.0\nFN:Nobody", "FN:Cem\nORG:Acme\nwhat is this"),
			"01 Ada King\n02 rejected [the card is not ended by END:VCARD]\n03 Bob Ray\n" +
				"04 rejected [the row does not say who it is about; fill in linkedin_url, work_email, personal_emails or id, or full_name together with company or company_domain]\n" +
				"05 Cem [the card has a line that is no property; it is left out]"},
		"a company, a group": {cards("FN:Acme\nORG:Acme\nX-ABShowAs:COMPANY", "KIND:group\nFN:Friends\nUID:7"),
			"01 rejected [the card is of a company and not of a person]\n02 rejected [the card is of a group and not of a person]"},
		"profile and place": {cards("FN:Ada\nX-SOCIALPROFILE;type=linkedin:https://www.linkedin.com/in/ada\nURL;TYPE=WORK:https://www.acme.example\nADR;TYPE=WORK:;;1 High St;London;;N1;United Kingdom\nTEL:020 7946 0001"),
			"01 Ada work_phone=+442079460001"},
		"a value too long": {cards("FN:Ada\nORG:Acme\nTITLE:" + strings.Repeat("x", 70_000) + "\n " + strings.Repeat("y", 70_000) + "\nEMAIL:a@acme.example"),
			"01 Ada work_email=a@acme.example [TITLE: is longer than 64 KiB and left out]"},
		"no end at all": {"BEGIN:VCARD\nFN:Ada\nORG:Acme", "01 rejected [the card is not ended by END:VCARD]"},
		"NUL":           {cards("FN:A\x00da\nORG:Acme"), "01 rejected [the card holds a NUL character]"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, vcardType, c.file, c.want) })
	}
	p := readAll(t, strings.NewReader(cards("FN:Ada\nX-SOCIALPROFILE;type=linkedin:https://www.linkedin.com/in/ada\nURL;TYPE=WORK:https://www.acme.example\nADR;TYPE=WORK:;;1 High St;London;;N1;United Kingdom\nX-TEAM:Red\nORG:Acme;R")), vcardType)[0].Person
	if p.LinkedInURL != "https://www.linkedin.com/in/ada" || p.CompanyDomain != "acme.example" || p.Location != "London, United Kingdom" || p.Country != "GB" || p.Extra["x-team"] != "Red" || p.Company != "Acme" {
		t.Errorf("%+v", p)
	}
	for file, want := range map[string]string{"": "the file is empty; it must begin with BEGIN:VCARD", "FN:Ada\n": "the file is no vCard; it must begin with BEGIN:VCARD"} {
		if _, err := NewReader(strings.NewReader(file), vcardType); err == nil || err.Error() != want {
			t.Errorf("%q: %v", file, err)
		}
	}
}

func TestHostileCardIsBounded(t *testing.T) {
	for name, piece := range map[string]string{
		"folds": "\n x", "lines": "\nX:y", "one line": "x", "soft breaks": "=\n", "begins": "\nBEGIN:VCARD", "extras": "\nX-%d:y",
	} {
		r, err := newVCards(&endless{piece: "BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE:" + strings.Repeat(piece, 1<<20/len(piece)), left: 4 << 20}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for {
			var raw rawRow
			if _, err = r.next(&raw); err != nil && !isRowError(err) {
				break
			}
			if len(raw.cells[0]) > maxCardText {
				t.Fatalf("%s: %d bytes of a card are kept", name, len(raw.cells[0]))
			}
		}
		if len(r.lines.buf) > 4*maxCell || cap(r.lines.card) > 2*maxCardText {
			t.Errorf("%s: buffer %d, card %d", name, len(r.lines.buf), cap(r.lines.card))
		}
	}
}

func isRowError(err error) bool {
	_, ok := err.(*rowError)
	return ok
}

// What address books write, by their public reports.
func TestCardsOfAddressBooks(t *testing.T) {
	const nested = "AGENT:\nBEGIN:VCARD\nVERSION:2.1\nN:Assistant;Amy\nTEL;CELL:+44 7911 123457\nEND:VCARD\n"
	for name, c := range map[string]struct{ body, want string }{
		// https://www.rfc-editor.org/rfc/rfc2426#section-3.5.4
		"agent of 2.1":           {"VERSION:2.1\nN:King;Ada\nORG:Acme\n" + nested + "TEL;CELL:+44 7911 123456", "01 Ada King mobile_phone=+447911123456"},
		"agent in one line":      {"N:King;Ada\nORG:Acme\nAGENT:BEGIN:VCARD\nFN:Amy\nEND:VCARD\nTEL;CELL:+44 7911 123456", "01 Ada King mobile_phone=+447911123456"},
		"agent of an agent":      {"N:King;Ada\nORG:Acme\nAGENT:\nBEGIN:VCARD\n" + nested + "END:VCARD\nTEL;CELL:+44 7911 123456", "01 Ada King mobile_phone=+447911123456"},
		"agent of 3.0":           {"FN:Ada King\nORG:Acme\nAGENT:BEGIN:VCARD\\nFN:Amy\\nTEL:+44 7911 123457\\nEND:VCARD\\n", "01 Ada King"},
		"agent without a value":  {"FN:Ada King\nAGENT:\nORG:Acme\nTEL;CELL:+44 7911 123456", "01 Ada King mobile_phone=+447911123456"},
		"name by N":              {"N:King;Ada;;;\nORG:Acme", "01 Ada King"},
		"no name, a company":     {"ORG:Acme\nTEL:+44 20 7946 0001", "01 rejected [the card names a company and nobody there]"},
		"company as a name":      {"FN:Acme\nN:;;;;\nORG:Acme;Sales\nTEL:+44 20 7946 0001", "01 rejected [the card names a company and nobody there]"},
		"extension by a comma":   {"FN:Ada\nORG:Acme\nTEL;TYPE=WORK:+442079460018\\,12\nTEL;TYPE=WORK:+442079460019", "01 Ada work_phone=+442079460018;ext=12 work_phone=+442079460019"},
		"extension by RFC 3966":  {"FN:Ada\nORG:Acme\nTEL;VALUE=uri;TYPE=work:TEL:+44-20-7946-0018;ext=12", "01 Ada work_phone=+442079460018;ext=12"},
		"extension by x":         {"FN:Ada\nORG:Acme\nTEL;TYPE=WORK:+44 20 7946 0018 x12", "01 Ada work_phone=+442079460018;ext=12"},
		"extension after a wait": {"FN:Ada\nORG:Acme\nTEL;WORK:+442079460018;12\nTEL;WORK:+442079460019p34", "01 Ada work_phone=+442079460018;ext=12 work_phone=+442079460019;ext=34"},
		"a fax by its label":     {"FN:Ada\nORG:Acme\nitem1.TEL:+44 20 7946 0018\nitem1.X-ABLabel:Work Fax\nitem2.TEL:+44 7911 123456\nitem2.X-ABLabel:_$!<Mobile>!$_", "01 Ada mobile_phone=+447911123456"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, vcardType, cards(c.body), c.want) })
	}
	p := readAll(t, strings.NewReader(cards("FN:Ada\nORG:Acme\nCATEGORIES:Fair,A\\, B,C\\;D\nCATEGORIES:say \"hi\"")), vcardType)[0].Person
	if got, want := p.Extra["categories"], `Fair;A, B;"C;D";"say ""hi"""`; got != want {
		t.Errorf("categories are %s, want %s", got, want)
	}
}

// A card within a card that is never ended costs its own card and no other.
func TestAgentWithoutEnd(t *testing.T) {
	expect(t, vcardType, "BEGIN:VCARD\nFN:Ada\nORG:Acme\nAGENT:\nBEGIN:VCARD\nFN:Amy\nEND:VCARD\nEND:VCARD\n"+cards("FN:Bob\nORG:Acme"), "01 Ada\n02 Bob")
}

// What is written in a card is read as it was.
func FuzzCard(f *testing.F) {
	f.Add("Ada", "King", "Acme, Inc.; R&D", "ada@acme.example", "+442079460018;ext=12")
	f.Add("", "de la \\ Cruz", "a:b", "o'b@acme.example", "+12022243121")
	f.Add("健", "高橋", "株式会社クオン", "é@münchen.example", "+525512345678")
	escape := strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`, "\n", `\n`)
	f.Fuzz(func(t *testing.T, first, last, company, email, phone string) {
		address, err := lead.Email(email)
		number, err2 := lead.Phone(phone, "")
		if err != nil || err2 != nil || !utf8.ValidString(first) || !utf8.ValidString(last) || !utf8.ValidString(company) || strings.ContainsAny(first+last+company, "\x00\r=") || len(first+last+company) > 200 {
			return
		}
		file := cards("N:" + escape.Replace(last) + ";" + escape.Replace(first) + ";;;\nORG:" + escape.Replace(company) + "\nFN:x\nEMAIL;TYPE=WORK:" +
			escape.Replace(address) + "\nTEL;TYPE=WORK:" + escape.Replace(strings.Replace(number, ";ext=", ",", 1)))
		list := readAll(t, strings.NewReader(file), vcardType)
		if len(list) != 1 || list[0].Rejected {
			t.Fatalf("%q: %+v", file, list)
		}
		p := list[0].Person
		if got := p.ValuesOf(lead.WorkEmail); len(got) != 1 || got[0].Value != address {
			t.Fatalf("%q is %+v", address, p.Values)
		}
		if got := p.ValuesOf(lead.WorkPhone); len(got) != 1 || got[0].Value != number {
			t.Fatalf("%q is %+v", number, p.Values)
		}
	})
}
