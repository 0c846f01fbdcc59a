package credits_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/leadmeter/leadmeter/credits"
)

var afternoon = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

// opened is a ledger with one customer, acme, on the shipped book's smallest plan, with credits
// by the week.
func opened() (l *credits.Ledger, closed func()) {
	dir, err := os.MkdirTemp("", "credits")
	check(err)
	books := credits.ShippedBooks()
	l, err = credits.Open(context.Background(), "sqlite:"+filepath.Join(dir, "credits.db"), books)
	check(err)
	terms, err := credits.NewTerms(books["classic"], "free", 1, "Europe/Berlin", 1, afternoon)
	check(err)
	check(l.Subscribe(context.Background(), "acme", terms, afternoon))
	return l, func() {
		check(l.Close())
		check(os.RemoveAll(dir))
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func of(key string) credits.Request {
	return credits.Request{Workspace: "acme", At: afternoon, Key: key}
}

// A lookup that takes time sets its price aside first, so that nobody else can spend it, and
// pays for what it found.
func ExampleHold() {
	l, closed := opened()
	defer closed()
	ctx := context.Background()
	held, err := l.Do(ctx, &credits.Hold{Request: of("look"), ID: "hold_1", Credit: "standard", Amount: 3 * credits.Credit, ExpiresIn: time.Minute})
	check(err)
	fmt.Println("held", held.Hold.Amount, "available", held.Balances["standard"].Available)
	paid, err := l.Do(ctx, &credits.Settle{Request: of("found"), Hold: "hold_1", Final: true, Lines: []credits.SettleLine{
		{Outcome: credits.Charged, Amount: credits.Credit}, {Outcome: credits.NotFound},
	}})
	check(err)
	fmt.Println("charged", paid.Charged["standard"], "available", paid.Balances["standard"].Available)
	// Output:
	// held 3 available 12
	// charged 1 available 14
}

// Many charges together cost one commit, and each has an answer of its own.
func ExampleLedger_DoAll() {
	l, closed := opened()
	defer closed()
	answers, err := l.DoAll(context.Background(), []credits.Command{
		&credits.Charge{Request: of("a"), Credit: "standard", Amount: 10 * credits.Credit},
		&credits.Charge{Request: of("b"), Credit: "standard", Amount: 15 * credits.Credit},
		&credits.Charge{Request: of("c"), Credit: "standard", Amount: 5 * credits.Credit},
	})
	check(err)
	for _, a := range answers {
		var no *credits.Refusal
		if errors.As(a.Err, &no) {
			fmt.Println(no.Code, "available", no.Available)
			continue
		}
		fmt.Println("charged", a.Result.Charged["standard"], "available", a.Result.Balances["standard"].Available)
	}
	// Output:
	// charged 10 available 5
	// insufficient_credits available 5
	// charged 5 available 0
}

// Start queues charges without waiting; Wait returns their answers.
func ExampleLedger_Start() {
	l, closed := opened()
	defer closed()
	pending, err := l.Start(context.Background(), []credits.Command{&credits.Charge{Request: of("a"), Credit: "standard", Amount: credits.Credit}})
	check(err)
	fmt.Println("charged", pending.Wait()[0].Result.Charged["standard"])
	// Output: charged 1
}

// Replay returns the outcome of an earlier request, without making it.
func ExampleLedger_Replay() {
	l, closed := opened()
	defer closed()
	ctx := context.Background()
	_, err := l.Do(ctx, &credits.Charge{Request: of("a"), Credit: "standard", Amount: credits.Credit})
	check(err)
	for _, key := range []string{"a", "b"} {
		r, err := l.Replay(ctx, of(key))
		check(err)
		fmt.Println(key, "was sent before:", r.Replayed)
	}
	// Output:
	// a was sent before: true
	// b was sent before: false
}

// Look shows what is there now and when it refills, in the customer's own time zone.
func ExampleLedger_Look() {
	l, closed := opened()
	defer closed()
	view, err := l.Look(context.Background(), "acme", nil, afternoon)
	check(err)
	for _, c := range view.Credits {
		fmt.Println(c.Credit, c.Available)
	}
	fmt.Println(view.Refill().Text(view.Current.Zone()))
	// Output:
	// standard 15
	// premium 0
	// Refills Mar 16, 2026, 00:00 (Berlin)
}

// Rerun asks the past what another price would have come to.
func ExampleLedger_Rerun() {
	l, closed := opened()
	defer closed()
	ctx := context.Background()
	_, err := l.Do(ctx, &credits.Charge{Request: of("a"), Credit: "standard", Amount: 2 * credits.Credit})
	check(err)
	check(l.Rerun(ctx, credits.WhatIf{Book: credits.ShippedBooks()["universal"], From: afternoon, To: afternoon.Add(time.Hour)}, func(w credits.WouldBe) {
		fmt.Println(w.Workspace, "was", w.Was, "unsold", w.Unsold)
	}))
	// Output: acme was map[standard:2] unsold 1
}

// Judge is what a credit means: the same finding, seen for the first time and once more.
func ExampleBook_Judge() {
	book := credits.ShippedBooks()["classic"]
	found := credits.Finding{Field: "mobile_phone", Values: 3}
	fmt.Println(book.Judge(found, nil, afternoon).Outcome)
	owned := []credits.Owned{{Field: "mobile_phone", Outcome: credits.Charged, At: afternoon}}
	fmt.Println(book.Judge(found, owned, afternoon).Outcome)
	fmt.Println(book.Judge(credits.Finding{Field: "work_phone", Values: 1, MainLine: true}, nil, afternoon).Outcome)
	// Output:
	// charged
	// already_owned
	// same_as_main_line
}

// AtMost is what a button may say before anybody looks.
func ExampleBook_AtMost() {
	book := credits.ShippedBooks()["classic"]
	most := book.AtMost([]string{"work_email", "mobile_phone"})
	fmt.Println("standard", most["standard"], "premium", most["premium"])
	// Output: standard 1 premium 1
}

// A period is computed from the instant: the 31st of a month that has none is its last day.
func ExampleSchedule_At() {
	s := credits.Schedule{Interval: "month", Day: 31}
	p := s.At(afternoon)
	fmt.Println(p.Start.Format(time.DateOnly), p.End.Format(time.DateOnly))
	// Output: 2026-02-28 2026-03-31
}

// Amounts have six decimals and no rounding.
func ExampleParseAmount() {
	a, err := credits.ParseAmount("0.25")
	check(err)
	fmt.Println(a+credits.Credit, 3*a)
	// Output: 1.25 0.75
}
