package lead

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// The lengths that mail and the domain name system allow, in bytes.
const (
	maxEmail = 254
	maxLocal = 64
	maxHost  = 253
	maxLabel = 63
)

// maxURL bounds a written URL, in bytes.
const maxURL = 2048

// Email brings an address into the one form that is kept and compared: lower
// case, the domain in ASCII. What stands before the @ is lowered too: a server
// may tell cases apart, none that people use does, and one person under two
// keys would be sold twice. What mail programs and office suites put around an
// address is taken off: "mailto:", "Ada <ada@example.com>", "Ada (ada@example.com)",
// "ada@example.com<mailto:ada@example.com>", quotes, and characters that nobody sees.
func Email(raw string) (string, error) {
	bad := func() (string, error) { return "", fmt.Errorf("%q is not an email address", clip(raw)) }
	if len(raw) > 4*maxEmail || !utf8.ValidString(raw) {
		return bad()
	}
	s := Visible(raw)
	if strings.ContainsFunc(s, beside) { // most addresses stand alone
		s = bareEmail(s)
	}
	local, domain, found := strings.Cut(s, "@")
	if !found {
		return bad()
	}
	local = lower(local)
	domain, ok := host(domain)
	if !ok || !isLocal(local) || lower(local) != local || len(local)+1+len(domain) > maxEmail {
		return bad()
	}
	return local + "@" + domain, nil
}

// beside tells characters that may stand around an address.
func beside(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '@' || r == '_' || r == '-' || r == '+')
}

// isLocal tells whether s may stand before the @, without quotes. Letters of
// every script may (RFC 6531).
func isLocal(s string) bool {
	if s == "" || len(s) > maxLocal || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", r):
		case r >= utf8.RuneSelf && r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)):
		default:
			return false
		}
	}
	return true
}

// lower is lower case in composed form, so that é is one thing however it was typed.
func lower(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return norm.NFC.String(strings.ToLower(norm.NFC.String(s)))
}

// Domain reads a company's domain from a bare domain or any URL of its site:
// lower case, ASCII, without "www.". "HTTPS://www.Münich.example/about" is
// "xn--mnich-kva.example".
func Domain(raw string) (string, error) {
	s := strings.TrimSpace(raw)
	if len(s) <= maxURL {
		if _, rest, found := strings.Cut(s, "://"); found {
			s = rest
		}
		s = strings.TrimPrefix(s, "//")
		if i := strings.IndexAny(s, "/?#"); i >= 0 {
			s = s[:i]
		}
		if domain, ok := host(withoutPort(s)); ok {
			return withoutWWW(domain), nil
		}
	}
	return "", fmt.Errorf("%q is not a domain", clip(raw))
}

func withoutPort(s string) string {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || len(s)-i > 6 || strings.Trim(s[i+1:], "0123456789") != "" {
		return s
	}
	return s[:i]
}

// withoutWWW keeps at least two labels, for a domain may be called www.com.
func withoutWWW(domain string) string {
	for strings.HasPrefix(domain, "www.") && strings.Contains(domain[4:], ".") {
		domain = domain[4:]
	}
	return domain
}

// host brings a domain name into lower-case ASCII. It must have at least two
// labels, and the last must not be a number, which would be an address.
func host(s string) (string, bool) {
	s = strings.TrimSuffix(s, ".")
	if s == "" || len(s) > 4*maxHost || !utf8.ValidString(s) {
		return "", false
	}
	if isASCII(s) {
		s = strings.ToLower(s)
	}
	if !isASCII(s) || strings.Contains(s, "xn--") {
		var err error
		if s, err = idna.Lookup.ToASCII(s); err != nil {
			return "", false
		}
		if again, err := idna.Lookup.ToASCII(s); err != nil || again != s {
			return "", false // an encoding that does not stand for what it says
		}
	}
	if len(s) > maxHost || !strings.Contains(s, ".") {
		return "", false
	}
	last := ""
	for label := range strings.SplitSeq(s, ".") {
		if !isLabel(label) {
			return "", false
		}
		last = label
	}
	return s, strings.Trim(last, "0123456789") != ""
}

func isLabel(s string) bool {
	if s == "" || len(s) > maxLabel || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
