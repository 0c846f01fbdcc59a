package find

import (
	"strings"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// Query is a search for people. What is empty is not asked for; everything else must hold. Words
// are found as whole words, whatever their case and accents; none of their signs means anything.
type Query struct {
	Text                     string   // words, each in the name, title, company, industry or place, or a company's domain
	Title, Company, Industry string   // words, each in that text
	Place                    string   // words of the place or of a name of the country, or the country's code
	Domains                  []string // one of them
	Seniorities, Functions   []string // one of each
	Sizes                    []string
	Has                      []string // all of these fields, or HasVerifiedEmail
}

// Condition is what a person's terms must be: one of the alternatives in every part, and of that
// alternative every term.
type Condition [][][]string

// Condition is the query's. It is empty for a query that asks for nothing. False: the query asks
// for an address or a number, which no search finds anybody by (rule C13).
func (q Query) Condition() (c Condition, searchable bool) {
	for _, part := range strings.Fields(lead.Fold(q.Text)) {
		if contact(part) {
			return nil, false
		}
		c = append(c, anywhere(part)...)
	}
	c = c[:min(len(c), maxQuery)]
	for _, in := range []struct{ kind, text string }{{ofTitle, q.Title}, {ofCompany, q.Company}, {ofIndustry, q.Industry}} {
		for _, w := range visible(in.text, maxQuery) {
			c = append(c, [][]string{{in.kind + short(w)}})
		}
	}
	c = append(c, inPlace(q.Place)...)
	for _, of := range []struct {
		kind string
		list []string
	}{{ofDomain, q.Domains}, {ofSeniority, q.Seniorities}, {ofFunction, q.Functions}, {ofSize, q.Sizes}} {
		if any := alternatives(of.kind, of.list); len(any) > 0 {
			c = append(c, any)
		}
	}
	for _, h := range q.Has {
		c = append(c, [][]string{{ofHas + h}})
	}
	return c, true
}

// anywhere is a part of the search box: its words, each in any text; or the company's domain.
func anywhere(part string) (c Condition) {
	words := strings.FieldsFunc(part, notOfWord)
	in := func(w string) (any [][]string) {
		for _, kind := range []string{ofName, ofTitle, ofCompany, ofIndustry} {
			any = append(any, []string{kind + short(w)})
		}
		return append(any, placed(w)...)
	}
	if domain, err := lead.Domain(part); err == nil && strings.Contains(part, ".") && len(words) > 1 {
		any := [][]string{{ofDomain + short(domain)}}
		for _, kind := range []string{ofTitle, ofCompany} { // Node.js
			var all []string
			for _, w := range words {
				all = append(all, kind+short(w))
			}
			any = append(any, all)
		}
		return Condition{any}
	}
	for _, w := range words {
		c = append(c, in(w))
	}
	return c
}

// inPlace is a place. A code of two or three letters may be a word of it too: "CA" is Canada, and
// California behind a city.
func inPlace(text string) (c Condition) {
	for _, w := range visible(text, maxQuery) {
		c = append(c, placed(w))
	}
	if code, ok := lead.Country(text); ok && len(c) == 1 {
		c[0] = append(c[0], []string{ofCountry + short(code)})
	}
	return c
}

func alternatives(kind string, list []string) (any [][]string) {
	for _, text := range list {
		if kind == ofDomain {
			if domain, err := lead.Domain(text); err == nil {
				text = domain
			}
		}
		if text = strings.TrimSpace(text); text != "" {
			any = append(any, []string{kind + short(text)})
		}
	}
	return any
}
