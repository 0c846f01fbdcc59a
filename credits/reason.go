package credits

import (
	"strings"
	"time"
)

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

// noteOf is a reason as an entry keeps it; Noted reads it.
func noteOf(r Reason) string {
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
		reason.VerifiedAt, _ = time.Parse(time.RFC3339, at) // noteOf wrote it
	}
	reason.Code = code
	return "", reason
}
