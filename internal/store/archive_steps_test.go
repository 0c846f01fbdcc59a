package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// archivedInTens has a workspace of 40 entries, the first of them in blocks of ten.
func archivedInTens(t *testing.T, engine string, blocks int) (*store.Store, []store.Entry) {
	t.Helper()
	testdb.Want(t, engine)
	st := testdb.Open(t, engine)
	var list []store.Entry
	for n := range int64(40) {
		list = append(list, store.Entry{Workspace: "ws", Seq: n + 1, At: n + 1, Day: 20260301, Kind: "charge", Credit: "standard", Amount: 1})
	}
	if err := st.Update(t.Context(), func(tx *store.Tx) error {
		return tx.Accounts().Insert(store.Account{Workspace: "ws", TermsVersion: 1, Seq: 40})
	}); err != nil {
		t.Fatal(err)
	}
	if err := st.Ledger(t.Context(), "ws", func(store.LedgerTx) (*store.Writes, error) { return &store.Writes{Entries: list}, nil }); err != nil {
		t.Fatal(err)
	}
	for range blocks {
		if m, err := st.ArchiveNext(t.Context(), "ws", 100, 10); err != nil || m.Entries != 10 {
			t.Fatalf("%+v, %v", m, err)
		}
	}
	return st, list
}

func packed(t *testing.T, list []store.Entry) store.Block {
	t.Helper()
	b, err := store.Pack("ws", list)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What a step read may have been restored or archived by another process before it writes: it must
// not leave a gap in front of a block.
func TestStepsOfTwoArchivesLeaveNoGap(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			st, list := archivedInTens(t, engine, 2)
			second := packed(t, list[10:20])
			if err := st.Update(t.Context(), func(tx *store.Tx) error {
				return tx.Entries().Restore("ws", packed(t, list[:10]), list[:10])
			}); !fault.Is(err, fault.Conflict) {
				t.Errorf("the first of two blocks was restored: %v", err)
			}
			for range 2 {
				if _, err := st.RestoreLast(t.Context(), "ws"); err != nil {
					t.Fatal(err)
				}
			}
			if err := st.Update(t.Context(), func(tx *store.Tx) error { return tx.Entries().Archive("ws", 10, second) }); !fault.Is(err, fault.Conflict) {
				t.Errorf("a block was archived behind one that was restored: %v", err)
			}
			var got []store.Entry
			if err := st.View(t.Context(), func(tx *store.Tx) (err error) {
				got, err = tx.Entries().After("ws", 0, 100, 100)
				return err
			}); err != nil || len(got) != 40 {
				t.Errorf("%d entries of 40, %v", len(got), err)
			}
		})
	}
}

// The same while the other's transaction is open: it is waited for.
func TestAStepWaitsForAnother(t *testing.T) {
	const engine = "postgres" // SQLite has one writer
	st, list := archivedInTens(t, engine, 1)
	first, second := packed(t, list[:10]), packed(t, list[10:20])
	if m, err := st.ArchiveNext(t.Context(), "ws", 100, 10); err != nil || m.Entries != 10 { // sums usage up
		t.Fatal(m, err)
	}
	if _, err := st.RestoreLast(t.Context(), "ws"); err != nil {
		t.Fatal(err)
	}
	restore := func(tx *store.Tx) error { return tx.Entries().Restore("ws", first, list[:10]) }
	archive := func(tx *store.Tx) error { return tx.Entries().Archive("ws", 10, second) }
	for name, steps := range map[string][2]func(tx *store.Tx) error{"restore first": {restore, archive}, "archive first": {archive, restore}} {
		done := make(chan error, 1)
		stop := fmt.Errorf("rolled back")
		err := st.Update(t.Context(), func(tx *store.Tx) error {
			if err := steps[0](tx); err != nil {
				return err
			}
			go func() {
				done <- st.Update(context.WithoutCancel(t.Context()), func(tx *store.Tx) error {
					if err := steps[1](tx); err != nil {
						return err
					}
					return stop
				})
			}()
			select {
			case err := <-done:
				done <- err
				t.Errorf("%s: the second step did not wait: %v", name, err)
			case <-time.After(200 * time.Millisecond):
			}
			return stop
		})
		if err != stop {
			t.Errorf("%s: %v", name, err)
		}
		if err := <-done; err != stop { // the first one changed nothing
			t.Errorf("%s: after the first was rolled back: %v", name, err)
		}
	}
}

// An account that counts fewer entries than there are is said, and not summed up to for ever.
func TestAnArchiveOfMoreEntriesThanCounted(t *testing.T) {
	st, _ := archivedInTens(t, "sqlite", 0)
	if err := st.Ledger(t.Context(), "ws", func(store.LedgerTx) (*store.Writes, error) {
		return &store.Writes{Accounts: []store.Account{{Workspace: "ws", TermsVersion: 1, Seq: 5}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := st.ArchiveNext(ctx, "ws", 100, 10); err == nil || !strings.Contains(err.Error(), "counts 5 entries") {
		t.Errorf("the account counts 5 of 40 entries: %v", err)
	}
}
