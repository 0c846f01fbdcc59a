// Package archive moves old entries of the ledger out of the way and back: workspace by workspace,
// some thousand entries in a transaction, beside servers that charge. What is archived is read as
// before; see package store.
package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Archive moves entries of a database. One at a time does.
type Archive struct {
	Store    *store.Store
	Ledger   *credits.Ledger
	Accounts *account.Accounts
	Clock    func() time.Time
	// Most is how many entries a block has at most; 0: store.BlockEntries.
	Most int
	// Progress hears about every step; nil: nobody does.
	Progress func(workspace string, r Result)
}

// Result is what was moved.
type Result struct {
	store.Moved
	Workspaces int // of which something was moved
	// Left are workspaces of which not everything could be moved, each with the reason.
	Left []string
}

// Run archives the entries before an instant, of one workspace or of all where it is empty. It keeps
// what rules look at: the period that runs, and what may still be reported as bad data.
func (a *Archive) Run(ctx context.Context, workspace string, before time.Time) (Result, error) {
	most := cmp.Or(a.Most, store.BlockEntries)
	return a.each(ctx, workspace, func(ws string) (step, error) {
		cut, err := a.cut(ctx, ws, before)
		return func(ctx context.Context) (store.Moved, error) {
			return a.Store.ArchiveNext(ctx, ws, cut.UnixMicro(), most)
		}, err
	})
}

// Restore moves everything that is archived back among the entries.
func (a *Archive) Restore(ctx context.Context, workspace string) (Result, error) {
	return a.each(ctx, workspace, func(ws string) (step, error) {
		return func(ctx context.Context) (store.Moved, error) { return a.Store.RestoreLast(ctx, ws) }, nil
	})
}

// step moves a part in a transaction, and none when nothing is left.
type step func(ctx context.Context) (store.Moved, error)

// cut is up to when a workspace may be archived, at most before.
func (a *Archive) cut(ctx context.Context, ws string, before time.Time) (time.Time, error) {
	now := a.Clock()
	s, err := a.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, ws)
	switch {
	case err == nil:
		now = s.Now
	case !fault.Is(err, fault.NotFound): // the ledger is used without workspaces
		return before, err
	}
	v, err := a.Ledger.Look(ctx, ws, nil, now)
	if err != nil {
		return before, account.FromRefusal(err)
	}
	for _, keep := range []time.Time{v.Current.Period.Start, now.AddDate(0, 0, -v.Book.Reports.Days-1)} {
		if keep.Before(before) {
			before = keep
		}
	}
	return before, nil
}

const accountsAtOnce = 500

// each makes steps of every workspace until nothing is left of it.
func (a *Archive) each(ctx context.Context, workspace string, begin func(ws string) (step, error)) (r Result, err error) {
	l, err := a.take(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, l.release(context.WithoutCancel(ctx))) }()
	if workspace != "" {
		return r, a.one(ctx, l, workspace, begin, &r)
	}
	for after := ""; ; {
		var accounts []store.Account
		if err := a.Store.View(ctx, func(tx *store.Tx) (err error) {
			accounts, err = tx.Accounts().List(after, accountsAtOnce)
			return err
		}); err != nil {
			return r, err
		}
		for _, acc := range accounts {
			after = acc.Workspace
			if err := a.one(ctx, l, after, begin, &r); err != nil {
				return r, err
			}
		}
		if len(accounts) < accountsAtOnce {
			return r, nil
		}
	}
}

// one moves all that there is of a workspace. What is wrong with it stops no other one.
func (a *Archive) one(ctx context.Context, l *lease, ws string, begin func(ws string) (step, error), r *Result) error {
	moved := int64(0)
	err := func() error {
		next, err := begin(ws)
		for err == nil {
			if err = l.renew(ctx); err != nil {
				return err
			}
			began := time.Now()
			var m store.Moved
			if m, err = next(ctx); err != nil || m.Entries == 0 {
				return err
			}
			moved += m.Entries
			r.Moved.Add(m)
			if a.Progress != nil {
				a.Progress(ws, *r)
			}
			rest(ctx, time.Since(began))
		}
		return err
	}()
	if moved > 0 {
		r.Workspaces++
	}
	switch {
	case err == nil || ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errTaken), fault.Is(err, fault.Overloaded), fault.Is(err, fault.NotFound):
		return err
	}
	var damaged *store.DamagedBlock
	if errors.As(err, &damaged) {
		err = damaged
	}
	r.Left = append(r.Left, fmt.Sprintf("%s: %v", ws, err))
	return nil
}

// rest leaves the database to others for half as long as a step took.
func rest(ctx context.Context, took time.Duration) {
	select {
	case <-time.After(took / 2):
	case <-ctx.Done():
	}
}
