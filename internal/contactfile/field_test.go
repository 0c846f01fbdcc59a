package contactfile

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/lead"
)

var updateField = flag.Bool("update", false, "write what was read of testdata/field to want.txt, to be read before it is believed")

// fieldTypes are the content types of files that are sent with more than their ending says.
var fieldTypes = map[string]string{"10b-cp1250-declared.csv": "text/csv; charset=windows-1250"}

// identityFiles are those whose point is who somebody is, which the directory decides.
var identityFiles = []string{"14-locked-email.csv", "30-profile-view-id.csv", "31-headless.csv", "35-profile-forms.csv", "36-role-languages.csv", "43-job-mover-1.csv", "43-job-mover-2.csv",
	"44-one-namesake.csv", "71-bulk-ids-only.csv", "92-erase.csv", "92b-after-erase.csv", "93-id-no-source-a.csv", "93-id-no-source-b.csv"}

// Files that were read wrongly once: every value of each row is as README.md has it.
func TestField(t *testing.T) {
	entries, err := os.ReadDir("testdata/field")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, entry := range entries {
		name := entry.Name()
		if slices.Contains(identityFiles, name) || name == "README.md" || name == "want.txt" {
			continue
		}
		content, err := os.ReadFile("testdata/field/" + name)
		if err != nil {
			t.Fatal(err)
		}
		kind := fieldTypes[name]
		if kind == "" {
			kind = ContentTypeOf(name)
		}
		fmt.Fprintf(&got, "%s\n%s\n", name, account(string(content), kind))
	}
	if *updateField {
		if err := os.WriteFile("testdata/field/want.txt", []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/field/want.txt")
	if err != nil {
		t.Fatal(err)
	}
	compareLines(t, got.String(), string(want))
}

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Fatalf("line %d\ngot:  %s\nwant: %s", i+1, a, b)
		}
	}
}

// account is everything that was read of a file, a line a row.
func account(content, kind string) string {
	r, err := NewReader(strings.NewReader(content), kind)
	if err != nil {
		return "  refused: " + err.Error() + "\n"
	}
	var b strings.Builder
	for {
		record, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "  broken: " + err.Error() + "\n"
		}
		fmt.Fprintf(&b, "  %s%s\n", described(record), texts(&record))
	}
	u := r.Understood()
	fmt.Fprintf(&b, "  as %s, %s\n", u.Format, u.Encoding)
	for _, p := range append(r.Problems(), r.Summary()...) {
		fmt.Fprintf(&b, "  file: %s\n", p)
	}
	return b.String()
}

// texts are a record's texts and keys.
func texts(r *Record) string {
	p := &r.Person
	var b strings.Builder
	for _, text := range [][2]string{{"first", p.FirstName}, {"last", p.LastName}, {"title", p.Title}, {"company", p.Company}, {"domain", p.CompanyDomain}, {"line", p.CompanyPhone},
		{"profile", p.LinkedInURL}, {"location", p.Location}, {"country", p.Country}} {
		if text[1] != "" {
			fmt.Fprintf(&b, " %s:%q", text[0], text[1])
		}
	}
	for _, v := range p.Values {
		if !v.VerifiedAt.IsZero() {
			fmt.Fprintf(&b, " %s at %s", v.Value, v.VerifiedAt.Format("2006-01-02T15:04:05Z"))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(p.Extra)) {
		fmt.Fprintf(&b, " +%s:%q", k, p.Extra[k])
	}
	for _, k := range r.Keys {
		if k.Kind == lead.KindProfile || k.Kind == lead.KindName {
			fmt.Fprintf(&b, " #%s", k.Value)
		}
	}
	return b.String()
}
