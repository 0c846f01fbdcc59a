package credits_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// A balance that cannot be read stops its own workspace, however often it is asked, and none beside
// it; nothing is written over it.
func TestC8ABalanceThatCannotBeRead(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		now := mustTime(t, "2026-03-10T00:00:00Z")
		first := newLedger(t, st, credits.ShippedBooks())
		for _, ws := range []string{"v", "w"} {
			if err := open(st, first.Books(), subscription{ws, "classic", "starter", "UTC", 1, 1}, now); err != nil {
				t.Fatal(err)
			}
		}
		of := func(ws string) credits.Command {
			return &credits.Charge{Request: credits.Request{Workspace: ws, At: now}, Credit: "standard", Amount: credits.Credit / 10}
		}
		charge := func(l *credits.Ledger, ws string) error {
			_, err := l.Do(ctx, of(ws))
			return err
		}
		if err := charge(first, "w"); err != nil {
			t.Fatal(err)
		}
		write := func(change func(a *store.Account)) (text string) {
			t.Helper()
			err := st.Ledger(ctx, "w", func(tx store.LedgerTx) (*store.Writes, error) {
				rows, err := tx.Load(&store.Want{Accounts: []store.AccountKey{{Workspace: "w"}}})
				if err != nil {
					return nil, err
				}
				a := rows.Accounts[0]
				text, a.Terms = a.Pools, nil
				change(&a)
				return &store.Writes{Accounts: []store.Account{a}}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		good := write(func(a *store.Account) { a.Pools, a.LastAt = "standard seven", a.LastAt+1 })
		// One that is never decided ahead finds it where its ledger remembers what was there before.
		locked := &credits.Charge{Request: credits.Request{Workspace: "w", At: now, With: func(credits.Tx) error { return nil }}, Credit: "standard", Amount: credits.Credit}
		if _, err := first.Do(ctx, locked); !errors.As(err, new(*store.PoolsError)) {
			t.Errorf("the first charge: %v", err)
		}
		second := newLedger(t, st, credits.ShippedBooks())
		var unread *store.PoolsError
		for _, l := range []*credits.Ledger{first, second, first, second} { // one remembers what was there
			var all sync.WaitGroup
			for n := range 16 { // so that some are decided while others are being written
				all.Go(func() {
					for range 20 {
						err := charge(l, []string{"v", "w"}[n%2])
						if stopped := errors.As(err, new(*store.PoolsError)); stopped != (n%2 == 1) || !stopped && err != nil {
							t.Errorf("caller %d: %v", n, err)
						}
					}
				})
			}
			all.Wait()
		}
		if _, err := second.Look(ctx, "w", nil, now); !errors.As(err, &unread) {
			t.Errorf("looking: %v", err)
		}
		if got := write(func(a *store.Account) { a.Pools = good }); got != "standard seven" {
			t.Errorf("it was written over with %q", got)
		}
		if err := charge(second, "w"); err != nil {
			t.Errorf("once it can be read: %v", err)
		}
		checkInvariants(t, st, second, "w", now)
		checkInvariants(t, st, second, "v", now)
	})
}
