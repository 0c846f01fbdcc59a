package lead

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Line is what the numbering plan says of a telephone number.
type Line string

// The lines. Where a country's plan does not tell mobile and fixed apart, as in
// North America, or a range is too new for the tables, the line is LineUnknown.
const (
	LineMobile  Line = "mobile"
	LineFixed   Line = "fixed"
	LineShared  Line = "shared" // nobody's own: toll-free, premium rate, shared cost, pagers, voicemail
	LineUnknown Line = ""
)

// LineOf tells what line a number in the form of Phone is. It reads tables
// alone and calls nobody; a number that was ported keeps the line of its range.
func LineOf(number string) Line {
	number, _, _ = strings.Cut(number, extension)
	if !isE164(number) {
		return LineUnknown
	}
	parsed, err := phonenumbers.Parse(number, "")
	if err != nil {
		return LineUnknown
	}
	switch phonenumbers.GetNumberType(parsed) {
	case phonenumbers.MOBILE:
		return LineMobile
	case phonenumbers.FIXED_LINE, phonenumbers.VOIP, phonenumbers.UAN:
		return LineFixed
	case phonenumbers.TOLL_FREE, phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST, phonenumbers.PAGER, phonenumbers.VOICEMAIL:
		return LineShared
	}
	return LineUnknown
}
