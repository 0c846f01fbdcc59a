package spending

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// usageTables are the charts and tables of a range.
func (v *visit) usageTables(p *UsagePage, u screen.Usage, q url.Values) {
	p.Days = v.daySeries(u)
	p.Fields = usageLines(u.Fields, q, "field", screen.FieldName)
	p.Channels = usageLines(u.Channels, q, "channel", screen.ChannelName)
	for _, l := range u.Outcomes {
		p.Outcomes = append(p.Outcomes, OutcomeLine{Outcome: l.Key, Count: l.Answers, Used: l.Spent, Saved: l.Saved, Link: frame.WithQuery("/usage/entries", q, "outcome", orNone(l.Key))})
	}
	for _, m := range u.Members {
		one := MemberUsage{Name: m.Name, Removed: m.Removed, Credits: m.Credits, Link: frame.WithQuery("/usage/entries", q, "member", orNone(m.ID))}
		if m.MayLimit {
			one.Limit = "/team#member-" + m.ID
		}
		p.Members = append(p.Members, one)
	}
	p.Totals = u.Totals
	if !u.Before.Start.IsZero() {
		p.Before = words.PeriodText(u.Before, v.Zone) + ", " + beforeText(u.Range)
	}
	if !u.Made.IsZero() {
		p.Before += "; the workspace was made on " + v.Day(u.Made)
	}
	v.sortMembers(p, u, q)
}

// beforeText says what a range is compared with.
func beforeText(r screen.Range) string {
	switch {
	case !r.Whole && r.Before.End.Before(r.From):
		return "as many days just before, up to the same day"
	case !r.Whole:
		return "as many days just before"
	case r.Before.End.Before(r.From):
		return "the same days of the period before"
	}
	return "the period before"
}

// compared is what was used before, and the difference: "29 before, 12 more".
func compared(now, before unit.Amount) string {
	text := words.Num(before) + " before, "
	switch {
	case now > before:
		return text + words.Num(now-before) + " more"
	case now < before:
		return text + words.Num(before-now) + " fewer"
	}
	return text + "no change"
}

// sortMembers puts who used most first, of the scarcest credit type unless another is asked for.
func (v *visit) sortMembers(p *UsagePage, u screen.Usage, q url.Values) {
	by := v.URL.Query().Get("sort")
	at := slices.Index(u.Types, by)
	if by != "name" && at < 0 {
		at = len(u.Types) - 1
	}
	p.MemberSort, p.SortLinks = "name", map[string]string{"name": frame.WithQuery("/usage", q, "sort", "name")}
	for _, t := range u.Types {
		p.SortLinks[t] = frame.WithQuery("/usage", q, "sort", t)
	}
	if at < 0 {
		return // the screen has them by name
	}
	p.MemberSort = u.Types[at]
	used := func(m MemberUsage) unit.Amount {
		if at < len(m.Credits) {
			return m.Credits[at].Used
		}
		return 0
	}
	slices.SortStableFunc(p.Members, func(a, b MemberUsage) int { return cmp.Compare(used(b), used(a)) })
}

func usageLines(list []screen.Line, q url.Values, by string, label func(key string) string) (lines []UsageLine) {
	for _, l := range list {
		lines = append(lines, UsageLine{Label: label(l.Key), Count: l.Answers, Used: l.Spent, Link: frame.WithQuery("/usage/entries", q, by, orNone(l.Key))})
	}
	return lines
}

// daySeries has every day of the range, those without use too.
func (v *visit) daySeries(u screen.Usage) (series []DaySeries) {
	byDay := map[string][]unit.Amount{}
	for _, l := range u.Days {
		byDay[l.Key] = l.Spent
	}
	for n, c := range u.Types {
		s := DaySeries{Type: c}
		day := u.From.In(v.Zone)
		for day.Before(u.To) {
			date := day.Format(time.DateOnly)
			s.Days = append(s.Days, DayUsage{
				Label: words.Weekday(day, v.Zone), Used: amountAt(byDay[date], n),
				Link: frame.WithQuery("/usage/entries", url.Values{"from": {date}, "to": {date}}, "credit", c),
			})
			y, m, d := day.Date()
			day = time.Date(y, m, d+1, 0, 0, 0, 0, day.Location())
		}
		series = append(series, s)
	}
	return series
}
