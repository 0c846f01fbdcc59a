package account

import (
	"context"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// BrowserSessions keeps browser sessions in the database, so that a restart signs
// nobody out and ending one ends it on every server.
type BrowserSessions struct{ store *store.Store }

// BrowserSessions are the sessions of browsers.
func (a *Accounts) BrowserSessions() BrowserSessions { return BrowserSessions{a.Store} }

// Find is FindCtx without a context.
func (s BrowserSessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s BrowserSessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s BrowserSessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// FindCtx reads a session.
func (s BrowserSessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		data, found, err = tx.SignIns().Session(token, time.Now().UnixMicro())
		return err
	})
	return data, found, err
}

// CommitCtx writes a session.
func (s BrowserSessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SignIns().PutSession(token, data, expiry.UnixMicro()) })
}

// DeleteCtx ends a session.
func (s BrowserSessions) DeleteCtx(ctx context.Context, token string) error {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SignIns().DropSession(token) })
}

// afterwards is a context for what is written of a session at its request's end: a browser
// that closed its half of the connection may still read the answer.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
}
