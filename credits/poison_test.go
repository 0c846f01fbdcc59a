package credits_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// A text that a database cannot keep fails its own command and none beside it:
// one refused command never fails its neighbours (rule C8).
func TestC8OddTextsFailNoNeighbour(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		l := newLedger(t, st, credits.ShippedBooks())
		now := mustTime(t, "2026-03-10T00:00:00Z")
		if err := open(st, l.Books(), subscription{"w", "classic", "starter", "UTC", 1, 1}, now); err != nil {
			t.Fatal(err)
		}
		odd := []string{"nul \x00", "not UTF-8 \xff", strings.Repeat("long ", 20_000), "emoji 🦫", "quote ' \" ; --", "$1 ?1 %s"}
		var commands []credits.Command
		for _, text := range odd {
			commands = append(commands,
				&credits.Charge{Request: credits.Request{Workspace: "w", At: now, Key: text, Channel: text}, Credit: "standard", Amount: credits.Credit, Note: text},
				&credits.Charge{Request: credits.Request{Workspace: "w", At: now, Member: text}, Credit: "standard", Amount: credits.Credit},
				&credits.Charge{Request: credits.Request{Workspace: "w", At: now}, Credit: text, Amount: credits.Credit},
				&credits.Charge{Request: credits.Request{Workspace: text, At: now}, Credit: "standard", Amount: credits.Credit},
				&credits.Charge{Request: credits.Request{Workspace: "w", At: now}, Credit: "standard", Amount: credits.Credit},
			)
		}
		for n, a := range together(l, commands) {
			if n%5 == 4 && a.Err != nil {
				t.Errorf("the charge beside %.20q: %v", odd[n/5], a.Err)
			}
		}
		checkInvariants(t, st, l, "w", now)
	})
}

// Rule C8: an answer is given only when its transaction is on disk. A database
// that takes none leaves every caller with an error, and none with a refusal.
func TestC8FailedCommitIsNoAnswer(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		l := newLedger(t, st, credits.ShippedBooks())
		now := mustTime(t, "2026-03-10T00:00:00Z")
		if err := open(st, l.Books(), subscription{"w", "classic", "starter", "UTC", 1, 1}, now); err != nil {
			t.Fatal(err)
		}
		charge := &credits.Charge{Request: credits.Request{Workspace: "w", At: now}, Credit: "standard", Amount: credits.Credit}
		if _, err := l.Do(ctx, charge); err != nil {
			t.Fatal(err)
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		for _, a := range together(l, []credits.Command{charge, charge, charge}) {
			var no *credits.Refusal
			if a.Err == nil || errors.As(a.Err, &no) {
				t.Errorf("the database is closed, and the answer is %+v, %v", a.Result, a.Err)
			}
		}
	})
}
