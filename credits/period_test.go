package credits_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the same calendar on every machine

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/credits"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := credits.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// Rule P2: local midnight on the anchor, exact to the zone's own calendar.
func TestP2Periods(t *testing.T) {
	for _, c := range []struct {
		name     string
		zone     string
		schedule credits.Schedule
		at       string
		start    string
		end      string
	}{
		{"a month", "UTC", credits.Schedule{Interval: credits.Month, Day: 1}, "2026-03-15T12:00:00Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"},
		{"at its first instant", "UTC", credits.Schedule{Interval: credits.Month, Day: 1}, "2026-04-01T00:00:00Z", "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z"},
		{"a nanosecond before", "UTC", credits.Schedule{Interval: credits.Month, Day: 1}, "2026-03-31T23:59:59.999999999Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"},
		{"nothing said is a month from the first", "UTC", credits.Schedule{}, "2026-03-15T12:00:00Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"},
		{"before 1970", "UTC", credits.Schedule{Interval: credits.Month, Day: 1}, "1901-12-15T12:00:00Z", "1901-12-01T00:00:00Z", "1902-01-01T00:00:00Z"},
		{"day 31 in January", "UTC", credits.Schedule{Interval: credits.Month, Day: 31}, "2026-02-15T00:00:00Z", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"},
		{"day 31 in February", "UTC", credits.Schedule{Interval: credits.Month, Day: 31}, "2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"},
		{"day 31 in April", "UTC", credits.Schedule{Interval: credits.Month, Day: 31}, "2026-04-30T00:00:00Z", "2026-04-30T00:00:00Z", "2026-05-31T00:00:00Z"},
		{"day 30 in a leap year", "UTC", credits.Schedule{Interval: credits.Month, Day: 30}, "2028-03-01T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-30T00:00:00Z"},
		{"day 29 in a common year", "UTC", credits.Schedule{Interval: credits.Month, Day: 29}, "2027-03-01T00:00:00Z", "2027-02-28T00:00:00Z", "2027-03-29T00:00:00Z"},
		{"no leap day in 2100", "UTC", credits.Schedule{Interval: credits.Month, Day: 29}, "2100-03-01T00:00:00Z", "2100-02-28T00:00:00Z", "2100-03-29T00:00:00Z"},

		{"a week from Monday", "UTC", credits.Schedule{Interval: credits.Week}, "2026-03-15T23:00:00Z", "2026-03-09T00:00:00Z", "2026-03-16T00:00:00Z"},
		{"a week from Sunday", "UTC", credits.Schedule{Interval: credits.Week, Weekday: 7}, "2026-03-15T00:00:00Z", "2026-03-15T00:00:00Z", "2026-03-22T00:00:00Z"},
		{"a week from Thursday, before 1970", "UTC", credits.Schedule{Interval: credits.Week, Weekday: 4}, "1969-12-30T00:00:00Z", "1969-12-25T00:00:00Z", "1970-01-01T00:00:00Z"},
		{"a week over the change of clocks", "America/New_York", credits.Schedule{Interval: credits.Week, Weekday: 1}, "2026-03-08T12:00:00Z", "2026-03-02T05:00:00Z", "2026-03-09T04:00:00Z"},
		{"a day", "UTC", credits.Schedule{Interval: credits.Day}, "2026-03-15T12:00:00Z", "2026-03-15T00:00:00Z", "2026-03-16T00:00:00Z"},
		{"a day of 23 hours", "Europe/Berlin", credits.Schedule{Interval: credits.Day}, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		{"a day of 25 hours", "Europe/Berlin", credits.Schedule{Interval: credits.Day}, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
		{"a year", "UTC", credits.Schedule{Interval: credits.Year, Month: time.July, Day: 4}, "2026-07-03T23:59:59Z", "2025-07-04T00:00:00Z", "2026-07-04T00:00:00Z"},
		{"a year from a leap day", "UTC", credits.Schedule{Interval: credits.Year, Month: time.February, Day: 29}, "2027-06-01T00:00:00Z", "2027-02-28T00:00:00Z", "2028-02-29T00:00:00Z"},
		{"a year without a month", "UTC", credits.Schedule{Interval: credits.Year}, "2026-06-01T00:00:00Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},

		{"no midnight in São Paulo", "America/Sao_Paulo", credits.Schedule{Interval: credits.Month, Day: 4}, "2018-11-04T03:00:00Z", "2018-11-04T03:00:00Z", "2018-12-04T02:00:00Z"},
		{"an instant before it", "America/Sao_Paulo", credits.Schedule{Interval: credits.Month, Day: 4}, "2018-11-04T02:59:59Z", "2018-10-04T03:00:00Z", "2018-11-04T03:00:00Z"},
		{"midnight twice in São Paulo's autumn", "America/Sao_Paulo", credits.Schedule{Interval: credits.Month, Day: 18}, "2018-02-18T03:30:00Z", "2018-02-18T03:00:00Z", "2018-03-18T03:00:00Z"},
		{"no midnight in Beirut", "Asia/Beirut", credits.Schedule{Interval: credits.Month, Day: 31}, "2024-04-01T00:00:00Z", "2024-03-30T22:00:00Z", "2024-04-29T21:00:00Z"},
		{"no midnight in Cairo", "Africa/Cairo", credits.Schedule{Interval: credits.Day}, "2024-04-26T12:00:00Z", "2024-04-25T22:00:00Z", "2024-04-26T21:00:00Z"},
		{"no midnight in Asunción", "America/Asuncion", credits.Schedule{Interval: credits.Month, Day: 1}, "2023-10-01T04:00:00Z", "2023-10-01T04:00:00Z", "2023-11-01T03:00:00Z"},
		{"a day that Samoa skipped", "Pacific/Apia", credits.Schedule{Interval: credits.Month, Day: 30}, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2012-01-29T10:00:00Z"},
		{"the day before it", "Pacific/Apia", credits.Schedule{Interval: credits.Day}, "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"the day after it", "Pacific/Apia", credits.Schedule{Interval: credits.Day}, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
		{"St. John's moved its clocks at 00:01", "America/St_Johns", credits.Schedule{Interval: credits.Day}, "2006-04-02T12:00:00Z", "2006-04-02T03:30:00Z", "2006-04-03T02:30:00Z"},
		{"and back, so that midnight came twice", "America/St_Johns", credits.Schedule{Interval: credits.Day}, "2006-10-29T12:00:00Z", "2006-10-29T02:30:00Z", "2006-10-30T03:30:00Z"},
		{"midnight twice in Havana", "America/Havana", credits.Schedule{Interval: credits.Day}, "2024-11-03T12:00:00Z", "2024-11-03T04:00:00Z", "2024-11-04T05:00:00Z"},
		{"no midnight in Havana", "America/Havana", credits.Schedule{Interval: credits.Day}, "2024-03-10T12:00:00Z", "2024-03-10T05:00:00Z", "2024-03-11T04:00:00Z"},
		{"half an hour of summer time", "Australia/Lord_Howe", credits.Schedule{Interval: credits.Month, Day: 1}, "2026-04-15T00:00:00Z", "2026-03-31T13:00:00Z", "2026-04-30T13:30:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.schedule.Zone = zone(t, c.zone)
			got := c.schedule.At(mustTime(t, c.at))
			if !got.Start.Equal(mustTime(t, c.start)) || !got.End.Equal(mustTime(t, c.end)) {
				t.Errorf("the period of %s\n  want %s to %s\n   got %s to %s", c.at, c.start, c.end,
					got.Start.UTC().Format(time.RFC3339Nano), got.End.UTC().Format(time.RFC3339Nano))
			}
		})
	}
}

// Rule P2: a schedule that begins in the middle has a first, shorter period.
func TestP2Since(t *testing.T) {
	since := mustTime(t, "2026-03-10T09:00:00Z")
	s := credits.Schedule{Interval: credits.Month, Day: 1, Since: since}
	for _, at := range []time.Time{since.Add(-time.Hour), since, since.Add(time.Hour)} {
		if p := s.At(at); !p.Start.Equal(since) || !p.End.Equal(mustTime(t, "2026-04-01T00:00:00Z")) {
			t.Errorf("at %s: %v", at, p)
		}
	}
	if p := s.At(mustTime(t, "2026-04-02T00:00:00Z")); !p.Start.Equal(mustTime(t, "2026-04-01T00:00:00Z")) {
		t.Errorf("the second period: %v", p)
	}
}

// A zone may not depend on the machine, and a name from outside is checked.
func TestP2Zones(t *testing.T) {
	for _, name := range []string{"", "Local", "Mars/Olympus", "../etc/passwd", "europe/berlin "} {
		if _, err := credits.LoadZone(name); err == nil {
			t.Errorf("%q is taken for a zone", name)
		}
	}
}

var zones = []string{
	"UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/Los_Angeles", "America/St_Johns",
	"America/Sao_Paulo", "America/Asuncion", "America/Havana", "America/Santiago", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut",
	"Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Asia/Gaza", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kwajalein", "Pacific/Chatham",
}

func drawSchedule(t *rapid.T) credits.Schedule {
	z, err := credits.LoadZone(rapid.SampledFrom(zones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	return credits.Schedule{
		Interval: rapid.SampledFrom([]credits.Interval{credits.Day, credits.Week, credits.Month, credits.Year}).Draw(t, "interval"),
		Day:      rapid.IntRange(1, 31).Draw(t, "day"),
		Weekday:  rapid.IntRange(1, 7).Draw(t, "weekday"),
		Month:    time.Month(rapid.IntRange(1, 12).Draw(t, "month")),
		Zone:     z,
	}
}

var (
	from1990 = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	to2100   = time.Date(2100, 12, 31, 0, 0, 0, 0, time.UTC).Unix()
)

// Rules P2, P3: for any schedule and instant the periods tile all time, each
// begins on its anchor, and every instant of a period gives the same one.
func TestP3PeriodsTile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule(t)
		at := time.Unix(rapid.Int64Range(from1990, to2100).Draw(t, "at"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		p := s.At(at)
		if !p.Contains(at) {
			t.Fatalf("%s is not in its period %s to %s", at, p.Start, p.End)
		}
		checkTile(t, s, p)
		checkAnchor(t, s, p.Start)
		checkAnchor(t, s, p.End)
		inside := p.Start.Add(time.Duration(rapid.Int64Range(0, int64(p.End.Sub(p.Start))-1).Draw(t, "inside")))
		if q := s.At(inside); q != p {
			t.Fatalf("%s gives %v, %s of the same period gives %v", at, p, inside, q)
		}
	})
}

func checkTile(t *rapid.T, s credits.Schedule, p credits.Period) {
	for _, edge := range []time.Time{p.Start, p.End.Add(-1)} {
		if q := s.At(edge); !q.Start.Equal(p.Start) || !q.End.Equal(p.End) {
			t.Fatalf("the edge %s of %v gives %v", edge, p, q)
		}
	}
	if next := s.At(p.End); !next.Start.Equal(p.End) {
		t.Fatalf("after %v comes %v", p, next)
	}
	if last := s.At(p.Start.Add(-1)); !last.End.Equal(p.Start) {
		t.Fatalf("before %v comes %v", p, last)
	}
}

// checkAnchor looks at a boundary by the zone's clock: the local date is the
// anchor, and an instant before it was another date. A date that the zone
// skipped begins with the next one that exists.
func checkAnchor(t *rapid.T, s credits.Schedule, boundary time.Time) {
	local := boundary.In(s.Zone)
	y, m, d := local.Date()
	if by, bm, bd := boundary.Add(-1).In(s.Zone).Date(); y == by && m == bm && d == bd {
		t.Fatalf("%s lies in the middle of its day", local)
	}
	last := time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
	ok := true
	switch s.Interval {
	case credits.Week:
		ok = (int(local.Weekday())+6)%7+1 == s.Weekday
	case credits.Month:
		ok = d == min(s.Day, last)
	case credits.Year:
		ok = m == s.Month && d == min(s.Day, last)
	}
	if !ok && !skipped(s.Zone, y, m, d-1) {
		t.Fatalf("the boundary %s is not on the anchor of %+v", local, s)
	}
}

// skipped reports whether the zone had no such date: Samoa had no 2011-12-30.
func skipped(zone *time.Location, y int, m time.Month, d int) bool {
	want := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	noon := time.Date(y, m, d, 12, 0, 0, 0, zone)
	gy, gm, gd := noon.Date()
	wy, wm, wd := want.Date()
	return gy != wy || gm != wm || gd != wd
}
