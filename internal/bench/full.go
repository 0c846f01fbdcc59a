package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// pastWorkspaces is how many workspaces share the entries of a full database.
const pastWorkspaces = 1000

// openFull makes a second ledger, over a database that holds many entries and
// their receipts already.
func openFull(ctx context.Context, o Options) (*bench, error) {
	st, err := store.Open(ctx, o.FullDatabase)
	if err != nil {
		return nil, err
	}
	if err := past(ctx, st, o.Entries); err != nil {
		st.Close()
		return nil, err
	}
	b := &bench{Options: o, store: st, ledger: credits.New(st, credits.ShippedBooks())}
	if err := b.workspaces(ctx); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) close() {
	if b.peers != nil {
		_ = b.peers.Close()
	}
	b.ledger.Close()
	b.store.Close()
}

// past writes entries as the ledger would have, in transactions of a thousand:
// each workspace's in the order of their numbers, the receipts under keys in
// order of time.
func past(ctx context.Context, st *store.Store, entries int) error {
	ids := make([]string, pastWorkspaces)
	for n := range ids {
		ids[n] = ident.Small("ws")
	}
	terms, err := credits.NewTerms(credits.ShippedBooks()["classic"], "starter", credits.MaxSeats, "UTC", 1, time.Now())
	if err != nil {
		return err
	}
	err = st.Update(ctx, func(tx *store.Tx) error {
		for _, id := range ids {
			if err := tx.Accounts().Insert(store.Account{Workspace: id, Terms: terms.Encode(), TermsVersion: 1}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	answer := []byte(bareAnswer)
	seq := make([]int64, len(ids))
	for done := 0; done < entries; {
		w := &store.Writes{}
		n := done / bareBatch % len(ids)
		for range min(bareBatch, entries-done) {
			seq[n]++
			after := int64(1_000_000_000_000) - seq[n]
			at := int64(1_600_000_000_000_000) + int64(done)
			w.Entries = append(w.Entries, store.Entry{Workspace: ids[n], Seq: seq[n], At: at, Day: 20200913, Kind: "charge", Credit: "standard", Amount: 1_000_000, BalanceAfter: &after, Outcome: "charged", Channel: "bench"})
			w.Receipts = append(w.Receipts, store.Receipt{Workspace: ids[n], Key: uuid.Must(uuid.NewV7()).String(), Fingerprint: []byte{}, At: at, Answer: answer})
			done++
		}
		w.Accounts = []store.Account{{Workspace: ids[n], Seq: seq[n], TermsVersion: 1}}
		if err := st.Ledger(ctx, w.Accounts[0].Workspace, func(store.LedgerTx) (*store.Writes, error) { return w, nil }); err != nil {
			return fmt.Errorf("bench: filling the database: %w", err)
		}
	}
	return nil
}
