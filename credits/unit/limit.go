package unit

import (
	"strings"
	"time"
)

// Modes of an allocation (rule D2).
const (
	FromPool = "pool"     // draws on the pool, first come, first served
	Limited  = "limit"    // draws on the pool, at most the amount a period
	Assigned = "assigned" // the amount is set aside; others cannot use it
)

// Which limit stopped a spending (rule D7).
const (
	ByWorkspace = "workspace" // the allowance itself is used up
	ByPool      = "pool"      // what is left is assigned to other members
	ByMember    = "member"    // the member's own limit or assigned amount
)

// Allocation is what a member may use of a credit type (rule D2). 0 means none;
// no limit is said as FromPool, never as 0.
type Allocation struct {
	Mode   string `json:"mode"`
	Amount Amount `json:"amount"`
}

// Period is a half-open interval: an instant t is in it when Start <= t < End.
type Period struct {
	Start, End time.Time
}

// Contains reports whether t is in the period.
func (p Period) Contains(t time.Time) bool { return !t.Before(p.Start) && t.Before(p.End) }

// Refill is what the end of the period brings to a credit type: the one answer to when
// there is more, for refusals, pages, mails and the API.
type Refill struct {
	At   *time.Time // when there is more; nil: nothing refills by itself
	Ends *time.Time // when a cancelled subscription ends, or ended; nil: it continues
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
