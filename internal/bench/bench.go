// Package bench measures the ledger: charges a second, the time to an answer, and
// flushes a charge, beside what a good engineer would write by hand on the same
// database, in turn in one process. Machines are noisy: read the ratios.
package bench

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/peer"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Options are what to measure.
type Options struct {
	Database string
	// Workload is hot (one pool), cold (Workspaces pools), mixed (half and half)
	// or capture (a field of a person each time, from one pool).
	Workload   string
	Workspaces int
	Callers    []int
	Rounds     int
	Round      time.Duration
	// Handwritten measures the transaction by hand in turn with ours.
	Handwritten bool
	// Function measures one plpgsql function that does the same, on Postgres alone.
	Function bool
	// Bare measures the driver alone in turn with ours.
	Bare bool
	// Entries fills FullDatabase with so many, and measures it in turn with the
	// empty one; 0: no such comparison. With RunPages: see there.
	Entries      int
	FullDatabase string
	// Busy is how many goroutines compute without rest beside the callers.
	Busy int
	// Servers, if more than one, share the callers in turn with one that has all.
	Servers int
	// Apart are servers that do not know each other, so that none sends another its charges.
	Apart bool
}

// figures are one round's.
type figures struct {
	perSecond float64
	p50, p99  time.Duration
	flushes   float64 // transactions a charge
	cpu       float64 // of this process, seconds a request
	allocs    float64 // of this process, a request
}

// Run measures and writes a table.
func Run(ctx context.Context, o Options, out io.Writer) error {
	st, err := store.Open(ctx, o.Database)
	if err != nil {
		return err
	}
	defer st.Close()
	b := &bench{Options: o, store: st, ledger: credits.New(st, credits.ShippedBooks())}
	defer b.ledger.Close()
	if err := b.workspaces(ctx); err != nil {
		return err
	}
	var idle atomic.Bool
	defer idle.Store(true)
	for range o.Busy {
		go func() {
			for !idle.Load() {
			}
		}()
	}
	var full *bench
	if o.Entries > 0 {
		if full, err = openFull(ctx, o); err != nil {
			return err
		}
		defer full.close()
	}
	several, err := b.several(ctx)
	defer several.close()
	if err != nil {
		return err
	}
	hand, err := openHand(ctx, o, b.ids)
	if err != nil {
		return err
	}
	if hand != nil {
		defer hand.close()
	}
	fmt.Fprintf(out, "%s, %s workload, %d workspaces, rounds of %s, medians of %d\n\n", st.Engine(), o.Workload, len(b.ids), o.Round, o.Rounds)
	fmt.Fprintf(out, "%8s %12s %10s %10s %14s %10s %8s", "callers", "charges/s", "p50", "p99", "commits/charge", "CPU", "allocs")
	if hand != nil {
		fmt.Fprintf(out, " %14s %8s", "by hand/s", "ratio")
	}
	if o.Bare {
		fmt.Fprintf(out, " %14s %8s", "bare driver/s", "of it")
	}
	if full != nil {
		fmt.Fprintf(out, " %14s %8s", "full/s", "of empty")
	}
	if several != nil {
		fmt.Fprintf(out, " %14s %8s", fmt.Sprintf("%d servers/s", len(several)), "of one")
	}
	fmt.Fprintln(out)
	for _, callers := range o.Callers {
		if err := b.step(ctx, callers, hand, full, several, out); err != nil {
			return err
		}
	}
	return nil
}

type bench struct {
	Options
	store  *store.Store
	ledger *credits.Ledger
	ids    []string
	people atomic.Int64
	peers  *peer.Servers // nil: it has none
}

// count is how many workspaces the workload needs.
func (b *bench) count() int {
	if b.Workload == "cold" || b.Workload == "mixed" {
		return b.Workspaces
	}
	return 1
}

func (b *bench) workspaces(ctx context.Context) error {
	n := b.count()
	now := time.Now().UTC()
	terms, err := credits.NewTerms(b.ledger.Books()["classic"], "starter", credits.MaxSeats, "UTC", 1, now)
	if err != nil {
		return err
	}
	for at := 0; at < n; at += 1000 {
		err := b.store.Update(ctx, func(tx *store.Tx) error {
			for range min(1000, n-at) {
				id := ident.Small("ws")
				b.ids = append(b.ids, id)
				if err := tx.Accounts().Insert(store.Account{Workspace: id, Terms: terms.Encode(), TermsVersion: 1, LastAt: now.UnixMicro()}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// step is one line of the table: ours and by hand in turn, medians of the rounds.
func (b *bench) step(ctx context.Context, callers int, h hand, full *bench, several servers, out io.Writer) error {
	var ours, theirs, limits, fulls, shared []figures
	for range b.Rounds {
		before := b.ledger.Commits()
		f, err := b.round(ctx, callers, b.ours)
		if err != nil {
			return err
		}
		f.flushes = float64(b.ledger.Commits()-before) / max(1, f.perSecond*b.Round.Seconds())
		ours = append(ours, f)
		if b.Bare {
			rate, err := bare(ctx, b.Database, len(b.ids), b.Round)
			if err != nil {
				return err
			}
			limits = append(limits, figures{perSecond: rate})
		}
		if full != nil {
			f, err := full.round(ctx, callers, full.ours)
			if err != nil {
				return err
			}
			fulls = append(fulls, f)
		}
		if several != nil {
			f, err := b.round(ctx, callers, several.ours)
			if err != nil {
				return err
			}
			shared = append(shared, f)
		}
		if h == nil {
			continue
		}
		best, err := b.handBest(ctx, callers, h)
		if err != nil {
			return err
		}
		theirs = append(theirs, best)
	}
	f := median(ours)
	fmt.Fprintf(out, "%8d %12.0f %10s %10s %14.4f %10s %8.1f", callers, f.perSecond, short(f.p50), short(f.p99), f.flushes, micro(f.cpu), f.allocs)
	if h != nil {
		hand := median(theirs)
		fmt.Fprintf(out, " %14.0f %8.1f", hand.perSecond, f.perSecond/hand.perSecond)
	}
	if b.Bare {
		limit := median(limits)
		fmt.Fprintf(out, " %14.0f %8.2f", limit.perSecond, f.perSecond/limit.perSecond)
	}
	if full != nil {
		f2 := median(fulls)
		fmt.Fprintf(out, " %14.0f %8.2f", f2.perSecond, f2.perSecond/f.perSecond)
	}
	if several != nil {
		f2 := median(shared)
		fmt.Fprintf(out, " %14.0f %8.2f", f2.perSecond, f2.perSecond/f.perSecond)
	}
	fmt.Fprintln(out)
	return nil
}

// handBest is a round by hand, at the number of clients that serves it best.
func (b *bench) handBest(ctx context.Context, callers int, h hand) (best figures, err error) {
	for _, clients := range h.concurrency(callers) {
		f, err := b.round(ctx, clients, func(ctx context.Context, n int) error {
			return h.charge(ctx, b.pick(n), uuid.Must(uuid.NewV7()).String())
		})
		if err != nil {
			return best, err
		}
		if f.perSecond > best.perSecond {
			best = f
		}
	}
	return best, nil
}

func median(list []figures) figures {
	slices.SortFunc(list, func(a, b figures) int {
		switch {
		case a.perSecond < b.perSecond:
			return -1
		case a.perSecond > b.perSecond:
			return 1
		}
		return 0
	})
	return list[len(list)/2]
}

func short(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }

func micro(seconds float64) string { return fmt.Sprintf("%.1f µs", seconds*1e6) }

// allocations is how many objects this process allocated so far.
func allocations() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// pick is the workspace of a caller's n-th charge.
func (b *bench) pick(n int) string { return b.ids[b.at(n)] }

func (b *bench) at(n int) int {
	if b.Workload == "mixed" && n%2 == 0 {
		return 0
	}
	return stride(n, len(b.ids))
}

// stride visits all of so many in no order: it is prime to any likely count.
func stride(n, of int) int { return n * 7919 % of }

func (b *bench) ours(ctx context.Context, n int) error {
	r := credits.Request{Workspace: b.pick(n), At: time.Now(), Key: uuid.Must(uuid.NewV7()).String(), Channel: "bench"}
	var c credits.Command = &credits.Charge{Request: r, Credit: "standard", Amount: credits.Credit}
	if b.Workload == "capture" {
		person := fmt.Sprintf("per_%d", b.people.Add(1))
		c = &credits.Capture{Request: r, Person: person, Findings: []credits.Finding{{Field: "work_phone", Values: 1, Data: []byte(`[{"value":"+12025550111"}]`)}}}
	}
	_, err := b.ledger.Do(ctx, c)
	return err
}

// round lets so many callers charge one after another until the time is over.
func (b *bench) round(ctx context.Context, callers int, charge func(ctx context.Context, n int) error) (figures, error) {
	began := time.Now()
	return b.during(ctx, callers, charge, func() bool { return time.Since(began) < b.Round })
}

// during lets so many callers charge one after another while more is true.
func (b *bench) during(ctx context.Context, callers int, charge func(ctx context.Context, n int) error, more func() bool) (figures, error) {
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	times := make([][]time.Duration, callers)
	began, used, allocated := time.Now(), processorTime(), allocations()
	for c := range callers {
		wg.Go(func() {
			for n := c; more() && failed.Load() == nil; n += callers {
				t := time.Now()
				if err := charge(ctx, n); err != nil {
					failed.Store(&err)
					return
				}
				times[c] = append(times[c], time.Since(t))
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return figures{}, *err
	}
	took, used, allocated := time.Since(began), processorTime()-used, allocations()-allocated
	all := slices.Concat(times...)
	slices.Sort(all)
	n := len(all)
	return figures{perSecond: float64(n) / took.Seconds(), p50: all[n/2], p99: all[n*99/100], cpu: used.Seconds() / float64(n), allocs: float64(allocated) / float64(n)}, nil
}
