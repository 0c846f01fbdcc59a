package contactfile

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"
)

var (
	greek    = &codec{"Windows-1253", charmap.Windows1253}
	greekISO = &codec{"ISO-8859-7", charmap.ISO8859_7}
	turkish  = &codec{"Windows-1254", charmap.Windows1254}
	latin2   = &codec{"ISO-8859-2", charmap.ISO8859_2}
)

// frequentGreek are the letters that make up most of a text in Greek, in Windows-1253.
var frequentGreek = func() (table [256]bool) {
	for _, r := range "αοιετσνηυρπκμλςωδγθάέήίόύώΑΟΙΕΤΣΝΗΥΡΠΚΜΛΩΔΓΘΆΈΉΊΌΎΏ" {
		b, _ := charmap.Windows1253.EncodeRune(r)
		table[b] = true
	}
	table[0xB6] = true // Ά of ISO 8859-7
	return table
}()

// scoreGreek is how well the bytes read as words of Windows-1253, as scoreCyrillic is of
// Windows-1251.
func scoreGreek(sample []byte) float64 {
	all, letters, often, jumps, capitals := 0, 0, 0, 0, 0
	before := byte(0)
	for _, c := range sample {
		if c >= 0x80 {
			all++
			if unicode.IsLetter(charmap.Windows1253.DecodeByte(c)) || c == 0xB6 {
				letters++
			}
			if frequentGreek[c] {
				often++
			}
			if c >= 0xB6 && c <= 0xDB {
				capitals++
			}
			if before >= 0xDC && c >= 0xC1 && c <= 0xD9 { // a capital after a small letter
				jumps++
			}
		}
		before = c
	}
	if letters*10 < all*9 || jumps*10 > all || capitals*20 < all { // Hebrew has no capitals
		return 0
	}
	return float64(often) / float64(max(all, 1))
}

// greekCodec tells the two encodings of Greek apart, which differ in Ά.
func greekCodec(sample []byte) *codec {
	for i, c := range sample {
		if c == 0xB6 && at(sample, i+1) >= 0xC1 {
			return greekISO
		}
	}
	return greek
}

// turkishBytes are the other letters and signs of a Turkish text beyond ASCII, in Windows-1254.
const turkishBytes = "\xC7\xD6\xDC\xE7\xF6\xFC\xC2\xCE\xDB\xE2\xEE\xFB\x85\x91\x92\x93\x94\x96\x97\xA0"

// scoreTurkish weighs how the six letters of Windows-1254 that Windows-1252 has not stand in
// words: from 2 on the text is Turkish. The letters that Icelandic, Czech or Romanian have in
// their place stand elsewhere, and beside others that Turkish has not.
func scoreTurkish(sample []byte) (score int) {
	foreign, own := 0, 0
	for i, c := range sample {
		if c < 0x80 {
			continue
		}
		before, after := at(sample, i-1), at(sample, i+1)
		inside, vowel := isLetterByte(before), isVowel(before)
		switch c {
		case 0xF0: // ğ or ð, đ
			if own++; vowel {
				score += 2
			} else {
				score -= 2
			}
		case 0xFD: // ı or ý
			if own++; inside && !vowel && (isLetterByte(after) && !isVowel(after) || after == 'k' || after == 'l') {
				score += 2
			} else if inside && !vowel {
				score++
			}
		case 0xFE: // ş or þ, ţ
			if own++; vowel {
				score += 2
			} else if !inside {
				score--
			}
		case 0xDD: // İ or Ý
			if own++; isLetterByte(after) && !isVowel(after) {
				score += 3
			}
		case 0xDE: // Ş or Þ, Ţ
			if own++; isVowel(after) {
				score += 2
			}
		case 0xD0: // Ğ or Ð, Đ
			if own++; inside {
				score++
			}
		default:
			if strings.IndexByte(turkishBytes, c) < 0 {
				foreign++
			}
		}
	}
	if foreign*8 > own {
		return 0
	}
	return score
}

// scoreLatin2 weighs how bytes stand in words that are letters of ISO 8859-2, and signs or
// other letters in Windows-1250 and Windows-1252: from 3 on the text is ISO 8859-2.
func scoreLatin2(sample []byte) (score int) {
	lower := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= 0xE0 }
	for i, c := range sample {
		before, after := at(sample, i-1), at(sample, i+1)
		switch {
		case c >= 0x8A && c <= 0x8F || c >= 0x9A && c <= 0x9F: // letters of Windows-1250 alone
			if isLetterByte(before) || isLetterByte(after) {
				score -= 5
			}
		case (c == 0xB1 || c == 0xB6 || c == 0xBC || c == 0xBB) && lower(before) && !(c == 0xBB && !isLetterByte(after)): // ą ś ź ť or ± ¶ Ľ »
			score += 3
		case c == 0xB6 && lower(after): // ś
			score += 3
		case (c == 0xA6 || c == 0xA9 || c == 0xAC || c == 0xAE) && !isLetterByte(before) && lower(after): // Ś Š Ź Ž or ¦ © ¬ ®
			score += 3
		case c == 0xB9 && isVowel(before) && before != 'i': // š or ą
			score += 3
		case c == 0xB9 && isLetterByte(before):
			score--
		case c == 0xBE && isVowel(before) && isVowel(after): // ž or ľ
			score++
		}
	}
	return score
}
