package lead

import (
	"cmp"
	_ "embed"
	"maps"
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
	if !isASCII(name) {
		name = norm.NFKC.String(strings.ToValidUTF8(name, " ")) // ㈱ is (株)
	}
	if strings.ContainsAny(name, "([") {
		if rest := companyAside.ReplaceAllString(name, " "); len(foldWords(rest)) > 0 {
			name = rest
		}
	}
	words := foldWords(strings.ReplaceAll(name, "&", " and "))
	words = bounded(unglued(joinInitials(words)))
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

// gluedForms are those that are written without a space, the longest first.
var gluedForms = func() []string {
	forms := slices.Collect(maps.Keys(companyWords["glued"]))
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return forms
}()

// unglued takes such forms off the beginning and the end of a name, as long as
// something is left.
func unglued(words []string) []string {
	for changed := true; changed && len(words) > 0; {
		changed = false
		for _, form := range gluedForms {
			last := len(words) - 1
			switch {
			case last > 0 && words[0] == form:
				words = words[1:]
			case last > 0 && words[last] == form:
				words = words[:last]
			case strings.HasPrefix(words[0], form) && len(words[0]) > len(form):
				words[0] = words[0][len(form):]
			case strings.HasSuffix(words[last], form) && len(words[last]) > len(form):
				words[last] = strings.TrimSuffix(words[last], form)
			default:
				continue
			}
			changed = true
			break
		}
	}
	return words
}
