package unit

import (
	"strconv"
	"strings"
)

// Kinds of ledger entries (rule S2).
const (
	KindCharge  = "charge"  // credits spent
	KindFree    = "free"    // amount 0; the outcome says why
	KindHold    = "hold"    // credits set aside
	KindRelease = "release" // credits given back from a hold
	KindRefund  = "refund"  // credits given back from a charge
	KindGrant   = "grant"   // the allowance of the period that runs changed
)

// EntryID is the public id of the ledger entry with this number.
func EntryID(seq int64) string {
	return string(strconv.AppendInt(append(make([]byte, 0, 24), "ent_"...), seq, 10))
}

// EntrySeq reads an EntryID; false: it is not one.
func EntrySeq(id string) (int64, bool) {
	digits, ok := strings.CutPrefix(id, "ent_")
	if !ok {
		return 0, false
	}
	seq, err := strconv.ParseInt(digits, 10, 64)
	return seq, err == nil && seq > 0
}

// Balance is one credit type of one period: Allowance = Used + Held + Available
// (rule S3).
type Balance struct {
	Allowance Quota  `json:"allowance"`
	Used      Amount `json:"used"`
	Held      Amount `json:"held"`
	Available Quota  `json:"available"`
}
