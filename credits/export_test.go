package credits

import (
	"runtime"
	"sync"
	"time"
)

// Here carries out commands on the caller's goroutine instead of the committer's,
// so that all their system calls are of one thread. Nobody else may use the
// ledger meanwhile.
type Here struct{ committer }

// CommitHere makes a Here of a ledger, with a queue of its own.
func CommitHere(l *Ledger) *Here {
	return &Here{committer{shard: newShard(l, MaxBatch)}}
}

// Do carries out one command.
func (h *Here) Do(c Command) (Result, error) {
	alone := newCall(c)
	h.take(alone)
	h.depart()
	return h.ledger.wait(alone)
}

// Beside takes a command while the callers of others are ready to run, and lets
// the batch go. It says how many commands went with the first commit. Company
// tells whether the commit before was shared, hurried that yielding took long.
func (h *Here) Beside(first Command, others []Command, contended, hurried bool) (together int, err error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // they run when this goroutine yields, not before
	h.contended, h.hurried = contended, backoff{}
	if hurried {
		h.hurried.grow()
	}
	h.flights, h.landed = make(chan *batch), make(chan error, 1)
	written := make(chan struct{})
	go h.write(written)
	runtime.Gosched()
	var queued sync.WaitGroup
	calls := make([]*call, len(others))
	for n, c := range others {
		calls[n] = newCall(c)
		queued.Go(func() { h.queue <- calls[n] })
	}
	one := newCall(first)
	h.take(one)
	h.depart()
	if h.flying != nil {
		together = h.flying.size()
	} else {
		together = 1
	}
	h.settle()
	queued.Wait()
	for len(h.queue) > 0 {
		h.take(<-h.queue)
	}
	h.settle()
	close(h.flights)
	<-written
	for _, c := range append(calls, one) {
		if _, e := h.ledger.wait(c); e != nil {
			err = e
		}
	}
	return together, err
}

// ReadFrames reads a text as a frame of charges and as one of answers, writes the charges again and
// reads that.
func ReadFrames(frame []byte) (charges, again []Command, err error) {
	_, _ = readAnswers(frame, []*call{newCall(&Charge{}), newCall(&Charge{})})
	if charges, err = readCharges(frame); err != nil {
		return nil, nil, err
	}
	again, err = readCharges(FrameOf(charges...))
	return charges, again, err
}

// FrameOf is the frame of some charges.
func FrameOf(charges ...Command) []byte {
	calls := make([]*call, len(charges))
	for n, c := range charges {
		calls[n] = newCall(c)
	}
	return appendCharges(nil, calls)
}

// Sender is a committer of a ledger, with a queue of its own, that runs when a test says so.
type Sender struct{ k *committer }

// SenderOf makes one whose queue has room for so many.
func SenderOf(l *Ledger, room int) *Sender { return &Sender{newCommitter(newShard(l, room))} }

// Away has it send a workspace's charges to their owner.
func (s *Sender) Away(workspace string) { s.k.sender.away[workspace] = struct{}{} }

// Contend has it decide under lock, and remember how often in succession other servers changed a workspace.
func (s *Sender) Contend(workspace string, moves int) {
	s.k.locked.left = maxBackoff
	known := s.k.states[workspace]
	known.moves, known.movedAt = moves, s.k.ledger.clock()
}

// Sends reports whether it sends a workspace's charges to their owner.
func (s *Sender) Sends(workspace string) bool {
	_, sends := s.k.sender.away[workspace]
	return sends
}

// ClockOf has a ledger that is idle take this process's time from a function.
func ClockOf(l *Ledger, since func() time.Duration) { l.clock = since }

// Take takes a command as if it had come alone.
func (s *Sender) Take(c Command) error {
	call := newCall(c)
	s.k.take(call)
	s.k.depart()
	<-call.done
	_, err := call.answer()
	return err
}

// Queue queues a command, and returns what waits for its answer; false: there is none in that time.
func (s *Sender) Queue(c Command) (answer func(within time.Duration) (bool, error)) {
	call := newCall(c)
	s.k.queue <- call
	return func(within time.Duration) (bool, error) {
		select {
		case <-call.done:
			_, err := call.answer()
			return true, err
		case <-time.After(max(within, time.Millisecond)):
			return false, nil
		}
	}
}

// Run runs it until the ledger is closed; Rest, as it does then.
func (s *Sender) Run() { s.k.run() }

func (s *Sender) Rest() {
	written := make(chan struct{})
	go s.k.write(written)
	s.k.rest()
	close(s.k.flights)
	<-written
}
