package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/usage"
)

// days is a range of local days, shown whole: [from, to).
type days struct {
	from, to time.Time
	problem  string
}

// maxDays is how many days one page shows.
const maxDays = 400

// rangeShown reads the days asked for; without them, the period's.
func (v *visit) rangeShown(view *credits.View) days {
	zone, p := view.Current.Zone(), view.Current.Period
	d := days{from: p.Start, to: p.End}
	q := v.URL.Query()
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

func (a *App) usagePage(v *visit) error {
	view, err := v.look()
	if err != nil {
		return err
	}
	zone := view.Current.Zone()
	d := v.rangeShown(view)
	p := UsagePage{
		Page: v.page, Period: periodText(view.Current.Period, zone), Zone: zone.String(),
		Refills: view.Current.Period.End.In(zone).Format("Monday 2 Jan 2006, 15:04"),
		From:    d.from.In(zone).Format(time.DateOnly), To: d.to.In(zone).Add(-time.Nanosecond).Format(time.DateOnly),
		Range: periodText(credits.Period{Start: d.from, End: d.to}, zone), Error: d.problem, Types: view.Book.Credits,
	}
	if view.Current.Cancelled {
		p.Refills = ""
	}
	for _, c := range view.Credits {
		one := creditUsage(view, c)
		if one.Parts, err = v.parts(view, c); err != nil {
			return err
		}
		p.Credits = append(p.Credits, one)
	}
	if err := v.usageTables(&p, view, d); err != nil {
		return err
	}
	q := url.Values{"from": {p.From}, "to": {p.To}}
	var older int64
	if p.Entries, older, err = v.latestEntries(view, d); err != nil {
		return err
	}
	if older > 0 {
		p.More = "/usage?" + q.Encode() + "&before=" + strconv.FormatInt(older, 10) + "#entries-title"
	}
	p.UsageCSV, p.EntryCSV = "/usage.csv?"+q.Encode(), "/entries.csv?"+q.Encode()
	p.Page.Title, p.Page.Nav = "Usage", "usage"
	return v.show(http.StatusOK, Usage(p))
}

func creditUsage(view *credits.View, c credits.CreditView) CreditUsage {
	u := CreditUsage{Type: c.Credit, Allowance: c.Allowance, Used: c.Used, Held: c.Held, Available: c.Available}
	if !view.Current.Cancelled && !c.Allowance.Unlimited {
		u.Refills = shortDay(view.Current.Period.End, view)
	}
	if !c.Allowance.Unlimited && c.Assigned > c.Allowance.Amount {
		u.Note = fmt.Sprintf("%s is assigned to members, more than the allowance of %s. The allowance is the harder limit, first come, first served.", num(c.Assigned), quota(c.Allowance))
	}
	return u
}

// parts is what an allowance is made of, with the operator's notes.
func (v *visit) parts(view *credits.View, c credits.CreditView) ([]AllowancePart, error) {
	if view.Current.Cancelled {
		return nil, nil
	}
	label := capital(view.Current.Plan.Name)
	if in := view.Current.Plan.Credits[c.Credit]; in.PerSeat && !in.Amount.Unlimited {
		label += ", " + plural(view.Current.Seats, "seat", "seats") + " × " + quota(in.Amount)
	}
	list := []AllowancePart{{Kind: "plan", Label: label, Amount: c.Granted.Plan}}
	grants, err := v.app.Accounts.Grants(v.Context(), v.scope)
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		if g.Credit == c.Credit && grantCounts(g, view.Current.Period) {
			list = append(list, AllowancePart{Kind: g.Kind, Note: g.Note, Amount: credits.Of(credits.Amount(g.Amount))})
		}
	}
	if c.Granted.Rollover > 0 {
		list = append(list, AllowancePart{Kind: "rollover", Amount: credits.Of(c.Granted.Rollover)})
	}
	return list, nil
}

// grantCounts reports whether an add-on is part of the period's allowance, for
// showing it; what it adds the ledger says.
func grantCounts(g store.GrantRow, p credits.Period) bool {
	if g.Kind == credits.Once {
		return g.PeriodStart == p.Start.UnixMicro()
	}
	return g.EndsAt == 0 || g.EndsAt > p.Start.UnixMicro()
}

func (v *visit) usageTables(p *UsagePage, view *credits.View, d days) error {
	reports := map[string]*usage.Report{}
	for _, by := range []string{"member", "day", "field", "outcome", "channel"} {
		r, err := v.app.Reports.Report(v.Context(), v.scope, usage.Ask{GroupBy: by, From: d.from, To: d.to})
		if err != nil {
			return err
		}
		reports[by] = r
	}
	p.Days = daySeries(reports["day"], view, d)
	p.Fields = usageLines(reports["field"], view, func(key string) string {
		if key == "" {
			return "Other charges"
		}
		return fieldLabel(key)
	})
	p.Channels = usageLines(reports["channel"], view, func(key string) string {
		if key == "" {
			return "None"
		}
		return channelName(key)
	})
	saved := map[string]credits.Amount{}
	for _, g := range reports["outcome"].Data {
		line := OutcomeLine{Outcome: g.Key, Used: inOrder(view, g.Credits)}
		for _, n := range g.Outcomes {
			line.Count += int(n)
		}
		for _, c := range view.Book.Credits {
			if g.Saved[c] != 0 {
				line.Saved = append(line.Saved, Cost{c, g.Saved[c]})
				saved[c] += g.Saved[c]
			}
		}
		if len(line.Saved) > 0 {
			p.SavedOf += line.Count
		}
		p.Outcomes = append(p.Outcomes, line)
	}
	p.Saved = costs(view.Book, saved)
	var err error
	p.Members, err = v.memberUsage(reports["member"], view)
	return err
}

func inOrder(view *credits.View, amounts map[string]credits.Amount) []credits.Amount {
	var list []credits.Amount
	for _, c := range view.Book.Credits {
		list = append(list, amounts[c])
	}
	return list
}

func usageLines(r *usage.Report, view *credits.View, label func(key string) string) []UsageLine {
	var lines []UsageLine
	for _, g := range r.Data {
		line := UsageLine{Label: label(g.Key), Used: inOrder(view, g.Credits)}
		for _, n := range g.Outcomes {
			line.Count += int(n)
		}
		lines = append(lines, line)
	}
	return lines
}

// daySeries has every day of the range, those without use too.
func daySeries(r *usage.Report, view *credits.View, d days) []DaySeries {
	byDay := map[string]usage.Group{}
	for _, g := range r.Data {
		byDay[g.Key] = g
	}
	var series []DaySeries
	for _, c := range view.Book.Credits {
		s := DaySeries{Type: c}
		day := d.from.In(view.Current.Zone())
		for day.Before(d.to) {
			s.Days = append(s.Days, DayUsage{
				Label: day.Format("2 Jan"), Used: byDay[day.Format(time.DateOnly)].Credits[c],
				Link: "/usage?from=" + day.Format(time.DateOnly) + "&to=" + day.Format(time.DateOnly),
			})
			y, m, n := day.Date()
			day = time.Date(y, m, n+1, 0, 0, 0, 0, day.Location())
		}
		series = append(series, s)
	}
	return series
}

// memberUsage is a row a member, and one for what the workspace itself spent.
func (v *visit) memberUsage(r *usage.Report, view *credits.View) ([]MemberUsage, error) {
	members, err := v.app.Accounts.Members(v.Context(), v.scope, "", 500)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, m := range members {
		ids = append(ids, m.ID)
	}
	full, err := v.look(ids...)
	if err != nil {
		return nil, err
	}
	spent := map[string]usage.Group{}
	for _, g := range r.Data {
		spent[g.Key] = g
	}
	var rows []MemberUsage
	for _, m := range members {
		row := MemberUsage{Name: m.Name}
		for n, c := range view.Book.Credits {
			of := full.Members[m.ID][n]
			row.Credits = append(row.Credits, MemberCredit{Type: c, Mode: of.Mode, Amount: of.Amount, Used: spent[m.ID].Credits[c], Held: of.Held})
		}
		delete(spent, m.ID)
		rows = append(rows, row)
	}
	for _, g := range r.Data {
		if _, left := spent[g.Key]; !left {
			continue
		}
		row := MemberUsage{Name: g.Name, Removed: g.Key != ""}
		if g.Key == "" {
			row.Name = "The workspace itself"
		}
		for _, c := range view.Book.Credits {
			row.Credits = append(row.Credits, MemberCredit{Type: c, Mode: credits.FromPool, Used: g.Credits[c]})
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// latestEntries are a page of the ledger; older is where the next one begins, 0
// for none.
func (v *visit) latestEntries(view *credits.View, d days) (list []Entry, older int64, err error) {
	const perPage = 50
	before, err := strconv.ParseInt(v.URL.Query().Get("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	var rows []store.Entry
	people := map[string]string{}
	err = v.app.Store.View(v.Context(), func(tx *store.Tx) (err error) {
		rows, err = tx.Entries(store.EntryFilter{Workspace: v.scope.Workspace.ID, From: d.from.UnixMicro(), To: d.to.UnixMicro(), Before: before, Limit: perPage + 1})
		if err != nil {
			return err
		}
		if len(rows) > perPage {
			rows = rows[:perPage]
			older = rows[perPage-1].Seq
		}
		for _, e := range rows {
			if e.Person == "" || people[e.Person] != "" {
				continue
			}
			l, found, err := tx.Lead(v.scope.Workspace.ID, leadID(e.Person))
			if err != nil {
				return err
			}
			if found {
				people[e.Person] = l.FullName
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	names, err := v.app.Accounts.MemberNames(v.Context(), v.scope)
	return v.entriesOf(rows, view, names, people), older, err
}

func (a *App) usageCSV(v *visit) error {
	view, err := v.look()
	if err != nil {
		return err
	}
	d := v.rangeShown(view)
	return v.csv("usage.csv", "", func(write export.Row) error {
		return a.Export.Usage(v.Context(), v.scope, usage.Ask{GroupBy: "member", From: d.from, To: d.to}, write)
	})
}

func (a *App) entriesCSV(v *visit) error {
	view, err := v.look()
	if err != nil {
		return err
	}
	d := v.rangeShown(view)
	return v.csv("entries.csv", "", func(write export.Row) error {
		return a.Export.Entries(v.Context(), v.scope, store.EntryFilter{Workspace: v.scope.Workspace.ID, From: d.from.UnixMicro(), To: d.to.UnixMicro()}, write)
	})
}
