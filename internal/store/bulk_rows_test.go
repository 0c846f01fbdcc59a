package store_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// Rows that are alike in a part of their columns are written as they are, whichever part that is:
// every form of the statement for entries writes what was asked, and keeps each row's own values.
func TestRowsAlikeInPart(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			st := testdb.Open(t, engine)
			for n := range 32 {
				form, alike := n/2, n%2*8 // the first rows are alike in any case, all but the last
				entries := entriesOfForm(form, alike)
				of := map[string][]store.Entry{}
				for _, e := range entries {
					of[e.Workspace] = append(of[e.Workspace], e)
				}
				for ws := range of {
					if err := st.Update(t.Context(), func(tx *store.Tx) error {
						return tx.Accounts().Insert(store.Account{Workspace: ws, TermsVersion: 1})
					}); err != nil {
						t.Fatal(err)
					}
				}
				parts := map[int][]store.Entry{} // a batch is of one part of the database
				for _, e := range entries {
					parts[st.Part(e.Workspace)] = append(parts[st.Part(e.Workspace)], e)
				}
				for _, some := range parts {
					if err := st.Ledger(t.Context(), some[0].Workspace, func(store.LedgerTx) (*store.Writes, error) {
						return &store.Writes{Entries: some}, nil
					}); err != nil {
						t.Fatalf("form %d: %v", form, err)
					}
				}
				for ws, want := range of {
					var got []store.Entry
					if err := st.View(t.Context(), func(tx *store.Tx) (err error) {
						got, err = tx.Entries().After(ws, 0, 100, 100)
						return err
					}); err != nil {
						t.Fatal(err)
					}
					if !reflect.DeepEqual(got, want) {
						t.Errorf("form %d: of %s were written\n%+v\nand read\n%+v", form, ws, want, got)
					}
				}
			}
		})
	}
}

// entriesOfForm are more entries than go one by one. Their parts are alike where the form has a bit,
// and everywhere before the row of a number.
func entriesOfForm(form, first int) (list []store.Entry) {
	var left *int64
	for n := range 9 {
		x := func(part int, text string) string { // alike, or each row's own
			if form&(1<<part) != 0 || n < first {
				return text
			}
			return fmt.Sprint(text, n)
		}
		if n%2 == 0 {
			left = new(int64(1000 - n))
		} else {
			left = nil
		}
		e := store.Entry{
			Workspace: x(0, fmt.Sprintf("ws_%02d_%d_", form, first)), Seq: int64(n + 1), At: int64(1e15 + n), Amount: int64(n), BalanceAfter: left, Member: fmt.Sprint("mem_", n%3),
			Kind: x(1, "charge"), Credit: x(1, "standard"), Outcome: x(1, "charged"), Channel: x(1, "api"),
			Day: 20260301, PeriodStart: 5,
			Person: x(3, "per"), Field: x(3, "field"), Hold: x(3, "hold"), Grant: x(3, "grant"), Note: x(3, "note"), Capture: x(3, "cap"),
		}
		if form&2 == 0 && n >= first {
			e.Waived = int64(n)
		}
		if form&4 == 0 && n >= first {
			e.Day, e.PeriodStart = 20260301+n, int64(n)
		}
		list = append(list, e)
	}
	return list
}
