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

// refusalLimit says which limit stopped it (rule D7).
func refusalLimit(r Refusal) string {
	switch r.LimitedBy {
	case "workspace":
		return "your workspace's allowance"
	case "pool":
		return "the shared pool"
	case "member":
		if r.Assigned {
			return "the amount assigned to you"
		}
		return "your own limit"
	}
	return ""
}

// refusalAdvice is what to do about it.
func refusalAdvice(r Refusal) string {
	switch {
	case r.Advice != "":
		return r.Advice
	case r.Code == "subscription_cancelled":
		return "What was captured stays readable. Ask your admin to reactivate the subscription."
	case r.Code == "not_allowed":
		return "Ask your admin to allow it."
	}
	ask := "Ask your admin for an add-on or a larger plan"
	switch {
	case r.Ask != nil && r.Ask.Link != "":
		ask = "Ask the operator for an add-on"
	case r.LimitedBy == "member":
		ask = "Ask your admin for a higher limit"
		if r.Assigned {
			ask = "Ask your admin to assign more to you"
		}
	case r.LimitedBy == "pool":
		ask = "Ask your admin to free credits assigned to others"
	}
	if r.Refills == "" { // waiting would not help
		return ask + "."
	}
	return ask + ", or wait for the refill."
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
	text := "What is left needed " + words.CostText([]words.Cost{{Type: r.Type, Amount: r.Needed}}) + ", and " + words.Num(r.Available) + " of " + refusalLimit(r) + " is left"
	if r.Refills != "" {
		text += " until " + r.Refills
	}
	return text + "."
}
