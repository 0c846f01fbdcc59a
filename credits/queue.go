package credits

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
)

// A shard's committer has two queues: one of commands that came alone, and one of groups, which
// batches and streams bring. Single commands go first, except for every fourth place, and a
// workspace may queue only so many lines of groups. So whatever one workspace sends at once, a
// command of another workspace waits for a few commits at most.

// Bounds of the queues.
const (
	// maxOwn is how many lines of groups a workspace may have queued in a shard; one
	// group goes in however long it is.
	maxOwn = 2 * MaxBatch
	// maxLines is up to how many commands a batch takes lines of groups; what is above
	// it is left for those who come alone.
	maxLines = MaxBatch / 2
	// aloneFirst is which place in turn a line of a group may have before those who
	// came alone.
	aloneFirst = 4
	// linesAtOnce is how many lines are taken before the committer looks up.
	linesAtOnce = 64
)

// group is commands that came together: they are queued at once and answered one by one.
type group struct {
	calls []*call
	left  atomic.Int64  // not answered
	done  chan struct{} // all are
}

// call is a command and its caller, who waits.
type call struct {
	command  command
	result   Result
	refusal  *Refusal
	err      error
	answered bool          // result, refusal and err are set
	done     chan struct{} // of a call that came alone
	group    *group

	from  string // the server that sent it; empty: it came from this one's callers
	quiet bool   // its workspace has no commands but from there
	stays bool   // it is not sent to another server, or not once more
}

func newCall(c command) *call { return &call{command: c, done: make(chan struct{})} }

// wake tells the caller that the call is answered.
func (c *call) wake() {
	c.answered = true
	switch {
	case c.group == nil:
		close(c.done)
	case c.group.left.Add(-1) == 0:
		close(c.group.done)
	}
}

func (c *call) answer() (Result, error) {
	switch {
	case !c.answered:
		return Result{}, ErrClosed
	case c.err != nil:
		return Result{}, c.err
	case c.refusal != nil:
		return c.result, c.refusal
	}
	return c.result, nil
}

// lineRoom counts the lines of groups that are queued in a shard.
type lineRoom struct {
	mu    sync.Mutex
	lines int
	own   map[string]int // by workspace
	freed chan struct{}  // closed when there is more room; nil: nobody waits for it
}

// fits reports whether a group may be queued; the lock is held.
func (r *lineRoom) fits(calls []*call, limit int) bool {
	if r.lines > 0 && r.lines+len(calls) > limit {
		return false
	}
	for ws, lines := range byWorkspace(calls) {
		if has := r.own[ws]; has > 0 && has+lines > maxOwn {
			return false
		}
	}
	return true
}

// byWorkspace counts calls in runs of one workspace.
func byWorkspace(calls []*call) iter.Seq2[string, int] {
	return func(yield func(ws string, lines int) bool) {
		for first, n := 0, 0; n < len(calls); first = n {
			ws := calls[first].command.request().Workspace
			for n < len(calls) && calls[n].command.request().Workspace == ws {
				n++
			}
			if !yield(ws, n-first) {
				return
			}
		}
	}
}

// count counts a group's lines in, or out.
func (r *lineRoom) count(calls []*call, step int) {
	if r.own == nil {
		r.own = map[string]int{}
	}
	for ws, lines := range byWorkspace(calls) {
		if r.own[ws] += step * lines; r.own[ws] == 0 {
			delete(r.own, ws)
		}
	}
	r.lines += step * len(calls)
}

// leave counts a group out and lets those who wait for room look again.
func (r *lineRoom) leave(calls []*call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count(calls, -1)
	if r.freed != nil {
		close(r.freed)
		r.freed = nil
	}
}

// queued is how many lines wait.
func (r *lineRoom) queued() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lines
}

// enqueueAll queues a group in each shard, or none; full: the shard that had no room gives
// notice when it has more.
func (l *Ledger) enqueueAll(groups []*group) (full <-chan struct{}, err error) {
	select {
	case <-l.stop:
		return nil, ErrClosed
	default:
	}
	for n, sh := range l.shards { // always in this order
		if groups[n] != nil {
			sh.room.mu.Lock()
			defer sh.room.mu.Unlock()
		}
	}
	for n, sh := range l.shards {
		if groups[n] == nil || sh.room.fits(groups[n].calls, cap(sh.groups)) {
			continue
		}
		if sh.room.freed == nil {
			sh.room.freed = make(chan struct{})
		}
		return sh.room.freed, nil
	}
	for n, sh := range l.shards {
		if groups[n] != nil {
			sh.room.count(groups[n].calls, 1)
			sh.groups <- groups[n] // there are never more groups than lines
		}
	}
	return nil, nil
}

// Pending are commands that were taken and are not answered yet.
type Pending struct {
	ledger  *Ledger
	calls   []*call
	groups  []*group
	answers []Answer
}

// Start queues commands as DoAll does, and leaves waiting for them to Wait, so that more can
// be started meanwhile. It waits for room as long as the context lasts.
func (l *Ledger) Start(ctx context.Context, commands []Command) (*Pending, error) {
	return l.start(ctx, commands, "")
}

// start queues commands of this server's callers, or from another server.
func (l *Ledger) start(ctx context.Context, commands []Command, from string) (*Pending, error) {
	if len(commands) > MaxTogether {
		return nil, invalid("commands", "must be at most %d", MaxTogether)
	}
	p := &Pending{ledger: l, calls: make([]*call, len(commands)), groups: make([]*group, len(l.shards)), answers: make([]Answer, len(commands))}
	rows := make([]call, len(commands))
	for n, c := range commands {
		if r := storable(c); r != nil {
			p.answers[n].Err = r
			continue
		}
		at := l.indexOf(c.request().Workspace)
		if p.groups[at] == nil {
			p.groups[at] = &group{calls: make([]*call, 0, len(commands)), done: make(chan struct{})}
		}
		g := p.groups[at]
		rows[n] = call{command: c, group: g, from: from, stays: from != ""}
		p.calls[n] = &rows[n]
		g.calls = append(g.calls, p.calls[n])
	}
	for _, g := range p.groups {
		if g != nil {
			g.left.Store(int64(len(g.calls)))
		}
	}
	for {
		full, err := l.enqueueAll(p.groups)
		if full == nil || err != nil {
			return p, err
		}
		select {
		case <-full:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-l.stop:
			return nil, ErrClosed
		}
	}
}

// Wait returns when every command is answered; the answers come in their order.
func (p *Pending) Wait() []Answer {
	for _, g := range p.groups {
		if g == nil {
			continue
		}
		select {
		case <-g.done:
		case <-p.ledger.ended:
		}
	}
	for n, c := range p.calls {
		if c != nil {
			p.answers[n].Result, p.answers[n].Err = c.answer()
		}
	}
	return p.answers
}

// waiting reports whether anybody is queued.
func (k *committer) waiting() bool { return len(k.queue) > 0 || len(k.lines) > 0 || len(k.groups) > 0 }

// next takes somebody who is queued; nil: there is nobody.
func (k *committer) next() *call {
	k.turn++
	if k.turn%aloneFirst != 0 {
		select {
		case c := <-k.queue:
			return c
		default:
		}
	}
	if c := k.line(); c != nil {
		return c
	}
	select {
	case c := <-k.queue:
		return c
	default:
		return nil
	}
}

// line takes the next line of a group; nil: there is none.
func (k *committer) line() *call {
	if len(k.lines) == 0 {
		select {
		case g := <-k.groups:
			k.lines, k.of = g.calls, g
		default:
			return nil
		}
	}
	c := k.lines[0]
	if k.lines = k.lines[1:]; len(k.lines) == 0 {
		k.room.leave(k.of.calls)
		k.of = nil
	}
	return c
}
