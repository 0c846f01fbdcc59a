package lead

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds on names, in bytes: what is read of one, and what is kept as a key.
const (
	maxName = 1024
	maxKey  = 256
)

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// particles are the words that belong to the family name behind them.
var particles = set("van von der den de del della di da dos das du la le ten ter bin ibn al el zu af")

// NameKey is the first of NameKeys, or empty where there is none.
func NameKey(name string) string {
	if keys := NameKeys(name); len(keys) > 0 {
		return keys[0]
	}
	return ""
}

// maxNameKeys bounds the forms under which one name is found.
const maxNameKeys = 6

// NameKeys brings a person's name into the forms in which names compare: without
// case, accents, punctuation, titles before and degrees after, and with the
// family name last. "Dr. Lovelace-King, Ada PhD" is "ada lovelace king". Marks
// are dropped from scripts where they are accents, and kept where they spell
// (Devanagari, kana).
//
// A name has more than one form where people write it in more than one way: with
// and without a nickname ("Robert (Bob) Quill"), ü as u and as ue, East Asian
// names in either order. The first is the name itself. None means that there is
// no letter or digit in it.
func NameKeys(name string) []string {
	name = cut(name, maxName)
	if plainName(name) { // most names, and nothing to weigh
		return oneKey(nameKey(name))
	}
	var keys []string
	add := func(name string) {
		for _, form := range spellings(name) {
			for _, key := range orders(nameKey(form)) {
				if key != "" && !slices.Contains(keys, key) && len(keys) < maxNameKeys {
					keys = append(keys, key)
				}
			}
		}
	}
	called := readName(name)
	add(called.name)
	for _, nick := range called.nicks {
		add(nick)
	}
	if len(keys) == 0 {
		return oneKey(nameKey(name))
	}
	return keys
}

// plainName tells a name of ASCII letters and digits in which nothing stands beside it.
func plainName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == ' ':
		case (c == '-' || c == '\'') && i > 0 && name[i-1] != ' ':
		default:
			return false
		}
	}
	return true
}

func oneKey(key string) []string {
	if key == "" {
		return nil
	}
	return []string{key}
}

// nameKey is the form of a name without anything beside it.
func nameKey(name string) string {
	words := foldWords(unreverse(withoutTitles(name)))
	words = pairUp(words, "ph", "d")
	words = pairUp(words, "m", "sc")
	words = pairUp(words, "b", "sc")
	words = bounded(joinInitials(words))
	for len(words) > 1 && (honorifics[words[0]] || suffixes[words[len(words)-1]]) {
		if honorifics[words[0]] {
			words = words[1:]
		} else {
			words = words[:len(words)-1]
		}
	}
	return strings.Join(words, " ")
}

// SplitName parts a full name as it is written into what comes before the
// family name and the family name with its particles: "Ludwig van Beethoven"
// is "Ludwig", "van Beethoven". A name of one word is a first name. Titles and
// degrees belong to neither.
func SplitName(full string) (first, last string) {
	words := strings.FieldsFunc(unreverse(withoutTitles(plainOrRead(cut(full, maxName)))), func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	words = slices.DeleteFunc(words, func(w string) bool { return len(foldWords(w)) == 0 })
	if len(words) == 2 && eastAsian(words[0]) && eastAsian(words[1]) { // the family name comes first
		return words[1], words[0]
	}
	plain := func(w string) string { return strings.ToLower(strings.ReplaceAll(w, ".", "")) }
	for len(words) > 1 && honorifics[plain(words[0])] {
		words = words[1:]
	}
	for len(words) > 1 && suffixes[plain(words[len(words)-1])] {
		words = words[:len(words)-1]
	}
	if len(words) < 2 {
		return strings.Join(words, " "), ""
	}
	at := len(words) - 1
	for at > 1 && particles[plain(words[at-1])] {
		at--
	}
	return strings.Join(words[:at], " "), strings.Join(words[at:], " ")
}

func plainOrRead(name string) string {
	if plainName(name) {
		return name
	}
	return readName(name).name
}

// unreverse turns "Lovelace, Ada" round. What follows a comma is taken for a
// first name only where a family name alone stands before it: in "Ada Lovelace,
// CISSP" the name is whole already.
func unreverse(name string) string {
	family, given, found := strings.Cut(name, ",")
	if !found {
		return name
	}
	given, rest, _ := strings.Cut(given, ",")
	words := foldWords(family)
	for len(words) > 1 && (particles[words[0]] || honorifics[words[0]]) {
		words = words[1:]
	}
	if len(words) != 1 || !slices.ContainsFunc(foldWords(given), func(w string) bool { return !suffixes[w] }) {
		return name
	}
	return given + " " + family + " " + rest
}

// accented are the scripts whose marks are accents or vowel points that people
// leave out when they type.
var accented = []*unicode.RangeTable{unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew}

// letters that no decomposition brings to plain ones.
var letters = map[rune]string{
	'ß': "ss", 'ø': "o", 'ł': "l", 'æ': "ae", 'œ': "oe", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ħ': "h", 'ŧ': "t", 'ς': "σ",
}

// foldWords splits a text into words of folded letters and digits. Apostrophes
// and invisible characters vanish, so that O'Brien is obrien; everything else
// parts words.
func foldWords(s string) []string {
	if !isASCII(s) {
		// Bytes that are no text keep what follows them from being decomposed.
		s = norm.NFKD.String(strings.ToValidUTF8(s, " "))
	}
	var words []string
	var word []byte
	end := func() {
		if len(word) > 0 {
			words = append(words, string(norm.NFC.Bytes(word)))
			word = word[:0]
		}
	}
	drops := false // whether a mark here is an accent
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9'):
			word, drops = append(word, byte(r)), true
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			r = unicode.ToLower(r)
			if plain, ok := letters[r]; ok {
				word = append(word, plain...)
			} else {
				word = utf8.AppendRune(word, r)
			}
			drops = unicode.In(r, accented...)
		case unicode.IsMark(r):
			if !drops && len(word) > 0 {
				word = utf8.AppendRune(word, r)
			}
		case strings.ContainsRune("'`’‘ʼ", r), unicode.Is(unicode.Cf, r):
		default:
			end()
		}
	}
	end()
	return words
}

// joinInitials makes one word of initials that follow each other, so that
// "J. R. R. Tolkien" is "JRR Tolkien". Not where that would read as a title:
// "M. R. Smith" is no mister.
func joinInitials(words []string) []string {
	joined := words[:0:0]
	for i := 0; i < len(words); {
		j := i
		for j < len(words) && len(words[j]) == 1 && words[j][0] >= 'a' {
			j++
		}
		if initials := strings.Join(words[i:j], ""); j-i > 1 && !honorifics[initials] {
			joined = append(joined, initials)
			i = j
			continue
		}
		j = max(j, i+1)
		joined = append(joined, words[i:j]...)
		i = j
	}
	return joined
}

// pairUp makes one word of a followed by b.
func pairUp(words []string, a, b string) []string {
	for i := 0; i+1 < len(words); i++ {
		if words[i] == a && words[i+1] == b {
			words = slices.Replace(words, i, i+2, a+b)
		}
	}
	return words
}

// bounded keeps as many whole words as fit a key.
func bounded(words []string) []string {
	size := 0
	for i, w := range words {
		if size += len(w) + 1; size > maxKey+1 {
			if i == 0 {
				return []string{cut(w, maxKey)}
			}
			return words[:i]
		}
	}
	return words
}

// cut is the first n bytes of s, less a character that would be broken.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
