package lead

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestPhones(t *testing.T) {
	for _, c := range []struct{ raw, country, want string }{
		{"+49 30 123456 home", "DE", "+4930123456/home"},
		{"+43 1 58858 office", "AT", "+43158858/work"},
		{"+49 30 123456 ext.", "DE", "+4930123456"},
		{"+5493516315733 ext.", "AR", "+5493516315733"},
		{"020 7946 0001 (mobile)", "GB", "+442079460001/mobile"},
		{"+33 6 6X XX XX 83", "FR", `!"+33 6 6X XX XX 83" is a phone number with hidden digits`},
		{"+33 6 6* ** ** 83", "FR", `!"+33 6 6* ** ** 83" is a phone number with hidden digits`},
		{"030 1234567 Durchwahl", "DE", "+49301234567/work"},
		{"030 1234567 Durchwahl 22", "DE", "+49301234567;ext=22/work"},
		{"nicht anrufen 030 123456", "DE", "+4930123456"},
		{"202-555-0123 DO NOT CALL", "US", "+12025550123"},
		{"+39 06 123456 casa", "IT", "+3906123456/home"},
		{"044 123 45 67/68", "CH", "+41441234567 +41441234568"},
		{"030/123456", "DE", "+4930123456"}, {"+49/30/123456", "", "+4930123456"}, {"05251/60-1234", "DE", "+495251601234"},
		{"+1 202 555 0142 / 0143", "", "+12025550142 +12025550143"},
		{"+1 202 555 0142 +1 202 555 0143", "", "+12025550142 +12025550143"},
		{"+1 202 555 0142, +1 202 555 0143", "", "+12025550142 +12025550143"},
		{"+1 202 555 0142\n+1 202 555 0143", "", "+12025550142 +12025550143"},
		{"030 123457 oder 0151 12345678", "DE", "+4930123457 +4915112345678"},
		{"O: 044 123 45 67, M 079 123 45 68", "CH", "+41441234567/work +41791234568/mobile"},
		{"030 1234561 Fax 030 1234562", "DE", `+49301234561 !"030 1234561 Fax 030 1234562" is a fax number`},
		{"Fax: +49 30 123457", "", `!"Fax: +49 30 123457" is a fax number`},
		{"+1 202-224-3121,12", "", "+12022243121;ext=12"}, {"+1 202-224-3121,,12#", "", "+12022243121;ext=12"},
		{"202-224-3121 #12", "US", "+12022243121;ext=12"}, {"202-224-3121x12", "US", "+12022243121;ext=12"}, {"(202) 224-3121 ext: 12", "US", "+12022243121;ext=12"},
		{"tel:+1-202-224-3121;ext=12", "", "+12022243121;ext=12"}, {"tel:224-3121;phone-context=+1202", "", "+12022243121"},
		{"1-800-FLOWERS", "", "+18003569377"},
		{"447911123456.0", "GB", "+447911123456"}, {"4915112345678.0", "DE", "+4915112345678"}, {"12025550123.0", "US", "+12025550123"},
		{"436641234567.0", "AT", "+436641234567"}, {"390612345678.0", "IT", "+390612345678"}, {"4930123456.0", "DE", "+4930123456"},
		{"4.4791112345E+11", "GB", `!"4.4791112345E+11" is a number that a spreadsheet has rounded; its last digits are lost`},
		{"4.47911123456E+11", "GB", "+447911123456"},
		{"\u202a+44\u00a020\u00a07946\u00a00001\u202c", "", "+442079460001"}, {"+44\u200b20\u200b79460001", "", "+442079460001"},
		{"＋４４ ２０ ７９４６ ０００１", "", "+442079460001"}, {"٠١٠٠١٢٣٤٥٦٧", "EG", "+201001234567"}, {"+44 (0)20 7946 0001", "", "+442079460001"},
		{"0044 20 7946 0001", "", "+442079460001"}, {"0044 20 7946 0001", "US", "+442079460001"}, {"00 44 20 7946 0001", "", "+442079460001"},
		{"447911123456", "GB", "+447911123456"}, {"7911123456", "GB", "+447911123456"}, {"+39 (0)6 6982 1234", "", "+390669821234"},
		{"+52 1 55 1234 5678", "MX", "+525512345678"}, {"+5215512345678", "", "+525512345678"}, {"044 55 1234 5678", "MX", "+525512345678"}, {"55 1234 5678", "MX", "+525512345678"},
		{"000-000-0000", "US", "!placeholder"}, {"111-111-1111", "US", "!placeholder"}, {"(999) 999-9999", "US", "!placeholder"}, {"123-456-7890", "US", "!placeholder"},
		{"00000 000000", "GB", "!placeholder"}, {"0000000", "DE", "!placeholder"}, {"+10000000000", "US", "!placeholder"}, {"00 00 00 00 00", "FR", "!placeholder"},
		{"555-1234", "US", "!not a phone"}, {"12345", "DE", "!placeholder"}, {"0", "US", "!not a phone"}, {"+1 123 456 7890", "", "!placeholder"}, {"+49 1111111111", "", "!placeholder"},
		{"n/a", "US", "!not a phone"}, {"", "US", ""},
	} {
		var got []string
		numbers, left := Phones(c.raw, c.country)
		for _, n := range numbers {
			s := n.Value
			if n.Kind != "" {
				s += "/" + n.Kind
			}
			got = append(got, s)
		}
		for _, err := range left {
			switch {
			case c.want == "!placeholder" && strings.Contains(err.Error(), "is a placeholder"), c.want == "!not a phone" && strings.Contains(err.Error(), "is not a phone number"):
				got = append(got, c.want)
			default:
				got = append(got, "!"+err.Error())
			}
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("Phones(%q, %q) = %s; want %s", c.raw, c.country, g, c.want)
		}
	}
}

func TestEmails(t *testing.T) {
	for raw, want := range map[string]string{
		"bea@doleco.example.com, b.dole@doleco.example.com":      "bea@doleco.example.com b.dole@doleco.example.com",
		"cal@eadsco.example.com<mailto:cal@eadsco.example.com>":  "cal@eadsco.example.com",
		"'dot@finnco.example.com'":                               "dot@finnco.example.com",
		"Eli Gage (eli@gageco.example.com)":                      "eli@gageco.example.com",
		`"Gage, Eli" <eli@g.example>; <bob@g.example>`:           "eli@g.example bob@g.example",
		"a@x.example\nb@x.example":                               "a@x.example b@x.example",
		"a@x.example b@x.example":                                "a@x.example b@x.example",
		"a@x.example / b@x.example":                              "a@x.example b@x.example",
		"a@x.example (work), b@x.example (home)":                 "a@x.example b@x.example",
		"SMTP:Ada@x.example;smtp:king@x.example":                 "ada@x.example king@x.example",
		"E-Mail: ada@x.example":                                  "ada@x.example",
		"[ada@x.example](mailto:ada@x.example)":                  "ada@x.example",
		`<a href="mailto:ada@x.example?subject=Hi">Write me</a>`: "ada@x.example",
		"“ada@x.example”":                                        "ada@x.example",
		"\u200bkit@mole.example.com\ufeff":                       "kit@mole.example.com",
		"o'em.five@e37.example.com":                              "o'em.five@e37.example.com",
		"em eleven@e37.example.com":                              `!"em eleven@e37.example.com" is not an email address`,
		`"em one"@e37.example.com`:                               `!"\"em one\"@e37.example.com" is not an email address`,
		"em.ten@[192.0.2.1]":                                     `!"em.ten@[192.0.2.1]" is not an email address`,
		"em..two@e37.example.com, ok@x.example":                  `ok@x.example !"em..two@e37.example.com" is not an email address`,
		"":                                                       "", " ; , ": "",
	} {
		addresses, left := Emails(raw)
		for _, err := range left {
			addresses = append(addresses, "!"+err.Error())
		}
		if got := strings.Join(addresses, " "); got != want {
			t.Errorf("Emails(%q) = %s; want %s", raw, got, want)
		}
	}
}

func TestVerifierStatus(t *testing.T) {
	for status, words := range map[string]string{
		Verified:   "valid|Deliverable|verified|Ok|Safe to Send|nominative@pro",
		Likely:     "accept_all|Accept-All|catch-all|catchall|risky|Likely to Engage|ok_for_all|catch_all@pro",
		Bounced:    "invalid|UNDELIVERABLE|spamtrap|bounced|Hard Bounce|Not valid|invalid@pro|email_disabled",
		Unverified: "|unknown|do_not_mail|abuse|Unavailable|webmail|unverifiable|disposable|role",
	} {
		for word := range strings.SplitSeq(words, "|") {
			if got, ok := VerifierStatus(word); got != status || !ok {
				t.Errorf("%q is %q, %v; want %s", word, got, ok, status)
			}
		}
	}
	for _, word := range []string{"TRUE", "97", "perhaps", "A+", strings.Repeat("valid", 200)} {
		if got, ok := VerifierStatus(word); ok {
			t.Errorf("%.20q is %q", word, got)
		}
	}
}

func TestDate(t *testing.T) {
	for raw, want := range map[string]string{
		"2026-11-20": "2026-11-20T00:00:00Z", "2026-11-20 10:00:00": "2026-11-20T10:00:00Z", "2026-11-20T10:00:00.000+0000": "2026-11-20T10:00:00Z",
		"2026-11-20T10:00": "2026-11-20T10:00:00Z", "2026-01-01T00:00:00+02:00": "2025-12-31T22:00:00Z", "2026-11-20 10:00:00.123456+02": "2026-11-20T08:00:00.123456Z",
		"20.11.2026": "2026-11-20T00:00:00Z", "03 Jan. 2026": "2026-01-03T00:00:00Z", "Nov 20, 2026, 3:04 PM": "2026-11-20T15:04:00Z", "2026-11-20 10:00:00 UTC": "2026-11-20T10:00:00Z",
		"1767225600": "2026-01-01T00:00:00Z", "1767225600000": "2026-01-01T00:00:00Z", "46346": "2026-11-20T00:00:00Z", "46346.5": "2026-11-20T12:00:00Z", "20261120": "2026-11-20T00:00:00Z",
		"11/20/2026": "", "01/02/2026": "", "2026": "", "": "", "soon": "", "12": "", "2026-13-01": "", "0000-00-00": "",
	} {
		got, err := Date(raw)
		text := ""
		if err == nil {
			text = got.Format(time.RFC3339Nano)
		}
		if text != want {
			t.Errorf("Date(%q) = %s, %v; want %s", raw, text, err, want)
		}
	}
}

func TestNameKeys(t *testing.T) {
	for raw, want := range map[string]string{
		"Robert (Bob) Quill": "robert quill|bob quill", `Robert "Bob" Quill`: "robert quill|bob quill", "Robert 'Bob' Quill": "robert quill|bob quill",
		"Anna Quist (she/her)": "anna quist", "Anna Quist [sie/ihr]": "anna quist", "Anna Quist she/her": "anna quist", "Anna Quist (She, Her)": "anna quist",
		"🚀 Olaf Quade 👩‍💪": "olaf quade", "Petra Quinn, CFA, CAIA": "petra quinn", "Garcia Lopez, Maria": "garcia lopez maria",
		"Frau Prof. Dr. med. Dr. h.c. Greta Quast": "greta quast", "Dipl.-Ing. Uwe Quandt": "uwe quandt", "Dr.med. Uwe Quandt": "uwe quandt", "Quast, Dr. Greta": "greta quast",
		"Mag. (FH) Eva Quell": "eva quell", "Dott.ssa Pia Quai": "pia quai", "Mme Léa Quint": "lea quint", "Dhr. ir. Jan Quak": "jan quak", "Ing. Petr Kvaš, CSc.": "petr kvas",
		"Dr. Phil Quain": "phil quain", "Dr. Ma Quon": "ma quon", "Ing Lim": "ing lim", "QUIRKE John": "quirke john",
		"陈大文": "陈大文", "陈 大文": "陈大文|大文陈|陈 大文", "大文 陈": "大文陈|陈大文|大文 陈", "Jürgen Quöll": "jurgen quoll|juergen quoell", "Søren Quist": "soren quist|soeren quist",
		"Lars Qvist | Hiring! | Ex-Google": "lars qvist", "Lars Qvist – Founder": "lars qvist", "Lars Qvist #OpenToWork": "lars qvist", "Mary-Jane Quest-Smith": "mary jane quest smith",
		"Anna Smith (née Quist)": "anna smith|anna quist", "Siobhán O’Quigley": "siobhan oquigley", "Jonathan Q. Quarles III": "jonathan q quarles", "(Bob)": "bob", "!!!": "",
	} {
		if got := strings.Join(NameKeys(raw), "|"); got != want {
			t.Errorf("NameKeys(%q) = %s; want %s", raw, got, want)
		}
	}
	if got := CompanyKeys("Brändle & Söhne AG"); strings.Join(got, "|") != "brandle and sohne|braendle and soehne" {
		t.Errorf("%q", got)
	}
}

// The tables are data: in order, nothing twice in a list, in the form that is looked up.
func TestTables(t *testing.T) {
	for name, table := range map[string]string{"titles": titlesText, "companies": companiesText, "phone words": phoneWordsText, "verifiers": verifierText} {
		seen := map[string]string{}
		last := ""
		for line := range strings.Lines(table) {
			list, words, found := strings.Cut(line, ":")
			if strings.HasPrefix(line, "#") {
				continue
			}
			if !found || utf8.RuneCountInString(line) > 100 {
				t.Errorf("%s: %q", name, line)
			}
			for word := range strings.FieldsSeq(words) {
				plain := strings.Join(foldWords(word), "")
				if list != "glued" && plain != word {
					t.Errorf("%s: %s is looked up as %s", name, word, plain)
				}
				if list+" "+word <= last {
					t.Errorf("%s: %s %s stands after %s", name, list, word, last)
				}
				if seen[word] == list || seen[word] != "" && (name == "verifiers" || name == "phone words") {
					t.Errorf("%s: %s stands twice", name, word)
				}
				last, seen[word] = list+" "+word, list
			}
		}
	}
}
