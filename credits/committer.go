package credits

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// committer is the one goroutine of a shard that decides. It has two roads.
//
// Ahead: when all that a command needs is remembered from the batches before, it
// is decided at once, while the last batch is still being written by the writer.
// What was decided goes to the writer when that is free, in one round trip that
// also checks that each account stands where it was decided from; nobody is
// answered before. Should a batch fail, it and the one decided after it are
// thrown away and decided again on the other road.
//
// Under lock: rows are loaded with their accounts locked, decided and written in
// one transaction. This road always works; nothing is ahead of it.
type committer struct {
	*shard
	open   *batch // decided ahead, growing until the writer is free
	flying *batch // with the writer

	flights chan *batch
	landed  chan error

	// locked is about deciding ahead, left out for so many batches: where another
	// server shares the accounts it is in vain.
	locked backoff
	// shared: another server changed an account of the last batch under lock.
	shared bool
	// hurried is about yielding, left out for so many times: where others keep the
	// processors busy it takes too long.
	hurried backoff

	lines []*call // of a group that is being taken, which is of
	of    *group
	turn  int // counts whom next took

	// contended tells that the last commit was shared, or somebody waited for it.
	contended bool

	sender sender // to other servers
}

// backoff is how often something is left out after it was in vain: ever more often,
// as long as it stays so.
type backoff struct{ left, next int }

// maxBackoff bounds how seldom something in vain is tried.
const maxBackoff = 1023

func (d *backoff) grow() {
	d.next = min(2*d.next+1, maxBackoff)
	d.left = d.next
}

func (d *backoff) shrink() { d.next /= 2 }

func newCommitter(sh *shard) *committer {
	return &committer{
		shard: sh, flights: make(chan *batch), landed: make(chan error, 1),
		sender: sender{away: map[string]struct{}{}, landed: make(chan *frame)},
	}
}

func (k *committer) run() {
	written := make(chan struct{})
	go k.write(written)
	defer func() {
		close(k.flights)
		<-written
	}()
	for {
		queue, groups, lines := k.queue, k.groups, nobody
		switch {
		case k.open.full():
			queue, groups = nil, nil // until the writer is free
		case k.open.size() >= maxLines:
			groups = nil
		case len(k.lines) > 0:
			groups, lines = nil, somebody
		}
		select {
		case c := <-queue:
			k.take(c)
		case g := <-groups:
			k.lines, k.of = g.calls, g
			k.takeLines()
		case <-lines:
			k.takeLines()
		case err := <-k.landed:
			k.land(err)
		case f := <-k.sender.landed:
			k.receive(f)
		case <-k.ledger.stop:
			k.rest()
			return
		}
		k.depart()
	}
}

// somebody is ready to be received from at any time, nobody never.
var somebody, nobody = func() (ready, never <-chan struct{}) {
	c := make(chan struct{})
	close(c)
	return c, nil
}()

// takeLines takes some lines of a group.
func (k *committer) takeLines() {
	for n := 0; n < linesAtOnce && len(k.lines) > 0 && k.open.size() < maxLines; n++ {
		k.take(k.line())
	}
}

// rest answers what is queued still.
func (k *committer) rest() {
	k.recall()
	for c := k.next(); c != nil; c = k.next() {
		k.takeMore(c)
	}
	k.settle()
}

// takeMore takes a command though the open batch may be full.
func (k *committer) takeMore(c *call) {
	if k.open.full() {
		k.settle()
	}
	k.take(c)
}

// take leaves a command to another server, or decides it ahead, or else everything that is queued
// under lock.
func (k *committer) take(c *call) {
	if k.send(c) {
		return
	}
	if k.locked.left == 0 {
		if k.open == nil {
			k.open = newBatch(k.shard, nil)
		}
		if k.open.admit(c) {
			return
		}
	}
	k.settle()
	k.locked.left = max(0, k.locked.left-1)
	if plain := k.commit(k.drain(c)); !plain {
		k.locked.left = max(k.locked.left, 1) // what comes next is likely of the same kind
	}
}

// A commit costs the same for one command and for many. So anyone who is about to
// come is let in first: callers that were answered just now, requests that have
// been read. They are ready to run, and run when this goroutine yields; where
// nobody is ready that takes a microsecond, and it is no timer.
const (
	// enough is how many commands share a commit without waiting for more: from
	// there on it is better to decide the next ones while these are written.
	enough = 256
	// patience is how often the committer yields for one batch, as long as each
	// time brings somebody.
	patience = 4
	// long is what a yield may take; beyond it the processors are busy with
	// something else, and letting that run first costs more than a commit.
	long = 2 * time.Millisecond
)

// others reports whether somebody else is queued now, or after those have run who
// are ready to. A caller who was alone the last time waits for nobody.
func (k *committer) others(batch int) bool {
	switch {
	case k.waiting():
		return true
	case batch == 1 && !k.contended:
		return false
	case k.hurried.left > 0:
		k.hurried.left--
		return false
	}
	began := time.Now()
	runtime.Gosched()
	if time.Since(began) > long {
		k.hurried.grow()
	} else {
		k.hurried.shrink()
	}
	return k.waiting()
}

// depart gives the open batch to the writer, if that is free, and frames to peers that are. After it
// nothing is left that could go: nobody may come for long.
func (k *committer) depart() {
	k.gather()
	k.dispatch()
	switch {
	case k.flying != nil || k.open.empty():
	case k.open.size() == 1:
		k.alone()
	default:
		k.launch()
	}
}

// leaving is how many commands are about to go.
func (k *committer) leaving() int {
	n := k.sender.filled()
	if k.flying == nil {
		n += k.open.size()
	}
	return n
}

// gather takes those who come while others are about to go.
func (k *committer) gather() {
	for range patience {
		if n := k.leaving(); n == 0 || n >= enough || !k.others(n) {
			return
		}
		for k.leaving() < enough && k.open.size() < enough {
			c := k.next()
			if c == nil {
				break
			}
			k.take(c)
		}
	}
}

// drain takes what is queued, and who is about to come, up to a command that must
// be the last of its batch.
func (k *committer) drain(first *call) []*call {
	calls := []*call{first}
	for range patience {
		for {
			if _, last := calls[len(calls)-1].command.(exclusive); last || len(calls) == MaxBatch {
				return calls
			}
			c := k.next()
			if c == nil {
				break
			}
			if !k.send(c) {
				calls = append(calls, c)
			}
		}
		if len(calls) >= enough || !k.others(len(calls)) {
			break
		}
	}
	return calls
}

// settle waits until nothing is ahead of the database.
func (k *committer) settle() {
	for {
		switch {
		case k.flying != nil:
			k.land(<-k.landed)
		case !k.open.empty():
			k.launch()
		default:
			return
		}
	}
}

// launch gives the open batch to the writer, which is free.
func (k *committer) launch() {
	if k.ready() {
		k.flights <- k.flying
	}
}

// alone writes the open batch here and now: there is nothing to decide meanwhile,
// and a caller who is alone waits for no other goroutine.
func (k *committer) alone() {
	if k.ready() {
		k.land(k.flush(k.flying))
	}
}

// ready closes the open batch, and tells whether it can be written.
func (k *committer) ready() bool {
	k.open, k.flying = nil, k.open
	if k.flying.spoiled {
		k.land(store.ErrMoved)
		return false
	}
	k.flying.ahead()
	return true
}

// write is the writer.
func (k *committer) write(done chan<- struct{}) {
	defer close(done)
	for b := range k.flights {
		k.landed <- k.flush(b)
	}
}

func (k *committer) flush(b *batch) error {
	k.ledger.commits.Add(1)
	k.ledger.ahead.Add(1)
	return k.ledger.store.CommitAhead(context.Background(), b.from, b.out)
}

// land takes note of a batch that was written, or does again what was not.
func (k *committer) land(err error) {
	b, open := k.flying, k.open
	k.flying = nil
	if err == nil {
		k.locked.shrink()
		if open.size() >= enough {
			k.launch()
		}
		k.contended = len(b.calls) > 1 || k.waiting()
		b.answer(nil) // while the next one is written
		k.ledger.changed.note(b)
		return
	}
	k.open = nil
	k.forget(b)
	if errors.Is(err, store.ErrMoved) {
		k.locked.grow()
		k.shared = true
		k.commit(b.calls)
	} else {
		b.answer(err) // whether it was written is not known
	}
	if !open.empty() {
		k.forget(open)
		k.commit(open.calls)
	}
}

// commit decides a batch under lock and answers its callers.
func (k *committer) commit(calls []*call) (plain bool) {
	b, err := k.transact(calls, k.shared)
	k.ledger.commits.Add(1)
	var with *store.WithError
	if broken := (brokenError{}); len(calls) > 1 && (errors.As(err, &broken) || errors.As(err, &with)) {
		// One command met a mistake of this package's, or what goes with it was
		// refused: it fails by itself.
		for _, c := range calls {
			k.commit([]*call{c})
		}
		return false
	}
	k.contended = len(calls) > 1 || k.waiting()
	k.shared = b.moved
	if err == nil {
		k.share(b)
	}
	b.answer(err)
	return b.plain && !b.moved
}
