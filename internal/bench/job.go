package bench

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// RunJob measures charges beside the making of a bulk capture with so many rows, its
// estimate included, in turn with charges alone; view and update are the longest
// transactions of the job in all rounds.
func RunJob(ctx context.Context, o Options, rows int, out io.Writer) error {
	st, err := store.Open(ctx, o.Database)
	if err != nil {
		return err
	}
	b := &bench{Options: o, store: st, ledger: credits.New(st, credits.ShippedBooks())}
	defer b.close()
	if err := b.workspaces(ctx); err != nil {
		return err
	}
	begin, err := b.openJob(ctx, rows)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s, %s workload, a bulk capture of %d rows is made beside, medians of %d\n\n", st.Engine(), o.Workload, rows, o.Rounds)
	fmt.Fprintf(out, "%8s %12s %10s %10s %14s %10s %10s %8s %10s %10s\n", "callers", "charges/s", "p50", "p99", "beside/s", "p99", "job", "ratio", "view", "update")
	for _, callers := range o.Callers {
		var alone, beside []figures
		var took, view, update time.Duration
		for range o.Rounds {
			f, err := b.round(ctx, callers, b.ours)
			if err != nil {
				return err
			}
			alone = append(alone, f)
			b.store.Longest()
			var during figures
			if during, took, err = b.besideJob(ctx, callers, begin); err != nil {
				return err
			}
			beside = append(beside, during)
			v, u := b.store.Longest()
			view, update = max(view, v), max(update, u)
		}
		a, d := median(alone), median(beside)
		fmt.Fprintf(out, "%8d %12.0f %10s %10s %14.0f %10s %10s %8.2f %10s %10s\n", callers, a.perSecond, short(a.p50), short(a.p99), d.perSecond, short(d.p99), took.Round(time.Millisecond), d.perSecond/a.perSecond, short(view), short(update))
	}
	return nil
}

// besideJob is a round that lasts as long as a job is made.
func (b *bench) besideJob(ctx context.Context, callers int, begin func(ctx context.Context) error) (f figures, took time.Duration, err error) {
	var over atomic.Bool
	var made error
	var job sync.WaitGroup
	began := time.Now()
	job.Go(func() {
		made = begin(ctx)
		took = time.Since(began)
		over.Store(true)
	})
	f, err = b.during(ctx, callers, b.ours, func() bool { return !over.Load() })
	job.Wait()
	if err == nil {
		err = made
	}
	return f, took, err
}

// openJob makes a workspace and people to capture, and says how a job with all of them
// is begun. It waits to be confirmed, and never runs.
func (b *bench) openJob(ctx context.Context, rows int) (begin func(ctx context.Context) error, err error) {
	people, err := directory.Open(ctx, b.store, time.Now)
	if err != nil {
		return nil, err
	}
	accounts := account.New(b.store, b.ledger, time.Now)
	var ws store.Workspace
	err = b.store.Update(ctx, func(tx *store.Tx) (err error) {
		ws, err = accounts.CreateWorkspace(tx, account.NewWorkspace{Name: "Job", Plan: "pro", TimeZone: "UTC", PriceBook: "classic", Seats: 1, Anchor: 1})
		return err
	})
	if err != nil {
		return nil, err
	}
	ask := bulk.Ask{ConfirmAbove: -1}
	const batch = 500
	for from := 0; from < rows; from += batch {
		var set []lead.Person
		for n := from; n < min(from+batch, rows); n++ {
			url := fmt.Sprintf("https://www.linkedin.com/in/bench-%d", n)
			set = append(set, lead.Person{FullName: fmt.Sprintf("Person %d", n), Company: "Bench", LinkedInURL: url, Values: []lead.Value{{Field: lead.WorkPhone, Value: fmt.Sprintf("+1202%07d", n)}}})
			ask.People = append(ask.People, bulk.Person{Reference: lead.Reference{LinkedInURL: url}})
		}
		if err := b.store.Update(ctx, func(tx *store.Tx) error {
			_, err := people.Put(tx, set)
			return err
		}); err != nil {
			return nil, err
		}
	}
	captures := &capture.Service{Store: b.store, Ledger: b.ledger, Accounts: accounts, Directory: people}
	jobs := bulk.New(b.store, captures, accounts, time.Now)
	return func(ctx context.Context) error {
		s, err := accounts.Enter(ctx, account.Principal{Role: account.Operator}, ws.ID)
		if err == nil {
			_, err = jobs.Begin(ctx, s, ask)
		}
		return err
	}, nil
}
