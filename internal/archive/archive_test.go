package archive_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/archive"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

func TestMain(m *testing.M) {
	if os.Getenv(child) != "" {
		os.Exit(runChild())
	}
	os.Exit(testdb.CheckedMain(m))
}

// now is the clock of these tests. Entries begin a year before it.
var (
	now   = time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	start = now.AddDate(-1, 0, 0)
	cut   = now.AddDate(0, -4, 0)
)

// ledger is an open database with a ledger on it.
type ledger struct {
	address string
	store   *store.Store
	*credits.Ledger
	// end closes both; a second call does nothing.
	end func()
}

func openLedger(t testing.TB, address string) *ledger {
	t.Helper()
	st, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	l := &ledger{address: address, store: st, Ledger: credits.New(st, credits.ShippedBooks())}
	l.end = sync.OnceFunc(func() {
		l.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(l.end)
	return l
}

// archive is one that makes blocks of at most so many entries.
func (l *ledger) archive(most int) *archive.Archive {
	clock := func() time.Time { return now }
	return &archive.Archive{Store: l.store, Ledger: l.Ledger, Accounts: account.New(l.store, l.Ledger, clock), Clock: clock, Most: most}
}

// add adds a workspace with entries from start to now.
func (l *ledger) add(t testing.TB, ws string, entries int) {
	t.Helper()
	terms, err := credits.NewTerms(credits.ShippedBooks()["classic"], "enterprise", 1, "UTC", 1, start)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Subscribe(t.Context(), ws, terms, start); err != nil {
		t.Fatal(err)
	}
	var commands []credits.Command
	for n := range entries {
		commands = append(commands, command(ws, n, start.Add(now.Sub(start)/time.Duration(entries)*time.Duration(n))))
	}
	for some := range slices.Chunk(commands, 2000) {
		results, err := l.DoAll(t.Context(), some)
		if err != nil {
			t.Fatal(err)
		}
		for n, r := range results {
			if r.Err != nil {
				t.Fatalf("command %d: %v", n, r.Err)
			}
		}
	}
}

// command is the nth of a workspace: a charge, or a capture of a person.
func command(ws string, n int, at time.Time) credits.Command {
	key := fmt.Sprint(ws, "-", n)
	r := credits.Request{Workspace: ws, Member: fmt.Sprint("mem_", n%3), At: at, Key: key, Fingerprint: []byte(key)}
	if n%3 == 0 {
		return &credits.Capture{Request: r, Person: fmt.Sprint("per_", n/2), Findings: []credits.Finding{{Field: "personal_email"}}}
	}
	return &credits.Charge{Request: r, Credit: "standard", Amount: credits.Credit / 1000, Note: key}
}

func (l *ledger) entries(t testing.TB, ws string) (list []store.Entry) {
	t.Helper()
	if err := l.store.View(t.Context(), func(tx *store.Tx) error {
		return tx.Entries().EachUp(ws, func(e store.Entry) error { list = append(list, e); return nil })
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

// differences are what verify says.
func (l *ledger) differences(t testing.TB) (list []string) {
	t.Helper()
	if _, err := l.Verify(t.Context(), func(d credits.Difference) { list = append(list, d.String()) }); err != nil {
		t.Fatal(err)
	}
	return list
}

// exec runs a statement, or reads one number.
func (l *ledger) exec(t testing.TB, query string, args ...any) (n int64) {
	t.Helper()
	driver, name := "pgx", l.address
	if file, is := strings.CutPrefix(l.address, "sqlite:"); is {
		driver, name = "sqlite", file
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if strings.HasPrefix(query, "SELECT") {
		err = db.QueryRowContext(t.Context(), query, args...).Scan(&n)
	} else {
		_, err = db.ExecContext(t.Context(), query, args...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func eachLedger(t *testing.T, fn func(t *testing.T, l *ledger)) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) { fn(t, openLedger(t, testdb.Address(t, engine))) })
	}
}

func TestOldEntriesMoveAndComeBack(t *testing.T) {
	eachLedger(t, func(t *testing.T, l *ledger) {
		l.add(t, "one", 400)
		l.add(t, "two", 100)
		before := [][]store.Entry{l.entries(t, "one"), l.entries(t, "two")}
		old := 0
		for _, list := range before {
			for _, e := range list {
				if e.At < cut.UnixMicro() {
					old++
				}
			}
		}
		same := func(when string) {
			t.Helper()
			if after := [][]store.Entry{l.entries(t, "one"), l.entries(t, "two")}; !reflect.DeepEqual(after, before) {
				t.Errorf("%s: the entries differ", when)
			}
			if d := l.differences(t); len(d) > 0 {
				t.Errorf("%s: %v", when, d)
			}
		}
		r, err := l.archive(30).Run(t.Context(), "", cut)
		if err != nil || len(r.Left) > 0 || int(r.Entries) != old || r.Workspaces != 2 {
			t.Fatalf("%d entries are old; moved %+v, %v", old, r, err)
		}
		if here := l.exec(t, "SELECT count(*) FROM entries"); int(here) != 500-old {
			t.Errorf("%d entries are left of 500, %d were archived", here, old)
		}
		if blocks := l.exec(t, "SELECT count(*) FROM entry_archive"); int(blocks) < old/30 || int(blocks) > old/30+2 {
			t.Errorf("%d entries are in %d blocks of at most 30", old, blocks)
		}
		same("archived")
		if r, err := l.archive(30).Run(t.Context(), "", cut); err != nil || r.Entries != 0 {
			t.Errorf("a second run moved %+v, %v", r, err)
		}
		// Later there is more that is old: blocks that are not full are filled.
		if r, err = l.archive(30).Run(t.Context(), "", cut.AddDate(0, 1, 0)); err != nil || r.Entries == 0 {
			t.Errorf("a month later %+v, %v", r, err)
		}
		if partly := l.exec(t, "SELECT count(*) FROM entry_archive WHERE last_seq - first_seq < 29"); partly > 2 {
			t.Errorf("%d blocks are not full", partly)
		}
		same("archived again")
		if r, err = l.archive(30).Restore(t.Context(), "one"); err != nil || r.Workspaces != 1 {
			t.Errorf("restore: %+v, %v", r, err)
		}
		same("one restored")
		if _, err = l.archive(30).Restore(t.Context(), ""); err != nil {
			t.Error(err)
		}
		same("restored")
		if here, blocks := l.exec(t, "SELECT count(*) FROM entries"), l.exec(t, "SELECT count(*) FROM entry_archive"); here != 500 || blocks != 0 {
			t.Errorf("restored: %d entries of 500, %d blocks", here, blocks)
		}
	})
}

// What a rule may look at is not archived, however late the day that was asked for.
func TestWhatRulesLookAtStays(t *testing.T) {
	eachLedger(t, func(t *testing.T, l *ledger) {
		l.add(t, "one", 400)
		if _, err := l.archive(0).Run(t.Context(), "one", now.AddDate(1, 0, 0)); err != nil {
			t.Fatal(err)
		}
		first := l.exec(t, "SELECT min(at) FROM entries")
		view, err := l.Look(t.Context(), "one", nil, now)
		if err != nil {
			t.Fatal(err)
		}
		days := view.Book.Reports.Days
		if days < 1 || first > view.Current.Period.Start.Add(24*time.Hour).UnixMicro() || first > now.AddDate(0, 0, -days).UnixMicro() {
			t.Errorf("the oldest entry left is of %s; bad data can be reported for %d days, the period began on %s", time.UnixMicro(first), days, view.Current.Period.Start)
		}
		// Nor what webhooks were not told of.
		l.add(t, "two", 100)
		l.exec(t, "INSERT INTO webhook_cursors (workspace_id, seq, terms_version, cancel_at) VALUES ('two', 17, 0, 0)")
		if _, err := l.archive(0).Run(t.Context(), "two", cut); err != nil {
			t.Fatal(err)
		}
		if last := l.exec(t, "SELECT max(last_seq) FROM entry_archive WHERE workspace_id = 'two'"); last != 17 {
			t.Errorf("webhooks were told up to entry 17, and %d entries are archived", last)
		}
	})
}

func TestVerifyNamesADamagedBlock(t *testing.T) {
	eachLedger(t, func(t *testing.T, l *ledger) {
		l.add(t, "one", 200)
		l.add(t, "two", 50)
		if _, err := l.archive(40).Run(t.Context(), "", cut); err != nil {
			t.Fatal(err)
		}
		l.exec(t, "UPDATE entry_archive SET body = (SELECT body FROM entry_archive WHERE workspace_id = 'one' AND first_seq = 1) WHERE workspace_id = 'one' AND first_seq = 41")
		got := l.differences(t)
		if len(got) != 1 || !strings.HasPrefix(got[0], "one: the archived block of entries 41 to 80 is damaged") {
			t.Errorf("verify says %v", got)
		}
		r, err := l.archive(40).Restore(t.Context(), "")
		if err != nil || len(r.Left) != 1 || !strings.Contains(r.Left[0], "entries 41 to 80") {
			t.Errorf("restore: %+v, %v", r, err)
		}
		l.exec(t, "DELETE FROM entry_archive WHERE workspace_id = 'one' AND first_seq = 41")
		if got := l.differences(t); len(got) == 0 || !strings.Contains(got[0], "entry 81 follows entry 40") {
			t.Errorf("a block is missing, and verify says %v", got)
		}
	})
}

func TestOneArchiveAtATime(t *testing.T) {
	eachLedger(t, func(t *testing.T, l *ledger) {
		l.add(t, "one", 200)
		first := l.archive(10)
		asked := 0
		first.Progress = func(string, archive.Result) {
			if asked++; asked > 1 {
				return
			}
			if _, err := l.archive(10).Run(t.Context(), "", cut); err == nil || !strings.Contains(err.Error(), "another leadmeter archive is running") {
				t.Errorf("a second one: %v", err)
			}
		}
		if _, err := first.Run(t.Context(), "", cut); err != nil || asked == 0 {
			t.Fatalf("%v, %d steps", err, asked)
		}
		// One whose clock was ahead has its lease for longer: the day is said too.
		l.exec(t, "UPDATE leases SET value = '{\"id\":\"ahead\",\"until\":\"2027-05-06T07:08:09Z\"}' WHERE name = 'archiving'")
		if _, err := l.archive(10).Run(t.Context(), "", cut); err == nil || !strings.Contains(err.Error(), "2027-05-06 07:08:09 UTC") {
			t.Errorf("held until 2027: %v", err)
		}
		// One that was killed has its lease for a minute.
		l.exec(t, "UPDATE leases SET value = '{\"id\":\"gone\",\"until\":\"2020-01-01T00:00:00Z\"}' WHERE name = 'archiving'")
		if _, err := l.archive(10).Restore(t.Context(), ""); err != nil {
			t.Errorf("after the minute: %v", err)
		}
	})
}

// Charges and reads go on while entries are archived and restored, and see each entry once.
func TestChargesWhileArchiving(t *testing.T) {
	eachLedger(t, func(t *testing.T, l *ledger) {
		testdb.Slow(t)
		l.add(t, "one", 3000)
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		var charged, read atomic.Int64
		for worker := range 4 {
			all.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					c := command("one", 10_000*(worker+1)+n, now)
					if _, err := l.Do(context.Background(), c); err != nil {
						t.Error(err)
						return
					}
					charged.Add(1)
				}
			})
		}
		all.Go(func() {
			for ctx.Err() == nil {
				newest, err := l.Entries(context.Background(), "one", 0, 1000)
				for n, e := range newest {
					if e.Seq != int64(n)+1 {
						t.Errorf("entry %d is the %dth", e.Seq, n+1)
						return
					}
				}
				if err != nil || len(newest) != 1000 {
					t.Errorf("%d entries, %v", len(newest), err)
					return
				}
				read.Add(1)
			}
		})
		rounds := 0
		for began := time.Now(); time.Since(began) < 3*time.Second || rounds < 2; rounds++ {
			r, err := l.archive(100).Run(t.Context(), "one", cut)
			if err == nil && r.Entries < 1000 {
				t.Errorf("only %d entries were archived", r.Entries)
			}
			if err == nil {
				_, err = l.archive(100).Restore(t.Context(), "one")
			}
			if err != nil {
				t.Error(err)
				break
			}
		}
		stop()
		all.Wait()
		if n := int64(len(l.entries(t, "one"))); n != 3000+charged.Load() || charged.Load() == 0 || read.Load() == 0 {
			t.Errorf("%d entries after %d charges and %d reads", n, charged.Load(), read.Load())
		}
		if d := l.differences(t); len(d) > 0 {
			t.Error(d)
		}
		t.Logf("%d charges, %d reads, %d rounds", charged.Load(), read.Load(), rounds)
	})
}
