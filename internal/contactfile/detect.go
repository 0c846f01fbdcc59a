package contactfile

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// codec is an encoding that may be told from the bytes.
type codec struct {
	name     string
	encoding encoding.Encoding
}

var (
	western  = &codec{Windows1252, charmap.Windows1252}
	central  = &codec{"Windows-1250", charmap.Windows1250}
	cyrillic = &codec{"Windows-1251", charmap.Windows1251}
	chinese  = &codec{"GBK", simplifiedchinese.GBK}
	japan    = &codec{"Shift_JIS", japanese.ShiftJIS}
	korea    = &codec{"EUC-KR", korean.EUCKR}
)

// detect tells what a text is written in by its bytes from the first one beyond
// ASCII. Nil: UTF-8. It refuses what it cannot tell, because names and places that
// are read in the wrong alphabet are worse than none.
//
// No library is used: those for Go port a browser's detector for long pages, and
// take a few names among addresses for almost anything. What decides here is how
// letters of each alphabet stand in words.
func detect(sample []byte) (*codec, error) {
	if isUTF8(sample) {
		return nil, nil
	}
	if scoreJapanese(sample) >= 0.8 {
		return japan, nil
	}
	runs, long, longest := highRuns(sample)
	if long*2 > runs && !(longest <= 4 && scoreCentral(sample) > 0) { // words of nothing but letters beyond ASCII: not Latin
		scores := []struct {
			codec *codec
			score float64
		}{{greekCodec(sample), beating(scoreGreek(sample), scoreCyrillic(sample))}, {cyrillic, scoreCyrillic(sample)}, {korea, scoreKorean(sample)}, {chinese, scorePairs(sample, 0xB0, 0xD7)}}
		for _, s := range scores {
			if s.score >= 0.7 {
				return s.codec, nil
			}
		}
		if scoreLatin(sample) < 0.7 {
			return nil, formatError("the file is not UTF-8, and its encoding cannot be told; save it as CSV UTF-8, or send it with its charset, such as text/csv; charset=shift_jis")
		}
	}
	switch {
	case scoreTurkish(sample) >= 2:
		return turkish, nil
	case scoreLatin2(sample) >= 3:
		return latin2, nil
	case scoreCentral(sample) > 0:
		return central, nil
	}
	return western, nil
}

// beating is a score that is better than another, else 0.
func beating(score, other float64) float64 {
	if score > other {
		return score
	}
	return 0
}

// isUTF8 tells a text that begins as UTF-8 does, and of which most letters are.
func isUTF8(sample []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(sample); {
		r, size := utf8.DecodeRune(sample[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			if !utf8.FullRune(sample[i:]) { // cut off at the sample's end
				return bad == 0 || good >= bad
			}
			if good == 0 {
				return false
			}
			bad++
		case size > 1:
			good++
		}
		i += size
	}
	return good >= bad
}

// highRuns counts runs of bytes beyond ASCII, and those of them that are longer than
// the letters with accents of a Latin word are.
func highRuns(sample []byte) (runs, long, longest int) {
	n := 0
	for i := 0; i <= len(sample); i++ {
		if i < len(sample) && sample[i] >= utf8.RuneSelf {
			n++
			continue
		}
		if n > 0 {
			runs++
			longest = max(longest, n)
			if n >= 3 {
				long++
			}
		}
		n = 0
	}
	return runs, long, longest
}

// scorePairs is which part of the bytes beyond ASCII are pairs of the characters in
// common use of GB 2312 or KS X 1001, whose first bytes are from low to high.
func scorePairs(sample []byte, low, high byte) float64 {
	all, common := 0, 0
	for i := 0; i < len(sample); i++ {
		c := sample[i]
		if c < utf8.RuneSelf {
			continue
		}
		if i+1 < len(sample) && c >= 0xA1 && sample[i+1] >= 0xA1 {
			all += 2
			if c >= low && c <= high || c == 0xA1 || c == 0xA3 { // signs, and full-width letters
				common += 2
			}
			i++
			continue
		}
		all++
	}
	return float64(common) / float64(max(all, 1))
}

// scoreKorean is scorePairs of Hangul. A few Chinese characters may stand where Hangul
// does, many do not.
func scoreKorean(sample []byte) float64 {
	high := 0
	for _, c := range sample {
		if c >= utf8.RuneSelf {
			high++
		}
	}
	if score := scorePairs(sample, 0xB0, 0xC8); high >= 20 && score > 0.95 {
		return score
	}
	return 0
}

// scoreJapanese is which part of the characters of Shift_JIS are kana and the Chinese
// characters in common use.
func scoreJapanese(sample []byte) float64 {
	all, common, kana, free := 0, 0, 0, 0 // free: where the last character ends
	for i := 0; i < len(sample); i++ {
		c := sample[i]
		if c < utf8.RuneSelf {
			continue
		}
		all++
		if c >= 0xA1 && c <= 0xDF || i+1 >= len(sample) { // kana of half width; rare, and also much else
			continue
		}
		trail := sample[i+1]
		if trail < 0x40 || trail == 0x7F || trail > 0xFC {
			continue
		}
		if i > free && isASCIILetter(at(sample, i-1)) && isASCIILetter(trail) { // O’Brien
			continue
		}
		i++
		free = i + 1
		switch {
		case c == 0x82 && trail >= 0x9F && trail <= 0xF1, c == 0x83 && trail <= 0x96:
			kana++
			common++
		case c == 0x81 || c == 0x82, c >= 0x88 && c <= 0x98:
			common++
		}
	}
	if kana == 0 && common < 4 {
		return 0
	}
	return float64(common) / float64(max(all, 1))
}

// frequent are the letters that make up most of a text in Russian, Ukrainian,
// Bulgarian and Serbian, in Windows-1251.
var frequent = func() (table [256]bool) {
	for _, r := range "оеаинтсрвлкмдпуяіОЕАИНТСРВЛКМДПУЯ" {
		b, _ := charmap.Windows1251.EncodeRune(r)
		table[b] = true
	}
	return table
}()

// scoreCyrillic is how well the bytes read as words of Windows-1251: letters, most of
// them frequent ones, small within a word.
func scoreCyrillic(sample []byte) float64 {
	all, letters, often, jumps := 0, 0, 0, 0
	before := byte(0)
	for _, c := range sample {
		if c >= utf8.RuneSelf {
			all++
			if unicode.IsLetter(charmap.Windows1251.DecodeByte(c)) {
				letters++
			}
			if frequent[c] {
				often++
			}
			if before >= 0xE0 && c >= 0xC0 && c < 0xE0 { // a capital after a small letter
				jumps++
			}
		}
		before = c
	}
	if letters*10 < all*9 || often*10 < all*7 || jumps*10 > all {
		return 0
	}
	return float64(often) / float64(max(all, 1))
}

// scoreLatin is which part of the bytes beyond ASCII are letters of Windows-1252 beside
// ASCII letters.
func scoreLatin(sample []byte) float64 {
	all, letters := 0, 0
	for i, c := range sample {
		if c < utf8.RuneSelf {
			continue
		}
		all++
		if unicode.IsLetter(charmap.Windows1252.DecodeByte(c)) && (i > 0 && isASCIILetter(sample[i-1]) || i+1 < len(sample) && isASCIILetter(sample[i+1])) {
			letters++
		}
	}
	return float64(letters) / float64(max(all, 1))
}

func isASCIILetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// centralSigns are bytes that are letters of Polish, Czech, Hungarian or Romanian in
// Windows-1250, and no letters in Windows-1252.
const centralSigns = "\xA3\xA5\xAF\xB3\xB9\xBC\xBE\xBF\x8D\x8F\x9D\xAA\xBA\x9C\x8C"

// scoreCentral weighs how bytes stand in words: above 0 they read better as
// Windows-1250 than as Windows-1252.
func scoreCentral(sample []byte) (score int) {
	for i, c := range sample {
		if c < utf8.RuneSelf {
			continue
		}
		before, after := at(sample, i-1), at(sample, i+1)
		score += centralVote(c, before, after)
	}
	return score
}

func at(sample []byte, i int) byte {
	if i < 0 || i >= len(sample) {
		return 0
	}
	return sample[i]
}

func centralVote(c, before, after byte) int {
	inWord := isLetterByte(before) || isLetterByte(after)
	ends := !isLetterByte(after)
	if !inWord {
		return 0
	}
	switch c {
	case 0x9C, 0x8C: // ś, Ś or œ, Œ
		if after|0x20 == 'u' || before|0x20 == 'c' { // sœur, cœur
			return -2
		}
		return 3
	case 0xAA, 0xBA: // Ş, ş or ª, º
		if ends {
			return -1
		}
		return 3
	case 0xBF, 0xB9: // ż, ą or ¿, ¹
		return 3
	case 0xE6, 0xC6: // ć or æ
		if ends {
			return 2
		}
		return -1
	case 0xF1, 0xD1: // ń or ñ
		if isVowel(after) {
			return -3
		}
		return 2
	case 0xF8, 0xD8: // ř or ø
		if isVowel(after) {
			return 2
		}
		return -2
	case 0xE8: // č or è
		if isVowel(before) || isVowel(after) {
			return 2
		}
		return -1
	case 0xC8, 0xEC, 0xF9, 0xCC, 0xD9: // Č, ě, ů or È, ì, ù
		return 1
	case 0xF5, 0xE3: // ő, ă or õ, ã
		if isVowel(after) {
			return -3
		}
		return 1
	case 0xE0, 0xE5, 0xC5, 0xFF: // à, å, ÿ
		return -2
	case 0xF0: // đ or ð
		if !isVowel(after) {
			return -2
		}
	case 0xF2: // ň or ò
		if ends && before == 'e' { // Plzeň
			return 2
		}
		if ends {
			return -1
		}
	case 0xFE, 0xDE: // ţ, Ţ
		return 1
	case 0x92: // ’ in either
		return 0
	}
	for i := range len(centralSigns) {
		if c == centralSigns[i] {
			return 3
		}
	}
	return 0
}

func isLetterByte(c byte) bool {
	return isASCIILetter(c) || c >= 0xC0 && c != 0xD7 && c != 0xF7 || c == 0x9A || c == 0x9E || c == 0x8A || c == 0x8E || c == 0xB3 || c == 0xB9 || c == 0xBF || c == 0x9C || c == 0x9F
}

func isVowel(c byte) bool {
	switch c | 0x20 {
	case 'a', 'e', 'i', 'o', 'u', 'y', 0xE1, 0xE9, 0xED, 0xF3, 0xFA, 0xFD, 0xE4, 0xF6, 0xFC:
		return true
	}
	return false
}
