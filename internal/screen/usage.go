package screen

import (
	"context"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/words"
)

const (
	// entriesOnUsage is how many lines of the ledger are below the usage.
	entriesOnUsage = 20
	// maxMembers bounds the members of a table.
	maxMembers = 500
)

// Whose usage the tables have.
const (
	OfAll    = ""       // everybody's
	OfGroups = "groups" // the viewer's and that of the groups that they manage
	OfSelf   = "self"   // the viewer's own
)

// Usage is what a team spent in a range of days, and what its allowance is.
type Usage struct {
	Credits
	Range
	Periods  []unit.Period // that can be chosen
	Meters   []Meter       // what is free today; none where an earlier period is shown
	FreesAt  time.Time     // when the meters start again
	Whose    string
	Then     []PastCredit // of an earlier period, as it ended
	Outlooks map[string]usage.Outlook
	Spent    map[string]map[string]unit.Amount // in the period that runs, by day and credit type
	Members  []MemberUsage
	Totals   []UsageTotal // of the members, in the order of the credit types
	Days     []Line
	Fields   []Line
	Outcomes []Line
	Channels []Line
	Saved    []words.Cost // what the free rules saved
	SavedOf  int          // over how many free answers
	Entries  []EntryLine  // the newest
	Older    bool         // there are more
}

// Meter is what is free today (rule C13).
type Meter struct {
	Name      string
	Mine      *capture.Meter // of the viewer; nil: they are no member
	Workspace capture.Meter
}

// Line is one day, field, outcome or channel.
type Line struct {
	Key     string
	Answers int
	Spent   []unit.Amount // in the order of the credit types
	Saved   []words.Cost  // what was spared, where anything was
}

// MemberUsage is what one member spent.
type MemberUsage struct {
	ID       string // empty: the workspace itself
	Name     string
	Removed  bool
	MayLimit bool           // the viewer may set what they use, of some credit type
	Credits  []MemberCredit // in the order of the credit types
}

// MemberCredit is one member's use of one credit type in the range, and their limit.
type MemberCredit struct {
	Type   string
	Mode   string
	Amount unit.Amount
	Used   unit.Amount
	Before unit.Amount // used in the days that the range is compared with
	Held   unit.Amount
	Of     unit.Quota // what they may use of a period: their own amount, or of the pool all that is not set aside for others; zero where the member is gone
}

// UsageTotal is what was spent of one credit type, and in the days that the range is compared with.
type UsageTotal struct {
	Type         string
	Used, Before unit.Amount
}

// Usage reads it. The sums must be up to date: see usage.Reports.SumUp.
func (s *Screens) Usage(ctx context.Context, sc *account.Scope, ask RangeAsk) (u Usage, err error) {
	members, err := s.Accounts.Members(ctx, sc, "", maxMembers)
	if err != nil {
		return u, err
	}
	sight, err := s.Accounts.Visible(ctx, sc)
	if err != nil {
		return u, err
	}
	members = slices.DeleteFunc(members, func(m store.Member) bool { return !sight.Sees(m.ID) })
	view, err := s.look(ctx, sc, with(idsOf(members), own(sc))...)
	if err != nil {
		return u, err
	}
	u.Credits, u.Whose = creditsOf(view, sc.Member), whose(sc, sight)
	var pools []store.Pool
	if u.Periods, pools, err = s.periods(ctx, sc, view.Current); err != nil {
		return u, err
	}
	u.Range = rangeOf(sc, ask, view.Current, u.Periods)
	if err := s.panes(ctx, sc, &u, view, sight, pools); err != nil {
		return u, err
	}
	cube, err := s.Reports.Cube(ctx, sc, usage.Ask{From: u.From, To: u.To})
	if err != nil {
		return u, err
	}
	var before *usage.Cube
	if !u.Before.Start.IsZero() {
		if before, err = s.Reports.Cube(ctx, sc, usage.Ask{From: u.Before.Start, To: u.Before.End}); err != nil {
			return u, err
		}
	}
	names, err := s.Accounts.MemberNames(ctx, sc)
	if err != nil {
		return u, err
	}
	u.tables(cube, before, view, members, names)
	if err := s.mayLimit(ctx, sc, u.Members, view); err != nil {
		return u, err
	}
	list, older, err := s.entries(ctx, sc, view, EntryAsk{From: u.From, To: u.To, Limit: entriesOnUsage}, false)
	u.Entries, u.Older = list, older > 0
	return u, err
}

// mayLimit says of whom the viewer may set what they use.
func (s *Screens) mayLimit(ctx context.Context, sc *account.Scope, rows []MemberUsage, view *credits.View) error {
	if !sc.Can(account.SetLimits) {
		return nil
	}
	groups, err := s.Accounts.Groups(ctx, sc)
	for n, m := range rows {
		rows[n].MayLimit = slices.ContainsFunc(view.Members[m.ID], func(of Share) bool { return !m.Removed && maySet(sc, groups, of, m.ID) != "" })
	}
	return err
}

// with is ids with those that they lack of more.
func with(ids, more []string) []string {
	for _, id := range more {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func idsOf(members []store.Member) (ids []string) {
	for _, m := range members {
		ids = append(ids, m.ID)
	}
	return ids
}

func whose(sc *account.Scope, sight store.Sight) string {
	switch {
	case sight.All():
		return OfAll
	case sc.Role == account.Manager:
		return OfGroups
	}
	return OfSelf
}

// panes are the allowances: of the period that runs, with how it is likely to continue,
// or of an earlier one as it ended.
func (s *Screens) panes(ctx context.Context, sc *account.Scope, u *Usage, view *credits.View, sight store.Sight, pools []store.Pool) error {
	if u.Earlier {
		for _, c := range u.Types {
			for _, p := range pools {
				if p.Credit == c && p.PeriodStart == u.From.UnixMicro() {
					u.Then = append(u.Then, balanceThen(p))
				}
			}
		}
		return nil
	}
	meters, err := s.Captures.Meters(ctx, sc)
	if err != nil {
		return err
	}
	u.FreesAt = meters.FreesAt
	for _, of := range []struct{ kind, name string }{{credits.MeterLookups, "Lookups"}, {credits.MeterSearchPages, "Search pages"}, {credits.MeterFreeDeliveries, "Free verified emails"}} {
		one := Meter{Name: of.name, Workspace: meters.Workspace[of.kind]}
		if mine, ok := meters.Mine[of.kind]; ok {
			one.Mine = &mine
		}
		u.Meters = append(u.Meters, one)
	}
	grants, err := s.Accounts.Grants(ctx, sc, view.Current)
	if err != nil {
		return err
	}
	addParts(u.List, view, grants)
	if u.Status == Cancelled || !sight.All() {
		return nil
	}
	if u.Outlooks, err = s.Reports.Outlooks(ctx, sc, view); err != nil {
		return err
	}
	spent, err := s.Reports.Cube(ctx, sc, usage.Ask{})
	if err != nil {
		return err
	}
	u.Spent = map[string]map[string]unit.Amount{}
	for _, g := range spent.Report("day", nil).Data {
		u.Spent[g.Key] = g.Credits
	}
	return nil
}

// balanceThen is a period that is over.
func balanceThen(p store.Pool) (b PastCredit) {
	b = PastCredit{Type: p.Credit, Balance: unit.Balance{Allowance: unit.Unlimited, Used: unit.Amount(p.Used), Held: unit.Amount(p.Held), Available: unit.Unlimited}}
	if p.Allowance >= 0 {
		b.Allowance = unit.Of(unit.Amount(p.Allowance))
		b.Available = unit.Of(unit.Amount(max(0, p.Allowance-p.Used-p.Held)))
	}
	return b
}

// PastCredit is one credit type of a period that is over, as it ended.
type PastCredit struct {
	Type string
	unit.Balance
}

func (u *Usage) tables(cube, before *usage.Cube, view *credits.View, members []store.Member, names map[string]string) {
	u.Days = linesOf(cube.Report("day", nil), u.Types)
	u.Fields = linesOf(cube.Report("field", nil), u.Types)
	u.Channels = linesOf(cube.Report("channel", nil), u.Types)
	u.Outcomes = linesOf(cube.Report("outcome", nil), u.Types)
	saved := map[string]unit.Amount{}
	for _, l := range u.Outcomes {
		if len(l.Saved) > 0 {
			u.SavedOf += l.Answers
		}
		for _, c := range l.Saved {
			saved[c.Type] += c.Amount
		}
	}
	u.Saved = costs(u.Types, saved)
	u.Members = memberUsage(cube.Report("member", names), before.Report("member", names), view, members)
	for n, t := range u.Types {
		total := UsageTotal{Type: t}
		for _, m := range u.Members {
			total.Used += m.Credits[n].Used
			total.Before += m.Credits[n].Before
		}
		u.Totals = append(u.Totals, total)
	}
}

func linesOf(r *usage.Report, types []string) (list []Line) {
	for _, g := range r.Data {
		l := Line{Key: g.Key}
		for _, n := range g.Outcomes {
			l.Answers += int(n)
		}
		for _, t := range types {
			l.Spent = append(l.Spent, g.Credits[t])
			if g.Saved[t] != 0 {
				l.Saved = append(l.Saved, words.Cost{Type: t, Amount: g.Saved[t]})
			}
		}
		list = append(list, l)
	}
	return list
}

// memberUsage is a row for each member whose usage is seen, one for each who was removed, and
// one for what the workspace itself spent.
func memberUsage(now, before *usage.Report, view *credits.View, members []store.Member) (rows []MemberUsage) {
	spent, then := byKey(now), byKey(before)
	for _, m := range members {
		row := MemberUsage{ID: m.ID, Name: m.Name}
		for _, of := range view.Members[m.ID] {
			row.Credits = append(row.Credits, MemberCredit{Type: of.Credit, Mode: of.Mode, Amount: of.Amount, Used: spent[m.ID].Credits[of.Credit], Before: then[m.ID].Credits[of.Credit], Held: of.Held, Of: of.Of})
		}
		rows = append(rows, row)
	}
	for _, g := range slices.Concat(now.Data, before.Data) {
		if slices.ContainsFunc(rows, func(m MemberUsage) bool { return m.ID == g.Key }) {
			continue
		}
		row := MemberUsage{ID: g.Key, Name: g.Name, Removed: g.Key != ""}
		if g.Key == "" {
			row.Name = "The workspace itself"
		}
		for _, t := range view.Book.Credits {
			row.Credits = append(row.Credits, MemberCredit{Type: t, Mode: unit.FromPool, Used: spent[g.Key].Credits[t], Before: then[g.Key].Credits[t]})
		}
		rows = append(rows, row)
	}
	return rows
}

func byKey(r *usage.Report) map[string]usage.Group {
	groups := map[string]usage.Group{}
	for _, g := range r.Data {
		groups[g.Key] = g
	}
	return groups
}
