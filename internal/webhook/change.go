package webhook

import (
	"context"
	"encoding/json"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/outbound"
	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Change is what may be written of an endpoint; nil leaves a part as it is.
type Change struct {
	URL    *string
	Events *[]string
	Paused *bool
}

// Change writes the parts that are given. While an endpoint is paused, what it
// would hear waits, up to MaxHeld; resumed, it is sent that first.
func (h *Hooks) Change(ctx context.Context, s *account.Scope, id string, c Change) (e Endpoint, err error) {
	if err := may(s, true); err != nil {
		return e, err
	}
	err = h.Store.Update(ctx, func(tx *store.Tx) error {
		if _, _, err := tx.Webhooks().LockCursor(s.Workspace.ID); err != nil { // what is put meanwhile sees it paused, or not
			return err
		}
		w, err := read(tx, s, id)
		if err != nil {
			return err
		}
		if c.URL != nil {
			if err := outbound.CheckTarget("url", *c.URL, "https://example.com/leadmeter", h.private); err != nil {
				return err
			}
			w.URL = *c.URL
		}
		if c.Events != nil {
			if w.Events, err = checkEvents(*c.Events); err != nil {
				return err
			}
		}
		if c.Paused != nil {
			if err := h.pause(tx, &w, *c.Paused); err != nil {
				return err
			}
		}
		e = h.endpoint(w)
		if err := tx.Webhooks().Update(w); err != nil {
			return err
		}
		return s.Audit(tx, "webhook.changed", w.ID, "")
	})
	return e, err
}

func (h *Hooks) pause(tx *store.Tx, w *store.Webhook, paused bool) error {
	now := h.Clock().UnixMicro()
	switch {
	case paused && w.Paused == "":
		w.Paused = ByAdmin
		return tx.Effects().MoveTarget(w.Workspace, w.ID, store.EffectWaiting, store.EffectHeld, now)
	case !paused && w.Paused != "":
		w.Paused, w.FailingSince = "", 0
		return tx.Effects().MoveTarget(w.Workspace, w.ID, store.EffectHeld, store.EffectWaiting, now)
	}
	return nil
}

// Delete forgets an endpoint with its deliveries.
func (h *Hooks) Delete(ctx context.Context, s *account.Scope, id string) error {
	if err := may(s, true); err != nil {
		return err
	}
	return h.Store.Update(ctx, func(tx *store.Tx) error {
		found, err := tx.Webhooks().Drop(s.Workspace.ID, id)
		if err == nil && !found {
			err = noEndpoint()
		}
		if err != nil {
			return err
		}
		return s.Audit(tx, "webhook.removed", id, "")
	})
}

// Rotate gives an endpoint a new secret, in the transaction given. It comes back
// this once; the old one signs beside it for OldSecret.
func (h *Hooks) Rotate(tx *store.Tx, s *account.Scope, id string) (e Endpoint, secret string, err error) {
	if err := may(s, true); err != nil {
		return e, "", err
	}
	w, err := read(tx, s, id)
	if err != nil {
		return e, "", err
	}
	w.OldSecret, w.OldUntil = w.Secret, h.Clock().Add(OldSecret).UnixMicro()
	if secret, w.Secret, err = h.newSecret(w.Workspace, w.ID); err != nil {
		return e, "", err
	}
	if err := tx.Webhooks().Update(w); err != nil {
		return e, "", err
	}
	return h.endpoint(w), secret, s.Audit(tx, "webhook.secret-changed", w.ID, "")
}

// Try sends an endpoint a test, in the transaction given. The id of the delivery
// comes back.
func (h *Hooks) Try(tx *store.Tx, s *account.Scope, id string) (string, error) {
	if err := may(s, true); err != nil {
		return "", err
	}
	w, err := read(tx, s, id)
	if err != nil {
		return "", err
	}
	if w.Paused != "" {
		return "", fault.New(fault.Conflict, "The webhook is paused; resume it first.")
	}
	data, err := json.Marshal(map[string]string{"webhook": w.ID})
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(outbox.Happened{Type: Test, At: s.Now.UTC(), Data: data})
	if err != nil {
		return "", err
	}
	message := ident.New("evt")
	return message, outbox.Put(tx, store.Effect{Workspace: w.Workspace, Kind: Kind, Target: w.ID, Message: message, Label: Test, Payload: payload}, h.Clock())
}

// Deliveries lists what was or will be sent to an endpoint before an id, newest
// first.
func (h *Hooks) Deliveries(ctx context.Context, s *account.Scope, id, before string, limit int) (list []store.Effect, err error) {
	if err := may(s, false); err != nil {
		return nil, err
	}
	err = h.Store.View(ctx, func(tx *store.Tx) error {
		if _, err := read(tx, s, id); err != nil {
			return err
		}
		list, err = tx.Effects().OfTarget(s.Workspace.ID, id, before, limit)
		return err
	})
	return list, err
}

// Redeliver sends a delivery that ended once more, under its own webhook-id.
func (h *Hooks) Redeliver(tx *store.Tx, s *account.Scope, id, delivery string) (store.Effect, error) {
	if err := may(s, true); err != nil {
		return store.Effect{}, err
	}
	w, err := read(tx, s, id)
	if err != nil {
		return store.Effect{}, err
	}
	e, found, err := tx.Effects().ByID(s.Workspace.ID, delivery)
	if err != nil {
		return e, err
	}
	if !found || e.Target != w.ID || e.Kind != Kind {
		return e, fault.New(fault.NotFound, "There is no such delivery.")
	}
	status := store.EffectWaiting
	if w.Paused != "" {
		status = store.EffectHeld
	}
	ended, err := tx.Effects().Again(s.Workspace.ID, delivery, status, h.Clock().UnixMicro())
	if err == nil && !ended {
		err = fault.New(fault.Conflict, "The delivery is under way already.")
	}
	if err != nil {
		return e, err
	}
	e, _, err = tx.Effects().ByID(s.Workspace.ID, delivery)
	return e, err
}
