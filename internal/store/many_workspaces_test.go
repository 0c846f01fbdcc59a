package store_test

import (
	"fmt"
	"testing"

	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// What is read page by page, or every half second, of all workspaces reads no more where there are many:
// a page in the middle read all workspaces before it, and mails that are due all that are not.
func TestManyWorkspacesAreReadByPages(t *testing.T) {
	testdb.Want(t, "postgres")
	testdb.NotOnCitus(t, "the rows that other nodes read are not in a plan")
	const workspaces, page = 20_000, 100
	ctx := t.Context()
	st := testdb.Open(t, "postgres")
	name := func(n int) string { return fmt.Sprintf("ws_%08d", n) }
	rows := map[string]func(n int) []any{ // the columns of a table in the order of their names
		"accounts":      func(n int) []any { return []any{int64(0), int64(1), int64(1), int64(1), name(n)} },
		"alert_cursors": func(n int) []any { return []any{int64(n % 2), int64(1), name(n)} },
		"subscriptions": func(n int) []any { return []any{"{}", name(n)} },
		"usage_mails":   func(n int) []any { return []any{"week", "mem_1", int64(2_000_000 + n), name(n)} },
		"workspaces":    func(n int) []any { return []any{nil, "off", "", int64(1), name(n), "everyone", name(n)} },
	}
	err := st.Update(ctx, func(tx *store.Tx) error {
		tables, err := tx.Tables().List()
		for _, table := range tables {
			if row := rows[table.Name]; row != nil && err == nil {
				list := make([][]any, workspaces)
				for n := range list {
					list[n] = row(n)
				}
				err = tx.Tables().Insert(table, list)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Analyze(ctx); err != nil {
		t.Fatal(err)
	}
	middle := name(workspaces / 2)
	for what, c := range map[string]struct {
		want int
		read func(tx *store.Tx) (int, error)
	}{
		"the ledger's workspaces": {page, func(tx *store.Tx) (int, error) {
			list, err := tx.Accounts().List(middle, page)
			return len(list), err
		}},
		"the operator's list": {page, func(tx *store.Tx) (int, error) {
			list, err := tx.Workspaces().Listed("", middle, page)
			return len(list), err
		}},
		"workspaces to be looked at": {page, func(tx *store.Tx) (int, error) {
			list, err := tx.Alerts().Behind(middle, page)
			return len(list), err
		}},
		"mails of usage, none due": {0, func(tx *store.Tx) (int, error) {
			list, err := tx.Alerts().DueUsageMails(1_999_999, page)
			return len(list), err
		}},
		"mails of usage, some due": {10, func(tx *store.Tx) (int, error) {
			list, err := tx.Alerts().DueUsageMails(2_000_009, page)
			return len(list), err
		}},
	} {
		found := 0
		read, err := st.RowsRead(ctx, func(tx *store.Tx) (err error) {
			found, err = c.read(tx)
			return err
		})
		if err != nil || found != c.want {
			t.Errorf("%s: %d of %d are found, %v", what, found, c.want, err)
		}
		if read > 6*page { // Behind passes over every other one
			t.Errorf("%s: %.0f rows are read for %d of %d workspaces", what, read, found, workspaces)
		}
	}
}
