package credits_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// A batch is taken or refused as one: whatever many senders want at once, no batch finds
// room for a part of it.
func TestBatchesAreTakenAsOne(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		l := newLedger(t, st, credits.ShippedBooks())
		now := mustTime(t, "2026-03-10T00:00:00Z")
		if err := open(st, l.Books(), subscription{"w", "classic", "enterprise", "UTC", 1, 1}, now); err != nil {
			t.Fatal(err)
		}
		charge := func() credits.Command {
			return &credits.Charge{Request: credits.Request{Workspace: "w", At: now}, Credit: "standard", Amount: credits.Credit}
		}
		var all sync.WaitGroup
		var taken, refused atomic.Int64
		stop := make(chan struct{})
		var singles sync.WaitGroup
		for range 8 { // who sends one at a time never takes the room of a batch
			singles.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						_, _ = l.Do(ctx, charge())
					}
				}
			})
		}
		for range 24 {
			all.Go(func() {
				for range 3 {
					commands := make([]credits.Command, 1000)
					for n := range commands {
						commands[n] = charge()
					}
					answers, err := l.DoAll(ctx, commands)
					var no *credits.Refusal
					switch {
					case err == nil:
						taken.Add(1)
						for n, a := range answers {
							if a.Err != nil {
								t.Errorf("line %d of a batch that was taken: %v", n, a.Err)
								return
							}
						}
					case errors.As(err, &no) && no.Code == credits.Overloaded && answers == nil:
						refused.Add(1)
					default:
						t.Errorf("%v with %d answers", err, len(answers))
					}
				}
			})
		}
		all.Wait()
		close(stop)
		singles.Wait()
		if taken.Load() == 0 || refused.Load() == 0 {
			t.Errorf("%d batches were taken and %d refused: the queue was never full", taken.Load(), refused.Load())
		}
		if _, err := l.DoAll(ctx, make([]credits.Command, credits.MaxTogether+1)); err == nil {
			t.Error("a batch larger than the queue is taken")
		}
	})
}
