package job_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/job"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

const child = "LEADMETER_TEST_JOB_CHILD"

func TestMain(m *testing.M) {
	if address := os.Getenv(child); address != "" {
		os.Exit(runChild(address))
	}
	os.Exit(testdb.Main(m))
}

// searches are rows that the tests run: a table with nothing but a due time.
type searches struct {
	clock func() time.Time
	do    func(ctx context.Context, row store.SearchRow)
}

func (searches) Due(tx *store.Tx, now time.Time, without []string, room int) (list []store.SearchRow, err error) {
	all, err := tx.Searches().Due(now.UnixMicro(), 1000)
	for _, row := range all {
		if len(list) < room && !contains(without, row.Person) {
			list = append(list, row)
		}
	}
	return list, err
}

func contains(list []string, text string) bool {
	for _, one := range list {
		if one == text {
			return true
		}
	}
	return false
}

func (searches) Claim(tx *store.Tx, row store.SearchRow, _, until time.Time) (store.SearchRow, bool, error) {
	mine, err := tx.Searches().Take(row, until.UnixMicro())
	row.Due = until.UnixMicro()
	return row, mine, err
}

func (searches) Target(row store.SearchRow) string { return row.Person }

func (s searches) Run(ctx context.Context, row store.SearchRow) { s.do(ctx, row) }

func queue(st *store.Store, do func(ctx context.Context, row store.SearchRow)) *job.Queue[store.SearchRow] {
	return &job.Queue[store.SearchRow]{
		Name: "test", Store: st, Rows: searches{time.Now, do}, Clock: time.Now, Lease: time.Minute,
		Every: 5 * time.Millisecond, AtOnce: 4, PerTarget: 2, Grace: 50 * time.Millisecond,
	}
}

func put(t *testing.T, st *store.Store, id, target string) {
	t.Helper()
	if err := st.Update(t.Context(), func(tx *store.Tx) error {
		return tx.Searches().Put(store.SearchRow{ID: id, Person: target, Ticket: "{}"})
	}); err != nil {
		t.Fatal(err)
	}
}

func end(st *store.Store, id string) error {
	return st.Update(context.Background(), func(tx *store.Tx) error { return tx.Searches().Drop(id) })
}

func left(t *testing.T, st *store.Store) int {
	t.Helper()
	var list []store.SearchRow
	if err := st.View(context.Background(), func(tx *store.Tx) (err error) {
		list, err = tx.Searches().Due(1<<62, 1000)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// works runs a queue until the test ends, or stop is called.
func works(t *testing.T, q *job.Queue[store.SearchRow]) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		q.Work(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}

func eventually(t *testing.T, what string, good func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !good(); {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
		time.Sleep(2 * time.Millisecond) // a poll, bounded above
	}
}

// Two servers run every row, each once.
func TestEachRowRunsOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		const rows = 60
		for n := range rows {
			put(t, st, fmt.Sprint("row", n), fmt.Sprint("target", n%7))
		}
		var mu sync.Mutex
		ran := map[string]int{}
		do := func(_ context.Context, row store.SearchRow) {
			mu.Lock()
			ran[row.ID]++
			mu.Unlock()
			if err := end(st, row.ID); err != nil {
				t.Error(err)
			}
		}
		works(t, queue(st, do))
		works(t, queue(st, do))
		eventually(t, "rows are left", func() bool { return left(t, st) == 0 })
		mu.Lock()
		defer mu.Unlock()
		for id, n := range ran {
			if n != 1 {
				t.Errorf("%s ran %d times", id, n)
			}
		}
		if len(ran) != rows {
			t.Errorf("%d of %d rows ran", len(ran), rows)
		}
	})
}

// A target that is slow has at most its share, and the others continue.
func TestOneTargetHoldsUpNobody(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		for n := range 10 {
			put(t, st, fmt.Sprint("slow", n), "slow")
		}
		for n := range 10 {
			put(t, st, fmt.Sprint("quick", n), "quick")
		}
		hold := make(chan struct{})
		var slow, most, quick atomic.Int64
		q := queue(st, func(_ context.Context, row store.SearchRow) {
			if row.Person == "quick" {
				quick.Add(1)
				_ = end(st, row.ID)
				return
			}
			most.Store(max(most.Load(), slow.Add(1)))
			<-hold
			slow.Add(-1)
			_ = end(st, row.ID)
		})
		works(t, q)
		eventually(t, "the quick ones wait for the slow ones", func() bool { return quick.Load() == 10 })
		if most.Load() != 2 {
			t.Errorf("%d of the slow target ran at once, want 2", most.Load())
		}
		close(hold)
		eventually(t, "rows are left", func() bool { return left(t, st) == 0 })
	})
}

// What panics loses its turn alone; its row is claimed again when its lease ends.
func TestPanic(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		put(t, st, "bad", "")
		put(t, st, "good", "")
		var bad atomic.Int64
		q := queue(st, func(_ context.Context, row store.SearchRow) {
			if row.ID == "bad" && bad.Add(1) == 1 {
				panic("a mistake")
			}
			_ = end(st, row.ID)
		})
		q.Lease = 200 * time.Millisecond
		works(t, q)
		eventually(t, "rows are left", func() bool { return left(t, st) == 0 })
		if bad.Load() != 2 {
			t.Errorf("the row that panicked ran %d times, want 2", bad.Load())
		}
	})
}

// A server that is told to stop lets rows end within its grace, and then ends them.
func TestStop(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		put(t, st, "long", "")
		began, ended := make(chan struct{}), make(chan error, 1)
		stop := works(t, queue(st, func(ctx context.Context, _ store.SearchRow) {
			close(began)
			<-ctx.Done()
			ended <- ctx.Err()
		}))
		<-began
		stop()
		if err := <-ended; err == nil {
			t.Error("the row was not told to end")
		}
	})
}

// runChild claims a row, says so and never ends it.
func runChild(address string) int {
	st, err := store.Open(context.Background(), address)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	q := queue(st, func(context.Context, store.SearchRow) {
		fmt.Println("claimed")
		select {}
	})
	q.Lease = 400 * time.Millisecond
	q.Work(context.Background())
	return 0
}

// A row whose server is killed runs on another one when its lease ends, and not before.
func TestKilled(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			address := testdb.Address(t, engine)
			st, err := store.Open(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = st.Close() })
			put(t, st, "row", "")
			server := exec.Command(os.Args[0])
			server.Env = append(os.Environ(), child+"="+address)
			out, err := server.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := server.Start(); err != nil {
				t.Fatal(err)
			}
			text := make([]byte, 64)
			n, err := out.Read(text)
			if err != nil || !strings.Contains(string(text[:n]), "claimed") {
				t.Fatalf("the server says %q, %v", text[:n], err)
			}
			if err := server.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = server.Wait()
			var list []store.SearchRow
			if err := st.View(t.Context(), func(tx *store.Tx) (err error) {
				list, err = tx.Searches().Due(1<<62, 10)
				return err
			}); err != nil || len(list) != 1 {
				t.Fatalf("%d rows, %v", len(list), err)
			}
			lease := time.UnixMicro(list[0].Due)
			var again atomic.Int64
			works(t, queue(st, func(_ context.Context, row store.SearchRow) {
				again.Store(time.Now().UnixMicro())
				_ = end(st, row.ID)
			}))
			eventually(t, "the row is left", func() bool { return left(t, st) == 0 })
			if at := time.UnixMicro(again.Load()); at.Before(lease) {
				t.Errorf("it ran again at %v, before its lease ended at %v", at, lease)
			}
		})
	}
}

// A hold is sure while it is renewed, and not when it could not be for half of its
// length, or was lost.
func TestHold(t *testing.T) {
	var fails, lost atomic.Bool
	h := job.NewHold(120 * time.Millisecond)
	h.Keep(t.Context(), func(context.Context) (bool, error) {
		if fails.Load() {
			return false, fmt.Errorf("no database")
		}
		return !lost.Load(), nil
	})
	defer h.End()
	for began := time.Now(); time.Since(began) < 300*time.Millisecond; time.Sleep(5 * time.Millisecond) { // longer than the lease
		if !h.Sure() {
			t.Skip("this machine was too busy to renew in time")
		}
	}
	fails.Store(true)
	eventually(t, "it stays sure though it is not renewed", func() bool { return !h.Sure() })
	fails.Store(false)
	eventually(t, "it is not sure again", func() bool { return h.Sure() })
	lost.Store(true)
	eventually(t, "it stays sure though it was lost", func() bool { return !h.Sure() })
	lost.Store(false)
	time.Sleep(100 * time.Millisecond) // more than two renewals
	if h.Sure() {
		t.Error("what was lost is sure again")
	}
}
