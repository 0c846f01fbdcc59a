package webhook

import (
	"context"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Add makes a webhook and its secret, once for a form; first is the webhook that the same form
// made before.
func (h *Hooks) Add(ctx context.Context, s *account.Scope, f account.Form, address string, events []string) (e Endpoint, secret, first string, err error) {
	first, err = h.Accounts.Once(ctx, s.Workspace.ID, f, func(tx *store.Tx) (_ string, err error) {
		e, secret, err = h.Create(ctx, tx, s, address, events)
		return e.ID, err
	})
	return e, secret, first, err
}

// Test sends a test, once for a form.
func (h *Hooks) Test(ctx context.Context, s *account.Scope, f account.Form, id string) error {
	_, err := h.Accounts.Once(ctx, s.Workspace.ID, f, func(tx *store.Tx) (string, error) { return h.Try(tx, s, id) })
	return err
}

// NewSecret makes another secret, once for a form; it is empty where the same form made it before.
func (h *Hooks) NewSecret(ctx context.Context, s *account.Scope, f account.Form, id string) (secret string, err error) {
	_, err = h.Accounts.Once(ctx, s.Workspace.ID, f, func(tx *store.Tx) (_ string, err error) {
		_, secret, err = h.Rotate(tx, s, id)
		return id, err
	})
	return secret, err
}

// Resend sends a delivery again, once for a form.
func (h *Hooks) Resend(ctx context.Context, s *account.Scope, f account.Form, id, delivery string) error {
	_, err := h.Accounts.Once(ctx, s.Workspace.ID, f, func(tx *store.Tx) (string, error) {
		e, err := h.Redeliver(tx, s, id, delivery)
		return e.ID, err
	})
	return err
}
