package contactfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

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
