package provider_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
)

func TestBudgetOfADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := says("a", outcome(provider.NotFound), lead.WorkEmail)
		limits := quick
		limits.Daily = 2
		w := waterfall(t, 0, provider.Options{}, limits, a)
		for i, want := range []provider.Verdict{provider.FieldMissing, provider.FieldMissing, provider.FieldUnknown, provider.FieldUnknown} {
			r := w.Find(t.Context(), ada(lead.WorkEmail))
			if got := r.Field(lead.WorkEmail); got.Verdict != want {
				t.Errorf("%d: %s after %s", i, got.Verdict, tries(got))
			}
			if i == 3 && (r.Attempts[0].Asked || r.Attempts[0].Outcome != provider.OutOfQuota) {
				t.Errorf("%+v", r.Attempts[0])
			}
		}
		time.Sleep(24 * time.Hour)
		if got := w.Find(t.Context(), ada(lead.WorkEmail)).Field(lead.WorkEmail); got.Verdict != provider.FieldMissing || len(a.asks) != 3 {
			t.Errorf("the day after: %s, %d asks", got.Verdict, len(a.asks))
		}
	})
}

type brokenBudget struct{}

func (brokenBudget) Take(context.Context, string, string, int) (bool, error) {
	return true, errors.New("no database")
}

func TestBudgetThatCannotBeReadSpendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := says("a", outcome(provider.NotFound), lead.WorkEmail)
		limits := quick
		limits.Daily = 1
		r := waterfall(t, 0, provider.Options{Budget: brokenBudget{}}, limits, a).Find(t.Context(), ada(lead.WorkEmail))
		if r.Field(lead.WorkEmail).Verdict != provider.FieldUnknown || len(a.asks) != 0 {
			t.Errorf("%s after %d asks", r.Field(lead.WorkEmail).Verdict, len(a.asks))
		}
	})
}

func TestBreakerPausesAndTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := outcome(provider.Failed)
		a := &fake{name: "a", gives: []lead.Field{lead.WorkEmail}, ask: func(context.Context, provider.Query) provider.Answer { return answer }}
		limits := quick
		limits.PauseAfter, limits.Pause = 3, 10*time.Second
		w := waterfall(t, 0, provider.Options{}, limits, a)
		find := func(asks int, state string) {
			t.Helper()
			r := w.Find(t.Context(), ada(lead.WorkEmail))
			if answer.Outcome != provider.NotFound && r.Field(lead.WorkEmail).Verdict != provider.FieldUnknown {
				t.Errorf("a source that is ill makes %s", r.Field(lead.WorkEmail).Verdict)
			}
			if len(a.asks) != asks || w.Standings()[0].State != state {
				t.Errorf("%d asks and %s, want %d and %s", len(a.asks), w.Standings()[0].State, asks, state)
			}
		}
		find(1, "closed")
		find(2, "closed")
		find(3, "open")
		find(3, "open")
		time.Sleep(10*time.Second + time.Millisecond)
		find(4, "open") // one call tried it, and failed
		find(4, "open")
		time.Sleep(10*time.Second + time.Millisecond)
		answer = outcome(provider.NotFound)
		find(5, "closed")
		find(6, "closed")
		// Being told to slow down is not being ill.
		answer = outcome(provider.RateLimited)
		for n := 7; n < 20; n++ {
			find(n, "closed")
		}
		for _, o := range []provider.Outcome{provider.Forbidden, provider.OutOfQuota, provider.Failed} {
			answer = outcome(o)
			w.Find(t.Context(), ada(lead.WorkEmail))
		}
		if state := w.Standings()[0].State; state != "open" {
			t.Errorf("%s after a refused key, a used-up account and a failure", state)
		}
	})
}

func TestConcurrencyAndRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		a := &fake{name: "a", gives: []lead.Field{lead.WorkEmail}, ask: func(context.Context, provider.Query) provider.Answer {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second)
			now.Add(-1)
			return outcome(provider.NotFound)
		}}
		limits := quick
		limits.Concurrency = 3
		w := waterfall(t, time.Minute, provider.Options{}, limits, a)
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() { w.Find(t.Context(), ada(lead.WorkEmail)) })
		}
		begun := time.Now()
		all.Wait()
		if most.Load() != 3 || len(a.asks) != 30 || time.Since(begun) != 10*time.Second {
			t.Errorf("%d at once, %d asks in %v", most.Load(), len(a.asks), time.Since(begun))
		}
		b := says("b", outcome(provider.NotFound), lead.WorkEmail)
		limits.PerSecond, limits.Burst = 2, 1
		w = waterfall(t, time.Minute, provider.Options{}, limits, b)
		begun = time.Now()
		for range 11 {
			w.Find(t.Context(), ada(lead.WorkEmail))
		}
		if took := time.Since(begun); took < 5*time.Second || took > 5*time.Second+time.Millisecond {
			t.Errorf("11 calls at 2 a second took %v", took)
		}
		// Who cannot be asked in time is not known, and is told so.
		limits.PerSecond = 0.01
		w = waterfall(t, time.Second, provider.Options{}, limits, b)
		w.Find(t.Context(), ada(lead.WorkEmail))
		if r := w.Find(t.Context(), ada(lead.WorkEmail)); r.Field(lead.WorkEmail).Verdict != provider.FieldUnknown || r.Attempts[0].Outcome != provider.RateLimited || r.Attempts[0].Asked {
			t.Errorf("%+v", r.Attempts)
		}
	})
}

func TestRetries(t *testing.T) {
	again := func(o provider.Outcome, after time.Duration) provider.Answer {
		return provider.Answer{Outcome: o, Again: true, RetryAfter: after}
	}
	for name, c := range map[string]struct {
		answers []provider.Answer
		asks    int
		took    time.Duration
		want    provider.Verdict
	}{
		"Retry-After is waited for":    {[]provider.Answer{again(provider.RateLimited, 4*time.Second), outcome(provider.NotFound)}, 2, 4*time.Second + 250*time.Millisecond, provider.FieldMissing},
		"one that is too long is not":  {[]provider.Answer{again(provider.RateLimited, 30*time.Second), outcome(provider.NotFound)}, 1, 0, provider.FieldUnknown},
		"half the bound, by the dice":  {[]provider.Answer{again(provider.Failed, 0), again(provider.Failed, 0), outcome(provider.NotFound)}, 3, 750 * time.Millisecond, provider.FieldMissing},
		"twice, and no more":           {[]provider.Answer{again(provider.Failed, 0), again(provider.Failed, 0), again(provider.Failed, 0), outcome(provider.NotFound)}, 3, 750 * time.Millisecond, provider.FieldUnknown},
		"what may be paid for is not":  {[]provider.Answer{outcome(provider.Failed), outcome(provider.NotFound)}, 1, 0, provider.FieldUnknown},
		"a used-up account is not":     {[]provider.Answer{again(provider.OutOfQuota, time.Second), outcome(provider.NotFound)}, 1, 0, provider.FieldUnknown},
		"what is not found is not, so": {[]provider.Answer{again(provider.NotFound, time.Second), outcome(provider.Failed)}, 1, 0, provider.FieldMissing},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			a := &fake{name: "a", gives: []lead.Field{lead.WorkEmail}, ask: func(context.Context, provider.Query) provider.Answer {
				n++
				return c.answers[n-1]
			}}
			limits := quick
			limits.Retries = 2
			var seen []provider.Attempt
			o := provider.Options{Random: func() float64 { return 0.5 }, Stats: func(at provider.Attempt) { seen = append(seen, at) }}
			w := waterfall(t, 20*time.Second, o, limits, a)
			begun := time.Now()
			r := w.Find(t.Context(), ada(lead.WorkEmail))
			if took := time.Since(begun); n != c.asks || took != c.took || r.Field(lead.WorkEmail).Verdict != c.want || len(seen) != n || len(r.Attempts) != n {
				t.Errorf("%s: %s after %d asks in %v, %d seen", name, r.Field(lead.WorkEmail).Verdict, n, took, len(seen))
			}
		})
	}
}
