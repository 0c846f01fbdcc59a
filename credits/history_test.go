package credits_test

import (
	"hash/maphash"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/history"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// historyOperations is how many commands the history test sends; a million takes
// a minute or more: LEADMETER_TEST_OPERATIONS=1000000.
func historyOperations(t *testing.T, usual int) int {
	if text := os.Getenv("LEADMETER_TEST_OPERATIONS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if testing.Short() {
		return usual / 5
	}
	return usual
}

// Rules C8, C9, S3: whatever callers were told, and when, is what the ledger
// has: every check of package history, over charges, holds, settlements,
// releases, captures, grants, refusals, keys sent again and answers lost.
func TestC9HistoryOnSQLite(t *testing.T) {
	st := testdb.Open(t, "sqlite")
	record(t, st, 11, historyOperations(t, 100_000), newLedger(t, st, credits.ShippedBooks()))
}

// No seed gives a finding.
func TestC9HistorySeeds(t *testing.T) {
	seeds := uint64(100)
	if testing.Short() {
		seeds = 10
	}
	for seed := range seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			st := testdb.Open(t, "sqlite")
			record(t, st, seed, 1000, newLedger(t, st, credits.ShippedBooks()))
		})
	}
}

// The same from callers of two servers on one database.
func TestC9HistoryOfTwoServers(t *testing.T) {
	address := testdb.Address(t, "postgres")
	first, second := testdb.OpenAt(t, address), testdb.OpenAt(t, address)
	record(t, first, 12, historyOperations(t, 100_000)/5, newLedger(t, first, credits.ShippedBooks()), newLedger(t, second, credits.ShippedBooks()))
}

// recorded are the workspaces: the first is hot, and gets half of the commands.
var recorded = []string{"hot", "w1", "w2", "w3"}

// recording is what all callers of a run share.
type recording struct {
	t       *testing.T
	began   time.Time
	seed    uint64
	hash    maphash.Seed
	ledgers []*credits.Ledger
}

func (r *recording) clock() int64 { return int64(time.Since(r.began)) }

func record(t *testing.T, st *store.Store, seed uint64, operations int, ledgers ...*credits.Ledger) {
	for _, ws := range recorded {
		sub := subscription{workspace: ws, book: "classic", plan: "starter", zone: "UTC", seats: max(1, operations/2000), anchor: 1}
		if err := open(st, credits.ShippedBooks(), sub, crashNow); err != nil {
			t.Fatal(err)
		}
	}
	opening := map[string]map[string]history.Pool{}
	for _, ws := range recorded {
		opening[ws] = look(t, ledgers[0], ws)
	}
	r := &recording{t: t, began: time.Now(), seed: seed, hash: maphash.MakeSeed(), ledgers: ledgers}
	const many = 24 // callers; the first few send batches, the others one at a time
	recorders := make([]*recorder, many)
	var sending sync.WaitGroup
	for n := range recorders {
		recorders[n] = newRecorder(r, n, recorderSize(n))
		sending.Go(func() { recorders[n].run(operations / many) })
	}
	sending.Wait()
	sent := time.Since(r.began)
	calls, entries, refused := 0, 0, 0
	for _, ws := range recorded {
		h := history.History{Entries: historyEntries(t, st, ws), Pools: opening[ws]}
		for _, rec := range recorders {
			h.Calls = append(h.Calls, rec.calls[ws]...)
		}
		for name, left := range look(t, ledgers[0], ws) {
			h.Pools[name] = history.Pool{Opening: h.Pools[name].Opening, Left: left.Opening}
		}
		for _, f := range history.Check(h) {
			t.Errorf("%s: %v", ws, f)
		}
		for _, c := range h.Calls {
			if c.Outcome == history.Refused {
				refused++
			}
		}
		calls, entries = calls+len(h.Calls), entries+len(h.Entries)
	}
	if refused == 0 {
		t.Error("nobody was refused: no pool ran dry")
	}
	if _, err := ledgers[0].Verify(ctx, func(d credits.Difference) { t.Error(d) }); err != nil {
		t.Error(err)
	}
	t.Logf("%d calls, %d refused, %d entries: sent in %v, checked in %v", calls, refused, entries,
		sent.Round(time.Millisecond), (time.Since(r.began) - sent).Round(time.Millisecond))
}

// recorderSize is how many commands a caller sends at once.
func recorderSize(n int) int {
	if n < 4 {
		return 256
	}
	return 16
}

// look is what a workspace has left, per credit type.
func look(t *testing.T, l *credits.Ledger, ws string) map[string]history.Pool {
	view, err := l.Look(ctx, ws, nil, crashNow)
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]history.Pool{}
	for _, c := range view.Credits {
		left[c.Credit] = history.Pool{Opening: int64(c.Available.Amount)}
	}
	return left
}

// historyEntries reads a workspace's entries as the checker wants them. The key
// of a call is in what it leaves behind: the note of a charge, the person of a
// capture, the id of a hold or a grant; what ends a hold has its id with an f.
func historyEntries(t *testing.T, st *store.Store, ws string) []history.Entry {
	var list []history.Entry
	err := st.View(ctx, func(tx *store.Tx) error {
		return tx.Entries().EachUp(ws, func(e store.Entry) error {
			h := history.Entry{Seq: e.Seq, Pool: e.Credit, Kind: e.Kind, Amount: e.Amount, Balance: *e.BalanceAfter}
			switch {
			case e.Kind == credits.KindHold:
				h.Key = e.Hold
			case e.Hold != "":
				h.Key = "f" + e.Hold
			case e.Grant != "":
				h.Key = e.Grant
			default:
				h.Key = e.Person + e.Note
			}
			switch {
			case e.Kind == credits.KindGrant || e.Kind == credits.KindRelease:
				h.Takes = -e.Amount
			case e.Kind == credits.KindHold || e.Hold == "":
				h.Takes = e.Amount
			}
			list = append(list, h)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
