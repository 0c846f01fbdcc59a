package credits

import (
	"context"
	"encoding/json"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Request is what every command says of itself.
type Request struct {
	Workspace string
	// Member spends; empty is the workspace itself, which draws on the pool.
	Member string
	// At is the caller's instant, from the clock that the workspace reads. The
	// account's own time never goes back, so an earlier one counts as the latest.
	At time.Time
	// Key makes the command happen once, for ever (rule C9); empty: no such promise.
	// It has at most 255 characters.
	Key string
	// Own says that the product made the key, not a client: its keys are apart from
	// all that clients send, and no client's request can take one.
	Own bool
	// Fingerprint says whether two requests with one Key are the same request.
	Fingerprint []byte
	// Capture is the id of the capture that the command is a part of; every entry that
	// it makes carries it (rule S7). Empty: of none.
	Capture string
	// Channel is where the command came from: api, page, sheet, extension, bulk …
	Channel string
	// Keep is stored with the receipt and comes back with a replay; opaque. It
	// must hold ids only, never people's data.
	Keep json.RawMessage
	// With runs in the transaction that writes the command, once it is decided for: a
	// change of other rows happens with the command's, or neither does. An error
	// undoes the command and comes back from Do as it is. It may run more than once,
	// and reads what is committed; a refusal or a replay runs none. nil: there is none.
	With func(tx Tx) error
	// Note is written to the workspace's audit log with what the command changes;
	// a refusal or a replay writes none. nil: nothing is written.
	Note *Note
}

// Tx is the transaction that writes a command. What may be done in it is up to the
// packages that keep their rows beside the ledger's.
type Tx interface{ Context() context.Context }

// Note says who changes what, in ids, names and amounts.
type Note struct {
	ID                                  string // sorts by the order of their making
	Actor, Via, Action, Subject, Detail string
}

// Result is a command's answer. A replay of the command gives an equal one.
type Result struct {
	// Lines say of each field, or each line of a settlement, its outcome.
	Lines []Line `json:"lines,omitempty"`
	// Entry is the id of the ledger entry, for commands that make one.
	Entry string `json:"entry,omitempty"`
	// Charged is the sum of what was charged, per credit type.
	Charged map[string]Amount `json:"charged,omitempty"`
	// Balances are the workspace's after the command, per credit type touched.
	Balances map[string]Balance `json:"balances,omitempty"`
	Hold     *HoldState         `json:"hold,omitempty"`
	At       time.Time          `json:"at"`
	Keep     json.RawMessage    `json:"keep,omitempty"`
	// Replayed: an earlier request with the same key was answered with this.
	Replayed bool `json:"-"`
}

// Line is the outcome of one field.
type Line struct {
	Field   string  `json:"field,omitempty"`
	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason,omitempty"` // why it was charged, though it could have been free
	// VerifiedAt is when the value was verified, of ReasonTooLongAgo.
	VerifiedAt time.Time `json:"verified_at,omitzero"`
	Credit     string    `json:"credit,omitempty"`
	Amount     Amount    `json:"amount"`
	Entry      string    `json:"entry,omitempty"`
}

// HoldState is a hold as it stands.
type HoldState struct {
	ID        string    `json:"id"`
	Member    string    `json:"member,omitempty"`
	Credit    string    `json:"credit"`
	Amount    Amount    `json:"amount"`    // set aside at first
	Remaining Amount    `json:"remaining"` // neither settled nor given back
	Status    string    `json:"status"`    // open, settled, released or expired
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

// command is one of this package's commands: the rows that it needs, and what it
// decides. decide is pure: it reads and changes the state alone.
type command interface {
	request() *Request
	// needs names the rows beyond the account and the receipt. It is called
	// again after each load, until it names nothing new.
	needs(s *state, w *wants)
	decide(s *state) (Result, *Refusal)
}

func (r *Request) request() *Request { return r }

// receipt is the name of the request's receipt; empty: it leaves none.
func (r *Request) receipt() string {
	if r.Own {
		return store.OwnKeys + r.Key
	}
	return r.Key
}

// Decide is the meaning of the ledger: what a command comes to in a state. It
// has no clock, does no I/O and depends on no order of a map: the same state and
// command always give the same entries, new state and answer.
func decide(s *state, c command) (Result, *Refusal) {
	r := c.request()
	s.enter(r.At)
	key := r.receipt()
	if key != "" {
		if first := s.receipts[key]; first.exists {
			return replay(&first.Receipt, r.Fingerprint)
		}
	}
	if !s.exists {
		return Result{}, refuse(Missing, "There is no such workspace.")
	}
	s.expireHolds()
	result, refusal := c.decide(s)
	result.At = s.now
	result.Keep = r.Keep
	if n := r.Note; n != nil && refusal == nil {
		s.dirty = true
		s.out.audits = append(s.out.audits, store.Audit{
			Workspace: s.acct.Workspace, ID: n.ID, At: micros(s.now), Actor: n.Actor, Via: n.Via, Action: n.Action, Subject: n.Subject, Detail: n.Detail,
		})
	}
	if r.With != nil && refusal == nil {
		s.dirty = true
		s.out.with = append(s.out.with, func(tx *store.Tx) error { return r.With(tx) })
	}
	if key != "" && (refusal == nil || refusal.decided()) {
		s.keep(key, r.Fingerprint, result, refusal)
	}
	return result, refusal
}

// decided reports whether a refusal is an answer to keep: it was decided from
// the balance, and a late duplicate of the request must not be charged for.
func (r *Refusal) decided() bool {
	switch r.Code {
	case Insufficient, Cancelled, NotAllowed:
		return true
	}
	return false
}

func (r *Result) charge(credit string, a Amount) {
	if r.Charged == nil {
		r.Charged = map[string]Amount{}
	}
	r.Charged[credit] += a
}

func (r *Result) balance(p *poolRow) {
	if r.Balances == nil {
		r.Balances = map[string]Balance{}
	}
	r.Balances[p.Credit] = p.balance()
}

func (p *poolRow) balance() Balance {
	return balanceOf(&p.Pool)
}

func balanceOf(p *store.Pool) Balance {
	b := Balance{Used: Amount(p.Used), Held: Amount(p.Held), Allowance: Unlimited, Available: Unlimited}
	if p.Allowance >= 0 {
		b.Allowance = Of(Amount(p.Allowance))
		b.Available = Of(Amount(max(0, p.Allowance-p.Used-p.Held)))
	}
	return b
}
