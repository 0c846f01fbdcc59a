package words

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/leadmeter/leadmeter/credits/unit"
)

// Cost is an amount of one credit type.
type Cost struct {
	Type   string      // "standard", "premium", …
	Amount unit.Amount // how many credits
}

// Num writes an amount for reading, its thousands apart: "12,500.25".
func Num(a unit.Amount) string {
	whole, rest, point := strings.Cut(a.String(), ".")
	whole = thousands(whole)
	if point {
		return whole + "." + rest
	}
	return whole
}

// Count writes a number for reading: "1,204".
func Count(n int) string { return thousands(strconv.Itoa(n)) }

func thousands(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Plural writes "1 lead", "1,204 leads".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Quota writes an amount or "unlimited".
func Quota(q unit.Quota) string {
	if q.Unlimited {
		return "unlimited"
	}
	return Num(q.Amount)
}

// CostText writes amounts with their types: "3 standard + 1 premium", or
// "free" when there is nothing to pay.
func CostText(costs []Cost) string {
	var parts []string
	for _, c := range costs {
		if c.Amount != 0 {
			parts = append(parts, Num(c.Amount)+" "+c.Type)
		}
	}
	if len(parts) == 0 {
		return "free"
	}
	return strings.Join(parts, " + ")
}

// ChargedText is what was paid, to follow a colon or a comma: "charged 2 standard", or "free".
func ChargedText(costs []Cost) string {
	if t := CostText(costs); t != "free" {
		return "charged " + t
	}
	return "free"
}

// AtMost is the end of a button that can spend (rule U3).
func AtMost(costs []Cost) string {
	if t := CostText(costs); t != "free" {
		return "at most " + t
	}
	return "free"
}

// ChannelName is where something was asked for.
func ChannelName(channel string) string {
	switch channel {
	case "":
		return ""
	case "api":
		return "API"
	case "page":
		return "Capture page"
	case "sheet":
		return "Lead sheet"
	}
	return Capital(strings.ReplaceAll(channel, "_", " "))
}

// FieldLabel is a field's name for reading: "Work email".
func FieldLabel(field string) string {
	switch field {
	case "work_email":
		return "Work email"
	case "work_phone":
		return "Work phone"
	case "personal_email":
		return "Personal email"
	case "mobile_phone":
		return "Mobile"
	}
	return strings.ReplaceAll(field, "_", " ")
}

// Capital writes a credit type as the start of a heading.
func Capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// SavedText writes what was saved, or a dash for nothing.
func SavedText(saved []Cost) string {
	for _, c := range saved {
		if c.Amount > unit.Amount(0) {
			return CostText(saved)
		}
	}
	return "–"
}
