package words

import "github.com/leadmeter/leadmeter/credits/unit"

// OverLimit says what a limit that is not above what somebody used comes to (rule D4); {limit} is its place.
func OverLimit(used unit.Amount) string {
	return Num(used) + " used of {limit}, so nothing is left."
}
