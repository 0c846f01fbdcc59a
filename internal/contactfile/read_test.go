package contactfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
)

const (
	csvType    = "text/csv; charset=utf-8"
	ndjsonType = "application/x-ndjson"
)

func readAll(t testing.TB, r io.Reader, contentType string) []Record {
	t.Helper()
	reader, err := NewReader(r, contentType)
	if err != nil {
		t.Fatalf("NewReader: %v", err)
	}
	var records []Record
	for {
		record, err := reader.Next()
		if err == io.EOF {
			return records
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		records = append(records, record)
	}
}

// described is a record on one line: its row, who, their values, and what was wrong.
func described(r Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%02d", r.Row)
	if r.Person.FullName != "" {
		b.WriteString(" " + r.Person.FullName)
	}
	for _, v := range r.Person.Values {
		b.WriteString(" " + string(v.Field) + "=" + v.Value)
		if v.Status != "" && v.Status != lead.Unverified {
			b.WriteString("/" + v.Status)
		}
	}
	if r.Rejected {
		b.WriteString(" rejected")
	}
	for _, p := range r.Problems {
		b.WriteString(" [" + p.String() + "]")
	}
	return b.String()
}

// expect compares what was read with one line a record.
func expect(t *testing.T, contentType, file, want string) {
	t.Helper()
	for _, chunked := range []bool{false, true} {
		var r io.Reader = strings.NewReader(file)
		if chunked {
			r = iotest.OneByteReader(r)
		}
		var got []string
		for _, record := range readAll(t, r, contentType) {
			got = append(got, described(record))
			for _, p := range record.Problems {
				if p.Row != record.Row {
					t.Errorf("a problem of row %d in row %d", p.Row, record.Row)
				}
			}
		}
		if g, w := strings.Join(got, "\n"), strings.TrimSpace(want); g != w {
			t.Errorf("byte by byte %v\ngot:\n%s\nwant:\n%s", chunked, g, w)
		}
	}
}

func TestSenate(t *testing.T) {
	f, err := os.Open("../directory/testdata/us-senate.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	raw, err := os.ReadFile("../directory/testdata/us-senate.csv")
	if err != nil {
		t.Fatal(err)
	}
	written := senatePhones(t, string(raw))
	records := readAll(t, f, csvType)
	if len(records) != 100 {
		t.Fatalf("%d people, want 100", len(records))
	}
	total := 0
	for _, r := range records {
		if len(r.Problems) > 0 || r.Rejected {
			t.Errorf("%s", described(r))
		}
		p := r.Person
		if p.CompanyPhone != "+12022243121" || p.CompanyDomain != "senate.gov" || p.Country != "US" {
			t.Errorf("row %d: company phone %q, domain %q, country %q", r.Row, p.CompanyPhone, p.CompanyDomain, p.Country)
		}
		if p.Extra["party"] == "" || p.Extra["state"] == "" || len(p.Extra) != 3 {
			t.Errorf("row %d: extra %v", r.Row, p.Extra)
		}
		want := written[p.SourceID]
		got := p.ValuesOf(lead.WorkPhone)
		if len(got) != len(want) || len(want) == 0 {
			t.Errorf("%s has %d numbers, %d are written", p.FullName, len(got), len(want))
			continue
		}
		for i, v := range got {
			if v.Value != "+1"+strings.ReplaceAll(want[i], "-", "") {
				t.Errorf("%s: %q was read as %q", p.FullName, want[i], v.Value)
			}
			if p.IsMainLine(v.Value) {
				t.Errorf("%s: %s is the switchboard (rule C4)", p.FullName, v.Value)
			}
		}
		total += len(got)
	}
	if total != 531 {
		t.Errorf("%d numbers, want 531", total)
	}
}

// senatePhones finds each senator's numbers without the reader: no quoted cell
// of the file holds digits with dashes.
func senatePhones(t *testing.T, file string) map[string][]string {
	t.Helper()
	phones := make(map[string][]string)
	for _, line := range strings.Split(strings.TrimSpace(file), "\n")[1:] {
		id, rest, _ := strings.Cut(line, ",")
		_, rest, found := strings.Cut(rest, "(202) 224-3121,")
		if !found {
			t.Fatalf("no switchboard in %q", line)
		}
		for _, cell := range strings.Split(rest, ",") {
			if len(cell) > 11 && cell[3] == '-' && cell[7] == '-' {
				phones[id] = strings.Split(cell, ";")
			}
		}
	}
	return phones
}

func TestEveryColumn(t *testing.T) {
	file := "\ufeff ID ,Full Name,title,Company,company-domain,company_phone,linkedin_url,location,work_email,work_email_status," +
		"work_email_verified_at,personal_emails,work_phones,mobile_phones,country,Shoe Size\r\n" +
		"7,Dr. Ada King,Analyst,\"Acme, Inc.\",https://www.Acme.example/,020 7946 0000,de.linkedin.com/in/Ada,\"London,\nUK\"," +
		"Ada@Acme.example,VERIFIED,2026-03-01,a@b.example;A@B.example; c@d.example,020 7946 0001 x5;+442079460001;ext=5," +
		"'+447911 123456,gb,38\r\n"
	file = strings.Replace(file, "020 7946 0001 x5;+442079460001;ext=5", `"020 7946 0001 x5;+442079460001;ext=5"`, 1)
	records := readAll(t, strings.NewReader(file), csvType)
	if len(records) != 1 || len(records[0].Problems) > 0 {
		t.Fatalf("%+v", records)
	}
	expect(t, csvType, file, "01 Dr. Ada King work_email=ada@acme.example/verified work_phone=+442079460001;ext=5"+
		" personal_email=a@b.example personal_email=c@d.example mobile_phone=+447911123456")
	p := records[0].Person
	if at := p.Values[0].VerifiedAt; !at.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("verified at %v", at)
	}
	p.Values = nil
	if p.Extra["shoe_size"] != "38" || len(p.Extra) != 1 {
		t.Errorf("extra %v", p.Extra)
	}
	p.Extra = nil
	for _, pair := range [][2]string{{p.SourceID, "7"}, {p.FirstName, "Ada"}, {p.LastName, "King"}, {p.Title, "Analyst"}, {p.Company, "Acme, Inc."},
		{p.CompanyDomain, "acme.example"}, {p.CompanyPhone, "+442079460000"}, {p.LinkedInURL, "https://de.linkedin.com/in/Ada"},
		{p.Location, "London, UK"}, {p.Country, "GB"}, {p.ID, ""}} {
		if pair[0] != pair[1] {
			t.Errorf("got %q, want %q", pair[0], pair[1])
		}
	}
}

func TestRefusedFiles(t *testing.T) {
	for _, c := range []struct{ contentType, file, want string }{
		{"application/json", "{}", "the content type must be one of text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, text/vcard, application/x-ndjson"},
		{"", "", "the content type must be one of text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, text/vcard, application/x-ndjson"},
		{csvType, "", "the file is empty; its first line must name the columns"},
		{csvType, "company,work_phones\n", "the header has no column that says who a row is about; it needs one of id, full_name " +
			"(or first_name and last_name), linkedin_url, work_email, personal_emails"},
		{csvType, "PK\x03\x04\x00\x00", "the file is a workbook or an archive and not text; send a workbook with the ending .xlsx or the content type application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{csvType, "id,\"name\n", "the header cannot be read: a quote in the row is never closed"},
		{csvType, "id," + strings.Repeat("x", 200), "the header of column 2 is not the name of a column"},
		{csvType, strings.Repeat("x,", 600), "the header cannot be read: the row has more than 500 cells"},
	} {
		_, err := NewReader(strings.NewReader(c.file), c.contentType)
		if err == nil || err.Error() != c.want {
			t.Errorf("%.40q: got %v, want %s", c.file, err, c.want)
		}
		var format *FormatError
		if !errors.Is(err, ErrContentType) && !errors.As(err, &format) {
			t.Errorf("%.40q: %T", c.file, err)
		}
	}
}

func TestReadErrorEndsTheFile(t *testing.T) {
	broken := errors.New("the line dropped")
	for contentType, file := range map[string]string{csvType: "id\n1\n2", ndjsonType: "{\"id\":1}\n{\"id\":2}"} {
		r, err := NewReader(io.MultiReader(strings.NewReader(file), iotest.ErrReader(broken)), contentType)
		if err == nil {
			if _, err = r.Next(); err == nil {
				_, err = r.Next()
			}
		}
		if !errors.Is(err, broken) {
			t.Errorf("%s: got %v; half a row must not pass for one", contentType, err)
		}
	}
}
