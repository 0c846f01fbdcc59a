package credits_test

import (
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits"
)

// model is the rulebook once more, in the naive way that the ledger avoids:
// periods are run one after the other, balances are moved by hand, in UTC with
// the first as anchor. The property test plays both and compares them.
type model struct {
	now        time.Time
	plan, next string // next: a change that waits
	start, end time.Time
	cancelled  bool
	cancelAt   time.Time // zero: none
	pools      map[string]*mPool
	recurring  []mGrant
	holds      map[string]*mHold
	allocs     map[mMember]credits.Allocation
	revealed   map[[2]string]mReveal // by person and field
	charges    map[int64]*mCharge    // of people's fields, by the number of their entry
	reported   map[string]int        // in the period that runs, by member
	free       map[string]int64      // deliveries by day and member, and by day
}

var modelCredits = []string{"standard", "premium"}

const modelBook = `
name: model
credits: [standard, premium]
owned_days: 30
reports: {days: 12, per_member: 2, share_percent: 50, at_least: 1}
prices:
  - {name: a, fields: [a], credit: standard, price: 1, verified_free_days: 5}
  - {name: b, fields: [b1, b2], credit: standard, price: 1/3}
  - {name: g, fields: [g1, g2], credit: premium, price: 2, per: person}
plans:
  small:  {interval: month, fair_use: {free_deliveries: 1}, credits: {standard: {amount: 20}, premium: {amount: 5}}}
  big:    {interval: month, fair_use: {free_deliveries: 1}, credits: {standard: {amount: 60}, premium: {amount: 10}}}
  calls:  {interval: month, fair_use: {free_deliveries: 1}, credits: {standard: {amount: 10}, premium: {amount: 30}}}
  weekly: {interval: week, fair_use: {free_deliveries: 1}, credits: {standard: {amount: 8}, premium: {amount: 2}}}
`

var modelPlans = map[string]map[string]credits.Amount{
	"small": {"standard": 20, "premium": 5}, "big": {"standard": 60, "premium": 10},
	"calls": {"standard": 10, "premium": 30}, "weekly": {"standard": 8, "premium": 2},
}

func planAmount(plan, credit string) credits.Amount { return modelPlans[plan][credit] * credits.Credit }

func weekly(plan string) bool { return plan == "weekly" }

func newModel(now time.Time, plan string) *model {
	m := &model{now: now, plan: plan, holds: map[string]*mHold{}, allocs: map[mMember]credits.Allocation{}, revealed: map[[2]string]mReveal{}, charges: map[int64]*mCharge{}, free: map[string]int64{}}
	m.begin(now)
	return m
}

// begin starts a fresh period at an instant.
func (m *model) begin(at time.Time) {
	m.start = at
	y, month, d := at.Date()
	if weekly(m.plan) {
		m.end = time.Date(y, month, d+7-(int(at.Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
	} else {
		m.end = time.Date(y, month+1, 1, 0, 0, 0, 0, time.UTC)
	}
	m.pools, m.reported = map[string]*mPool{}, map[string]int{}
	for _, c := range modelCredits {
		m.pools[c] = &mPool{members: map[string]*mTally{}}
	}
}

// advance runs everything that time brings, in its order.
func (m *model) advance(to time.Time) {
	m.now = to
	for !m.cancelled && !to.Before(m.end) {
		if !m.cancelAt.IsZero() && !m.cancelAt.After(m.end) {
			break
		}
		if m.next != "" {
			m.plan, m.next = m.next, ""
		}
		m.begin(m.end)
		m.recurring = slices.DeleteFunc(m.recurring, func(g mGrant) bool { return !g.endsAt.IsZero() && !g.endsAt.After(m.start) })
	}
	if !m.cancelAt.IsZero() && !to.Before(m.cancelAt) {
		m.cancelled = true
	}
	for _, h := range m.holds {
		if h.open && !h.expires.After(to) {
			h.close()
		}
	}
}

func (h *mHold) close() {
	h.pool.move(h.member, 0, -h.remaining)
	h.open, h.remaining = false, 0
}

func (p *mPool) member(name string) *mTally {
	if p.members[name] == nil {
		p.members[name] = &mTally{}
	}
	return p.members[name]
}

func (p *mPool) move(member string, used, held credits.Amount) {
	p.used += used
	p.held += held
	if member != "" {
		m := p.member(member)
		m.used += used
		m.held += held
	}
}

func (m *model) allowance(credit string) credits.Amount {
	p := m.pools[credit]
	if m.cancelled {
		return p.used + p.held
	}
	sum := planAmount(m.plan, credit) + p.boost + p.once
	for _, g := range m.recurring {
		if g.credit == credit {
			sum += g.amount
		}
	}
	return sum
}

// spendable says what a member may spend now, and which limit stops a need.
func (m *model) spendable(credit, member string, need credits.Amount) (credits.Amount, string) {
	p := m.pools[credit]
	workspace := m.allowance(credit) - p.used - p.held
	aside := credits.Amount(0)
	for who, a := range m.allocs {
		if who.credit == credit && a.Mode == credits.Assigned {
			t := p.member(who.member)
			aside += max(0, a.Amount-t.used-t.held)
		}
	}
	pool := max(0, workspace-aside)
	a, limited := m.allocs[mMember{member, credit}]
	if !limited {
		return pool, stopper(workspace, need)
	}
	t := p.member(member)
	own := max(0, a.Amount-t.used-t.held)
	by := stopper(workspace, need)
	if own < need {
		by = credits.ByMember
	}
	if a.Mode == credits.Assigned {
		return min(own, workspace), by
	}
	return min(own, pool), by
}

func stopper(workspace, need credits.Amount) string {
	if workspace < need {
		return credits.ByWorkspace
	}
	return credits.ByPool
}

// changePlan: more at once, less with the next period (rule G3).
func (m *model) changePlan(plan string) {
	year := func(p string) credits.Amount {
		if weekly(p) {
			return 52
		}
		return 12
	}
	more, less := false, false
	for _, c := range modelCredits {
		is, will := (planAmount(m.plan, c)+m.pools[c].boost)*year(m.plan), planAmount(plan, c)*year(plan)
		more, less = more || will > is, less || will < is
	}
	same := weekly(plan) == weekly(m.plan)
	switch {
	case !less && same:
		m.plan, m.next = plan, ""
		for _, p := range m.pools {
			p.boost = 0
		}
	case !less && more: // a fresh period, with the gifts of the one it replaces
		m.plan, m.next = plan, ""
		old := m.pools
		m.begin(m.now)
		for _, c := range modelCredits {
			m.pools[c].once = old[c].once
		}
	case more && same:
		for _, c := range modelCredits {
			m.pools[c].boost = max(m.pools[c].boost, planAmount(plan, c)-planAmount(m.plan, c))
		}
		m.next = plan
	default:
		m.next = plan
	}
}

func (m *model) reactivate(plan string) {
	over := m.cancelled
	m.cancelled, m.cancelAt = false, time.Time{}
	if !over {
		m.changePlan(plan)
		return
	}
	m.plan, m.next, m.recurring = plan, "", nil
	m.begin(m.now)
}

// assignable is how much of a credit type a member may be assigned (rule D3).
func (m *model) assignable(member, credit string) credits.Amount {
	free := m.allowance(credit)
	if m.cancelled {
		free = 0
	}
	for who, a := range m.allocs {
		if who.credit == credit && who.member != member && a.Mode == credits.Assigned {
			free -= a.Amount
		}
	}
	if a := m.allocs[mMember{member, credit}]; a.Mode == credits.Assigned {
		return max(0, free, a.Amount)
	}
	return max(0, free)
}

// price takes a field's price; thirds of a millionth are carried (rule G6).
func (p *mPool) price(field string) credits.Amount {
	switch field {
	case "a":
		return credits.Credit
	case "g1", "g2":
		return 2 * credits.Credit
	}
	p.thirds++
	if p.thirds == 3 {
		p.thirds = 0
		return 333_334
	}
	return 333_333
}

func fieldCredit(field string) string {
	if field == "g1" || field == "g2" {
		return "premium"
	}
	return "standard"
}
