package server_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// refuser lets a database refuse every write to one table.
type refuser struct {
	t       *testing.T
	address string
}

func (r refuser) run(each func(text string), sql ...string) {
	r.t.Helper()
	if path, ok := strings.CutPrefix(r.address, "sqlite:"); ok {
		conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenWAL)
		if err != nil {
			r.t.Fatal(err)
		}
		defer conn.Close()
		conn.SetBlockOnBusy()
		for _, text := range sql {
			err := sqlitex.ExecuteTransient(conn, text, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
				each(stmt.ColumnText(0))
				return nil
			}})
			if err != nil {
				r.t.Fatal(err)
			}
		}
		return
	}
	conn, err := pgx.Connect(ctx, r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, text := range sql {
		rows, err := conn.Query(ctx, text)
		if err != nil {
			r.t.Fatal(err)
		}
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				r.t.Fatal(err)
			}
			each(name)
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r refuser) sqlite() bool { return strings.HasPrefix(r.address, "sqlite:") }

func (r refuser) tables() (names []string) {
	r.t.Helper()
	text := `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`
	if r.sqlite() {
		text = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY 1` // a virtual one writes to tables of its own
	}
	r.run(func(name string) {
		if name != "goose_db_version" {
			names = append(names, name)
		}
	}, text)
	return names
}

// refuse makes every write to a table fail until allow is called.
func (r refuser) refuse(table string) (allow func()) {
	r.t.Helper()
	nothing := func(string) {}
	if r.sqlite() {
		var on, off []string
		for _, verb := range []string{"INSERT", "UPDATE", "DELETE"} {
			on = append(on, `CREATE TRIGGER refuse_`+verb+` BEFORE `+verb+` ON `+table+` BEGIN SELECT RAISE(ABORT, 'refused'); END`)
			off = append(off, `DROP TRIGGER refuse_`+verb)
		}
		r.run(nothing, on...)
		return func() { r.run(nothing, off...) }
	}
	r.run(nothing, `CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$`,
		`CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON `+table+` FOR EACH ROW EXECUTE FUNCTION refuse()`)
	return func() { r.run(nothing, `DROP TRIGGER refuse ON `+table) }
}
