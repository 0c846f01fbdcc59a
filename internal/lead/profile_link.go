package lead

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ProfileLink takes a profile's address out of what stands around it: invisible
// characters, angle brackets and quotes, a mark of punctuation behind, and the page of a
// search engine, a mail filter or a sign-in that leads to it. Otherwise it is as it was
// written, so that it opens what it opened.
func ProfileLink(raw string) string {
	if len(raw) > 4*maxURL {
		return raw
	}
	s := raw
	for range 4 { // a redirect may lead to the next
		s = bare(s)
		inner, found := redirected(s)
		if !found {
			break
		}
		s = inner
	}
	return s
}

// bare is an address without what a text puts around it.
func bare(s string) string {
	if !isASCII(s) {
		s = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cf, r) {
				return -1
			}
			return r
		}, s)
	}
	for before := ""; before != s; {
		before = s
		s = strings.TrimFunc(s, func(r rune) bool {
			return unicode.IsSpace(r) || strings.ContainsRune("<>\"'`“”‘’«»[]|,;!*", r)
		})
		s = strings.TrimLeft(s, "({")
		s = strings.TrimRight(s, ".:…")
		if !strings.Contains(s, "(") {
			s = strings.TrimRight(s, ")}")
		}
		s = strings.TrimSuffix(strings.TrimPrefix(s, "&lt;"), "&gt;")
	}
	return s
}

// redirects are the pages that lead to the address in one of their parameters: a host
// (with what stands before it), the beginning of a path, and the parameters.
var redirects = []struct {
	host, path string
	params     []string
}{
	{"google", "url", []string{"q", "url"}},
	{"googleweblight.com", "", []string{"u", "lite_url"}},
	{"bing.com", "ck/", []string{"r"}},
	{"duckduckgo.com", "l/", []string{"uddg"}},
	{"yandex.ru", "clck/", []string{"url"}},
	{"linkedin.com", "authwall", []string{"sessionredirect", "session_redirect"}},
	{"linkedin.com", "login", []string{"session_redirect", "sessionredirect"}},
	{"linkedin.com", "uas/login", []string{"session_redirect"}},
	{"linkedin.com", "checkpoint/", []string{"session_redirect", "sessionredirect"}},
	{"linkedin.com", "signup/", []string{"session_redirect"}},
	{"linkedin.com", "redir/redirect", []string{"url"}},
	{"linkedin.com", "safety/go", []string{"url"}},
	{"facebook.com", "l.php", []string{"u"}},
	{"facebook.com", "login", []string{"next"}},
	{"instagram.com", "", []string{"u"}},
	{"safelinks.protection.outlook.com", "", []string{"url"}},
	{"slack-redir.net", "link", []string{"url"}},
	{"urldefense.proofpoint.com", "v1/url", []string{"u"}},
	{archive, "", nil},
}

const archive = "web.archive.org"

var archived = regexp.MustCompile(`^/?(?:web/)?[0-9]{4,14}[a-z_]*/(https?):/+(.*)$`)

// redirected is the address that a redirecting page leads to.
func redirected(s string) (string, bool) {
	rest := s
	if _, r, found := strings.Cut(s, "://"); found && strings.Index(s, "://") < 6 {
		rest = r
	}
	rest, query, _ := strings.Cut(rest, "?")
	name, path, _ := strings.Cut(rest, "/")
	name = strings.ToLower(name)
	if query == "" && !under(name, archive) { // the others lead by a parameter
		return "", false
	}
	lowered := strings.ToLower(path)
	for _, r := range redirects {
		if !under(name, r.host) || !strings.HasPrefix(lowered, r.path) {
			continue
		}
		if m := archived.FindStringSubmatch(path); r.params == nil && m != nil {
			return m[1] + "://" + m[2], true
		}
		for part := range strings.SplitSeq(strings.ReplaceAll(query, "&amp;", "&"), "&") {
			name, value, _ := strings.Cut(part, "=")
			for _, p := range r.params {
				if strings.EqualFold(name, p) && value != "" {
					return decoded(value), true
				}
			}
		}
	}
	return "", false
}

// under tells a host, its subdomains, and of a bare word the host of that name in any
// country.
func under(name, of string) bool {
	if !strings.Contains(of, ".") {
		return strings.HasPrefix(name, of+".") || strings.Contains(name, "."+of+".")
	}
	return name == of || strings.HasSuffix(name, "."+of)
}

// decoded undoes one layer of percent-encoding, of what is a text afterwards.
func decoded(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0 {
			b.WriteByte(byte(unhex(s[i+1])<<4 | unhex(s[i+2])))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	if t := b.String(); utf8.ValidString(t) {
		return t
	}
	return s
}
