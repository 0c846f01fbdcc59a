package directory

import (
	"context"
	"time"
)

// An import's transactions are short: as many rows as take these times. On SQLite
// it shares the one writer with charges; there they are shorter, with a pause as
// long after each, while somebody else is seen to write.
const (
	idleTurn  = 100 * time.Millisecond
	busyTurn  = 5 * time.Millisecond
	busyFor   = time.Second           // after somebody else was last seen to write
	taken     = 10 * time.Millisecond // a wait for the writer that another process is the cause of
	fewRows   = 10
	manyRows  = 5000
	firstRows = 100
)

// pace is how many rows go into one transaction.
type pace struct {
	shared    bool // there is one writer for all
	size      float64
	changes   int64 // of the database when this import last wrote
	others    bool  // wrote since
	busyUntil time.Time
}

func (p *pace) rows() int {
	if p.size == 0 {
		p.size = firstRows
	}
	return int(p.size)
}

// sees takes the database's count of changes as a transaction begins.
func (p *pace) sees(changes int64) { p.others = p.changes != 0 && changes != p.changes }

// learn takes what a transaction of n rows cost: how long it waited for the writer
// and how long it held it. It returns how long to leave the writer alone.
func (p *pace) learn(now time.Time, waited, held time.Duration, n int) time.Duration {
	if p.shared && (p.others || waited > taken) {
		p.busyUntil = now.Add(busyFor)
	}
	fit := func(turn time.Duration) float64 {
		return float64(n) * float64(turn) / float64(max(held, time.Millisecond))
	}
	if now.Before(p.busyUntil) { // at once: each long one is a charge that waits
		p.size = max(min(fit(busyTurn), p.size*1.5), fewRows)
		return held
	}
	p.size = min(max(fit(idleTurn), p.size/2, fewRows), p.size*1.5, manyRows)
	return 0
}

// The log is brought into the database file beside the writer: else a commit would
// do it, and a charge would wait for that. Now and then the import waits for it:
// the log starts again only when all of it is in the file.
const (
	checkpointRows = 800 // which dirty about as many pages as a commit waits for
	checkpointFew  = 80  // while others write: a charge's flush waits behind the checkpoint's
	checkpointFull = 8   // every so many the import waits
)

// checkpoints runs one after the other, beside the import.
type checkpoints struct {
	rows, begun int
	running     chan struct{} // closed when the last one is done
}

func (c *checkpoints) wait() {
	if c.running != nil {
		<-c.running
		c.running = nil
	}
}

// wrote counts rows and begins a checkpoint when there are enough.
func (c *checkpoints) wrote(n int, busy bool, checkpoint func()) {
	if c.rows += n; c.rows < checkpointFew || c.rows < checkpointRows && !busy {
		return
	}
	c.rows = 0
	c.wait()
	if c.begun++; c.begun%checkpointFull == 0 {
		checkpoint()
		return
	}
	done := make(chan struct{})
	c.running = done
	go func() {
		defer close(done)
		checkpoint()
	}()
}

// rest is what an import does between two transactions.
func (i *Import) rest(ctx context.Context, waited, held time.Duration, n int) error {
	pause := i.pace.learn(time.Now(), waited, held, n)
	i.checkpoints.wrote(n, pause > 0, func() { _ = i.directory.store.Checkpoint(ctx) }) // else a commit does it
	if pause > 0 {
		return sleep(ctx, pause)
	}
	return nil
}
