package words

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
)

// all are the outcomes of rule C10.
var all = unit.Outcomes

// Every outcome is said, by a name of its own, a badge and a sentence.
func TestC10EveryOutcomeIsSaid(t *testing.T) {
	names := map[string]unit.Outcome{}
	for _, o := range append(slices.Clone(all), Reported) {
		said, name := Field{Outcome: o, Type: "premium", Amount: unit.Credit}.Said(), OutcomeName(string(o))
		if said.Badge == "" || said.Look == Plain || !strings.HasSuffix(said.Why, ".") || strings.Contains(said.Why, "%") || names[name] != "" {
			t.Errorf("%s is said as %q, %+v", o, name, said)
		}
		names[name] = o
		if free := o.Free(); free != strings.Contains(said.Badge, "free") {
			t.Errorf("%s is free: %v, and its badge says %q", o, free, said.Badge)
		}
	}
	if len(outcomes) != len(names) {
		t.Errorf("%d outcomes have words, %d are known", len(outcomes), len(names))
	}
}

// A charge says why it was not free, and a free email for how long it is.
func TestC5OutcomesGiveReasons(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for want, f := range map[string]Field{
		"Found. Charged 1 standard, once for this person.":                                   {},
		"Found. Charged 1 standard: fair use, as today's free emails are used up.":           {Reason: unit.Reason{Code: unit.ReasonFairUse}},
		"Found. Charged 1 standard: last verified on 1 Mar 2026, too long ago to be free.":   {Reason: unit.Reason{Code: unit.ReasonTooLongAgo, VerifiedAt: day}},
		"Already in the directory and checked in the last 90 days. It is free.":              {Outcome: unit.VerifiedInDirectory, FreeDays: 90},
		"Already in the directory and checked lately. It is free.":                           {Outcome: unit.VerifiedInDirectory},
		"The daily cap of the automatic unlock is reached. Its own button still unlocks it.": {Outcome: unit.NotAllowedOutcome},
		"Your workspace reported these values as bad. They are not sold to it again.":        {Outcome: Reported},
	} {
		if f.Outcome == "" {
			f.Outcome, f.Type, f.Amount = unit.Charged, "standard", unit.Credit
		}
		if got := f.Said().Why; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The extension has no words of its own for an outcome: what its tests are answered is what the
// server says, its panel repeats none of it, and knows no outcome that the server does not name.
func TestExtensionSaysWhatTheServerSays(t *testing.T) {
	said := map[string]Said{}
	for _, o := range all {
		said[string(o)] = Field{Outcome: o, Type: "standard", Amount: unit.Credit}.Said()
	}
	text, err := json.MarshalIndent(said, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want := "/** What the server says of each outcome; a test of package words keeps it so. */\nexport const SAID = " + string(text) + ";\n"
	if got, err := os.ReadFile("../../extension/test/said.js"); err != nil || string(got) != want {
		t.Errorf("extension/test/said.js is not what the server says (%v); it should be\n%s", err, want)
	}
	panel, err := filepath.Glob("../../extension/panel/*.js")
	if err != nil || len(panel) < 10 {
		t.Fatalf("the panel has %d scripts (%v)", len(panel), err)
	}
	named := regexp.MustCompile(`outcome\s*[=!]==\s*"(\w+)"`)
	for _, path := range panel {
		script, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for o, s := range said {
			if o != string(unit.Charged) && (strings.Contains(string(script), s.Why) || strings.Contains(string(script), "\""+s.Badge+"\"")) {
				t.Errorf("%s has the server's words for %s", path, o)
			}
		}
		for _, m := range named.FindAllStringSubmatch(string(script), -1) {
			if _, known := said[m[1]]; !known {
				t.Errorf("%s knows the outcome %q, which the server does not name", path, m[1])
			}
		}
	}
}
