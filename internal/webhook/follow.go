package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// looked is how often this process's own commits are looked for, and lookedAll
	// how often those of others.
	looked    = 250 * time.Millisecond
	lookedAll = 2 * time.Second
	// resting is how many times as long as a look took the next one waits at least: it
	// compares the cursors of all workspaces that have a webhook, a second for 100,000.
	resting = 4
	// most bounds the entries of one transaction, and the workspaces of one round.
	most = 500
)

// Follow derives events from the ledger until ctx ends.
func (h *Hooks) Follow(ctx context.Context) {
	commits, last := int64(-1), time.Time{}
	for {
		rest := looked
		if n := h.Ledger.Commits(); n != commits || time.Since(last) >= lookedAll {
			commits, last = n, time.Now()
			took, err := h.catchUp(ctx)
			if err != nil && ctx.Err() == nil {
				slog.Warn("events could not be derived from the ledger; they are later", "error", err)
			}
			rest = max(rest, resting*took)
		}
		select {
		case <-time.After(rest):
		case <-ctx.Done():
			return
		}
	}
}

// CatchUp derives all events that the ledger holds by now. Where one workspace's cannot be derived,
// the others' are.
func (h *Hooks) CatchUp(ctx context.Context) error {
	_, err := h.catchUp(ctx)
	return err
}

// catchUp tells how long its last look took.
func (h *Hooks) catchUp(ctx context.Context) (took time.Duration, failed error) {
	for more := true; more && failed == nil && ctx.Err() == nil; {
		more = false
		var behind []store.BehindLedger
		began := time.Now()
		failed = h.Store.ViewEach(ctx, func(tx *store.Tx) error {
			some, err := tx.Webhooks().Behind(most)
			behind, more = append(behind, some...), more || len(some) == most
			return err
		})
		took = time.Since(began)
		for _, b := range behind {
			err := store.Within(ctx, func(ctx context.Context) error {
				rest, err := h.derive(ctx, b)
				more = more || rest
				return err
			})
			failed = errors.Join(failed, err)
		}
	}
	return took, errors.Join(failed, ctx.Err())
}

// terms are what the ledger says of a workspace's subscription.
type terms struct {
	view *credits.View
	seen int64 // the version that the view is at least as new as
	now  time.Time
}

// termsOf reads them.
func (h *Hooks) termsOf(ctx context.Context, ws string) (*terms, error) {
	var t terms
	if err := h.Store.View(ctx, func(tx *store.Tx) (err error) {
		_, t.seen, err = tx.Entries().Head(ws)
		return err
	}); err != nil {
		return nil, err
	}
	s, err := h.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, ws)
	if err != nil {
		return nil, err
	}
	if t.view, err = h.Ledger.Look(ctx, ws, nil, s.Now); err != nil {
		return nil, account.FromRefusal(err)
	}
	t.now = s.Now
	return &t, nil
}

// derive makes the deliveries that follow from a workspace's next entries, and
// advances its cursor, in one transaction; rest says that something is left. Terms that did not
// change are not read.
func (h *Hooks) derive(ctx context.Context, behind store.BehindLedger) (rest bool, err error) {
	ws := behind.Workspace
	var terms *terms
	if behind.Terms {
		if terms, err = h.termsOf(ctx, ws); err != nil {
			return false, err
		}
	}
	err = h.Store.Update(ctx, func(tx *store.Tx) error {
		rest = false
		cursor, found, err := tx.Webhooks().LockCursor(ws)
		if err != nil || !found {
			return err
		}
		head, version, err := tx.Entries().Head(ws)
		if err != nil {
			return err
		}
		hooks, err := tx.Webhooks().Of(ws)
		if err != nil {
			return err
		}
		if len(hooks) == 0 {
			return tx.Webhooks().PutCursor(ws, store.WebhookCursor{Seq: head, TermsVersion: version, CancelAt: unknown}, false)
		}
		entries, err := tx.Entries().After(ws, cursor.Seq, head, most)
		if err != nil {
			return err
		}
		t := deliveries{hooks: h, tx: tx, endpoints: hooks, workspace: ws}
		published, err := t.entries(entries, len(entries) == most)
		if err != nil {
			return err
		}
		cursor.Seq += int64(published) // entries are numbered without a gap
		rest = published < len(entries) || len(entries) == most
		if terms != nil && terms.seen > cursor.TermsVersion && !rest {
			if err := t.cancellation(&cursor, terms.view, terms.now); err != nil {
				return err
			}
			cursor.TermsVersion = terms.seen
		}
		rest = rest || version > cursor.TermsVersion
		return tx.Webhooks().PutCursor(ws, cursor, false)
	})
	return rest, err
}

// deliveries writes a workspace's deliveries in one transaction.
type deliveries struct {
	hooks     *Hooks
	tx        *store.Tx
	endpoints []store.Webhook
	workspace string
}

// tell makes a delivery of an event for each endpoint that wants it; of an entry,
// for those that were there before it.
func (t *deliveries) tell(event, message string, seq int64, at time.Time, data any) error {
	var body []byte
	for _, w := range t.endpoints {
		if !wants(w, event) || seq != 0 && seq <= w.FromSeq {
			continue
		}
		if body == nil {
			inner, err := json.Marshal(data)
			if err != nil {
				return err
			}
			if body, err = json.Marshal(outbox.Happened{Type: event, At: at.UTC(), Data: inner}); err != nil {
				return err
			}
		}
		if err := t.put(w, event, message, body); err != nil {
			return err
		}
	}
	return nil
}

func (t *deliveries) put(w store.Webhook, event, message string, body []byte) error {
	e := store.Effect{Workspace: t.workspace, Kind: Kind, Target: w.ID, Message: message, Label: event, Payload: body}
	if w.Paused != "" {
		n, err := t.tx.Effects().Held(t.workspace, w.ID, MaxHeld)
		if err != nil || n >= MaxHeld {
			return err
		}
		e.Status = store.EffectHeld
	}
	return outbox.Put(t.tx, e, t.hooks.Clock())
}

// HandleEvent makes the deliveries of an event that did not come from the ledger.
func (h *Hooks) HandleEvent(tx *store.Tx, e store.Effect) error {
	var what outbox.Happened
	if err := json.Unmarshal(e.Payload, &what); err != nil {
		return err
	}
	if _, _, err := tx.Webhooks().LockCursor(e.Workspace); err != nil { // an endpoint is not paused or resumed meanwhile
		return err
	}
	hooks, err := tx.Webhooks().Of(e.Workspace)
	if err != nil {
		return err
	}
	t := deliveries{hooks: h, tx: tx, endpoints: hooks, workspace: e.Workspace}
	return t.tell(what.Type, e.Message, 0, what.At, what.Data)
}

// cancellation tells once of each instant at which a subscription ends.
func (t *deliveries) cancellation(cursor *store.WebhookCursor, view *credits.View, now time.Time) error {
	at := cancelsAt(view)
	was := cursor.CancelAt
	if cursor.CancelAt = at; at == 0 || at == was || was == unknown {
		return nil
	}
	return t.tell(SubscriptionCancelled, ident.New("evt"), 0, now, map[string]any{"cancels_at": view.Current.CancelsAt.UTC()})
}

// entries tells of entries, and says of how many: where more follow, not of the
// last ones, which may belong together with what follows.
func (t *deliveries) entries(list []store.Entry, more bool) (published int, err error) {
	for n := 0; n < len(list); {
		end := n + 1
		if list[n].Person != "" && settled(list[n]) {
			for end < len(list) && together(list[n:end], list[end]) {
				end++
			}
		}
		if end == len(list) && more && n > 0 {
			return n, nil
		}
		if err := t.one(list[n:end]); err != nil {
			return n, err
		}
		n = end
	}
	return len(list), nil
}

func settled(e store.Entry) bool { return e.Kind == credits.KindCharge || e.Kind == credits.KindFree }

// together reports whether an entry is of the same capture as those before it.
func together(run []store.Entry, e store.Entry) bool {
	return settled(e) && e.Capture != "" && e.Capture == run[0].Capture
}
