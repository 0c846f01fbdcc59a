package credits_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// pair is two servers on one database, and workspaces that both serve.
type pair struct {
	t          *testing.T
	st         *store.Store
	a, b       *credits.Ledger
	workspaces []string
	now        time.Time
	keys       int
	mu         sync.Mutex
	spent      map[string]credits.Amount
}

func openPair(t *testing.T, engine string, workspaces int) *pair {
	address := testdb.Address(t, engine)
	p := &pair{t: t, st: testdb.OpenAt(t, address), now: mustTime(t, "2026-03-10T00:00:00Z"), spent: map[string]credits.Amount{}}
	p.a = newLedger(t, p.st, credits.ShippedBooks())
	p.b = newLedger(t, testdb.OpenAt(t, address), credits.ShippedBooks())
	for n := range workspaces {
		ws := fmt.Sprintf("w%d", n)
		p.workspaces = append(p.workspaces, ws)
		if err := open(p.st, credits.ShippedBooks(), subscription{ws, "classic", "starter", "UTC", 4, 1}, p.now); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p *pair) charge(ws string, amount credits.Amount, key string) *credits.Charge {
	return &credits.Charge{Request: credits.Request{Workspace: ws, Member: "m", At: p.now, Key: key, Fingerprint: []byte(key)}, Credit: "standard", Amount: amount}
}

func (p *pair) key() string {
	p.keys++
	return fmt.Sprintf("key-%d", p.keys)
}

// everywhere is a charge in each workspace.
func (p *pair) everywhere(amount credits.Amount) []credits.Command {
	commands := make([]credits.Command, len(p.workspaces))
	for n, ws := range p.workspaces {
		commands[n] = p.charge(ws, amount, p.key())
	}
	return commands
}

// warm charges until the first server decides the last workspace's charges ahead
// of the database; its committer may not be the others'.
func (p *pair) warm() {
	p.t.Helper()
	for range 3000 {
		p.must(p.a, p.everywhere(credits.Credit/100)...)
		before := p.a.Ahead()
		p.must(p.a, p.charge(p.workspaces[len(p.workspaces)-1], credits.Credit/100, p.key()))
		if p.a.Ahead() > before {
			return
		}
	}
	p.t.Fatal("nothing is decided ahead")
}

func (p *pair) must(l *credits.Ledger, commands ...credits.Command) []credits.Result {
	p.t.Helper()
	results := make([]credits.Result, len(commands))
	for n, answer := range together(l, commands) {
		if results[n] = answer.Result; answer.Err != nil {
			p.t.Fatalf("command %d: %v", n, answer.Err)
		}
		if charge, ok := commands[n].(*credits.Charge); ok && !answer.Result.Replayed {
			p.mu.Lock()
			p.spent[charge.Workspace] += charge.Amount
			p.mu.Unlock()
		}
	}
	return results
}

func (p *pair) view(l *credits.Ledger, ws string) credits.CreditView {
	p.t.Helper()
	v, err := l.Look(ctx, ws, nil, p.now)
	if err != nil {
		p.t.Fatal(err)
	}
	c, _ := v.Credit("standard")
	return c
}

func (p *pair) left(l *credits.Ledger, ws string) credits.Amount {
	return p.view(l, ws).Available.Amount
}

func (p *pair) check() {
	for _, ws := range p.workspaces {
		checkInvariants(p.t, p.st, p.a, ws, p.now)
		if used := p.view(p.b, ws).Used; used != p.spent[ws] {
			p.t.Errorf("%s: %s used, and callers were told of %s", ws, used, p.spent[ws])
		}
	}
}

// Rules C8, C9: what a server decides ahead of the database, from what it
// remembers, is never answered when another server was there meanwhile: not a
// charge, not a refusal, not a key that the other one has used. With one account
// and with many, whose rows are written in different ways.
func TestC8AheadOfAnother(t *testing.T) {
	for _, engine := range testdb.Engines {
		for _, workspaces := range []int{1, 24} {
			t.Run(fmt.Sprintf("%s/%d", engine, workspaces), func(t *testing.T) {
				p := openPair(t, engine, workspaces)
				last := p.workspaces[workspaces-1]

				p.warm()
				p.must(p.b, p.charge(last, 2*credits.Credit, p.key()))
				was := p.left(p.b, last)
				p.must(p.a, p.everywhere(credits.Credit)...)
				if now := p.left(p.a, last); now != was-credits.Credit {
					t.Errorf("%s left, and %s after a charge of 1", was, now)
				}

				p.warm()
				same := p.charge(last, credits.Credit, p.key())
				first := p.must(p.b, same)[0]
				if again := p.must(p.a, same)[0]; !again.Replayed || again.Entry != first.Entry {
					t.Errorf("the other server's key was answered with %+v, not %+v", again, first)
				}

				p.warm() // a new limit makes no entry: the number alone does not tell
				allocate := func(mode string) {
					p.must(p.b, &credits.Allocate{Request: credits.Request{Workspace: last, At: p.now}, For: "m", Sets: map[string]credits.Allocation{"standard": {Mode: mode}}})
				}
				allocate(credits.Limited)
				for n, answer := range together(p.a, p.everywhere(credits.Credit)) {
					refused := refusal(t, answer.Err) != nil
					if refused != (n == workspaces-1) {
						t.Errorf("with a limit of 0 in the last workspace, charge %d was answered with %v", n, answer.Err)
					}
					if !refused {
						p.spent[p.workspaces[n]] += credits.Credit
					}
				}
				allocate(credits.FromPool)

				p.warm()
				p.must(p.b, p.charge(last, p.left(p.b, last), p.key()))
				if _, err := p.a.Do(ctx, p.charge(last, credits.Credit/100, "")); refusal(t, err) == nil {
					t.Error("a charge was paid for by what the other server had spent")
				}
				for range 10 { // refusals, until the server says so from memory
					_, _ = p.a.Do(ctx, p.charge(last, credits.Credit/100, ""))
				}
				give := &credits.GiveGrant{Request: credits.Request{Workspace: last, At: p.now}, ID: "grant", Credit: "standard", Kind: credits.Once, Amount: 5 * credits.Credit}
				p.must(p.b, give)
				p.must(p.a, p.charge(last, credits.Credit, "")) // no refusal: the other server was given credits
				p.check()
			})
		}
	}
}

// The same while both are busy: whole batches are thrown away with what was
// decided after them, and decided again.
func TestC8AheadOfAnotherUnderLoad(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			p := openPair(t, engine, 3)
			const bursts, burst = 40, 60
			for n := range bursts {
				p.warm()
				var wg sync.WaitGroup
				for m := range burst {
					ws, key := p.workspaces[(n+m)%len(p.workspaces)], p.key()
					l := p.a
					if m == burst/2 {
						l = p.b
					}
					wg.Go(func() { p.must(l, p.charge(ws, credits.Credit/10, key)) })
				}
				wg.Wait()
			}
			t.Logf("%d of %d batches were decided ahead", p.a.Ahead(), p.a.Commits())
			p.check()
		})
	}
}
