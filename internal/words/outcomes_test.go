package words

import (
	"encoding/json"
	"io/fs"
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
		"Found. Charged 1 standard: last verified on Mar 1, 2026, too long ago to be free.":  {Reason: unit.Reason{Code: unit.ReasonTooLongAgo, VerifiedAt: day}},
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

// own is what the extension leaves to the server: sentences about a limit, a refill, a price or the
// end of a subscription, and sums of amounts.
var own = regexp.MustCompile(strings.Join([]string{
	`(?i)not enough`, `ran out`, `\b(is|are) left\b`, `\bleft\.`, `Only \$`, `at most \$`, `"at most`, `charged \$`, `refills by itself`, `Not by itself`, `subscription is`, `Ask your admin`,
	"(your own limit|shared pool|workspace's allowance)[\"'`]", "[\"'`](in the pool|yours|the workspace.s)[\"'`]",
	`toLocale(Date|Time)`, `DateTimeFormat`, `\.get(Hours|Date|Month)\(`, // a time is the workspace's, in the server's words
	`\.reduce\(`, `\bmicros\b`, `(amount|cost|price|charged|charges|available|needed|allowance|used)(\[\w+\]|\.\w+)*\)?\s*[-+*]=?\s`, `[-+*]=?\s+\(?(\w+\.)*(amount|cost|price|charged|available|needed|allowance|used)\b`,
}, "|"))

// What own finds is what the extension once said and added up by itself.
func TestOwnWordsAndSumsAreFound(t *testing.T) {
	for _, line := range []string{
		"h(\"h2\", null, `Not enough ${s.credit || \"\"} credits`)", "total.set(credit, (total.get(credit) || 0) + micros(amount))", "over.map((l) => `Only ${costText(l)} left. `)",
		"isFree(cost) ? \"free\" : `at most ${costText(cost)}`", "own.mode === \"pool\" ? \"in the pool\" : \"yours\"", "state.balance.refills || \"Nothing refills by itself.\"",
		"total.standard = total.standard + price.standard;", "left = allowance - used;", "sum += entry.cost;", "entries.reduce((n, e) => n + e.cost, 0)",
		"new Date(refills_at).toLocaleDateString()", "new Intl.DateTimeFormat(\"en\").format(at)",
		"detail: \"Not sent: the credits ran out before it.\"", "\"The subscription is cancelled. Nothing was charged.\"",
	} {
		if !own.MatchString(line) {
			t.Errorf("not found: %s", line)
		}
	}
}

// The extension says nothing of a limit, a refill or a price by itself and adds nothing up, and
// neither do the scripts of the pages that capture.
func TestExtensionAddsNothingUp(t *testing.T) {
	paths := []string{"internal/web/static/people.js", "internal/web/static/sheet.js"}
	for _, path := range scripts(t, "panel/*.js", "worker/*.js", "worker.js") {
		paths = append(paths, "extension/"+path)
	}
	for _, path := range paths {
		script, err := os.ReadFile("../../" + path)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(script), "\n") {
			code, _, _ := strings.Cut(line, " // ")
			if text := strings.TrimSpace(code); !strings.HasPrefix(text, "*") && !strings.HasPrefix(text, "/*") && own.MatchString(text) {
				t.Errorf("%s:%d: %q is the server's: %s", path, n+1, own.FindString(text), text)
			}
		}
	}
	labels := regexp.MustCompile(`(\w+): "([^"]+)"`)
	script, err := os.ReadFile("../../extension/panel/words.js")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(script), "const LABELS = {")
	list, _, _ := strings.Cut(after, "}")
	found := labels.FindAllStringSubmatch(list, -1)
	if len(found) != 4 {
		t.Errorf("the panel names %d fields", len(found))
	}
	for _, m := range found {
		if want := FieldLabel(m[1]); m[2] != want {
			t.Errorf("the panel calls %s %q, pages %q", m[1], m[2], want)
		}
	}
}

// scripts are the extension's files of some patterns.
func scripts(t *testing.T, patterns ...string) (list []string) {
	t.Helper()
	for _, pattern := range patterns {
		found, err := fs.Glob(os.DirFS("../../extension"), pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no script is named %s (%v)", pattern, err)
		}
		list = append(list, found...)
	}
	return list
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
