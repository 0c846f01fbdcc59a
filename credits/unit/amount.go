// Package unit is what a client, the API and the ledger share: amounts of credits, what a
// quota is, the outcomes of fields, and the ids of entries. It imports the standard
// library alone.
package unit

import (
	"errors"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Amount is an exact number of credits, counted in millionths (rule G6): one
// credit is 1_000_000. It is never a float, in memory, in SQL or in JSON.
type Amount int64

// Credit is one whole credit.
const Credit Amount = 1_000_000

// MaxAmount bounds every amount that comes from outside: a billion credits.
// Sums of a few thousand of them still fit an int64.
const MaxAmount = 1_000_000_000 * Credit

var jsonNumber = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

var (
	errAmountForm   = errors.New("must be a number of credits such as 1, 0.25 or 12.5")
	errAmountPlaces = errors.New("must have at most six decimal places")
	errAmountRange  = errors.New("must be at most 1000000000 credits")
)

// ParseAmount reads a decimal number of credits, exactly. The error is a
// sentence fit for a caller.
func ParseAmount(s string) (Amount, error) {
	if a, ok := parsePlain(s); ok {
		return a, nil
	}
	return parseExact(s)
}

// parsePlain reads the usual case, digits with at most six decimals, without
// allocating.
func parsePlain(s string) (Amount, bool) {
	if len(s) == 0 || len(s) > 17 {
		return 0, false
	}
	negative := s[0] == '-'
	if negative {
		s = s[1:]
	}
	whole, decimals, point := strings.Cut(s, ".")
	if whole == "" || len(whole) > 10 || len(decimals) > 6 || point && decimals == "" {
		return 0, false
	}
	var n int64
	for i := range len(whole) {
		if whole[i] < '0' || whole[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(whole[i]-'0')
	}
	for i := range 6 {
		digit := byte('0')
		if i < len(decimals) {
			digit = decimals[i]
		}
		if digit < '0' || digit > '9' {
			return 0, false
		}
		n = n*10 + int64(digit-'0')
	}
	if negative {
		n = -n
	}
	a := Amount(n)
	return a, a <= MaxAmount && a >= -MaxAmount
}

// parseExact reads every other JSON number, 1e2 and 0.10000000 among them, and
// says what is wrong with what is not one.
func parseExact(s string) (Amount, error) {
	if len(s) == 0 || len(s) > 40 || strings.ContainsAny(s, "/_xXpPbBoO") {
		return 0, errAmountForm
	}
	if _, exponent, ok := strings.Cut(strings.ToLower(s), "e"); ok {
		if e, err := strconv.Atoi(exponent); err != nil || e > 30 || e < -30 {
			return 0, errAmountForm
		}
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok || !jsonNumber.MatchString(s) {
		return 0, errAmountForm
	}
	r.Mul(r, big.NewRat(int64(Credit), 1))
	if !r.IsInt() {
		return 0, errAmountPlaces
	}
	if !r.Num().IsInt64() {
		return 0, errAmountRange
	}
	if a := Amount(r.Num().Int64()); a <= MaxAmount && a >= -MaxAmount {
		return a, nil
	}
	return 0, errAmountRange
}

// String writes the amount as the shortest decimal: "1", "0.25", "-3".
func (a Amount) String() string { return string(a.AppendText(nil)) }

// AppendText appends String's result without allocating.
func (a Amount) AppendText(b []byte) []byte {
	n := int64(a)
	if n < 0 {
		b = append(b, '-')
		n = -n
	}
	b = strconv.AppendInt(b, n/int64(Credit), 10)
	rest := n % int64(Credit)
	if rest == 0 {
		return b
	}
	b = append(b, '.')
	for unit := int64(Credit) / 10; rest > 0; unit /= 10 {
		b = append(b, byte('0'+rest/unit))
		rest %= unit
	}
	return b
}

// MarshalJSON writes a JSON number with at most six decimals.
func (a Amount) MarshalJSON() ([]byte, error) { return a.AppendText(nil), nil }

// UnmarshalJSON reads a JSON number exactly, from its text.
func (a *Amount) UnmarshalJSON(b []byte) error {
	if len(b) == 0 || b[0] == '"' {
		return errAmountForm
	}
	v, err := ParseAmount(string(b))
	if err != nil {
		return err
	}
	*a = v
	return nil
}

// UnmarshalText lets an Amount be read from a price book and from a flag.
func (a *Amount) UnmarshalText(b []byte) error {
	v, err := ParseAmount(string(b))
	if err != nil {
		return err
	}
	*a = v
	return nil
}

// Quota is an amount or no limit at all. Its zero value is a quota of none:
// unlimited is always said, never implied by 0.
type Quota struct {
	Amount    Amount
	Unlimited bool
}

// Unlimited is the quota without a limit.
var Unlimited = Quota{Unlimited: true}

// Of makes a limited quota.
func Of(a Amount) Quota { return Quota{Amount: a} }

// Plus adds two quotas; unlimited absorbs everything.
func (q Quota) Plus(o Quota) Quota {
	if q.Unlimited || o.Unlimited {
		return Unlimited
	}
	return Of(q.Amount + o.Amount)
}

// Less reports whether q allows less than o.
func (q Quota) Less(o Quota) bool {
	return !q.Unlimited && (o.Unlimited || q.Amount < o.Amount)
}

// Covers reports whether the quota is enough for a.
func (q Quota) Covers(a Amount) bool { return q.Unlimited || q.Amount >= a }

// Minus takes used amounts off a quota and never goes below none.
func (q Quota) Minus(a Amount) Quota {
	if q.Unlimited {
		return q
	}
	return Of(max(0, q.Amount-a))
}

// String writes the amount or "unlimited".
func (q Quota) String() string { return string(q.AppendText(nil)) }

// AppendText appends String's result without allocating.
func (q Quota) AppendText(b []byte) []byte {
	if q.Unlimited {
		return append(b, "unlimited"...)
	}
	return q.Amount.AppendText(b)
}

// MarshalJSON writes a number, or null for unlimited.
func (q Quota) MarshalJSON() ([]byte, error) {
	if q.Unlimited {
		return []byte("null"), nil
	}
	return q.Amount.MarshalJSON()
}

// UnmarshalJSON reads a number, or null for unlimited.
func (q *Quota) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*q = Unlimited
		return nil
	}
	q.Unlimited = false
	return q.Amount.UnmarshalJSON(b)
}

// Times is the quota so many times; unlimited stays unlimited.
func (q Quota) Times(n int) Quota {
	if q.Unlimited {
		return q
	}
	return Of(q.Amount * Amount(n))
}

// Share is part/total of width, rounded down. Large amounts are scaled first,
// so that nothing multiplies past an int64.
func Share(part, total Amount, width int) int {
	if total <= 0 || part <= 0 {
		return 0
	}
	for total > 1<<50 {
		part, total = part>>1, total>>1
	}
	return int(min(part, total) * Amount(width) / total)
}
