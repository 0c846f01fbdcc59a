package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
)

// phase is a part of a load as it comes: so many seconds of it.
type phase struct {
	name    string
	seconds int
	// flood is how many times the rate one workspace asks for beside the others.
	flood int
	// ends: the month ends for every workspace in the middle.
	ends bool
}

var phases = []phase{{name: "as usual", seconds: 20}, {name: "one floods", seconds: 10, flood: 1}, {name: "the month ends", seconds: 20, ends: true}}

// waiting bounds the charges that are not answered yet; above it the load is more than it can take.
const waiting = 20_000

// soaked is a load as usual for so long, in ten parts.
func soaked(long time.Duration) (parts []phase) {
	each := max(1, int(long.Seconds()/10))
	for n := range 10 {
		parts = append(parts, phase{name: "to " + (time.Duration((n+1)*each) * time.Second).String(), seconds: each})
	}
	return parts
}

// RunArrivals charges at a rate, answered or not, with workspaces by Zipf's law: a few are
// busy and most are seldom heard of. One of them floods for a while, and a month ends; or, with a
// soak, nothing else happens for that long. Times are from when a charge was due, so that a pause is
// seen by all who came meanwhile.
func RunArrivals(ctx context.Context, o Options, rate int, soak time.Duration, out io.Writer) error {
	phases := phases
	if soak > 0 {
		phases = soaked(soak)
	}
	st, err := store.Open(ctx, o.Database)
	if err != nil {
		return err
	}
	o.Workload = "cold"
	b := &bench{Options: o, store: st, ledger: credits.New(st, credits.ShippedBooks())}
	defer b.close()
	if err := b.workspaces(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s, %d workspaces, %d charges a second as they come\n\n%-16s %9s %9s %10s %10s %10s %10s %9s\n", st.Engine(), len(b.ids), rate, "", "charges", "CPU", "p50", "p99", "p99.9", "slowest", "memory")
	now := time.Now().UTC()
	month := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	var shift time.Duration
	acknowledged := int64(0)
	for _, p := range phases {
		if p.ends {
			shift = month.Sub(time.Now().Add(time.Duration(p.seconds) * time.Second / 2))
		}
		n, err := b.arrive(ctx, p, rate, shift, out)
		if err != nil {
			return err
		}
		acknowledged += n
	}
	b.ledger.Close()
	var kept int64
	err = st.View(ctx, func(tx *store.Tx) error {
		for _, ws := range b.ids {
			a, _, err := tx.Accounts().ByID(ws)
			if err != nil {
				return err
			}
			kept += a.Seq
		}
		return nil
	})
	if err == nil && kept != acknowledged {
		err = fmt.Errorf("bench: %d charges were acknowledged, and the ledger has %d", acknowledged, kept)
	}
	if err == nil {
		fmt.Fprintf(out, "\nEach of the %d charges is in the ledger once.\n", kept)
	}
	return err
}

// arrive lets the charges of a phase come, and writes how long they took: the flood's own apart.
func (b *bench) arrive(ctx context.Context, p phase, rate int, shift time.Duration, out io.Writer) (int64, error) {
	zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.1, 1, uint64(len(b.ids)-1))
	var mu sync.Mutex
	var times, floods []time.Duration
	var failed atomic.Pointer[error]
	var open atomic.Int64
	var wg sync.WaitGroup
	began, cpu := time.Now(), processorTime()
	send := func(ws string, due time.Time, flood bool) {
		if open.Add(1) > waiting {
			err := errors.New("bench: the rate is more than the ledger takes: 20,000 charges wait")
			failed.CompareAndSwap(nil, &err)
		}
		wg.Go(func() {
			defer open.Add(-1)
			r := credits.Request{Workspace: ws, At: due.Add(shift), Key: uuid.Must(uuid.NewV7()).String(), Channel: "bench"}
			if _, err := b.ledger.Do(ctx, &credits.Charge{Request: r, Credit: "standard", Amount: credits.Credit}); err != nil {
				failed.CompareAndSwap(nil, &err)
				return
			}
			took := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			if flood {
				floods = append(floods, took)
			} else {
				times = append(times, took)
			}
		})
	}
	for n := range rate * p.seconds {
		due := began.Add(time.Duration(n) * time.Second / time.Duration(rate))
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		}
		send(b.ids[zipf.Uint64()], due, false)
		for range p.flood {
			send(b.ids[len(b.ids)/2], due, true)
		}
		if failed.Load() != nil {
			break
		}
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	used := (processorTime() - cpu).Seconds() / float64(len(times)+len(floods))
	for _, line := range []struct {
		name  string
		times []time.Duration
	}{{p.name, times}, {"  who floods", floods}} {
		if len(line.times) == 0 {
			continue
		}
		slices.Sort(line.times)
		part := func(permille int) string { return short(line.times[len(line.times)*permille/1000]) }
		fmt.Fprintf(out, "%-16s %9d %9s %10s %10s %10s %10s %6d MB\n", line.name, len(line.times), micro(used), part(500), part(990), part(999), short(line.times[len(line.times)-1]), peakMemory()>>20)
	}
	return int64(len(times) + len(floods)), nil
}
