package credits_test

import (
	"fmt"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// Who is ready to come shares the commit; a caller who was alone, and one beside
// whom the processors are busy, does not wait for anybody.
func TestWhoIsAboutToComeSharesTheCommit(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		books, now := credits.ShippedBooks(), mustTime(t, "2026-03-10T00:00:00Z")
		if err := open(st, books, subscription{"w", "classic", "starter", "UTC", 100, 1}, now); err != nil {
			t.Fatal(err)
		}
		l := newLedger(t, st, books)
		here := credits.CommitHere(l)
		made := 0
		charge := func() credits.Command {
			made++
			return &credits.Charge{Request: credits.Request{Workspace: "w", At: now, Key: fmt.Sprint("k", made)}, Credit: "standard", Amount: credits.Credit}
		}
		for range 2 { // then the account is remembered, and decided ahead
			if _, err := here.Do(charge()); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			name               string
			contended, hurried bool
			shared             bool
		}{
			{"contended", true, false, true},
			{"alone the last time", false, false, false},
			{"beside other work", true, true, false},
		} {
			// Now and then the scheduler lets who yields continue at once.
			most := 0
			for range 20 {
				var others []credits.Command
				for range 8 {
					others = append(others, charge())
				}
				together, err := here.Beside(charge(), others, c.contended, c.hurried)
				if err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
				if most = max(most, together); most > 1 {
					break
				}
			}
			if shared := most > 1; shared != c.shared {
				t.Errorf("%s: up to %d commands in the first commit", c.name, most)
			}
		}
		if rows := readLedger(t, st, "w"); len(rows.entries) != made {
			t.Errorf("%d entries of %d charges", len(rows.entries), made)
		}
		checkInvariants(t, st, l, "w", now)
	})
}
