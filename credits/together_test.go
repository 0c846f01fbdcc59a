package credits_test

import (
	"context"
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
		soon, cancel := context.WithCancel(ctx)
		cancel() // who finds no room does not wait
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
					var answers []credits.Answer
					p, err := l.Start(soon, commands)
					if err == nil {
						answers = p.Wait()
					}
					switch {
					case err == nil:
						taken.Add(1)
						for n, a := range answers {
							if a.Err != nil {
								t.Errorf("line %d of a batch that was taken: %v", n, a.Err)
								return
							}
						}
					case errors.Is(err, context.Canceled) && p == nil:
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

// Whatever one workspace sends together, somebody else's command waits for a few commits
// and no longer, and waiting for room ends when there is some.
func TestGroupsLeaveRoom(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		l := newLedger(t, st, credits.ShippedBooks())
		now := mustTime(t, "2026-03-10T00:00:00Z")
		for _, ws := range []string{"loud", "quiet"} {
			if err := open(st, l.Books(), subscription{ws, "classic", "enterprise", "UTC", 1, 1}, now); err != nil {
				t.Fatal(err)
			}
		}
		charge := func(ws string) credits.Command {
			return &credits.Charge{Request: credits.Request{Workspace: ws, At: now}, Credit: "standard", Amount: credits.Credit}
		}
		if _, err := l.Do(ctx, charge("quiet")); err != nil {
			t.Fatal(err)
		}
		stop := make(chan struct{})
		var loud sync.WaitGroup
		var lines atomic.Int64
		for range 32 {
			loud.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					commands := make([]credits.Command, 500)
					for n := range commands {
						commands[n] = charge("loud")
					}
					p, err := l.Start(ctx, commands)
					if err != nil {
						t.Error(err)
						return
					}
					for _, a := range p.Wait() {
						if a.Err != nil {
							t.Error(a.Err)
							return
						}
					}
					lines.Add(int64(len(commands)))
				}
			})
		}
		waited := 0
		for n := 0; n < 30 || lines.Load() < 5000 && !t.Failed(); n++ {
			before := l.Commits()
			if _, err := l.Do(ctx, charge("quiet")); err != nil {
				t.Fatal(err)
			}
			waited = max(waited, int(l.Commits()-before))
			if n := l.Waiting(); n > 2*credits.MaxBatch+500 {
				t.Errorf("%d lines of one workspace are queued", n)
			}
		}
		close(stop)
		loud.Wait()
		if waited > 8 { // of all shards together
			t.Errorf("a command of another workspace waited for %d commits", waited)
		}
	})
}
