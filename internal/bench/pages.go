package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// chargesAtMonthEnd come a second while the month ends.
const chargesAtMonthEnd = 500

// aroundMonthEnd is when they come.
var aroundMonthEnd = []phase{{name: "10 s before", seconds: 10}, {name: "the second after", seconds: 1}, {name: "9 s more", seconds: 9}}

// hundredth is how much smaller the database is that a full one is measured in turn with.
const hundredth = 100

// RunPages fills a database with workspaces and the entries of a year, once, and measures what a
// workspace's people and software ask of a server on it, one after the other over HTTP: of the
// largest workspace, of some of a thousand entries, of some in the middle and of the smallest. The
// server is a process of its own, which tells how long a start takes and how much memory. Then the
// month ends for all workspaces at once. Where there is a FullDatabase, it is what is filled so, the
// other has a hundredth of it, and both are asked in turn.
func RunPages(ctx context.Context, o Options, out io.Writer) error {
	measured := []Options{o}
	if o.FullDatabase != "" {
		small := o
		small.Workspaces, small.Entries = o.Workspaces/hundredth, o.Entries/hundredth
		o.Database = o.FullDatabase
		measured = []Options{small, o}
	}
	var servers []*process
	defer func() {
		for _, s := range servers {
			_ = s.cmd.Process.Kill() // those that were not stopped
		}
	}()
	for _, o := range measured {
		s, err := openPages(ctx, o, out)
		if err != nil {
			return err
		}
		servers = append(servers, s)
	}
	if err := visits(ctx, servers, out); err != nil {
		return err
	}
	for n, s := range servers {
		memory, err := s.stop()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\n%d workspaces: from the server's start to its first answer %s; its memory at most %d MB.\n", measured[n].Workspaces, s.took.Round(time.Millisecond), memory>>20)
	}
	for n, o := range measured {
		if err := monthEnd(ctx, o, servers[n].past, out); err != nil {
			return err
		}
	}
	return nil
}

// openPages fills a database and starts a server of it: nothing else has it open then.
func openPages(ctx context.Context, o Options, out io.Writer) (*process, error) {
	st, err := store.Open(ctx, o.Database)
	if err != nil {
		return nil, err
	}
	f, err := fillPast(ctx, st, o, out)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	b := &bench{Options: o, store: st, ledger: credits.New(st, credits.ShippedBooks())}
	keys, err := keysOf(ctx, st, b.ledger, f)
	b.close()
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "%s, %d workspaces, %d entries:\n", st.Engine(), f.Workspaces, f.Entries)
	for _, g := range f.Groups {
		of := g.Of[len(g.Of)/2]
		fmt.Fprintf(out, "  %-14s %3d, of about %d entries and %d leads\n", g.Name, len(g.Of), of.Entries, of.Leads)
	}
	return startServer(ctx, o.Database, f, keys)
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

// monthEnd lets the month end for every workspace, under charges as they come to all but those whose
// pages are measured. It is the month after the newest entry: the one before ended when this was
// measured last.
func monthEnd(ctx context.Context, o Options, f filled, out io.Writer) error {
	st, err := store.Open(ctx, o.Database)
	if err != nil {
		return err
	}
	b := &bench{Options: o, store: st, ledger: credits.New(st, credits.ShippedBooks())}
	defer b.close()
	newest, err := b.charged(ctx, f)
	if err != nil || len(b.ids) == 0 {
		return err
	}
	fmt.Fprintf(out, "\nThe month ends for %d workspaces, with %d charges a second as they come:\n\n%-16s %9s %9s %10s %10s %10s %10s %9s\n", len(b.ids), chargesAtMonthEnd, "", "charges", "CPU", "p50", "p99", "p99.9", "slowest", "memory")
	y, m, _ := newest.UTC().Date()
	shift := time.Until(time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC)) - time.Duration(aroundMonthEnd[0].seconds)*time.Second
	for _, p := range aroundMonthEnd {
		if _, err := b.arrive(ctx, p, chargesAtMonthEnd, shift, out); err != nil {
			return err
		}
	}
	return nil
}

// charged lists the workspaces to charge, those with most entries first, and when the newest entry is.
func (b *bench) charged(ctx context.Context, f filled) (newest time.Time, err error) {
	measured, seqs := map[string]bool{}, map[string]int64{}
	for _, g := range f.Groups {
		for _, s := range g.Of {
			measured[s.Workspace] = true
		}
	}
	newest = time.Now()
	const page = 5000
	for after, more := "", true; more; {
		var list []store.Account
		if err := b.store.View(ctx, func(tx *store.Tx) error {
			list, err = tx.Accounts().List(after, page)
			return err
		}); err != nil {
			return newest, err
		}
		for _, a := range list {
			after = a.Workspace
			if at := time.UnixMicro(a.LastAt); at.After(newest) {
				newest = at
			}
			if !measured[a.Workspace] {
				b.ids = append(b.ids, a.Workspace)
				seqs[a.Workspace] = a.Seq
			}
		}
		more = len(list) == page
	}
	slices.SortFunc(b.ids, func(x, y string) int { return cmp.Compare(seqs[y], seqs[x]) })
	return newest, nil
}

// visits is a table of what is asked of the servers in turn; with two, it says how many times as long
// the last one takes.
func visits(ctx context.Context, servers []*process, out io.Writer) error {
	fmt.Fprintf(out, "\n%-14s %-14s", "", "workspaces")
	for range servers {
		fmt.Fprintf(out, " %10s %10s %10s", "first", "p50", "p95")
	}
	if len(servers) > 1 {
		fmt.Fprintf(out, " %10s %10s", "ratio p50", "p95")
	}
	fmt.Fprintln(out)
	for _, p := range pages {
		for n, g := range servers[0].past.Groups {
			fmt.Fprintf(out, "%-14s %-14s", p.name, g.Name)
			if err := inTurn(ctx, servers, p, n, out); err != nil {
				return fmt.Errorf("bench: %s of %s: %w", p.name, g.Name, err)
			}
		}
	}
	return nil
}

// inTurn measures a page of a group of workspaces.
func inTurn(ctx context.Context, servers []*process, p page, group int, out io.Writer) error {
	first, later := make([][]time.Duration, len(servers)), make([][]time.Duration, len(servers))
	for n := range p.visits {
		for i := range servers {
			at := (i + n) % len(servers) // no server is always the first
			s := servers[at]
			of := s.past.Groups[group].Of
			took, err := s.visit(ctx, p, s.visitor(of[n%len(of)]))
			if err != nil {
				return err
			}
			if n < len(of) {
				first[at] = append(first[at], took)
			} else {
				later[at] = append(later[at], took)
			}
		}
	}
	for n := range servers {
		fmt.Fprintf(out, " %10s %10s %10s", short(quantile(first[n], 0.5)), short(quantile(later[n], 0.5)), short(quantile(later[n], 0.95)))
	}
	if last := len(servers) - 1; last > 0 {
		for _, share := range []float64{0.5, 0.95} {
			fmt.Fprintf(out, " %10.2f", quantile(later[last], share).Seconds()/quantile(later[0], share).Seconds())
		}
	}
	fmt.Fprintln(out)
	return nil
}

func quantile(times []time.Duration, share float64) time.Duration {
	slices.Sort(times)
	return times[int(share*float64(len(times)-1))]
}
