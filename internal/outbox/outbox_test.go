package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

func TestMain(m *testing.M) {
	if os.Getenv(child) != "" {
		os.Exit(runChild())
	}
	os.Exit(testdb.CheckedMain(m))
}

// clock moves when told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// receiver answers as it is told and remembers what it got.
type receiver struct {
	mu     sync.Mutex
	got    map[string]int // message ids
	within int
	most   int
	answer func(e store.Effect) (int, error)
	seen   chan string
}

func newReceiver(answer func(e store.Effect) (int, error)) *receiver {
	return &receiver{got: map[string]int{}, answer: answer, seen: make(chan string, 10_000)}
}

func (r *receiver) Send(_ context.Context, e store.Effect) (int, error) {
	r.mu.Lock()
	r.got[e.Message]++
	r.within++
	r.most = max(r.most, r.within)
	r.mu.Unlock()
	code, err := 200, error(nil)
	if r.answer != nil {
		code, err = r.answer(e)
	}
	r.mu.Lock()
	r.within--
	r.mu.Unlock()
	r.seen <- e.Message
	return code, err
}

func (r *receiver) RecordOutcome(_ *store.Tx, e *store.Effect) error {
	if e.Status == store.EffectSent {
		e.Payload = []byte{}
	}
	return nil
}

func put(t *testing.T, st *store.Store, e store.Effect, now time.Time) {
	t.Helper()
	if err := st.Update(t.Context(), func(tx *store.Tx) error { return outbox.Put(tx, e, now) }); err != nil {
		t.Fatal(err)
	}
}

// works runs an outbox until the test ends or stop is called.
func works(t *testing.T, o *outbox.Outbox) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		o.Work(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}

// until waits for the effects of a workspace to be as asked.
func until(t *testing.T, st *store.Store, ws, target string, good func(list []store.Effect) bool) []store.Effect {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		var list []store.Effect
		if err := st.View(t.Context(), func(tx *store.Tx) (err error) {
			list, err = tx.Effects().OfTarget(ws, target, "", 1000)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if good(list) {
			return list
		}
		if time.Now().After(deadline) {
			t.Fatalf("it never came to that: %+v", list)
		}
		time.Sleep(5 * time.Millisecond) // a poll of a database, bounded above
	}
}

func all(status string) func([]store.Effect) bool {
	return func(list []store.Effect) bool {
		for _, e := range list {
			if e.Status != status {
				return false
			}
		}
		return len(list) > 0
	}
}

// What a transaction that was rolled back would have sent is never sent; what was
// committed is, at once, and its payload is dropped where the sender says so.
func TestOnlyWhatIsCommitted(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		c, r := newClock(), newReceiver(nil)
		o := outbox.New(st, c.Now)
		o.Send("mail", r)
		works(t, o)
		undone := errors.New("no")
		err := st.Update(t.Context(), func(tx *store.Tx) error {
			if err := outbox.Put(tx, store.Effect{Workspace: "ws_1", Kind: "mail", Target: "t", Message: "never", Payload: []byte("x")}, c.Now()); err != nil {
				return err
			}
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		began := time.Now()
		put(t, st, store.Effect{Workspace: "ws_1", Kind: "mail", Target: "t", Message: "m1", Payload: []byte("secret")}, c.Now())
		if got := <-r.seen; got != "m1" {
			t.Fatalf("sent %q", got)
		}
		if waited := time.Since(began); waited > 900*time.Millisecond {
			t.Errorf("sent after %s, not at once", waited)
		}
		list := until(t, st, "ws_1", "t", all(store.EffectSent))
		if len(list) != 1 || len(list[0].Payload) != 0 || list[0].Attempts != 1 || list[0].Code != 200 {
			t.Errorf("%+v", list)
		}
	})
}

// A failure is tried again later and later, never before what the receiver asked
// for, and in the end given up; what cannot help is given up at once.
func TestRetries(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		c := newClock()
		began := c.Now()
		r := newReceiver(func(e store.Effect) (int, error) {
			switch e.Target {
			case "asked":
				return 0, &outbox.SendError{Text: "busy", Code: 429, After: time.Hour}
			case "never":
				return 0, &outbox.SendError{Text: "gone", Code: 410, Never: true}
			case "own":
				return 0, errors.New("ada@example.com is in this error")
			}
			return 0, &outbox.SendError{Text: "down", Code: 503}
		})
		o := outbox.New(st, c.Now)
		o.Send("webhook", r)
		stop := works(t, o)
		for _, target := range []string{"asked", "never", "own"} {
			put(t, st, store.Effect{Workspace: "ws_1", Kind: "webhook", Target: target, Payload: []byte("{}")}, c.Now())
		}
		tried := func(n int64) func([]store.Effect) bool {
			return func(list []store.Effect) bool { return len(list) == 1 && list[0].Attempts == n && list[0].Owner == "" }
		}
		if e := until(t, st, "ws_1", "asked", tried(1))[0]; e.Due < began.Add(time.Hour).UnixMicro() || e.Code != 429 {
			t.Errorf("asked to wait an hour: %+v", e)
		}
		if e := until(t, st, "ws_1", "never", all(store.EffectDead))[0]; e.Code != 410 || e.Error != "gone" {
			t.Errorf("%+v", e)
		}
		if e := until(t, st, "ws_1", "own", tried(1))[0]; strings.Contains(e.Error, "ada") {
			t.Errorf("an error that is not ours was kept: %q", e.Error)
		}
		put(t, st, store.Effect{Workspace: "ws_1", Kind: "webhook", Target: "down", Payload: []byte("{}")}, c.Now())
		last := time.Duration(0)
		for n := int64(1); n < outbox.MaxAttempts; n++ {
			e := until(t, st, "ws_1", "down", tried(n))[0]
			wait := time.UnixMicro(e.Due).Sub(c.Now())
			if wait < last*8/10 || wait <= 0 {
				t.Errorf("attempt %d waits %s after %s", n, wait, last)
			}
			last = wait
			c.add(wait)
			stop() // a round looks at once
			stop = works(t, o)
		}
		until(t, st, "ws_1", "down", all(store.EffectDead))
		if total := c.Now().Sub(began); total < 2*24*time.Hour || total > 5*24*time.Hour {
			t.Errorf("given up after %s", total)
		}
	})
}

// Two servers on one database send each effect once.
func TestTwoServers(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		c, r := newClock(), newReceiver(nil)
		const n = 300
		for i := range n {
			put(t, st, store.Effect{Workspace: "ws_1", Kind: "webhook", Target: fmt.Sprint("t", i%7), Message: fmt.Sprint("m", i), Payload: []byte("{}")}, c.Now())
		}
		for range 3 {
			o := outbox.New(st, c.Now)
			o.Send("webhook", r)
			works(t, o)
		}
		for range n {
			<-r.seen
		}
		for i := range 7 {
			until(t, st, "ws_1", fmt.Sprint("t", i), all(store.EffectSent))
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		for message, times := range r.got {
			if times != 1 {
				t.Errorf("%s was sent %d times", message, times)
			}
		}
		if len(r.got) != n {
			t.Errorf("%d of %d were sent", len(r.got), n)
		}
	})
}

// A slow receiver holds up nobody else, and what is sent at once is bounded.
func TestSlowReceiver(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		c := newClock()
		slow := make(chan struct{})
		r := newReceiver(func(e store.Effect) (int, error) {
			if e.Target == "slow" {
				<-slow
			}
			return 200, nil
		})
		for i := range 50 {
			put(t, st, store.Effect{Workspace: "ws_1", Kind: "webhook", Target: "slow", Message: fmt.Sprint("s", i), Payload: []byte("{}")}, c.Now())
		}
		o := outbox.New(st, c.Now)
		o.Send("webhook", r)
		works(t, o)
		t.Cleanup(func() { close(slow) })
		put(t, st, store.Effect{Workspace: "ws_2", Kind: "webhook", Target: "quick", Message: "q", Payload: []byte("{}")}, c.Now())
		until(t, st, "ws_2", "quick", all(store.EffectSent))
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.most > 4 {
			t.Errorf("%d were sent to a slow receiver at once", r.most)
		}
	})
}

// An event is spread in the transaction that ends it: exactly once, and one that
// fails leaves nothing behind.
func TestSpread(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		c, fails := newClock(), true
		o := outbox.New(st, c.Now)
		o.Handle(outbox.EventKind, func(tx *store.Tx, e store.Effect) error {
			if err := outbox.Put(tx, store.Effect{Workspace: e.Workspace, Kind: "none", Target: "spread", Message: e.Message}, c.Now()); err != nil {
				return err
			}
			if fails {
				fails = false
				return errors.New("half way")
			}
			return nil
		})
		if err := st.Update(t.Context(), func(tx *store.Tx) error {
			return outbox.Event(tx, "ws_1", "credits.low", c.Now(), c.Now(), map[string]int{"percent": 80})
		}); err != nil {
			t.Fatal(err)
		}
		stop := works(t, o)
		until(t, st, "ws_1", "", func(list []store.Effect) bool { return len(list) == 1 && list[0].Attempts == 1 && list[0].Owner == "" })
		stop()
		c.add(time.Minute)
		works(t, o)
		until(t, st, "ws_1", "", all(store.EffectSent))
		if list := until(t, st, "ws_1", "spread", func(l []store.Effect) bool { return len(l) > 0 }); len(list) != 1 {
			t.Errorf("spread %d times", len(list))
		}
	})
}
