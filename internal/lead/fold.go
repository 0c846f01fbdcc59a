package lead

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxFold bounds a folded text, in bytes: it stands in indexes.
const maxFold = 240

// Fold is a text as it is sorted by and searched in: lower case, without accents,
// compatibility forms written plainly, one space between words, at most 240
// bytes. Texts that a reader takes for the same word fold to the same bytes more
// often than not; it is no key that says who somebody is.
func Fold(s string) string {
	s = cut(s, 4*maxFold) // what is longer is cut below anyway; normalising is not free
	if isASCII(s) {
		return cut(strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r <= ' ' || r == 0x7f }), " "), maxFold)
	}
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r), r == utf8Error:
			return -1
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
	return cut(strings.Join(strings.Fields(plain), " "), maxFold)
}

const utf8Error = '\uFFFD'
