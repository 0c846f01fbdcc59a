package spending

import (
	"fmt"
	"net/http"
	"time"

	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

func (v *visit) usagePage() error {
	u, err := v.App.Screens.Usage(v.Context(), v.Scope, v.rangeAsk())
	if err != nil {
		return err
	}
	q := v.daysQuery(u.Range)
	p := UsagePage{
		Page: v.Page, Period: words.PeriodText(u.Period, v.Zone), Zone: v.Zone.String(), Refill: frame.RefillText(u.Told(u.Refill), v.Time),
		Dates: v.dates("/usage", u.Range, u.Periods, "sort"), Types: u.Types, Whose: whose[u.Whose], Credits: v.panes(u), Entries: v.EntryLinesOf(u.Entries),
		UsageCSV: frame.WithQuery("/usage.csv", q), EntryCSV: frame.WithQuery("/entries.csv", q), Saved: u.Saved, SavedOf: u.SavedOf,
	}
	if u.Earlier {
		p.Period, p.Refill, p.Over = p.Dates.Range, "", true
	}
	for _, m := range u.Meters {
		text := "workspace " + meterText(m.Workspace)
		if m.Mine != nil {
			text = "you " + meterText(*m.Mine) + ", " + text
		}
		p.Meters = append(p.Meters, MeterLine{m.Name, text})
	}
	p.MetersFree = v.Time(u.FreesAt)
	v.usageTables(&p, u, q)
	if u.Older {
		p.More = frame.WithQuery("/usage/entries", q)
	}
	p.Page.Title, p.Page.Nav = "Usage", "usage"
	return v.Show(http.StatusOK, Usage(p))
}

// whose says of whom the tables are, where they are not of the whole team; the
// allowance is always the workspace's.
var whose = map[string]string{
	screen.OfGroups: "The tables show your own usage and that of the groups you manage. The allowance is the workspace’s.",
	screen.OfSelf:   "The tables show your own usage. The allowance is the workspace’s.",
}

func meterText(m capture.Meter) string {
	if m.Most == nil {
		return words.Count(int(m.Used)) + ", no limit"
	}
	return words.Count(int(m.Used)) + " of " + words.Count(int(*m.Most))
}

// panes are the allowances: of the period that runs, with how it is likely to continue,
// or of an earlier one as it ended.
func (v *visit) panes(u screen.Usage) (panes []CreditUsage) {
	for _, c := range u.Then {
		panes = append(panes, CreditUsage{Type: c.Type, Allowance: c.Allowance, Used: c.Used, Held: c.Held, Available: c.Available, Over: true})
	}
	if u.Earlier {
		return panes
	}
	panes = CreditsUsed(u.Credits, v.Scope.Now)
	for n := range panes {
		if u.Outlooks != nil {
			panes[n].Pace = v.pace(u, u.List[n])
		}
	}
	return panes
}

// CreditsUsed is what was used of each credit type, and what is left. now is the year that dates leave out.
func CreditsUsed(of screen.Credits, now time.Time) (list []CreditUsage) {
	for _, c := range of.List {
		u := CreditUsage{Type: c.Credit, Allowance: c.Allowance, Used: c.Used, Held: c.Held, Available: c.Available, Parts: c.Parts}
		if !c.Allowance.Unlimited {
			u.Refill = frame.RefillText(of.Told(c.Refill), func(t time.Time) string { return words.Day(t, now, of.Zone) })
		}
		if c.Overassigned {
			u.Note = fmt.Sprintf("%s is assigned to members, more than the plan's %s. When the plan's credits are gone, assigned ones stop too.", words.Num(c.Assigned), words.Quota(c.Allowance))
		} else if c.Assigned > 0 && of.Status != screen.Cancelled { // why the top of the page has less
			u.Assigned = fmt.Sprintf("%s assigned to members; %s left in the pool.", words.Num(c.Assigned), words.Quota(c.Pool))
		}
		list = append(list, u)
	}
	return list
}

func (v *visit) usageCSV() error {
	d, err := v.App.Screens.Days(v.Context(), v.Scope, v.rangeAsk())
	if err != nil {
		return err
	}
	return v.CSV("usage.csv", "", func(write export.Row) error {
		return v.App.Export.WholeUsage(v.Context(), v.Scope, usage.Ask{From: d.From, To: d.To}, write)
	})
}
