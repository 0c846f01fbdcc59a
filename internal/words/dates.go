package words

import (
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
)

// How dates are written. Each function is one form, and nothing else writes a date for reading, but
// for instants of an error or a sentence of the API: those name their zone, as unit.InstantText does.
const (
	day     = "Jan 2"
	fullDay = "Jan 2, 2006"
	weekday = "Mon, Jan 2"
	clock   = ", 15:04"
	dash    = " – "
)

// Day writes a day of a zone, with its year where that is not the year of now: "Dec 1".
func Day(t, now time.Time, zone *time.Location) string {
	if t.In(zone).Year() != now.In(zone).Year() {
		return FullDay(t, zone)
	}
	return t.In(zone).Format(day)
}

// FullDay writes a day of a zone with its year: "Dec 1, 2026".
func FullDay(t time.Time, zone *time.Location) string { return t.In(zone).Format(fullDay) }

// Weekday writes a day of a zone by its name: "Tue, Dec 1".
func Weekday(t time.Time, zone *time.Location) string { return t.In(zone).Format(weekday) }

// DayTime writes an instant in a zone that the page names: "Dec 1, 2026, 00:00".
func DayTime(t time.Time, zone *time.Location) string { return t.In(zone).Format(fullDay + clock) }

// ShortTime is DayTime without the year where that is the year of now, for the rows of a long
// table: "Dec 1, 00:00".
func ShortTime(t, now time.Time, zone *time.Location) string {
	return Day(t, now, zone) + t.In(zone).Format(clock)
}

// PeriodText writes a half-open period by its first and last day: "Nov 1 – 30, 2026".
func PeriodText(p unit.Period, zone *time.Location) string {
	first, last := p.Start.In(zone), p.End.In(zone).Add(-time.Nanosecond)
	switch {
	case first.Format(time.DateOnly) == last.Format(time.DateOnly):
		return first.Format(fullDay)
	case first.Year() != last.Year():
		return first.Format(fullDay) + dash + last.Format(fullDay)
	case first.Month() != last.Month():
		return first.Format(day) + dash + last.Format(fullDay)
	}
	return first.Format(day) + dash + last.Format("2, 2006")
}
