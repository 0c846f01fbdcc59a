package lead

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

//go:embed companies.txt
var companiesText string

var (
	companyWords = listsOf(companiesText)
	legalForms   = companyWords["form"]
)

// CompanyKey is the first of CompanyKeys, or empty where there is none.
func CompanyKey(name string) string {
	if keys := CompanyKeys(name); len(keys) > 0 {
		return keys[0]
	}
	return ""
}

// CompanyKeys brings a company's name into the forms in which companies compare:
// as NameKeys does, without its legal form, a leading "the" and what stands in
// brackets. "The Acme Co., Ltd." is "acme", "株式会社クオン" is "クオン". The second form
// has ae, oe and ue for umlauts.
func CompanyKeys(name string) []string {
	name = cut(name, maxName)
	keys := oneKey(companyKey(name))
	if isASCII(name) {
		return keys
	}
	if digraphs := umlauts.Replace(name); digraphs != name {
		if key := companyKey(digraphs); key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

var companyAside = regexp.MustCompile(`\s*[(\[][^)\]]*[)\]]\s*`)

func companyKey(name string) string {
	if strings.ContainsAny(name, "([") {
		if rest := companyAside.ReplaceAllString(name, " "); len(foldWords(unglue(rest))) > 0 && len(foldWords(rest)) > 0 {
			name = rest
		}
	}
	words := foldWords(strings.ReplaceAll(unglue(name), "&", " and "))
	words = pairUp(words, "z", "oo")
	words = bounded(joinInitials(words))
	for len(words) > 1 && (words[0] == "the" || companyWords["before"][words[0]]) {
		words = words[1:]
	}
	for len(words) > 1 && legalForms[words[len(words)-1]] {
		words = words[:len(words)-1]
		if n := len(words); n > 1 && words[n-1] == "and" { // "& Co. KG"
			words = words[:n-1]
		}
	}
	return strings.Join(words, " ")
}

// unglue takes off a legal form that is written without a space before or after a
// name, where something else is left.
func unglue(name string) string {
	if isASCII(name) {
		return name
	}
	plain := strings.TrimSpace(norm.NFKC.String(strings.ToValidUTF8(name, " ")))
	for form := range companyWords["glued"] {
		for _, rest := range []string{strings.TrimPrefix(plain, form), strings.TrimSuffix(plain, form)} {
			if rest != plain && len(foldWords(rest)) > 0 && longest(form, plain) {
				return rest
			}
		}
	}
	return name
}

// longest tells that no longer form stands in a name where form does.
func longest(form, name string) bool {
	for other := range companyWords["glued"] {
		if len(other) > len(form) && strings.Contains(other, form) && (strings.HasPrefix(name, other) || strings.HasSuffix(name, other)) {
			return false
		}
	}
	return true
}
