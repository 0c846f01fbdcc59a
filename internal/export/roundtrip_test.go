package export

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/lead"
)

// someLead is a lead with the signs in it that files are made of.
func someLead(r *rand.Rand, n int) capture.Lead {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	signs := func() string {
		return pick("", "", "; Co", ", Inc.", ` "Q"`, " & Söhne", " 株式会社", " \\ n", " 'n")
	}
	l := capture.Lead{
		ID: fmt.Sprintf("lead_%d", n), Notes: pick("", "one\ntwo", "=1+1", "a;b"),
		Person: lead.Person{
			FullName: pick("Ada", "Jörg", "Łucja", "O'Neil", "Anna-Lena") + " " + pick("King", "Müller", "O'Brien", "Żak", "Smith-Jones"), Title: pick("", "Head of R&D; EMEA", "-CEO", "+Sales", "@Boss, CTO"),
			Company: pick("Acme", "=Sum", "+Plus", "-Minus", "@At") + signs(), LinkedInURL: pick("", fmt.Sprintf("https://www.linkedin.com/in/lead-%d", n), fmt.Sprintf("https://www.xing.com/profile/Lead_%d", n)),
			CompanyDomain: pick("", "acme.example"), Location: pick("", "Köln, Germany"),
		},
		Lists: []string{pick("Fair", "A; B", "C, D", `say "hi"`, "=x", ";")}, Tags: []string{"x", pick("y;z", `"`, "-1")},
		Fields: map[lead.Field]capture.LeadField{},
	}
	add := func(f lead.Field, most int, value func(i int) string) {
		var values []lead.Value
		for i := range r.IntN(most + 1) {
			v := lead.Value{Field: f, Value: value(i)}
			if f.IsEmail() {
				v.Status = pick(lead.Verified, lead.Likely, lead.Unverified, lead.Bounced, lead.Former)
			}
			values = append(values, v)
		}
		if len(values) > 0 {
			l.Fields[f] = capture.LeadField{Values: values}
		}
	}
	add(lead.WorkEmail, 3, func(i int) string { return fmt.Sprintf("w%d.%d@acme.example", n, i) })
	add(lead.PersonalEmail, 2, func(i int) string { return fmt.Sprintf("p%d.%d@gmail.com", n, i) })
	add(lead.WorkPhone, 3, func(i int) string {
		return pick(fmt.Sprintf("+44207946%04d", i*100+r.IntN(99)), fmt.Sprintf("+4930%d", 2000000+i*1000+r.IntN(999)), fmt.Sprintf("+1202555%04d;ext=%d", i*100+r.IntN(99), 1+r.IntN(9999)))
	})
	add(lead.MobilePhone, 2, func(i int) string { return fmt.Sprintf("+4915112345%03d", i*100+r.IntN(99)) })
	return l
}

// said is what of a lead a file says: its values by field, with the statuses of work
// addresses where it has them.
func said(p lead.Person, statuses bool) string {
	var list []string
	for _, v := range p.Values {
		text := string(v.Field) + " " + v.Value
		if statuses && v.Field == lead.WorkEmail {
			text += " " + v.Status
			if !v.VerifiedAt.IsZero() {
				text += v.VerifiedAt.UTC().Format(" 2006-01-02")
			}
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return strings.Join(append([]string{p.Name(), p.Title, p.Company, p.LinkedInURL}, list...), "\n")
}

func saidOf(l capture.Lead, statuses bool) string {
	p := l.Person
	for _, f := range lead.Fields {
		p.Values = append(p.Values, l.Fields[f].Values...)
	}
	return said(p, statuses)
}

// table writes leads as a table.
func table(t *testing.T, mark string, columns []string, leads []capture.Lead, cells func(l capture.Lead) []string) []byte {
	t.Helper()
	b := bytes.NewBufferString(mark)
	_, err := CSV(b, func() error { return nil }, func(write Row) error {
		err := write(columns)
		for _, l := range leads {
			if err == nil {
				err = write(cells(l))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every file of leads says, to the reader of imports, what the leads are.
func TestFilesOfLeadsAreReadBack(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 13))
	leads := make([]capture.Lead, 300)
	for n := range leads {
		leads[n] = someLead(r, n)
	}
	var cards, book bytes.Buffer
	w := bufio.NewWriter(&cards)
	for _, l := range leads {
		if err := writeCard(w, l); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	err := writeSheet(&book, func(write Row) error {
		err := write(leadColumns)
		for _, l := range leads {
			if err == nil {
				err = write(leadCells(l, nil))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]struct {
		content  []byte
		kind     string
		statuses bool
	}{
		"leads.csv":            {table(t, "", leadColumns, leads, func(l capture.Lead) []string { return leadCells(l, nil) }), "text/csv", true},
		"leads.csv?for=excel":  {table(t, Mark("excel"), leadColumns, leads, func(l capture.Lead) []string { return forExcel(l, nil) }), "text/csv", true},
		"leads.csv?for=google": {table(t, "", googleColumns(), leads, func(l capture.Lead) []string { return google(l, "") }), "text/csv", true},
		"leads.xlsx":           {book.Bytes(), contactfile.WorkbookType, true},
		"leads.vcf":            {cards.Bytes(), "text/vcard", true},
	} {
		reader, err := contactfile.NewReader(bytes.NewReader(file.content), file.kind)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for n, l := range leads {
			record, err := reader.Next()
			if err != nil {
				t.Fatalf("%s, lead %d, seed %d: %v", name, n, seed, err)
			}
			if got, want := said(record.Person, file.statuses), saidOf(l, file.statuses); got != want {
				t.Fatalf("%s, lead %d, seed %d:\n%s\n%v\nwant\n%s", name, n, seed, got, record.Problems, want)
			}
			if !slices.Contains([]string{"leads.csv?for=google", "leads.vcf"}, name) { // these have names of lists alone, their own way
				for column, names := range map[string][]string{"lists": l.Lists, "tags": l.Tags} {
					if got := namesOf(t, record.Person.Extra[column]); !slices.Equal(got, names) {
						t.Fatalf("%s, lead %d, seed %d: %s are %q, want %q", name, n, seed, column, got, names)
					}
				}
			}
		}
		if _, err := reader.Next(); err != io.EOF {
			t.Errorf("%s has more: %v", name, err)
		}
	}
}

// The programs that have room for one address and one number of a kind are given the others in
// columns of their own: no value is left out.
func TestDialectsLeaveNothingOut(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 14))
	leads := make([]capture.Lead, 300)
	for n := range leads {
		leads[n] = someLead(r, n)
	}
	values := func(list []lead.Value) (texts []string) {
		for _, v := range list {
			texts = append(texts, string(v.Field)+" "+v.Value)
		}
		slices.Sort(texts)
		return texts
	}
	for name, d := range Dialects {
		cells := d.cells
		if cells == nil {
			continue // our own columns, which are read back above
		}
		file := table(t, Mark(name), d.columns, leads, func(l capture.Lead) []string { return cells(l, "") })
		reader, err := contactfile.NewReader(bytes.NewReader(file), "text/csv")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for n, l := range leads {
			record, err := reader.Next()
			if err != nil {
				t.Fatalf("%s, lead %d, seed %d: %v", name, n, seed, err)
			}
			var want []lead.Value
			for _, f := range lead.Fields {
				want = append(want, l.Fields[f].Values...)
			}
			if got, want := values(record.Person.Values), values(want); !slices.Equal(got, want) {
				t.Fatalf("%s, lead %d, seed %d:\n%q\nwant\n%q", name, n, seed, got, want)
			}
		}
	}
}

// namesOf reads a cell of names as a table of one row.
func namesOf(t *testing.T, cell string) []string {
	t.Helper()
	r := csv.NewReader(strings.NewReader(cell))
	r.Comma, r.LazyQuotes = ';', true
	names, err := r.Read()
	if err != nil {
		t.Fatalf("%q: %v", cell, err)
	}
	for n, name := range names { // each is safe by itself
		if len(name) > 1 && name[0] == '\'' {
			names[n] = name[1:]
		}
	}
	return names
}

// A card and Google's table say since when an address is verified, each of its own.
func TestVerifiedDatesAreReadBack(t *testing.T) {
	at := time.Date(2026, 2, 20, 9, 30, 0, 0, time.UTC)
	l := capture.Lead{ID: "lead_1", Person: lead.Person{FullName: "Ada King", Company: "Acme"}, Fields: map[lead.Field]capture.LeadField{
		lead.WorkEmail:     {Values: []lead.Value{{Field: lead.WorkEmail, Value: "a@acme.io", Status: lead.Likely}, {Field: lead.WorkEmail, Value: "b@acme.io", Status: lead.Verified, VerifiedAt: at}}},
		lead.PersonalEmail: {Values: []lead.Value{{Field: lead.PersonalEmail, Value: "c@home.io"}}},
	}}
	var card bytes.Buffer
	w := bufio.NewWriter(&card)
	if err := writeCard(w, l); err != nil {
		t.Fatal(err)
	}
	w.Flush()
	for kind, file := range map[string][]byte{"text/vcard": card.Bytes(), "text/csv": table(t, "", googleColumns(), []capture.Lead{l}, func(l capture.Lead) []string { return google(l, "") })} {
		reader, err := contactfile.NewReader(bytes.NewReader(file), kind)
		if err != nil {
			t.Fatal(err)
		}
		record, err := reader.Next()
		if err != nil {
			t.Fatal(err)
		}
		v := record.Person.ValuesOf(lead.WorkEmail)
		if len(v) != 2 || v[0].Status != lead.Likely || !v[0].VerifiedAt.IsZero() || v[1].Status != lead.Verified || !v[1].VerifiedAt.Equal(at.Truncate(24*time.Hour)) || len(record.Person.Extra) > 0 || len(record.Problems) > 0 {
			t.Errorf("%s: %v, %v, %v\n%s", kind, v, record.Person.Extra, record.Problems, file)
		}
	}
}
