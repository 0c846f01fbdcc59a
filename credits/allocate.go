package credits

import (
	"maps"
	"slices"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Allocate sets a member's allocations; credit types not named stay as they are.
// It takes effect at once, and what was used stays used (rule D4).
type Allocate struct {
	Request
	For  string // the member
	Sets map[string]Allocation
	// Raise adds to what the member's own limits and assigned amounts are then. A
	// credit type without one, which draws on the pool, cannot be raised.
	Raise map[string]Amount
	// If lists the allocations that the caller last saw. When one differs by now, the command is
	// refused with Conflict, so that it overwrites nobody else's change.
	If map[string]Allocation
}

func (c *Allocate) needs(s *state, w *wants) { w.member(s, c.For) }

func (c *Allocate) decide(s *state) (Result, *Refusal) {
	t := s.prune()
	for _, credit := range slices.Sorted(maps.Keys(c.If)) {
		if !s.known(credit) || s.allocation(c.For, credit).set() != c.If[credit] {
			return Result{}, refuse(Conflict, "This member's %s credits were allocated differently in the meantime.", credit)
		}
	}
	sets, r := c.raised(s)
	if r != nil {
		return Result{}, r
	}
	names := slices.Sorted(maps.Keys(sets))
	for _, credit := range names {
		set := sets[credit]
		if !s.known(credit) {
			return Result{}, invalid(credit, "is not a credit type of this workspace; it has %v", s.book.Credits)
		}
		switch {
		case set.Mode != FromPool && set.Mode != Limited && set.Mode != Assigned:
			return Result{}, invalid(credit+".mode", "must be pool, limit or assigned")
		case set.Mode == FromPool && set.Amount != 0:
			return Result{}, invalid(credit+".amount", "must be left out in mode pool")
		case set.Amount < 0:
			return Result{}, invalid(credit+".amount", "must not be negative")
		}
		if r := c.fits(s, t, credit, set); r != nil {
			return Result{}, r
		}
	}
	for _, credit := range names {
		s.allocate(t, c.For, credit, sets[credit])
	}
	s.setTerms(t)
	return Result{}, nil
}

// raised is what is set: Sets, and what Raise comes to.
func (c *Allocate) raised(s *state) (map[string]Allocation, *Refusal) {
	if len(c.Raise) == 0 {
		return c.Sets, nil
	}
	sets := map[string]Allocation{}
	maps.Copy(sets, c.Sets)
	for _, credit := range slices.Sorted(maps.Keys(c.Raise)) {
		more := c.Raise[credit]
		if r := s.spendable(credit, more); r != nil {
			return nil, r
		}
		row := s.allocation(c.For, credit)
		if row.Mode != Limited && row.Mode != Assigned {
			return nil, refuse(Conflict, "This member draws on the pool and has no limit to raise. Add credits to the pool instead: the operator gives an add-on or another plan.")
		}
		sets[credit] = Allocation{Mode: row.Mode, Amount: Amount(row.Amount) + more}
	}
	return sets, nil
}

// fits refuses what would assign more than the allowance, and says what is free
// (rule D3). Less than before always fits: after a downgrade it is the way back.
func (c *Allocate) fits(s *state, t *Terms, credit string, set Allocation) *Refusal {
	if set.Mode != Assigned || set.Amount <= assignedAmount(s.allocation(c.For, credit)) {
		return nil
	}
	others := t.Assigned[credit] - assignedAmount(s.allocation(c.For, credit))
	allowance := s.pool(credit).balance().Allowance
	if s.current.Cancelled {
		allowance = Quota{}
	}
	free := allowance.Minus(others)
	if free.Covers(set.Amount) {
		return nil
	}
	r := refuse(Conflict, "The assigned amounts would exceed the allowance: %s %s credits are free to assign.", free, credit)
	r.Field, r.Credit, r.Needed, r.Available = credit+".amount", credit, set.Amount, free.Amount
	return r
}

// set is what a row allocates.
func (a *allocRow) set() Allocation {
	if a.Mode != Limited && a.Mode != Assigned {
		return Allocation{Mode: FromPool}
	}
	return Allocation{Mode: a.Mode, Amount: Amount(a.Amount)}
}

func assignedAmount(a *allocRow) Amount {
	if a.Mode != Assigned {
		return 0
	}
	return Amount(a.Amount)
}

// allocate changes one allocation, and with it the sum of what is assigned and
// how much of that is taken up.
func (s *state) allocate(t *Terms, member, credit string, set Allocation) {
	row := s.allocation(member, credit)
	p := s.pool(credit)
	share := s.share(member, p.PeriodStart, credit)
	if t.Assigned == nil {
		t.Assigned = map[string]Amount{}
	}
	t.Assigned[credit] -= assignedAmount(row)
	p.Reserved -= s.reserved(share)
	row.Allocation = store.Allocation{
		Workspace: s.acct.Workspace, Member: member, Credit: credit, Mode: set.Mode, Amount: int64(set.Amount),
	}
	row.dirty = true
	t.Assigned[credit] += assignedAmount(row)
	p.Reserved += s.reserved(share)
	p.dirty = true
}

// Remove takes a member out: an unused assignment goes back to the pool at once,
// what was used stays in the totals under the member's name (rule D5).
type Remove struct {
	Request
	Gone string // the member
}

func (c *Remove) needs(s *state, w *wants) { w.member(s, c.Gone) }

func (c *Remove) decide(s *state) (Result, *Refusal) {
	t := s.prune()
	for _, credit := range s.book.Credits {
		s.allocate(t, c.Gone, credit, Allocation{Mode: FromPool})
	}
	s.setTerms(t)
	return Result{}, nil
}
