package contactfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// A row that names no person is rejected whatever it is written in; one with a profile or an
// own email and no name is not.
func TestRowsThatNameNoPerson(t *testing.T) {
	head := []string{"id", "full_name", "company", "linkedin_url", "work_email"}
	rows := []struct {
		cells [5]string
		named bool
	}{
		{[5]string{"1", "", "Acme", "", ""}, false},
		{[5]string{"2", "", "Acme", "", "info@acme.example"}, false},
		{[5]string{"3", " - ", "Acme", "", ""}, false},
		{[5]string{"4", "", "", "", ""}, false},
		{[5]string{"5", "", "Acme", "", "ada.king@acme.example"}, true},
		{[5]string{"6", "", "", "https://linkedin.com/in/ada-king", ""}, true},
		{[5]string{"7", "Ada King", "", "", ""}, true},
		{[5]string{"", "Ada King", "Acme", "", "info@acme.example"}, true},
	}
	var table, lines, cards strings.Builder
	table.WriteString(strings.Join(head, ",") + "\n")
	for _, r := range rows {
		table.WriteString(strings.Join(r.cells[:], ",") + "\n")
		for i, name := range head {
			lines.WriteString([]string{"{", ","}[min(i, 1)] + fmt.Sprintf("%q:%q", name, r.cells[i]))
		}
		lines.WriteString("}\n")
		fmt.Fprintf(&cards, "BEGIN:VCARD\nVERSION:3.0\nUID:%s\nFN:%s\nORG:%s\nURL:%s\nEMAIL:%s\nEND:VCARD\n", r.cells[0], r.cells[1], r.cells[2], r.cells[3], r.cells[4])
	}
	for kind, text := range map[string]string{csvType: table.String(), "application/x-ndjson": lines.String(), "text/vcard": cards.String()} {
		reader, err := Read(strings.NewReader(text), kind, Options{Person: true, Source: "crm"})
		if err != nil {
			t.Fatal(kind, err)
		}
		for n, want := range rows {
			r, err := reader.Next()
			if err != nil {
				t.Fatal(kind, n, err)
			}
			if r.Rejected == want.named {
				t.Errorf("%s: %q: rejected is %v: %v", kind, want.cells, r.Rejected, r.Problems)
			}
		}
		if _, err := reader.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
