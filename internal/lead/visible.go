package lead

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Visible is a text that compares by its characters, an address or a number,
// without those that nobody sees: marks of direction, zero-width spaces, joiners
// and byte order marks. Space around it goes too.
func Visible(s string) string {
	if !isASCII(s) && strings.ContainsFunc(s, invisible) {
		s = strings.Map(func(r rune) rune {
			if invisible(r) {
				return -1
			}
			return r
		}, s)
	}
	return strings.TrimSpace(s)
}

func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r)
}

// plainDigits writes full-width characters, every script's digits and every kind
// of dash and space as ASCII has them.
func plainDigits(s string) string {
	s = Visible(s)
	if isASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Nd, r):
			return '0' + digitOf(r)
		case unicode.Is(unicode.Pd, r), r == '\u2212', r == 'ー':
			return '-'
		case unicode.Is(unicode.Zs, r):
			return ' '
		case r == '、':
			return ','
		case r == '\u2044', r == '\u2215':
			return '/'
		}
		return r
	}, norm.NFKC.String(strings.ToValidUTF8(s, " ")))
}

// digitOf is the value of a decimal digit. The digits of a script stand in order,
// ten at a time.
func digitOf(r rune) rune {
	for _, set := range unicode.Nd.R16 {
		if lo := rune(set.Lo); r >= lo && r <= rune(set.Hi) {
			return (r - lo) % 10
		}
	}
	for _, set := range unicode.Nd.R32 {
		if lo := rune(set.Lo); r >= lo && r <= rune(set.Hi) {
			return (r - lo) % 10
		}
	}
	return 0
}
