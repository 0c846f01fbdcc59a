package export

import (
	"bufio"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/lead"
)

// A cell that a spreadsheet would compute is text; a number stays one.
func TestSafe(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "Ada": "Ada", "+14155550100": "+14155550100", "+1 415 555 0100": "+1 415 555 0100", "+442079460018;ext=12": "+442079460018;ext=12",
		"+14155550100;+14155550101": "+14155550100;+14155550101", "-3.5": "-3.5", "+49 (0)30 123": "+49 (0)30 123",
		"=1+1": "'=1+1", "-1+1": "'-1+1", "+1+1": "'+1+1", "+1-415-555-0100": "'+1-415-555-0100", "-2*3": "'-2*3", "+1;=1": "'+1;=1", "@SUM(A1)": "'@SUM(A1)",
		"\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1", "＝1": "'＝1", "+": "'+", "-": "'-", "+SUM": "'+SUM", "+1 cmd|' /C calc'!A0": "'+1 cmd|' /C calc'!A0",
		"+1;ext=1+1": "'+1;ext=1+1",
	} {
		if got := Safe(cell); got != want {
			t.Errorf("%q is written %q, want %q", cell, got, want)
		}
	}
}

// Names of lists and tags come back whole, whatever is in them.
func TestJoinedNames(t *testing.T) {
	for _, names := range [][]string{{"Fair"}, {"A; B", "C, D"}, {`say "hi"`, "x"}, {`;`, `"`}, {"a;b;c"}} {
		r := csv.NewReader(strings.NewReader(joinedNames(names)))
		r.Comma = ';'
		back, err := r.Read()
		if err != nil || !slices.Equal(back, names) {
			t.Errorf("%q became %q: %v", names, back, err)
		}
	}
}

func cardOf(t *testing.T, l capture.Lead) []string {
	t.Helper()
	var b strings.Builder
	w := bufio.NewWriter(&b)
	if err := writeCard(w, l); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.ReplaceAll(b.String(), "\r\n ", ""), "\r\n")
}

// A card has what strict readers ask for: FN and N always, categories as a list, an
// extension to dial, no control characters.
func TestCards(t *testing.T) {
	l := capture.Lead{
		ID: "lead_1", Person: lead.Person{FullName: "Ada\x00 Lovelace\x1b", Company: "Engines; Co"}, Lists: []string{"Q1 fair", "A, B"}, Notes: "line\nnext\x07",
		Fields: map[lead.Field]capture.LeadField{lead.WorkPhone: {Values: []lead.Value{{Value: "+442079460018;ext=12"}, {Value: "+442079460019"}}}},
	}
	card := cardOf(t, l)
	for _, want := range []string{"FN:Ada Lovelace", "N:Lovelace;Ada;;;", `ORG:Engines\; Co`, `TEL;TYPE=WORK,VOICE:+442079460018\,12`, "TEL;TYPE=WORK,VOICE:+442079460019", `CATEGORIES:Q1 fair,A\, B`, `NOTE:line\nnext`} {
		if !slices.Contains(card, want) {
			t.Errorf("the card lacks %q: %q", want, card)
		}
	}
	l.Person.FullName = ""
	if card = cardOf(t, l); !slices.Contains(card, `FN:Engines\; Co`) || !slices.Contains(card, "N:;;;;") {
		t.Errorf("without a name: %q", card)
	}
	l.Person.Company = ""
	if card = cardOf(t, l); !slices.Contains(card, "FN:lead_1") {
		t.Errorf("without anything: %q", card)
	}
}
