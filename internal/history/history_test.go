package history_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/leadmeter/leadmeter/internal/history"
)

// perfect plays a ledger that makes no mistakes: callers who overlap, answers
// that get lost, keys sent again, readers, and a pool that runs dry and is filled.
type perfect struct {
	history.History
	dice *rand.Rand
	now  int64
	left int64
	told map[string]history.Call
	keys []string
}

const opening = 200

func play(seed uint64, calls int) *perfect {
	p := &perfect{dice: rand.New(rand.NewPCG(seed, 1)), left: opening, told: map[string]history.Call{}}
	var lost []history.Call
	for n := range calls {
		switch roll := p.dice.IntN(20); {
		case roll == 0:
			p.read()
		case roll == 1 && len(p.keys) > 0: // sent again
			p.call(p.told[p.keys[p.dice.IntN(len(p.keys))]])
		case roll == 2: // another request under a key
			if len(p.keys) > 0 {
				c := p.told[p.keys[p.dice.IntN(len(p.keys))]]
				c.Request++
				p.call(c)
			}
		case roll == 3: // the answer is lost
			c := p.request(fmt.Sprint("k", n))
			p.call(c)
			p.Calls[len(p.Calls)-1].Outcome, p.Calls[len(p.Calls)-1].Reply = history.Unknown, history.Forever
			lost = append(lost, c)
		default:
			p.call(p.request(fmt.Sprint("k", n)))
		}
	}
	for _, c := range lost {
		p.call(c)
	}
	p.Pools = map[string]history.Pool{"pool": {Opening: opening, Left: p.left}}
	return p
}

func (p *perfect) request(key string) history.Call {
	c := history.Call{Key: key, Request: 10 * p.dice.Uint64N(1000), Pool: "pool", Need: p.dice.Int64N(9) + 1}
	switch p.dice.IntN(8) {
	case 0:
		c.Lines = []history.Line{{Kind: "grant", Amount: 4 * c.Need}}
		c.Need = 0
	case 1:
		c.Lines = []history.Line{{Kind: "charge", Amount: c.Need}, {Kind: "free"}}
	default:
		c.Lines = []history.Line{{Kind: "charge", Amount: c.Need}}
	}
	p.keys = append(p.keys, key)
	p.told[key] = c
	return c
}

// call decides at now; what was sent up to two decisions ago overlaps.
func (p *perfect) call(c history.Call) {
	p.now += 10
	c.Invoke, c.Reply = p.now-p.dice.Int64N(20), p.now+p.dice.Int64N(20)
	first := p.told[c.Key]
	switch {
	case first.Request != c.Request:
		c.Outcome = history.Mismatched
	case first.Outcome != history.Unknown:
		c.Outcome, c.Entry, c.Balance = first.Outcome, first.Entry, first.Balance
	case c.Need > p.left:
		c.Outcome, c.Balance = history.Refused, p.left
		p.told[c.Key] = c
	default:
		c.Outcome, c.Entry = history.Applied, int64(len(p.Entries)+1)
		for _, line := range c.Lines {
			takes := line.Amount
			if line.Kind == "grant" {
				takes = -takes
			}
			p.left -= takes
			p.Entries = append(p.Entries, history.Entry{
				Seq: int64(len(p.Entries) + 1), Key: c.Key, Pool: "pool", Kind: line.Kind, Amount: line.Amount, Takes: takes, Balance: p.left,
			})
		}
		c.Balance = p.left
		p.told[c.Key] = c
	}
	p.Calls = append(p.Calls, c)
}

func (p *perfect) read() {
	p.now += 10
	p.Calls = append(p.Calls, history.Call{
		Pool: "pool", Invoke: p.now - p.dice.Int64N(20), Reply: p.now + p.dice.Int64N(20), Outcome: history.Read,
		Entry: int64(len(p.Entries)), Balance: p.left,
	})
}

// A ledger without a mistake gives no finding.
func TestNoFalseAlarm(t *testing.T) {
	for seed := range uint64(200) {
		if found := history.Check(play(seed, 500).History); len(found) > 0 {
			t.Fatalf("seed %d: %v", seed, found)
		}
	}
}

// doctored are the mistakes that the checker must find: each in every history.
var doctored = []struct {
	name, check string
	doctor      func(p *perfect)
}{
	{"an acknowledged entry is lost", "lost", func(p *perfect) { p.drop(p.someEntry(1)) }},
	{"an entry of a call with two is lost", "lost", func(p *perfect) { p.drop(p.someEntry(2)) }},
	{"an entry is there twice", "twice", func(p *perfect) { p.again(p.someEntry(1), 3) }},
	{"an entry is there twice, side by side", "twice", func(p *perfect) { p.again(p.someEntry(1), 1) }},
	{"an entry that nobody asked for", "uncalled", func(p *perfect) {
		n := p.again(p.someEntry(1), 1)
		p.Entries[n].Key = "nobody"
	}},
	{"a gap in the numbers", "gap", func(p *perfect) {
		for n := len(p.Entries) / 2; n < len(p.Entries); n++ {
			p.Entries[n].Seq++
		}
	}},
	{"a number given twice", "gap", func(p *perfect) { p.Entries[len(p.Entries)/2].Seq-- }},
	{"a later call comes first", "order", func(p *perfect) { p.early() }},
	{"a refusal with enough there", "refusal", func(p *perfect) { p.refuse(func(c *history.Call) { c.Need = c.Balance }) }},
	{"a refusal for a balance that never was", "refusal", func(p *perfect) { p.refuse(func(c *history.Call) { c.Balance, c.Need = -1, 5 }) }},
	{"a refusal for a balance of another time", "refusal", func(p *perfect) { p.refuse(func(c *history.Call) { c.Invoke, c.Reply = 1, 2 }) }},
	{"an entry states a wrong balance", "balance", func(p *perfect) { p.Entries[len(p.Entries)/3].Balance++ }},
	{"an answer states a wrong balance", "balance", func(p *perfect) { p.applied().Balance++ }},
	{"a balance below zero", "balance", func(p *perfect) {
		p.Entries[0].Takes, p.Entries[0].Balance = opening+1, -1
	}},
	{"a wrong amount was charged", "lost", func(p *perfect) { p.Entries[p.someEntry(1)].Amount++ }},
	{"a refused call was charged", "twice", func(p *perfect) {
		key := ""
		p.refuse(func(c *history.Call) { key = c.Key })
		p.Entries[p.again(p.someEntry(1), 1)].Key = key
	}},
	{"a key answered in two ways", "answers", func(p *perfect) {
		c := *p.applied()
		c.Entry++
		p.Calls = append(p.Calls, c)
	}},
	{"a changed request answered as the first", "answers", func(p *perfect) {
		c := *p.applied()
		c.Request++
		p.Calls = append(p.Calls, c)
	}},
	{"the same request told that it is another", "answers", func(p *perfect) {
		c := *p.applied()
		c.Outcome = history.Mismatched
		p.Calls = append(p.Calls, c)
	}},
	{"an unknown outcome that nobody resolved", "unresolved", func(p *perfect) {
		c := p.request("forgotten")
		p.call(c)
		p.Calls[len(p.Calls)-1].Outcome = history.Unknown
		last := p.Entries[len(p.Entries)-1]
		p.Pools["pool"] = history.Pool{Opening: opening, Left: last.Balance}
	}},
	{"a reader behind the time", "read", func(p *perfect) { p.stale() }},
	{"a reader with another balance", "read", func(p *perfect) {
		p.calls(func(c *history.Call) bool { return c.Outcome == history.Read }).Balance += 1000
	}},
	{"what is left is not what there should be", "sum", func(p *perfect) { p.Pools["pool"] = history.Pool{Opening: opening, Left: p.left + 1} }},
}

// someEntry is an entry in the middle of a call that has so many.
func (p *perfect) someEntry(lines int) int {
	for n := len(p.Entries) / 2; ; n = (n + 1) % len(p.Entries) {
		e := p.Entries[n]
		if e.Kind == "charge" && len(p.told[e.Key].Lines) == lines && p.known(e.Key) {
			return n
		}
	}
}

func (p *perfect) known(key string) bool {
	return slices.ContainsFunc(p.Calls, func(c history.Call) bool { return c.Key == key && c.Outcome == history.Applied })
}

func (p *perfect) calls(which func(c *history.Call) bool) *history.Call {
	for n := len(p.Calls) / 2; ; n = (n + 1) % len(p.Calls) {
		if which(&p.Calls[n]) {
			return &p.Calls[n]
		}
	}
}

// applied is a call that happened and was sent once.
func (p *perfect) applied() *history.Call {
	sent := map[string]int{}
	for _, c := range p.Calls {
		sent[c.Key]++
	}
	return p.calls(func(c *history.Call) bool { return c.Outcome == history.Applied && sent[c.Key] == 1 })
}

// refuse changes every answer of a refused key.
func (p *perfect) refuse(change func(c *history.Call)) {
	first := p.calls(func(c *history.Call) bool { return c.Outcome == history.Refused })
	for n := range p.Calls {
		if c := &p.Calls[n]; c.Key == first.Key && c.Outcome == history.Refused {
			change(c)
		}
	}
}

// drop takes an entry out, and tells everybody the numbers and balances of a
// ledger that never had it.
func (p *perfect) drop(n int) {
	p.Entries = slices.Delete(p.Entries, n, n+1)
	p.renumber()
}

// again puts a copy of an entry so many places behind it, at the end of a call.
func (p *perfect) again(n, behind int) int {
	to := min(n+behind, len(p.Entries))
	for to < len(p.Entries) && p.Entries[to].Key == p.Entries[to-1].Key && p.Entries[to].Key != p.Entries[n].Key {
		to++
	}
	p.Entries = slices.Insert(p.Entries, to, p.Entries[n])
	p.renumber()
	return to
}

func (p *perfect) renumber() {
	p.left = opening
	first, last := map[string]int64{}, map[string]int64{}
	for n := range p.Entries {
		e := &p.Entries[n]
		p.left -= e.Takes
		e.Seq, e.Balance = int64(n+1), p.left
		if first[e.Key] == 0 {
			first[e.Key] = e.Seq
		}
		last[e.Key] = e.Balance
	}
	for n := range p.Calls {
		if c := &p.Calls[n]; c.Outcome == history.Applied && first[c.Key] != 0 {
			c.Entry, c.Balance = first[c.Key], last[c.Key]
		}
	}
	p.Pools["pool"] = history.Pool{Opening: opening, Left: p.left}
}

// early moves a call's entry before one that was acknowledged before it was sent.
func (p *perfect) early() {
	n := p.someEntry(1)
	e := p.Entries[n]
	p.Entries = slices.Delete(p.Entries, n, n+1)
	to := n - 12
	for p.Entries[to].Key == p.Entries[to-1].Key {
		to--
	}
	p.Entries = slices.Insert(p.Entries, to, e)
	p.renumber()
}

// stale lets a reader see what was there long before it asked.
func (p *perfect) stale() {
	c := p.calls(func(c *history.Call) bool { return c.Outcome == history.Read && c.Entry > 20 })
	c.Entry -= 20
	c.Balance = p.Entries[c.Entry-1].Balance
}

func TestEveryMistakeIsFound(t *testing.T) {
	for _, d := range doctored {
		t.Run(d.name, func(t *testing.T) {
			for seed := range uint64(20) {
				p := play(seed, 500)
				d.doctor(p)
				found := history.Check(p.History)
				if !slices.ContainsFunc(found, func(f history.Finding) bool { return f.Check == d.check }) {
					t.Fatalf("seed %d: found %v, not %q", seed, found, d.check)
				}
			}
		})
	}
}
