package credits

import (
	"strings"

	"github.com/leadmeter/leadmeter/internal/store"
)

// wants collects the rows that a batch's commands need and that its states do
// not have yet. It reserves a zero row for each, so that none is asked for twice
// and a key without a row reads as nothing.
type wants struct {
	store.Want
	// probing only asks whether something would be wanted: nothing is reserved.
	probing, missing bool
}

// lacks notes that a row is not remembered, and tells whether that is all there
// is to do.
func (w *wants) lacks() bool {
	w.missing = true
	return w.probing
}

// fresh reports whether a period began after all that the account went through: it
// has no rows yet, and nobody needs to look. Anyone who made one meanwhile moved the
// account, which is checked when what is decided ahead is written; so only then.
func (w *wants) fresh(s *state, start int64) bool {
	return w.probing && s.terms != nil && start > s.base.LastAt
}

func (w *wants) account(s *state, version int64) {
	if !s.loaded {
		s.loaded = true
		w.Accounts = append(w.Accounts, store.AccountKey{Workspace: s.acct.Workspace, Version: version})
	}
}

func (w *wants) receipt(s *state, key string) {
	if key == "" || s.receipts[key] != nil {
		return
	}
	s.receipt(key)
	w.Receipts = append(w.Receipts, store.ReceiptKey{Workspace: s.acct.Workspace, Key: key})
}

// spend wants what a spending of the credit type in the period that runs touches.
func (w *wants) spend(s *state, member, credit string) {
	if s.terms == nil {
		return
	}
	w.pool(s, micros(s.current.Period.Start), credit)
	w.shareOf(s, member, micros(s.current.Period.Start), credit)
}

// pools wants every pool of the period that runs.
func (w *wants) pools(s *state) {
	if s.book == nil {
		return
	}
	for _, credit := range s.book.Credits {
		w.pool(s, micros(s.current.Period.Start), credit)
	}
}

// member wants the pools and everything of one member in the period that runs.
func (w *wants) member(s *state, member string) {
	if s.book == nil {
		return
	}
	for _, credit := range s.book.Credits {
		w.spend(s, member, credit)
	}
}

// pool wants a pool. The newest of its credit type comes with the account: one after it is new, and
// only one before it has a row to look for.
func (w *wants) pool(s *state, start int64, credit string) {
	if !s.exists || s.findPool(start, credit) != nil {
		return
	}
	newest := s.newest(credit)
	past := newest != nil && newest.PeriodStart > start
	if past && w.lacks() {
		return
	}
	credit = strings.Clone(credit) // what is remembered keeps no request in memory
	s.pools = append(s.pools, &poolRow{Pool: store.Pool{Workspace: s.acct.Workspace, PeriodStart: start, Credit: credit}})
	if past {
		w.Pools = append(w.Pools, store.PoolKey{Workspace: s.acct.Workspace, PeriodStart: start, Credit: credit})
	}
}

func (w *wants) shareOf(s *state, member string, start int64, credit string) {
	if member == "" {
		return
	}
	id := shareID{member, credit, start}
	if s.shares[id] == nil {
		fresh := w.fresh(s, start)
		if !fresh && w.lacks() {
			return
		}
		member, credit = strings.Clone(member), strings.Clone(credit)
		id = shareID{member, credit, start}
		if s.shares == nil {
			s.shares = map[shareID]*shareRow{}
		}
		s.shares[id] = &shareRow{Share: store.Share{Workspace: s.acct.Workspace, Member: member, PeriodStart: start, Credit: credit}}
		if !fresh {
			w.Shares = append(w.Shares, store.ShareKey{Workspace: s.acct.Workspace, Member: member, PeriodStart: start, Credit: credit})
		}
	}
	a := allocID{member, credit}
	if s.allocs[a] == nil {
		if w.lacks() {
			return
		}
		if s.allocs == nil {
			s.allocs = map[allocID]*allocRow{}
		}
		a = allocID{strings.Clone(member), strings.Clone(credit)}
		s.allocs[a] = &allocRow{}
		w.Allocations = append(w.Allocations, store.AllocationKey{Workspace: s.acct.Workspace, Member: member, Credit: credit})
	}
}

// hold wants a hold, and once it is here the balances that it took from.
func (w *wants) hold(s *state, id string) {
	h := s.holds[id]
	if h == nil {
		if w.lacks() {
			return
		}
		s.setHold(id, &holdRow{})
		w.Holds = append(w.Holds, store.HoldKey{Workspace: s.acct.Workspace, ID: id})
		return
	}
	w.held(s, h)
}

func (w *wants) held(s *state, h *holdRow) {
	if h.ID == "" || h.State != HoldOpen {
		return
	}
	w.pool(s, h.PeriodStart, h.Credit)
	w.shareOf(s, h.Member, h.PeriodStart, h.Credit)
}

// expired wants the holds whose time is over, and what they give back to.
func (w *wants) expired(s *state) {
	now := s.acct.LastAt
	if s.acct.NextExpiry == 0 || s.acct.NextExpiry > now {
		return
	}
	if s.expiredFor < now {
		if w.lacks() {
			return
		}
		s.expiredFor = now
		w.Expired = append(w.Expired, store.ExpiredKey{Workspace: s.acct.Workspace, Now: now})
	}
	for _, h := range s.holds {
		if h.ExpiresAt <= now {
			w.held(s, h)
		}
	}
}

func (w *wants) person(s *state, person string) {
	if s.reveals[person] != nil || w.lacks() {
		return
	}
	if s.reveals == nil {
		s.reveals = map[string]*personRow{}
	}
	s.reveals[person] = &personRow{}
	w.Reveals = append(w.Reveals, store.RevealKey{Workspace: s.acct.Workspace, Person: person})
}

func (w *wants) auto(s *state, credit string) {
	if s.terms == nil {
		return
	}
	id := autoID{s.current.Day(s.now), credit}
	if s.autos[id] != nil || w.lacks() {
		return
	}
	if s.autos == nil {
		s.autos = map[autoID]*autoRow{}
	}
	s.autos[id] = &autoRow{AutoSpend: store.AutoSpend{Workspace: s.acct.Workspace, Day: id.day, Credit: credit}}
	w.AutoSpends = append(w.AutoSpends, store.AutoSpendKey{Workspace: s.acct.Workspace, Day: id.day, Credit: credit})
}

func (s *state) setHold(id string, h *holdRow) {
	if s.holds == nil {
		s.holds = map[string]*holdRow{}
	}
	s.holds[id] = h
}
