package credits

import (
	"strings"
	"time"
)

// The reasons why a field was charged that could have been free.
const (
	// ReasonFairUse: the day's free deliveries were used up (rule C13).
	ReasonFairUse = "fair_use"
	// ReasonTooLongAgo: its verification is older than the book's window (rule C5).
	ReasonTooLongAgo = "verified_too_long_ago"
	// ReasonUnknownTime: nobody knows when it was verified (rule C5).
	ReasonUnknownTime = "verified_at_unknown_time"
	// ReasonFetched: a source had to be asked for it, or it was verified again (rule C5).
	ReasonFetched = "fetched"
)

// Reason is why a field was charged that could have been free: a code, and when the value
// was verified where that is the reason. The zero value is none.
type Reason struct {
	Code       string
	VerifiedAt time.Time
}

// reason is why a charged finding is not free by its verification. Only what a book may
// give away has one, so most charges cost nothing more.
func (i *Item) reason(f Finding) Reason {
	switch {
	case i.VerifiedFreeDays == 0 || !f.Verified:
		return Reason{}
	case f.Fetched:
		return Reason{Code: ReasonFetched}
	case f.VerifiedAt.IsZero():
		return Reason{Code: ReasonUnknownTime}
	}
	return Reason{Code: ReasonTooLongAgo, VerifiedAt: f.VerifiedAt.UTC()}
}

// note is a reason as an entry keeps it; Noted reads it.
func (r Reason) note() string {
	if r.VerifiedAt.IsZero() {
		return r.Code
	}
	return r.Code + " " + r.VerifiedAt.Format(time.RFC3339)
}

// Noted parts the note of an entry of a kind and a field into a description, in a
// caller's words, and the reason of a charge that has one: of what was found of a person
// the note is never a caller's.
func Noted(kind, field, note string) (description string, reason Reason) {
	if kind != KindCharge || field == "" {
		return note, Reason{}
	}
	code, at, dated := strings.Cut(note, " ")
	if dated {
		reason.VerifiedAt, _ = time.Parse(time.RFC3339, at) // note wrote it
	}
	reason.Code = code
	return "", reason
}
