package find

import (
	"sync"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// countryTerms are the words of a country's names as words of a place.
func countryTerms(code string) terms {
	var t terms
	for _, name := range lead.CountryNames(code) {
		t.words(ofPlace, name)
	}
	return t
}

// countriesNamed are the codes of the countries with a word in one of their names, by the word as a
// term of a place. People are indexed by the code alone: one term, where the names are up to twelve.
var countriesNamed = sync.OnceValue(func() map[string][]string {
	named := map[string][]string{}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code, ok := lead.Country(string(a) + string(b))
			if !ok || code != string(a)+string(b) {
				continue
			}
			for _, term := range countryTerms(code) {
				named[term] = append(named[term], code)
			}
		}
	}
	return named
})

// placed are the ways in which a word is of a place: in its text, or in a name of its country.
func placed(word string) (any [][]string) {
	term := ofPlace + short(word)
	any = append(any, []string{term})
	for _, code := range countriesNamed()[term] {
		any = append(any, []string{ofCountry + short(code)})
	}
	return any
}
