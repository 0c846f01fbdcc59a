package credits_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// lines are the connections between servers of one process: the first of them owns every workspace.
type lines struct {
	owner *credits.Ledger
	from  string // the server at this end
	// fault goes wrong with a frame: before it is sent, or after it was answered.
	fault func(answers []byte) ([]byte, error)
	sent  atomic.Int64
}

func (l *lines) Owner(string) credits.Peer { return l }
func (l *lines) Failed()                   {}

func (l *lines) Charges(ctx context.Context, frame []byte) ([]byte, error) {
	l.sent.Add(1)
	answers, err := l.owner.Answer(ctx, l.from, frame)
	if l.fault != nil && err == nil {
		return l.fault(answers)
	}
	return answers, err
}

// alone is who owns every workspace itself.
type alone struct{}

func (alone) Owner(string) credits.Peer { return nil }

// sharing are servers on one database, of which the first owns every workspace.
func sharing(t *testing.T, fault func([]byte) ([]byte, error)) (st *store.Store, ledgers []*credits.Ledger, l *lines) {
	address := testdb.Address(t, "postgres")
	st = testdb.OpenAt(t, address)
	l = &lines{from: "others", fault: fault}
	for n := range 3 {
		at := st
		if n > 0 {
			at = testdb.OpenAt(t, address)
		}
		ledgers = append(ledgers, newLedger(t, at, credits.ShippedBooks()))
	}
	l.owner = ledgers[0]
	ledgers[0].Share(alone{})
	ledgers[1].Share(l)
	ledgers[2].Share(l)
	return st, ledgers, l
}

// badLine loses, garbles and delays every second frame of answers, or a part of one.
func badLine() func([]byte) ([]byte, error) {
	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(3, 5))
	return func(answers []byte) ([]byte, error) {
		mu.Lock()
		fault, at := dice.IntN(8), dice.IntN(len(answers))
		mu.Unlock()
		switch fault {
		case 0:
			return nil, errors.New("lost")
		case 1:
			return answers[:at], nil
		case 2:
			time.Sleep(2 * time.Millisecond)
			return nil, context.DeadlineExceeded
		case 3:
			return append(answers, 0), nil
		}
		return answers, nil
	}
}

// Rules C8, C9, C6 with servers that send each other their charges, on good lines and bad.
func TestC8ServersThatShare(t *testing.T) {
	for name, fault := range map[string]func([]byte) ([]byte, error){"good": nil, "bad": badLine()} {
		t.Run(name, func(t *testing.T) {
			st, ledgers, _ := sharing(t, fault)
			drawDry(t, st, ledgers...)
			t.Logf("%d and %d charges were sent", ledgers[1].Sent(), ledgers[2].Sent())
		})
	}
}

// Rules C8, C9, S3: whatever callers of servers that share were told, the ledger has.
func TestC9HistoryOfServersThatShare(t *testing.T) {
	for name, fault := range map[string]func([]byte) ([]byte, error){"good": nil, "bad": badLine()} {
		t.Run(name, func(t *testing.T) {
			st, ledgers, l := sharing(t, fault)
			record(t, st, 14, historyOperations(t, 100_000)/10, ledgers...)
			if sent := ledgers[1].Sent() + ledgers[2].Sent(); sent == 0 {
				t.Errorf("no charge was sent (%d frames)", l.sent.Load())
			}
		})
	}
}

// contend charges a workspace on two servers at once until the second one sends its charges.
func contend(t *testing.T, a, b *credits.Ledger, now time.Time) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for n := 0; b.Sent() == 0; n++ {
		var both sync.WaitGroup
		for at, l := range []*credits.Ledger{a, b} {
			both.Go(func() {
				if _, err := l.Do(ctx, &credits.Charge{Request: credits.Request{Workspace: "w0", At: now, Key: fmt.Sprintf("contend-%d-%d", at, n)}, Credit: "standard", Amount: 1}); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if t.Failed() || time.Now().After(deadline) {
			t.Fatal("no charge is sent")
		}
	}
}

// What cannot happen once wherever it is decided is not sent: a charge without a key, one with
// changes of other rows, and every other command.
func TestWhatIsNotSent(t *testing.T) {
	p := openPair(t, "postgres", 1)
	line := &lines{from: "b", owner: p.a}
	p.b.Share(line)
	contend(t, p.a, p.b, p.now)
	r := credits.Request{Workspace: "w0", At: p.now, Key: "k"}
	keyless, with, noted := r, r, r
	keyless.Key = ""
	with.Key, with.With = "with", func(credits.Tx) error { return nil }
	noted.Key, noted.Note = "noted", &credits.Note{ID: "n1", Actor: "a", Via: "page", Action: "charged", Subject: "s"}
	for n, c := range []credits.Command{
		&credits.Charge{Request: keyless, Credit: "standard", Amount: 1},
		&credits.Charge{Request: with, Credit: "standard", Amount: 1},
		&credits.Charge{Request: noted, Credit: "standard", Amount: 1},
		&credits.Hold{Request: r, ID: "h", Credit: "standard", Amount: 1, ExpiresIn: time.Hour},
	} {
		contendedFrames := line.sent.Load()
		if _, err := p.b.Do(ctx, c); err != nil {
			t.Errorf("command %d: %v", n, err)
		}
		if line.sent.Load() != contendedFrames {
			t.Errorf("command %d was sent to another server", n)
		}
	}
}

// A server that hears that the owner has no commands of its own any more decides for itself again,
// though the workspace's own time may be still: some server's clock was ahead.
func TestQuietOwner(t *testing.T) {
	p := openPair(t, "postgres", 1)
	var later atomic.Int64
	began := time.Now()
	credits.ClockOf(p.a, func() time.Duration { return time.Since(began) + time.Duration(later.Load()) })
	p.b.Share(&lines{from: "b", owner: p.a})
	contend(t, p.a, p.b, p.now)
	for n := range 3 { // the first of these hears it
		later.Add(int64(10 * time.Second))
		p.must(p.b, p.charge("w0", 1, fmt.Sprint("later-", n)))
	}
	before := p.b.Sent()
	for n := range 10 {
		p.must(p.b, p.charge("w0", 1, fmt.Sprint("own-", n)))
	}
	if p.b.Sent() != before {
		t.Errorf("%d charges were sent to an owner without callers of its own", p.b.Sent()-before)
	}
}

// An owner without callers of its own decides for as long as two other servers send it charges: for
// themselves they would be in each other's way.
func TestOwnerOfTwoOthers(t *testing.T) {
	address := testdb.Address(t, "postgres")
	var ledgers []*credits.Ledger
	for range 3 {
		ledgers = append(ledgers, newLedger(t, testdb.OpenAt(t, address), credits.ShippedBooks()))
	}
	now := mustTime(t, "2026-03-10T00:00:00Z")
	if err := open(testdb.OpenAt(t, address), credits.ShippedBooks(), subscription{"w0", "classic", "starter", "UTC", 4, 1}, now); err != nil {
		t.Fatal(err)
	}
	owner, two := ledgers[0], ledgers[1:]
	var later atomic.Int64
	began := time.Now()
	credits.ClockOf(owner, func() time.Duration { return time.Since(began) + time.Duration(later.Load()) })
	for n, l := range two {
		l.Share(&lines{owner: owner, from: fmt.Sprint("server ", n)})
	}
	contend(t, two[0], two[1], now)
	contend(t, two[1], two[0], now)
	charge := func(l *credits.Ledger, key string) bool {
		before := l.Sent()
		if _, err := l.Do(ctx, &credits.Charge{Request: credits.Request{Workspace: "w0", At: now, Key: key}, Credit: "standard", Amount: 1}); err != nil {
			t.Fatal(err)
		}
		return l.Sent() > before
	}
	for n := range 8 {
		for at, l := range two {
			if later.Add(int64(2 * time.Second)); !charge(l, fmt.Sprint(n, " ", at)) {
				t.Fatalf("round %d: server %d decided for itself", n, at)
			}
		}
	}
	for n := range 2 { // one of them alone: the second of these hears it
		later.Add(int64(6 * time.Second))
		charge(two[0], fmt.Sprint("alone ", n))
	}
	if charge(two[0], "alone") {
		t.Error("charges are sent to an owner to which nobody else sends any")
	}
}

// A ledger that closes answers what it had sent, or was about to send.
func TestCloseWhileChargesAreSent(t *testing.T) {
	p := openPair(t, "postgres", 1)
	slow := make(chan struct{})
	p.b.Share(&lines{from: "b", owner: p.a, fault: func([]byte) ([]byte, error) {
		select {
		case <-slow:
		case <-time.After(100 * time.Millisecond):
		}
		return nil, errors.New("lost")
	}})
	var sending sync.WaitGroup
	var unknown atomic.Int64
	for n := range 64 {
		sending.Go(func() {
			for m := range 50 {
				for _, l := range []*credits.Ledger{p.a, p.b} {
					_, err := l.Do(ctx, &credits.Charge{Request: credits.Request{Workspace: "w0", At: p.now, Key: fmt.Sprintf("%d-%d", n, m)}, Credit: "standard", Amount: 1})
					if err != nil && !errors.Is(err, credits.ErrClosed) {
						unknown.Add(1)
					}
				}
			}
		})
	}
	time.Sleep(300 * time.Millisecond)
	_ = p.b.Close()
	close(slow)
	sending.Wait()
	if n := unknown.Load(); n > 0 {
		t.Errorf("%d charges failed otherwise than by a closed ledger", n)
	}
	if _, err := p.a.Verify(ctx, func(d credits.Difference) { t.Error(d) }); err != nil {
		t.Error(err)
	}
	v := p.view(p.a, "w0")
	if v.Used != 64*50 {
		t.Errorf("%d of %d charges are in the ledger", v.Used, 64*50)
	}
}

// A key that is sent to all servers at once is one charge, with one answer, on good lines and bad.
func TestC9OneKeyAtServersThatShare(t *testing.T) {
	for name, fault := range map[string]func([]byte) ([]byte, error){"good": nil, "bad": badLine()} {
		t.Run(name, func(t *testing.T) {
			st, ledgers, _ := sharing(t, fault)
			now := mustTime(t, "2026-03-10T00:00:00Z")
			if err := open(st, credits.ShippedBooks(), subscription{"w0", "classic", "starter", "UTC", 4, 1}, now); err != nil {
				t.Fatal(err)
			}
			contend(t, ledgers[0], ledgers[1], now)
			contend(t, ledgers[0], ledgers[2], now)
			v, err := ledgers[0].Look(ctx, "w0", nil, now)
			if err != nil {
				t.Fatal(err)
			}
			before, _ := v.Credit("standard")
			const keys, times = 150, 2
			var answers [keys][3 * times]credits.Answer
			var all sync.WaitGroup
			for n := range keys {
				for at := range answers[n] {
					all.Go(func() {
						r := credits.Request{Workspace: "w0", At: now, Key: fmt.Sprint("one ", n), Fingerprint: []byte("print"), Keep: []byte(`{"lead":"l"}`)}
						a := &answers[n][at]
						a.Result, a.Err = ledgers[at/times].Do(ctx, &credits.Charge{Request: r, Credit: "standard", Amount: 1 + credits.Amount(n%3)*1000*credits.Credit})
					})
				}
			}
			all.Wait()
			first, used := 0, before.Used
			for n := range answers {
				one := answers[n][0]
				for _, a := range answers[n] {
					if !a.Result.Replayed {
						first++
					}
					no, wantNo := refusal(t, a.Err), refusal(t, one.Err)
					if !reflect.DeepEqual(no, wantNo) {
						t.Fatalf("key %d was refused with %+v and %+v", n, no, wantNo)
					}
					a.Result.Replayed, one.Result.Replayed = false, false
					if no == nil && !reflect.DeepEqual(a.Result, one.Result) {
						t.Fatalf("key %d was answered with %+v and %+v", n, a.Result, one.Result)
					}
				}
				if one.Err == nil {
					used += one.Result.Charged["standard"]
				}
			}
			if first > keys || name == "good" && first != keys {
				t.Errorf("%d first answers to %d keys", first, keys)
			}
			if v, err = ledgers[2].Look(ctx, "w0", nil, now); err != nil {
				t.Fatal(err)
			}
			if after, _ := v.Credit("standard"); after.Used != used {
				t.Errorf("%s used, and answers say %s", after.Used, used)
			}
			if _, err := ledgers[0].Verify(ctx, func(d credits.Difference) { t.Error(d) }); err != nil {
				t.Error(err)
			}
		})
	}
}
