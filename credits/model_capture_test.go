package credits_test

import (
	"time"

	"github.com/leadmeter/leadmeter/credits"
)

type (
	mMember struct{ member, credit string }
	mGrant  struct {
		id, credit string
		amount     credits.Amount
		endsAt     time.Time
	}
	mPool struct {
		mTally
		once, boost credits.Amount
		thirds      int // of a millionth, still owed
		members     map[string]*mTally
	}
	mTally struct{ used, held credits.Amount }
	mHold  struct {
		pool      *mPool
		member    string
		credit    string
		remaining credits.Amount
		expires   time.Time
		open      bool
	}
	mCharge struct {
		pool          *mPool
		member        string
		person, field string
		amount        credits.Amount
		at            time.Time
		reported      bool
	}
	mReveal struct {
		outcome credits.Outcome
		at      time.Time
	}
)

// report says what becomes of a report, and gives the credit back.
func (m *model) report(seq int64, who string) (status string) {
	c := m.charges[seq]
	if c.reported || m.now.Sub(c.at) > 12*24*time.Hour {
		return ""
	}
	c.reported = true
	before, charges := 0, 0
	for _, n := range m.reported {
		before += n
	}
	for _, other := range m.charges {
		if other.pool == m.pools[fieldCredit(other.field)] {
			charges++
		}
	}
	m.reported[who]++
	key := [2]string{c.person, c.field}
	if r := m.revealed[key]; r.outcome == credits.Charged {
		m.revealed[key] = mReveal{credits.ReportedBad, r.at}
	}
	switch {
	case m.reported[who] > 2 || before >= max(1, charges/2):
		return credits.Review
	case m.cancelled || c.pool != m.pools[fieldCredit(c.field)]:
		return credits.Closed
	}
	c.pool.move(c.member, -c.amount, 0)
	return credits.Refunded
}

func (m *model) within(r mReveal) bool { return m.now.Sub(r.at) <= 30*24*time.Hour }

// judge says what a finding comes to before anybody asks for credits.
func (m *model) judge(person string, f credits.Finding, paid map[string]bool) credits.Outcome {
	own := m.revealed[[2]string{person, f.Field}]
	switch {
	case paid[f.Field] || own.outcome.Owns() && m.within(own):
		return credits.AlreadyOwned
	case f.Failed:
		return credits.ProviderError
	case f.Values == 0:
		return credits.NotFound
	}
	for _, other := range []string{"g1", "g2"} {
		r := m.revealed[[2]string{person, other}]
		if fieldCredit(f.Field) == "premium" && (paid[other] || r.outcome == credits.Charged && m.within(r)) {
			return credits.AlreadyOwned
		}
	}
	return credits.Charged
}

// holdFor is the open hold that may pay for a finding; nil: none.
func (m *model) holdFor(member string, f credits.Finding) *mHold {
	if h := m.holds[f.Hold]; h != nil && h.open && h.member == member && h.credit == fieldCredit(f.Field) {
		return h
	}
	return nil
}

// mBooking is what a field took, to be put back should the capture be refused.
type mBooking struct {
	pool   *mPool
	hold   *mHold // nil: none paid
	amount credits.Amount
}

func (b mBooking) move(member string, sign credits.Amount) {
	held := credits.Amount(0)
	if b.hold != nil {
		held = b.amount * sign
		b.hold.remaining -= held
	}
	b.pool.move(member, b.amount*sign, -held)
}

// take finds who pays for a field.
func (m *model) take(member string, f credits.Finding) (mBooking, credits.Outcome) {
	if h := m.holdFor(member, f); h != nil {
		before := h.pool.thirds
		if b := (mBooking{h.pool, h, h.pool.price(f.Field)}); b.amount <= h.remaining {
			return b, credits.Charged
		}
		h.pool.thirds = before
	}
	p := m.pools[fieldCredit(f.Field)]
	before := p.thirds
	b := mBooking{pool: p, amount: p.price(f.Field)}
	have, _ := m.spendable(fieldCredit(f.Field), member, b.amount)
	switch {
	case m.cancelled:
		p.thirds = before
		return b, credits.CancelledOutcome
	case have < b.amount:
		p.thirds = before
		return b, credits.InsufficientCredits
	}
	return b, credits.Charged
}

// mayFree tells whether the day's meters of a member (1) and of two seats (2) allow
// another free delivery (rule C13).
func (m *model) mayFree(member string) bool {
	day := m.now.Format(time.DateOnly)
	return m.free[day] < 2 && (member == "" || m.free[day+member] < 1)
}

func (m *model) deliverFree(member string, n int64) {
	day := m.now.Format(time.DateOnly)
	m.free[day] += n
	if member != "" {
		m.free[day+member] += n
	}
}

// capture decides and books field by field; nothing of it stays when it is refused.
func (m *model) capture(person, member string, findings []credits.Finding, all bool) (outcomes []credits.Outcome, paidFrom map[int]*mHold, refused bool) {
	paidFrom = map[int]*mHold{}
	thirds, paid := map[*mPool]int{}, map[string]bool{}
	for _, f := range findings {
		if h := m.holdFor(member, f); h != nil {
			thirds[h.pool] = h.pool.thirds
		}
		p := m.pools[fieldCredit(f.Field)]
		thirds[p] = p.thirds
	}
	var booked []mBooking
	delivers, stopped, frees := false, false, int64(0)
	for n, f := range findings {
		o := m.judge(person, f, paid)
		if o == credits.Charged && f.Verified && m.mayFree(member) {
			m.deliverFree(member, 1)
			o = credits.VerifiedInDirectory
			frees++
		}
		if o == credits.Charged {
			var b mBooking
			if b, o = m.take(member, f); o == credits.Charged {
				b.move(member, 1)
				booked, paid[f.Field], paidFrom[n] = append(booked, b), true, b.hold
			} else {
				stopped = true
			}
		}
		delivers = delivers || o.Owns() || o == credits.AlreadyOwned
		outcomes = append(outcomes, o)
	}
	if stopped && (all || !delivers) {
		for _, b := range booked {
			b.move(member, -1)
		}
		for p, n := range thirds {
			p.thirds = n
		}
		m.deliverFree(member, -frees)
		return nil, nil, true
	}
	for n, f := range findings {
		key := [2]string{person, f.Field}
		switch o := outcomes[n]; {
		case o.Owns(), o == credits.NotFound, o == credits.AlreadyOwned && m.revealed[key].outcome == "":
			m.revealed[key] = mReveal{o, m.now}
		}
		if h := m.holdFor(member, f); h != nil {
			h.close()
		}
	}
	return outcomes, paidFrom, false
}
