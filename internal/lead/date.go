package lead

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// dateLayouts are the ways of writing a date that can be read in one way only. A
// date in numbers with slashes is none of them: 01/02/2026 is January in one
// country and February in the next, and so nothing is read of 11/20/2026 either.
var dateLayouts = []string{
	time.RFC3339, "2006-01-02", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04",
	"2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05Z07",
	"2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -0700 MST", "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05 GMT",
	"2006-01-02 15:04 UTC", "2006-01-02T15:04Z07:00", "2006-01-02 3:04 PM", "2006-01-02 3:04:05 PM", "20060102", "20060102T150405Z", "20060102T150405Z0700",
	"2006/01/02", "2006/01/02 15:04:05", "2006/01/02 15:04", "2006.01.02",
	"02.01.2006", "2.1.2006", "02.01.2006 15:04", "02.01.2006 15:04:05", "2.1.2006 15:04",
	"2 Jan 2006", "2 January 2006", "Jan 2, 2006", "January 2, 2006", "Jan 2 2006", "2-Jan-2006", "02-Jan-2006 15:04:05", "2 Jan 2006 15:04", "2 Jan 2006, 15:04",
	"Jan 2, 2006 15:04", "Jan 2, 2006 3:04 PM", "Jan 2, 2006, 3:04 PM", "Jan 2, 2006, 3:04:05 PM", "January 2, 2006 3:04 PM",
	time.RFC1123, time.RFC1123Z, time.RFC850, time.ANSIC, time.UnixDate, "Mon Jan 2 2006", "Mon Jan 02 2006 15:04:05 GMT-0700", "Mon, 2 Jan 2006",
}

// Date reads a date or an instant as exports write them, in UTC where they name no
// zone. A number is one where it can mean only that: seconds or milliseconds since
// 1970, or the days by which spreadsheets count, of this century.
func Date(raw string) (time.Time, error) {
	s := strings.Join(strings.Fields(Visible(raw)), " ")
	bad := fmt.Errorf("%q is not a date such as 2026-03-01 or 2026-03-01T05:00:00Z", clip(raw))
	if len(s) > 64 {
		return time.Time{}, bad
	}
	if t, err := time.Parse(time.DateOnly, s); len(s) == len(time.DateOnly) && err == nil && t.Year() >= 1970 && t.Year() < 3000 { // most dates
		return t, nil
	}
	if t, ok := counted(s); ok {
		return t, nil
	}
	if zone := strings.IndexByte(s, '('); zone > 0 { // the zone's name in words, beside its offset
		s = strings.TrimSpace(s[:zone])
	}
	s = strings.Replace(s, ". ", " ", 1) // 03 Jan. 2026
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1970 && t.Year() < 3000 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, bad
}

// counted reads a number of seconds, milliseconds or a spreadsheet's days.
func counted(s string) (time.Time, bool) {
	if strings.Trim(s, "0123456789.") != "" {
		return time.Time{}, false
	}
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.Contains(fraction, ".") {
		return time.Time{}, false
	}
	switch {
	case len(whole) == 10 && n >= 1e9:
		return time.Unix(n, 0).UTC(), true
	case len(whole) == 13 && n >= 1e12:
		return time.UnixMilli(n).UTC(), true
	case len(whole) == 5 && n >= 36526 && n <= 73050: // from 2000 to 2099
		days, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return time.Time{}, false
		}
		begin := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
		return begin.Add(time.Duration(math.Round(days*86400)) * time.Second), true
	}
	return time.Time{}, false
}
