package unit

import "time"

// Day is the local date of an instant as a number, 20260301: what usage is grouped by, and what
// fair use and daily caps count in.
func Day(t time.Time, zone *time.Location) int {
	y, m, d := t.In(zone).Date()
	return y*10000 + int(m)*100 + d
}

// DayStart is the first instant of the local day that is n days after an instant's own, in UTC.
func DayStart(t time.Time, n int, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d+n, 0, 0, 0, 0, zone).UTC()
}

// DayEnds is the first instant of the next local day, in UTC.
func DayEnds(t time.Time, zone *time.Location) time.Time { return DayStart(t, 1, zone) }

// DaysBetween counts the local days from one instant's to another's.
func DaysBetween(from, to time.Time, zone *time.Location) int {
	return int(Date(to, zone).Sub(Date(from, zone)).Hours() / 24)
}

// Date is the local date of an instant, as midnight in UTC so that days can be counted.
func Date(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
