package sheet

import (
	"testing"

	"pgregory.net/rapid"
)

func TestLayoutOfText(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "person.180,title.180,company.150,work_email.270,mobile_phone.176,work_phone.150,personal_email.200,owner.130,captured.96;1",
		"nothing,known;2":               "person.180,title.180,company.150,work_email.270,mobile_phone.176,work_phone.150,personal_email.200,owner.130,captured.96;2",
		"tags.9999,person.1,tags.100;7": "tags.600,person.90;2",
		"person;x":                      "person.180;1",
		"person;1;comfortable":          "person.180;1;comfortable",
		"person;1;tall":                 "person.180;1",
		"company.200,person;-1":         "company.200,person.180;0",
	} {
		if got := LayoutOf(text).text(); got != want {
			t.Errorf("%q\n got %s\nwant %s", text, got, want)
		}
	}
}

// Whatever an address holds, the sheet has columns, each once, and what it
// writes is read as the same layout again.
func TestAnyTextIsALayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := LayoutOf(rapid.OneOf(rapid.String(), rapid.StringMatching(`((person|tags|notes|captured|x)(\.[0-9]{0,5})?,){0,6};[0-9-]{0,3}`)).Draw(t, "text"))
		seen := map[string]bool{}
		for _, c := range l.Columns {
			if seen[c.Name] || c.Width < narrowest || c.Width > widest {
				t.Fatalf("%+v", l)
			}
			seen[c.Name] = true
		}
		if len(l.shown()) == 0 || len(seen) != len(sheetColumns) || l.Frozen > len(l.shown()) {
			t.Fatalf("%+v", l)
		}
		if again := LayoutOf(l.text()).text(); again != l.text() {
			t.Fatalf("%s is read as %s", l.text(), again)
		}
	})
}
