package frame

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
)

// Num writes an amount for reading, its thousands apart: "12,500.25".
func Num(a credits.Amount) string {
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
func Quota(q credits.Quota) string {
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

// AtMost is the end of a button that can spend (rule U3).
func AtMost(costs []Cost) string {
	if t := CostText(costs); t != "free" {
		return "at most " + t
	}
	return "free"
}

// CreditClass names a credit type's look; types of a custom price book share one.
func CreditClass(name string) string {
	switch name {
	case "standard", "premium":
		return name
	}
	return "other"
}

// amountClass is creditClass, or the quiet look for nothing.
func amountClass(name string, a credits.Amount) string {
	if a == 0 {
		return "none"
	}
	return CreditClass(name)
}

// OutcomeName is an outcome as a table's row is called.
func OutcomeName(outcome string) string {
	switch outcome {
	case "charged":
		return "Charged"
	case "not_found":
		return "Not found"
	case "same_as_main_line":
		return "Same as the company's main line"
	case "verified_in_directory":
		return "Verified in the directory already"
	case "not_verified":
		return "Email not verified"
	case "already_owned":
		return "Already owned"
	case "suppressed":
		return "Withheld"
	case "provider_error":
		return "Provider did not answer"
	case "insufficient_credits":
		return "Refused: not enough credits"
	case "subscription_cancelled":
		return "Refused: subscription cancelled"
	case "not_allowed":
		return "Not unlocked: daily cap reached"
	case "reported":
		return "Reported as bad"
	case "bounced":
		return "Given back: the email bounced"
	case "wrong_number":
		return "Given back: a wrong number"
	case "wrong_person":
		return "Given back: another person's data"
	}
	return strings.ReplaceAll(outcome, "_", " ")
}

// ChargedBecause is why something was charged that could have been free (rules C5 and
// C13), to follow a colon; empty: there is no special reason.
func ChargedBecause(r credits.Reason) string {
	switch r.Code {
	case credits.ReasonFairUse:
		return "fair use, as today's free emails are used up"
	case credits.ReasonTooLongAgo:
		return "last verified on " + r.VerifiedAt.Format("2 Jan 2006") + ", too long ago to be free"
	case credits.ReasonUnknownTime:
		return "verified, but nobody knows when"
	case credits.ReasonFetched:
		return "fetched or verified for this request"
	}
	return ""
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

// Itoa writes a number for an attribute.
func Itoa(n int) string { return strconv.Itoa(n) }

// Itoa64 writes a number for an attribute.
func Itoa64(n int64) string { return strconv.FormatInt(n, 10) }

// FaultText is what an error has to say to people.
func FaultText(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Message
	}
	return "The request could not be finished."
}

// Capital writes a credit type as the start of a heading.
func Capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// RefusalText is a refusal in a sentence; false: the error is none.
func RefusalText(err error) (string, bool) {
	var r *credits.Refusal
	if errors.As(account.FromRefusal(err), &r) {
		return r.Message, true
	}
	return "", false
}

// NameOr is the name of an id, or the id where none is known.
func NameOr(names map[string]string, id string) string {
	if names[id] != "" {
		return names[id]
	}
	return id
}

// ErrorText is what may be shown of a fault.
func ErrorText(err error) string {
	var f *fault.Error
	if errors.As(account.FromRefusal(err), &f) {
		return f.Message
	}
	return "It could not be done."
}

// LeadID is the id of the lead of a person.
func LeadID(person string) string { return ident.Lead(person) }

// BulkPath is the page of a bulk capture.
func BulkPath(id string) string { return "/bulk/" + url.PathEscape(id) }

// SavedText writes what was saved, or a dash for nothing.
func SavedText(saved []Cost) string {
	for _, c := range saved {
		if c.Amount > credits.Amount(0) {
			return CostText(saved)
		}
	}
	return "–"
}
