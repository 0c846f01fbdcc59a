package credits

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Price is an exact fraction of a credit, such as 1/3 (rule G6). What it comes
// to in millionths may leave a remainder, which the pool carries to the next
// charge: three charges of 1/3 are exactly one credit.
type Price struct {
	num, den int64 // in millionths of a credit: num/den, in lowest terms, den > 0
}

// ParsePrice reads a decimal or a fraction: "1", "0.33", "1/3".
func ParsePrice(s string) (Price, error) {
	top, bottom, fraction := strings.Cut(strings.TrimSpace(s), "/")
	a, err := ParseAmount(strings.TrimSpace(top))
	if err != nil {
		return Price{}, err
	}
	den := int64(1)
	if fraction {
		den, err = strconv.ParseInt(strings.TrimSpace(bottom), 10, 64)
		if err != nil || den < 1 || den > 1000 {
			return Price{}, fmt.Errorf("the divisor of %q must be a whole number from 1 to 1000", s)
		}
	}
	if a < 0 {
		return Price{}, errors.New("must not be negative")
	}
	return lowest(int64(a), den), nil
}

func lowest(num, den int64) Price {
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	if a == 0 {
		return Price{num: 0, den: 1}
	}
	return Price{num: num / a, den: den / a}
}

// IsZero reports whether the price is nothing.
func (p Price) IsZero() bool { return p.num == 0 }

// Ceil is the most that one charge at this price can take: what a hold sets aside.
func (p Price) Ceil() Amount {
	if p.den == 0 {
		return 0
	}
	return Amount((p.num + p.den - 1) / p.den)
}

// String writes the price as the price book would: "1", "0.1" or "1/3".
func (p Price) String() string {
	if p.den <= 1 {
		return Amount(p.num).String()
	}
	// A fraction of millionths reads best as a fraction of credits.
	credit := lowest(p.num, p.den*int64(Credit))
	return fmt.Sprintf("%d/%d", credit.num, credit.den)
}

// remainder is the part of a millionth that a pool still owes from earlier
// fractional charges; always less than one millionth.
type remainder struct{ num, den int64 }

// take turns the price into millionths: what is charged now, and the remainder
// after it. A remainder with another divisor is brought to a common one; past
// the bound it is dropped in the customer's favour.
func (p Price) take(r remainder) (Amount, remainder) {
	if p.den == 0 {
		return 0, r
	}
	if r.den == 0 {
		r = remainder{0, 1}
	}
	if p.den == 1 {
		return Amount(p.num), r
	}
	const maxDivisor = 1_000_000
	common := lowestCommon(p.den, r.den)
	if common > maxDivisor {
		r, common = remainder{0, 1}, p.den
	}
	// Whole millionths first, so that nothing multiplies past an int64.
	whole := p.num / p.den
	part := (p.num%p.den)*(common/p.den) + r.num*(common/r.den)
	return Amount(whole + part/common), remainder{part % common, common}
}

func lowestCommon(a, b int64) int64 {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	return a / x * b
}
