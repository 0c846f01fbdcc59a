// Package outbox sends what must leave the server after a commit: webhooks, mail,
// pushes. An effect is a row of the transaction that causes it, so it happens if
// and only if that was committed.
//
// It promises that every effect is sent at least once, always under the same
// message id, so that who receives it can tell a repetition: a server may be killed
// between sending and noting it. While a server's lease lives, no other one sends
// the same effect. An effect that keeps failing is given up after MaxAttempts. It
// promises no order.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/job"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// MaxAttempts is how often an effect is tried before it is given up.
	MaxAttempts = 12
	// MaxPayload bounds an effect, in bytes.
	MaxPayload = 8 << 20
	// atOnce is how many effects one server sends at the same time, and perTarget
	// how many of them to one receiver: one that is slow holds up nobody else.
	atOnce    = 16
	perTarget = 3
	// usualLease is how long a server has an effect to itself, and patience how long
	// an attempt may take; the lease is longer, so that nobody takes what still runs.
	usualLease = 90 * time.Second
	patience   = 45 * time.Second
	// looked is how often effects are looked for that nobody announced: retries, and
	// those of other servers.
	looked = time.Second
	// grace is how long attempts may continue after the server was told to stop.
	grace = 3 * time.Second
	// kept is how long what ended stays for people to read.
	kept = 30 * 24 * time.Hour
	// Longest bounds what a receiver may ask for by Retry-After.
	Longest = 24 * time.Hour
)

// waits are the pauses between attempts; together about three days.
var waits = [MaxAttempts - 1]time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour,
}

// Put adds an effect to the transaction that causes it. Its id is made here; an
// empty message id is made too, an empty status is to be sent at once.
func Put(tx *store.Tx, e store.Effect, now time.Time) error {
	if len(e.Payload) > MaxPayload {
		return fmt.Errorf("outbox: an effect of %d bytes; at most %d are kept", len(e.Payload), MaxPayload)
	}
	e.ID, e.Created = ident.New("eff"), now.UnixMicro()
	if e.Message == "" {
		e.Message = ident.New("msg")
	}
	if e.Status == "" {
		e.Status = store.EffectWaiting
	}
	if e.Payload == nil {
		e.Payload = []byte{}
	}
	return tx.Effects().Put(e)
}

// SendError is why an attempt came to nothing, in words that hold no one's data.
type SendError struct {
	Text  string
	Code  int           // the receiver's own number for it; 0: it gave none
	After time.Duration // what it asked to wait; 0: nothing
	Never bool          // trying again cannot help
}

func (t *SendError) Error() string { return t.Text }

// Sender sends effects of a kind to where they go.
type Sender interface {
	// Send tries once. Code is the receiver's own answer, such as an HTTP status. An
	// error is a *SendError, or the server's own failure, which is tried again.
	Send(ctx context.Context, e store.Effect) (code int, err error)
	// RecordOutcome runs in the transaction that writes the outcome of an attempt. E is the
	// effect as it is written; what is changed of its payload is kept.
	RecordOutcome(tx *store.Tx, e *store.Effect) error
}

// Handler takes an effect that stays in the database: what it does and the effect's
// end are one transaction, so it happens exactly once.
type Handler func(tx *store.Tx, e store.Effect) error

// Outbox sends a server's effects.
type Outbox struct {
	Store *store.Store
	// Clock is the machine's, for leases and pauses.
	Clock func() time.Time
	// Lease is how long after a server died another one sends what it had taken.
	Lease time.Duration
	// MostAtOnce is how many effects are sent at the same time; 0 is the usual.
	MostAtOnce int

	owner    string
	senders  map[string]Sender
	handlers map[string]Handler
}

// New makes the outbox of a server.
func New(st *store.Store, clock func() time.Time) *Outbox {
	return &Outbox{Store: st, Clock: clock, Lease: usualLease, owner: ident.New("out"), senders: map[string]Sender{}, handlers: map[string]Handler{}}
}

// Send says who sends effects of a kind; before Work begins.
func (o *Outbox) Send(kind string, s Sender) { o.senders[kind] = s }

// Handle says who takes effects of a kind that stay in the database.
func (o *Outbox) Handle(kind string, h Handler) { o.handlers[kind] = h }

// Recover takes effects back from the process that had the database before: right
// for a database that one process owns.
func (o *Outbox) Recover(ctx context.Context) error {
	return o.Store.Update(ctx, func(tx *store.Tx) error { return tx.Effects().Free() })
}

// Sweep forgets effects that ended long ago.
func (o *Outbox) Sweep(ctx context.Context) error {
	return o.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.Effects().DropOld("", o.Clock().Add(-kept).UnixMicro())
	})
}

// Counts are the effects by status, and when the oldest that waits to be sent was put there; 0:
// none does.
func (o *Outbox) Counts(ctx context.Context) (counts map[string]int64, oldest int64, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) (err error) {
		counts, oldest, err = tx.Effects().Counts()
		return err
	})
	return counts, oldest, err
}

// Work sends effects until ctx ends.
func (o *Outbox) Work(ctx context.Context) {
	most := o.MostAtOnce
	if most == 0 {
		most = atOnce
	}
	q := &job.Queue[store.Effect]{
		OfWorkspaces: true,
		Name:         "effects", Store: o.Store, Rows: effects{o}, Clock: o.Clock, Lease: o.Lease,
		Every: looked, Wake: o.Store.Effects(), AtOnce: most, PerTarget: perTarget, Grace: grace,
	}
	q.Work(ctx)
}

// effects are the outbox's rows.
type effects struct{ *Outbox }

func (effects) Due(tx *store.Tx, now time.Time, without []string, room int) ([]store.Effect, error) {
	return tx.Effects().Due(now.UnixMicro(), without, room)
}

func (o effects) Claim(tx *store.Tx, e store.Effect, _, until time.Time) (store.Effect, bool, error) {
	mine, err := tx.Effects().Take(e, o.owner, until.UnixMicro())
	e.Owner, e.Due = o.owner, until.UnixMicro()
	e.Attempts++
	return e, mine, err
}

func (effects) Target(e store.Effect) string { return e.Target }

func (o effects) Run(ctx context.Context, e store.Effect) { o.attempt(ctx, e) }

// attempt sends an effect once and writes its outcome.
func (o *Outbox) attempt(ctx context.Context, e store.Effect) {
	if handler := o.handlers[e.Kind]; handler != nil {
		o.handle(ctx, e, handler)
		return
	}
	sender := o.senders[e.Kind]
	var code int
	var err error
	switch {
	case sender == nil:
		err = &SendError{Text: "this server does not send what is of kind " + e.Kind}
	case e.Attempts > MaxAttempts:
		err = &SendError{Text: "it was begun too often and never ended", Never: true}
	default:
		limited, cancel := context.WithTimeout(ctx, min(patience, o.Lease/2))
		code, err = send(limited, sender, e)
		cancel()
	}
	if err != nil && ctx.Err() != nil { // the server stops: not known, and so to be tried again
		if err := o.Store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error { return tx.Effects().Leave(e) }); err != nil {
			slog.Warn("an effect was not given back; its lease will end", "effect", e.ID, "error", err)
		}
		return
	}
	o.judge(&e, code, err)
	o.end(ctx, e, sender)
}

// send guards against a sender's own mistake.
func send(ctx context.Context, s Sender, e store.Effect) (code int, err error) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("sending an effect failed", "effect", e.ID, "kind", e.Kind, "panic", fmt.Sprint(p))
			err = &SendError{Text: "something failed on the server"}
		}
	}()
	return s.Send(ctx, e)
}

// judge says what an attempt came to.
func (o *Outbox) judge(e *store.Effect, code int, err error) {
	now := o.Clock()
	e.Code, e.Error, e.Update = int64(code), "", now.UnixMicro()
	if err == nil {
		e.Status, e.Due = store.EffectSent, 0
		return
	}
	var t *SendError
	if !errors.As(err, &t) {
		slog.Warn("an effect could not be sent", "effect", e.ID, "kind", e.Kind, "error", fmt.Sprintf("%T", err)) // its text may hold anything
		t = &SendError{Text: "something failed on the server"}
	}
	e.Error = t.Text
	if t.Code != 0 {
		e.Code = int64(t.Code)
	}
	if t.Never || e.Attempts >= MaxAttempts {
		e.Status, e.Due = store.EffectDead, 0
		slog.Warn("an effect was given up", "effect", e.ID, "kind", e.Kind, "workspace", e.Workspace, "attempts", e.Attempts, "why", t.Text)
		return
	}
	e.Status, e.Due = store.EffectWaiting, now.Add(pause(int(e.Attempts), t.After)).UnixMicro()
}

// pause is how long to wait after so many attempts: longer each time, never the
// same for all that failed together, and never shorter than the receiver asked for.
func pause(attempts int, asked time.Duration) time.Duration {
	wait := waits[min(max(attempts, 1), len(waits))-1]
	wait += time.Duration(rand.Float64() * 0.2 * float64(wait))
	return max(wait, min(asked, Longest))
}

func (o *Outbox) end(ctx context.Context, e store.Effect, sender Sender) {
	err := o.Store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		if sender != nil {
			if err := sender.RecordOutcome(tx, &e); err != nil {
				return err
			}
		}
		_, err := tx.Effects().End(e) // what another server took meanwhile is that one's
		return err
	})
	if err != nil {
		slog.Warn("the outcome of an effect was not written; it is sent again", "effect", e.ID, "error", err)
	}
}

// handle does what stays in the database, and ends the effect with it.
func (o *Outbox) handle(ctx context.Context, e store.Effect, handler Handler) {
	err := o.Store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		done := e
		done.Status, done.Due, done.Update = store.EffectSent, 0, o.Clock().UnixMicro()
		mine, err := tx.Effects().End(done)
		if err != nil || !mine {
			return err
		}
		return handler(tx, e)
	})
	if err == nil {
		return
	}
	slog.Warn("an event could not be told", "effect", e.ID, "what", e.Label, "error", err)
	o.judge(&e, 0, &SendError{Text: "something failed on the server"})
	o.end(ctx, e, nil)
}
