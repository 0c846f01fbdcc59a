package bench

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// callersAtBoundary charge without a pause while the month ends.
const callersAtBoundary = 16

// RunPages fills a database with workspaces and the entries of a year, once, and measures what a
// workspace's people and software ask of a server on it, one after the other over HTTP: of the
// largest workspace, of some of a thousand entries, of some in the middle and of the smallest. The
// server is a process of its own, which tells how long a start takes and how much memory. Then the
// month ends for all workspaces at once.
func RunPages(ctx context.Context, o Options, out io.Writer) error {
	st, err := store.Open(ctx, o.Database)
	if err != nil {
		return err
	}
	f, err := fillPast(ctx, st, o, out)
	if err != nil {
		st.Close()
		return err
	}
	ledger := credits.New(st, credits.ShippedBooks())
	keys, err := keysOf(ctx, st, ledger, f)
	b := &bench{Options: o, store: st, ledger: ledger}
	b.close() // nothing but the server is open while it is measured
	if err != nil {
		return err
	}
	s, err := startServer(ctx, o.Database, f.Groups[0].Of[0], keys)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d workspaces, %d entries\n\n", f.Workspaces, f.Entries)
	err = visits(ctx, s, f.Groups, out)
	memory, ended := s.stop()
	if err == nil {
		err = ended
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nFrom the server's start to its first answer: %s. Its memory at most: %d MB.\n\n", s.took.Round(time.Millisecond), memory>>20)
	return monthEnd(ctx, o, f, out)
}

// keysOf makes an API key for each workspace whose pages are measured.
func keysOf(ctx context.Context, st *store.Store, ledger *credits.Ledger, f filled) (map[string]string, error) {
	accounts := account.New(st, ledger, time.Now)
	keys := map[string]string{}
	for _, g := range f.Groups {
		for _, s := range g.Of {
			scope, err := accounts.Enter(ctx, account.Principal{Role: account.Operator}, s.Workspace)
			if err != nil {
				return nil, err
			}
			if err := st.Update(ctx, func(tx *store.Tx) error {
				_, keys[s.Workspace], err = accounts.CreateKey(tx, scope, account.NewKey{Name: "pages", Role: account.Admin})
				return err
			}); err != nil {
				return nil, err
			}
		}
	}
	return keys, nil
}

// monthEnd lets the month end for every workspace, under charges of all but those whose pages are
// measured. It is the month after the newest entry: the one before ended when this was measured last.
func monthEnd(ctx context.Context, o Options, f filled, out io.Writer) error {
	st, err := store.Open(ctx, o.Database)
	if err != nil {
		return err
	}
	b := &bench{Options: o, store: st, ledger: credits.New(st, credits.ShippedBooks())}
	b.Workload = "cold"
	defer b.close()
	measured := map[string]bool{}
	for _, g := range f.Groups {
		for _, s := range g.Of {
			measured[s.Workspace] = true
		}
	}
	newest := time.Now()
	for after, more := "", true; more; {
		var list []store.Account
		if err := st.View(ctx, func(tx *store.Tx) error {
			list, err = tx.Accounts().List(after, 5000)
			return err
		}); err != nil {
			return err
		}
		for _, a := range list {
			after = a.Workspace
			if !measured[a.Workspace] {
				b.ids = append(b.ids, a.Workspace)
			}
			if at := time.UnixMicro(a.LastAt); at.After(newest) {
				newest = at
			}
		}
		more = len(list) == 5000
	}
	if len(b.ids) == 0 {
		return nil
	}
	fmt.Fprintf(out, "The month ends for %d workspaces after second %d, with %d callers:\n\n%8s %12s %10s %10s %10s\n", len(b.ids), boundarySeconds/2, callersAtBoundary, "second", "charges/s", "p50", "p99", "slowest")
	return b.boundary(ctx, callersAtBoundary, nextMonth(newest), out)
}

// visits is a table of what is asked of the server.
func visits(ctx context.Context, s *process, groups []sample, out io.Writer) error {
	fmt.Fprintf(out, "%-20s %-16s %10s %8s %10s %10s %10s\n", "", "workspaces", "entries", "leads", "first", "p50", "p95")
	for _, p := range pages {
		for _, g := range groups {
			first, later, err := s.measure(ctx, p, g)
			if err != nil {
				return fmt.Errorf("bench: %s of %s: %w", p.name, g.Name, err)
			}
			middle := g.Of[len(g.Of)/2]
			fmt.Fprintf(out, "%-20s %-16s %10d %8d %10s %10s %10s\n", p.name, fmt.Sprintf("%s (%d)", g.Name, len(g.Of)), middle.Entries, middle.Leads,
				quantile(first, 0.5), quantile(later, 0.5), quantile(later, 0.95))
		}
	}
	return nil
}

func quantile(times []time.Duration, share float64) string {
	slices.Sort(times)
	return short(times[int(share*float64(len(times)-1))])
}
