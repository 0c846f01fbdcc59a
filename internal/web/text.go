package web

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/fault"
)

// num writes an amount for reading, its thousands apart: "12,500.25".
func num(a credits.Amount) string {
	whole, rest, point := strings.Cut(a.String(), ".")
	whole = thousands(whole)
	if point {
		return whole + "." + rest
	}
	return whole
}

// count writes a number for reading: "1,204".
func count(n int) string { return thousands(strconv.Itoa(n)) }

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

// plural writes "1 lead", "1,204 leads".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

// quota writes an amount or "unlimited".
func quota(q credits.Quota) string {
	if q.Unlimited {
		return "unlimited"
	}
	return num(q.Amount)
}

// costText writes amounts with their types: "3 standard + 1 premium", or
// "free" when there is nothing to pay.
func costText(costs []Cost) string {
	var parts []string
	for _, c := range costs {
		if c.Amount != 0 {
			parts = append(parts, num(c.Amount)+" "+c.Type)
		}
	}
	if len(parts) == 0 {
		return "free"
	}
	return strings.Join(parts, " + ")
}

// atMost is the end of a button that can spend (rule U3).
func atMost(costs []Cost) string {
	if t := costText(costs); t != "free" {
		return "at most " + t
	}
	return "free"
}

// creditClass names a credit type's look; types of a custom price book share one.
func creditClass(name string) string {
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
	return creditClass(name)
}

// badge is an outcome in two or three words, and how it looks: paid, free,
// warn or stop.
func badge(c FieldCell) (text, look string) {
	switch c.Outcome {
	case "charged":
		text = num(c.Amount) + " " + c.Type
		if c.Reason == credits.ReasonFairUse {
			text += " · fair use"
		}
		return text, "paid " + creditClass(c.Type)
	case "not_found":
		return "not found · free", "free"
	case "same_as_main_line":
		return "free · main line", "free"
	case "verified_in_directory":
		return "free · verified in directory", "free"
	case "not_verified":
		return "free · not verified", "free"
	case "already_owned":
		return "free · already owned", "free"
	case "suppressed":
		return "withheld · free", "free"
	case "provider_error":
		return "no answer · free", "warn"
	case "insufficient_credits":
		return "not enough credits", "stop"
	case "subscription_cancelled":
		return "subscription cancelled", "stop"
	case "not_allowed":
		return "daily cap reached", "warn"
	case "reported":
		return "reported bad", "warn"
	case "":
		return "not asked", "none"
	}
	return strings.ReplaceAll(c.Outcome, "_", " "), "none"
}

// outcomeName is an outcome as a table's row is called.
func outcomeName(outcome string) string {
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

// pastFairUse is why something was charged that would have been free (rule C13).
const pastFairUse = "fair use, as today's free emails are used up"

// because explains an outcome in a sentence.
func because(c FieldCell) string {
	switch c.Outcome {
	case "charged":
		if c.Reason == credits.ReasonFairUse {
			return "Found. Charged " + num(c.Amount) + " " + c.Type + ": " + pastFairUse + "."
		}
		return "Found. Charged " + num(c.Amount) + " " + c.Type + ", once for this person."
	case "not_found":
		return "Nothing was found, so nothing is charged."
	case "same_as_main_line":
		return "This is the company's main line. It is shown without a charge."
	case "verified_in_directory":
		return "The directory held it, freshly verified. It is free."
	case "not_verified":
		return "The address is not verified. It is shown without a charge."
	case "already_owned":
		return "Your workspace paid for this before. It is free again."
	case "suppressed":
		return "This person asked not to be listed. Nothing is shown or charged."
	case "provider_error":
		return "The source did not answer. Nothing is charged; try again later."
	case "insufficient_credits":
		return "There were not enough credits, so it was not revealed."
	case "subscription_cancelled":
		return "The subscription is cancelled, so it was not revealed."
	case "not_allowed":
		return "The daily cap of the automatic unlock is reached. Its own button still unlocks it."
	case "reported":
		return "Your workspace reported these values as bad. They are not sold to it again."
	}
	return "Nobody has asked for this field yet."
}

// channelName is where something was asked for.
func channelName(channel string) string {
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
	return capital(strings.ReplaceAll(channel, "_", " "))
}

// partName says what a part of an allowance is.
func partName(kind string) string {
	switch kind {
	case "plan":
		return "Plan"
	case "recurring":
		return "Add-on, every period"
	case "once":
		return "Add-on, this period"
	case "rollover":
		return "Carried over"
	}
	return kind
}

// refusalTitle is what happened, in a heading.
func refusalTitle(r Refusal) string {
	switch r.Code {
	case "subscription_cancelled":
		return "The subscription is cancelled"
	case "not_allowed":
		return "You may not do this"
	}
	return "Not enough " + r.Type + " credits"
}

// refusalLimit says which limit stopped it (rule D7).
func refusalLimit(r Refusal) string {
	switch r.LimitedBy {
	case "workspace":
		return "your workspace's allowance"
	case "pool":
		return "the shared pool"
	case "member":
		return "your own limit"
	}
	return ""
}

// refusalAdvice is what to do about it.
func refusalAdvice(r Refusal) string {
	switch {
	case r.Advice != "":
		return r.Advice
	case r.Code == "subscription_cancelled":
		return "What was captured stays readable. Ask your admin to reactivate the subscription."
	case r.Code == "not_allowed":
		return "Ask your admin to allow it."
	}
	ask := "Ask your admin for an add-on or a larger plan"
	switch r.LimitedBy {
	case "member":
		ask = "Ask your admin for a higher limit"
	case "pool":
		ask = "Ask your admin to free credits assigned to others"
	}
	if r.Refills == "" { // waiting would not help
		return ask + "."
	}
	return ask + ", or wait for the refill."
}

// fieldOf finds the cell of a column, so that rows may leave fields out.
func fieldOf(r LeadRow, field string) FieldCell {
	for _, c := range r.Fields {
		if c.Field == field {
			return c
		}
	}
	return FieldCell{Field: field, Label: fieldLabel(field)}
}

func fieldLabel(field string) string {
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

// isEmail tells which links a value gets.
func isEmail(field string) bool { return strings.HasSuffix(field, "email") }

// amountAt reads a row that may be shorter than the head.
func amountAt(list []credits.Amount, i int) credits.Amount {
	if i < len(list) {
		return list[i]
	}
	return 0
}

// phoneText writes an E.164 number for reading: "+1 415-555-0123".
func phoneText(number string) string {
	n, err := phonenumbers.Parse(number, "")
	if err != nil {
		return number
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

func itoa(n int) string { return strconv.Itoa(n) }

func long(n int64) string { return strconv.FormatInt(n, 10) }

// faultText is what an error has to say to people.
func faultText(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Message
	}
	return "The request could not be finished."
}

// capital writes a credit type as the start of a heading.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// atSign parts an address where a line may break.
func atSign(address string) (local, domain string) {
	i := strings.LastIndexByte(address, '@')
	if i < 0 {
		return address, ""
	}
	return address[:i], address[i:]
}
