package credits

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// batch is what one transaction of the ledger decides: commands in the order of
// their arrival, over the states of the workspaces that they touch.
type batch struct {
	shard  *shard
	calls  []*call
	states map[string]*state
	order  []*state
	bases  map[*state]int64 // LastAt as loaded: where every pass begins
	plain  bool             // loading found nothing that was not remembered
	shared bool             // another server likely changed the accounts: nothing is remembered of them
	moved  bool             // one did
	at     time.Duration    // by this process's clock

	// Of a batch that is decided ahead.
	from    []store.Account // what the accounts must still be
	out     *store.Writes
	spoiled bool // a decision broke off; nothing of it may be written
}

func newBatch(l *shard, calls []*call) *batch {
	b := &batch{shard: l, calls: calls, states: make(map[string]*state), bases: map[*state]int64{}, plain: true, at: l.ledger.clock()}
	for _, c := range calls {
		ws := c.command.request().Workspace
		if b.states[ws] != nil {
			continue
		}
		s := l.states[ws]
		if s == nil {
			s = &state{books: l.ledger.books, acct: store.Account{Workspace: ws}}
		}
		s.begin()
		b.states[ws] = s
		b.order = append(b.order, s)
	}
	return b
}

func (b *batch) size() int {
	if b == nil {
		return 0
	}
	return len(b.calls)
}

func (b *batch) empty() bool { return b.size() == 0 }

func (b *batch) full() bool { return b.size() >= MaxBatch || b != nil && b.spoiled }

// answer wakes the callers, who find their result or the error of all.
func (b *batch) answer(err error) {
	for _, c := range b.calls {
		if err != nil {
			c.result, c.refusal, c.err = Result{}, nil, err
		}
		c.wake()
	}
}

// admit decides a command ahead of the database, if everything that it needs is
// remembered. That the command's key is a new one is assumed, and checked when
// the batch is written.
func (b *batch) admit(c *call) (admitted bool) {
	r := c.command.request()
	if _, last := c.command.(exclusive); last || b.spoiled || r.With != nil {
		return false
	}
	s := b.states[r.Workspace]
	joins := s == nil
	if joins {
		if s = b.shard.states[r.Workspace]; s == nil {
			return false
		}
		s.resume()
	}
	before := s.acct.LastAt
	s.enter(r.At)
	w := &b.shard.probe
	*w = wants{probing: true}
	w.expired(s)
	c.command.needs(s, w)
	if w.missing {
		s.acct.LastAt = before
		return false
	}
	if joins {
		b.states[r.Workspace] = s
		b.order = append(b.order, s)
	}
	if key := r.receipt(); key != "" && s.receipts[key] == nil {
		s.receipt(key)
	}
	b.calls = append(b.calls, c)
	admitted = true
	defer func() {
		b.spoiled = recover() != nil // decided again by itself, it says why
	}()
	c.result, c.refusal = decide(s, c.command)
	s.heard(c, b.at)
	return admitted
}

// ahead readies a batch to be written: what it was decided from, and what it
// changes. Every account is written when anything is, so that every one is checked.
func (b *batch) ahead() {
	slices.SortFunc(b.order, func(x, y *state) int { return strings.Compare(x.acct.Workspace, y.acct.Workspace) })
	b.out = b.writes()
	b.from = make([]store.Account, len(b.order))
	accounts := make([]store.Account, len(b.order))
	for n, s := range b.order {
		b.from[n] = s.base
		if s.dirty {
			s.base = s.acct
		}
		accounts[n] = s.base
	}
	if !b.out.Empty() {
		b.out.Accounts = accounts
	}
}

// maxRounds bounds the loads of a batch: accounts, then what follows from terms,
// then what follows from holds, then what they roll over from; doubled.
const maxRounds = 8

// load reads every row that the commands need. Rows that follow from other rows
// take another round; with the terms in memory one round is the rule.
func (b *batch) load(tx store.LedgerTx) error {
	for range maxRounds {
		var w wants
		for s, base := range b.bases {
			s.acct.LastAt = base
		}
		for _, c := range b.calls {
			r := c.command.request()
			s := b.states[r.Workspace]
			w.account(s, s.acct.TermsVersion)
			w.receipt(s, r.receipt())
			s.enter(r.At)
			w.expired(s)
			c.command.needs(s, &w)
		}
		if w.Empty() {
			b.rewind()
			return nil
		}
		if len(w.Accounts) == 0 || !b.known(w.Want) {
			b.plain = false
		}
		rows, err := tx.Load(&w.Want)
		if err != nil {
			return err
		}
		if err := b.accept(rows); err != nil {
			return err
		}
	}
	return fmt.Errorf("credits: a batch of %d commands needed more than %d loads", len(b.calls), maxRounds)
}

// known reports whether nothing is wanted that would not be remembered if nobody else changed it.
func (b *batch) known(w store.Want) bool {
	if b.shared {
		w.Shares, w.Allocations = nil, nil
	}
	return w.Known()
}

func (b *batch) rewind() {
	for s, base := range b.bases {
		s.acct.LastAt = base
	}
}

// accept puts rows into their states.
func (b *batch) accept(rows *store.Rows) error {
	for _, a := range rows.Accounts {
		b.acceptAccount(a)
	}
	for _, r := range rows.Receipts {
		row := b.states[r.Workspace].receipts[r.Key]
		row.Receipt, row.exists = r, true
	}
	for _, p := range rows.Pools {
		// A row that was forgotten since it was asked for is asked for again.
		if row := b.states[p.Workspace].findPool(p.PeriodStart, p.Credit); row != nil {
			row.Pool, row.exists = p, true
		}
	}
	for _, r := range rows.Shares {
		if row := b.states[r.Workspace].shares[shareID{r.Member, r.Credit, r.PeriodStart}]; row != nil {
			row.Share = r
		}
	}
	for _, a := range rows.Allocations {
		if row := b.states[a.Workspace].allocs[allocID{a.Member, a.Credit}]; row != nil {
			row.Allocation = a
		}
	}
	for _, h := range rows.Holds {
		s := b.states[h.Workspace]
		if known := s.holds[h.ID]; known == nil || known.ID == "" {
			s.setHold(h.ID, &holdRow{Hold: h})
		}
	}
	for ws, next := range rows.NextExpiry {
		b.states[ws].nextExpiry = next
	}
	for _, r := range rows.Reveals {
		p := b.states[r.Workspace].reveals[r.Person]
		p.fields = append(p.fields, &revealRow{Reveal: r})
	}
	for _, a := range rows.AutoSpends {
		if row := b.states[a.Workspace].autos[autoID{a.Day, a.Credit}]; row != nil {
			row.AutoSpend = a
		}
	}
	for _, f := range rows.FairUses {
		if row := b.states[f.Workspace].fairs[fairID{f.Day, f.Member}]; row != nil {
			row.FairUse = f
		}
	}
	for _, e := range rows.Entries {
		b.states[e.Workspace].reports[e.Seq].entry = e
	}
	for _, r := range rows.Reports {
		b.states[r.Workspace].reports[r.Seq].Report = r
	}
	for _, c := range rows.ReportCounts {
		if n := b.states[c.Key.Workspace].reportCounts[reportCountID{c.Key.Member, c.Key.PeriodStart}]; n != nil {
			*n = c.Count
		}
	}
	for _, t := range rows.ReportTotals {
		if known := b.states[t.Key.Workspace].reportTotals[t.Key.PeriodStart]; known != nil {
			*known = t
		}
	}
	return nil
}

// acceptAccount compares the account with what is remembered of it. Every change
// of a balance has an entry and every change of an allocation new terms: while
// both numbers stand where they stood, the remembered rows are the database's.
func (b *batch) acceptAccount(a store.Account) {
	s := b.states[a.Workspace]
	known := s.terms != nil && s.acct.TermsVersion == a.TermsVersion
	if moved := s.acct.Seq != a.Seq; !known || moved {
		if known && moved {
			b.moved = true
			s.moved(b.at)
		}
		if !known || !b.shared {
			s.forget()
		}
	}
	s.acct, s.exists = a, true
	s.nextExpiry = a.NextExpiry
	b.bases[s] = a.LastAt
	s.acct.Terms = nil // written only when they change
	s.base = s.acct
	s.fault = s.acceptPools()
	if known || s.fault != nil {
		return
	}
	s.valid = Period{}
	if s.terms, s.fault = parseTerms(a.Terms); s.fault != nil {
		return
	}
	if s.book = s.books[s.terms.Book]; s.book == nil {
		s.fault = fmt.Errorf("credits: workspace %s needs the price book %q, which is not configured", a.Workspace, s.terms.Book)
		s.terms = nil
	}
}

// decide answers every call, in order. A refused command changes nothing, so it
// fails none of its neighbours.
func (b *batch) decide() {
	for _, c := range b.calls {
		s := b.states[c.command.request().Workspace]
		if c.err = s.fault; c.err != nil { // this workspace's own, and no other's
			continue
		}
		c.result, c.refusal = decide(s, c.command)
		s.heard(c, b.at)
	}
}

// writes are the rows that the decisions changed, in a fixed order.
func (b *batch) writes() *store.Writes {
	w := &store.Writes{}
	for _, s := range b.order {
		w.Pools = s.writePools(w.Pools)
		if s.dirty {
			w.Accounts = append(w.Accounts, s.acct)
		}
		w.Entries = append(w.Entries, s.out.entries...)
		w.Grants = append(w.Grants, s.out.grants...)
		w.Leads = append(w.Leads, s.out.leads...)
		w.BadValues = append(w.BadValues, s.out.bad...)
		w.Audits = append(w.Audits, s.out.audits...)
		w.With = append(w.With, s.out.with...)
		s.writeMaps(w)
	}
	return w
}

func (s *state) writeMaps(w *store.Writes) {
	for _, r := range s.shares {
		if r.dirty {
			w.Shares = append(w.Shares, r.Share)
		}
	}
	for _, a := range s.allocs {
		if a.dirty {
			w.Allocations = append(w.Allocations, a.Allocation)
		}
	}
	for _, h := range s.holds {
		if h.dirty {
			w.Holds = append(w.Holds, h.Hold)
		}
	}
	for _, p := range s.reveals {
		for _, r := range p.fields {
			if r.dirty {
				w.Reveals = append(w.Reveals, r.Reveal)
			}
		}
	}
	for _, a := range s.autos {
		if a.dirty {
			w.AutoSpends = append(w.AutoSpends, a.AutoSpend)
		}
	}
	for _, f := range s.fairs {
		if f.dirty {
			w.FairUses = append(w.FairUses, f.FairUse)
		}
	}
	for _, r := range s.reports {
		if r.dirty {
			w.Reports = append(w.Reports, r.Report)
		}
	}
	first := len(w.Receipts)
	for _, r := range s.receipts {
		if r.dirty {
			w.Receipts = append(w.Receipts, r.Receipt)
		}
	}
	// Keys are mostly made in order of time: written in their order they go to the
	// end of their index, which then has no pages to put in order.
	slices.SortFunc(w.Receipts[first:], func(x, y store.Receipt) int { return strings.Compare(x.Key, y.Key) })
}
