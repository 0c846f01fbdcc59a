package contactfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/leadmeter/leadmeter/internal/testdb"
)

func TestCSVForms(t *testing.T) {
	want := "01 Ada King mobile_phone=+12022243121\n02 Bob Ray"
	for name, file := range map[string]string{
		"commas":      "full_name,company,mobile_phones,country\nAda King,Acme,202-224-3121,US\nBob Ray,Acme,,\n",
		"semicolons":  "full_name;company;mobile_phones;country\nAda King;Acme;202-224-3121;US\nBob Ray;Acme;;\n",
		"tabs":        "full_name\tcompany\tmobile_phones\tcountry\nAda King\tAcme\t202-224-3121\tUS\nBob Ray\tAcme\t\t\n",
		"sep line":    "sep=;\r\nfull_name;company;mobile_phones;country\r\nAda King;Acme;202-224-3121;US\r\nBob Ray;Acme;;\r\n",
		"CR":          "full_name,company,mobile_phones,country\rAda King,Acme,202-224-3121,US\rBob Ray,Acme,,",
		"no last end": "full_name,company,mobile_phones,country\nAda King,Acme,202-224-3121,US\nBob Ray,Acme,,",
		"quotes":      "\"full_name\",\"company\",\"mobile_phones\",\"country\"\n\"Ada King\" , \"Acme\",\"202-224-3121\",US\n\"Bob Ray\",Acme,,\n",
		"last, first": "full_name,company,mobile_phones,country\nAda King,Acme,'+1 202-224-3121,US\nBob Ray,Acme,,\n",
		"name parts":  "first_name,last_name,company,mobile_phones,country\nAda,King,Acme,202-224-3121,US\nBob,Ray,Acme,,\n",
	} {
		t.Run(name, func(t *testing.T) { expect(t, csvType, file, want) })
	}
	t.Run("UTF-16", func(t *testing.T) {
		var b strings.Builder
		for _, u := range utf16.Encode([]rune("\ufefffull_name\tcompany\r\nÅda King\tAcme\r\n")) {
			b.WriteByte(byte(u))
			b.WriteByte(byte(u >> 8))
		}
		expect(t, csvType, b.String(), "01 Åda King")
	})
}

// A value that cannot be used is left out and told; the row goes in.
func TestBadValues(t *testing.T) {
	for name, c := range map[string][2]string{
		"phone": {"id,mobile_phones,country\n1,12;202-224-3121,US",
			`01 mobile_phone=+12022243121 [mobile_phones: "12" is not a phone number in US]`},
		"phone without country": {"id,work_phones\n1,202-224-3121",
			`01 [work_phones: "202-224-3121" is not a phone number with a country code, and no country is given]`},
		"country": {"id,country,work_phones\n1,Atlantis,+12022243121",
			`01 work_phone=+12022243121 [country: "Atlantis" is not an ISO 3166 country code]`},
		"email": {"id,work_email,personal_emails\n1,ada,a@b.example;b",
			`01 personal_email=a@b.example [work_email: "ada" is not an email address] [personal_emails: "b" is not an email address]`},
		"status": {"id,work_email,work_email_status\n1,a@b.example,yes",
			`01 work_email=a@b.example [work_email_status: "yes" is not one of verified, likely, unverified, bounced, nor a verifier's word for one]`},
		"date": {"id,work_email,work_email_status,work_email_verified_at\n1,a@b.example,verified,03/01/2026",
			`01 work_email=a@b.example/verified [work_email_verified_at: "03/01/2026" is not a date such as 2026-03-01 or 2026-03-01T05:00:00Z or 01.03.2026; the address counts as verified at an unknown time, so it is charged]`},
		"two work emails": {"id,work_email,work_email_status\n1,a@b.example;c@b.example,verified",
			"01 work_email=a@b.example/verified work_email=c@b.example"},
		"status of a bad first": {"id,work_email,work_email_status\n1,a;c@b.example,verified",
			`01 work_email=c@b.example [work_email: "a" is not an email address]`},
		"url":       {"id,linkedin_url\n1,javascript:alert(1)", `01 [linkedin_url: "javascript:alert(1)" is not the URL of a person's profile]`},
		"domain":    {"id,company_domain\n1,acme", `01 [company_domain: "acme" is not a domain]`},
		"main line": {"id,company_phone,country\n1,front desk,US", `01 [company_phone: "front desk" is not a phone number in US]`},
		"long text": {"id,title\n1," + strings.Repeat("x", 513), "01 [title: is longer than 512 bytes]"},
		"extra":     {"id,bio\n1," + strings.Repeat("x", 4097), "01 [bio: is longer than 4 KiB and not kept]"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, csvType, c[0], c[1]) })
	}
}

// A row that cannot be read, or that nobody could find, is rejected; its
// neighbours go in.
func TestRejectedRows(t *testing.T) {
	nobody := "rejected [the row does not say who it is about; fill in linkedin_url, work_email, personal_emails or id, or full_name together with company or company_domain]"
	for name, c := range map[string][2]string{
		"too few, too many": {"id,full_name,company\n1,Ada\n2,Bob,Acme,x\n3,Cem,Acme\n4,Dan,Acme,,\nTotal: 4\n",
			"01 Ada\n02 rejected [the row has more than 3 cells]\n03 Cem\n04 Dan\n05 rejected [the row has 1 of 3 cells]"},
		"nobody": {"id,full_name,company,mobile_phones\n,,Acme,+12022243121\n,Ada King,,\n,?!,Acme,\n,Bob,Acme,",
			"01 " + nobody + "\n02 " + nobody + "\n03 " + nobody + "\n04 Bob"},
		"a bad key leaves nobody": {"linkedin_url\nada\n", `01 rejected [linkedin_url: "ada" is not the URL of a person's profile] [` +
			strings.TrimPrefix(nobody, "rejected [")},
		"blank rows are counted": {"id,full_name\n\n1,Ada\n , \n,\n2,Bob\n\n", "02 Ada\n05 Bob"},
		"quote never closed": {"id,full_name\n1,\"Ada\n2,Bob\n3,Cem\n",
			"01 rejected [a quote in the row is never closed]\n02 Bob\n03 Cem"},
		"quote closed by a later row's": {"id,full_name\n1,\"Ada\n2,Bob\n3,\"Cem, Jr.\"\n4,Dan\n",
			"01 rejected [a quote in the row is closed before its cell ends]\n02 Bob\n03 Cem, Jr.\n04 Dan"},
		"a cell of two lines": {"id,full_name\n1,\"Ada\n2,\"\n3,Cem\n",
			"01 Ada 2,\n02 Cem"},
		"quote within": {"id,full_name\n1,Ada \"The Count\" King\n2,\"Bob\"x\n3,\"Cem \"\"C\"\" Ray\"\n",
			"01 Ada \"The Count\" King\n02 rejected [a quote in the row is closed before its cell ends]\n03 Cem \"C\" Ray"},
		"NUL and not UTF-8": {"id,full_name\n1,A\x00da\n2,B\xffob\n3,Cem\n",
			"01 rejected [the row holds a NUL character]\n02 rejected [the row is not UTF-8 text; save the file as CSV UTF-8]\n03 Cem"},
		"cell too long": {"id,full_name\n1," + strings.Repeat("x", maxCell+1) + "\n2,Bob\n",
			"01 rejected [the cell in column 2 is longer than 64 KiB]\n02 Bob"},
		"row too long": {"id,full_name\n1," + strings.Repeat("x", 3<<20) + "\n2,Bob\n",
			"01 rejected [the row is longer than 1 MiB, or a quote in it is never closed]\n02 Bob"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, csvType, c[0], c[1]) })
	}
}

func TestProblemsOfARowAreBounded(t *testing.T) {
	r := readAll(t, strings.NewReader("id,mobile_phones,country\n1,"+strings.Repeat("12;", 20_000)+",US"), csvType)[0]
	if len(r.Problems) >= maxProblems || r.Rejected {
		t.Errorf("%d problems, rejected %v", len(r.Problems), r.Rejected)
	}
	if r.Problems[0].String() != "mobile_phones: has more than 50 values; the others are left out" {
		t.Errorf("first: %s", r.Problems[0])
	}
}

func TestTooManyExtraColumns(t *testing.T) {
	head, row := "id", "1"
	for i := range 52 {
		head += fmt.Sprintf(",x%d", i)
		row += ",y"
	}
	reader, err := NewReader(strings.NewReader(head+"\n"+row), csvType)
	if err != nil {
		t.Fatal(err)
	}
	record, err := reader.Next()
	if got := reader.Problems(); err != nil || len(record.Person.Extra) != 50 || len(got) != 3 || got[0].Column != "x50" || got[0].Row != 0 {
		t.Errorf("%v, extra %d, problems %v", err, len(record.Person.Extra), got)
	}
}

// endless is a file of the same piece over and over.
type endless struct {
	piece    string
	at, left int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), e.left)], e.piece[e.at:])
	e.at = (e.at + n) % len(e.piece)
	e.left -= n
	return n, nil
}

// What is held, and what is read twice, stays bounded whatever the quotes do.
func TestHostileFileIsBounded(t *testing.T) {
	testdb.Slow(t)
	for name, piece := range map[string]string{
		"one line":         strings.Repeat("x", 1000),
		"open quotes":      "a\",\"b\n",
		"one open, no end": "\"\n" + strings.Repeat("x\n", 2000),
		"quotes":           strings.Repeat("\"", 1000),
	} {
		t.Run(name, func(t *testing.T) {
			head := strings.NewReader("id" + strings.Repeat(",", 499-1) + "\n\"")
			text := &csvText{window: window{src: io.MultiReader(head, &endless{piece: strings.Repeat(piece, 4096/len(piece)+1), left: 8 << 20})}}
			if err := text.begin(); err != nil {
				t.Fatal(err)
			}
			for {
				var bad *rowError
				_, err := text.record(499, 499)
				if err == io.EOF {
					break
				}
				if err != nil && !errors.As(err, &bad) {
					t.Fatal(err)
				}
			}
			if len(text.buf) > 2*maxRow || cap(text.text) > 2*maxRow || text.reread > maxReread {
				t.Errorf("buffer %d, text %d, read twice %d", len(text.buf), cap(text.text), text.reread)
			}
		})
	}
}

// Without a header the first row is a person, and what its columns are is guessed by how its cells
// look, or said by a mapping.
func TestCSVWithoutAHeader(t *testing.T) {
	read := func(file string, mapping Mapping) (names []string, columns []UnderstoodColumn) {
		r, err := Read(strings.NewReader(file), csvType, Options{NoHeader: true, Mapping: mapping, Lenient: true})
		if err != nil {
			t.Fatal(err)
		}
		for {
			record, err := r.Next()
			if errors.Is(err, io.EOF) {
				return names, r.Understood().Columns
			}
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, fmt.Sprint(record.Row, " ", record.Person.Name(), ", ", record.Person.Company, ", ", record.Person.LinkedInURL))
		}
	}
	names, columns := read("Ada King;Acme;https://linkedin.com/in/ada\n\nBob Ray;Bco;\n", nil)
	if got := strings.Join(names, " | "); got != "1 Ada King, Acme, https://linkedin.com/in/ada | 3 Bob Ray, Bco, " {
		t.Errorf("read %s", got)
	}
	if got := fmt.Sprint(columns); got != "[{Column 1 full_name} {Column 2 company} {Column 3 linkedin_url}]" {
		t.Errorf("the columns are %s", got)
	}
	names, _ = read("Acme,Ada King\n", Mapping{"Column 1": "company", "Column 2": "full_name"})
	if got := strings.Join(names, ""); got != "1 Ada King, Acme, " {
		t.Errorf("mapped, %s", got)
	}
	if _, err := Read(strings.NewReader(""), csvType, Options{NoHeader: true}); err == nil || err.Error() != "the file is empty" {
		t.Errorf("an empty file: %v", err)
	}
}
