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

// A service that sells tokens: a price book of its own, one plan, one customer.
func Example() {
	dir, _ := os.MkdirTemp("", "credits")
	defer os.RemoveAll(dir)
	book, err := credits.ParseBook([]byte(`
name: tokens
credits: [tokens]
plans:
  hobby: {interval: month, credits: {tokens: {amount: 1000}}}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	ledger, err := credits.Open(ctx, "sqlite:"+filepath.Join(dir, "credits.db"), credits.Books{"tokens": book})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ledger.Close()

	now := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	terms, _ := credits.NewTerms(book, "hobby", 1, "UTC", 1, now)
	if err := ledger.Subscribe(ctx, "acme", terms, now); err != nil {
		fmt.Println(err)
		return
	}
	charge := func(key string, tokens int) {
		r, err := ledger.Do(ctx, &credits.Charge{
			Request: credits.Request{Workspace: "acme", At: now, Key: key},
			Credit:  "tokens", Amount: credits.Amount(tokens) * credits.Credit,
		})
		var refusal *credits.Refusal
		if errors.As(err, &refusal) {
			fmt.Println(refusal.Code, "available", refusal.Available, "refills", refusal.RefillsAt.Format(time.DateOnly))
			return
		}
		fmt.Println("charged", r.Charged["tokens"], "available", r.Balances["tokens"].Available, "replayed", r.Replayed)
	}
	charge("request-1", 940)
	charge("request-1", 940) // sent again: charged once
	charge("request-2", 100)
	entries, err := ledger.Entries(ctx, "acme", 0, credits.MaxEntries)
	for _, e := range entries {
		fmt.Println(e.Seq, e.Kind, e.Amount, e.Credit, "available", e.Available)
	}
	workspaces, err := ledger.Verify(ctx, func(d credits.Difference) { fmt.Println(d) })
	fmt.Println(workspaces, "workspace adds up", err)

	// Output:
	// charged 940 available 60 replayed false
	// charged 940 available 60 replayed true
	// insufficient_credits available 60 refills 2026-04-01
	// 1 charge 940 tokens available 60
	// 1 workspace adds up <nil>
}
