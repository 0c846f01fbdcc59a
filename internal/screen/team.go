package screen

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// maxRequests bounds the requests on a screen.
const maxRequests = 50

// Team is the members, what each may use, the groups and the requests that wait.
type Team struct {
	Credits
	Edit     bool // the viewer manages the team
	Members  []Member
	Groups   []Group   // those that the viewer sees
	Requests []Request // that wait for an admin; for admins
}

// Member is one of the team.
type Member struct {
	ID, Name, Email, Role string
	You                   bool
	Limits                []Limit     // empty where they are not the viewer's to see
	Invited               *Invitation // nil: they came
}

// What the viewer may set of a limit.
const (
	SetAny   = "all"   // every mode and amount
	SetLimit = "limit" // a limit, within their group's budget
)

// Limit is what one member may use of one credit type.
type Limit struct {
	Share
	May string // SetAny, SetLimit or empty
}

// Invitation is how long somebody has time to come.
type Invitation struct {
	Sent, Until time.Time
	Over        bool
}

// Group is a part of the team.
type Group struct {
	ID, Name          string
	Members, Managers []string // ids
	Yours             bool     // the viewer looks after it
	Budgets           []Budget // empty where a member's limits are not the viewer's to see
}

// Budget is what a group's manager may give out of one credit type.
type Budget struct {
	Type   string
	Given  bool
	Amount unit.Amount
	Out    unit.Amount // given out as limits
}

// Team reads it.
func (s *Screens) Team(ctx context.Context, sc *account.Scope) (t Team, err error) {
	members, err := s.Accounts.Members(ctx, sc, "", maxMembers)
	if err != nil {
		return t, err
	}
	sight, err := s.Accounts.Visible(ctx, sc)
	if err != nil {
		return t, err
	}
	seen := slices.DeleteFunc(idsOf(members), func(id string) bool { return !sight.Sees(id) })
	view, err := s.look(ctx, sc, seen...)
	if err != nil {
		return t, err
	}
	groups, err := s.Accounts.Groups(ctx, sc)
	if err != nil {
		return t, err
	}
	invited, err := s.SignIn.Invitations(ctx, sc)
	if err != nil {
		return t, err
	}
	t = Team{Credits: creditsOf(view, ""), Edit: sc.Can(account.ManageTeam)}
	for _, m := range members {
		one := Member{ID: m.ID, Name: m.Name, Email: m.Email, Role: m.Role, You: m.ID == sc.Member}
		for _, of := range view.Members[m.ID] {
			one.Limits = append(one.Limits, Limit{Share: of, May: maySet(sc, groups, of, m.ID)})
		}
		if i, waits := invited[m.ID]; waits {
			one.Invited = &Invitation{Sent: micros(i.SentAt), Until: micros(i.ExpiresAt), Over: i.ExpiresAt <= s.Accounts.Clock().UnixMicro()}
		}
		t.Members = append(t.Members, one)
	}
	for _, g := range groups {
		yours := slices.Contains(g.Managers, sc.Member)
		if t.Edit || yours || slices.Contains(g.Members, sc.Member) {
			t.Groups = append(t.Groups, Group{ID: g.ID, Name: g.Name, Members: g.Members, Managers: g.Managers, Yours: yours, Budgets: budgets(g, view, sight)})
		}
	}
	if t.Edit {
		t.Requests, err = s.openRequests(ctx, sc)
	}
	return t, err
}

// maySet is what the viewer may set of a member (rule D8).
func maySet(sc *account.Scope, groups []store.Group, of Share, member string) string {
	switch group, may := account.Limits(sc, groups, member, of.Credit); {
	case may && group == nil:
		return SetAny
	case may && of.Mode != unit.Assigned:
		return SetLimit
	}
	return ""
}

func budgets(g store.Group, view *credits.View, sight store.Sight) (list []Budget) {
	if slices.ContainsFunc(g.Members, func(m string) bool { return !sight.Sees(m) }) {
		return nil // what the members' limits come to is not theirs to see
	}
	for _, c := range view.Book.Credits {
		amount, given := g.Budgets[c]
		b := Budget{Type: c, Given: given, Amount: unit.Amount(amount)}
		for _, m := range g.Members {
			for _, of := range view.Members[m] {
				if of.Credit == c && of.Mode == unit.Limited {
					b.Out += of.Amount
				}
			}
		}
		list = append(list, b)
	}
	return list
}

// Request is a wish for more credits (rule D6).
type Request struct {
	ID, Name string // of the request, and of the member
	Type     string
	Amount   unit.Amount
	Granted  unit.Amount
	Reason   string
	At       time.Time
	Status   string // open, granted or declined
	Now      Share  // what the member may use now
}

// openRequests are the wishes that wait for an admin.
func (s *Screens) openRequests(ctx context.Context, sc *account.Scope) (list []Request, err error) {
	rows, err := s.Accounts.Requests(ctx, sc, account.RequestOpen, "", maxRequests)
	if err != nil {
		return nil, err
	}
	var asked []string
	for _, r := range rows {
		asked = with(asked, []string{r.Member})
	}
	view, err := s.look(ctx, sc, asked...)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		m, err := s.Accounts.Member(ctx, sc, r.Member)
		if fault.Is(err, fault.NotFound) {
			continue // removed
		}
		if err != nil {
			return nil, err
		}
		list = append(list, requestOf(r, m.Name, view))
	}
	return list, nil
}

func requestOf(r store.CreditRequest, name string, view *credits.View) Request {
	one := Request{
		ID: r.ID, Name: name, Type: r.Credit, Amount: unit.Amount(r.Amount), Granted: unit.Amount(r.Granted), Reason: r.Reason, At: micros(r.CreatedAt), Status: r.Status,
	}
	for _, of := range view.Members[r.Member] {
		if of.Credit == r.Credit {
			one.Now = of
		}
	}
	return one
}

// Asking is what a member asks for more on: what they may use, and what they asked for.
type Asking struct {
	Credits
	Requests []Request
}

// Asking reads it.
func (s *Screens) Asking(ctx context.Context, sc *account.Scope) (a Asking, err error) {
	view, err := s.look(ctx, sc, own(sc)...)
	if err != nil {
		return a, err
	}
	a.Credits = creditsOf(view, sc.Member)
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.CreditRequests().Of(sc.Workspace.ID, "", store.Only(sc.Member), "", maxRequests)
		for _, r := range rows {
			a.Requests = append(a.Requests, requestOf(r, "", view))
		}
		return err
	})
	return a, err
}

// Trial is how a period that is over would have gone with other limits; where there was no
// earlier one, the period that runs.
type Trial struct {
	Period  unit.Period
	Runs    bool // it is the period that runs
	Endless bool // there is too much history to tell in time; then nothing else is known
	Now     int  // refusals with the limits of today
	Then    int  // refusals with those given
	Stops   []Stop
}

// Stop is a spending that would have been refused.
type Stop struct {
	At  time.Time
	Who string
	Why string
}

// trialWithin bounds how long a screen may run the past again.
const trialWithin = 8 * time.Second

// Trial runs the past again with other limits, by member and credit type.
func (s *Screens) Trial(ctx context.Context, sc *account.Scope, limits map[string]map[string]unit.Allocation) (t Trial, err error) {
	within, cancel := context.WithTimeout(ctx, trialWithin)
	defer cancel()
	view, err := s.look(within, sc)
	if err != nil {
		return t, err
	}
	periods, _, err := s.periods(within, sc, view.Current)
	if err != nil {
		return t, err
	}
	t.Period, t.Runs = periods[0], len(periods) == 1
	if !t.Runs {
		t.Period = periods[1]
	}
	members, err := s.Accounts.Members(within, sc, "", maxMembers)
	if err != nil {
		return t, err
	}
	names := map[string]string{}
	for _, m := range members {
		names[m.ID] = m.Name
	}
	ask := credits.WhatIf{From: t.Period.Start, To: t.Period.End, Workspace: sc.Workspace.ID}
	if err = s.Ledger.Rerun(within, ask, func(r credits.WouldBe) { t.Now = r.Stops }); err == nil {
		ask.Allocations = map[string]map[string]map[string]unit.Allocation{sc.Workspace.ID: limits}
		err = s.Ledger.Rerun(within, ask, func(r credits.WouldBe) {
			t.Then = r.Stops
			for _, stop := range r.Stopped {
				t.Stops = append(t.Stops, Stop{stop.At, whoStopped(stop.Member, names), stop.Refusal.Message})
			}
		})
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		t.Endless, err = true, nil
	}
	return t, err
}

func whoStopped(member string, names map[string]string) string {
	switch {
	case member == "":
		return "The workspace itself"
	case names[member] == "":
		return "Somebody who was removed"
	}
	return names[member]
}
