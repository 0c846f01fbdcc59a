package throttle

import "golang.org/x/time/rate"

// Rates bounds how often each of many names acts: so many times a second, and as
// many at once. A nil Rates bounds nobody.
type Rates struct{ names *table }

// NewRates bounds each name to so many times a second; 0: nobody is bounded.
func NewRates(perSecond int) *Rates {
	if perSecond <= 0 {
		return nil
	}
	return &Rates{newTable(rate.Limit(perSecond), perSecond, maxNames)}
}

// Allow takes one of a name's times; false: it has none left for now.
func (r *Rates) Allow(name string) bool { return r == nil || r.names.allow(name) }
