package bench

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// bareBatch is how many charges one transaction of the bare driver writes.
const bareBatch = 1000

// bareAnswer is what a charge's receipt holds.
const bareAnswer = `{"result":{"entry":"ent_1000000","charged":{"standard":1},"balances":{"standard":{"allowance":25000000,"used":1000000,"held":0,"available":24000000}},"at":"2026-03-01T00:00:00.123456Z"}}`

// bare is how many charges a second the driver writes with nothing in front of it:
// the same rows over as many workspaces in transactions of a thousand, no callers,
// no decisions, no reads. It is the limit to compare with. SQLite writes to a file
// of its own, removed afterwards; Postgres on a connection a processor.
func bare(ctx context.Context, address string, workspaces int, round time.Duration) (float64, error) {
	lanes := min(runtime.GOMAXPROCS(0), workspaces)
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		path += "-bare"
		defer func() {
			for _, end := range []string{"", "-wal", "-shm"} {
				os.Remove(path + end)
			}
		}()
		address, lanes = "sqlite:"+path, 1
	}
	st, err := store.Open(ctx, address)
	if err != nil {
		return 0, err
	}
	defer st.Close()
	ids := make([]string, workspaces)
	if err := st.Update(ctx, func(tx *store.Tx) error {
		for n := range ids {
			ids[n] = ident.Small("ws")
			if err := tx.Accounts().Insert(store.Account{Workspace: ids[n], Terms: []byte("{}")}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return 0, err
	}
	slices.Sort(ids)
	var written atomic.Int64
	errs := make([]error, lanes)
	var running sync.WaitGroup
	began := time.Now()
	for n := range lanes {
		running.Go(func() {
			l := &bareLane{ids: ids[n*workspaces/lanes : (n+1)*workspaces/lanes]}
			l.seqs = make([]int64, len(l.ids))
			for time.Since(began) < round && errs[n] == nil {
				w := l.batch()
				errs[n] = st.Ledger(ctx, w.Accounts[0].Workspace, func(store.LedgerTx) (*store.Writes, error) { return w, nil })
				written.Add(bareBatch)
			}
		})
	}
	running.Wait()
	return float64(written.Load()) / time.Since(began).Seconds(), errors.Join(errs...)
}

// bareLane is what one connection writes to: workspaces of its own.
type bareLane struct {
	ids  []string
	seqs []int64 // each workspace's last
	next int     // how many charges were made
}

// batch is the rows of a thousand charges, in the workspaces that the bench's
// callers would visit.
func (l *bareLane) batch() *store.Writes {
	w := &store.Writes{}
	var touched []int
	for range bareBatch {
		at := stride(l.next, len(l.ids))
		l.next++
		if len(touched) < len(l.ids) {
			touched = append(touched, at)
		}
		l.seqs[at]++
		ws, seq := l.ids[at], l.seqs[at]
		after := int64(1_000_000_000_000) - seq
		w.Entries = append(w.Entries, store.Entry{Workspace: ws, Seq: seq, At: seq, Day: 20260301, Kind: "charge", Credit: "standard", Amount: 1_000_000, BalanceAfter: &after, Outcome: "charged", Channel: "bench"})
		w.Receipts = append(w.Receipts, store.Receipt{Workspace: ws, Key: uuid.Must(uuid.NewV7()).String(), Fingerprint: []byte{}, At: seq, Answer: []byte(bareAnswer)})
	}
	slices.Sort(touched)
	for _, at := range touched {
		pools := store.PoolsText([]store.Pool{{Credit: "standard", Used: l.seqs[at], Allowance: -1}})
		w.Accounts = append(w.Accounts, store.Account{Workspace: l.ids[at], Seq: l.seqs[at], Pools: pools})
	}
	return w
}
