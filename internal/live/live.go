// Package live tells those who watch a workspace that its ledger has changed. It reads one number
// of each watched workspace a second, however many watch, and holds nothing between two reads.
package live

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Bounds of those who watch at once, and how often is read.
const (
	MaxOfOne       = 20 // a browser has one for all its tabs
	MaxOfWorkspace = 200
	MaxInAll       = 4000
	Every          = time.Second
)

// Change is a workspace's ledger at an instant: it is another text once anything was spent, given
// back or set.
type Change string

// Live is a server's.
type Live struct {
	Store *store.Store
	// Background runs work that ends with the server.
	Background func(name string, work func(ctx context.Context))

	mu       sync.Mutex
	rooms    map[string]*room
	watching int
}

// room is those who watch one workspace. It is read for as long as there is anybody.
type room struct {
	seats map[chan Change]string // and who sits there
	of    map[string]int         // seats by who
	last  Change
	empty context.CancelFunc
}

// Watch sends each change of a workspace to somebody until leave is called: who is slow gets the
// newest one alone. Fault: RateLimited.
func (l *Live) Watch(workspace, who string) (changes <-chan Change, leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.rooms[workspace]
	if l.watching >= MaxInAll || r != nil && (len(r.seats) >= MaxOfWorkspace || r.of[who] >= MaxOfOne) {
		return nil, nil, fault.New(fault.RateLimited, "Too many pages of this workspace are watching. This one asks every few seconds instead.")
	}
	if r == nil {
		r = l.open(workspace)
	}
	seat := make(chan Change, 1)
	r.seats[seat] = who
	r.of[who]++
	l.watching++
	if r.last != "" {
		seat <- r.last
	}
	return seat, sync.OnceFunc(func() { l.leave(workspace, r, seat) }), nil
}

func (l *Live) open(workspace string) *room {
	ctx, cancel := context.WithCancel(context.Background())
	r := &room{seats: map[chan Change]string{}, of: map[string]int{}, empty: cancel}
	if l.rooms == nil {
		l.rooms = map[string]*room{}
	}
	l.rooms[workspace] = r
	l.Background("live", func(running context.Context) {
		stopped := context.AfterFunc(running, cancel)
		defer stopped()
		l.read(ctx, workspace, r)
	})
	return r
}

func (l *Live) leave(workspace string, r *room, seat chan Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if who := r.seats[seat]; r.of[who] > 1 {
		r.of[who]--
	} else {
		delete(r.of, who)
	}
	delete(r.seats, seat)
	l.watching--
	if len(r.seats) == 0 {
		r.empty()
		delete(l.rooms, workspace)
	}
}

// read tells a room what changes until it is empty.
func (l *Live) read(ctx context.Context, workspace string, r *room) {
	every := time.NewTicker(Every)
	defer every.Stop()
	for {
		now, err := l.now(ctx, workspace)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			slog.Warn("a watched workspace could not be read", "error", err)
		} else {
			l.tell(r, now)
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

func (l *Live) now(ctx context.Context, workspace string) (c Change, err error) {
	err = l.Store.View(ctx, func(tx *store.Tx) error {
		acc, _, err := tx.Accounts().ByID(workspace)
		c = Change(strconv.FormatInt(acc.Seq, 10) + "." + strconv.FormatInt(acc.TermsVersion, 10))
		return err
	})
	return c, err
}

func (l *Live) tell(r *room, now Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.last == now {
		return
	}
	r.last = now
	for seat := range r.seats {
		select {
		case <-seat: // it is out of date
		default:
		}
		seat <- now
	}
}
