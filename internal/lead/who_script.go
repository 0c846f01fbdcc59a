package lead

import "unicode"

// scripts are those that nothing brings to Latin letters, as Cyrillic and Greek are brought.
// Han with its readings are three: which kana a kanji is read as is in no table.
var scripts = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Arabic, unicode.Hebrew, unicode.Devanagari, unicode.Thai}

// scriptOf is a number for the script of a folded word: 0 for Latin letters and digits, and one
// for all that are not listed.
func scriptOf(word string) int {
	for _, r := range word {
		if r <= unicode.MaxASCII || !unicode.IsLetter(r) {
			continue
		}
		for i, table := range scripts {
			if unicode.Is(table, r) {
				return i + 1
			}
		}
		return len(scripts) + 1
	}
	return 0
}

// letterOf is a letter of a script as scriptOf numbers them; none for Latin.
func letterOf(script int) string {
	return [...]string{"", "一", "あ", "ア", "한", "ا", "א", "अ", "ก", "ა"}[script]
}

// Incomparable tells that two names have no script in common, so that they say nothing about
// each other.
func (a Who) Incomparable(b Who) bool {
	if a.Nobody() || b.Nobody() {
		return false
	}
	for _, x := range a.words {
		for _, y := range b.words {
			if scriptOf(x) == scriptOf(y) {
				return false
			}
		}
	}
	return true
}
