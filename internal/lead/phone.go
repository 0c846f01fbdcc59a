package lead

import (
	"errors"
	"fmt"
	"strconv"
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
// Words beside the number, invisible characters and a spreadsheet's ".0" do not
// matter. Two numbers are an error: see Phones.
//
// It asks whether the number's length is possible, not whether the range has
// been given out: ranges open faster than anybody's tables, and a number
// refused here would be lost. What can be no number anywhere is refused: one
// digit throughout, digits in order, a North American area code that begins with
// 0 or 1. So are numbers that can be dialled only from within their own town, as
// nobody elsewhere could call them.
func Phone(raw, country string) (string, error) {
	region, known := Country(country)
	if number, ok := quick(raw, region); ok {
		return number, nil
	}
	if !known {
		region = ""
	}
	var found []string
	for _, s := range spoken(raw) {
		number, err := s.number(region)
		if err != nil {
			return "", err
		}
		found = append(found, number)
	}
	switch len(found) {
	case 0:
		return "", noPhone(raw, region)
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%q has more than one phone number", clip(raw))
}

// quick reads what Phone returned before.
func quick(raw, region string) (string, bool) {
	if !isE164(raw) || strings.HasPrefix(raw, "+52") {
		return "", false
	}
	number, is := parse(raw, region)
	return number, is == dialable && number == raw
}

// Number is one telephone number of a text that may have several.
type Number struct {
	Value string // as by Phone
	Kind  string // the word beside it, in English: mobile, home, work, main; empty: none is known
}

// Phones reads every telephone number of a text, such as a cell of a spreadsheet:
// "O: 044 123 45 67/68, M 079 123 45 67" in CH has three. Each error is the
// reason why something that looks like a number is left out. A fax is one of
// them. A text without a number is an error, too; an empty one is nothing.
func Phones(raw, country string) (numbers []Number, left []error) {
	region, known := Country(country)
	if number, ok := quick(raw, region); ok {
		return []Number{{Value: number}}, nil
	}
	if !known {
		region = ""
	}
	if strings.TrimSpace(raw) == "" {
		return nil, nil
	}
	for _, s := range spoken(raw) {
		if s.kind == "fax" {
			left = append(left, fmt.Errorf("%q is a fax number", clip(s.text)))
			continue
		}
		number, err := s.number(region)
		if err != nil {
			left = append(left, err)
			continue
		}
		numbers = append(numbers, Number{number, s.kind})
	}
	if len(numbers) == 0 && len(left) == 0 {
		left = []error{noPhone(raw, region)}
	}
	return numbers, left
}

func noPhone(raw, region string) error {
	raw = strings.TrimSpace(raw)
	switch {
	case raw == "":
		return errors.New("the phone number is empty")
	case region != "":
		return fmt.Errorf("%q is not a phone number in %s", clip(raw), region)
	case strings.HasPrefix(raw, "+"):
		return fmt.Errorf("%q is not a phone number", clip(raw))
	}
	return fmt.Errorf("%q is not a phone number with a country code, and no country is given", clip(raw))
}

// number is the normal form of what was said.
func (s *said) number(region string) (string, error) {
	if s.wrong != "" {
		return "", fmt.Errorf("%q %s", clip(s.text), s.wrong)
	}
	number, is := "", undialable
	switch {
	case len(s.digits) > 20:
	case fictive(strings.TrimPrefix(s.digits, "+")):
		is = invented
	default:
		number, is = dial(s.digits, region)
	}
	switch is {
	case invented:
		return "", fmt.Errorf("%q is a placeholder and not a phone number", clip(s.text))
	case undialable:
		return "", noPhone(s.text, region)
	}
	if s.ext != "" {
		number += extension + s.ext
	}
	return number, nil
}

// reading is what digits come to.
type reading int

const (
	undialable reading = iota
	invented           // can belong to nobody
	dialable
)

// dial is the E.164 form of digits with or without a plus. The international
// prefix 00 of most countries is read in all of them: no national number begins so.
func dial(digits, region string) (string, reading) {
	if rest, found := strings.CutPrefix(digits, "00"); found && len(rest) > 6 {
		if number, is := parse("+"+rest, region); is == dialable {
			return number, is
		}
	}
	if region == "MX" || strings.HasPrefix(digits, "+52") {
		digits = mexican(digits)
	}
	if code := phonenumbers.GetCountryCodeForRegion(region); code != 0 && strings.HasPrefix(digits, strconv.Itoa(code)) {
		if number, is := withCode(digits, region); is == dialable {
			return number, is
		}
	}
	return parse(digits, region)
}

// withCode reads a number that has its country's code and no plus, as spreadsheets
// that take it for a number leave it: 4915112345678. Where national numbers begin
// with 0, one without is read so if that is a number that is given out. Elsewhere
// it must be no national one as well.
func withCode(digits, region string) (string, reading) {
	international, err := phonenumbers.Parse("+"+digits, "")
	if err != nil || !phonenumbers.IsValidNumber(international) {
		return "", undialable
	}
	national, err := phonenumbers.Parse(digits, region)
	if err == nil && phonenumbers.GetNddPrefixForRegion(region, true) != "0" && len(phonenumbers.GetNationalSignificantNumber(national)) == len(digits) && phonenumbers.IsValidNumber(national) {
		return "", undialable
	}
	return parse("+"+digits, "")
}

func parse(digits, region string) (string, reading) {
	number, err := phonenumbers.Parse(digits, region)
	if err != nil {
		return "", undialable
	}
	if unassigned(number) {
		return "", invented
	}
	if phonenumbers.IsPossibleNumberWithReason(number) != phonenumbers.IS_POSSIBLE {
		return "", undialable
	}
	e164 := phonenumbers.Format(number, phonenumbers.E164)
	if !isE164(e164) { // some countries' tables allow more than its 15 digits
		return "", undialable
	}
	if e164 != digits {
		// A few national rules rewrite digits, and would do it again at the
		// next reading: such a number has no one form, so it could not be compared.
		if again, is := parse(e164, region); is != dialable || again != e164 {
			return "", undialable
		}
	}
	return e164, dialable
}

// mexican takes out the 1 that was dialled before mobile numbers until 2019, and
// the prefixes 01, 044 and 045 of that time. A number has ten digits.
func mexican(digits string) string {
	if rest, found := strings.CutPrefix(digits, "+521"); found && len(rest) == 10 {
		return "+52" + rest
	}
	for _, prefix := range []string{"52", "521", "01", "044", "045", "1"} {
		if rest, found := strings.CutPrefix(digits, prefix); found && len(rest) == 10 {
			return "+52" + rest
		}
	}
	return digits
}

// inOrder are the digits as people type them to fill a field.
const inOrder = "01234567890123456789"
const inReverse = "98765432109876543210"

// fictive tells digits that nobody has for a number: one throughout, or all in order.
func fictive(digits string) bool {
	if len(digits) < 3 {
		return false
	}
	return strings.Trim(digits, digits[:1]) == "" || strings.Contains(inOrder, digits) || strings.Contains(inReverse, digits)
}

// unassigned tells numbers that can belong to nobody. In the North American plan
// area codes and exchanges begin with 2 to 9, x11 are services, and x9x are kept
// for longer numbers.
func unassigned(number *phonenumbers.PhoneNumber) bool {
	national := phonenumbers.GetNationalSignificantNumber(number)
	if fictive(national) {
		return true
	}
	if number.GetCountryCode() != 1 || len(national) != 10 {
		return false
	}
	return national[0] < '2' || national[3] < '2' || national[1:3] == "11" || national[1] == '9'
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
