// Package usage reports what a team spent, on what, and what the free rules
// saved. Every number is a sum of ledger entries, so each can be drilled into.
package usage

import (
	"context"
	"time"

	"github.com/leadmeter/leadmeter/credits"
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

// Report sums up a workspace's usage by member, day, field, outcome or channel.
func (r *Reports) Report(ctx context.Context, s *account.Scope, ask Ask) (*Report, error) {
	if !store.UsageGroup(ask.GroupBy) {
		return nil, fault.Wrong("group_by", "must be member, day, field, outcome or channel")
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
	var rows []store.UsageRow
	err = r.Store.View(ctx, func(tx *store.Tx) error {
		rows, err = tx.Usage(s.Workspace.ID, ask.GroupBy, ask.Member, ask.From.UnixMicro(), ask.To.UnixMicro())
		return err
	})
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	if ask.GroupBy == "member" {
		if names, err = r.Accounts.MemberNames(ctx, s); err != nil {
			return nil, err
		}
	}
	out := &Report{Data: []Group{}, From: ask.From.UTC(), To: ask.To.UTC()}
	for _, row := range rows {
		out.add(row, ask.GroupBy, names, v.Book.Credits)
	}
	return out, nil
}

// add puts a row into its group; rows come in the order of their groups.
func (r *Report) add(row store.UsageRow, by string, names map[string]string, creditTypes []string) {
	key := row.Key
	if by == "day" {
		key = dayText(row.Key)
	}
	if n := len(r.Data); n == 0 || r.Data[n-1].Key != key {
		g := Group{Key: key, Name: names[key], Credits: map[string]credits.Amount{}, Saved: map[string]credits.Amount{}, Outcomes: map[string]int64{}}
		for _, c := range creditTypes {
			g.Credits[c], g.Saved[c] = 0, 0
		}
		r.Data = append(r.Data, g)
	}
	g := &r.Data[len(r.Data)-1]
	g.Credits[row.Credit] += credits.Amount(row.Used)
	g.Saved[row.Credit] += credits.Amount(row.Waived)
	g.Outcomes[row.Outcome] += row.Count
}

// dayText writes 20260301 as 2026-03-01.
func dayText(s string) string {
	if len(s) != 8 {
		return s
	}
	return s[:4] + "-" + s[4:6] + "-" + s[6:]
}
