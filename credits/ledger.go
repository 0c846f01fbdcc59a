package credits

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Bounds of the committer.
const (
	// MaxBatch is how many commands one transaction decides.
	MaxBatch = 1024
	// MaxQueue is how many callers may wait, and how many lines of batches and streams
	// beside them; a further one is told to come back.
	MaxQueue = 8192
	// maxKnown bounds the states kept in memory, in workspaces.
	maxKnown = 50_000
	// maxShares bounds the members' rows kept in memory, in rows a workspace.
	maxShares = 2000
	// postgresShards bounds how many batches one server lets Postgres work on at
	// once; there are no more than the server has processors.
	postgresShards = 4
)

// ErrClosed says that the ledger takes no commands any more.
var ErrClosed = errors.New("credits: the ledger is closed")

// Ledger commits commands in groups: callers queue, one committer takes what is
// queued, decides it in order, writes one transaction and answers each caller.
// There is no timer: alone, a command goes at once; under load a group is what
// came while the last one was written, decided meanwhile, and anyone who is ready to
// come when it was.
//
// An answer is given only after its transaction is on disk. A ledger may be used
// by any number of goroutines; several ledgers, in several processes, may share
// one Postgres.
type Ledger struct {
	store  *store.Store
	books  Books
	shards []*shard
	seed   maphash.Seed // says which shard a workspace is in
	parted bool         // the database says it, because its transactions must not mix parts
	stop   chan struct{}
	ended  chan struct{}
	once   sync.Once

	commits atomic.Int64
	ahead   atomic.Int64 // of them, decided before the batch before was written
	owns    bool         // the store was opened by Open and is closed by Close
	changed changed
	peers   atomic.Pointer[Peers] // nil: there are none
	sent    atomic.Int64          // charges that they answered
	// clock is this process's time. A workspace's own time is by the clocks of all servers: where one
	// was ahead, it does not move until the others get there.
	clock func() time.Duration
}

// shard is some of the workspaces, with a queue and a committer of their own. No
// command touches two workspaces, so shards know nothing of each other.
type shard struct {
	ledger *Ledger
	queue  chan *call
	groups chan *group
	room   lineRoom // for groups
	// states as the last batches left them, by workspace; the committer's own.
	states map[string]*state
	probe  wants // of the command that is being admitted
}

// Database is an open database that a ledger shares with tables of other packages.
// Those of this module alone open one; who only meters calls Open.
type Database interface {
	Engine() string
	Close() error
}

// New starts a ledger over an open database. SQLite has one writer, so one committer
// serves it best; a Postgres works on several batches at once, and a distributed one has
// a committer for each part, which is on one node: where a node is gone, the others' go on.
func New(db Database, books Books) *Ledger {
	st := db.(*store.Store)
	began := time.Now()
	l := &Ledger{clock: func() time.Duration { return time.Since(began) }, store: st, books: books, seed: maphash.MakeSeed(), stop: make(chan struct{}), ended: make(chan struct{})}
	n := 1
	if st.Engine() == "postgres" {
		n = min(postgresShards, runtime.GOMAXPROCS(0))
	}
	if parts := st.Parts(); parts > 0 {
		n, l.parted = parts, true
	}
	var running sync.WaitGroup
	for range n {
		sh := newShard(l, MaxQueue/min(n, postgresShards))
		l.shards = append(l.shards, sh)
		running.Go(newCommitter(sh).run)
	}
	go func() {
		running.Wait()
		close(l.ended)
	}()
	return l
}

func newShard(l *Ledger, queue int) *shard {
	return &shard{ledger: l, queue: make(chan *call, queue), groups: make(chan *group, queue), states: map[string]*state{}}
}

// shardOf is where a workspace's commands queue.
func (l *Ledger) shardOf(workspace string) *shard {
	return l.shards[l.indexOf(workspace)]
}

func (l *Ledger) indexOf(workspace string) int {
	switch {
	case l.parted:
		return l.store.Part(workspace)
	case len(l.shards) == 1:
		return 0
	}
	return int(maphash.String(l.seed, workspace) % uint64(len(l.shards)))
}

// Books are the price books that the ledger decides by.
func (l *Ledger) Books() Books { return l.books }

// Close answers what is queued and stops. The error is the database's, where Open
// opened it.
func (l *Ledger) Close() error {
	first := false
	l.once.Do(func() {
		close(l.stop)
		first = true
	})
	<-l.ended
	if l.owns && first {
		return l.store.Close()
	}
	return nil
}

// Do carries out one command. The error is a *Refusal when the command was
// decided against; any other error means that the outcome is unknown, and that
// the same command with the same Key will find out.
//
// A context that ends after the command was queued does not undo it.
func (l *Ledger) Do(ctx context.Context, c Command) (Result, error) {
	call, err := l.enqueue(c)
	if err != nil {
		return Result{}, err
	}
	result, err := l.wait(call)
	if result.Replayed {
		store.Replayed(ctx)
	}
	return result, err
}

// MaxTogether is how many commands DoAll takes at once.
const MaxTogether = MaxQueue / postgresShards

// Answer is one command's answer among several.
type Answer struct {
	Result Result
	Err    error
}

// Command is one of this package's commands.
type Command interface{ command }

// MaxWait is how long DoAll waits for room.
const MaxWait = time.Second

// DoAll carries out at most MaxTogether commands as Do does, all at once; the answers
// come in their order. Each is decided by itself: one that is refused stops no other.
// Where the queue has no room for all of them within MaxWait none is taken, and the error
// is a *Refusal with the code Overloaded.
func (l *Ledger) DoAll(ctx context.Context, commands []Command) ([]Answer, error) {
	waits, cancel := context.WithTimeout(ctx, MaxWait)
	defer cancel()
	p, err := l.Start(waits, commands)
	if err != nil && waits.Err() != nil && ctx.Err() == nil {
		return nil, overloaded()
	}
	if err != nil {
		return nil, err
	}
	return p.Wait(), nil
}

func (l *Ledger) enqueue(c command) (*call, error) {
	if r := storable(c); r != nil {
		return nil, r
	}
	call := newCall(c)
	select {
	case <-l.stop:
		return nil, ErrClosed
	default:
	}
	select {
	case l.shardOf(c.request().Workspace).queue <- call:
		return call, nil
	default:
		return nil, overloaded()
	}
}

func overloaded() *Refusal {
	return refuse(Overloaded, "The server has more to do than it can take. Nothing was charged. Try again in a moment.")
}

func (l *Ledger) wait(call *call) (Result, error) {
	select {
	case <-call.done:
	case <-l.ended: // the committer answered everything that it saw before it ended
	}
	return call.answer()
}

// brokenError is a mistake of this package, met by an assertion. Nothing of its
// transaction was written.
type brokenError struct{ cause any }

func (e brokenError) Error() string { return fmt.Sprintf("credits: %v", e.cause) }

// transact loads, decides and writes a batch in one transaction, under the locks
// of its accounts. Shared says that another server likely changed them: then their rows are
// asked for together with them, and not when it shows that what is remembered is old. The
// batch tells whether that was so, and whether all that it needed is remembered.
func (l *shard) transact(calls []*call, shared bool) (b *batch, err error) {
	b = newBatch(l, calls)
	if b.shared = shared; shared {
		for _, s := range b.order {
			s.forget()
		}
	}
	defer func() {
		if p := recover(); p != nil {
			err = brokenError{p}
		}
		if err != nil {
			l.forget(b)
			return
		}
		for _, s := range b.order {
			l.remember(s)
		}
		l.ledger.changed.note(b)
	}()
	err = l.ledger.store.Ledger(context.Background(), b.order[0].acct.Workspace, func(tx store.LedgerTx) (*store.Writes, error) {
		if err := b.load(tx); err != nil {
			return nil, err
		}
		b.decide()
		return b.writes(), nil
	})
	return b, err
}

func (l *shard) remember(s *state) {
	if s.terms == nil || s.fault != nil {
		delete(l.states, s.acct.Workspace)
		return
	}
	if len(l.states) >= maxKnown/len(l.ledger.shards) && l.states[s.acct.Workspace] == nil {
		clear(l.states)
	}
	if s.dirty {
		s.base = s.acct
		s.base.Terms = nil
	}
	l.states[s.acct.Workspace] = s
}

// forget drops the states of a batch that was not written: what was decided is
// not what the database holds.
func (l *shard) forget(b *batch) {
	for _, s := range b.order {
		delete(l.states, s.acct.Workspace)
	}
}

// Commits is how many batches were committed since the ledger began.
func (l *Ledger) Commits() int64 { return l.commits.Load() }

// Ahead is how many of them were decided from memory, and only checked by the
// database.
func (l *Ledger) Ahead() int64 { return l.ahead.Load() }

// Waiting is how many commands are queued.
func (l *Ledger) Waiting() (n int) {
	for _, s := range l.shards {
		n += len(s.queue) + s.room.queued()
	}
	return n
}
