package copying_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/copying"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// refused wants a copy that is refused with a sentence.
func refused(t *testing.T, from, to, because string) {
	t.Helper()
	r, err := run(t.Context(), from, to, nil)
	if err == nil || !strings.Contains(err.Error(), because) {
		t.Errorf("copy %s to %s: %+v, %v, want %q", from, to, r, err, because)
	}
}

// notServed wants a database that no server opens.
func notServed(t *testing.T, address, because string) {
	t.Helper()
	s, err := server.Open(t.Context(), server.Config{Database: address})
	if err == nil {
		s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), because) {
		t.Errorf("a server at %s: %v, want %q", address, err, because)
	}
}

func alter(t *testing.T, address, query string, args ...any) {
	t.Helper()
	driver, where := "pgx", address
	if path, lite := strings.CutPrefix(address, "sqlite:"); lite {
		driver, where = "sqlite", path
	}
	db, err := sql.Open(driver, where)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r, err := db.Exec(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := r.RowsAffected(); n == 0 && !strings.HasPrefix(query, "CREATE") && !strings.HasPrefix(query, "SELECT") {
		t.Fatalf("%s: no row", query)
	}
}

// stopped begins a copy and stops it once rows of a table were copied.
func stopped(t *testing.T, from, to, table string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	_, err := run(ctx, from, to, func(p copying.Progress) {
		if p.Table == table {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("a copy that was stopped: %v", err)
	}
}

// What holds another database, is of another version or is used by somebody is no target.
func TestRefusedTargets(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			from := fill(t).address
			used := testdb.Address(t, engine)
			s, err := server.Open(t.Context(), server.Config{Database: used})
			if err != nil {
				t.Fatal(err)
			}
			because := "a leadmeter process is connected to"
			if engine == "sqlite" {
				because = "another process has the database file"
			}
			if engine == "sqlite" {
				refused(t, from, used, because)
			} else {
				refused(t, used, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), because)
			}
			if _, err := s.Accounts.CreateOperatorKey(t.Context(), "x", false); err != nil {
				t.Fatal(err)
			}
			s.Close()
			refused(t, from, used, "the target is not empty")
			refused(t, from, from, "the same database")
			refused(t, "sqlite:"+filepath.Join(t.TempDir(), "none.db"), used, "there is no database")

			old := testdb.Address(t, engine)
			alter(t, old, `INSERT INTO operator_receipts (key, fingerprint, at, answer) VALUES ('k', $1, 1, $1)`, []byte{1})
			alter(t, old, `DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`)
			refused(t, from, old, "the target has version")
			refused(t, old, testdb.Address(t, engine), "the source has version")
			changed := testdb.Address(t, engine)
			alter(t, changed, `CREATE TABLE own (id TEXT NOT NULL PRIMARY KEY)`)
			refused(t, from, changed, "do not have the same tables")

			// Nothing of this keeps the source from being used.
			s, err = server.Open(t.Context(), server.Config{Database: from})
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
		})
	}
}

// From the first row on nobody serves either database, until the copy is complete or undone; and an
// undone one cannot be continued.
func TestNobodyChargesTheOldOne(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			from, to := fill(t).address, testdb.Address(t, engine)
			stopped(t, from, to, "leads")
			notServed(t, from, "is being copied to")
			notServed(t, to, "an unfinished copy")
			undo(t, from)
			refused(t, from, to, "a copy of another database, or of this one before")
			fresh := testdb.Address(t, engine)
			stopped(t, from, fresh, "people")
			if r := mustRun(t, from, fresh); r.Resumed == 0 || r.Rows == 0 {
				t.Errorf("continued: %+v", r)
			}
			notServed(t, from, "was moved to")
			refused(t, from, testdb.Address(t, engine), "was moved to")
			if r, err := run(t.Context(), from, fresh, nil); err != nil || !r.Complete {
				t.Errorf("once more: %+v, %v", r, err)
			}
			s, err := server.Open(t.Context(), server.Config{Database: fresh})
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
			undo(t, from)
			if s, err = server.Open(t.Context(), server.Config{Database: from}); err != nil {
				t.Fatal(err)
			}
			s.Close()
		})
	}
}

// A copy that was killed while it made the target's schema continues, as any.
func TestHalfMadeTarget(t *testing.T) {
	testdb.Want(t, "sqlite")
	from, to := fill(t).address, "sqlite:"+filepath.Join(t.TempDir(), "half.db")
	first, err := os.ReadFile("../store/migrations/0101_ledger.sql")
	if err != nil {
		t.Fatal(err)
	}
	alter(t, to, "CREATE TABLE x (i); DROP TABLE x; "+string(first)) // which is all that has run
	alter(t, to, "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))")
	alter(t, to, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (101, 1)")
	mustRun(t, from, to)
	served(t, to)
}

func served(t *testing.T, address string) {
	t.Helper()
	s, err := server.Open(t.Context(), server.Config{Database: address})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

// A source that was taken back while a copy stood still, and may have been charged since, is not
// closed by it, and its target is not opened.
func TestTakenBackMeanwhile(t *testing.T) {
	testdb.Want(t, "postgres") // of SQLite a copy has the file for itself
	from, to := testdb.Address(t, "postgres"), testdb.Address(t, "sqlite")
	mustRun(t, fill(t).address, from)
	taken := false
	_, err := run(t.Context(), from, to, func(p copying.Progress) {
		if p.Comparing && !taken {
			taken = true
			undo(t, from)
		}
	})
	if err == nil || !strings.Contains(err.Error(), "taken back") {
		t.Errorf("the copy of a source that was taken back: %v", err)
	}
	served(t, from)
	notServed(t, to, "an unfinished copy")
}

// A server that lost its connections while its database was moved, and was not seen by the copy,
// does nothing any more.
func TestServersThatWereNotSeen(t *testing.T) {
	testdb.Want(t, "postgres")
	from, to := testdb.Address(t, "postgres"), testdb.Address(t, "sqlite")
	f := fill(t)
	mustRun(t, f.address, from)
	s, err := server.Open(t.Context(), server.Config{Database: from})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	charge := func(key string) error {
		r := credits.Request{Workspace: f.workspace, At: time.Now(), Key: key}
		_, err := s.Ledger.Do(t.Context(), &credits.Charge{Request: r, Credit: "standard", Amount: credits.Credit})
		return err
	}
	if err := charge("before"); err != nil {
		t.Fatal(err)
	}
	done := false
	for range 20 { // it may connect between the two
		cut(t, from)
		if _, err := run(t.Context(), from, to, nil); err == nil {
			done = true
			break
		}
	}
	if !done {
		t.Fatal("the server was seen each time")
	}
	cut(t, from)
	for range 20 { // the first find that their connections are cut
		if err = charge("after"); err == nil || strings.Contains(err.Error(), "was moved") {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), "was moved") {
		t.Errorf("a charge of a database that was moved: %v", err)
	}
}

// cut ends every connection of a server.
func cut(t *testing.T, address string) {
	t.Helper()
	const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'leadmeter%'`
	alter(t, address, end)
	if testdb.OnCitus() {
		alter(t, address, `SELECT run_command_on_workers($$SELECT count(*) FROM (`+end+`) AS ended$$)`)
	}
}

// A copy that was killed between closing the source and opening the target is finished by the
// next; until then neither is served.
func TestFinishedInTwoSteps(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			from, to := fill(t).address, testdb.Address(t, engine)
			mustRun(t, from, to)
			alter(t, to, `UPDATE server_settings SET value = replace(value, '"done":true', '"done":false') WHERE name = 'copied_from'`)
			notServed(t, from, "was moved to")
			notServed(t, to, "an unfinished copy")
			if r, err := run(t.Context(), from, to, nil); err != nil || !r.Complete {
				t.Errorf("%+v, %v", r, err)
			}
			served(t, to)
		})
	}
}

func undo(t *testing.T, from string) {
	t.Helper()
	st, err := copying.OpenSource(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if _, err := copying.Undo(t.Context(), st); err != nil {
		t.Fatal(err)
	}
}

// A value that changes in the target, a row that is missing and one too many are found, by table and
// workspace, and neither database is served then.
func TestDifferencesAreFound(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			f := fill(t)
			to := testdb.Address(t, engine)
			stopped(t, f.address, to, "usage_sums")
			ws, by := f.workspace, "workspace_id = '"+f.workspace+"'"
			alter(t, to, `UPDATE lead_lists SET list = 'x' WHERE lead_id = (SELECT min(lead_id) FROM lead_lists) AND `+by)
			alter(t, to, `DELETE FROM lead_tags WHERE lead_id = (SELECT min(lead_id) FROM lead_tags) AND `+by)
			alter(t, to, `INSERT INTO bad_values (workspace_id, person_id, field, hash) VALUES ('ws_new', 'p', 'f', $1)`, []byte{1})
			alter(t, to, `UPDATE entries SET amount = amount + 1 WHERE kind = 'charge'`)
			alter(t, to, `UPDATE people SET title = title || '.' WHERE person_id = (SELECT min(person_id) FROM people)`)
			r, err := run(t.Context(), f.address, to, nil)
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(r.Unequal.First, "\n")
			for _, want := range []string{
				"table lead_lists of workspace " + ws + ": the same number of rows", "table lead_tags of workspace " + ws + ": ",
				"table bad_values of workspace ws_new: 0 rows in the source, 1 in the target", "table entries of workspace " + ws, "table people: the same number",
				"each in another way",
			} {
				if !strings.Contains(all, want) {
					t.Errorf("%q is not found in\n%s", want, all)
				}
			}
			if strings.Contains(all, "table leads") {
				t.Errorf("an equal table is said to differ:\n%s", all)
			}
			notServed(t, f.address, "is being copied to")
			notServed(t, to, "an unfinished copy")
		})
	}
}

// Both engines show the same tables, columns and kinds; a table that a migration adds is among them
// by itself, or NotCopied has its reason.
func TestTablesOfBothEngines(t *testing.T) {
	var lists [][]store.Table
	for _, engine := range testdb.Engines {
		testdb.Want(t, engine)
		st := testdb.Open(t, engine)
		if err := st.View(t.Context(), func(tx *store.Tx) error {
			list, err := tx.Tables().List()
			lists = append(lists, list)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if len(lists[0]) < 70 || !reflect.DeepEqual(lists[0], lists[1]) {
		t.Errorf("SQLite shows %d tables:\n%v\nPostgres %d:\n%v", len(lists[0]), lists[0], len(lists[1]), lists[1])
	}
	text, err := os.ReadFile("../../docs/scale.md")
	if err != nil {
		t.Fatal(err)
	}
	for table := range store.NotCopied {
		if !bytes.Contains(text, []byte("`"+table+"`")) {
			t.Errorf("docs/scale.md does not say that %s is not copied", table)
		}
	}
}

// Rows that are large are read a few at a time.
func TestLargeRows(t *testing.T) {
	from, to := testdb.Address(t, "sqlite"), testdb.Address(t, "sqlite")
	st := testdb.OpenAt(t, from)
	alter(t, from, `INSERT INTO operator_receipts (key, fingerprint, at, answer)
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) SELECT 'k' || i, x'00', i, zeroblob(1048576) FROM n`)
	st.Close()
	most := int64(0)
	r, err := run(t.Context(), from, to, func(p copying.Progress) { most = max(most, p.Batch) })
	if err != nil || r.Rows != 40 || r.Unequal.N > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if most > 4 {
		t.Errorf("%d rows of a megabyte were in memory at once", most)
	}
}
