package words

import (
	"strings"

	"github.com/leadmeter/leadmeter/credits/unit"
)

// OverLimit says what a limit that is not above what somebody used comes to (rule D4); {limit} is its place.
func OverLimit(used unit.Amount) string {
	return Num(used) + " used of {limit}, so nothing is left."
}

// Limit is what stopped a spending (rule D7), as the member who spends reads it.
type Limit struct {
	By       string // unit.ByWorkspace, unit.ByPool or unit.ByMember
	Assigned bool   // the member's limit is an assigned amount
}

// Name is the limit within a sentence; empty where it is not known.
func (l Limit) Name() string {
	switch l.By {
	case unit.ByWorkspace:
		return "your workspace's allowance"
	case unit.ByPool:
		return "the shared pool"
	case unit.ByMember:
		if l.Assigned {
			return "the amount assigned to you"
		}
		return "your own limit"
	}
	return ""
}

// Stops says what was needed and what the limit leaves, in one sentence; refills is when it will be
// more, empty where waiting does not help.
func (l Limit) Stops(need Cost, left unit.Amount, refills string) string {
	verb := " are"
	if need.Amount == unit.Credit {
		verb = " is"
	}
	text := CostText([]Cost{need}) + verb + " needed, and " + Num(left) + " of " + l.Name() + " is left"
	if refills != "" {
		text += " until " + refills
	}
	return text + "."
}

// Advice is what to do about it, in one sentence. An admin, who decides for the workspace, asks the
// operator; waiting is advice only where the credits refill.
func (l Limit) Advice(decides, refills bool) string {
	ask := "Ask your admin for an add-on or a larger plan"
	switch {
	case decides:
		ask = "Ask the operator for an add-on"
	case l.By == unit.ByMember && l.Assigned:
		ask = "Ask your admin to assign more to you"
	case l.By == unit.ByMember:
		ask = "Ask your admin for a higher limit"
	case l.By == unit.ByPool:
		ask = "Ask your admin to free credits assigned to others"
	}
	if !refills {
		return ask + "."
	}
	return ask + ", or wait for the refill."
}

// Needs says in the place of a button what it needs and what is left.
func Needs(need Cost, left unit.Quota) string {
	return "Needs " + CostText([]Cost{need}) + ", " + Quota(left) + " left."
}

// Left is what is left, in two words.
func Left(left unit.Quota) string {
	if !left.Unlimited && left.Amount == 0 {
		return "none left"
	}
	return Quota(left) + " left"
}

// RefusalHeading is the heading of a refused spending; empty for what is no refusal of one. The
// credit type is the one that was short.
func RefusalHeading(code, credit string) string {
	switch unit.Outcome(code) {
	case unit.InsufficientCredits:
		return "Not enough " + credit + " credits"
	case unit.CancelledOutcome:
		return strings.TrimSuffix(Cancelled, ".")
	case unit.NotAllowedOutcome:
		return "You may not do this"
	}
	return ""
}

// What is said where there is no refill to name, and of a subscription that has ended.
const (
	NothingRefills = "Nothing refills by itself."
	Cancelled      = "The subscription is cancelled."
	CancelledNote  = Cancelled + " What was captured stays readable; new captures need a plan."
)

// What to do about a cancelled subscription and a missing permission.
const (
	CancelledAdvice  = "What was captured stays readable. Ask your admin to reactivate the subscription."
	NotAllowedAdvice = "Ask your admin to allow it."
)
