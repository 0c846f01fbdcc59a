package enrich

import (
	"context"
	"log/slog"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Budget keeps the sources' daily budgets in the database: a restart gives none
// again, and several servers share one.
type Budget struct{ Store *store.Store }

// Take counts one ask; false means that the day's budget is used up.
func (b Budget) Take(ctx context.Context, provider, day string, most int) (ok bool, err error) {
	err = b.Store.Update(ctx, func(tx *store.Tx) error {
		ok, err = tx.Providers().TakeAsk(provider, day, int64(most))
		return err
	})
	return ok, err
}

// Tally counts what sources are asked and what they answer, a day at a time.
type Tally struct {
	store    *store.Store
	attempts chan provider.Attempt
}

// NewTally makes a tally; Run writes it down.
func NewTally(st *store.Store) *Tally { return &Tally{st, make(chan provider.Attempt, 1024)} }

// Note takes an attempt down. It never waits: what a full queue has no room for
// is not counted.
func (t *Tally) Note(a provider.Attempt) {
	if !a.Asked {
		return
	}
	select {
	case t.attempts <- a:
	default:
	}
}

// Run writes attempts down until ctx ends, and then those that are left.
func (t *Tally) Run(ctx context.Context) {
	for {
		select {
		case a := <-t.attempts:
			t.write(context.WithoutCancel(ctx), a)
			continue
		default:
		}
		select {
		case a := <-t.attempts:
			t.write(context.WithoutCancel(ctx), a)
		case <-ctx.Done():
			return
		}
	}
}

func (t *Tally) write(ctx context.Context, a provider.Attempt) {
	d := store.ProviderDay{Provider: a.Provider, Day: a.At.Format(time.DateOnly), Asked: 1, Latency: a.Latency.Microseconds()}
	switch a.Outcome {
	case provider.Found:
		d.Found = 1
	case provider.NotFound:
		d.Missed = 1
	case provider.Pending:
	default:
		d.Failed = 1
	}
	if cost, err := credits.ParseAmount(a.Cost); err == nil && cost > 0 {
		d.Cost = int64(cost)
	}
	if err := t.store.Update(ctx, func(tx *store.Tx) error { return tx.Providers().AddDay(d) }); err != nil {
		slog.Warn("a source's answer was not counted", "provider", a.Provider, "error", err)
	}
}

// rateDays is how far back a hit rate looks.
const rateDays = 30

// HitRate is how often sources found something lately: so many of so many times.
// While nothing is known, one of two.
func (s *Sources) HitRate(ctx context.Context) (found, tried int64, err error) {
	if s == nil {
		return 0, 1, nil
	}
	var days []store.ProviderDay
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		days, err = tx.Providers().Days(s.Clock().UTC().AddDate(0, 0, -rateDays).Format(time.DateOnly))
		return err
	})
	for _, d := range days {
		found += d.Found
		tried += d.Found + d.Missed
	}
	if tried == 0 {
		return 1, 2, err
	}
	return found, tried, err
}
