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
		"accounts":      func(n int) []any { return []any{int64(0), int64(1), "", int64(1), int64(1), name(n)} },
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

// Where a period that is not over ends among the entries is seen at the newest one, however many there
// are before it.
func TestAPeriodThatIsNotOverIsFoundAtOnce(t *testing.T) {
	testdb.Want(t, "postgres")
	testdb.NotOnCitus(t, "the rows that other nodes read are not in a plan")
	const entries = 4096
	ctx := t.Context()
	st := testdb.Open(t, "postgres")
	w := &store.Writes{Accounts: []store.Account{{Workspace: "ws_1", Seq: entries, TermsVersion: 1, LastAt: entries}}}
	for seq := range int64(entries) {
		w.Entries = append(w.Entries, store.Entry{Workspace: "ws_1", Seq: seq + 1, At: seq + 1, Day: 20260301, Kind: "charge", Credit: "standard"})
	}
	err := st.Update(ctx, func(tx *store.Tx) error {
		return tx.Accounts().Insert(store.Account{Workspace: "ws_1", Terms: []byte("{}"), TermsVersion: 1})
	})
	if err == nil {
		err = st.Ledger(ctx, "ws_1", func(store.LedgerTx) (*store.Writes, error) { return w, nil })
	}
	if err == nil {
		err = st.Analyze(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, to    int64
		after, upTo int64
		most        float64 // rows that are read: of the mark, the account, and of entries
	}{
		{entries + 1, entries + 9, entries, entries, 2 + 1 + 1},
		{entries / 2, entries + 9, entries/2 - 1, entries, 2 + 14 + 1},
		{1, 2, 0, 1, 2 + 14 + 14},
	} {
		read, err := st.RowsRead(ctx, func(tx *store.Tx) error {
			after, upTo, err := tx.Entries().Between("ws_1", c.from, c.to)
			if after != c.after || upTo != c.upTo {
				t.Errorf("[%d, %d) is after %d and up to %d", c.from, c.to, after, upTo)
			}
			return err
		})
		if err != nil || read > c.most {
			t.Errorf("[%d, %d): %.0f rows are read, at most %.0f are needed; %v", c.from, c.to, read, c.most, err)
		}
	}
}
