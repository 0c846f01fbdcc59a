package credits

import (
	"slices"
	"strings"
	"time"
)

// Finding is what a lookup found out about one field of one person: the facts
// alone, from which Judge says what they mean.
type Finding struct {
	Field string
	// Values is how many there are; none means not found, unless Failed.
	Values int
	// Failed: the source answered with an error, in time-out or out of quota.
	Failed bool
	// Suppressed: the person or a domain is on the suppression list.
	Suppressed bool
	// MainLine: every number is the company's main line.
	MainLine bool
	// Graded: the values carry a verification status at all; Verified: at least
	// one is verified, and was at VerifiedAt (zero: nobody knows when).
	Graded, Verified bool
	VerifiedAt       time.Time
	// Fetched: a source had to be asked for it, or it was verified again.
	Fetched bool
	// Auto: the setting that unlocks at every capture asks, not a person (rule U2).
	Auto bool
	// Hold is what was set aside for the field before the lookup (rule C8); empty:
	// nothing was. A price that the hold covers is paid from it, in the period that
	// it was placed in; what it has left is given back.
	Hold string
	// Refused is why nobody looked for the field: its price could not be held. Nil:
	// somebody did.
	Refused *Refusal
	// Data is kept with what is owned; opaque to the ledger.
	Data []byte
}

// Owned is what a workspace had delivered to it before.
type Owned struct {
	Field   string
	Outcome Outcome
	At      time.Time
}

// Verdict is what a finding costs: an outcome, and the price it is charged at
// when the outcome is Charged. Waived is what a free rule saved. Reason is why a
// field was charged that could have been free; most charges have none.
type Verdict struct {
	Outcome Outcome
	Item    *Item
	Waived  bool
	Reason  Reason
}

// Judge is the meaning of a credit (rules C1 to C6): what a finding costs a
// workspace that already owns what it owns. It knows no balances; whether the
// price can be paid is decided after it.
func (b *Book) Judge(f Finding, owned []Owned, now time.Time) Verdict {
	item := b.Item(f.Field)
	v := Verdict{Item: item}
	switch {
	case item == nil:
		v.Outcome = NotAllowedOutcome
	case f.Suppressed:
		v.Outcome = Suppressed
	case b.owns(f.Field, owned, now):
		v.Outcome = AlreadyOwned
	case f.Failed:
		v.Outcome = ProviderError
	case f.Values == 0:
		v.Outcome = NotFound
	case f.MainLine:
		v.Outcome = SameAsMainLine
	case f.Graded && !f.Verified:
		v.Outcome = NotVerified
	case f.Verified && !f.Fetched && fresh(f.VerifiedAt, item.VerifiedFreeDays, now):
		v.Outcome = VerifiedInDirectory
	case item.PerPerson() && b.paid(item, owned, now):
		v.Outcome = AlreadyOwned
	default:
		v.Outcome = Charged
		v.Reason = item.reason(f)
	}
	v.Waived = v.Outcome.Saves()
	return v
}

// owns reports whether the field itself is owned, within the book's window (rule C6).
func (b *Book) owns(field string, owned []Owned, now time.Time) bool {
	for _, o := range owned {
		if o.Field == field && o.Outcome.Owns() && fresh(o.At, b.OwnedDays, now) {
			return true
		}
	}
	return false
}

// paid reports whether any field of the group was charged within the window:
// then the others come with it (rule C1, per person).
func (b *Book) paid(item *Item, owned []Owned, now time.Time) bool {
	for _, o := range owned {
		if o.Outcome == Charged && b.Item(o.Field) == item && fresh(o.At, b.OwnedDays, now) {
			return true
		}
	}
	return false
}

// fresh reports whether an instant lies within so many days before now.
func fresh(at time.Time, days int, now time.Time) bool {
	return days > 0 && !at.IsZero() && now.Sub(at) <= time.Duration(days)*24*time.Hour
}

// Estimate is what findings cost at most together, per credit type (rule U3), by
// the judgement that charges for them.
func (b *Book) Estimate(findings []Finding, owned []Owned, at time.Time) map[string]Amount {
	cost := map[string]Amount{}
	for _, c := range b.Credits {
		cost[c] = 0
	}
	for _, f := range findings {
		if v := b.Judge(f, owned, at); v.Outcome == Charged {
			cost[v.Item.Credit] += v.Item.Price().Ceil()
			owned = append(slices.Clip(owned), Owned{Field: f.Field, Outcome: Charged, At: at})
		}
	}
	return cost
}

// AtMost is what fields cost when every one of them is found, and none is free:
// what a button says before anybody has looked.
func (b *Book) AtMost(fields []string) map[string]Amount {
	findings := make([]Finding, len(fields))
	for n, f := range fields {
		findings[n] = Finding{Field: f, Values: 1}
	}
	return b.Estimate(findings, nil, time.Unix(0, 0))
}

// MaxCombined bounds the fields whose combinations are priced.
const MaxCombined = 6

// Combined prices every combination of fields, so that nobody else adds prices up: a
// group that is paid for once per person costs less than its fields one by one. The key
// of a combination is its fields in the order given, joined by commas.
func Combined[C any](fields []string, price func(fields []string) C) map[string]C {
	fields = fields[:min(len(fields), MaxCombined)]
	all := make(map[string]C, 1<<len(fields))
	for set := 1; set < 1<<len(fields); set++ {
		var chosen []string
		for n, f := range fields {
			if set>>n&1 == 1 {
				chosen = append(chosen, f)
			}
		}
		all[strings.Join(chosen, ",")] = price(chosen)
	}
	return all
}
