package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// All reads of a snapshot see one instant: of settings as of the ledger, whatever is
// committed meanwhile.
func TestSnapshotIsOfOneInstant(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		ctx, books := context.Background(), credits.ShippedBooks()
		l := credits.New(st, books)
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		terms, err := credits.NewTerms(books["classic"], "pro", 1, "UTC", 1, now)
		if err == nil {
			err = l.Subscribe(ctx, "w", terms, now)
		}
		if err != nil {
			t.Fatal(err)
		}
		used := func(ctx context.Context) credits.Amount {
			v, err := l.Look(ctx, "w", nil, now)
			if err != nil {
				t.Fatal(err)
			}
			return v.Credits[0].Used
		}
		setting := func(ctx context.Context) (value string) {
			err := st.View(ctx, func(tx *store.Tx) (err error) {
				value, err = tx.Settings().Get("name")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
		before := st.Reads()
		err = st.Snapshot(ctx, func(inside context.Context) error {
			if used(inside) != 0 || setting(inside) != "" {
				t.Error("something is there already")
			}
			_, err := l.Do(ctx, &credits.Charge{Request: credits.Request{Workspace: "w", At: now}, Credit: "standard", Amount: credits.Credit})
			if err != nil {
				return err
			}
			if err := st.Update(ctx, func(tx *store.Tx) error { return tx.Settings().Put("name", "new") }); err != nil {
				return err
			}
			if used(inside) != 0 || setting(inside) != "" {
				t.Error("the snapshot sees what was committed after it")
			}
			return st.Snapshot(inside, func(again context.Context) error {
				if setting(again) != "" || !st.InSnapshot(again) {
					t.Error("a snapshot in a snapshot is another one")
				}
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := st.Reads() - before; n != 1 {
			t.Errorf("it took %d reads, want 1", n)
		}
		if used(ctx) != credits.Credit || setting(ctx) != "new" || st.InSnapshot(ctx) {
			t.Error("after the snapshot what was committed is not seen")
		}
	})
}
