package credits

import (
	"context"
	"errors"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Open opens a database, sqlite:PATH or postgres://…, brings its schema up to date
// and starts a ledger on it. Close ends both.
func Open(ctx context.Context, address string, books Books) (*Ledger, error) {
	st, err := store.Open(ctx, address)
	if err != nil {
		return nil, err
	}
	l := New(st, books)
	l.owns = true
	return l, nil
}

// Subscribe gives a workspace its place in the ledger. The error is a *Refusal
// with the code Conflict when it has one already.
func (l *Ledger) Subscribe(ctx context.Context, workspace string, terms *Terms, at time.Time) error {
	if l.books[terms.Book] == nil {
		return invalid("book", "%q is not one of the ledger's price books", terms.Book)
	}
	taken := errors.New("taken")
	err := l.store.Update(ctx, func(tx *store.Tx) error {
		_, found, err := tx.Accounts().ByID(workspace)
		if err != nil {
			return err
		}
		if found {
			return taken
		}
		return tx.Accounts().Insert(store.Account{Workspace: workspace, Terms: terms.Encode(), TermsVersion: 1, LastAt: micros(at)})
	})
	if errors.Is(err, taken) {
		return refuse(Conflict, "The workspace has a subscription already.")
	}
	return err
}
