package credits_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

const (
	callers     = 64
	rounds      = 40 // commands a caller sends
	hotPeople   = 25
	hotKeys     = 30
	hotInterval = time.Hour
)

// Rules C8, C9, C6: callers who draw one pool dry at the same time overspend
// nothing, charge a person's field once and a key once.
func TestC8ConcurrentUse(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		drawDry(t, st, newLedger(t, st, credits.ShippedBooks()))
	})
}

// The same with two servers on one database.
func TestC8TwoServers(t *testing.T) {
	address := testdb.Address(t, "postgres")
	first, second := testdb.OpenAt(t, address), testdb.OpenAt(t, address)
	drawDry(t, first, newLedger(t, first, credits.ShippedBooks()), newLedger(t, second, credits.ShippedBooks()))
}

// seen is what callers were told, gathered.
type seen struct {
	sync.Mutex
	entries map[string]string         // entry of each acknowledged key
	amounts map[string]credits.Amount // charged under it
	refused int
}

func (s *seen) answer(t *testing.T, key string, r credits.Result, err error) bool {
	no := refusal(t, err)
	s.Lock()
	defer s.Unlock()
	if no != nil {
		if no.Code != credits.Insufficient {
			t.Errorf("%s: %v", key, no)
		}
		s.refused++
		return false
	}
	if before, ok := s.entries[key]; ok && before != r.Entry {
		t.Errorf("key %s was answered with %s and with %s", key, before, r.Entry)
	}
	s.entries[key], s.amounts[key] = r.Entry, r.Charged["standard"]
	return true
}

func drawDry(t *testing.T, st *store.Store, ledgers ...*credits.Ledger) {
	now := mustTime(t, "2026-03-10T00:00:00Z")
	sub := subscription{workspace: "hot", book: "classic", plan: "starter", zone: "UTC", seats: 4, anchor: 1}
	if err := open(st, credits.ShippedBooks(), sub, now); err != nil {
		t.Fatal(err)
	}
	told := &seen{entries: map[string]string{}, amounts: map[string]credits.Amount{}}
	var callersDone sync.WaitGroup
	for n := range callers {
		callersDone.Go(func() {
			caller := hotCaller{t: t, n: n, l: ledgers[n%len(ledgers)], now: now, told: told, dice: rand.New(rand.NewPCG(7, uint64(n)))}
			for round := range rounds {
				caller.round(round)
			}
		})
	}
	callersDone.Wait()
	if told.refused == 0 {
		t.Error("nobody was refused: the pool was not drawn dry")
	}
	checkHot(t, st, told)
	for _, l := range ledgers {
		checkInvariants(t, st, l, "hot", now)
	}
}

type hotCaller struct {
	t    *testing.T
	n    int
	l    *credits.Ledger
	now  time.Time
	told *seen
	dice *rand.Rand
}

func (c *hotCaller) round(round int) {
	key := fmt.Sprintf("k%d-%d", c.n, round)
	r := credits.Request{Workspace: "hot", Member: fmt.Sprint("m", c.n%5), At: c.now, Key: key, Channel: "api"}
	switch c.dice.IntN(4) {
	case 0: // a charge of one's own
		result, err := c.l.Do(ctx, &credits.Charge{Request: r, Credit: "standard", Amount: credits.Credit, Note: key})
		c.told.answer(c.t, key, result, err)
	case 1: // a charge that others send under the same key
		r.Key = fmt.Sprint("shared", c.dice.IntN(hotKeys))
		r.Member = "m0"
		result, err := c.l.Do(ctx, &credits.Charge{Request: r, Credit: "standard", Amount: credits.Credit, Note: r.Key})
		c.told.answer(c.t, r.Key, result, err)
	case 2: // a hold, settled in part or given back
		c.hold(r, key)
	case 3: // a person whom others capture as well
		result, err := c.l.Do(ctx, &credits.Capture{
			Request: r, Person: fmt.Sprint("p", c.dice.IntN(hotPeople)),
			Findings: []credits.Finding{{Field: "work_phone", Values: 1}, {Field: "personal_email", Values: 1}},
		})
		if no := refusal(c.t, err); no != nil && no.Code != credits.Insufficient {
			c.t.Errorf("%s: %v", key, no)
		}
		_ = result
	}
}

func (c *hotCaller) hold(r credits.Request, key string) {
	result, err := c.l.Do(ctx, &credits.Hold{Request: r, ID: "h" + key, Credit: "standard", Amount: 2 * credits.Credit, ExpiresIn: hotInterval})
	if !c.told.answer(c.t, key, result, err) {
		return
	}
	r.Key = ""
	var settle credits.Command = &credits.Release{Request: r, Hold: "h" + key}
	if c.dice.IntN(3) > 0 {
		settle = &credits.Settle{
			Request: r, Hold: "h" + key, Final: true,
			Lines: []credits.SettleLine{{Outcome: credits.Charged, Amount: credits.Credit}, {Outcome: credits.NotFound}},
		}
	}
	if _, err := c.l.Do(ctx, settle); err != nil {
		c.t.Errorf("hold %s: %v", key, err)
	}
}

// checkHot compares the ledger with what the callers were told.
func checkHot(t *testing.T, st *store.Store, told *seen) {
	rows := readLedger(t, st, "hot")
	byNote, byID, byField := map[string]int{}, map[string]store.Entry{}, map[string]int{}
	for _, e := range rows.entries {
		byID[credits.EntryID(e.Seq)] = e
		if e.Note != "" {
			byNote[e.Note]++
		}
		if e.Kind == credits.KindCharge && e.Person != "" {
			byField[e.Person+" "+e.Field]++
		}
	}
	taken := map[string]string{}
	for key, entry := range told.entries {
		if other := taken[entry]; other != "" {
			t.Errorf("the keys %s and %s were told the same entry %s", key, other, entry)
		}
		taken[entry] = key
		e, ok := byID[entry]
		if !ok {
			t.Errorf("key %s was told %s, and there is no such entry", key, entry)
		}
		if e.Kind == credits.KindCharge && (e.Note != key || byNote[key] != 1 || credits.Amount(e.Amount) != told.amounts[key]) {
			t.Errorf("key %s: told %s of %s; the ledger has %d, this one of %d for %s", key, entry, told.amounts[key], byNote[key], e.Amount, e.Note)
		}
	}
	for note := range byNote {
		if told.entries[note] == "" {
			t.Errorf("the ledger has a charge for %s that nobody was told of", note)
		}
	}
	for field, n := range byField {
		if n != 1 {
			t.Errorf("%s was charged %d times", field, n)
		}
	}
	for _, p := range rows.pools {
		if p.Held != 0 {
			t.Errorf("%s: %d is still held", p.Credit, p.Held)
		}
		if p.Credit == "standard" && (p.Used > p.Allowance || p.Used < p.Allowance-2*int64(credits.Credit)) {
			t.Errorf("%d of %d was used", p.Used, p.Allowance)
		}
	}
}
