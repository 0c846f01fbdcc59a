package lead

import (
	"slices"
	"strconv"
	"strings"
)

// Mark is a name of which only hashes of its words are kept, in their places. It tells of every
// other name whether the two contradict, as the name itself does.
type Mark struct {
	Same    []byte     `json:"same"`
	Words   []markWord `json:"words"`
	Carried bool       `json:"carried,omitempty"` // the address carries a word of the name
}

// markWord is one word of a mark.
type markWord struct {
	Itself  []byte   `json:"itself"`
	Names   [][]byte `json:"names,omitempty"`  // what it may be short for
	Slips   [][]byte `json:"slips,omitempty"`  // with one letter too few
	Begins  [][]byte `json:"begins,omitempty"` // the letters that it and its other forms begin with
	Initial bool     `json:"initial,omitempty"`
	Script  int      `json:"script,omitempty"`
}

// Mark is what is kept of a name that an address, or another key, was marked for.
func (w Who) Mark(key string, hash func(string) string) Mark {
	m := Mark{Same: []byte(hash("same " + w.Same())), Carried: carries(key, w.words)}
	for _, word := range w.words {
		h := func(list []string) (hashed [][]byte) {
			for _, s := range list {
				hashed = append(hashed, []byte(hash(s)))
			}
			return hashed
		}
		mw := markWord{Itself: []byte(hash(word)), Initial: isInitial(word), Script: scriptOf(word)}
		if !mw.Initial {
			mw.Names, mw.Slips = h(nicknames()[word]), h(shortened(word))
			mw.Begins = h(strings.Split(beginnings()[word]+word[:1], ""))
		}
		m.Words = append(m.Words, mw)
	}
	return m
}

// Facing is the name to use for the marked one before o: it agrees with o, and contradicts
// it, as the marked one does. Of the words that o does not know it has their places alone.
func (m Mark) Facing(o Who, hash func(string) string) Who {
	w := Who{same: "\x00", carried: m.Carried}
	if string(m.Same) == hash("same "+o.Same()) {
		w.same = o.Same()
	}
	for place, word := range m.Words {
		w.words = append(w.words, word.facing(place, o, hash))
	}
	return w
}

func (m markWord) facing(place int, o Who, hash func(string) string) string {
	is := func(h []byte, s string) bool { return string(h) == hash(s) }
	if m.Initial {
		for _, letter := range strings.Split("abcdefghijklmnopqrstuvwxyz0123456789", "") {
			if is(m.Itself, letter) {
				return letter
			}
		}
		return "?"
	}
	full := o.full()
	if i := slices.IndexFunc(full, func(x string) bool { return is(m.Itself, x) }); i >= 0 {
		return full[i]
	}
	has := func(list [][]byte, s string) bool {
		return slices.ContainsFunc(list, func(h []byte) bool { return is(h, s) })
	}
	for _, x := range full {
		for _, name := range append(slices.Clone(nicknames()[x]), x) {
			if is(m.Itself, name) || has(m.Names, name) {
				return x
			}
		}
		if has(m.Slips, x) || slices.ContainsFunc(append(shortened(x), swapped(x)...), func(s string) bool { return is(m.Itself, s) }) {
			return x
		}
	}
	letter := "?"
	for _, x := range o.words {
		if isInitial(x) && has(m.Begins, x) {
			letter = x
		}
	}
	return letter + "\x00" + strconv.Itoa(place) + letterOf(m.Script) + "\x00"
}

// shortened is a word with one letter too few within, where that would be a slip.
func shortened(word string) (list []string) {
	for i := 1; i < len(word)-1; i++ {
		if s := word[:i] + word[i+1:]; slip(s, word) {
			list = append(list, s)
		}
	}
	return list
}

// swapped is a word with two letters within that changed places, where that would be a slip.
func swapped(word string) (list []string) {
	for i := 1; i+2 < len(word); i++ {
		if s := word[:i] + word[i+1:i+2] + word[i:i+1] + word[i+2:]; s != word && slip(s, word) {
			list = append(list, s)
		}
	}
	return list
}

// carries tells that the part of an address before the @ contains one of the words.
func carries(address string, words []string) bool {
	local, _, _ := strings.Cut(address, "@")
	local = loosely(local)
	return slices.ContainsFunc(words, func(w string) bool { return len(w) > 2 && strings.Contains(local, w) })
}
