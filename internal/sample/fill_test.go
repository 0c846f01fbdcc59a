package sample_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/sample"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
)

// The sample can be made at any moment, whatever the day of the week or of the
// month, its ledger adds up, and a second filling changes nothing.
func TestFill(t *testing.T) {
	for _, now := range []time.Time{time.Date(2026, 11, 19, 13, 40, 0, 0, time.UTC), time.Date(2027, 3, 1, 0, 30, 0, 0, time.UTC)} {
		s, err := server.Open(t.Context(), server.Config{Database: "sqlite:" + filepath.Join(t.TempDir(), "sample.db"), Clock: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		first, err := sample.Fill(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		count := func() (n int) {
			err := s.Store.View(t.Context(), func(tx *store.Tx) (err error) {
				n, err = tx.Leads().Count(store.LeadFilter{Workspace: first.Workspace})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		leads := count()
		second, err := sample.Fill(t.Context(), s)
		if err != nil || second != first || count() != leads || leads < 500 {
			t.Errorf("at %s: %+v with %d leads, then %+v with %d, %v", now, first, leads, second, count(), err)
		}
		if _, err := s.Ledger.Verify(t.Context(), func(d credits.Difference) { t.Errorf("verify: %s", d) }); err != nil {
			t.Error(err)
		}
	}
}
