package lead

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed titles.txt
var titlesText string

// The words around a name that are no part of it, of titles.txt. Words that are
// common family names too (Ma, Do, Sen, Hon) are left out: losing those would join
// two people.
var (
	titleWords = listsOf(titlesText)
	honorifics = titleWords["before"]
	suffixes   = titleWords["after"]
)

// listsOf reads a file of lines such as "before: mr mrs".
func listsOf(text string) map[string]map[string]bool {
	lists := map[string]map[string]bool{}
	for line := range strings.Lines(text) {
		name, words, found := strings.Cut(line, ":")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		if lists[name] == nil {
			lists[name] = map[string]bool{}
		}
		for word := range strings.FieldsSeq(words) {
			lists[name][word] = true
		}
	}
	return lists
}

// withoutTitles takes titles and forms of address off the beginning of a name:
// "Frau Prof. Dr. med. Dr. h.c. Greta Quast" is "Greta Quast". At least one word
// stays.
func withoutTitles(name string) string {
	if family, given, found := strings.Cut(name, ","); found { // "Quast, Dr. Greta"
		if rest := withoutTitles(given); rest != strings.TrimSpace(given) && len(strings.Fields(family)) > 0 {
			return withoutTitles(family) + ", " + rest
		}
	}
	rest := strings.TrimSpace(name)
	for titled := false; ; titled = true {
		word, after, more := cutWord(rest)
		if !more || !isTitle(word, titled) {
			return rest
		}
		rest = after
	}
}

// cutWord is a name's first word, with its dot, and what follows. "Dr.med. X" and
// "Dr.X" are two words.
func cutWord(s string) (word, rest string, more bool) {
	i := strings.IndexFunc(s, unicode.IsSpace)
	if i > 0 && titleWords["before"][plainWord(s[:i])] { // Dott.ssa
		return s[:i], strings.TrimSpace(s[i:]), strings.ContainsFunc(s[i:], unicode.IsLetter)
	}
	if dot := strings.IndexByte(s, '.'); dot >= 0 && dot+1 < len(s) && (i < 0 || dot < i) {
		if next, _ := utf8.DecodeRuneInString(s[dot+1:]); dot > 1 && unicode.IsLetter(next) && s[dot-2] != '.' {
			return s[:dot+1], s[dot+1:], true
		}
	}
	if i < 0 {
		return s, "", false
	}
	rest = strings.TrimSpace(s[i:])
	return s[:i], rest, strings.ContainsFunc(rest, unicode.IsLetter)
}

// plainWord is a word as it stands in the tables.
func plainWord(word string) string {
	for i := range len(word) {
		if c := word[i] | 0x20; c < 'a' || c > 'z' {
			return strings.Join(foldWords(word), "")
		}
	}
	return strings.ToLower(word)
}

// isTitle tells a word before a name that is no part of it. What follows a title in
// small letters belongs to it.
func isTitle(word string, titled bool) bool {
	plain := plainWord(word)
	switch {
	case titleWords["before"][plain]:
		return true
	case titleWords["dotted"][plain] && strings.HasSuffix(word, ".") && (len(plain) > 1 || titled):
		return true
	case titled && titleWords["tail"][plain]:
		first, _ := utf8.DecodeRuneInString(word)
		return unicode.IsLower(first) || strings.Contains(word, ".") && strings.Contains(word, "h.c")
	}
	return false
}

// calledName is what a text says of a name.
type calledName struct {
	name  string   // without what stands beside it
	nicks []string // the same with what is in brackets or quotes for the first name
}

var (
	// Brackets and quotes within a name. Straight single quotes only around a word,
	// for an apostrophe is one too.
	asides = regexp.MustCompile(`[(（\[【]([^)）\]】]*)[)）\]】]|["“”„«]([^"“”„»«]+)["“”»]|(?:^|\s)['‘]([^'‘’]+)['’](?:\s|$)`)
	// What profiles put behind a name: | Hiring!, · Ex-Google, — Founder, 🚀 CEO.
	behind = regexp.MustCompile(`\s*[|｜]\s*\S.*|\s+[•·★☆►▪~]\s*\S.*|\s+[–—-]\s.*|\s*#\pL.*|\s+@\s.*`)
	// Pronouns without brackets: she/her.
	slashed = regexp.MustCompile(`(?i)\s\pL{1,5}\s?/\s?\pL{1,6}(\s?/\s?\pL{1,6})?$`)
	maiden  = regexp.MustCompile(`(?i)^(née|nee|né|geb\.?|geborene|born|ur\.?|z d\.|roz\.?|rozená|nata)\s+`)
)

// readName finds the name in what a profile or an address book calls somebody.
func readName(name string) calledName {
	c := calledName{name: name}
	if strings.ContainsFunc(name, func(r rune) bool {
		return r == '|' || r == '｜' || r == '#' || r == '-' || r >= utf8.RuneSelf || r == '~' || r == '@'
	}) {
		if i := behind.FindStringIndex(name); i != nil && len(foldWords(name[:i[0]])) > 1 {
			c.name = name[:i[0]]
		}
	}
	if strings.Contains(c.name, "/") {
		if i := slashed.FindStringIndex(c.name); i != nil && onlyPronouns(c.name[i[0]:i[1]]) {
			c.name = c.name[:i[0]]
		}
	}
	var found [][]int
	if strings.ContainsAny(c.name, "([（【\"“”„«'‘") {
		found = asides.FindAllStringSubmatchIndex(c.name, 4)
	}
	if len(found) == 0 {
		return c.withoutDegrees()
	}
	var asideTexts []string
	var rest strings.Builder
	at := 0
	for _, m := range found {
		rest.WriteString(c.name[at:m[0]] + " ")
		at = m[1]
		for g := 2; g < len(m); g += 2 {
			if m[g] >= 0 {
				asideTexts = append(asideTexts, c.name[m[g]:m[g+1]])
			}
		}
	}
	rest.WriteString(c.name[at:])
	if len(foldWords(rest.String())) == 0 { // nothing but brackets
		return c
	}
	c.name = strings.TrimSpace(rest.String())
	c = c.withoutDegrees()
	for _, aside := range asideTexts {
		c.nick(aside)
	}
	return c
}

var asidesParted = strings.NewReplacer("/", " ", ",", " ")

// nick adds the name with what stands in brackets: a nickname for the first name, or
// a name at birth for the last one.
func (c *calledName) nick(aside string) {
	words := strings.Fields(asidesParted.Replace(aside))
	if len(words) == 0 || len(words) > 3 || onlyPronouns(aside) || !strings.ContainsFunc(aside, unicode.IsLetter) {
		return
	}
	first, last := SplitName(c.name)
	switch birth := maiden.FindString(aside); {
	case last == "":
	case birth != "":
		c.nicks = append(c.nicks, first+" "+aside[len(birth):])
	case !isDegree(aside):
		c.nicks = append(c.nicks, aside+" "+last)
	}
}

// onlyPronouns tells "she/her" and "sie, ihr".
func onlyPronouns(s string) bool {
	words := foldWords(s)
	for _, w := range words {
		if !titleWords["pronoun"][w] {
			return false
		}
	}
	return len(words) > 0
}

// withoutDegrees takes off what follows a name and a comma, where it is a degree and
// no first name: "Petra Quinn, CFA, CAIA".
func (c calledName) withoutDegrees() calledName {
	name, after, found := strings.Cut(c.name, ",")
	if !found || len(foldWords(name)) < 2 {
		return c
	}
	for piece := range strings.SplitSeq(after, ",") {
		if !isDegree(piece) || strings.ToUpper(name) == name && !knownDegrees(piece) {
			return c
		}
	}
	c.name = name
	return c
}

func knownDegrees(s string) bool {
	return !slices.ContainsFunc(strings.Fields(s), func(w string) bool { return !suffixes[strings.Join(foldWords(w), "")] })
}

// isDegree tells words that are degrees: known ones, or two capitals and more.
func isDegree(s string) bool {
	words := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '/' })
	for _, w := range words {
		if suffixes[strings.Join(foldWords(w), "")] {
			continue
		}
		capitals := 0
		for _, r := range w {
			if unicode.IsUpper(r) {
				capitals++
			}
		}
		if letters := strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) {
				return r
			}
			return -1
		}, w); capitals < 2 || capitals*2 < utf8.RuneCountInString(letters) {
			return false
		}
	}
	return len(words) > 0
}

// spellings are the ways in which the same name is written: as it is, and with ae, oe
// and ue for umlauts.
func spellings(name string) []string {
	forms := []string{name}
	if digraphs := umlauts.Replace(name); digraphs != name {
		forms = append(forms, digraphs)
	}
	return forms
}

// orders are the forms of an East Asian name: without a space, in either order, and as
// it is. Other names have one.
func orders(key string) []string {
	family, given, found := strings.Cut(key, " ")
	if !found || !eastAsian(family) || !eastAsian(given) {
		return []string{key}
	}
	return []string{family + given, given + family, key}
}

var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "å", "aa", "Å", "Aa", "ø", "oe", "Ø", "Oe",
	"a\u0308", "ae", "o\u0308", "oe", "u\u0308", "ue", "A\u0308", "Ae", "O\u0308", "Oe", "U\u0308", "Ue")

func eastAsian(s string) bool {
	for _, r := range s {
		if !unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) {
			return false
		}
	}
	return s != ""
}
