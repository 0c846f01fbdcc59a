package lead

import (
	"fmt"
	"regexp"
	"strings"
)

// maxAddresses bounds how many addresses are read from one text.
const maxAddresses = 50

// Emails reads every address of a text, such as a cell of a spreadsheet or a mail
// program's line of recipients: "Ada <ada@example.com>, bob@example.com". Each
// error is the reason why a part of it is left out. An empty text is nothing.
func Emails(raw string) (addresses []string, left []error) {
	if strings.Count(raw, "@") == 1 {
		if address, err := Email(raw); err == nil {
			return []string{address}, nil
		}
	}
	for _, part := range emailParts(raw) {
		if len(addresses)+len(left) == maxAddresses {
			left = append(left, fmt.Errorf("there are more than %d addresses; the others are left out", maxAddresses))
			break
		}
		address, err := Email(part)
		if err != nil {
			left = append(left, err)
			continue
		}
		addresses = append(addresses, address)
	}
	return addresses, left
}

// emailParts parts a text at its commas, semicolons and line ends, but not within
// quotes, brackets and angles, and at spaces where every word is an address.
func emailParts(raw string) []string {
	var parts []string
	var closing rune
	begin := 0
	end := func(i int) {
		part := strings.TrimSpace(raw[begin:i])
		if words := strings.Fields(part); len(words) > 1 && !strings.Contains(part, "<") && allAddresses(words) {
			parts = append(parts, words...)
		} else if part != "" {
			parts = append(parts, part)
		}
	}
	for i, r := range raw {
		switch {
		case closing != 0:
			if r == closing {
				closing = 0
			}
		case r == '"' || r == '<' || r == '(':
			other := map[rune]rune{'"': '"', '<': '>', '(': ')'}[r]
			if strings.ContainsRune(raw[i+1:], other) {
				closing = other
			}
		case strings.ContainsRune(",;\n\r\t|", r), r == '/' && strings.HasSuffix(raw[:i], " ") && strings.HasPrefix(raw[i+1:], " "):
			end(i)
			begin = i + 1
		}
	}
	end(len(raw))
	return parts
}

func allAddresses(words []string) bool {
	for _, w := range words {
		if strings.Count(w, "@") != 1 {
			return false
		}
	}
	return true
}

var (
	// A label or scheme: "mailto:", "SMTP:" of Exchange, "Email:".
	emailLabel = regexp.MustCompile(`^\pL[\pL-]{1,15} ?: ?`)
	// A link of Markdown: [Ada](mailto:ada@example.com).
	markdownLink = regexp.MustCompile(`^\[[^\]]*\]\(([^)]*)\)$`)
	// A link of HTML.
	htmlMail = regexp.MustCompile(`(?i)^<a\s[^>]*href=["']?mailto:([^"'?> ]+)`)
)

// quotes are the pairs that stand around a value.
var quotes = [][2]string{{`"`, `"`}, {"'", "'"}, {"“", "”"}, {"„", "“"}, {"‘", "’"}, {"`", "`"}, {"«", "»"}, {"<", ">"}, {"(", ")"}, {"[", "]"}}

// bareEmail takes off what stands around an address.
func bareEmail(s string) string {
	for range 4 { // quotes around a name with an address in angles, and so on
		before := s
		if m := htmlMail.FindStringSubmatch(s); m != nil {
			s = m[1]
		}
		if m := markdownLink.FindStringSubmatch(s); m != nil {
			s = m[1]
		}
		s = unwrapEmail(s)
		if label := emailLabel.FindString(s); label != "" && strings.Contains(s[len(label):], "@") && !strings.Contains(label, "@") {
			s = s[len(label):]
			if strings.EqualFold(label, "mailto:") {
				s, _, _ = strings.Cut(s, "?")
			}
		}
		if s = strings.TrimSpace(s); s == before {
			break
		}
	}
	return s
}

func unwrapEmail(s string) string {
	for _, q := range quotes {
		if inner, found := strings.CutPrefix(s, q[0]); found && strings.HasSuffix(inner, q[1]) {
			if inner = strings.TrimSuffix(inner, q[1]); !strings.Contains(inner, q[1]) {
				return strings.TrimSpace(inner)
			}
		}
	}
	for _, q := range []string{"<>", "()", "[]"} {
		open := strings.LastIndexByte(s, q[0])
		if open <= 0 || !strings.HasSuffix(s, q[1:]) {
			continue
		}
		before, within := strings.TrimSpace(s[:open]), s[open+1:len(s)-1]
		if strings.Contains(within, "@") {
			if strings.Contains(before, "@") && !strings.HasSuffix(strings.ToLower(within), strings.ToLower(before)) {
				return s // two addresses, and no telling which is meant
			}
			return within
		}
		if strings.Contains(before, "@") { // "ada@example.com (work)"
			return before
		}
	}
	return strings.Trim(strings.TrimRight(s, ",;:"), "'’")
}
