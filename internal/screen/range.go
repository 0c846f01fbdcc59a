package screen

import (
	"context"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// maxPeriods is how many earlier periods can be chosen, and maxPoolRows how many
	// rows of the ledger that may take.
	maxPeriods  = 60
	maxPoolRows = 500
	// MaxDays is how many days one screen shows.
	MaxDays = 400
)

// Presets are ranges by how they lie to today.
const (
	ThisPeriod = "this-period"
	LastPeriod = "last-period"
	Last7Days  = "7-days"
	Last30Days = "30-days"
)

// RangeAsk chooses days: a preset, the period that began on a day such as 2026-03-01, or from one
// day to another, both included. Empty: the period that runs.
type RangeAsk struct{ Preset, Period, First, Last string }

// Range is a range of local days, shown whole: [From, To).
type Range struct {
	From, To time.Time
	Problem  string // what is wrong with what was asked for; then it is the period that runs
	Preset   string // that it is; empty: none of them
	HasLast  bool   // there was a period before the one that runs
	Earlier  bool   // a whole period that is over
	Whole    bool   // a whole period: the one that runs, or an earlier one
	// Before is what the range is compared with: the period before it, or where it is no period as
	// many days. While the range is not over, as many days of it as have begun. Zero: the workspace
	// was not there yet.
	Before unit.Period
	Made   time.Time // when the workspace was made, within Before; zero: earlier
}

// rangeOf reads the days asked for.
func rangeOf(sc *account.Scope, ask RangeAsk, now credits.Current, periods []unit.Period) Range {
	last := periodBefore(now.Period.Start, now, periods)
	d := askedRange(sc, ask, now, periods, last)
	d.HasLast = micros(sc.Workspace.CreatedAt).Before(last.End)
	d.Whole = d.Earlier || d.From.Equal(now.Period.Start) && d.To.Equal(now.Period.End)
	if d.Preset == "" && d.Whole {
		switch {
		case !d.Earlier:
			d.Preset = ThisPeriod
		case d.From.Equal(last.Start):
			d.Preset = LastPeriod
		}
	}
	d.compare(sc, now, periods)
	return d
}

// compare sets what the range is compared with.
func (d *Range) compare(sc *account.Scope, now credits.Current, periods []unit.Period) {
	before := unit.Period{End: d.From}
	if d.Whole {
		before = periodBefore(d.From, now, periods)
	} else {
		before.Start = unit.DayStart(d.From, -unit.DaysBetween(d.From, d.To, now.Zone()), now.Zone())
	}
	if sc.Now.Before(d.To) { // it is not over
		begun := unit.DaysBetween(d.From, sc.Now, now.Zone()) + 1
		if end := unit.DayStart(before.Start, begun, now.Zone()); end.Before(before.End) {
			before.End = end
		}
	}
	if made := micros(sc.Workspace.CreatedAt); before.Start.Before(before.End) && made.Before(before.End) {
		if d.Before = before; unit.DaysBetween(before.Start, made, now.Zone()) > 0 {
			d.Made = made
		}
	}
}

// askedRange is a range without what was before it.
func askedRange(sc *account.Scope, ask RangeAsk, now credits.Current, periods []unit.Period, last unit.Period) Range {
	zone := now.Zone()
	back := func(days int) Range {
		return Range{From: unit.DayStart(sc.Now, 1-days, zone), To: unit.DayEnds(sc.Now, zone), Preset: ask.Preset}
	}
	d := Range{From: now.Period.Start, To: now.Period.End}
	switch ask.Preset {
	case "":
	case ThisPeriod:
		return d
	case LastPeriod:
		return Range{From: last.Start, To: last.End, Earlier: true, Preset: LastPeriod}
	case Last7Days:
		return back(7)
	case Last30Days:
		return back(30)
	default:
		d.Problem = "Choose this period, the last one, or days."
		return d
	}
	if ask.Period != "" {
		for _, p := range periods {
			if p.Start.In(zone).Format(time.DateOnly) == ask.Period {
				return Range{From: p.Start, To: p.End, Earlier: !p.Start.Equal(now.Period.Start)}
			}
		}
		d.Problem = "No period that was used began on that day."
		return d
	}
	if ask.First == "" && ask.Last == "" {
		return d
	}
	from, err1 := time.ParseInLocation(time.DateOnly, ask.First, zone)
	to, err2 := time.ParseInLocation(time.DateOnly, ask.Last, zone)
	switch {
	case err1 != nil || err2 != nil:
		d.Problem = "Choose both days, such as 2026-03-01."
	case to.Before(from):
		d.Problem = "The first day must not be after the last."
	case to.Sub(from) >= MaxDays*24*time.Hour:
		d.Problem = "Choose at most 400 days."
	default:
		d = Range{From: from, To: unit.DayEnds(to, zone)}
	}
	return d
}

// periodBefore is the period that ended where another began: as it was used, else as the
// schedule has it.
func periodBefore(start time.Time, now credits.Current, used []unit.Period) unit.Period {
	for _, p := range used {
		if p.Start.Before(start) && !p.End.Before(start) {
			return unit.Period{Start: p.Start, End: start}
		}
	}
	return now.Before(start)
}

// periods are the one that runs and the earlier ones that were used, newest first,
// with the pools of the earlier ones.
func (s *Screens) periods(ctx context.Context, sc *account.Scope, now credits.Current) (list []unit.Period, pools []store.Pool, err error) {
	list = []unit.Period{now.Period}
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		pools, err = tx.Usage().Pools(sc.Workspace.ID, 0, now.Period.Start.UnixMicro(), maxPoolRows)
		return err
	})
	for _, p := range pools {
		one := unit.Period{Start: micros(p.PeriodStart), End: micros(p.PeriodEnd)}
		if len(list) < maxPeriods && !list[len(list)-1].Start.Equal(one.Start) {
			list = append(list, one)
		}
	}
	return list, pools, err
}

// Days reads which days are asked for.
func (s *Screens) Days(ctx context.Context, sc *account.Scope, ask RangeAsk) (Range, error) {
	view, err := s.look(ctx, sc)
	if err != nil {
		return Range{}, err
	}
	periods, _, err := s.periods(ctx, sc, view.Current)
	return rangeOf(sc, ask, view.Current, periods), err
}
