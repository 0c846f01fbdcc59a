package credits

import (
	"fmt"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// state is one workspace's part of the ledger while a batch is decided: the
// rows that its commands need, as loaded and as decided so far. A row that was
// not loaded is a mistake of this package and panics; a loaded key without a
// row is a zero row.
type state struct {
	books  Books
	acct   store.Account
	base   store.Account // acct as the last batch left it, its terms apart
	loaded bool          // the account row was read (or found missing)
	exists bool
	fault  error // why nothing can be decided for this workspace

	terms   *Terms
	book    *Book
	current Current
	valid   Period // instants for which current holds

	pools    []*poolRow
	shares   map[shareID]*shareRow
	allocs   map[allocID]*allocRow
	holds    map[string]*holdRow
	reveals  map[string]*personRow
	receipts map[string]*receiptRow
	rows     chunk[receiptRow] // those in receipts
	autos    map[autoID]*autoRow
	fairs    map[fairID]*fairRow

	reports      map[int64]*reportRow
	reportCounts map[reportCountID]*int64
	reportTotals map[int64]*store.ReportTotal // by period

	expiredFor int64 // expired holds were loaded up to this instant
	nextExpiry int64 // of the holds that were not loaded; 0: there is none
	dirty      bool  // the account row changed

	now time.Time // of the command being decided
	out output

	moves   int           // by other servers, in succession
	movedAt time.Duration // when the last was
	from    string        // the server whose callers the last command is from
	mixedAt time.Duration // when that was another one than before
}

// output is what the decisions of a batch add.
type output struct {
	entries []store.Entry
	after   chunk[int64] // what is available after each
	grants  []store.GrantRow
	leads   []store.LeadRow
	bad     []store.BadValue
	audits  []store.Audit
	with    []func(tx *store.Tx) error
}

type (
	shareID struct {
		member, credit string
		period         int64
	}
	allocID struct{ member, credit string }
	autoID  struct {
		day    int
		credit string
	}
	poolRow struct {
		store.Pool
		exists, dirty bool
		own           bool // the account's row has it
	}
	shareRow struct {
		store.Share
		dirty bool
	}
	allocRow struct {
		store.Allocation
		dirty bool
	}
	holdRow struct {
		store.Hold
		dirty bool
	}
	personRow struct {
		fields []*revealRow
	}
	revealRow struct {
		store.Reveal
		dirty bool
	}
	receiptRow struct {
		store.Receipt
		exists, dirty bool
		plain         [48]byte // room for a charge's answer
	}
	autoRow struct {
		store.AutoSpend
		dirty bool
	}
)

// list is the fields; none of a person that was not loaded.
func (p *personRow) list() []*revealRow {
	if p == nil {
		return nil
	}
	return p.fields
}

func micros(t time.Time) int64 { return t.UnixMicro() }

func instant(us int64) time.Time { return time.UnixMicro(us).UTC() }

// begin readies a state for another batch. Pools, shares and allocations are kept
// as they were left, until the account shows that somebody else changed them; what
// belongs to single commands is forgotten.
func (s *state) begin() {
	s.loaded, s.exists, s.dirty, s.fault = false, false, false, nil
	s.holds, s.reveals, s.receipts, s.rows, s.autos = nil, nil, nil, nil, nil
	s.fairs = nil
	s.reports, s.reportCounts, s.reportTotals = nil, nil, nil
	s.out = output{}
	s.expiredFor, s.nextExpiry = 0, 0
	s.pools = slices.DeleteFunc(s.pools, func(p *poolRow) bool {
		p.dirty = false // it is written by now
		return !p.own
	})
	running := micros(s.current.Period.Start)
	if len(s.shares)+len(s.allocs) > maxShares {
		s.forget()
		return
	}
	for id, r := range s.shares {
		if r.dirty = false; id.period != running {
			delete(s.shares, id)
		}
	}
	for _, a := range s.allocs {
		a.dirty = false
	}
}

// resume readies a state for a batch that is decided from memory alone.
func (s *state) resume() {
	s.begin()
	s.loaded, s.exists = true, true
	s.acct, s.nextExpiry = s.base, s.base.NextExpiry
}

// receipt makes room for the receipt of a key that is taken to be new.
func (s *state) receipt(key string) {
	if s.receipts == nil {
		s.receipts = map[string]*receiptRow{}
	}
	s.receipts[key] = s.rows.next()
}

// forget drops the rows that a state keeps between batches and an account does not bring along.
func (s *state) forget() { s.shares, s.allocs = nil, nil }

// enter moves the state to a command's instant. An account's time never goes
// back: a late clock cannot reopen a closed period (rule P5).
func (s *state) enter(at time.Time) {
	s.now = at.UTC().Truncate(time.Microsecond)
	if last := instant(s.acct.LastAt); s.now.Before(last) {
		s.now = last
	}
	s.acct.LastAt = micros(s.now)
	if s.terms == nil || s.valid.Contains(s.now) {
		return
	}
	s.current = s.terms.At(s.now)
	s.valid = Period{Start: s.now, End: s.current.Period.End}
	if at := s.current.CancelsAt; s.current.Cancelled {
		s.valid.End = s.now.AddDate(100, 0, 0)
	} else if !at.IsZero() && at.Before(s.valid.End) {
		s.valid.End = at
	}
}

// setTerms puts new terms in force and forgets what followed from the old.
func (s *state) setTerms(t *Terms) {
	s.terms = t
	s.acct.Terms = t.Encode()
	s.acct.TermsVersion++
	s.dirty = true
	s.valid = Period{}
	s.enter(s.now)
}

// known reports whether the workspace's price book knows the credit type.
func (s *state) known(credit string) bool { return s.book.Sells(credit) }

// pool is the pool of a credit type in the period that runs, with the allowance
// as it stands now.
func (s *state) pool(credit string) *poolRow {
	p := s.findPool(micros(s.current.Period.Start), credit)
	if p == nil {
		panic(fmt.Sprintf("credits: pool %s of %s was not loaded", credit, s.acct.Workspace))
	}
	if !p.exists {
		p.exists = true
		p.PeriodEnd = micros(s.current.Period.End)
		p.Rolled = int64(s.rolled(p))
	}
	s.refresh(p)
	return p
}

// refresh brings the pool's allowance to what the terms say now. A period that
// is over keeps the allowance that it ended with.
func (s *state) refresh(p *poolRow) {
	if p.PeriodStart != micros(s.current.Period.Start) {
		return
	}
	allowance := int64(-1)
	if s.current.Cancelled {
		allowance = p.Used + p.Held
	} else if g := s.current.granted(p.Credit, Amount(p.Rolled)).Total(); !g.Unlimited {
		allowance = int64(g.Amount)
	}
	if p.Allowance != allowance {
		p.Allowance, p.dirty = allowance, true
	}
}

// rolled is what a new pool brings along (rule G5): what was left of the period
// before, at most the cap; through periods in which nothing happened as well.
func (s *state) rolled(p *poolRow) Amount {
	limit := s.current.Plan.Credits[p.Credit].RolloverCap
	at := s.terms.Since
	if at.IsZero() {
		at = s.terms.Began
	}
	if limit == 0 || at.IsZero() {
		return 0
	}
	var left Amount
	if before := s.before(p); before != nil && before.PeriodStart >= micros(s.terms.Since) {
		if before.Allowance < 0 {
			return 0
		}
		left = max(0, Amount(before.Allowance-before.Used-before.Held))
		at = instant(before.PeriodEnd)
	}
	const maxPeriods = 10_000 // 27 years of days
	for range maxPeriods {
		c := s.terms.At(at)
		carried := min(limit, left)
		if !c.Period.Start.Before(s.current.Period.Start) {
			return carried
		}
		g := c.granted(p.Credit, carried).Total()
		if g.Unlimited {
			return 0
		}
		left, at = g.Amount, c.Period.End
	}
	return min(limit, left)
}

// available is what a pool still allows its workspace.
func (p *poolRow) available() Quota {
	if p.Allowance < 0 {
		return Unlimited
	}
	return Of(Amount(max(0, p.Allowance-p.Used-p.Held)))
}

func (s *state) share(member string, period int64, credit string) *shareRow {
	row := s.shares[shareID{member, credit, period}]
	if row == nil {
		panic(fmt.Sprintf("credits: share of %s in %s was not loaded", member, s.acct.Workspace))
	}
	return row
}

func (s *state) allocation(member, credit string) *allocRow {
	row := s.allocs[allocID{member, credit}]
	if row == nil {
		panic(fmt.Sprintf("credits: allocation of %s in %s was not loaded", member, s.acct.Workspace))
	}
	return row
}

// move changes what is used and held of a pool, and the member's share with it.
// It is the only place where a balance changes.
func (s *state) move(p *poolRow, member string, used, held Amount) {
	p.Used += int64(used)
	p.Held += int64(held)
	p.dirty = true
	if p.Used < 0 || p.Held < 0 {
		panic(fmt.Sprintf("credits: balance of %s would fall below zero", s.acct.Workspace))
	}
	if member != "" {
		share := s.share(member, p.PeriodStart, p.Credit)
		before := s.reserved(share)
		share.Used += int64(used)
		share.Held += int64(held)
		share.dirty = true
		if share.Used < 0 || share.Held < 0 {
			panic(fmt.Sprintf("credits: share of %s would fall below zero", member))
		}
		if p.PeriodStart == micros(s.current.Period.Start) {
			p.Reserved += s.reserved(share) - before
		}
	}
	s.refresh(p)
}

// reserved is how much of a member's assigned amount the member has taken up.
func (s *state) reserved(share *shareRow) int64 {
	a := s.allocation(share.Member, share.Credit)
	if a.Mode != Assigned {
		return 0
	}
	return min(share.Used+share.Held, a.Amount)
}

// record adds an entry and numbers it: 1, 2, 3 … without a gap.
func (s *state) record(p *poolRow, e store.Entry) store.Entry {
	s.acct.Seq++
	s.dirty = true
	e.Workspace, e.Seq = s.acct.Workspace, s.acct.Seq
	e.At, e.Day = micros(s.now), s.current.Day(s.now)
	if p != nil {
		e.PeriodStart, e.Credit = p.PeriodStart, p.Credit
		if left := p.available(); !left.Unlimited {
			e.BalanceAfter = s.out.after.next()
			*e.BalanceAfter = int64(left.Amount)
		}
	}
	s.out.entries = append(s.out.entries, e)
	return e
}

// chunk gives out zero values, one allocation for more and more of them.
type chunk[T any] []T

// maxChunk is how many values one allocation has at most.
const maxChunk = 64

func (c *chunk[T]) next() *T {
	if len(*c) == cap(*c) {
		*c = make([]T, 0, min(2*cap(*c)+1, maxChunk))
	}
	*c = (*c)[:len(*c)+1]
	return &(*c)[len(*c)-1]
}
