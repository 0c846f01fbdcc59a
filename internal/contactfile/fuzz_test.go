package contactfile

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// Whatever the file, the reader ends without panicking, its rows go up, and no
// record is larger than the row it came from may be.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"id,full_name\n1,\"Ada\n2,Bob\n", "full_name;company;work_phones\nAda;Acme;\"1;2;ext=3\"\n", "sep=\t\nid\t\n'=1\t\"\"\n", "\xff\xfei\x00d\x00",
		"id,country,mobile_phones,linkedin_url\r1,US,202-224-3121;x,linkedin.com/in/a\r", "\ufeffwork_email,work_email_status\na@b.example,verified\n",
	} {
		f.Add([]byte(s), byte(0))
	}
	for _, s := range []string{linkedInFile, "Notes:\r\n\r\nName\tE-Mail\rZo\xeb\ta@b.example", "a,b\n\"c\nfull_name|email\nAda|x@y.example",
		"E-mail 1 - Type,E-mail 1 - Value,Phone 2 - Label,Phone 2 - Value,Name\n*,a@b.example ::: c@d.example,Main,+12022243121,Ada\n", "f\x00u\x00l\x00l\x00_\x00n\x00a\x00m\x00e\x00"} {
		f.Add([]byte(s), byte(2))
	}
	f.Add([]byte(`{"id":"1","mobile_phones":["+12022243121",5],"x":{"y":[null]}}`+"\n\n{"), byte(1))
	for _, s := range []string{cards("FN:A\nTEL;CELL:+1 202 224 3121\nADR:;;;;;;DE"), "BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=x:=\n=4=\n\n b\nN:a\\;b;c\nBEGIN:VCARD\nEND:VCARD"} {
		f.Add([]byte(s), byte(3))
	}
	f.Fuzz(func(t *testing.T, file []byte, kind byte) {
		contentType := []string{csvType, ndjsonType, "text/csv", vcardType}[kind%4]
		r, err := NewReader(bytes.NewReader(file), contentType)
		if err != nil {
			var format *FormatError
			if !errors.As(err, &format) {
				t.Fatalf("%v", err)
			}
			return
		}
		for last := 0; ; {
			record, err := r.Next()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if record.Row <= last || record.Row > len(file)+1 {
				t.Fatalf("row %d after %d", record.Row, last)
			}
			last = record.Row
			sound(t, record)
		}
	})
}

// What is written as CSV or NDJSON is read as it was: cells that a rejected row gives
// back, and the values of a person in our own columns.
func FuzzRoundTrip(f *testing.F) {
	f.Add("Ada \"The Count\" King", "Acme; Co,\n Ltd", "ada@acme.example", "+12022243121;ext=12", "Łukasz")
	f.Add("=1+1", "'t Hooft", "o'b@acme.example", "+4930123456", "-1+1")
	f.Add("高橋 健", "株式会社クオン", "é@münchen.example", "+525512345678", "\t x")
	f.Fuzz(func(t *testing.T, name, company, email, phone, more string) {
		address, err := lead.Email(email)
		number, err2 := lead.Phone(phone, "")
		if err != nil || err2 != nil {
			return
		}
		var table bytes.Buffer
		w := csv.NewWriter(&table)
		w.Write([]string{"full_name", "company", "work_email", "work_phones", "note"})
		w.Write([]string{name, company, address, number, more})
		w.Flush()
		object, err := json.Marshal(map[string]any{"full_name": name, "company": company, "work_email": []string{address}, "work_phones": []string{number}, "note": more})
		if err != nil {
			t.Fatal(err)
		}
		for kind, file := range map[string]string{csvType: table.String(), ndjsonType: string(object) + "\n"} {
			list := readAll(t, strings.NewReader(file), kind)
			if len(list) == 1 && list[0].Rejected { // NUL, bytes that are no text
				continue
			}
			if len(list) != 1 {
				t.Fatalf("%s: %d rows of %q", kind, len(list), file)
			}
			p := list[0].Person
			if got := p.ValuesOf(lead.WorkEmail); len(got) != 1 || got[0].Value != address {
				t.Fatalf("%s: %q is %+v", kind, address, p.Values)
			}
			if got := p.ValuesOf(lead.WorkPhone); len(got) != 1 || got[0].Value != number {
				t.Fatalf("%s: %q is %+v", kind, number, p.Values)
			}
		}
		// The row as it is kept is the row as it stood.
		list := readAll(t, bytes.NewReader(table.Bytes()), csvType)
		again := &bytes.Buffer{}
		w = csv.NewWriter(again)
		w.Write([]string{"full_name", "company", "work_email", "work_phones", "note"})
		if list[0].Rejected {
			return
		}
		w.Write(list[0].Cells)
		w.Flush()
		if got := readAll(t, again, csvType); len(got) != 1 || described(got[0]) != described(list[0]) {
			t.Fatalf("%q, and of that %v", described(list[0]), got)
		}
	})
}

// However a file is written, it is read as one encoding or refused.
func FuzzEncoding(f *testing.F) {
	for _, s := range []string{"full_name,company\nZo\xeb,Acme\n", "full_name,company\n\x93c\x92\x86 \x91\xbe\x98Y,x\n", "\xc8\xe2\xe0\xed,full_name\n", "\xb3\xc2\xb4\xf3\xce\xc4,name\n"} {
		f.Add([]byte(s), "")
		f.Add([]byte(s), "shift_jis")
	}
	f.Fuzz(func(t *testing.T, file []byte, charset string) {
		kind := mime.FormatMediaType("text/csv", map[string]string{"charset": charset})
		if kind == "" {
			return
		}
		r, err := NewReader(bytes.NewReader(file), kind)
		if err != nil {
			return
		}
		for {
			record, err := r.Next()
			if err != nil {
				break
			}
			if !utf8.ValidString(record.Person.FullName) {
				t.Fatalf("%q", record.Person.FullName)
			}
			sound(t, record)
		}
		if name, _ := r.Encoding(); name == "" {
			t.Fatal("no encoding")
		}
	})
}

func sound(t *testing.T, r Record) {
	if len(r.Problems) > maxProblems || len(r.Person.Values) > 4*MaxValues || len(r.Person.Extra) > MaxExtras {
		t.Fatalf("row %d: %d problems, %d values, %d extras", r.Row, len(r.Problems), len(r.Person.Values), len(r.Person.Extra))
	}
	if r.Rejected != (len(r.Person.Keys()) == 0) || r.Rejected && len(r.Problems) == 0 {
		t.Fatalf("row %d: rejected %v, %v", r.Row, r.Rejected, r.Problems)
	}
	for _, v := range r.Person.Values {
		if _, ok := lead.ParseField(string(v.Field)); !ok || v.Value == "" || v.Field.IsPhone() != (v.Status == "") {
			t.Fatalf("row %d: %+v", r.Row, v)
		}
	}
	if u := r.Person.LinkedInURL; u != "" && !strings.HasPrefix(strings.ToLower(u), "http") {
		t.Fatalf("row %d: %q", r.Row, u)
	}
}

func BenchmarkReader(b *testing.B) {
	senate, err := os.ReadFile("../directory/testdata/us-senate.csv")
	if err != nil {
		b.Fatal(err)
	}
	synthetic := "id,full_name,company,company_domain,linkedin_url,work_email,work_email_status,mobile_phones,country\n" +
		strings.Repeat("1,Ada Lovelace,Acme Inc.,acme.example,https://www.linkedin.com/in/ada,ada@acme.example,verified,(202) 555-0123,US\n", 1000)
	for name, file := range map[string][]byte{"senate": senate, "one mobile": []byte(synthetic)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			rows := 0
			for b.Loop() {
				rows += len(readAll(b, bytes.NewReader(file), csvType))
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
