package credits

import (
	"context"
	"fmt"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// These tests decide several commands in one batch, which from outside happens
// only as it comes.

func ledgerFor(t *testing.T, st *store.Store, book *Book, plan string, now time.Time) *Ledger {
	t.Helper()
	l := New(st, Books{book.Name: book})
	t.Cleanup(func() { l.Close() })
	terms, err := NewTerms(book, plan, 1, "UTC", 1, now)
	if err != nil {
		t.Fatal(err)
	}
	err = st.Update(context.Background(), func(tx *store.Tx) error {
		return tx.Accounts().Insert(store.Account{Workspace: "w", Terms: terms.Encode(), TermsVersion: 1, LastAt: now.UnixMicro()})
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// together decides commands in one batch; each must succeed.
func together(t *testing.T, l *Ledger, commands ...command) []*call {
	t.Helper()
	calls := make([]*call, len(commands))
	for n, c := range commands {
		calls[n] = &call{command: c, done: make(chan struct{})}
	}
	if _, err := l.shardOf("w").transact(calls, false); err != nil {
		t.Fatal(err)
	}
	for n, c := range calls {
		if c.refusal != nil {
			t.Fatalf("command %d: %v", n, c.refusal)
		}
	}
	return calls
}

// Rule C8: a hold that comes and expires within one batch does not hide when
// the others expire.
func TestC8ExpiryWithinABatch(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		now := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
		l := ledgerFor(t, st, ShippedBooks()["classic"], "starter", now)
		at := func(d time.Duration) Request { return Request{Workspace: "w", At: now.Add(d)} }
		together(t, l, &Hold{Request: at(0), ID: "long", Credit: "standard", Amount: 10 * Credit, ExpiresIn: time.Hour})
		together(t, l,
			&Hold{Request: at(time.Second), ID: "short", Credit: "standard", Amount: 5 * Credit, ExpiresIn: time.Second},
			&Charge{Request: at(3 * time.Second), Credit: "standard", Amount: Credit})
		calls := together(t, l, &Charge{Request: at(2 * time.Hour), Credit: "standard", Amount: Credit})
		if b := calls[0].result.Balances["standard"]; b.Held != 0 {
			t.Errorf("%s is still held an hour after it expired", b.Held)
		}
	})
}

// Rule C8: more holds may expire at once than one load takes.
func TestC8ManyExpireAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		now := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
		l := ledgerFor(t, st, ShippedBooks()["classic"], "enterprise", now)
		const holds = 2500
		var commands []command
		for n := range holds {
			commands = append(commands, &Hold{
				Request: Request{Workspace: "w", At: now}, ID: fmt.Sprint("h", n), Credit: "standard", Amount: Credit, ExpiresIn: time.Minute + time.Duration(n%3)*time.Second,
			})
		}
		together(t, l, commands...)
		var b Balance
		for range 3 {
			calls := together(t, l, &Charge{Request: Request{Workspace: "w", At: now.Add(time.Hour)}, Credit: "standard", Amount: Credit})
			b = calls[0].result.Balances["standard"]
		}
		if b.Held != 0 {
			t.Errorf("%s is still held", b.Held)
		}
	})
}

// Rule G5: what rolls over is what was left when the period ended, though the
// last charges of it and the first of the next are decided in one batch.
func TestG5RolloverWithinABatch(t *testing.T) {
	book, err := ParseBook([]byte(`
name: rolling
credits: [standard]
prices: [{name: a, fields: [a], credit: standard, price: 1}]
plans: {p: {interval: month, credits: {standard: {amount: 100, rollover_cap: 50}}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		march := time.Date(2026, 3, 31, 23, 59, 59, 0, time.UTC)
		april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
		charge := func(at time.Time, n Amount) command {
			return &Charge{Request: Request{Workspace: "w", At: at}, Credit: "standard", Amount: n * Credit}
		}
		l := ledgerFor(t, st, book, "p", march)
		together(t, l, charge(march, 10))
		calls := together(t, l, charge(march, 70), charge(april, 1))
		if b := calls[1].result.Balances["standard"]; b.Allowance != Of(120*Credit) {
			t.Errorf("80 of 100 were used, and the next period's allowance is %s", b.Allowance)
		}
	})
}

// Rule G6: whatever prices follow each other, what was charged and what is still
// owed are together exactly their sum.
func TestG6RemainderIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		divisors := rapid.SliceOfN(rapid.Int64Range(1, 12), 1, 4).Draw(t, "divisors") // common divisor below the bound
		var r remainder
		exact, charged := new(big.Rat), new(big.Rat)
		for range rapid.IntRange(1, 60).Draw(t, "charges") {
			p := lowest(rapid.Int64Range(0, int64(100*Credit)).Draw(t, "num"), rapid.SampledFrom(divisors).Draw(t, "den"))
			var a Amount
			a, r = p.take(r)
			if a < 0 || a > p.Ceil() {
				t.Fatalf("a price of %s takes %d, more than %d", p, a, p.Ceil())
			}
			exact.Add(exact, big.NewRat(p.num, p.den))
			charged.Add(charged, big.NewRat(int64(a), 1))
		}
		if r.den != 0 {
			if r.num < 0 || r.num >= r.den {
				t.Fatalf("the remainder %d/%d is a millionth or more", r.num, r.den)
			}
			charged.Add(charged, big.NewRat(r.num, r.den))
		}
		if exact.Cmp(charged) != 0 {
			t.Fatalf("the prices come to %s millionths, charged and owed are %s", exact, charged)
		}
	})
}
