package store_test

import (
	"context"
	"testing"

	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// What was acknowledged outlives a power loss: SQLite flushes its log at every
// commit. 2 is FULL.
func TestSQLiteIsDurable(t *testing.T) {
	st := testdb.Open(t, "sqlite")
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
		got, err := store.WriterPragma(context.Background(), st, pragma)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("the writer's %s is %s, not %s", pragma, got, want)
		}
	}
}

// The ledger asks Postgres for nothing less than a durable commit: its sessions
// have the server's own settings.
func TestPostgresIsDurable(t *testing.T) {
	c := testdb.NewCluster(t) // as Postgres comes
	st := testdb.OpenAt(t, c.CreateDatabase(t, "durable"))
	for name, want := range map[string]string{"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on", "default_transaction_isolation": "read committed"} {
		got, err := store.LaneSetting(context.Background(), st, name)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s is %s in the ledger's sessions, not %s", name, got, want)
		}
	}
}
