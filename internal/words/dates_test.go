package words

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
)

func TestDates(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 19, 13, 40, 0, 0, time.UTC)
	at := time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC) // Dec 1 in Berlin
	turn := time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC)
	days := func(from, to time.Time) string { return PeriodText(unit.Period{Start: from, End: to}, berlin) }
	for got, want := range map[string]string{
		Day(at, now, berlin): "Dec 1", Day(at, now, time.UTC): "Nov 30", Day(turn, now, berlin): "Jan 1, 2027", Day(turn, now, time.UTC): "Dec 31",
		FullDay(at, berlin): "Dec 1, 2026", Weekday(at, berlin): "Tue, Dec 1", DayTime(at, berlin): "Dec 1, 2026, 00:00",
		ShortTime(at, now, berlin): "Dec 1, 00:00", ShortTime(turn, now, berlin): "Jan 1, 2027, 00:00",
		days(at, turn):                   "Dec 1 – 31, 2026",
		days(at, at.AddDate(0, 0, 1)):    "Dec 1, 2026",
		days(at.AddDate(0, 0, -1), turn): "Nov 30 – Dec 31, 2026",
		days(at, turn.AddDate(0, 0, 8)):  "Dec 1, 2026 – Jan 8, 2027",
		unit.InstantText(at, berlin):     DayTime(at, berlin) + " (Berlin)",
		unit.InstantText(turn, time.UTC): DayTime(turn, time.UTC) + " (UTC)",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// layout is a time layout that is written for people: of the days and instants of machines
// (time.DateOnly, time.RFC3339) there are others.
var layout = regexp.MustCompile("[\"`][^\"`]*(2006|Jan(uary)? 2|2 Jan|15:04)[^\"`]*[\"`]" + `|time\.(ANSIC|UnixDate|RFC\d+Z?|Kitchen|Stamp\w*|DateTime|Layout)\b`)

// formatters are the files beside dates.go that have a layout, with the reason.
var formatters = map[string]string{
	"internal/lead/date.go":                              "reads what files say",
	"internal/contactfile/workbookstyle.go":              "reads the cells of a workbook",
	"internal/provider/draft.go":                         "reads what a source answers",
	"internal/provider/peopledatalabs/peopledatalabs.go": "reads what a source answers",
	"internal/archive/lease.go":                          "an error in the terminal",
	"internal/command/replay.go":                         "a table in the terminal",
}

// No page, mail or answer formats a date by itself.
func TestDatesHaveOneHome(t *testing.T) {
	for _, line := range []string{`t.Format("2 Jan 2006")`, `at.Format("15:04 UTC")`, `{ v.At.Format(time.RFC822) }`, `first.Format("Monday, January 2")`} {
		if !layout.MatchString(line) {
			t.Errorf("not found: %s", line)
		}
	}
	seen := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, f fs.DirEntry, err error) error {
		if err != nil || f.IsDir() {
			return err
		}
		name := filepath.ToSlash(filepath.Join("internal/words", path))
		if strings.HasSuffix(name, "_test.go") || !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".templ") || name == "internal/words/dates.go" {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for n, line := range strings.Split(string(source), "\n") {
			code, _, _ := strings.Cut(strings.ReplaceAll(line, "time.RFC3339", ""), "//")
			if !layout.MatchString(code) {
				continue
			}
			seen[name] = true
			if formatters[name] == "" {
				t.Errorf("%s:%d formats a date by itself; dates.go has the forms: %s", name, n+1, strings.TrimSpace(line))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range formatters {
		if !seen[name] {
			t.Errorf("%s has no layout", name)
		}
	}
}
