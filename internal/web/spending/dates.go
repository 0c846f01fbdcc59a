package spending

import (
	"net/url"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// Dates is the control that chooses the days of a page.
type Dates struct {
	Page     string // the path that shows them
	Range    string // those shown, "Nov 1 – 30, 2026"
	Zone     string // whose days they are
	Presets  []DatePreset
	Custom   bool // none of the presets is shown
	From, To string
	Error    string         // what is wrong with the days asked for
	Periods  []frame.Option // that were used; empty hides the choice
	Kept     url.Values     // what else the page was asked for
}

// DatePreset leads to a range that is named by how it lies to today.
type DatePreset struct {
	Name, Link string
	Shown      bool
}

// rangeAsk reads the days asked for; without them, the period's. An earlier period is asked
// for by the day on which it began.
func (v *visit) rangeAsk() screen.RangeAsk {
	q := v.URL.Query()
	return screen.RangeAsk{Preset: q.Get("range"), Period: q.Get("period"), First: q.Get("from"), Last: q.Get("to")}
}

// daysQuery asks for the same days again.
func (v *visit) daysQuery(d screen.Range) url.Values {
	switch {
	case d.Preset == screen.ThisPeriod:
		return url.Values{}
	case d.Preset != "":
		return url.Values{"range": {d.Preset}}
	case d.Earlier:
		return url.Values{"period": {v.firstDay(d)}}
	}
	return url.Values{"from": {v.firstDay(d)}, "to": {v.lastDay(d)}}
}

func (v *visit) firstDay(d screen.Range) string { return d.From.In(v.Zone).Format(time.DateOnly) }

func (v *visit) lastDay(d screen.Range) string {
	return d.To.In(v.Zone).Add(-time.Nanosecond).Format(time.DateOnly)
}

// dates are the control of a page; kept names what it was asked for beside the days.
func (v *visit) dates(page string, d screen.Range, periods []unit.Period, kept ...string) Dates {
	c := Dates{
		Page: page, Range: words.PeriodText(unit.Period{Start: d.From, End: d.To}, v.Zone), Zone: v.Zone.String(), Custom: d.Preset == "",
		From: v.firstDay(d), To: v.lastDay(d), Error: d.Problem, Kept: url.Values{}, Periods: v.periodOptions(d, periods),
	}
	for _, name := range kept {
		if value := v.URL.Query().Get(name); value != "" {
			c.Kept.Set(name, value)
		}
	}
	for _, p := range []struct{ key, name string }{{screen.ThisPeriod, "This period"}, {screen.LastPeriod, "Last period"}, {screen.Last7Days, "Last 7 days"}, {screen.Last30Days, "Last 30 days"}} {
		if p.key == screen.LastPeriod && !d.HasLast {
			continue
		}
		one := DatePreset{Name: p.name, Link: frame.WithQuery(page, c.Kept, "range", p.key), Shown: d.Preset == p.key}
		if p.key == screen.ThisPeriod {
			one.Link = frame.WithQuery(page, c.Kept)
		}
		c.Presets = append(c.Presets, one)
	}
	return c
}

// periodOptions are the periods before those that have a preset.
func (v *visit) periodOptions(d screen.Range, periods []unit.Period) []frame.Option {
	if len(periods) < 3 {
		return nil
	}
	list := []frame.Option{{Value: "", Label: "Choose a period", Selected: d.Preset != "" || !d.Earlier}}
	for _, p := range periods[1:] {
		list = append(list, frame.Option{
			Value: p.Start.In(v.Zone).Format(time.DateOnly), Label: words.PeriodText(p, v.Zone), Selected: d.Preset == "" && d.Earlier && p.Start.Equal(d.From),
		})
	}
	return list
}
