package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// The newest pool of each credit type moves into its account, as the ledger would have written it,
// and those that it followed stay rows.
func TestPoolsMoveIntoTheirAccounts(t *testing.T) {
	const before = `CREATE TABLE accounts (workspace_id TEXT NOT NULL PRIMARY KEY, seq BIGINT NOT NULL);
		CREATE TABLE pools (workspace_id TEXT NOT NULL, period_start BIGINT NOT NULL, credit TEXT NOT NULL, period_end BIGINT NOT NULL,
			used BIGINT NOT NULL, held BIGINT NOT NULL, reserved BIGINT NOT NULL, allowance BIGINT NOT NULL, rolled BIGINT NOT NULL,
			carry_num BIGINT NOT NULL, carry_den BIGINT NOT NULL, PRIMARY KEY (workspace_id, period_start, credit));
		INSERT INTO accounts VALUES ('a', 1), ('b', 0), ('c', 1);
		INSERT INTO pools VALUES ('a', 10, 'standard', 20, 1, 2, 3, 4, 5, 6, 7), ('a', 30, 'standard', 40, 11, 12, 13, -1, 15, 16, 17),
			('a', 20, 'standard', 30, 8, 0, 0, 9, 0, 0, 0), ('a', 10, 'premium', 20, 21, 0, 0, 22, 0, 0, 0), ('c', 20, 'standard', 30, 31, 0, 0, 32, 0, 0, 0);`
	want := map[string][]store.Pool{
		"a": {
			{Workspace: "a", Credit: "premium", PeriodStart: 10, PeriodEnd: 20, Used: 21, Allowance: 22},
			{Workspace: "a", Credit: "standard", PeriodStart: 30, PeriodEnd: 40, Used: 11, Held: 12, Reserved: 13, Allowance: -1, Rolled: 15, CarryNum: 16, CarryDen: 17},
		},
		"b": nil,
		"c": {{Workspace: "c", Credit: "standard", PeriodStart: 20, PeriodEnd: 30, Used: 31, Allowance: 32}},
	}
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			db := rawDatabase(t, engine)
			db.run(before)
			text, err := os.ReadFile("migrations/0117_pools." + engine + ".sql")
			if err != nil {
				t.Fatal(err)
			}
			db.run(string(text))
			for ws, pools := range want {
				got, err := store.ParsePools(ws, db.read(`SELECT pools FROM accounts WHERE workspace_id = '` + ws + `'`)[0])
				slices.SortFunc(got, func(x, y store.Pool) int { return strings.Compare(x.Credit, y.Credit) })
				if err != nil || !slices.Equal(got, pools) {
					t.Errorf("%s has %+v, %v", ws, got, err)
				}
			}
			past := db.read(`SELECT workspace_id || ' ' || credit || ' ' || period_start || ' ' || used FROM past_pools ORDER BY period_start`)
			if fmt.Sprint(past) != "[a standard 10 1 a standard 20 8]" {
				t.Errorf("past pools are %q", past)
			}
		})
	}
}

// raw is a database without the store before it.
type raw struct {
	run  func(sql string)
	read func(sql string) []string // of one column
}

func rawDatabase(t *testing.T, engine string) raw {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if engine == "sqlite" {
		conn, err := sqlite.OpenConn(filepath.Join(t.TempDir(), "raw.db"))
		must(err)
		t.Cleanup(func() { conn.Close() })
		return raw{func(sql string) { must(sqlitex.ExecuteScript(conn, sql, nil)) }, func(sql string) (list []string) {
			must(sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
				list = append(list, s.ColumnText(0))
				return nil
			}}))
			return list
		}}
	}
	conn := connect(t, testdb.Address(t, engine))
	_, err := conn.PgConn().Exec(t.Context(), "CREATE SCHEMA before; SET search_path = before").ReadAll()
	must(err)
	return raw{func(sql string) {
		_, err := conn.PgConn().Exec(t.Context(), sql).ReadAll()
		must(err)
	}, func(sql string) (list []string) {
		rows, err := conn.Query(t.Context(), sql)
		must(err)
		defer rows.Close()
		for rows.Next() {
			var text string
			must(rows.Scan(&text))
			list = append(list, text)
		}
		must(rows.Err())
		return list
	}}
}
