package credits

import (
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// exclusive marks commands that change terms, or count what others change: what later
// commands of a batch need may depend on them, so they are the last of theirs.
type exclusive interface{ exclusive() }

func (*GiveGrant) exclusive()  {}
func (*EndGrant) exclusive()   {}
func (*ChangePlan) exclusive() {}
func (*Cancel) exclusive()     {}
func (*Reactivate) exclusive() {}
func (*Allocate) exclusive()   {}
func (*Remove) exclusive()     {}
func (*Report) exclusive()     {} // it counts the charges before it

// MaxGrants bounds the add-ons that count at once in a workspace.
const MaxGrants = 1000

// GiveGrant adds credits to the plan's own: to every period until ended, or to
// the current period alone (rule G2).
type GiveGrant struct {
	Request
	ID     string
	Credit string
	Amount Amount
	Kind   string // Recurring or Once
	Note   string // shown to the workspace
}

func (c *GiveGrant) needs(s *state, w *wants) { w.pools(s) }

func (c *GiveGrant) decide(s *state) (Result, *Refusal) {
	if r := s.spendable(c.Credit, c.Amount); r != nil {
		return Result{}, r
	}
	if c.Kind != Recurring && c.Kind != Once {
		return Result{}, invalid("kind", "must be recurring or once")
	}
	if s.current.Cancelled {
		return Result{}, s.cancelled()
	}
	t := s.prune()
	if len(t.Grants) >= MaxGrants {
		return Result{}, refuse(Conflict, "The workspace has %d add-ons that count; end some first.", MaxGrants)
	}
	start := s.current.Period.Start
	t.Grants = append(t.Grants, Grant{ID: c.ID, Credit: c.Credit, Amount: c.Amount, Kind: c.Kind, Period: start})
	row := store.GrantRow{
		Workspace: s.acct.Workspace, ID: c.ID, Credit: c.Credit, Kind: c.Kind, Note: c.Note,
		Amount: int64(c.Amount), PeriodStart: micros(start), CreatedAt: micros(s.now),
	}
	if c.Kind == Once {
		row.EndsAt = micros(s.current.Period.End)
	}
	s.out.grants = append(s.out.grants, row)
	return s.changeTerms(t, "add_on", c.ID), nil
}

// EndGrant ends an add-on with the period that runs; the next has it no more.
type EndGrant struct {
	Request
	ID string
}

func (c *EndGrant) needs(s *state, w *wants) { w.pools(s) }

func (c *EndGrant) decide(s *state) (Result, *Refusal) {
	t := s.terms.at(s.now).clone()
	n := slices.IndexFunc(t.Grants, func(g Grant) bool { return g.ID == c.ID })
	if n < 0 || !t.Grants[n].EndsAt.IsZero() || t.Grants[n].Kind == Once {
		return Result{}, nil // it ended, or ends with its period, by itself
	}
	t.Grants[n].EndsAt = s.current.Period.End
	s.out.grants = append(s.out.grants, store.GrantRow{Workspace: s.acct.Workspace, ID: c.ID, EndsAt: micros(s.current.Period.End)})
	return s.changeTerms(t, "add_on_ended", c.ID), nil
}

// prune is a copy of the terms without the add-ons that count no more.
func (s *state) prune() *Terms {
	t := s.terms.at(s.now).clone()
	t.Grants = slices.DeleteFunc(t.Grants, func(g Grant) bool { return !g.counts(s.current.Period) })
	return t
}

// ChangePlan moves the workspace to another plan or number of seats (rule G3).
type ChangePlan struct {
	Request
	Plan  string // empty: as it is
	Seats int    // 0: as they are
}

func (c *ChangePlan) needs(s *state, w *wants) { w.pools(s) }

func (c *ChangePlan) decide(s *state) (Result, *Refusal) {
	if s.current.Cancelled {
		return Result{}, s.cancelled()
	}
	t := s.prune()
	plan, seats := t.Plan, t.Seats
	if t.Next != nil {
		plan, seats = t.Next.Plan, t.Next.Seats
	}
	if c.Plan != "" {
		p := s.book.Plans[c.Plan]
		if p == nil {
			return Result{}, invalid("plan", "must be one of the price book's plans: %v", s.book.PlanNames())
		}
		plan = *p
	}
	if c.Seats != 0 {
		if r := checkSeats(c.Seats); r != nil {
			return Result{}, r
		}
		seats = c.Seats
	}
	fresh := c.apply(s, t, plan, seats)
	if fresh {
		return s.restart(t, "plan_changed"), nil
	}
	return s.changeTerms(t, "plan_changed", ""), nil
}

// MaxSeats bounds a subscription, and with MaxAmount every allowance.
const MaxSeats = 100_000

func checkSeats(n int) *Refusal {
	if n < 1 || n > MaxSeats {
		return invalid("seats", "must be from 1 to %d", MaxSeats)
	}
	return nil
}

// apply writes the change into the terms: more at once, less from the next
// period. It reports whether a fresh period begins, as it does when an upgrade
// comes with another interval.
func (c *ChangePlan) apply(s *state, t *Terms, plan Plan, seats int) bool {
	more, less := compare(t, plan, seats)
	sameInterval := plan.Interval == t.Plan.Interval
	switch {
	case !less && (sameInterval || more):
		t.Plan, t.Seats, t.Next, t.Boost = plan, seats, nil, nil
		return !sameInterval
	case more && sameInterval:
		t.Boost = boost(t, plan, seats)
	}
	t.Next = &Change{At: s.current.Period.End, Plan: plan, Seats: seats}
	return false
}

// compare says whether a plan gives more or less than the terms do now, of any
// credit type; plans of different intervals by what they give in a year.
func compare(t *Terms, plan Plan, seats int) (more, less bool) {
	credits := map[string]bool{}
	for credit := range t.Plan.Credits {
		credits[credit] = true
	}
	for credit := range plan.Credits {
		credits[credit] = true
	}
	for credit := range credits {
		old := t.Plan.quota(credit, t.Seats).Plus(t.Boost[credit]).Times(perYear(t.Plan.Interval))
		now := plan.quota(credit, seats).Times(perYear(plan.Interval))
		more = more || old.Less(now)
		less = less || now.Less(old)
	}
	return more, less
}

func perYear(i Interval) int {
	switch i {
	case Day:
		return 365
	case Week:
		return 52
	case Year:
		return 1
	default:
		return 12
	}
}

// boost is what a mixed change gives more of, in the period that runs.
func boost(t *Terms, plan Plan, seats int) map[string]Quota {
	b := map[string]Quota{}
	for credit := range plan.Credits {
		old, now := t.Plan.quota(credit, t.Seats), plan.quota(credit, seats)
		switch {
		case now.Unlimited && !old.Unlimited:
			b[credit] = Unlimited
		case old.Less(now):
			b[credit] = Of(now.Amount - old.Amount)
		}
		if b[credit].Less(t.Boost[credit]) {
			b[credit] = t.Boost[credit]
		}
	}
	for credit, q := range t.Boost {
		if b[credit].Less(q) {
			b[credit] = q
		}
	}
	return b
}

// Cancel ends the subscription, now or with the period (rule G4).
type Cancel struct {
	Request
	Now bool
}

func (c *Cancel) needs(s *state, w *wants) { w.pools(s) }

func (c *Cancel) decide(s *state) (Result, *Refusal) {
	if s.current.Cancelled {
		return Result{}, refuse(Conflict, "The subscription is cancelled already.")
	}
	t := s.prune()
	t.CancelAt, t.CancelNow = s.current.Period.End, c.Now
	if c.Now {
		t.CancelAt = s.now
	}
	return s.changeTerms(t, "cancelled", ""), nil
}

// Reactivate starts a cancelled workspace again: a new period with the plan's
// allowance and nothing from before. Where the cancellation is still to come, it
// is withdrawn and the period continues.
type Reactivate struct {
	Request
	Plan string
}

func (c *Reactivate) needs(s *state, w *wants) { w.pools(s) }

func (c *Reactivate) decide(s *state) (Result, *Refusal) {
	t := s.prune()
	if t.CancelAt.IsZero() {
		return Result{}, refuse(Conflict, "The subscription is active; change its plan instead.")
	}
	name := c.Plan
	if name == "" {
		name = t.Plan.Name
	}
	plan := s.book.Plans[name]
	if plan == nil {
		return Result{}, invalid("plan", "must be one of the price book's plans: %v", s.book.PlanNames())
	}
	over := s.current.Cancelled
	t.CancelAt, t.CancelNow = time.Time{}, false
	if !over {
		if (&ChangePlan{}).apply(s, t, *plan, t.Seats) {
			return s.restart(t, "reactivated"), nil
		}
		return s.changeTerms(t, "reactivated", ""), nil
	}
	for _, g := range t.Grants { // they ended with the cancellation, and do not come back
		s.out.grants = append(s.out.grants, store.GrantRow{Workspace: s.acct.Workspace, ID: g.ID, EndsAt: micros(s.current.CancelsAt)})
	}
	t.Plan, t.Next, t.Boost, t.Grants = *plan, nil, nil, nil
	return s.restart(t, "reactivated"), nil
}

// restart puts terms in force whose periods begin now, with fresh pools. Where a
// period began in this very instant, theirs begins a microsecond after it.
func (s *state) restart(t *Terms, why string) Result {
	t.Since = s.now
	if last := s.current.Period.Start.UTC(); !s.now.After(last) {
		t.Since = last
		if s.findPoolAt(micros(last)) {
			t.Since = last.Add(time.Microsecond)
		}
	}
	t.AnchorMonth = anchorMonth(t.AnchorDay, t.zone(), t.Since)
	for n := range t.Grants {
		if t.Grants[n].Kind == Once { // given to the period that this one replaces
			t.Grants[n].Period = t.Since
		}
	}
	s.setTerms(t)
	var result Result
	for _, credit := range s.book.Credits {
		p := &poolRow{Pool: store.Pool{Workspace: s.acct.Workspace, PeriodStart: micros(s.current.Period.Start), Credit: credit}}
		s.pools = append(s.pools, p)
		p = s.pool(credit)
		p.dirty = true
		if p.Allowance > 0 {
			s.record(p, store.Entry{Kind: KindGrant, Amount: p.Allowance, Outcome: why})
		}
		result.balance(p)
	}
	return result
}

func (s *state) findPoolAt(start int64) bool {
	return slices.ContainsFunc(s.pools, func(p *poolRow) bool { return p.exists && p.PeriodStart == start })
}

// changeTerms puts terms in force and writes an entry for every balance that
// this changes (rule S2).
func (s *state) changeTerms(t *Terms, why, grant string) Result {
	before := map[string]Balance{}
	for _, credit := range s.book.Credits {
		before[credit] = s.pool(credit).balance()
	}
	s.setTerms(t)
	var result Result
	for _, credit := range s.book.Credits {
		p := s.pool(credit)
		result.balance(p)
		was, is := before[credit].Allowance, p.balance().Allowance
		if was == is {
			continue
		}
		e := store.Entry{Kind: KindGrant, Outcome: why, Grant: grant}
		if !was.Unlimited && !is.Unlimited {
			e.Amount = int64(is.Amount - was.Amount)
		}
		s.record(p, e)
	}
	return result
}
