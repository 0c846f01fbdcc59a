package command

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// plural is a number with its noun: "1 row", "12 rows".
func plural[N int | int64](n N, one, many string) string {
	if n == 1 {
		many = one
	}
	return strconv.FormatInt(int64(n), 10) + " " + many
}

// capital begins a text with a capital letter.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
