package credits_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

func TestMain(m *testing.M) {
	if os.Getenv(pointChild) != "" {
		os.Exit(runPointChild())
	}
	if os.Getenv(crashChild) != "" {
		os.Exit(runCrashChild())
	}
	os.Exit(testdb.Main(m))
}

var ctx = context.Background()

// newLedger starts a ledger that is closed with the test.
func newLedger(t testing.TB, st *store.Store, books credits.Books) *credits.Ledger {
	l := credits.New(st, books)
	t.Cleanup(func() { l.Close() })
	return l
}

// subscription is a workspace to be opened.
type subscription struct {
	workspace, book, plan, zone string
	seats, anchor               int
}

func open(st *store.Store, books credits.Books, s subscription, now time.Time) error {
	terms, err := credits.NewTerms(books[s.book], s.plan, s.seats, s.zone, s.anchor, now)
	if err != nil {
		return err
	}
	account := store.Account{Workspace: s.workspace, Terms: terms.Encode(), TermsVersion: 1, LastAt: now.UnixMicro()}
	return st.Update(ctx, func(tx *store.Tx) error { return tx.Accounts().Insert(account) })
}

// refusal is the refusal that an error is, nil for no error; any other error
// fails the test.
func refusal(t fatal, err error) *credits.Refusal {
	t.Helper()
	var r *credits.Refusal
	if err != nil && !errors.As(err, &r) {
		t.Fatalf("neither done nor refused: %v", err)
	}
	return r
}

func mustTime(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
