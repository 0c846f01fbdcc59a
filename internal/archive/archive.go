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
	// Unreached are the nodes of a Citus that did not answer.
	Unreached []Unreached
}

// Unreached is a node of which workspaces were left: those in so many parts of the database.
type Unreached struct {
	Node  string
	Parts int
}

func (r *Result) unreached(node string) *Unreached {
	for n := range r.Unreached {
		if r.Unreached[n].Node == node {
			return &r.Unreached[n]
		}
	}
	return nil
}

// leave notes that a part of a node was left.
func (r *Result) leave(node string) {
	if r.unreached(node) == nil {
		r.Unreached = append(r.Unreached, Unreached{Node: node})
	}
	r.unreached(node).Parts++
}

// Run archives the entries before an instant, of one workspace or of all where it is empty. It keeps
// what rules look at: the period that runs, and what may still be reported as bad data.
func (a *Archive) Run(ctx context.Context, workspace string, before time.Time) (Result, error) {
	most := cmp.Or(a.Most, store.BlockEntries)
	return a.each(ctx, workspace, func(ctx context.Context, ws string) (step, error) {
		cut, err := a.cut(ctx, ws, before)
		return func(ctx context.Context) (store.Moved, error) {
			return a.Store.ArchiveNext(ctx, ws, cut.UnixMicro(), most)
		}, err
	})
}

// Restore moves everything that is archived back among the entries.
func (a *Archive) Restore(ctx context.Context, workspace string) (Result, error) {
	return a.each(ctx, workspace, func(ctx context.Context, ws string) (step, error) {
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
func (a *Archive) each(ctx context.Context, workspace string, begin func(ctx context.Context, ws string) (step, error)) (r Result, err error) {
	l, err := a.take(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, l.release(context.WithoutCancel(ctx))) }()
	if workspace != "" {
		return r, a.one(ctx, l, workspace, begin, &r)
	}
	for part := range max(1, a.Store.Parts()) {
		if err := a.part(ctx, l, part, begin, &r); err != nil {
			return r, err
		}
	}
	return r, nil
}

// part makes steps of the workspaces of a part of the database, unless its node does not answer.
func (a *Archive) part(ctx context.Context, l *lease, part int, begin func(ctx context.Context, ws string) (step, error), r *Result) error {
	node := a.Store.Node(part)
	for after := ""; ; {
		var accounts []store.Account
		err := error(nil)
		if r.unreached(node) == nil {
			err = a.bounded(ctx, part, func(ctx context.Context) error {
				return a.Store.ViewPart(ctx, part, func(tx *store.Tx) (err error) {
					accounts, err = tx.Accounts().List(after, accountsAtOnce)
					return err
				})
			})
		}
		if r.unreached(node) != nil || a.away(ctx, part, err) {
			r.leave(node)
			return nil
		}
		if err != nil {
			return err
		}
		for _, acc := range accounts {
			after = acc.Workspace
			err := a.one(ctx, l, after, begin, r)
			switch {
			case fault.Is(err, fault.NotFound): // it was deleted since it was listed
			case a.away(ctx, part, err):
				r.leave(node)
				return nil
			case err != nil:
				return err
			}
		}
		if len(accounts) < accountsAtOnce {
			return nil
		}
	}
}

// away tells of an error that is due to a node that does not answer, while others may.
func (a *Archive) away(ctx context.Context, part int, err error) bool {
	return a.Store.Parts() > 0 && ctx.Err() == nil && (fault.Is(err, fault.Overloaded) || errors.Is(err, context.DeadlineExceeded)) &&
		a.Store.Answers(ctx, part) != nil
}

// one moves all that there is of a workspace. What is wrong with it stops no other one.
func (a *Archive) one(ctx context.Context, l *lease, ws string, begin func(ctx context.Context, ws string) (step, error), r *Result) error {
	moved, part := int64(0), a.Store.Part(ws)
	err := func() error {
		var next step
		err := a.bounded(ctx, part, func(ctx context.Context) (err error) {
			next, err = begin(ctx, ws)
			return err
		})
		for err == nil {
			if err = l.renew(ctx); err != nil {
				return err
			}
			began := time.Now()
			var m store.Moved
			err = a.bounded(ctx, part, func(ctx context.Context) (err error) {
				m, err = next(ctx)
				return err
			})
			if err != nil || m.Entries == 0 {
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
	case errors.Is(err, errTaken), errors.Is(err, context.DeadlineExceeded), fault.Is(err, fault.Overloaded), fault.Is(err, fault.NotFound):
		return err
	}
	var damaged *store.DamagedBlock
	if errors.As(err, &damaged) {
		err = damaged
	}
	r.Left = append(r.Left, fmt.Sprintf("%s: %v", ws, err))
	return nil
}

// boundedTo is how long a statement may wait for a node of a Citus: one that is frozen never answers.
const boundedTo = time.Minute

// attempts is how often work is tried whose node answers: one that was restarted has broken the
// connections that were kept to it, each of which fails once.
const attempts = 3

// bounded runs what waits for one part of the database. Work may be done twice: of a commit whose
// connection broke nobody knows whether it happened, and the next step is of what is left.
func (a *Archive) bounded(ctx context.Context, part int, work func(ctx context.Context) error) error {
	if a.Store.Parts() == 0 {
		return work(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, boundedTo)
	defer cancel()
	for try := 1; ; try++ {
		err := work(ctx)
		if !fault.Is(err, fault.Overloaded) || try == attempts || a.Store.Answers(ctx, part) != nil {
			return err
		}
	}
}

// rest leaves the database to others for half as long as a step took.
func rest(ctx context.Context, took time.Duration) {
	select {
	case <-time.After(took / 2):
	case <-ctx.Done():
	}
}
