package capturing

import (
	"errors"
	"slices"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/web/frame"
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
	switch r.LimitedBy {
	case "member":
		ask = "Ask your admin for a higher limit"
		if r.Assigned {
			ask = "Ask your admin to assign more to you"
		}
	case "pool":
		ask = "Ask your admin to free credits assigned to others"
	}
	if r.Refills == "" { // waiting would not help
		return ask + "."
	}
	return ask + ", or wait for the refill."
}

// refusalOf is what stopped a spending; nil: nothing of the ledger's did.
func refusalOf(err error, v *visit) *Refusal {
	var r *credits.Refusal
	if !errors.As(err, &r) {
		return nil
	}
	out := &Refusal{Code: r.Code, LimitedBy: r.LimitedBy, Type: r.Credit, Needed: r.Needed, Available: r.Available, Support: v.Support(r.Code)}
	view, err := v.Look(v.Who.Member)
	if err == nil {
		out.Assigned = slices.ContainsFunc(view.Members[v.Who.Member], func(m credits.MemberView) bool { return m.Credit == r.Credit && m.Mode == unit.Assigned })
	}
	if r.RefillsAt != nil {
		out.Refills = r.RefillsAt.Format("2 Jan 2006, 15:04 MST")
		if err == nil {
			out.Refills = frame.LongTime(*r.RefillsAt, view.Current.Zone())
		}
	}
	return out
}
