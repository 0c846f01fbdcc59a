package credits

import (
	"slices"
	"strconv"
	"strings"

	"github.com/leadmeter/leadmeter/internal/store"
)

// States of a hold.
const (
	HoldOpen     = "open"
	HoldSettled  = "settled"
	HoldReleased = "released"
	HoldExpired  = "expired"
)

func (h *holdRow) state() *HoldState {
	state := holdOf(h.Hold)
	return &state
}

func holdOf(h store.Hold) HoldState {
	return HoldState{
		ID: h.ID, Member: h.Member, Credit: h.Credit, Amount: Amount(h.Amount), Remaining: Amount(h.Remaining),
		Status: h.State, CreatedAt: instant(h.CreatedAt), ExpiresAt: instant(h.ExpiresAt),
	}
}

// openHold is the hold, if it can still be settled.
func (s *state) openHold(id string) (*holdRow, *Refusal) {
	h := s.holds[id]
	if h == nil || h.ID == "" {
		return nil, refuse(Missing, "There is no such hold.")
	}
	if h.State != HoldOpen {
		return nil, refuse(Conflict, "The hold is %s; what it had left was given back.", h.State)
	}
	return h, nil
}

// holdPool is the pool that the hold took from: of its own period, whenever it
// is settled (rule P4).
func (s *state) holdPool(h *holdRow) *poolRow {
	p := s.findPool(h.PeriodStart, h.Credit)
	if p == nil || !p.exists {
		panic("credits: the pool of hold " + h.ID + " was not loaded")
	}
	return p
}

// giveBack closes a hold and returns what it has left to where it came from.
func (s *state) giveBack(p *poolRow, h *holdRow, state, why string) {
	left := Amount(h.Remaining)
	h.State, h.Remaining, h.dirty = state, 0, true
	if left == 0 {
		return
	}
	s.move(p, h.Member, 0, -left)
	s.record(p, store.Entry{
		Kind: KindRelease, Amount: int64(left), Member: h.Member, Outcome: why, Channel: h.Channel, Hold: h.ID, Capture: h.Capture,
	})
}

// expireHolds gives back every hold whose time is over, before anything else is
// decided: a hold that nobody settles costs nobody anything (rule C8).
func (s *state) expireHolds() {
	if s.acct.NextExpiry == 0 || s.acct.NextExpiry > micros(s.now) {
		return
	}
	var over []*holdRow
	next := s.nextExpiry
	for _, h := range s.holds {
		if h.ID == "" || h.State != HoldOpen {
			continue
		}
		if h.ExpiresAt <= micros(s.now) {
			over = append(over, h)
		} else if next == 0 || h.ExpiresAt < next {
			next = h.ExpiresAt
		}
	}
	slices.SortFunc(over, func(a, b *holdRow) int {
		if a.ExpiresAt != b.ExpiresAt {
			return int(a.ExpiresAt - b.ExpiresAt)
		}
		return strings.Compare(a.ID, b.ID)
	})
	for _, h := range over {
		s.giveBack(s.holdPool(h), h, HoldExpired, HoldExpired)
	}
	s.acct.NextExpiry, s.dirty = next, true
}

// expectExpiry keeps the account's earliest time-out.
func (s *state) expectExpiry(at int64) {
	if s.acct.NextExpiry == 0 || at < s.acct.NextExpiry {
		s.acct.NextExpiry, s.dirty = at, true
	}
}

func lineField(n int) string { return "lines[" + strconv.Itoa(n) + "]" }
