// Package sample fills a database with a workspace to try the product on: synthetic
// people, a team and some weeks of history.
package sample

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/sample/people"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Sample is what was made, or found from an earlier time.
type Sample struct {
	Workspace, Admin string
	// Profile is of somebody who was not captured yet.
	Profile string
}

const (
	setting    = "sample"
	persons    = 3000
	captures   = 800
	historyFor = 40 * 24 * time.Hour
)

// team are the sample's members.
var team = []account.NewMember{
	{Email: "grace@northlight.example", Name: "Grace Hopper", Role: account.Admin},
	{Email: "ada@northlight.example", Name: "Ada Lovelace", Role: account.Regular},
	{Email: "alan@northlight.example", Name: "Alan Turing", Role: account.Regular},
	{Email: "mary@northlight.example", Name: "Mary Jackson", Role: account.Regular},
	{Email: "katherine@northlight.example", Name: "Katherine Johnson", Role: account.Manager},
}

// Fill makes the sample once; on a database that has it, it changes nothing.
func Fill(ctx context.Context, s *server.Server) (Sample, error) {
	var found Sample
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		text, err := tx.Settings().Get(setting)
		if err == nil && text != "" {
			_, err = fmt.Sscan(text, &found.Workspace, &found.Admin, &found.Profile)
		}
		return err
	})
	if err != nil || found.Workspace != "" {
		return found, err
	}
	now := s.Config.Clock().UTC()
	file, everybody := people.File(persons, now)
	i, err := s.Directory.Begin(ctx, file, "text/csv")
	if err != nil {
		return found, err
	}
	if _, err := i.Run(ctx); err != nil {
		return found, err
	}
	m := maker{Server: s, random: rand.New(rand.NewPCG(1906, 12)), begun: now.Add(-historyFor), now: now.Add(-historyFor)}
	if err := m.workspace(ctx); err != nil {
		return found, err
	}
	if err := m.history(ctx, everybody[:captures], now); err != nil {
		return found, err
	}
	if err := m.office(ctx); err != nil {
		return found, err
	}
	if err := m.neighbours(ctx, now); err != nil {
		return found, err
	}
	made := Sample{Workspace: m.scope.Workspace.ID, Admin: m.members[0].ID, Profile: everybody[persons-1].Profile}
	return made, s.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.Settings().Put(setting, made.Workspace+" "+made.Admin+" "+made.Profile)
	})
}

// maker makes the workspace and its past.
type maker struct {
	*server.Server
	random  *rand.Rand
	begun   time.Time
	now     time.Time
	scope   *account.Scope
	members []store.Member
}

// workspace is on the plan Pro since the history's beginning.
func (m *maker) workspace(ctx context.Context) error {
	return m.Store.Update(ctx, func(tx *store.Tx) error {
		w, err := m.insert(tx, "Northlight Sales", "pro", len(team))
		if err != nil {
			return err
		}
		m.scope = &account.Scope{Principal: account.Principal{Role: account.Operator}, Workspace: w, Now: m.now}
		for _, n := range team {
			member, err := m.Accounts.AddMember(tx, m.scope, n)
			if err != nil {
				return err
			}
			m.members = append(m.members, member)
		}
		return nil
	})
}

// insert makes a workspace that is as old as the history.
func (m *maker) insert(tx *store.Tx, name, plan string, seats int) (store.Workspace, error) {
	w := store.Workspace{ID: ident.Small("ws"), Name: name, AutoUnlock: account.AutoMember, UsageVisibleTo: account.VisibleToManagers, CreatedAt: m.now.UnixMicro()}
	terms, err := credits.NewTerms(m.Ledger.Books()["classic"], plan, seats, "Europe/Berlin", 1, m.now)
	if err != nil {
		return w, err
	}
	return w, tx.Workspaces().Insert(w, store.Account{Workspace: w.ID, Terms: terms.Encode(), TermsVersion: 1, LastAt: m.now.UnixMicro()})
}

// do carries out a command of the workspace at its present instant.
func (m *maker) do(ctx context.Context, make func(r credits.Request) credits.Command) error {
	_, err := m.Ledger.Do(ctx, make(credits.Request{Workspace: m.scope.Workspace.ID, At: m.now}))
	return err
}

// workdays are n instants in order, from the present one up to until: more of them
// lately than at first, most in working hours and few on weekends.
func (m *maker) workdays(n int, until time.Time) []time.Time {
	begun := m.now
	var list []time.Time
	for len(list) < n {
		day := begun.Add(time.Duration(math.Sqrt(m.random.Float64()) * float64(until.Sub(begun)))).Truncate(24 * time.Hour)
		at := day.Add(7*time.Hour + time.Duration(m.random.IntN(10*3600))*time.Second)
		weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
		if at.After(begun) && at.Before(until) && (!weekend || m.random.IntN(8) == 0) {
			list = append(list, at)
		}
	}
	slices.SortFunc(list, time.Time.Compare)
	return list
}

// history is weeks of captures, unlocks, an add-on and some allocations.
func (m *maker) history(ctx context.Context, who []people.Person, until time.Time) error {
	if err := m.do(ctx, func(r credits.Request) credits.Command {
		return &credits.GiveGrant{Request: r, ID: ident.New("grant"), Credit: "premium", Amount: 50 * credits.Credit, Kind: credits.Recurring, Note: "Agreed at renewal"}
	}); err != nil {
		return err
	}
	if err := m.do(ctx, func(r credits.Request) credits.Command {
		return &credits.Allocate{Request: r, For: m.members[3].ID, Sets: map[string]credits.Allocation{
			"standard": {Mode: credits.Limited, Amount: 200 * credits.Credit}, "premium": {Mode: credits.Assigned, Amount: 40 * credits.Credit},
		}}
	}); err != nil {
		return err
	}
	for n, at := range m.workdays(len(who), until) {
		person := who[n]
		m.now, m.scope.Now = at, at
		ask := capture.Ask{
			Member: m.members[m.random.IntN(len(m.members))].ID, Person: lead.Reference{LinkedInURL: person.Profile}, Mode: capture.ModeCapture,
			Channel: []string{"extension", "extension", "page", "api"}[m.random.IntN(4)], List: []string{"", "Autumn outreach", "Conference"}[m.random.IntN(3)],
		}
		answer, err := m.Captures.Capture(ctx, m.scope, ask)
		if err != nil {
			return err
		}
		if n%3 == 0 {
			unlock := capture.Ask{Member: ask.Member, Fields: []lead.Field{lead.MobilePhone}, Channel: "sheet"}
			if _, err := m.Captures.Unlock(ctx, m.scope, answer.Lead, unlock); err != nil && !fault.Is(err, fault.Insufficient) {
				return err
			}
		}
		if n == len(who)*2/3 {
			if err := m.do(ctx, func(r credits.Request) credits.Command {
				return &credits.GiveGrant{Request: r, ID: ident.New("grant"), Credit: "standard", Amount: 100 * credits.Credit, Kind: credits.Once, Note: "Thank you for the reference call"}
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
