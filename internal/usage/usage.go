// Package usage reports what a team spent, on what, and what the free rules
// saved, and forecasts when its credits run out. Every number is a sum of ledger
// entries, so each can be drilled into.
package usage

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Reports makes usage reports.
type Reports struct {
	Store    *store.Store
	Ledger   *credits.Ledger
	Accounts *account.Accounts
}

// Group is one group of a report.
type Group struct {
	Key      string                    `json:"key"`
	Name     string                    `json:"name,omitempty" doc:"Of a member."`
	Credits  map[string]credits.Amount `json:"credits" doc:"Spent, less what was given back."`
	Saved    map[string]credits.Amount `json:"saved" doc:"What the free rules saved."`
	Outcomes map[string]int64          `json:"outcomes"`
}

// Report is a usage report of [From, To).
type Report struct {
	Data       []Group   `json:"data"`
	NextCursor *string   `json:"next_cursor"`
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
}

// Ask chooses what a report says. Zero instants are the period's own; Member
// empty is everybody.
type Ask struct {
	GroupBy  string
	Member   string
	From, To time.Time
}

// Groups are what usage can be grouped by.
var Groups = []string{"member", "day", "field", "outcome", "channel"}

// Report sums up a workspace's usage by member, day, field, outcome or channel.
func (r *Reports) Report(ctx context.Context, s *account.Scope, ask Ask) (*Report, error) {
	if !slices.Contains(Groups, ask.GroupBy) {
		return nil, fault.Wrong("group_by", "must be member, day, field, outcome or channel")
	}
	all, err := r.Cube(ctx, s, ask)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	if ask.GroupBy == "member" {
		if names, err = r.Accounts.MemberNames(ctx, s); err != nil {
			return nil, err
		}
	}
	return all.Report(ask.GroupBy, names), nil
}

// Cube is a range's usage by everything at once.
type Cube struct {
	From, To time.Time
	cells    []store.UsageCell
	types    []string
}

// maxSteps bounds how much is summed up while somebody waits.
const maxSteps = 10

// Cube sums up once what the principal may see of the usage, to be grouped in several
// ways; the ask's GroupBy is not looked at.
func (r *Reports) Cube(ctx context.Context, s *account.Scope, ask Ask) (*Cube, error) {
	sight, err := r.Accounts.Visible(ctx, s)
	if err != nil {
		return nil, err
	}
	v, err := r.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return nil, err
	}
	if ask.From.IsZero() {
		ask.From = v.Current.Period.Start
	}
	if ask.To.IsZero() {
		ask.To = v.Current.Period.End
	}
	if ask.To.Before(ask.From) {
		return nil, fault.Wrong("to", "must not be before from")
	}
	if !r.Store.InSnapshot(ctx) {
		if err := r.SumUp(ctx, s); err != nil {
			return nil, err
		}
	}
	c := &Cube{From: ask.From.UTC(), To: ask.To.UTC(), types: v.Book.Credits}
	err = r.Store.View(ctx, func(tx *store.Tx) (err error) {
		c.cells, err = cellsOf(tx, s.Workspace.ID, sight, v.Current.Zone(), ask.From, ask.To)
		return err
	})
	if ask.Member != "" {
		c.cells = slices.DeleteFunc(c.cells, func(x store.UsageCell) bool { return x.Member != ask.Member })
	}
	return c, err
}

// SumUp brings the day sums up to date, as far as one reader does that.
func (r *Reports) SumUp(ctx context.Context, s *account.Scope) error {
	for range maxSteps {
		more, err := r.Store.SumUsage(ctx, s.Workspace.ID)
		if err != nil && !fault.Is(err, fault.Overloaded) { // a full disk stops no reading
			return err
		}
		if !more {
			break
		}
	}
	return nil
}

// cellsOf reads [from, to): whole days from what is summed up, and a day that the
// range cuts from the ledger itself.
func cellsOf(tx *store.Tx, ws string, sight store.Sight, zone *time.Location, from, to time.Time) (list []store.UsageCell, err error) {
	if !from.Before(to) {
		return nil, nil
	}
	first, last := dayOf(from, zone), dayOf(to.Add(-time.Microsecond), zone)
	cutFirst, cutLast := dayOf(from.Add(-time.Microsecond), zone) == first, dayOf(to, zone) == last
	if first == last && (cutFirst || cutLast) {
		return tx.Usage().Between(ws, sight, from.UnixMicro(), to.UnixMicro(), 0)
	}
	// A local day has at most 26 hours or so; the day itself is asked for too.
	const day = 48 * time.Hour
	if cutFirst {
		part, err := tx.Usage().Between(ws, sight, from.UnixMicro(), from.Add(day).UnixMicro(), first)
		if err != nil {
			return nil, err
		}
		list = append(list, part...)
		first++
	}
	if cutLast {
		part, err := tx.Usage().Between(ws, sight, to.Add(-day).UnixMicro(), to.UnixMicro(), last)
		if err != nil {
			return nil, err
		}
		list = append(list, part...)
		last--
	}
	if first > last {
		return list, nil
	}
	whole, err := tx.Usage().OfDays(ws, sight, first, last)
	return append(list, whole...), err
}

// dayOf is the local date as the ledger writes it.
func dayOf(t time.Time, zone *time.Location) int64 { return int64(unit.Day(t, zone)) }

// Report groups the cube; names are the members'. No cube has no groups.
func (c *Cube) Report(by string, names map[string]string) *Report {
	if c == nil {
		return &Report{}
	}
	groups := map[string]*Group{}
	for _, cell := range c.cells {
		key := keyOf(cell, by)
		g := groups[key]
		if g == nil {
			g = &Group{Key: key, Name: names[key], Credits: map[string]credits.Amount{}, Saved: map[string]credits.Amount{}, Outcomes: map[string]int64{}}
			for _, t := range c.types {
				g.Credits[t], g.Saved[t] = 0, 0
			}
			groups[key] = g
		}
		g.Credits[cell.Credit] += credits.Amount(cell.Used)
		g.Saved[cell.Credit] += credits.Amount(cell.Waived)
		g.Outcomes[cell.Outcome] += cell.Answers
	}
	out := &Report{Data: []Group{}, From: c.From, To: c.To}
	for _, g := range groups {
		out.Data = append(out.Data, *g)
	}
	slices.SortFunc(out.Data, func(a, b Group) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// Count is how many answers of the cube match, and what they cost. Empty is any,
// store.None what has no value.
func (c *Cube) Count(member, credit, field, outcome, channel string) (answers int64, amounts map[string]credits.Amount) {
	is := func(asked, value string) bool {
		return asked == "" || asked == value || asked == store.None && value == ""
	}
	amounts = map[string]credits.Amount{}
	for _, x := range c.cells {
		if is(member, x.Member) && is(credit, x.Credit) && is(field, x.Field) && is(outcome, x.Outcome) && is(channel, x.Channel) {
			answers += x.Answers
			amounts[x.Credit] += credits.Amount(x.Used)
		}
	}
	return answers, amounts
}

func keyOf(c store.UsageCell, by string) string {
	switch by {
	case "member":
		return c.Member
	case "day":
		return dayText(c.Day)
	case "field":
		return c.Field
	case "outcome":
		return c.Outcome
	}
	return c.Channel
}

// dayText writes 20260301 as 2026-03-01.
func dayText(day int64) string {
	s := strconv.FormatInt(day, 10)
	if len(s) != 8 {
		return s
	}
	return s[:4] + "-" + s[4:6] + "-" + s[6:]
}
