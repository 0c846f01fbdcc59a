package unit

import "time"

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

// What becomes of a report (rule C11).
const (
	Refunded = "refunded" // the credit went back to the period that paid
	Closed   = "closed"   // that period is over: the value is marked, nothing goes back
	Review   = "review"   // more was reported than the book allows: the operator decides
	Declined = "declined" // the operator decided against it
)
