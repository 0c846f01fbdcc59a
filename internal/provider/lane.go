package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/time/rate"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// Limits is how much one source may be asked. Zero members take the default.
type Limits struct {
	Concurrency int           // calls under way at once; 0 is 4
	PerSecond   float64       // calls a second, as a token bucket; 0 is 5
	Burst       int           // calls at once after a rest; 0 is Concurrency
	Daily       int           // asks a day (UTC), retries counted; 0 is no limit
	Retries     int           // further tries of an ask that failed before it cost anything; negative is none, 0 is 2
	PauseAfter  int           // failures in a row after which the source is left alone; 0 is 5
	Pause       time.Duration // for how long, before one call tries it; 0 is 30 s
	PollEvery   time.Duration // between polls where the source does not say; 0 is 5 s
}

func (l Limits) whole() Limits {
	set := func(n *int, to int) {
		if *n == 0 {
			*n = to
		}
	}
	set(&l.Concurrency, 4)
	set(&l.Burst, l.Concurrency)
	set(&l.Retries, 2)
	set(&l.PauseAfter, 5)
	if l.PerSecond == 0 {
		l.PerSecond = 5
	}
	if l.Pause == 0 {
		l.Pause = 30 * time.Second
	}
	if l.PollEvery == 0 {
		l.PollEvery = 5 * time.Second
	}
	return l
}

// The waits between tries: full jitter below a bound that doubles.
const (
	firstWait = 500 * time.Millisecond
	mostWait  = 10 * time.Second
)

// Attempt is one call of a source, or one that our own limits kept from being
// made: then Asked is false. Latency is the source's alone, without waiting for
// our limits. It holds no personal data.
type Attempt struct {
	Provider string        `json:"provider"`
	At       time.Time     `json:"at"`
	Asked    bool          `json:"asked"`
	Poll     bool          `json:"poll,omitempty"`
	Outcome  Outcome       `json:"outcome"`
	Latency  time.Duration `json:"latency"`
	Cost     string        `json:"cost,omitempty"`
	Detail   string        `json:"detail,omitempty"`
}

// lane is one source behind its limits, shared by every search.
type lane struct {
	Provider
	limits  Limits
	slots   chan struct{}
	rate    *rate.Limiter
	breaker *gobreaker.TwoStepCircuitBreaker[struct{}]
	budget  Budget
	random  func() float64
	stats   func(Attempt)
}

// What the breaker is told of a call: that it failed, or that it says nothing.
var (
	errSick   = errors.New("sick")
	errSilent = errors.New("silent")
)

func newLane(p Provider, limits Limits, o Options) *lane {
	limits = limits.whole()
	return &lane{
		Provider: p, limits: limits, budget: o.Budget, random: o.Random, stats: o.Stats,
		slots: make(chan struct{}, limits.Concurrency),
		rate:  rate.NewLimiter(rate.Limit(limits.PerSecond), limits.Burst),
		breaker: gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
			Name: p.Name(), MaxRequests: 1, Timeout: limits.Pause,
			ReadyToTrip: func(c gobreaker.Counts) bool { return int(c.ConsecutiveFailures) >= limits.PauseAfter },
			IsExcluded:  func(err error) bool { return errors.Is(err, errSilent) },
		}),
	}
}

// ask asks, again where that costs nothing and fits into the time that is left.
func (l *lane) ask(ctx context.Context, q Query, seen func(Attempt)) Answer {
	for try := 0; ; try++ {
		a, asked := l.once(ctx, seen, false, func(ctx context.Context) Answer { return l.Ask(ctx, q) })
		if !asked || !a.Again || a.Outcome != RateLimited && a.Outcome != Failed || try >= l.limits.Retries || !l.rest(ctx, try, a.RetryAfter) {
			return a
		}
	}
}

// poll asks once the outcome of a ticket. It costs nothing of the budget: the
// ask was counted.
func (l *lane) poll(ctx context.Context, ticket string, q Query, seen func(Attempt)) Answer {
	a, _ := l.once(ctx, seen, true, func(ctx context.Context) Answer { return l.Poll(ctx, ticket, q) })
	return a
}

// rest waits before another try, for as long as the source asks or for a random
// while. False means that the wait would outlast the search.
func (l *lane) rest(ctx context.Context, try int, asked time.Duration) bool {
	wait := time.Duration(l.random() * float64(min(mostWait, firstWait<<min(try, 10))))
	if asked > 0 {
		wait = asked + time.Duration(l.random()*float64(firstWait))
	}
	if deadline, set := ctx.Deadline(); set && time.Until(deadline) <= wait {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// once makes one call within the limits. False means that it was not made.
func (l *lane) once(ctx context.Context, seen func(Attempt), poll bool, call func(context.Context) Answer) (Answer, bool) {
	a, asked, latency := Answer{}, false, time.Duration(0)
	defer func() {
		at := Attempt{Provider: l.Name(), At: time.Now().UTC(), Asked: asked, Poll: poll, Outcome: a.Outcome, Latency: latency, Cost: a.Cost, Detail: a.Detail}
		seen(at)
		l.stats(at)
	}()
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
	case <-ctx.Done():
		a = Answer{Outcome: RateLimited, Detail: "our limit of calls at once left no time for it"}
		return a, false
	}
	done, err := l.breaker.Allow()
	if err != nil {
		a = Answer{Outcome: Failed, Detail: "it is paused after failures"}
		return a, false
	}
	verdict := errSilent
	defer func() { done(verdict) }()
	if err := l.rate.Wait(ctx); err != nil {
		a = Answer{Outcome: RateLimited, Detail: "our limit of calls a second left no time for it"}
		return a, false
	}
	if !poll {
		if problem := l.spend(ctx); problem != nil {
			a = *problem
			return a, false
		}
	}
	asked = true
	begun := time.Now()
	a = call(ctx)
	latency = time.Since(begun)
	verdict = health(ctx, a.Outcome)
	return a, true
}

// spend takes one ask from the day's budget.
func (l *lane) spend(ctx context.Context) *Answer {
	if l.limits.Daily <= 0 {
		return nil
	}
	ok, err := l.budget.Take(ctx, l.Name(), time.Now().UTC().Format(time.DateOnly), l.limits.Daily)
	switch {
	case err != nil:
		return &Answer{Outcome: Failed, Detail: "the daily budget could not be read"}
	case !ok:
		return &Answer{Outcome: OutOfQuota, Detail: fmt.Sprintf("the daily budget of %d asks is used up", l.limits.Daily)}
	}
	return nil
}

// health is what a call says of the source. One that ended because the search
// did says nothing, nor does being told to slow down: that is not being ill. A
// refused key and a used-up account are, as asking on only costs time.
func health(ctx context.Context, o Outcome) error {
	switch {
	case ctx.Err() != nil, o == RateLimited:
		return errSilent
	case o == Failed, o == Forbidden, o == OutOfQuota:
		return errSick
	}
	return nil
}

// gives tells whether the source may answer with the field.
func (l *lane) gives(f lead.Field) bool {
	for _, g := range l.Gives() {
		if g == f {
			return true
		}
	}
	return false
}
