package credits

import "github.com/leadmeter/leadmeter/credits/unit"

// What the ledger shares with clients is package unit's; it is named here too, so that
// a program that meters imports one package.
type (
	// Amount is an exact number of credits, in millionths.
	Amount = unit.Amount
	// Quota is an amount or no limit at all.
	Quota = unit.Quota
	// Outcome is what a field came to, and why (rule C10).
	Outcome = unit.Outcome
	// Balance is one credit type of one period.
	Balance = unit.Balance
	// Period is a half-open interval.
	Period = unit.Period
	// Refill is what the end of the period brings to a credit type.
	Refill = unit.Refill
	// Allocation is what a member may use of a credit type (rule D2).
	Allocation = unit.Allocation
	// Reason is why a field was charged that could have been free.
	Reason = unit.Reason
)

// Modes of an allocation (rule D2).
const (
	FromPool = unit.FromPool
	Limited  = unit.Limited
	Assigned = unit.Assigned
)

// The reasons why a field was charged that could have been free.
const (
	ReasonFairUse     = unit.ReasonFairUse
	ReasonTooLongAgo  = unit.ReasonTooLongAgo
	ReasonUnknownTime = unit.ReasonUnknownTime
	ReasonFetched     = unit.ReasonFetched
)

// Kinds of ledger entries (rule S2).
const (
	KindCharge  = unit.KindCharge
	KindFree    = unit.KindFree
	KindHold    = unit.KindHold
	KindRelease = unit.KindRelease
	KindRefund  = unit.KindRefund
	KindGrant   = unit.KindGrant
)

// What becomes of a report (rule C11).
const (
	Refunded = unit.Refunded
	Closed   = unit.Closed
	Review   = unit.Review
	Declined = unit.Declined
)

// Credit is one whole credit; MaxAmount bounds every amount from outside.
const (
	Credit    = unit.Credit
	MaxAmount = unit.MaxAmount
)

// Unlimited is the quota without a limit.
var Unlimited = unit.Unlimited

// The outcomes of rule C10.
const (
	Charged             = unit.Charged
	NotFound            = unit.NotFound
	SameAsMainLine      = unit.SameAsMainLine
	VerifiedInDirectory = unit.VerifiedInDirectory
	NotVerified         = unit.NotVerified
	AlreadyOwned        = unit.AlreadyOwned
	Suppressed          = unit.Suppressed
	ProviderError       = unit.ProviderError
	InsufficientCredits = unit.InsufficientCredits
	CancelledOutcome    = unit.CancelledOutcome
	NotAllowedOutcome   = unit.NotAllowedOutcome
)

// FreeOutcomes are those that cost nothing and are recorded.
var FreeOutcomes = unit.OutcomesThat(unit.Outcome.Free)

// ParseAmount reads a decimal number of credits, exactly. The error is a sentence fit
// for a caller.
func ParseAmount(s string) (Amount, error) { return unit.ParseAmount(s) }

// Of makes a limited quota.
func Of(a Amount) Quota { return unit.Of(a) }

// EntryID is the public id of the ledger entry with this number.
func EntryID(seq int64) string { return unit.EntryID(seq) }

// EntrySeq reads an EntryID; false: it is not one.
func EntrySeq(id string) (int64, bool) { return unit.EntrySeq(id) }
