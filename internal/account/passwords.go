package account

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// commonFile lists what guessers try first, one lower-case word a line: the passwords of at
// least ten characters and the bare words of the shorter ones. Its source is named in
// docs/dependencies.md.
//
//go:embed common_passwords.txt.gz
var commonFile []byte

var commonPasswords = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	text, err := gzip.NewReader(bytes.NewReader(commonFile))
	if err != nil {
		panic(err) // it is part of the program
	}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		words[lines.Text()] = true
	}
	if lines.Err() != nil {
		panic(lines.Err())
	}
	return words
})

// maxPassword bounds a password, in characters.
const maxPassword = 200

// checkPassword refuses a password that is too short or too long, that guessers try first,
// or that is little more than one of the words about its owner.
func checkPassword(password string, about ...string) error {
	if err := fault.Length("password", password, 10, maxPassword); err != nil {
		return err
	}
	if isCommon(password) {
		return fault.Wrong("password", "is among the passwords that are guessed first; choose a longer one, such as four words")
	}
	for _, word := range aboutWords(about) {
		if bare := bareWord(plain(password)); bare == bareWord(plain(word)) || joined(bare) == joined(bareWord(plain(word))) {
			return fault.Wrong("password", "is easy to guess from your email address or your workspace’s name; choose another one")
		}
	}
	return nil
}

// aboutWords are the words that a guesser tries for somebody: their address, its parts, the
// workspace's name, and the product's own.
func aboutWords(about []string) []string {
	words := []string{"leadmeter"}
	for _, a := range about {
		local, domain, _ := strings.Cut(a, "@")
		name, _, _ := strings.Cut(domain, ".")
		for _, w := range []string{a, local, domain, name} {
			if len(joined(bareWord(plain(w)))) >= 3 {
				words = append(words, w)
			}
		}
	}
	return words
}

// isCommon reports whether a password is a listed one in some simple dress: in capitals, with
// digits and signs before and after, with 0 for o, or as the same few characters again and again.
func isCommon(password string) bool {
	for _, p := range []string{strings.ToLower(password), plain(password)} {
		for _, form := range []string{p, bareWord(p), period(p), bareWord(period(p)), period(bareWord(p))} {
			if commonPasswords()[form] || len(form) < 4 {
				return true
			}
		}
	}
	return false
}

var dress = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// plain writes a password in small letters, and signs that stand for letters as those,
// but at its end, where they are only added.
func plain(password string) string {
	p := strings.ToLower(password)
	end := strings.TrimRightFunc(p, func(r rune) bool { return !unicode.IsLetter(r) })
	return dress.Replace(end) + p[len(end):]
}

// bareWord is a password without the digits and signs around it.
func bareWord(p string) string {
	return strings.TrimFunc(p, func(r rune) bool { return !unicode.IsLetter(r) })
}

// joined leaves out what stands between words.
func joined(p string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, p)
}

// period is the part that a text repeats to its end, such as abc of abcabca.
func period(p string) string {
	for n := 1; n <= len(p)/2; n++ {
		if strings.HasPrefix(strings.Repeat(p[:n], len(p)/n+1), p) {
			return p[:n]
		}
	}
	return p
}
