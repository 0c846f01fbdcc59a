package credits_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// A charge that waits for another server's change of the subscription is decided by
// what that change made of it, not by what was there when the wait began.
func TestC8TermsChangedWhileWaiting(t *testing.T) {
	testdb.Want(t, "postgres")
	ctx, address := t.Context(), testdb.Address(t, "postgres")
	books, now := credits.ShippedBooks(), mustTime(t, "2026-03-10T00:00:00Z")
	st := testdb.OpenAt(t, address)
	if err := open(st, books, subscription{"w", "classic", "starter", "UTC", 1, 1}, now); err != nil {
		t.Fatal(err)
	}
	l := newLedger(t, st, books) // remembers nothing yet, so it reads under lock
	free, err := credits.NewTerms(books["classic"], "free", 1, "UTC", 1, now)
	if err != nil {
		t.Fatal(err)
	}
	other, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(ctx)
	tx, err := other.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, `UPDATE accounts SET terms_version = terms_version + 1 WHERE workspace_id = 'w'`); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, `UPDATE subscriptions SET terms = $1 WHERE workspace_id = 'w'`, string(free.Encode())); err != nil {
		t.Fatal(err)
	}
	answer := make(chan error, 1)
	go func() {
		_, err := l.Do(ctx, &credits.Charge{Request: credits.Request{Workspace: "w", At: now, Key: "k"}, Credit: "premium", Amount: credits.Credit})
		answer <- err
	}()
	watch, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Close(ctx)
	everyone := `pg_stat_activity`
	if testdb.OnCitus() {
		everyone = `citus_stat_activity` // the charge waits on the node that has its workspace
	}
	end := time.Now().Add(30 * time.Second)
	for waiting := 0; waiting == 0; {
		if time.Now().After(end) {
			t.Fatal("the charge never waits")
		}
		select {
		case err := <-answer:
			t.Fatalf("it does not wait: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
		if err := watch.QueryRow(ctx, `SELECT count(*) FROM `+everyone+` WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	var refusal *credits.Refusal
	if err := <-answer; !errors.As(err, &refusal) || refusal.Code != credits.Insufficient {
		t.Errorf("the free plan has no premium, and the charge was answered %v", err)
	}
}
