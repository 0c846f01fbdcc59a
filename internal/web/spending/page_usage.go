package spending

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// days is a range of local days, shown whole: [from, to).
type days struct {
	from, to time.Time
	problem  string
	earlier  bool // a whole period that is over
}

// maxDays is how many days one page shows.
const maxDays = 400

// rangeShown reads the days asked for; without them, the period's. An earlier
// period is asked for by the day on which it began.
func (v *visit) rangeShown(view *credits.View, periods []unit.Period) days {
	zone, p := view.Current.Zone(), view.Current.Period
	d := days{from: p.Start, to: p.End}
	q := v.URL.Query()
	if began := q.Get("period"); began != "" {
		for _, p := range periods {
			if p.Start.In(zone).Format(time.DateOnly) == began {
				return days{from: p.Start, to: p.End, earlier: !p.Start.Equal(view.Current.Period.Start)}
			}
		}
		d.problem = "No period that was used began on that day."
		return d
	}
	if q.Get("from") == "" && q.Get("to") == "" {
		return d
	}
	from, err1 := time.ParseInLocation(time.DateOnly, q.Get("from"), zone)
	to, err2 := time.ParseInLocation(time.DateOnly, q.Get("to"), zone)
	switch {
	case err1 != nil || err2 != nil:
		d.problem = "Choose both days, such as 2026-03-01."
	case to.Before(from):
		d.problem = "The first day must not be after the last."
	case to.Sub(from) >= maxDays*24*time.Hour:
		d.problem = "Choose at most 400 days."
	default:
		d.from, d.to = from, to.AddDate(0, 0, 1)
	}
	return d
}

// query asks for the same days again.
func (d days) query(zone *time.Location) url.Values {
	if d.earlier {
		return url.Values{"period": {d.from.In(zone).Format(time.DateOnly)}}
	}
	return url.Values{"from": {d.from.In(zone).Format(time.DateOnly)}, "to": {d.to.In(zone).Add(-time.Nanosecond).Format(time.DateOnly)}}
}

func (v *visit) usagePage() error {
	view, err := v.Look()
	if err != nil {
		return err
	}
	periods, pools, err := v.Periods(view)
	if err != nil {
		return err
	}
	zone := view.Current.Zone()
	d := v.rangeShown(view, periods)
	p := UsagePage{
		Page: v.Page, Period: frame.PeriodText(view.Current.Period, zone), Zone: zone.String(),
		Refill: frame.RefillText(view.Refill(), view, frame.LongTime),
		From:   d.from.In(zone).Format(time.DateOnly), To: d.to.In(zone).Add(-time.Nanosecond).Format(time.DateOnly),
		Range: frame.PeriodText(unit.Period{Start: d.from, End: d.to}, zone), Error: d.problem, Types: view.Book.Credits,
		Periods: periodOptions(periods, d, zone),
	}
	if d.earlier {
		p.Period, p.Refill, p.Over = p.Range, "", true
	}
	if !d.earlier {
		if err := v.meters(&p, zone); err != nil {
			return err
		}
	}
	cube, err := v.App.Reports.Cube(v.Context(), v.Scope, usage.Ask{From: d.from, To: d.to})
	if err != nil {
		return err
	}
	if p.Whose, err = v.whose(); err != nil {
		return err
	}
	if err := v.panes(&p, view, pools, d); err != nil {
		return err
	}
	q := d.query(zone)
	if err := v.usageTables(&p, view, d, cube); err != nil {
		return err
	}
	var older bool
	if p.Entries, older, err = v.latestEntries(view, d); err != nil {
		return err
	}
	if older {
		p.More = frame.WithQuery("/usage/entries", q)
	}
	p.UsageCSV, p.EntryCSV = frame.WithQuery("/usage.csv", q), frame.WithQuery("/entries.csv", q)
	p.Page.Title, p.Page.Nav = "Usage", "usage"
	return v.Show(http.StatusOK, Usage(p))
}

// whose says of whom the tables are, where they are not of the whole team; the
// allowance is always the workspace's.
func (v *visit) whose() (string, error) {
	switch sight, err := v.App.Accounts.Visible(v.Context(), v.Scope); {
	case err != nil:
		return "", err
	case sight.All():
		return "", nil
	case v.Scope.Role == account.Manager:
		return "The tables show your own usage and that of the groups you manage. The allowance is the workspace’s.", nil
	}
	return "The tables show your own usage. The allowance is the workspace’s.", nil
}

func periodOptions(periods []unit.Period, d days, zone *time.Location) []frame.Option {
	if len(periods) < 2 {
		return nil
	}
	var list []frame.Option
	for n, p := range periods {
		label := frame.PeriodText(p, zone)
		switch n {
		case 0:
			label = "This period, " + label
		case 1:
			label = "Last used, " + label
		}
		list = append(list, frame.Option{Value: p.Start.In(zone).Format(time.DateOnly), Label: label, Selected: p.Start.Equal(d.from) && p.End.Equal(d.to)})
	}
	return list
}

// panes are the allowances: of the period that runs, with how it is likely to continue,
// or of an earlier one as it ended.
func (v *visit) panes(p *UsagePage, view *credits.View, pools []store.Pool, d days) error {
	if d.earlier {
		for _, c := range view.Book.Credits {
			for _, pool := range pools {
				if pool.Credit == c && pool.PeriodStart == d.from.UnixMicro() {
					p.Credits = append(p.Credits, creditThen(pool))
				}
			}
		}
		return nil
	}
	sight, err := v.App.Accounts.Visible(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	outlooks, err := v.App.Reports.Outlooks(v.Context(), v.Scope, view)
	if err != nil {
		return err
	}
	spent, err := v.App.Reports.Cube(v.Context(), v.Scope, usage.Ask{})
	if err != nil {
		return err
	}
	byDay := spent.Report("day", nil)
	for _, c := range view.Credits {
		one := CreditUsageOf(view, c)
		if one.Parts, err = v.AllowanceParts(view, c); err != nil {
			return err
		}
		if !view.Current.Cancelled && sight.All() {
			one.Pace = v.pace(view, c, outlooks[c.Credit], byDay)
		}
		p.Credits = append(p.Credits, one)
	}
	return nil
}

// creditThen is a period that is over.
func creditThen(p store.Pool) CreditUsage {
	u := CreditUsage{Type: p.Credit, Allowance: unit.Unlimited, Used: unit.Amount(p.Used), Held: unit.Amount(p.Held), Available: unit.Unlimited, Over: true}
	if p.Allowance >= 0 {
		u.Allowance = unit.Of(unit.Amount(p.Allowance))
		u.Available = unit.Of(unit.Amount(max(0, p.Allowance-p.Used-p.Held)))
	}
	return u
}

// CreditUsageOf is what was used of one credit type, and what is left.
func CreditUsageOf(view *credits.View, c credits.CreditView) CreditUsage {
	u := CreditUsage{Type: c.Credit, Allowance: c.Allowance, Used: c.Used, Held: c.Held, Available: c.Available}
	if !c.Allowance.Unlimited {
		u.Refill = frame.RefillText(c.Refill, view, frame.ShortDay)
	}
	if !c.Allowance.Unlimited && c.Assigned > c.Allowance.Amount {
		u.Note = fmt.Sprintf("%s is assigned to members, more than the plan's %s. When the plan's credits are gone, assigned ones stop too.", words.Num(c.Assigned), words.Quota(c.Allowance))
	}
	return u
}

func (v *visit) usageCSV() error {
	view, err := v.Look()
	if err != nil {
		return err
	}
	periods, _, err := v.Periods(view)
	if err != nil {
		return err
	}
	d := v.rangeShown(view, periods)
	return v.CSV("usage.csv", "", func(write export.Row) error {
		return v.App.Export.WholeUsage(v.Context(), v.Scope, usage.Ask{From: d.from, To: d.to}, write)
	})
}
