// Package find says by which words people are found, of what is free to see: names, titles,
// companies and places, never contact data (rule C13). A person is a set of terms, a search a
// condition on them; both engines keep terms in a full-text index and compare them as they are.
//
// It is pure: it reads no clock and does no I/O.
package find

import (
	"slices"
	"strings"
	"unicode"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// Kinds of terms: a term is its kind and what it says.
const (
	ofName      = "n"
	ofTitle     = "t"
	ofCompany   = "c"
	ofDomain    = "d"
	ofPlace     = "p"
	ofIndustry  = "i"
	ofSeniority = "s"
	ofFunction  = "f"
	ofSize      = "z"
	ofHas       = "h"
	ofCountry   = "o"
)

// HasVerifiedEmail may be asked for beside the fields.
const HasVerifiedEmail = "verified_email"

// Bounds of what is indexed of a text and read of a search.
const (
	maxWords   = 12
	maxQuery   = 8
	maxWord    = 48 // bytes
	leastPhone = 6  // digits in a row that may be somebody's number
)

// Terms are a person's, each once.
func Terms(p lead.Person) []string {
	var t terms
	t.words(ofName, p.Name())
	t.words(ofTitle, p.Title)
	t.words(ofCompany, p.Company)
	t.words(ofPlace, p.Location)
	if code, ok := lead.Country(p.Country); ok {
		t.add(ofCountry, code) // its names are looked up by who searches: see countriesOf
	}
	t.words(ofIndustry, p.Industry)
	t.add(ofDomain, p.CompanyDomain)
	seniority, function := Title(p.Title)
	t.add(ofSeniority, seniority)
	t.add(ofFunction, function)
	t.add(ofSize, Size(p.CompanySize))
	for _, v := range p.Values {
		if !v.Reaches() {
			continue
		}
		t.add(ofHas, string(v.Field))
		if v.Field == lead.WorkEmail && v.Status == lead.Verified && !v.Mailbox.Shared() {
			t.add(ofHas, HasVerifiedEmail)
		}
	}
	return t
}

type terms []string

func (t *terms) add(kind, text string) {
	if text == "" {
		return
	}
	if term := kind + short(text); !slices.Contains(*t, term) {
		*t = append(*t, term)
	}
}

func (t *terms) words(kind, text string) {
	for _, w := range visible(text, maxWords) {
		t.add(kind, w)
	}
}

// visible are the words of a text, without what may be an address or a number: contact data that
// is in a name or a title is not found either.
func visible(text string, most int) (words []string) {
	for _, part := range strings.Fields(lead.Fold(text)) {
		if contact(part) {
			continue
		}
		for _, w := range strings.FieldsFunc(part, notOfWord) {
			if words = append(words, w); len(words) == most {
				return words
			}
		}
	}
	return words
}

func contact(part string) bool {
	digits := 0
	for _, r := range part {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return strings.Contains(part, "@") || digits >= leastPhone
}

func notOfWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }

// short cuts what is longer than an index should hold, and writes a line for a sign at which one
// of the engines would part it. What is asked for is written alike.
func short(text string) string {
	if text = strings.ToValidUTF8(text, "_"); len(text) > maxWord {
		text = strings.ToValidUTF8(text[:maxWord], "") // without the part of a sign at its end
	}
	return strings.Map(func(r rune) rune {
		if r < 0x80 && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".-_+", r) {
			return '_'
		}
		return r
	}, strings.ToLower(text))
}
