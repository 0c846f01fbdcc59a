package lead

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/language"
)

// maxPhone bounds a written telephone number, in bytes. The longest real ones,
// with an extension spelled out, stay under half of it.
const maxPhone = 128

// extension stands between a number and its extension, as in RFC 3966.
const extension = ";ext="

// Phone brings a telephone number into E.164, followed by ";ext=" and the
// extension where it has one: "(202) 224-3121 x12" in US is
// "+12022243121;ext=12". A number without a country code is read as one of
// country, an ISO 3166 code; country may be empty when the number has its own.
//
// It asks whether the number's length is possible, not whether the range has
// been given out: ranges open faster than anybody's tables, and a number
// refused here would be lost. Numbers that can be dialled only from within
// their own town are refused, as nobody elsewhere could call them.
func Phone(raw, country string) (string, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return "", errors.New("the phone number is empty")
	}
	region, known := Country(country)
	if country != "" && !known {
		country = ""
	}
	number, ok := dial(raw, region)
	if ok && number != raw {
		// A few national rules rewrite digits, and would do it again at the
		// next reading: such a number has no one form, so it could not be compared.
		again, same := dial(number, region)
		ok = same && again == number
	}
	switch {
	case ok:
		return number, nil
	case region != "":
		return "", fmt.Errorf("%q is not a phone number in %s", clip(raw), region)
	case strings.HasPrefix(raw, "+"):
		return "", fmt.Errorf("%q is not a phone number", clip(raw))
	}
	return "", fmt.Errorf("%q is not a phone number with a country code, and no country is given", clip(raw))
}

// dial is one reading of a number.
func dial(raw, region string) (string, bool) {
	if len(raw) > maxPhone {
		return "", false
	}
	number, err := phonenumbers.Parse(raw, region)
	if err != nil || phonenumbers.IsPossibleNumberWithReason(number) != phonenumbers.IS_POSSIBLE {
		return "", false
	}
	e164 := phonenumbers.Format(number, phonenumbers.E164)
	if !isE164(e164) { // some countries' tables allow more than its 15 digits
		return "", false
	}
	if ext := phonenumbers.NormalizeDigitsOnly(number.GetExtension()); ext != "" {
		e164 += extension + ext
	}
	return e164, true
}

// line is the number that is dialled before any extension, in E.164, or empty
// where there is none.
func line(value, country string) string {
	number, _, _ := strings.Cut(value, extension)
	if isE164(number) {
		return number
	}
	number, err := Phone(value, country)
	if err != nil {
		return ""
	}
	number, _, _ = strings.Cut(number, extension)
	return number
}

func isE164(s string) bool {
	if len(s) < 3 || len(s) > 16 || s[0] != '+' || s[1] == '0' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Country reads an ISO 3166 code of two or three letters, in any case, as the
// two letters: "usa" is "US". False means that it names no country.
func Country(raw string) (string, bool) {
	raw = strings.TrimSpace(raw)
	if len(raw) != 2 && len(raw) != 3 {
		return "", false
	}
	region, err := language.ParseRegion(raw)
	if err != nil {
		return "", false
	}
	region = region.Canonicalize()
	if !region.IsCountry() || len(region.String()) != 2 {
		return "", false
	}
	return region.String(), true
}
