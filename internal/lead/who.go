package lead

import (
	"slices"
	"strings"
)

// Who is a person's name as far as it tells people apart: its words, folded so that
// sounds of one name compare equal. The zero value is nobody's, and agrees with every
// name.
type Who struct {
	words []string // without particles; initials are single letters

	same    string // of a Mark's, Same; empty: the words say
	carried bool   // of a Mark's: the address carries a word of it
}

// WhoIs reads a full name, as NameKey does.
func WhoIs(name string) Who {
	var w Who
	if letters := foldWords(name); len(letters) > 0 && !slices.ContainsFunc(letters, func(l string) bool { return !isInitial(l) }) {
		return Who{words: letters} // which NameKey would take for one word
	}
	list := strings.Fields(NameKey(name))
	for i, word := range list {
		// "Van Le" and "Lee Van" are called that; folded, Lee and Dell would be particles.
		if i > 0 && i+1 < len(list) && particles[word] {
			continue
		}
		w.words = append(w.words, loosely(word))
	}
	return w
}

// Nobody tells that there was no name.
func (w Who) Nobody() bool { return len(w.words) == 0 }

// Same is equal for names that are one: in whatever case, accents, script, order and
// with whatever initials between. Two rows of the same name that share a key are one
// person's whatever else the key is shared by.
func (w Who) Same() string {
	if w.same != "" {
		return w.same
	}
	full := w.full()
	switch {
	case len(full) < 2: // "A. King" is not every King
		full = slices.Clone(w.words)
	case isInitial(w.words[0]): // nor "J. Carlos King" every Carlos King
		full = append(full, w.words[0])
	}
	slices.Sort(full)
	return strings.Join(full, " ")
}

// full are the words that are no initials.
func (w Who) full() []string {
	return slices.DeleteFunc(slices.Clone(w.words), isInitial)
}

func isInitial(word string) bool { return len(word) == 1 }

// given are the words that may be a given name, family those that may be a family name.
func (w Who) given() []string  { return w.words[:min(len(w.words), max(1, len(w.words)-1))] }
func (w Who) family() []string { return w.words[min(1, len(w.words)-1):] }

// Agrees tells that the names may be one person's: a given name or a family name is the
// same, short for the other, or written in another script. Where either name has
// initials alone, all of them must fit. Names in scripts that no table
// brings together say nothing about each other, and agree.
func (w Who) Agrees(o Who) bool {
	if w.Nobody() || o.Nobody() || w.Same() == o.Same() || w.Incomparable(o) {
		return true
	}
	if len(w.full()) == 0 || len(o.full()) == 0 {
		return fits(w.words, o.words)
	}
	return len(w.givenPairs(o)) > 0 || len(w.familyPairs(o)) > 0 || w.turned(o) || w.abbreviates(o) || o.abbreviates(w)
}

// abbreviates tells that a name with initials for its given names is the other's, whichever
// of the other's names comes first.
func (w Who) abbreviates(o Who) bool {
	for i, word := range o.words {
		others := slices.Concat(o.words[:i], o.words[i+1:])
		if len(others) > 0 && slices.ContainsFunc(w.family(), func(f string) bool { return matches(word, f) }) && fits(w.words[:1], others) && isInitial(w.words[0]) {
			return true
		}
	}
	return false
}

// Sibling tells two names of one family and two given names, of which neither is short
// for the other: relatives and namesakes share addresses.
func (w Who) Sibling(o Who) bool {
	if w.Nobody() || o.Nobody() || w.Same() == o.Same() || w.Incomparable(o) || len(w.words) < 2 || len(o.words) < 2 {
		return false
	}
	return len(w.givenPairs(o)) == 0 && !fits(w.given(), o.given()) && !w.turned(o) && !w.abbreviates(o) && !o.abbreviates(w)
}

// Contradict tells that two names cannot both be the person's that a key of a kind
// belongs to. Addresses are shared by relatives and roles, so there the given names must agree
// and be in scripts that compare; a profile and an id are one person's alone, and keep their
// family name or their given name.
func Contradict(kind string, a, b Who) bool {
	return !a.Agrees(b) || kind == KindEmail && (a.Sibling(b) || a.Incomparable(b))
}

// Like tells that the names are one person's without a doubt: given name and family name
// agree.
func (w Who) Like(o Who) bool {
	return w.Nobody() || o.Nobody() || w.Same() == o.Same() || w.turned(o) ||
		len(w.words) == 1 && len(o.words) == 1 && matches(w.words[0], o.words[0]) || disjoint(w.givenPairs(o), w.familyPairs(o))
}

// Vouches tells whether an address can be of both names, of which one part agrees: where the
// other differs, as after a marriage, the address must carry a name of either. One that
// carries none, such as front2@, is rather a role address, and the two are namesakes in part.
func Vouches(address string, a, b Who) bool {
	if a.Like(b) || a.abbreviates(b) || b.abbreviates(a) || len(a.words) < 2 || len(b.words) < 2 || a.Incomparable(b) {
		return true
	}
	return a.carried || b.carried || carries(address, a.words) || carries(address, b.words)
}

// fits tells that the initials among a begin the words of b, or what these are short for,
// one after the other, or the other way round.
func fits(a, b []string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for i := range a {
		short, long := a[i], b[i]
		if !isInitial(short) {
			short, long = long, short
		}
		if a[i] != b[i] && !(isInitial(short) && (strings.HasPrefix(long, short) || strings.Contains(beginnings()[long], short))) {
			return false
		}
	}
	return true
}

// matches tells that a full word is another: the same, short for it, or slipped.
func matches(x, y string) bool {
	return !isInitial(x) && !isInitial(y) && (x == y || slip(x, y) || short(x, y))
}

// short tells that one word is short for the other, or both for a third.
func short(a, b string) bool {
	names := nicknames()
	of := append(slices.Clone(names[a]), a)
	for _, name := range append(slices.Clone(names[b]), b) {
		if slices.Contains(of, name) {
			return true
		}
	}
	return false
}

// slip tells two long words that differ by one slip of the keyboard within: a letter
// too few, or two that changed places. "Erika" is no slip of "Erik", nor "Maria" of "Marta".
func slip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < 5 || len(b)-len(a) > 1 || a[0] != b[0] || a[len(a)-1] != b[len(b)-1] {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(b) > len(a) {
		return a[i:] == b[i+1:]
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// sounds are the letters of Cyrillic and Greek in Latin ones.
var sounds = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'ґ': "g", 'д': "d", 'е': "e", 'ё': "e", 'є': "e", 'ж': "zh", 'з': "z", 'и': "i", 'і': "i", 'ї': "i", 'й': "i",
	'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ў': "u", 'ф': "f", 'х': "h", 'ц': "ts", 'ч': "ch",
	'ш': "sh", 'щ': "sch", 'ъ': "", 'ы': "i", 'ь': "", 'э': "e", 'ю': "iu", 'я': "ia", 'ђ': "dj", 'ј': "i", 'љ': "li", 'њ': "ni", 'ћ': "c", 'џ': "dz",
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l", 'μ': "m", 'ν': "n", 'ξ': "x", 'ο': "o",
	'π': "p", 'ρ': "r", 'σ': "s", 'τ': "t", 'υ': "i", 'φ': "f", 'χ': "h", 'ψ': "ps", 'ω': "o",
}

// soundings are what one sound is written as, brought to one of them.
var soundings = strings.NewReplacer("sch", "sh", "tch", "ch", "tsh", "ch", "kh", "h", "ph", "f", "ck", "k", "ks", "x", "ae", "a", "oe", "o", "ue", "u",
	"ou", "u", "aa", "a", "iy", "i", "yi", "i", "y", "i", "ej", "ei", "aj", "ai", "oj", "oi", "w", "v")

// loosely folds a word of a name further than NameKey: to Latin letters, with ä as ae as
// a, y as i, and each doubled letter once. It is for comparing alone. A word of several letters
// keeps at least two, since Aa and Oo are no initials.
func loosely(word string) string {
	var b strings.Builder
	for _, r := range strings.Join(foldWords(word), "") {
		if s, ok := sounds[r]; ok {
			b.WriteString(s)
		} else {
			b.WriteRune(r)
		}
	}
	s := string(slices.Compact([]rune(soundings.Replace(b.String()))))
	switch {
	case b.Len() == 0:
		return word
	case len(s) < 2 && b.Len() > 1:
		return b.String()
	}
	return s
}
