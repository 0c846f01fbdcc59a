package capturing

import (
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// refusalTitle is what happened, in a heading.
func refusalTitle(r Refusal) string {
	switch r.Code {
	case "subscription_cancelled":
		return "The subscription is cancelled"
	case "not_allowed":
		return "You may not do this"
	}
	return "Not enough " + r.Type + " credits"
}

func (r Refusal) limit() words.Limit { return words.Limit{By: r.LimitedBy, Assigned: r.Assigned} }

// refusalAdvice is what to do about it.
func refusalAdvice(r Refusal) string {
	switch {
	case r.Advice != "":
		return r.Advice
	case r.Code == "subscription_cancelled":
		return words.CancelledAdvice
	case r.Code == "not_allowed":
		return words.NotAllowedAdvice
	}
	return r.limit().Advice(r.Ask != nil && r.Ask.Link != "", r.Refills != "")
}

// refusal is what stopped a spending.
func (v *visit) refusal(r *screen.Stopped) *Refusal {
	out := &Refusal{Code: r.Code, LimitedBy: r.LimitedBy, Assigned: r.Assigned, Type: r.Type, Needed: r.Needed, Available: r.Available, Support: v.Support(r.Code)}
	if r.Refills != nil {
		out.Refills = frame.LongTime(*r.Refills, v.Zone)
	}
	out.Ask = v.MayAsk(r)
	return out
}

// shortText says of a capture in part what was not revealed, and by which limit (rule D7).
func shortText(r Refusal) string {
	return "For the rest, " + r.limit().Stops(words.Cost{Type: r.Type, Amount: r.Needed}, r.Available, r.Refills)
}
