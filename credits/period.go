package credits

import (
	"fmt"
	"time"
)

// Interval is how long a period lasts.
type Interval string

// The intervals of rule P2.
const (
	Day   Interval = "day"
	Week  Interval = "week"
	Month Interval = "month"
	Year  Interval = "year"
)

// Schedule says when a workspace's periods begin (rule P2). It is a value: no
// job runs at a boundary, a period is computed from the instant (rule P3).
type Schedule struct {
	Interval Interval
	Day      int            // day of the month 1–31, for months and years
	Weekday  int            // 1 Monday … 7 Sunday, for weeks
	Month    time.Month     // for years
	Zone     *time.Location // nil is UTC
	Since    time.Time      // no period begins before it; a reactivation begins a fresh one
}

// At returns the period that the instant is in: a pure function of the schedule
// and the instant (rule P3), exact to the zone's own calendar.
func (s Schedule) At(t time.Time) Period {
	zone := s.Zone
	if zone == nil {
		zone = time.UTC
	}
	if t.Before(s.Since) {
		t = s.Since
	}
	y, m, d := t.In(zone).Date()
	n := s.index(y, m, d)
	// The civil date gives the right period or its neighbour: the boundary is
	// an instant, and in a zone's odd hours a date can begin twice.
	for s.boundary(n, zone).After(t) {
		n--
	}
	for !s.boundary(n+1, zone).After(t) {
		n++
	}
	p := Period{Start: s.boundary(n, zone), End: s.boundary(n+1, zone)}
	if p.Start.Before(s.Since) {
		p.Start = s.Since
	}
	return p
}

// index numbers the schedule's boundaries; the date lies at most one away.
func (s Schedule) index(y int, m time.Month, d int) int {
	switch s.Interval {
	case Day:
		return civilDays(y, m, d)
	case Week:
		return floorDiv(civilDays(y, m, d)-s.weekdayOffset(), 7)
	case Year:
		return y
	default:
		return y*12 + int(m) - 1
	}
}

// boundary is the instant at which period n begins.
func (s Schedule) boundary(n int, zone *time.Location) time.Time {
	switch s.Interval {
	case Day:
		return firstInstant(1970, 1, 1+n, zone)
	case Week:
		return firstInstant(1970, 1, 1+n*7+s.weekdayOffset(), zone)
	case Year:
		return monthBoundary(n, max(s.Month, time.January), s.Day, zone)
	default:
		return monthBoundary(floorDiv(n, 12), time.Month(n-floorDiv(n, 12)*12+1), s.Day, zone)
	}
}

// weekdayOffset is the day, counted from 1970-01-01 (a Thursday), on which the
// anchor's weekday first comes.
func (s Schedule) weekdayOffset() int {
	return (max(s.Weekday, 1) - 4 + 7) % 7
}

// monthBoundary takes the anchor day, or the month's last day where it lacks
// that one; the next month goes back to the anchor (rule P2).
func monthBoundary(y int, m time.Month, day int, zone *time.Location) time.Time {
	last := time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return firstInstant(y, m, min(max(day, 1), last), zone)
}

// firstInstant is local midnight of the date; the earlier where clocks go back
// over it, and the first instant that exists where they go forward over it.
func firstInstant(y int, m time.Month, d int, zone *time.Location) time.Time {
	midnight := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if zone == time.UTC {
		return midnight
	}
	_, before := midnight.Add(-24 * time.Hour).In(zone).Zone()
	_, after := midnight.Add(24 * time.Hour).In(zone).Zone()
	early := midnight.Add(-time.Duration(max(before, after)) * time.Second)
	late := midnight.Add(-time.Duration(min(before, after)) * time.Second)
	for _, t := range []time.Time{early, late} {
		if _, offset := t.In(zone).Zone(); t.Add(time.Duration(offset) * time.Second).Equal(midnight) {
			return t
		}
	}
	// No midnight: by the clock of the day before it would be at or after the
	// jump, and the jump is where that instant's zone rule began.
	start, _ := midnight.Add(-time.Duration(before) * time.Second).In(zone).ZoneBounds()
	return start.UTC()
}

func civilDays(y int, m time.Month, d int) int {
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// LoadZone reads an IANA time zone name. "Local" and the empty name are
// refused: a period may not depend on the machine it is computed on.
func LoadZone(name string) (*time.Location, error) {
	if name == "UTC" {
		return time.UTC, nil
	}
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%q is not an IANA time zone such as Europe/Berlin", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is not an IANA time zone such as Europe/Berlin", name)
	}
	return zone, nil
}
