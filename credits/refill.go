package credits

import (
	"strings"
	"time"
)

// Refill is what the end of the period brings to a credit type: the one answer to when
// there is more, for refusals, pages, mails and the API.
type Refill struct {
	At   *time.Time // when there is more; nil: nothing refills by itself
	Ends *time.Time // when a cancelled subscription ends, or ended; nil: it continues
}

// Refill says when there is more of a credit type.
func (c Current) Refill(credit string) (r Refill) {
	if at := c.CancelsAt.UTC(); !c.CancelsAt.IsZero() {
		r.Ends = &at
	}
	end := c.Period.End.UTC()
	next := c.terms.At(c.Period.End)
	if g := next.granted(credit, 0).Total(); !next.Cancelled && (g.Unlimited || g.Amount > 0) {
		r.At = &end
	}
	return r
}

// Refill is when there is more of any credit type.
func (v *View) Refill() (r Refill) {
	for _, c := range v.Credits {
		if r = c.Refill; r.At != nil {
			return r
		}
	}
	return r
}

// Text is the refill in a sentence without its full stop, in a time zone; empty where
// nothing refills and nothing ends.
func (r Refill) Text(zone *time.Location) string {
	switch {
	case r.At != nil:
		return "Refills " + InstantText(*r.At, zone)
	case r.Ends != nil:
		return "Ends " + InstantText(*r.Ends, zone)
	}
	return ""
}

// InstantText is an instant for reading: "Dec 1, 2026, 00:00 (Berlin)".
func InstantText(at time.Time, zone *time.Location) string {
	name := zone.String()
	name = strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
	return at.In(zone).Format("Jan 2, 2006, 15:04") + " (" + name + ")"
}
