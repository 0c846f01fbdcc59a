package unit

import "time"

// Day is the local date of an instant as a number, 20260301: what usage is grouped by, and what
// fair use and daily caps count in.
func Day(t time.Time, zone *time.Location) int {
	y, m, d := t.In(zone).Date()
	return y*10000 + int(m)*100 + d
}

// DayEnds is the first instant of the next local day, in UTC.
func DayEnds(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone).UTC()
}
