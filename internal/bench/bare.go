package bench

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/leadmeter/leadmeter/internal/store"
)

// bareBatch is how many charges one transaction of the bare driver writes.
const bareBatch = 1000

// bareAnswer is what a charge's receipt holds.
const bareAnswer = `{"result":{"entry":"ent_1000000","charged":{"standard":1},"balances":{"standard":{"allowance":25000000,"used":1000000,"held":0,"available":24000000}},"at":"2026-03-01T00:00:00.123456Z"}}`

// bare is how many charges a second the driver writes with nothing in front of it:
// the same rows in transactions of a thousand, no callers, no decisions, no reads.
// It is the limit to compare with.
func bare(ctx context.Context, address string, round time.Duration) (float64, error) {
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok {
		return 0, errors.New("bench: --against bare measures SQLite's driver")
	}
	path += "-bare"
	defer func() {
		for _, end := range []string{"", "-wal", "-shm"} {
			os.Remove(path + end)
		}
	}()
	st, err := store.Open(ctx, "sqlite:"+path)
	if err != nil {
		return 0, err
	}
	defer st.Close()
	if err := st.Update(ctx, func(tx *store.Tx) error {
		return tx.InsertAccount(store.Account{Workspace: "ws_bare", Terms: []byte("{}")})
	}); err != nil {
		return 0, err
	}
	answer := []byte(bareAnswer)
	began, seq := time.Now(), int64(0)
	for time.Since(began) < round {
		w := &store.Writes{}
		for range bareBatch {
			seq++
			after := int64(1_000_000_000_000) - seq
			w.Entries = append(w.Entries, store.Entry{Workspace: "ws_bare", Seq: seq, At: seq, Day: 20260301, Kind: "charge", Credit: "standard", Amount: 1_000_000, BalanceAfter: &after, Outcome: "charged", Channel: "bench"})
			w.Receipts = append(w.Receipts, store.Receipt{Workspace: "ws_bare", Key: uuid.Must(uuid.NewV7()).String(), Fingerprint: []byte{}, At: seq, Answer: answer})
		}
		w.Accounts = []store.Account{{Workspace: "ws_bare", Seq: seq}}
		w.Pools = []store.Pool{{Workspace: "ws_bare", Credit: "standard", Used: seq, Allowance: -1}}
		if err := st.Ledger(ctx, func(store.LedgerTx) (*store.Writes, error) { return w, nil }); err != nil {
			return 0, err
		}
	}
	return float64(seq) / time.Since(began).Seconds(), nil
}
