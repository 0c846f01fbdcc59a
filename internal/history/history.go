// Package history judges a ledger from outside: it holds what its clients were
// told, and when, against the entries that the ledger has. It knows no rules of
// the product; it knows what any exact ledger must keep. It is for tests.
//
// Check sorts and looks up, n log n in all, so a history may have millions of
// calls. It finds (the words are those of Finding.Check):
//
//   - lost: a call was acknowledged and its entries are not there, or not the ones
//     that it asked for or was told of
//   - twice: a key has more entries than one call makes
//   - uncalled: an entry that nobody sent a call for
//   - gap: sequence numbers are not 1, 2, 3 …
//   - order: a call was answered before another was sent, and comes after it
//   - balance: an entry, or an answer, states another balance than the entries
//     before it make, or one below zero
//   - refusal: a call was refused for lack of credits and at no moment between its
//     sending and its answer was there what it was told, or too little
//   - answers: two answers under one key differ, or a changed request was answered
//     with the first one's
//   - unresolved: the outcome of a call is unknown and nobody asked again
//   - read: a reader saw a state that was not there between asking and answer
//   - sum: what was there and what came in is not what went out and what is left
package history

import "fmt"

// Outcome is what a client knows of its call.
type Outcome uint8

// The outcomes.
const (
	Unknown    Outcome = iota // the answer never came; the call may have happened
	Applied                   // it happened, now or under an earlier call with its key
	Refused                   // for lack of credits, now or under an earlier call with its key
	Mismatched                // its key was used for another request
	Read                      // a reader's: Entry is the newest one that it saw
)

// Forever is the reply time of a call whose answer never came.
const Forever = int64(1)<<62 - 1

// Call is one call of a client. Calls with one Key are the same command sent
// again, unless their Requests differ.
type Call struct {
	Key           string
	Request       uint64 // hash of what was asked
	Pool          string // the balance that it draws on
	Invoke, Reply int64  // by one monotonic clock, before sending and after the answer
	Outcome       Outcome
	Entry         int64  // number of its first entry as told; 0: it was not told
	Need          int64  // what it takes, for a call that may be refused
	Balance       int64  // told: what was left after it; refused: what was there
	Lines         []Line // the entries that it makes when it is applied
}

// Line is an entry that a call asks for.
type Line struct {
	Kind   string
	Amount int64
}

// Entry is one entry of the ledger, in the order of the ledger.
type Entry struct {
	Seq     int64
	Key     string // of the call that made it
	Pool    string
	Kind    string
	Amount  int64
	Takes   int64 // what it takes from the balance; below zero: gives
	Balance int64 // as the entry states it
}

// Pool is a balance: what was there before the first entry, and what the ledger
// says is left after the last.
type Pool struct{ Opening, Left int64 }

// History is everything about one ledger, which is one line of entries.
type History struct {
	Calls   []Call
	Entries []Entry
	Pools   map[string]Pool
}

// Finding is something that an exact ledger would not have done.
type Finding struct {
	Check string
	Text  string
}

func (f Finding) String() string { return f.Check + ": " + f.Text }

// MaxFindings bounds what Check returns; a broken ledger breaks a million times.
const MaxFindings = 50

// Check judges a history; none: nothing is wrong with it.
func Check(h History) []Finding {
	c := &checker{History: h}
	c.numbers()
	c.balances()
	c.spans()
	c.gather()
	c.effects()
	c.times()
	c.order()
	c.refusals()
	c.reads()
	return c.found
}

func (c *checker) find(check, format string, args ...any) {
	if len(c.found) < MaxFindings {
		c.found = append(c.found, Finding{check, fmt.Sprintf(format, args...)})
	}
}
