package api

import (
	"encoding/json"
	"time"

	"github.com/leadmeter/leadmeter/credits"
)

// Charges are answered by the thousand, so their JSON is appended and not reflected on.
// TestAppendedCharges holds that it is what encoding/json writes.

// appendMembers appends the members of a charge, without the braces around them.
func (c *ChargeOut) appendMembers(b []byte) []byte {
	b = appendText(append(b, `"id":`...), c.ID)
	b = appendText(append(b, `,"entry":`...), c.Entry)
	if b = append(b, `,"member":`...); c.Member == nil {
		b = append(b, "null"...)
	} else {
		b = appendText(b, *c.Member)
	}
	b = appendText(append(b, `,"credit":`...), c.Credit)
	b = c.Amount.AppendText(append(b, `,"amount":`...))
	b = append(c.At.AppendFormat(append(b, `,"at":"`...), time.RFC3339Nano), '"')
	return appendBalance(append(b, `,"balance":`...), c.Balance)
}

func appendBalance(b []byte, x credits.Balance) []byte {
	b = appendQuota(append(b, `{"allowance":`...), x.Allowance)
	b = x.Used.AppendText(append(b, `,"used":`...))
	b = x.Held.AppendText(append(b, `,"held":`...))
	b = appendQuota(append(b, `,"available":`...), x.Available)
	return append(b, '}')
}

func appendQuota(b []byte, q credits.Quota) []byte {
	if q.Unlimited {
		return append(b, "null"...)
	}
	return q.Amount.AppendText(b)
}

// appendText appends a text in quotes. Ids and names of credit types need no escape.
func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			escaped, _ := json.Marshal(text) // a text always encodes
			return append(b, escaped...)
		}
	}
	b = append(append(b, '"'), text...)
	return append(b, '"')
}
