package bench

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
)

// boundarySeconds is how long callers charge; the month ends in the middle.
const boundarySeconds = 10

// RunBoundary lets callers charge without a pause while the month ends for every
// workspace in the same instant, and writes each second's slowest answers.
func RunBoundary(ctx context.Context, o Options, out io.Writer) error {
	st, err := store.Open(ctx, o.Database)
	if err != nil {
		return err
	}
	b := &bench{Options: o, store: st, ledger: credits.New(st, credits.ShippedBooks())}
	defer b.close()
	if err := b.workspaces(ctx); err != nil {
		return err
	}
	for _, callers := range o.Callers {
		fmt.Fprintf(out, "%s, %s workload, %d workspaces, %d callers; the month ends after second %d\n\n%8s %12s %10s %10s %10s\n",
			st.Engine(), o.Workload, len(b.ids), callers, boundarySeconds/2, "second", "charges/s", "p50", "p99", "slowest")
		if err := b.boundary(ctx, callers, out); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) boundary(ctx context.Context, callers int, out io.Writer) error {
	now := time.Now().UTC()
	month := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	began := time.Now()
	shift := month.Sub(began.Add(boundarySeconds / 2 * time.Second))
	var mu sync.Mutex
	var seconds [boundarySeconds][]time.Duration
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for n := c; failed.Load() == nil; n += callers {
				sent := time.Now()
				r := credits.Request{Workspace: b.pick(n), At: sent.Add(shift), Key: uuid.Must(uuid.NewV7()).String(), Channel: "bench"}
				_, err := b.ledger.Do(ctx, &credits.Charge{Request: r, Credit: "standard", Amount: credits.Credit})
				if err != nil {
					failed.Store(&err)
					return
				}
				second := int(time.Since(began).Seconds())
				if second >= boundarySeconds {
					return
				}
				mu.Lock()
				seconds[second] = append(seconds[second], time.Since(sent))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	for n, times := range seconds {
		if len(times) == 0 {
			return fmt.Errorf("bench: nothing was answered in second %d", n)
		}
		slices.Sort(times)
		fmt.Fprintf(out, "%8d %12d %10s %10s %10s\n", n, len(times), short(times[len(times)/2]), short(times[len(times)*99/100]), short(times[len(times)-1]))
	}
	fmt.Fprintln(out)
	return nil
}
