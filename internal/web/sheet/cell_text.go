package sheet

import (
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// badge is an outcome in two or three words, and how it looks: paid, free,
// warn or stop.
func badge(c FieldCell) (text, look string) {
	switch c.Outcome {
	case "charged":
		text = frame.Num(c.Amount) + " " + c.Type
		if c.Reason.Code == credits.ReasonFairUse {
			text += " · fair use"
		}
		return text, "paid " + frame.CreditClass(c.Type)
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

// Because explains an outcome in a sentence.
func Because(c FieldCell) string {
	switch c.Outcome {
	case "charged":
		if why := frame.ChargedBecause(c.Reason); why != "" {
			return "Found. Charged " + frame.Num(c.Amount) + " " + c.Type + ": " + why + "."
		}
		return "Found. Charged " + frame.Num(c.Amount) + " " + c.Type + ", once for this person."
	case "not_found":
		return "Nothing was found, so nothing is charged."
	case "same_as_main_line":
		return "This is the company's main line. It is shown without a charge."
	case "verified_in_directory":
		return fmt.Sprintf("Already in the directory and checked in the last %d days. It is free.", c.Days)
	case "not_verified":
		return "The address is not verified. It is shown without a charge."
	case "already_owned":
		return "Your workspace has this already. It is free again."
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

// fieldOf finds the cell of a column, so that rows may leave fields out.
func fieldOf(r LeadRow, field string) FieldCell {
	for _, c := range r.Fields {
		if c.Field == field {
			return c
		}
	}
	return FieldCell{Field: field, Label: frame.FieldLabel(field)}
}

// isEmail tells which links a value gets.
func isEmail(field string) bool { return strings.HasSuffix(field, "email") }

// atSign parts an address where a line may break.
func atSign(address string) (local, domain string) {
	i := strings.LastIndexByte(address, '@')
	if i < 0 {
		return address, ""
	}
	return address[:i], address[i:]
}

// phoneText writes an E.164 number for reading: "+1 415-555-0123".
func phoneText(number string) string {
	n, err := phonenumbers.Parse(number, "")
	if err != nil {
		return number
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// fieldSentence says the outcome of one field.
func fieldSentence(f capture.FieldAnswer, days int) string {
	return frame.FieldLabel(f.Field) + ": " + Because(FieldCell{Field: f.Field, Outcome: string(f.Outcome), Type: f.Credit, Amount: f.Amount, Reason: credits.Reason{Code: f.Reason, VerifiedAt: f.VerifiedAt}, Days: days})
}
