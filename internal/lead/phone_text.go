package lead

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

//go:embed phone_words.txt
var phoneWordsText string

// phoneWords is what a word beside a number says.
var phoneWords = sync.OnceValue(func() map[string]string {
	words := map[string]string{}
	for line := range strings.Lines(phoneWordsText) {
		kind, list, found := strings.Cut(line, ":")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		for _, word := range strings.Fields(list) {
			words[word] = kind
		}
	}
	return words
})

// said is a number as a text says it.
type said struct {
	digits string // with a plus where there is one
	ext    string
	kind   string // of phoneWords
	text   string // as it was written
	wrong  string // why it is none
}

// maxSpoken bounds how many numbers are read from one text.
const maxSpoken = 50

var (
	// A number that went through a spreadsheet's floating point: 4915112345678.0. With a
	// plus it is a text, and a comma the pause before an extension.
	floating = regexp.MustCompile(`^(\d{5,15}[.,]|\+\d{5,15}\.)0+$`)
	// The same in scientific notation, whose last digits may be gone.
	scientific = regexp.MustCompile(`^(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})$`)
	// Digits in groups of three, as a spreadsheet shows a large number.
	grouped = regexp.MustCompile(`^\d{1,3}(,\d{3}){2,4}$`)
	// A North American number spelled in letters: 1-800-FLOWERS.
	vanity = regexp.MustCompile(`^\+?1?[ .(-]*(8(?:00|33|44|55|66|77|88))[ .)-]*([A-Za-z0-9][A-Za-z0-9-]+)$`)
	// A trunk prefix that is not dialled after the country's code: +44 (0)20.
	optionalZero = regexp.MustCompile(`^((?:\+|00) ?\(?\d[\d ]{0,3}\)?) ?\(0\)`)
	// RFC 3966: a number that counts within a country or a network.
	phoneContext = regexp.MustCompile(`(?i);phone-context=([^;]*)`)
	subaddress   = regexp.MustCompile(`(?i);isub=[^;]*`)
)

// spoken finds the numbers of a text.
func spoken(raw string) []said {
	text := raw
	if len(text) > maxSpoken*maxPhone {
		return nil
	}
	text = plainDigits(text)
	if strings.Contains(text, ";") {
		text = withContext(text)
	}
	var list []said
	for _, part := range phoneParts(text) {
		list = append(list, spokenPart(part)...)
	}
	return list[:min(len(list), maxSpoken)]
}

// withContext takes off the parameters of RFC 3966, and puts a country's code that is
// one of them before the number.
func withContext(text string) string {
	m := phoneContext.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	text = subaddress.ReplaceAllString(phoneContext.ReplaceAllString(text, ""), "")
	if strings.HasPrefix(m[1], "+") && !strings.Contains(text, "+") {
		text = m[1] + strings.TrimPrefix(strings.ToLower(text), "tel:")
	}
	return text
}

// phoneParts parts a text where one value ends and the next begins. A comma before
// a few digits is the pause before an extension.
func phoneParts(text string) []string {
	if !strings.ContainsAny(text, ",;|\n\r\t") {
		return []string{text}
	}
	if grouped.MatchString(text) {
		return []string{strings.ReplaceAll(text, ",", "")}
	}
	if floating.MatchString(text) || scientific.MatchString(text) {
		return []string{text}
	}
	var parts []string
	begin := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) {
			switch text[i] {
			case ';':
				if rest := text[i+1:]; len(rest) > 4 && strings.EqualFold(rest[:4], "ext=") {
					continue
				}
			case ',':
				if isPause(text[begin:i], text[i:]) {
					continue
				}
			case '\n', '\r', '\t', '|':
			default:
				continue
			}
		}
		if part := strings.TrimSpace(text[begin:i]); part != "" {
			parts = append(parts, part)
		}
		begin = i + 1
	}
	return parts
}

// isPause tells whether the digits after a comma are dialled after the number
// before it.
func isPause(before, after string) bool {
	after = strings.TrimLeft(after, ",")
	end := strings.IndexFunc(after, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(after)
	}
	rest := strings.TrimSpace(after[end:])
	return end > 0 && end <= 6 && (rest == "" || strings.ContainsAny(rest[:1], ";|\n,#")) && countDigits(before) >= 7
}

func countDigits(s string) (n int) {
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// spokenPart finds the numbers of what is written as one value.
func spokenPart(part string) []said {
	if strings.HasSuffix(part, "0") && floating.MatchString(part) {
		part = part[:strings.IndexAny(part, ".,")]
	}
	t := phoneText{part: part}
	if !strings.ContainsFunc(part, unicode.IsLetter) {
		t.read()
		return t.list
	}
	if m := scientific.FindStringSubmatch(part); m != nil {
		exponent := int(m[3][0] - '0')
		if len(m[3]) == 2 {
			exponent = exponent*10 + int(m[3][1]-'0')
		}
		if len(m[2]) != exponent {
			return []said{{text: part, wrong: "is a number that a spreadsheet has rounded; its last digits are lost"}}
		}
		return []said{{digits: m[1] + m[2], text: part}}
	}
	if m := vanity.FindStringSubmatch(part); m != nil {
		if spelled := strings.ReplaceAll(m[2], "-", ""); len(spelled) == 7 && countDigits(spelled) < 7 && phoneWords()[strings.ToLower(strings.Trim(m[2], "0123456789-"))] == "" {
			return []said{{digits: "+1" + m[1] + keypad(spelled), text: part}}
		}
	}
	t.read()
	return t.list
}

func keypad(s string) string {
	const keys = "22233344455566677778889999"
	return strings.Map(func(r rune) rune {
		if r = unicode.ToLower(r); r >= 'a' && r <= 'z' {
			return rune(keys[r-'a'])
		}
		return r
	}, s)
}

// phoneText reads numbers and the words between them.
type phoneText struct {
	part   string
	list   []said
	before string // the kind that the words before a number say
	ext    bool   // the next digits are an extension
	leads  bool   // words stand before their numbers: "M 079 …", not after them
	ended  bool   // words stand after the last number
}

// inNumber are the characters that a number may hold beside its digits.
const inNumber = "+-.()/ *#?•"

func (t *phoneText) read() {
	rest := t.part
	for rest != "" {
		end := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && !strings.ContainsRune(inNumber, r) })
		if end < 0 {
			end = len(rest)
		}
		if end > 0 {
			t.digits(rest[:end])
			rest = rest[end:]
			continue
		}
		end = strings.IndexFunc(rest, func(r rune) bool {
			return r >= '0' && r <= '9' || r != '.' && r != '-' && strings.ContainsRune(inNumber, r)
		})
		if end < 0 {
			end = len(rest)
		}
		t.words(rest[:end])
		rest = rest[end:]
	}
	t.shift()
	if slices.ContainsFunc(t.list, func(s said) bool { return countDigits(s.digits) > 4 }) { // "Tel 1: …" has one number
		t.list = slices.DeleteFunc(t.list, func(s said) bool { return countDigits(s.digits) <= 2 && s.wrong == "" })
	}
}

// shift gives the words between numbers to those that follow them, where the last
// number has no word after it: "030 1234567 Fax 030 1234568".
func (t *phoneText) shift() {
	if t.leads || t.ended {
		return
	}
	for i := len(t.list) - 1; i > 0; i-- {
		t.list[i].kind = t.list[i-1].kind
	}
	if len(t.list) > 0 {
		t.list[0].kind = ""
	}
}

// words takes what stands between numbers.
func (t *phoneText) words(text string) {
	for _, word := range foldWords(text) {
		switch kind := phoneWords()[word]; {
		case strings.Trim(word, "x") == "" && len(word) > 1:
			t.masked()
		case kind == "ext":
			t.ext = len(t.list) > 0
		case kind == "direct" && len(t.list) > 0 && !t.leads:
			t.ext = true // Durchwahl 12
			t.after("work")
		case kind == "direct":
			t.leads, t.before = true, "work"
		case kind == "":
		case len(t.list) == 0 || t.leads:
			t.leads, t.before = true, kind
		default:
			t.after(kind)
		}
	}
	if len(t.list) > 0 && strings.Trim(text, ", ") == "" { // a pause, then an extension
		t.ext = true
	}
	t.ended = true
}

// after gives the number before a word its kind.
func (t *phoneText) after(kind string) {
	if last := &t.list[len(t.list)-1]; last.kind == "" {
		last.kind = kind
	}
}

// masked refuses a number of which digits are hidden.
func (t *phoneText) masked() {
	t.list = []said{{text: t.part, wrong: "is a phone number with hidden digits"}}
	t.ext = false
}

// digits takes a run of digits and what stands between them.
func (t *phoneText) digits(run string) {
	if countDigits(run) == 0 {
		return
	}
	if i := strings.IndexAny(run, "*?•"); i >= 0 && strings.ContainsFunc(run[:i], func(r rune) bool { return r >= '0' && r <= '9' }) || strings.Contains(run, "##") {
		t.masked()
		return
	}
	if t.ext {
		t.ext = false
		digits := onlyDigits(run)
		if last := &t.list[len(t.list)-1]; last.ext == "" && len(digits) <= 7 {
			last.ext = digits
			return
		}
	}
	if len(t.list) == 1 && strings.HasPrefix(t.list[0].wrong, "is a phone number with hidden") {
		return
	}
	number, ext, _ := strings.Cut(run, "#")
	if countDigits(number) < 7 || len(onlyDigits(ext)) > 7 {
		number, ext = run, ""
	}
	for _, one := range apart(number) {
		s := said{digits: dialled(one), kind: t.before, text: strings.TrimSpace(t.part)}
		if countDigits(s.digits) > 0 {
			t.list = append(t.list, s)
		}
	}
	if len(t.list) > 0 && ext != "" {
		t.list[len(t.list)-1].ext = onlyDigits(ext)
	}
	t.before, t.ended = "", false
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// dialled is a number without what is written for the eye.
func dialled(s string) string {
	s = strings.TrimSpace(s)
	if m := optionalZero.FindStringSubmatch(s); m != nil {
		if code := onlyDigits(m[1]); code != "39" && code != "0039" { // Italy dials its 0
			s = m[1] + s[len(m[0]):]
		}
	}
	digits := onlyDigits(s)
	if plus := strings.IndexByte(s, '+'); plus >= 0 && countDigits(s[:plus]) == 0 {
		return "+" + digits
	}
	return digits
}

// apart parts a run into numbers: before each further plus, and at a slash behind
// which stands a number, or the last digits of another one: 123 45 67/68. Behind an
// area code a slash is only a mark: 030/123456.
func apart(run string) []string {
	var list []string
	for {
		next := strings.LastIndexByte(run, '+')
		if next <= 0 || countDigits(run[:next]) == 0 {
			break
		}
		list = append([]string{run[next:]}, list...)
		run = run[:next]
	}
	var numbers []string
	for _, one := range append([]string{run}, list...) {
		current, area := "", 5 // digits of an area code at most
		if s := strings.TrimLeft(one, " ("); strings.HasPrefix(s, "+") || strings.HasPrefix(s, "00") {
			area = 8
		}
		for piece := range strings.SplitSeq(one, "/") {
			had, has := countDigits(current), countDigits(piece)
			switch {
			case has == 0:
			case had <= area && (had <= 5 || has > 4 || has < 3 && had < 8):
				current += piece
			case has <= 4:
				numbers = append(numbers, current)
				current = withTail(current, onlyDigits(piece))
			default:
				numbers = append(numbers, current)
				current = piece
			}
		}
		numbers = append(numbers, current)
	}
	return numbers
}

// withTail is a number with its last digits exchanged.
func withTail(number, tail string) string {
	plus := strings.HasPrefix(strings.TrimSpace(number), "+")
	digits := onlyDigits(number)
	digits = digits[:len(digits)-len(tail)] + tail
	if plus {
		return "+" + digits
	}
	return digits
}

// PhoneKind is what a word beside a telephone number says of it, in lower case
// without accents: "handy" is mobile. One of direct, ext, fax, home, main, mobile,
// work, or empty.
func PhoneKind(word string) string { return phoneWords()[word] }
