package account

import (
	"context"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
)

// finishAtOnce bounds what one call of Finish looks at.
const finishAtOnce = 1000

// Finish carries out second halves that earlier versions of the program could leave
// undone when they were stopped between two transactions: a removed member's
// assignment goes back to the pool, and a request whose amount was granted says so.
// It changes nothing where there is nothing left, so it runs at the start and every
// hour.
func (a *Accounts) Finish(ctx context.Context) error {
	var removed []store.Member
	var granted []store.HalfGranted
	err := a.Store.View(ctx, func(tx *store.Tx) (err error) {
		if removed, err = tx.RemovedWithAllocation("", finishAtOnce); err != nil {
			return err
		}
		granted, err = tx.HalfGranted(finishAtOnce)
		return err
	})
	if err != nil {
		return err
	}
	for _, m := range removed {
		s, err := a.Enter(ctx, Principal{Role: Admin, Workspace: m.Workspace}, m.Workspace)
		if err != nil {
			return err
		}
		if _, err := a.Steer(ctx, s, &credits.Remove{Request: credits.Request{Workspace: m.Workspace, At: s.Now}, Gone: m.ID}); err != nil {
			return err
		}
	}
	for _, half := range granted {
		if err := a.finishGrant(ctx, half); err != nil {
			return err
		}
	}
	return nil
}

// finishGrant notes a grant in the request that it answered. What the ledger granted
// is its receipt's fingerprint; any other receipt is a client's own.
func (a *Accounts) finishGrant(ctx context.Context, half store.HalfGranted) error {
	amount, err := credits.ParseAmount(string(half.Fingerprint))
	if err != nil || amount <= 0 {
		return nil
	}
	s, err := a.Enter(ctx, Principal{Role: Admin, Workspace: half.Workspace}, half.Workspace)
	if err != nil {
		return err
	}
	r := half.CreditRequest
	r.Status, r.Granted, r.DecidedAt = RequestGranted, int64(amount), half.At
	return a.Store.Update(ctx, func(tx *store.Tx) error { return a.decided(tx, s, r) })
}
