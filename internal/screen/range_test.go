package screen

import (
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// A range is compared with the period before it, or as many days; one that is not over with as
// many of its days as have begun.
func TestRangesAreComparedWithWhatWasBefore(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	day := func(text string) time.Time {
		at, err := time.ParseInLocation(time.DateOnly, text, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	month := credits.Plan{Name: "pro", Interval: credits.Month}
	for _, c := range []struct {
		what         string
		ask          RangeAsk
		now, made    string
		terms        credits.Terms
		used         []unit.Period
		first, until string // of what it is compared with; empty: with nothing
		says         bool   // that the workspace was made meanwhile
	}{
		{what: "the period that runs", now: "2026-03-10", made: "2025-01-01", first: "2026-02-01", until: "2026-02-11"},
		{what: "its last day, the period before being shorter", now: "2026-03-31", made: "2025-01-01", first: "2026-02-01", until: "2026-03-01"},
		{what: "its last day, the period before being longer", now: "2026-02-28", made: "2025-01-01", first: "2026-01-01", until: "2026-01-29"},
		{what: "an earlier period, shorter than the one before", ask: RangeAsk{Period: "2026-02-01"}, now: "2026-03-10", made: "2025-01-01", used: []unit.Period{{Start: day("2026-02-01"), End: day("2026-03-01")}}, first: "2026-01-01", until: "2026-02-01"},
		{what: "the first period", now: "2026-03-10", made: "2026-03-02"},
		{what: "the second period", now: "2026-03-10", made: "2026-02-05", first: "2026-02-01", until: "2026-02-11", says: true},
		{what: "the second period, the first not that old", now: "2026-03-10", made: "2026-02-20"},
		{what: "days over the change of the clocks", ask: RangeAsk{First: "2026-03-29", Last: "2026-03-30"}, now: "2026-04-10", made: "2025-01-01", first: "2026-03-27", until: "2026-03-29"},
		{what: "days that are not over", ask: RangeAsk{First: "2026-03-09", Last: "2026-03-12"}, now: "2026-03-10", made: "2025-01-01", first: "2026-03-05", until: "2026-03-07"},
		{what: "days to come", ask: RangeAsk{First: "2026-03-20", Last: "2026-03-22"}, now: "2026-03-10", made: "2025-01-01"},
		{what: "the period's days, one by one", ask: RangeAsk{First: "2026-03-01", Last: "2026-03-31"}, now: "2026-03-10", made: "2025-01-01", first: "2026-02-01", until: "2026-02-11"},
		{what: "a period that another interval cut short", now: "2026-03-10", made: "2025-01-01", terms: credits.Terms{Since: day("2026-03-04")},
			used: []unit.Period{{Start: day("2026-03-04"), End: day("2026-04-01")}, {Start: day("2026-03-02"), End: day("2026-03-09")}}, first: "2026-03-02", until: "2026-03-04"},
		{what: "a fresh period, nothing used before", now: "2026-03-10", made: "2025-01-01", terms: credits.Terms{Since: day("2026-03-04")}, first: "2026-03-01", until: "2026-03-04"},
	} {
		c.terms.Plan, c.terms.Zone, c.terms.AnchorDay = month, "Europe/Berlin", 1
		now := day(c.now).Add(10 * time.Hour)
		sc := &account.Scope{Now: now, Workspace: store.Workspace{CreatedAt: day(c.made).Add(9 * time.Hour).UnixMicro()}}
		d := rangeOf(sc, c.ask, c.terms.At(now), c.used)
		if d.Problem != "" {
			t.Errorf("%s: %s", c.what, d.Problem)
		}
		got := [2]string{}
		if !d.Before.Start.IsZero() {
			got = [2]string{d.Before.Start.In(berlin).Format(time.DateOnly), d.Before.End.In(berlin).Format(time.DateOnly)}
		}
		if got != [2]string{c.first, c.until} || d.Made.IsZero() == c.says {
			t.Errorf("%s is compared with %v, made %v; want %s until %s", c.what, got, d.Made, c.first, c.until)
		}
	}
}

// Presets lie to the workspace's own today, and are known again by their days.
func TestPresetsAreDaysOfTheWorkspace(t *testing.T) {
	kiribati, err := time.LoadLocation("Pacific/Kiritimati")
	if err != nil {
		t.Fatal(err)
	}
	terms := credits.Terms{Plan: credits.Plan{Name: "pro", Interval: credits.Month}, Zone: "Pacific/Kiritimati", AnchorDay: 15}
	now := time.Date(2026, 3, 9, 10, 30, 0, 0, time.UTC) // Mar 10, 00:30 there
	used := []unit.Period{{Start: time.Date(2026, 2, 15, 0, 0, 0, 0, kiribati), End: time.Date(2026, 3, 15, 0, 0, 0, 0, kiribati)}, {Start: time.Date(2025, 12, 15, 0, 0, 0, 0, kiribati), End: time.Date(2026, 1, 15, 0, 0, 0, 0, kiribati)}}
	old, recent := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		ask         RangeAsk
		made        time.Time
		first, last string
		preset      string
		whole, over bool
		hasLast     bool
		problem     bool
	}{
		{ask: RangeAsk{}, made: old, first: "2026-02-15", last: "2026-03-14", preset: ThisPeriod, whole: true, hasLast: true},
		{ask: RangeAsk{}, made: recent, first: "2026-02-15", last: "2026-03-14", preset: ThisPeriod, whole: true},
		{ask: RangeAsk{Preset: ThisPeriod}, made: old, first: "2026-02-15", last: "2026-03-14", preset: ThisPeriod, whole: true, hasLast: true},
		{ask: RangeAsk{Preset: LastPeriod}, made: old, first: "2026-01-15", last: "2026-02-14", preset: LastPeriod, whole: true, over: true, hasLast: true},
		{ask: RangeAsk{Preset: Last7Days}, made: old, first: "2026-03-04", last: "2026-03-10", preset: Last7Days, hasLast: true},
		{ask: RangeAsk{Preset: Last30Days}, made: old, first: "2026-02-09", last: "2026-03-10", preset: Last30Days, hasLast: true},
		{ask: RangeAsk{First: "2026-02-15", Last: "2026-03-14"}, made: old, first: "2026-02-15", last: "2026-03-14", preset: ThisPeriod, whole: true, hasLast: true},
		{ask: RangeAsk{First: "2026-03-04", Last: "2026-03-10"}, made: old, first: "2026-03-04", last: "2026-03-10", hasLast: true},
		{ask: RangeAsk{Period: "2025-12-15"}, made: old, first: "2025-12-15", last: "2026-01-14", whole: true, over: true, hasLast: true},
		{ask: RangeAsk{Preset: "tomorrow"}, made: old, first: "2026-02-15", last: "2026-03-14", preset: ThisPeriod, whole: true, hasLast: true, problem: true},
	} {
		d := rangeOf(&account.Scope{Now: now, Workspace: store.Workspace{CreatedAt: c.made.UnixMicro()}}, c.ask, terms.At(now), used)
		first, last := d.From.In(kiribati).Format(time.DateOnly), d.To.In(kiribati).Add(-1).Format(time.DateOnly)
		if first != c.first || last != c.last || d.Preset != c.preset || d.Whole != c.whole || d.Earlier != c.over || d.HasLast != c.hasLast || (d.Problem != "") != c.problem {
			t.Errorf("%+v is %s to %s, %+v", c.ask, first, last, d)
		}
	}
}
