package history

import (
	"math"
	"slices"
	"sort"
)

type checker struct {
	History
	found []Finding

	span   map[string]*span   // of each key, its entries
	effect map[string]*effect // of each key, what its calls came to
	states map[string]*states // of each pool

	acked  []mark // by reply: the newest entry known to be there from then on
	coming []mark // by invoke: the oldest state that a call sent then may be after
}

// span is where a key's entries stand.
type span struct {
	first, last int // indices of Entries
	count       int
}

// effect is what the calls with one key came to.
type effect struct {
	call    *Call // the first with a known outcome; nil: none is known
	invoke  int64 // the earliest that it can have happened
	replied int64 // the earliest that somebody knew
	unknown *Call
	other   *Call // one that was told that the key is another request's
}

// states are the balances that a pool had, one an entry of it, and the opening
// one at the sequence number 0.
type states struct {
	seqs     []int64
	balances []int64
	at       map[int64][]int // of a balance, the states that had it
}

type mark struct{ time, seq int64 }

// numbers: 1, 2, 3 … without a gap or a repeat.
func (c *checker) numbers() {
	for n := range c.Entries {
		if e := &c.Entries[n]; e.Seq != int64(n+1) {
			c.find("gap", "entry %d of the ledger has the number %d", n+1, e.Seq)
			return
		}
	}
}

// balances recomputes every stated balance, and what is left in the end.
func (c *checker) balances() {
	c.states = map[string]*states{}
	for name, p := range c.Pools {
		c.states[name] = &states{seqs: []int64{0}, balances: []int64{p.Opening}, at: map[int64][]int{p.Opening: {0}}}
	}
	for n := range c.Entries {
		e := &c.Entries[n]
		s := c.states[e.Pool]
		if s == nil {
			c.find("sum", "entry %d is of the pool %q, which is not known", e.Seq, e.Pool)
			continue
		}
		left := s.balances[len(s.balances)-1] - e.Takes
		if e.Balance != left {
			c.find("balance", "entry %d states %d, the entries up to it make %d", e.Seq, e.Balance, left)
		}
		if left < 0 {
			c.find("balance", "entry %d leaves %d", e.Seq, left)
		}
		s.at[left] = append(s.at[left], len(s.seqs))
		s.seqs, s.balances = append(s.seqs, e.Seq), append(s.balances, left)
	}
	for name, p := range c.Pools {
		if s := c.states[name]; s.balances[len(s.balances)-1] != p.Left {
			c.find("sum", "%s: the entries leave %d, the ledger says %d", name, s.balances[len(s.balances)-1], p.Left)
		}
	}
}

// spans finds each key's entries, which stand together: one decision made them.
func (c *checker) spans() {
	c.span = make(map[string]*span, len(c.Entries))
	for n := range c.Entries {
		e := &c.Entries[n]
		s := c.span[e.Key]
		if s == nil {
			s = &span{first: n}
			c.span[e.Key] = s
		} else if s.last != n-1 {
			c.find("twice", "key %s has entry %d and, apart from it, entry %d", e.Key, c.Entries[s.last].Seq, e.Seq)
		}
		s.last = n
		s.count++
	}
}

// gather joins the calls of each key, and holds their answers against each other.
func (c *checker) gather() {
	c.effect = make(map[string]*effect, len(c.span))
	for n := range c.Calls {
		call := &c.Calls[n]
		if call.Outcome == Read {
			continue
		}
		e := c.effect[call.Key]
		if e == nil {
			e = &effect{invoke: math.MaxInt64, replied: math.MaxInt64}
			c.effect[call.Key] = e
		}
		switch call.Outcome {
		case Unknown:
			e.unknown = call
		case Mismatched:
			e.other = call
		default:
			if e.call == nil {
				e.call = call
			} else if !sameAnswer(e.call, call) {
				c.find("answers", "key %s was answered %v and %v", call.Key, *e.call, *call)
			}
			e.replied = min(e.replied, call.Reply)
		}
	}
	for n := range c.Calls {
		call := &c.Calls[n]
		if call.Outcome == Read {
			continue
		}
		e := c.effect[call.Key]
		if e.call == nil || e.call.Request == call.Request {
			e.invoke = min(e.invoke, call.Invoke)
		} else if call.Outcome == Applied || call.Outcome == Refused {
			c.find("answers", "two requests under the key %s were both answered", call.Key)
		}
	}
}

func sameAnswer(a, b *Call) bool {
	return a.Outcome == b.Outcome && a.Entry == b.Entry && a.Balance == b.Balance
}

// effects holds what each key came to against its entries, and each entry
// against the calls.
func (c *checker) effects() {
	for key, e := range c.effect {
		s := c.span[key]
		switch {
		case e.call == nil:
			c.find("unresolved", "the outcome of %s is not known", key)
		case e.other != nil && e.other.Request == e.call.Request:
			c.find("answers", "key %s was told to be another request's, and is this one's", key)
		case e.call.Outcome == Refused && s != nil:
			c.find("twice", "key %s was refused and has entry %d", key, c.Entries[s.first].Seq)
		case e.call.Outcome == Applied && s == nil:
			c.find("lost", "key %s was acknowledged and has no entry", key)
		case e.call.Outcome == Applied:
			c.applied(e.call, s)
		}
	}
	for key, s := range c.span {
		if c.effect[key] == nil {
			c.find("uncalled", "nobody sent a call for entry %d, %q", c.Entries[s.first].Seq, key)
		}
	}
}

// applied compares a call that happened with its entries.
func (c *checker) applied(call *Call, s *span) {
	first := &c.Entries[s.first]
	if s.count != len(call.Lines) {
		check := "twice"
		if s.count < len(call.Lines) {
			check = "lost"
		}
		c.find(check, "key %s makes %d entries and has %d", call.Key, len(call.Lines), s.count)
		return
	}
	for n, line := range call.Lines {
		if e := &c.Entries[s.first+n]; e.Key == call.Key && (e.Kind != line.Kind || e.Amount != line.Amount || e.Pool != call.Pool) {
			c.find("lost", "key %s asked for a %s of %d, entry %d is a %s of %d", call.Key, line.Kind, line.Amount, e.Seq, e.Kind, e.Amount)
		}
	}
	if call.Entry != 0 && call.Entry != first.Seq {
		c.find("lost", "key %s was told entry %d and has entry %d", call.Key, call.Entry, first.Seq)
	}
	if last := &c.Entries[s.last]; call.Balance != last.Balance {
		c.find("balance", "key %s was told that %d is left, its entry %d says %d", call.Key, call.Balance, last.Seq, last.Balance)
	}
}

// times prepares the questions "what was surely there by then" and "what was
// surely not there yet".
func (c *checker) times() {
	for key, e := range c.effect {
		if s := c.span[key]; s != nil && e.call != nil && e.call.Outcome == Applied {
			c.acked = append(c.acked, mark{e.replied, c.Entries[s.last].Seq})
			c.coming = append(c.coming, mark{e.invoke, c.Entries[s.first].Seq - 1})
		}
	}
	for n := range c.Calls {
		if call := &c.Calls[n]; call.Outcome == Read {
			c.acked = append(c.acked, mark{call.Reply, call.Entry})
			c.coming = append(c.coming, mark{call.Invoke, call.Entry})
		}
	}
	byTime := func(a, b mark) int {
		if a.time < b.time {
			return -1
		} else if a.time > b.time {
			return 1
		}
		return 0
	}
	slices.SortFunc(c.acked, byTime)
	slices.SortFunc(c.coming, byTime)
	for n := 1; n < len(c.acked); n++ {
		c.acked[n].seq = max(c.acked[n].seq, c.acked[n-1].seq)
	}
	for n := len(c.coming) - 2; n >= 0; n-- {
		c.coming[n].seq = min(c.coming[n].seq, c.coming[n+1].seq)
	}
}

// from is the newest entry that was acknowledged before an instant.
func (c *checker) from(instant int64) int64 {
	n := sort.Search(len(c.acked), func(n int) bool { return c.acked[n].time >= instant })
	if n == 0 {
		return 0
	}
	return c.acked[n-1].seq
}

// to is the newest state that a call answered at an instant can have seen.
func (c *checker) to(instant int64) int64 {
	n := sort.Search(len(c.coming), func(n int) bool { return c.coming[n].time > instant })
	if n == len(c.coming) {
		return int64(len(c.Entries))
	}
	return c.coming[n].seq
}
