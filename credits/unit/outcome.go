package unit

// Outcome is the outcome of a field, and why (rule C10).
type Outcome string

// The outcomes of rule C10. The first is paid, the next are free, the last are
// refused.
const (
	Charged             Outcome = "charged"
	NotFound            Outcome = "not_found"
	SameAsMainLine      Outcome = "same_as_main_line"
	VerifiedInDirectory Outcome = "verified_in_directory"
	NotVerified         Outcome = "not_verified"
	AlreadyOwned        Outcome = "already_owned"
	Suppressed          Outcome = "suppressed"
	ProviderError       Outcome = "provider_error"
	InsufficientCredits Outcome = "insufficient_credits"
	CancelledOutcome    Outcome = "subscription_cancelled"
	NotAllowedOutcome   Outcome = "not_allowed"
)

// Outcomes are all of them.
var Outcomes = []Outcome{Charged, NotFound, SameAsMainLine, VerifiedInDirectory, NotVerified, AlreadyOwned, Suppressed, ProviderError,
	InsufficientCredits, CancelledOutcome, NotAllowedOutcome}

// OutcomesThat are those of which something is true: OutcomesThat(Outcome.Free) cost nothing and
// are recorded.
func OutcomesThat(is func(Outcome) bool) (list []Outcome) {
	for _, o := range Outcomes {
		if is(o) {
			list = append(list, o)
		}
	}
	return list
}

// Free reports whether the outcome costs nothing and is recorded.
func (o Outcome) Free() bool {
	switch o {
	case NotFound, SameAsMainLine, VerifiedInDirectory, NotVerified, AlreadyOwned, Suppressed, ProviderError:
		return true
	}
	return false
}

// Delivers reports whether the field's values may be shown.
func (o Outcome) Delivers() bool {
	switch o {
	case Charged, SameAsMainLine, VerifiedInDirectory, NotVerified, AlreadyOwned:
		return true
	}
	return false
}

// Owns reports whether the outcome makes the field the workspace's own (rule C6).
func (o Outcome) Owns() bool { return o == Charged || o == VerifiedInDirectory }

// Saves reports whether the outcome spared the workspace a charge for data that
// it got: what the free rules saved (rule S1). Not finding saves nothing.
func (o Outcome) Saves() bool {
	return o == SameAsMainLine || o == VerifiedInDirectory || o == AlreadyOwned
}

// Metered reports whether a delivery counts on the day's meter of free deliveries.
func (o Outcome) Metered() bool { return o == VerifiedInDirectory || o == NotVerified }
