package store_test

import (
	"os"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/leadmeter/leadmeter/internal/testdb"
)

// schemaFile is the written schema, from here.
const schemaFile = "../../docs/schema.sql"

const schemaHead = `-- The schema as all migrations leave it on SQLite, table by table: to read, not to run. Postgres
-- has the same, except entries and receipts: internal/store/migrations/0107_entries.postgres.sql.
-- ` + "`make generate`" + ` writes this file.
`

// The schema can be read in one place, as it is. LEADMETER_WRITE_SCHEMA=1 writes the file.
func TestSchemaIsWritten(t *testing.T) {
	testdb.Want(t, "sqlite")
	address := testdb.Address(t, "sqlite")
	testdb.OpenAt(t, address)
	conn, err := sqlite.OpenConn(strings.TrimPrefix(address, "sqlite:"), sqlite.OpenReadOnly, sqlite.OpenWAL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var b strings.Builder
	b.WriteString(schemaHead)
	query := `SELECT type, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND tbl_name NOT LIKE 'goose_%' AND name NOT LIKE 'sqlite_stat%'
		ORDER BY tbl_name, type = 'index', name`
	err = sqlitex.ExecuteTransient(conn, query, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
		if stmt.ColumnText(0) == "table" {
			b.WriteString("\n")
		}
		b.WriteString(stmt.ColumnText(1) + ";\n")
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("LEADMETER_WRITE_SCHEMA") != "" {
		if err := os.WriteFile(schemaFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(written) != b.String() {
		t.Error("docs/schema.sql is not the schema any more; `make generate` writes it again")
	}
}
