package sheet

import (
	"strings"

	"github.com/a-h/templ"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// Said says the outcome of a field.
func Said(c FieldCell) words.Said {
	return words.Field{Outcome: unit.Outcome(c.Outcome), Type: c.Type, Amount: c.Amount, Reason: c.Reason, FreeDays: c.Days}.Said()
}

// badgeLook is how the badge of a field looks; what was paid has its credit type's color.
func badgeLook(c FieldCell) string {
	if look := Said(c).Look; look != words.Paid {
		return look
	}
	return words.Paid + " " + frame.CreditClass(c.Type)
}

// fieldOf finds the cell of a column, so that rows may leave fields out.
func fieldOf(r LeadRow, field string) FieldCell {
	for _, c := range r.Fields {
		if c.Field == field {
			return c
		}
	}
	return FieldCell{Field: field, Label: words.FieldLabel(field)}
}

// isEmail tells which links a value gets.
func isEmail(field string) bool { return strings.HasSuffix(field, "email") }

// valueURL writes a mail to an address, or calls a number.
func valueURL(field, value string) templ.SafeURL {
	if isEmail(field) {
		return templ.URL("mailto:" + value)
	}
	return templ.URL("tel:" + value)
}

// valueText is a value for reading.
func valueText(field, value string) string {
	if isEmail(field) {
		return value
	}
	return lead.PhoneForReading(value)
}

// hiddenText is said in place of a value that is suppressed.
func hiddenText(field string) string {
	if isEmail(field) {
		return "Hidden: this address is on the suppression list."
	}
	return "Hidden: this number is on the suppression list."
}

// cardText is what the card beside a field tells: what it cost and why, or why it cannot be
// unlocked now. What was never asked for has no card.
func cardText(c FieldCell) string {
	switch {
	case c.Unlock != nil && c.Unlock.Blocked != "":
		return c.Unlock.Blocked
	case c.Unlock != nil && len(c.Values) == 0:
		return ""
	case c.Hidden:
		return hiddenText(c.Field)
	}
	return Said(c).Why
}

// atSign parts an address where a line may break.
func atSign(address string) (local, domain string) {
	i := strings.LastIndexByte(address, '@')
	if i < 0 {
		return address, ""
	}
	return address[:i], address[i:]
}

// fieldSentence says the outcome of one field.
func fieldSentence(f capture.FieldAnswer, days int) string {
	return words.FieldLabel(f.Field) + ": " + words.Field{Outcome: f.Outcome, Type: f.Credit, Amount: f.Amount, Reason: unit.Reason{Code: f.Reason, VerifiedAt: f.VerifiedAt}, FreeDays: days}.Said().Why
}
