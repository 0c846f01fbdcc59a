package bench

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// A database is filled once with what the ledger would have written, which it continues.
func TestFillPast(t *testing.T) {
	const workspaces, entries = 64, 5000
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			o := Options{Database: testdb.Address(t, engine), Workspaces: workspaces, Entries: entries}
			st, err := store.Open(t.Context(), o.Database)
			if err != nil {
				t.Fatal(err)
			}
			l := credits.New(st, credits.ShippedBooks())
			t.Cleanup(func() { l.Close(); st.Close() })
			f, err := fillPast(t.Context(), st, o, &bytes.Buffer{})
			if err != nil {
				t.Fatal(err)
			}
			largest := f.Groups[0].Of[0]
			if len(f.Groups) != 4 || largest.Entries < entries/10 {
				t.Errorf("samples are %+v", f.Groups)
			}
			charge := &credits.Charge{Request: credits.Request{Workspace: largest.Workspace, At: time.Now(), Key: "next", Channel: "api"}, Credit: "standard", Amount: credits.Credit}
			if _, err := l.Do(t.Context(), charge); err != nil {
				t.Fatal(err)
			}
			counts := countedRows(t, st, largest.Workspace)
			if counts["entries"] != entries+1 || counts["receipts"] != entries+1 || counts["accounts"] != workspaces || counts["logins"] != workspaces {
				t.Errorf("there are %v", counts)
			}
			n, err := l.Verify(t.Context(), func(d credits.Difference) { t.Error(d) })
			if err != nil || n != workspaces {
				t.Errorf("%d workspaces are verified, %v", n, err)
			}
			var out bytes.Buffer
			if again, err := fillPast(t.Context(), st, o, &out); err != nil || out.Len() > 0 || again.Groups[0].Of[0] != largest {
				t.Errorf("filled again: %+v, %v, %s", again, err, out.String())
			}
			o.Entries++
			if _, err := fillPast(t.Context(), st, o, &out); err == nil || !strings.Contains(err.Error(), "64 workspaces and 5000 entries") {
				t.Errorf("with other numbers: %v", err)
			}
		})
	}
}

// countedRows counts the rows of each table, and compares the newest entry and receipt of a workspace,
// which the ledger wrote, with those before it, which the filler wrote.
func countedRows(t *testing.T, st *store.Store, ws string) map[string]int64 {
	t.Helper()
	counts := map[string]int64{}
	differ := map[string]bool{"seq": true, "at": true, "balance_after": true, "day": true, "key": true, "answer": true}
	err := st.View(t.Context(), func(tx *store.Tx) error {
		list, err := tx.Tables().List()
		if err != nil {
			return err
		}
		for _, table := range list {
			if counts[table.Name], err = tx.Tables().Count(table); err != nil {
				return err
			}
			if table.Name != "entries" && table.Name != "receipts" {
				continue
			}
			var newest, before []any // by the account's time, which never goes back
			at := columnOf(table, "at")
			err := tx.Tables().Read(table, nil, 1<<30, func(row []any, _ store.Position) bool {
				if row[table.Workspace()] != ws {
					return true
				}
				if newest == nil || row[at].(int64) > newest[at].(int64) {
					newest, before = row, newest
				} else if before == nil || row[at].(int64) > before[at].(int64) {
					before = row
				}
				return true
			})
			if err != nil {
				return err
			}
			for n, c := range table.Columns {
				if a, b := newest[n], before[n]; !differ[c.Name] && !same(a, b) {
					t.Errorf("%s.%s of the ledger is %v, of the filler %v", table.Name, c.Name, a, b)
				}
			}
			if n := columnOf(table, "answer"); n >= 0 && newest[n].([]byte)[0] != before[n].([]byte)[0] {
				t.Errorf("the ledger's receipts are %x, the filler's %x", newest[n], before[n])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

func same(a, b any) bool {
	if x, is := a.([]byte); is {
		return bytes.Equal(x, b.([]byte))
	}
	return a == b
}

func columnOf(table store.Table, name string) int {
	for n, c := range table.Columns {
		if c.Name == name {
			return n
		}
	}
	return -1
}

// A database that is somebody's is not filled.
func TestFillPastRefusesWorkspaces(t *testing.T) {
	testdb.Want(t, "sqlite")
	st := testdb.Open(t, "sqlite")
	err := st.Update(context.Background(), func(tx *store.Tx) error {
		return tx.Accounts().Insert(store.Account{Workspace: "ws_1", Terms: []byte("{}")})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fillPast(t.Context(), st, Options{Workspaces: 64, Entries: 64}, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "has workspaces already") {
		t.Errorf("it was filled: %v", err)
	}
}

// The filler stops before the disk is full.
func TestProgressStopsBeforeTheDiskIsFull(t *testing.T) {
	for _, c := range []struct {
		free int64
		stop bool
	}{{keepFree - 1, true}, {keepFree, false}, {-1, false}} {
		p := &progress{out: &bytes.Buffer{}, disk: "/data", free: func(string) int64 { return c.free }}
		p.begin("entries", 2*rowsAtOnce)
		p.said = time.Now().Add(-time.Minute)
		if p.done(rowsAtOnce); (p.err != nil) != c.stop {
			t.Errorf("with %d bytes free: %v", c.free, p.err)
		}
	}
}
