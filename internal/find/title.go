package find

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/leadmeter/leadmeter/internal/lead"
)

//go:embed titles.txt
var titlesText string

// Seniorities and Functions are the keys that a title may have, in the order in which they are
// offered. Of seniorities that is from the highest to the lowest.
var (
	Seniorities = []string{"founder", "c_level", "vp", "director", "manager", "senior", "junior"}
	Functions   = []string{"sales", "marketing", "product", "design", "engineering", "data", "it", "finance", "hr", "legal",
		"support", "procurement", "operations", "research", "education", "healthcare", "consulting", "administration"}
)

// cut is the key of phrases behind which somebody else's title stands.
const cut = "cut"

// maxTitleWords bounds what is read of a title.
const maxTitleWords = 16

// phrase is words in a row that say something of a title; a word may have a * at an end.
type phrase struct {
	words []string
	key   string
}

// table has phrases by their first word, those that begin with a * under it, the longest first.
type table map[string][]phrase

// tables are what is read of a title one after the other.
type tables struct{ cut, seniority, function table }

var phrases = sync.OnceValue(func() tables {
	t := tables{table{}, table{}, table{}}
	for line := range strings.Lines(titlesText) {
		key, list, found := strings.Cut(strings.TrimSpace(line), ":")
		if !found || key[0] == '#' {
			continue
		}
		into := t.function
		if key == cut {
			into = t.cut
		} else if slices.Contains(Seniorities, key) {
			into = t.seniority
		}
		for text := range strings.SplitSeq(list, ",") {
			words := strings.Fields(text)
			under := words[0]
			if strings.Contains(under, "*") {
				under = "*"
			}
			into[under] = append(into[under], phrase{words, key})
		}
	}
	for _, of := range []table{t.cut, t.seniority, t.function} {
		for _, list := range of {
			slices.SortStableFunc(list, func(a, b phrase) int { return cmp.Or(len(b.words)-len(a.words), b.exact()-a.exact()) })
		}
	}
	return t
})

// exact is how many letters of a phrase are given.
func (p phrase) exact() int { return len(strings.ReplaceAll(strings.Join(p.words, ""), "*", "")) }

func (p phrase) begins(words []string) bool {
	if len(p.words) > len(words) {
		return false
	}
	for n, w := range p.words {
		begin, end, open := strings.Cut(w, "*")
		if !open && w != words[n] || open && (len(words[n]) < len(begin)+len(end) || !strings.HasPrefix(words[n], begin) || !strings.HasSuffix(words[n], end)) {
			return false
		}
	}
	return true
}

// each goes through the longest phrases of words; false ends it, at the phrase's place.
func (t table) each(words []string, found func(key string) bool) (at int) {
	for at < len(words) {
		p, ok := t.longest(words[at:])
		if ok && !found(p.key) {
			return at
		}
		at += max(1, len(p.words))
	}
	return at
}

func (t table) longest(words []string) (phrase, bool) {
	for _, list := range [][]phrase{t[words[0]], t["*"]} {
		for _, p := range list {
			if p.begins(words) {
				return p, true
			}
		}
	}
	return phrase{}, false
}

// Title is the seniority and the function that a job title says, in any of the languages of the
// table; empty where it says none.
func Title(title string) (seniority, function string) {
	words, t := split(title), phrases()
	words = words[:min(len(words), maxTitleWords)]
	words = words[:t.cut.each(words, func(string) bool { return false })]
	rank := len(Seniorities)
	t.seniority.each(words, func(key string) bool {
		if n := slices.Index(Seniorities, key); n < rank {
			rank, seniority = n, key
		}
		return true
	})
	t.function.each(words, func(key string) bool { function = key; return false })
	return seniority, function
}

// joining are words between those of a title and a place, which tell nothing of either.
var joining = []string{"a", "and", "at", "for", "from", "in", "of", "the", "with"}

// TitleIn is the seniority and the function that some words of a search say, also in the plural,
// and the words that say neither: "heads of sales in Germany" are directors, sales and "germany".
func TitleIn(text string) (seniority, function, rest string) {
	says := func(word string) bool { s, f := Title(word); return s != "" || f != "" }
	list := split(text)
	list = list[:min(len(list), maxTitleWords)]
	for n, w := range list {
		if one := strings.TrimSuffix(w, "s"); one != w && !says(w) && says(one) {
			list[n] = one
		}
	}
	seniority, function = Title(strings.Join(list, " "))
	var others []string
	for n, w := range list {
		s, f := Title(strings.Join(slices.Concat(list[:n], list[n+1:]), " "))
		if s == seniority && f == function && !says(w) && !slices.Contains(joining, w) {
			others = append(others, w)
		}
	}
	return seniority, function, strings.Join(others, " ")
}

// split are the words of a text as they are compared: folded, letters and digits alone.
func split(text string) []string {
	return strings.FieldsFunc(lead.Fold(text), notOfWord)
}
