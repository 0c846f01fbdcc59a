package credits_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// Rules P1, P3, P4, P5, C8: 64 callers whose clocks disagree by milliseconds draw a
// pool dry while its period ends and the next begins.
func TestP4BoundaryUnderLoad(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		crossBoundary(t, st, newLedger(t, st, credits.ShippedBooks()))
	})
}

// The same with two servers on one database.
func TestP4BoundaryOfTwoServers(t *testing.T) {
	address := testdb.Address(t, "postgres")
	first, second := testdb.OpenAt(t, address), testdb.OpenAt(t, address)
	crossBoundary(t, first, newLedger(t, first, credits.ShippedBooks()), newLedger(t, second, credits.ShippedBooks()))
}

func crossBoundary(t *testing.T, st *store.Store, ledgers ...*credits.Ledger) {
	boundary := mustTime(t, "2026-03-09T00:00:00Z") // a Monday
	sub := subscription{workspace: "hot", book: "classic", plan: "free", zone: "UTC", seats: 40, anchor: 1}
	if err := open(st, credits.ShippedBooks(), sub, boundary.AddDate(0, 0, -3)); err != nil {
		t.Fatal(err)
	}
	// A hold of each caller waits from long before the period's end.
	for n := range callers {
		r := credits.Request{Workspace: "hot", At: boundary.AddDate(0, 0, -2)}
		if _, err := ledgers[0].Do(ctx, &credits.Hold{Request: r, ID: fmt.Sprint("over", n), Credit: "standard", Amount: credits.Credit, ExpiresIn: 5 * 24 * time.Hour}); err != nil {
			t.Fatal(err)
		}
	}
	var sent, refused atomic.Int64
	var done sync.WaitGroup
	for n := range callers {
		l, dice := ledgers[n%len(ledgers)], rand.New(rand.NewPCG(9, uint64(n)))
		// now is where all clocks together are, give or take what this one is off.
		now := func() time.Time {
			tick := time.Duration(sent.Add(1)-callers*rounds/2) * time.Millisecond
			return boundary.Add(tick + time.Duration(dice.IntN(41)-20)*time.Millisecond)
		}
		done.Go(func() {
			for round := range rounds {
				if !drawOver(t, l, now, dice, fmt.Sprintf("%d-%d", n, round)) {
					refused.Add(1)
				}
			}
			settle(t, l, fmt.Sprint("over", n), now())
		})
	}
	done.Wait()
	if refused.Load() == 0 {
		t.Error("nobody was refused: the pools were not drawn dry")
	}
	end := boundary.Add(time.Hour)
	for _, l := range ledgers {
		checkInvariants(t, st, l, "hot", end)
	}
	if _, err := ledgers[0].Verify(ctx, func(d credits.Difference) { t.Error(d) }); err != nil {
		t.Fatal(err)
	}
	checkPeriods(t, st, boundary)
}

// drawOver sends one command, or a hold that is settled later, and reports whether
// there were credits for it.
func drawOver(t *testing.T, l *credits.Ledger, now func() time.Time, dice *rand.Rand, id string) bool {
	r := credits.Request{Workspace: "hot", Member: "m", At: now(), Key: id}
	if dice.IntN(3) > 0 {
		_, err := l.Do(ctx, &credits.Charge{Request: r, Credit: "standard", Amount: credits.Credit})
		return refusal(t, err) == nil
	}
	_, err := l.Do(ctx, &credits.Hold{Request: r, ID: "h" + id, Credit: "standard", Amount: credits.Credit, ExpiresIn: time.Hour})
	if refusal(t, err) != nil {
		return false
	}
	settle(t, l, "h"+id, now())
	return true
}

func settle(t *testing.T, l *credits.Ledger, hold string, at time.Time) {
	c := &credits.Settle{
		Request: credits.Request{Workspace: "hot", At: at}, Hold: hold, Final: true,
		Lines: []credits.SettleLine{{Outcome: credits.Charged, Amount: credits.Credit}},
	}
	if _, err := l.Do(ctx, c); err != nil {
		t.Errorf("hold %s: %v", hold, err)
	}
}

// checkPeriods reads the ledger: time never goes back in it, what was held is
// charged to the period that held it, and each period gave all it had and no more.
func checkPeriods(t *testing.T, st *store.Store, boundary time.Time) {
	const allowance = 40 * 15 * credits.Credit
	spent := map[int64]credits.Amount{}
	held := map[string]int64{}
	var last, running int64
	late := 0
	err := st.View(ctx, func(tx *store.Tx) error {
		return tx.Entries().EachUp("hot", func(e store.Entry) error {
			if e.At < last {
				t.Errorf("entry %d is earlier than the one before it", e.Seq)
			}
			last = e.At
			if e.Hold == "" || e.Kind == credits.KindHold {
				if e.PeriodStart < running {
					t.Errorf("entry %d reopens a closed period", e.Seq)
				}
				running = e.PeriodStart
			}
			switch {
			case e.Kind == credits.KindHold:
				held[e.Hold] = e.PeriodStart
			case e.Kind == credits.KindCharge:
				spent[e.PeriodStart] += credits.Amount(e.Amount)
				if e.Hold != "" && held[e.Hold] != e.PeriodStart {
					t.Errorf("entry %d is charged to another period than its hold's", e.Seq)
				}
				if e.Hold != "" && e.PeriodStart < running {
					late++
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(spent) != 2 || spent[boundary.UnixMicro()] == 0 {
		t.Fatalf("the periods that paid: %v", spent)
	}
	for period, amount := range spent {
		if amount != allowance {
			t.Errorf("the period from %s gave %s of %s", time.UnixMicro(period).UTC().Format(time.DateOnly), amount, allowance)
		}
	}
	if late == 0 {
		t.Error("no hold was settled after its period ended")
	}
}
