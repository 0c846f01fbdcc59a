package unit

import (
	"strconv"
	"strings"
)

// EntryID is the public id of the ledger entry with this number.
func EntryID(seq int64) string { return "ent_" + strconv.FormatInt(seq, 10) }

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
