package directory

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// Charges continue beside an import, and the import beside charges. How long a charge
// takes with and without one is logged; LEADMETER_TEST_PEOPLE measures it on disks
// that flush.
func TestChargesBesideAnImport(t *testing.T) {
	testdb.Slow(t)
	people, measured := scale(t)
	charges := 150
	if measured {
		charges, people = 2000, 200_000
	}
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			l := landAt(t, engine, scaleAddress(t, engine, measured, "beside"))
			l.Directory.clock = time.Now
			ctx := context.Background()
			books := credits.ShippedBooks()
			ledger := credits.New(l.store, books)
			defer ledger.Close()
			terms, err := credits.NewTerms(books["classic"], "enterprise", 1, "UTC", 1, spring)
			if err != nil {
				t.Fatal(err)
			}
			if err := ledger.Subscribe(ctx, "ws_1", terms, spring); err != nil {
				t.Fatal(err)
			}
			n := 0
			// One charge every ten milliseconds, whatever the outcome of the one before.
			series := func() []time.Duration {
				took := make([]time.Duration, 0, charges)
				every := time.NewTicker(10 * time.Millisecond)
				defer every.Stop()
				for range charges {
					due := <-every.C
					n++
					r := credits.Request{Workspace: "ws_1", At: spring, Key: fmt.Sprint("charge ", n)}
					if _, err := ledger.Do(ctx, &credits.Charge{Request: r, Credit: "standard", Amount: credits.Credit}); err != nil {
						t.Fatal(err)
					}
					took = append(took, time.Since(due))
				}
				slices.Sort(took)
				return took
			}
			alone := series()
			running, stop := context.WithCancel(ctx)
			defer stop()
			i, err := l.Begin(ctx, newCrowd(people), "text/csv")
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan int64, 1)
			go func() {
				s, _ := i.Run(running)
				done <- s.Imported
			}()
			beside := series()
			if measured {
				stop()
			}
			imported := <-done
			if !measured && imported != int64(people) || imported == 0 {
				t.Errorf("%d people were imported", imported)
			}
			logCharges(t, engine, alone, beside, imported)
			v, err := ledger.Look(ctx, "ws_1", nil, spring)
			if err != nil {
				t.Fatal(err)
			}
			if c, _ := v.Credit("standard"); c.Used != credits.Amount(n)*credits.Credit {
				t.Errorf("%d charges, used is %s", n, c.Used)
			}
		})
	}
}

// logCharges tells two series of charges, each in order of time taken.
func logCharges(t *testing.T, engine string, alone, beside []time.Duration, imported int64) {
	at := func(took []time.Duration, q int) time.Duration { return took[len(took)*q/1000] }
	t.Logf("%s: a charge took p50 %s, p99 %s, at most %s alone; %s, %s, %s beside an import of %d people in that time (p99 %.1f times)",
		engine, at(alone, 500), at(alone, 990), alone[len(alone)-1], at(beside, 500), at(beside, 990), beside[len(beside)-1], imported,
		float64(at(beside, 990))/float64(at(alone, 990)))
}
