package words

import "github.com/leadmeter/leadmeter/credits/unit"

// OverLimit says what a limit below what somebody used comes to (rule D4); {limit} stands for it.
func OverLimit(name string, used unit.Amount) string {
	return name + ": " + Num(used) + " used of {limit}, so nothing is left."
}
