package credits

import (
	"context"
	"errors"

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

	// wary is how many batches still go under lock before one is decided ahead
	// again, caution how long the next wait will be: where another server shares
	// the accounts, deciding ahead is in vain, and tried ever more seldom.
	wary, caution int
}

// maxCaution bounds how seldom deciding ahead is tried, in batches.
const maxCaution = 1023

func (k *committer) run() {
	k.flights, k.landed = make(chan *batch), make(chan error, 1)
	written := make(chan struct{})
	go k.write(written)
	defer func() {
		close(k.flights)
		<-written
	}()
	for {
		queue := k.queue
		if k.open.full() {
			queue = nil // until the writer is free
		}
		select {
		case c := <-queue:
			k.take(c)
		case err := <-k.landed:
			k.land(err)
		case <-k.ledger.stop:
			k.rest()
			return
		}
	}
}

// rest answers what is queued still.
func (k *committer) rest() {
	for {
		select {
		case c := <-k.queue:
			if k.open.full() {
				k.settle()
			}
			k.take(c)
		default:
			k.settle()
			return
		}
	}
}

// take decides a command ahead, or else everything that is queued under lock.
func (k *committer) take(c *call) {
	if k.wary == 0 {
		if k.open == nil {
			k.open = newBatch(k.shard, nil)
		}
		if k.open.admit(c) {
			switch {
			case k.flying != nil:
			case len(k.open.calls) == 1 && len(k.queue) == 0:
				k.alone()
			case len(k.queue) == 0 || k.open.full():
				k.launch()
			}
			return
		}
	}
	k.settle()
	k.wary = max(0, k.wary-1)
	if plain := k.commit(k.drain(c)); !plain {
		k.wary = max(k.wary, 1) // what comes next is likely of the same kind
	}
}

// drain takes what is queued already, up to a command that must be the last of
// its batch.
func (k *committer) drain(first *call) []*call {
	calls := []*call{first}
	for len(calls) < MaxBatch {
		if _, last := calls[len(calls)-1].command.(exclusive); last {
			break
		}
		select {
		case c := <-k.queue:
			calls = append(calls, c)
		default:
			return calls
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
	if k.depart() {
		k.flights <- k.flying
	}
}

// alone writes the open batch here and now: there is nothing to decide meanwhile,
// and a caller who is alone waits for no other goroutine.
func (k *committer) alone() {
	if k.depart() {
		k.land(k.flush(k.flying))
	}
}

func (k *committer) depart() bool {
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
		k.caution /= 2
		if !open.empty() {
			k.launch()
		}
		b.answer(nil) // while the next one is written
		k.ledger.changed.note(b)
		return
	}
	k.open = nil
	k.forget(b)
	if errors.Is(err, store.ErrMoved) {
		k.caution = min(2*k.caution+1, maxCaution)
		k.wary = k.caution
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
	plain, err := k.transact(calls)
	k.ledger.commits.Add(1)
	if broken := (brokenError{}); errors.As(err, &broken) && len(calls) > 1 {
		// One command met a mistake of this package's: it fails by itself.
		for _, c := range calls {
			k.commit([]*call{c})
		}
		return false
	}
	(&batch{calls: calls}).answer(err)
	return plain
}
