package lead

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// PhoneForReading is an E.164 number as pages write it: "+1 415-555-0123".
func PhoneForReading(number string) string {
	parsed, err := phonenumbers.Parse(number, "")
	if err != nil {
		return number
	}
	return phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL)
}

// PhoneText is a phone number in groups with spaces alone, "+1 415 555 0100": as people
// read it, and as no spreadsheet takes it for a number or a formula. An extension keeps
// its form, ";ext=12".
func PhoneText(number string) string {
	number, extension, _ := strings.Cut(number, ";ext=")
	if parsed, err := phonenumbers.Parse(number, ""); err == nil {
		number = strings.ReplaceAll(phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL), "-", " ")
	}
	if extension != "" {
		number += ";ext=" + extension
	}
	return number
}
