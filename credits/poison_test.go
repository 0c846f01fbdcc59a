package credits_test

import (
	"errors"
	"fmt"
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

// What goes with a command is written with it or not at all, and one that fails undoes
// its own command and none beside it (rule C8).
func TestC8WhatGoesWithACommand(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		l := newLedger(t, st, credits.ShippedBooks())
		now := mustTime(t, "2026-03-10T00:00:00Z")
		if err := open(st, l.Books(), subscription{"w", "classic", "starter", "UTC", 1, 1}, now); err != nil {
			t.Fatal(err)
		}
		no := errors.New("no")
		with := func(name string, err error) func(tx credits.Tx) error {
			return func(tx credits.Tx) error {
				if e := tx.(*store.Tx).Settings().Put(name, "set"); e != nil {
					return e
				}
				return err
			}
		}
		charge := func(amount credits.Amount, with func(tx credits.Tx) error) credits.Command {
			return &credits.Charge{Request: credits.Request{Workspace: "w", At: now, With: with}, Credit: "standard", Amount: amount}
		}
		for round := range 20 {
			name := fmt.Sprint("good", round)
			answers := together(l, []credits.Command{
				charge(credits.Credit, nil), charge(credits.Credit, with("bad", no)), charge(credits.Credit, with(name, nil)),
				charge(1000*credits.Credit, with("refused", nil)), charge(credits.Credit, nil),
			})
			var refusal *credits.Refusal
			if answers[0].Err != nil || !errors.Is(answers[1].Err, no) || answers[2].Err != nil || !errors.As(answers[3].Err, &refusal) || answers[4].Err != nil {
				t.Fatalf("answers are %+v", answers)
			}
			err := st.View(ctx, func(tx *store.Tx) error {
				for name, want := range map[string]string{"bad": "", "refused": "", name: "set"} {
					if got, err := tx.Settings().Get(name); err != nil || got != want {
						t.Errorf("%s is %q, %v", name, got, err)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		v, err := l.Look(ctx, "w", nil, now)
		if err != nil {
			t.Fatal(err)
		}
		if c, _ := v.Credit("standard"); c.Used != 60*credits.Credit {
			t.Errorf("used is %s, want 60", c.Used)
		}
		checkInvariants(t, st, l, "w", now)
	})
}
