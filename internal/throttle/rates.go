package throttle

import (
	"sync"

	"golang.org/x/time/rate"
)

// Rates bounds how often each of many names acts: so many times a second, and as
// many at once. A nil Rates bounds nobody.
type Rates struct {
	mu    sync.Mutex
	each  int
	known map[string]*rate.Limiter
}

// NewRates bounds each name to so many times a second; 0: nobody is bounded.
func NewRates(perSecond int) *Rates {
	if perSecond <= 0 {
		return nil
	}
	return &Rates{each: perSecond, known: map[string]*rate.Limiter{}}
}

// Allow takes one of a name's times; false: it has none left for now.
func (r *Rates) Allow(name string) bool {
	if r == nil {
		return true
	}
	r.mu.Lock()
	l := r.known[name]
	if l == nil {
		if len(r.known) >= maxAttempts {
			clear(r.known)
		}
		l = rate.NewLimiter(rate.Limit(r.each), r.each)
		r.known[name] = l
	}
	r.mu.Unlock()
	return l.Allow()
}
