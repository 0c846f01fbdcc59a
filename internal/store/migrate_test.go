package store_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// Servers that start at once on an empty database all open it, one migration is made, and no lock
// is left with any connection.
func TestServersMigrateOnce(t *testing.T) {
	address := testdb.NewCluster(t).CreateDatabase(t, "fresh")
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			st, err := store.Open(t.Context(), address)
			if err != nil {
				t.Error(err)
				return
			}
			defer st.Close()
		})
	}
	all.Wait()
	conn := connect(t, address)
	var locks, versions, distinct int
	if err := conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'),
		(SELECT count(*) FROM goose_db_version), (SELECT count(DISTINCT version_id) FROM goose_db_version)`).Scan(&locks, &versions, &distinct); err != nil {
		t.Fatal(err)
	}
	if locks != 0 || versions != distinct {
		t.Errorf("%d locks are left, and %d migrations of %d versions", locks, versions, distinct)
	}
}

// A Postgres that takes no writes is refused with one sentence, before anything is tried.
func TestReadOnlyPostgresIsRefused(t *testing.T) {
	address := testdb.Address(t, "postgres")
	conn := connect(t, address)
	var name string
	if err := conn.QueryRow(t.Context(), `SELECT current_database()`).Scan(&name); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `ALTER DATABASE `+name+` SET default_transaction_read_only = on`); err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), address)
	if err == nil {
		st.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "takes no writes") {
		t.Errorf("a read-only database: %v", err)
	}
}
