// Package job runs work that waits as rows of the database: effects, bulk captures,
// late answers, stopped imports. It is the one place that claims rows, runs what was
// claimed, and gives rows back.
//
// It promises that while a server's lease lives no other server has the row, that a row
// whose server died is claimed again when its lease ends, and that one that is slow, or
// panics, holds up nothing but its own target. It promises no order, and a row may be run
// more than once: what it does must be fit for that, or end its row in the same
// transaction.
package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Rows are where the work of a kind waits.
type Rows[J any] interface {
	// Due lists at most room rows that no server has and whose time has come, but none of
	// the targets that have enough already.
	Due(tx *store.Tx, now time.Time, without []string, room int) ([]J, error)
	// Claim gives a row to this server until an instant, and returns it as it is then;
	// false: another server was first, or there is nothing to run.
	Claim(tx *store.Tx, row J, now, until time.Time) (J, bool, error)
	// Target is what a row must not hold up others at; empty: nothing.
	Target(row J) string
	// Run does the work and ends its row, or gives it back when ctx ends first.
	Run(ctx context.Context, row J)
}

// Queue runs the rows of a kind on this server.
type Queue[J any] struct {
	Name  string // in the log
	Store *store.Store
	Rows  Rows[J]
	// OfWorkspaces: the rows are workspaces', and so in every part of a distributed database.
	OfWorkspaces bool
	// Clock is the machine's, by which leases are written.
	Clock func() time.Time
	// Lease is how long after a server died another one claims its rows.
	Lease time.Duration
	// Every is how often rows are looked for that nobody announced: other servers' and
	// those whose time comes. Wake announces this server's own; nil: nothing does.
	Every time.Duration
	Wake  <-chan struct{}
	// AtOnce is how many rows run at the same time, PerTarget how many of one target;
	// 0: no other bound than AtOnce.
	AtOnce, PerTarget int
	// Grace is how long rows may continue after the server was told to stop.
	Grace time.Duration

	mu      sync.Mutex
	busy    map[string]int // by target
	running sync.WaitGroup
	free    chan struct{}
}

// Work runs rows until ctx ends, and returns when those under way have ended.
func (q *Queue[J]) Work(ctx context.Context) {
	runs, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	q.start()
	every := time.NewTicker(q.Every)
	defer every.Stop()
	for ctx.Err() == nil {
		more, err := q.round(ctx, runs)
		if err != nil && ctx.Err() == nil {
			slog.Warn("jobs could not be looked for", "kind", q.Name, "error", err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-every.C:
		case <-q.Wake:
		case <-q.free:
		case <-ctx.Done():
		}
	}
	late := time.AfterFunc(q.Grace, stop)
	defer late.Stop()
	q.running.Wait()
}

// Begin begins to run what is due, once; Wait waits for it.
func (q *Queue[J]) Begin(ctx context.Context) error {
	q.start()
	_, err := q.round(ctx, ctx)
	return err
}

// Wait returns when nothing runs.
func (q *Queue[J]) Wait() { q.running.Wait() }

func (q *Queue[J]) start() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.busy == nil {
		q.busy, q.free = map[string]int{}, make(chan struct{}, 1)
	}
}

// round claims what is due and begins to run it; more tells that there may be more at
// once.
func (q *Queue[J]) round(ctx, runs context.Context) (more bool, err error) {
	room, without := q.room()
	if room == 0 {
		return false, nil
	}
	now := q.Clock()
	due, lost := q.due(ctx, now, without, room)
	if len(due) == 0 {
		return false, lost
	}
	claimed, err := q.claim(ctx, q.fitting(due[:min(room, len(due))]))
	if err = errors.Join(lost, err); err != nil && len(claimed) == 0 {
		return false, err
	}
	for _, row := range claimed {
		q.running.Go(func() {
			defer q.leave(row)
			q.run(runs, row)
		})
	}
	return len(claimed) > 0, err
}

// due lists rows that could be claimed; with an error, those of the parts that were reached.
func (q *Queue[J]) due(ctx context.Context, now time.Time, without []string, room int) (list []J, err error) {
	view := q.Store.View
	if q.OfWorkspaces {
		view = q.Store.ViewEach
	}
	err = view(ctx, func(tx *store.Tx) error {
		some, err := q.Rows.Due(tx, now, without, room)
		list = append(list, some...)
		return err
	})
	return list, err
}

// room is how many rows may begin, and the targets that have enough already.
func (q *Queue[J]) room() (n int, without []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n = q.AtOnce
	for target, busy := range q.busy {
		n -= busy
		if target != "" && q.PerTarget > 0 && busy >= q.PerTarget {
			without = append(without, target)
		}
	}
	return max(n, 0), without
}

// fitting are as many of the rows as their targets take.
func (q *Queue[J]) fitting(due []J) (list []J) {
	q.mu.Lock()
	defer q.mu.Unlock()
	more := map[string]int{}
	for _, row := range due {
		target := q.Rows.Target(row)
		if target != "" && q.PerTarget > 0 && q.busy[target]+more[target] >= q.PerTarget {
			continue
		}
		more[target]++
		list = append(list, row)
	}
	return list
}

// claimWithin is how long claiming may take: rows of a node that does not answer wait.
const claimWithin = 5 * time.Second

// claim claims rows, those that no other server claimed first: in one transaction, or one for each
// row where they are in several parts of the database, of which one may be gone.
func (q *Queue[J]) claim(ctx context.Context, rows []J) (claimed []J, err error) {
	together := len(rows)
	if q.OfWorkspaces && q.Store.Parts() > 0 {
		together = 1
	}
	for some := range slices.Chunk(rows, max(1, together)) {
		got, failed := q.claimTogether(ctx, some)
		claimed = append(claimed, got...)
		err = errors.Join(err, failed)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, row := range claimed {
		q.busy[q.Rows.Target(row)]++
	}
	return claimed, err
}

func (q *Queue[J]) claimTogether(ctx context.Context, rows []J) (claimed []J, err error) {
	now := q.Clock() // looking for them may have taken long
	ctx, cancel := context.WithTimeout(ctx, claimWithin)
	defer cancel()
	err = q.Store.Update(ctx, func(tx *store.Tx) error {
		claimed = nil
		for _, row := range rows {
			got, mine, err := q.Rows.Claim(tx, row, now, now.Add(q.Lease))
			if err != nil {
				return err
			}
			if mine {
				claimed = append(claimed, got)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

// run guards against a mistake of the work's own: the row's lease ends, and it is
// claimed again.
func (q *Queue[J]) run(ctx context.Context, row J) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("a job failed; it is claimed again when its lease ends", "kind", q.Name, "panic", fmt.Sprint(p))
		}
	}()
	q.Rows.Run(ctx, row)
}

func (q *Queue[J]) leave(row J) {
	q.mu.Lock()
	target := q.Rows.Target(row)
	if q.busy[target]--; q.busy[target] == 0 {
		delete(q.busy, target)
	}
	q.mu.Unlock()
	select {
	case q.free <- struct{}{}:
	default:
	}
}
