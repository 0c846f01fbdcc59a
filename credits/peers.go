package credits

import (
	"context"
	"time"
)

// Peers are the other servers of one database. Where several servers charge one busy workspace, each
// waits for the others' transactions, and what it decides ahead of the database is in vain. So one
// of them decides for all, the workspace's owner, and the others send it their charges.
//
// Who that is is a hint, which needs no agreement: every decision is checked by the database as
// before, and a charge that the owner does not answer is decided where it came in. Its key makes it
// happen once.
type Peers interface {
	// Owner is the server that decides for a workspace which several charge; nil: this one.
	Owner(workspace string) Peer
}

// Peer is another server. It is compared by ==.
type Peer interface {
	// Charges has it carry out a frame of charges (Ledger.Answer) and returns its frame of answers.
	Charges(ctx context.Context, frame []byte) ([]byte, error)
	// Failed tells that its answers cannot be read, which is as bad as none.
	Failed()
}

// Share makes a ledger send charges of workspaces that other servers charge too to their owner.
func (l *Ledger) Share(p Peers) { l.peers.Store(&p) }

// Sent is how many charges other servers answered since the ledger began.
func (l *Ledger) Sent() int64 { return l.sent.Load() }

const (
	// maxFrame is how many charges a frame has.
	maxFrame = 512
	// maxUnsent is how many charges wait while a frame is under way to their peer. Further ones are
	// decided here.
	maxUnsent = 8 * maxFrame
	// peerWait is how long a peer may take. After it the charges are decided here.
	peerWait = 500 * time.Millisecond
	// maxLong bounds the long texts of a charge that is sent, in bytes.
	maxLong = 1024
	// manyMoves is how often in succession, each time within movesWithin, another server must have
	// changed an account before its charges are sent to its owner.
	manyMoves   = 3
	movesWithin = time.Second
	// quietAfter is how long an owner has had commands for a workspace from one other server alone
	// when it tells that one, which then decides for itself.
	quietAfter = 5 * time.Second
)

// sender is how a committer sends charges to other servers.
type sender struct {
	away   map[string]struct{} // workspaces that others charge too
	lines  []*sending          // a peer's each
	flying int                 // frames, of all
	landed chan *frame
	closed bool // nothing is sent any more
}

// sending is what goes to one peer, a frame at a time: so charges that came in an order are decided in it.
type sending struct {
	peer   Peer
	calls  []*call // that wait
	flying bool    // a frame
}

// frame is charges that were sent together. A call that is not answered when it comes back is to be
// decided here.
type frame struct {
	to    *sending
	calls []*call
	quiet []string // workspaces that nobody else has commands for
}

// portable reports whether a charge may be decided by another server: nothing runs with it here, and
// its key makes it happen once, wherever it is decided in the end.
func (c *Charge) portable() bool {
	return c.Workspace != "" && c.Key != "" && c.With == nil && c.Request.Note == nil && len(c.Keep) <= maxLong && len(c.Note) <= maxLong
}

// send puts a charge into a frame for its workspace's owner; false: it is to be decided here.
func (k *committer) send(c *call) bool {
	if len(k.sender.away) == 0 || c.stays || k.sender.closed {
		return false
	}
	charge, is := c.command.(*Charge)
	if !is || !charge.portable() {
		return false
	}
	if _, is := k.sender.away[charge.Workspace]; !is {
		return false
	}
	peer := (*k.ledger.peers.Load()).Owner(charge.Workspace)
	if peer == nil {
		delete(k.sender.away, charge.Workspace)
		return false
	}
	s := k.to(peer)
	if len(s.calls) == maxUnsent {
		return false
	}
	s.calls = append(s.calls, c)
	return true
}

// to is what goes to a peer. A peer that has gone is forgotten with its last frame.
func (k *committer) to(peer Peer) *sending {
	for _, s := range k.sender.lines {
		if s.peer == peer {
			return s
		}
	}
	s := &sending{peer: peer}
	k.sender.lines = append(k.sender.lines, s)
	return s
}

// filled is how many charges wait for peers that are free.
func (s *sender) filled() (charges int) {
	for _, to := range s.lines {
		if !to.flying {
			charges += len(to.calls)
		}
	}
	return charges
}

// dispatch sends the frames that are filled to peers that are free.
func (k *committer) dispatch() {
	for _, s := range k.sender.lines {
		if len(s.calls) == 0 || s.flying {
			continue
		}
		n := min(len(s.calls), maxFrame)
		f := &frame{to: s, calls: s.calls[:n:n]}
		s.calls = s.calls[n:]
		s.flying = true
		k.sender.flying++
		go func() {
			f.fly(k.ledger)
			k.sender.landed <- f
		}()
	}
}

// fly sends a frame and answers its calls.
func (f *frame) fly(l *Ledger) {
	ctx, cancel := context.WithTimeout(context.Background(), peerWait)
	defer cancel()
	answers, err := f.to.peer.Charges(ctx, appendCharges(nil, f.calls))
	if err != nil {
		return // every call is decided here
	}
	if f.quiet, err = readAnswers(answers, f.calls); err != nil {
		f.to.peer.Failed()
		return
	}
	for _, c := range f.calls {
		if c.answered {
			l.sent.Add(1)
			c.wake()
		}
	}
}

// receive decides what a frame came back with unanswered, and then what waited for it.
func (k *committer) receive(f *frame) {
	f.to.flying = false
	k.sender.flying--
	for _, ws := range f.quiet {
		delete(k.sender.away, ws)
	}
	k.contended = len(f.calls) > 1 || k.waiting()
	failed := false
	for _, c := range f.calls {
		if !c.answered {
			failed = true
			k.keep(c)
		}
	}
	if failed {
		k.keepAll(f.to)
	}
	if len(f.to.calls) == 0 {
		k.sender.forget(f.to)
	}
}

// keep decides here what was to be sent.
func (k *committer) keep(c *call) {
	c.stays = true
	k.takeMore(c)
}

func (k *committer) keepAll(s *sending) {
	calls := s.calls
	s.calls = nil
	for _, c := range calls {
		k.keep(c)
	}
}

func (s *sender) forget(gone *sending) {
	for n, to := range s.lines {
		if to == gone {
			s.lines[n] = s.lines[len(s.lines)-1]
			s.lines = s.lines[:len(s.lines)-1]
			return
		}
	}
}

// recall decides here what was to be sent, and waits for what was.
func (k *committer) recall() {
	k.sender.closed = true
	for _, s := range k.sender.lines {
		k.keepAll(s)
	}
	for k.sender.flying > 0 {
		k.receive(<-k.sender.landed)
	}
}

// share notes the workspaces of a batch that other servers keep changing.
func (k *committer) share(b *batch) {
	peers := k.ledger.peers.Load()
	if peers == nil || !b.moved {
		return
	}
	for _, s := range b.order {
		if s.moves < manyMoves {
			continue
		}
		s.moves = 0
		if len(k.sender.away) < maxKnown && (*peers).Owner(s.acct.Workspace) != nil {
			k.sender.away[s.acct.Workspace] = struct{}{}
		}
	}
}

// moved counts how often in succession another server changed the account.
func (s *state) moved(at time.Duration) {
	if at-s.movedAt > movesWithin {
		s.moves = 0
	}
	s.moves, s.movedAt = s.moves+1, at
}

// heard notes whether a workspace's commands come from several servers' callers, of which this one is
// one. Where they come from one other alone, nobody is in that one's way.
func (s *state) heard(c *call, at time.Duration) {
	if c.from != s.from || s.mixedAt == 0 {
		s.from, s.mixedAt = c.from, at
	}
	c.quiet = c.from != "" && at-s.mixedAt > quietAfter
}
