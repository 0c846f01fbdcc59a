package history

import "sort"

// order: what was acknowledged before a call was sent comes before it.
func (c *checker) order() {
	for key, e := range c.effect {
		s := c.span[key]
		if s == nil || e.call == nil || e.call.Outcome != Applied {
			continue
		}
		if first := c.Entries[s.first].Seq; c.from(e.invoke) >= first {
			c.find("order", "key %s has entry %d; entry %d was acknowledged before it was sent", key, first, c.from(e.invoke))
		}
	}
}

// refusals: between sending and answer there was a moment at which the balance
// was what the refusal says, and too little.
func (c *checker) refusals() {
	for key, e := range c.effect {
		if e.call == nil || e.call.Outcome != Refused {
			continue
		}
		s := c.states[e.call.Pool]
		from, to := c.from(e.invoke), c.to(e.replied)
		switch {
		case s == nil:
			c.find("refusal", "key %s was refused by the pool %q, which is not known", key, e.call.Pool)
		case e.call.Balance >= e.call.Need:
			c.find("refusal", "key %s needs %d and was refused with %d there", key, e.call.Need, e.call.Balance)
		case !s.had(e.call.Balance, from, to):
			c.find("refusal", "key %s was refused because %d is less than %d; between entries %d and %d the balance never was that",
				key, e.call.Balance, e.call.Need, from, to)
		}
	}
}

// reads: a reader saw a state between sending and answer, and its balance.
func (c *checker) reads() {
	for n := range c.Calls {
		call := &c.Calls[n]
		if call.Outcome != Read {
			continue
		}
		s := c.states[call.Pool]
		from, to := c.from(call.Invoke), c.to(call.Reply)
		switch {
		case call.Entry < from || call.Entry > to:
			c.find("read", "a reader saw entry %d, and the newest was between %d and %d", call.Entry, from, to)
		case s == nil || !s.had(call.Balance, call.Entry, call.Entry):
			c.find("read", "a reader saw %d after entry %d", call.Balance, call.Entry)
		}
	}
}

// had reports whether the pool had a balance at some moment between two entries.
func (s *states) had(balance, from, to int64) bool {
	with := s.at[balance]
	n := sort.Search(len(with), func(n int) bool { return s.until(with[n]) >= from })
	return n < len(with) && s.seqs[with[n]] <= to
}

// until is the last sequence number at which a state still stood.
func (s *states) until(n int) int64 {
	if n+1 == len(s.seqs) {
		return Forever
	}
	return s.seqs[n+1] - 1
}
