package credits

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// WhatIf is another way that a ledger's past could have gone.
type WhatIf struct {
	// Book is the price book to charge by; nil: each workspace's own.
	Book *Book
	// Plan is the plan that everybody would have been on; empty: the one of the
	// same name as theirs now.
	Plan string
	// From and To bound what is compared: From <= t < To.
	From, To time.Time
	// Workspace limits it to one; empty: all.
	Workspace string
	// On limits it to the workspaces on the price book of this name; empty: all.
	On string
	// Allocations are what admins would have set, by workspace, member and credit
	// type. What is not named stays as it is.
	Allocations map[string]map[string]map[string]Allocation
}

// WouldBe is how one workspace would have fared.
type WouldBe struct {
	Workspace string
	// Was and Would are what was charged, and what would have been, per credit type.
	Was, Would map[string]Amount
	// Stopped are the first spendings that would have been refused, at most a hundred.
	Stopped []Stop
	// Stops is how many there would have been.
	Stops int
	// Unsold is how many charges were of a credit type or plan that the book lacks.
	Unsold int
}

// Stop is a spending that would have been refused.
type Stop struct {
	At      time.Time
	Entry   string // the entry that it made
	Member  string
	Refusal *Refusal
}

const maxStops = 100

// Rerun runs the ledger's past through the same decisions under another price
// book, other allocations or both, and hands over what would have been different,
// workspace by workspace. It writes nothing. What a lookup found is taken from the
// entry that it made; plans, and allocations that are not named, are those that a
// workspace has now. What was refused at the time made no entry, so what somebody
// would have spent beyond it is not known. The error is a *Refusal with the code
// Missing when the WhatIf names a workspace that there is not.
func (l *Ledger) Rerun(ctx context.Context, w WhatIf, say func(WouldBe)) error {
	if w.Workspace != "" {
		return l.rerunNamed(ctx, w, say)
	}
	after := ""
	for {
		var accounts []store.Account
		err := l.store.View(ctx, func(tx *store.Tx) (err error) {
			accounts, err = tx.Accounts().List(after, 500)
			return err
		})
		if err != nil {
			return err
		}
		for _, a := range accounts {
			after = a.Workspace
			r, err := l.rerunOne(ctx, a, w)
			if err != nil {
				return err
			}
			if r != nil {
				say(*r)
			}
		}
		if len(accounts) < 500 {
			return nil
		}
	}
}

func (l *Ledger) rerunNamed(ctx context.Context, w WhatIf, say func(WouldBe)) error {
	var a store.Account
	err := l.store.View(ctx, func(tx *store.Tx) error {
		found := false
		var err error
		if a, found, err = tx.Accounts().ByID(w.Workspace); err == nil && !found {
			err = refuse(Missing, "There is no such workspace.")
		}
		return err
	})
	if err != nil {
		return err
	}
	r, err := l.rerunOne(ctx, a, w)
	if err == nil && r != nil {
		say(*r)
	}
	return err
}

// rerun is one workspace's past on its way through the decisions.
type rerun struct {
	WhatIf
	state *state
	would *WouldBe
	paid  map[[2]string]rerunCharge // the newest of each person's field
}

// rerunCharge is what a person's field would have cost.
type rerunCharge struct {
	member, credit string
	period         int64
	amount         Amount
}

// rerunOne is nil where the workspace is on another book than is asked for.
func (l *Ledger) rerunOne(ctx context.Context, a store.Account, w WhatIf) (*WouldBe, error) {
	terms, err := parseTerms(a.Terms)
	if err != nil || w.On != "" && terms.Book != w.On {
		return nil, err
	}
	if w.Book == nil {
		if w.Book = l.books[terms.Book]; w.Book == nil {
			return nil, fmt.Errorf("credits: workspace %s needs the price book %q, which is not configured", a.Workspace, terms.Book)
		}
	}
	r := &rerun{WhatIf: w, paid: map[[2]string]rerunCharge{}, would: &WouldBe{Workspace: a.Workspace, Was: map[string]Amount{}, Would: map[string]Amount{}}}
	sold := r.terms(terms)
	return r.would, l.store.View(ctx, func(tx *store.Tx) error {
		allocations, err := tx.Accounts().Allocations(a.Workspace)
		if err != nil {
			return err
		}
		r.allocate(w.instead(a.Workspace, allocations))
		return tx.Entries().EachUp(a.Workspace, func(e store.Entry) error {
			r.entry(e, sold)
			return ctx.Err()
		})
	})
}

// terms put the workspace on the other book; false: it has no such plan.
func (r *rerun) terms(now *Terms) bool {
	name := r.Plan
	if name == "" {
		name = now.Plan.Name
	}
	plan := r.Book.Plans[name]
	t := now.clone()
	t.Book, t.Next, t.Boost, t.CancelAt, t.Since, t.Assigned = r.Book.Name, nil, nil, time.Time{}, time.Time{}, nil
	t.Grants = slices.DeleteFunc(t.Grants, func(g Grant) bool { return !r.Book.Sells(g.Credit) })
	if plan != nil {
		t.Plan = *plan
	}
	r.state = &state{
		books: Books{r.Book.Name: r.Book}, book: r.Book, terms: t, exists: true, loaded: true,
		acct: store.Account{Workspace: r.would.Workspace}, allocs: map[allocID]*allocRow{},
	}
	return plan != nil
}

// instead is what would have been set in a workspace, given what is.
func (w WhatIf) instead(workspace string, now []store.Allocation) []store.Allocation {
	set := w.Allocations[workspace]
	list := slices.DeleteFunc(slices.Clone(now), func(a store.Allocation) bool {
		_, other := set[a.Member][a.Credit]
		return other
	})
	for member, credits := range set {
		for credit, a := range credits {
			if a.Mode != FromPool {
				list = append(list, store.Allocation{Workspace: workspace, Member: member, Credit: credit, Mode: a.Mode, Amount: int64(a.Amount)})
			}
		}
	}
	return list
}

func (r *rerun) allocate(list []store.Allocation) {
	for _, a := range list {
		if !r.Book.Sells(a.Credit) {
			continue
		}
		r.state.allocs[allocID{a.Member, a.Credit}] = &allocRow{Allocation: a}
		if a.Mode == Assigned {
			if r.state.terms.Assigned == nil {
				r.state.terms.Assigned = map[string]Amount{}
			}
			r.state.terms.Assigned[a.Credit] += Amount(a.Amount)
		}
	}
}

// entry runs what made the entry again. What lies before the range only says what
// is owned when it begins.
func (r *rerun) entry(e store.Entry, sold bool) {
	at := instant(e.At)
	switch {
	case !at.Before(r.To):
		return
	case at.Before(r.From):
		r.remember(e)
		return
	}
	switch e.Kind {
	case KindCharge:
		r.would.Was[e.Credit] += Amount(e.Amount)
	case KindRefund:
		r.would.Was[e.Credit] -= Amount(e.Amount)
		r.refund(e)
		return
	}
	c := r.command(e)
	if c == nil {
		return
	}
	if !sold || e.Field == "" && !r.Book.Sells(e.Credit) || e.Field != "" && r.Book.Item(e.Field) == nil {
		if e.Kind == KindCharge {
			r.would.Unsold++
		}
		return
	}
	s := r.state
	last := s.acct.LastAt
	for range 3 { // nothing is loaded: every row begins at nothing
		var w wants
		s.acct.LastAt = last
		s.enter(at)
		w.expired(s)
		c.needs(s, &w)
	}
	result, refusal := decide(s, c)
	s.out = output{}
	for _, line := range result.Lines {
		if line.Outcome == Charged && e.Field != "" {
			r.paid[[2]string{e.Person, e.Field}] = rerunCharge{e.Member, line.Credit, micros(s.current.Period.Start), line.Amount}
		}
	}
	for credit, amount := range result.Charged {
		r.would.Would[credit] += amount
	}
	if refusal != nil && refusal.Code == Insufficient {
		r.would.Stops++
		if len(r.would.Stopped) < maxStops {
			r.would.Stopped = append(r.would.Stopped, Stop{At: at, Entry: EntryID(e.Seq), Member: e.Member, Refusal: refusal})
		}
	}
}

// refund gives back what the reported data would have cost, as rule C11 says.
func (r *rerun) refund(e store.Entry) {
	name := [2]string{e.Person, e.Field}
	c, s := r.paid[name], r.state
	s.enter(instant(e.At))
	if p := s.findPool(c.period, c.credit); c.amount > 0 && p != nil && c.period == micros(s.current.Period.Start) {
		s.move(p, c.member, -c.amount, 0)
		r.would.Would[c.credit] -= c.amount
	}
	delete(r.paid, name)
	for _, known := range s.reveals[e.Person].list() {
		if known.Field == e.Field {
			known.Outcome = ReportedBad
		}
	}
}

// remember keeps what an earlier entry delivered.
func (r *rerun) remember(e store.Entry) {
	if e.Person == "" || !Outcome(e.Outcome).Owns() {
		return
	}
	var w wants
	w.person(r.state, e.Person)
	row := r.state.reveals[e.Person]
	row.fields = append(row.fields, &revealRow{Reveal: store.Reveal{Person: e.Person, Field: e.Field, Outcome: e.Outcome, At: e.At}})
}

// command is what made an entry; nil: nothing that spends.
func (r *rerun) command(e store.Entry) command {
	q := Request{Workspace: e.Workspace, Member: e.Member, At: instant(e.At), Channel: e.Channel}
	amount := Amount(e.Amount)
	switch {
	case e.Field != "":
		return &Capture{Request: q, Person: e.Person, Findings: []Finding{found(e)}}
	case e.Kind == KindHold:
		return &Hold{Request: q, ID: e.Hold, Credit: e.Credit, Amount: amount, ExpiresIn: MaxHold}
	case e.Kind == KindCharge && e.Hold != "":
		return &Settle{Request: q, Hold: e.Hold, Lines: []SettleLine{{Outcome: Charged, Amount: amount}}}
	case e.Kind == KindRelease:
		return &Release{Request: q, Hold: e.Hold}
	case e.Kind == KindCharge:
		return &Charge{Request: q, Credit: e.Credit, Amount: amount}
	}
	return nil
}

// found is the finding that an entry tells of.
func found(e store.Entry) Finding {
	f := Finding{Field: e.Field, Hold: e.Hold}
	switch Outcome(e.Outcome) {
	case Suppressed:
		f.Suppressed = true
	case ProviderError:
		f.Failed = true
	case NotFound:
	default:
		f.Values = 1
		f.MainLine = Outcome(e.Outcome) == SameAsMainLine
		f.Graded = Outcome(e.Outcome) == NotVerified
		if Outcome(e.Outcome) == VerifiedInDirectory {
			f.Graded, f.Verified, f.VerifiedAt = true, true, instant(e.At)
		}
	}
	return f
}

// Types are the credit types of a comparison, in alphabetical order.
func (w WouldBe) Types() []string {
	all := maps.Clone(w.Was)
	maps.Copy(all, w.Would)
	return slices.Sorted(maps.Keys(all))
}
