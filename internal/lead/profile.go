package lead

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ProfileURL brings the address of a person's profile page into the key under
// which the person is found: "https://de.linkedin.com/in/Ada/?trk=x" and
// "linkedin.com/in/ada" are both "linkedin.com/in/ada". What the address says beyond the
// person (the language, the view, the search that it was found by) is left out, and what
// identifies the person is kept, also where that stands in the query; see sites. Pages
// of sites that are not in the table are their host, path and query.
//
// The key is for comparing, not for opening: it is all lower case, which some
// sites' addresses are not. An address that is nobody's own is refused, such as a
// company's page, a search, or "/in/undefined": it would make one person of strangers.
func ProfileURL(raw string) (string, error) {
	bad := func() (string, error) { return "", fmt.Errorf("%q is not the URL of a person's profile", clip(raw)) }
	s := ProfileLink(raw)
	for range 3 { // until it does not change: a closing point may have been encoded
		key, ok := profileKey(s)
		if !ok || len(key) > maxURL {
			return bad()
		}
		if key == s {
			return key, nil
		}
		s = ProfileLink(key)
	}
	return bad()
}

// profileKey is one reading of an address in the form of ProfileLink.
func profileKey(s string) (string, bool) {
	if len(s) > maxURL || !utf8.ValidString(s) {
		return "", false
	}
	if scheme, rest, found := strings.Cut(s, "://"); found && !strings.ContainsAny(scheme, "/?#") {
		if !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
			return "", false
		}
		s = rest
	}
	s = strings.TrimPrefix(s, "//")
	s, _, _ = strings.Cut(s, "#")
	s, rawQuery, _ := strings.Cut(s, "?")
	name, path, _ := strings.Cut(s, "/")
	name, ok := host(withoutPort(name))
	if !ok {
		return "", false
	}
	path, ok = plainly(path)
	if !ok {
		return "", false
	}
	segments, ok := pathSegments(path)
	if !ok {
		return "", false
	}
	query, ok := queryOf(rawQuery)
	if !ok {
		return "", false
	}
	name = withoutWWW(name)
	if site := siteOf(name); site != nil {
		return site.key(segments, query)
	}
	if len(segments) > 0 && nobodys[segments[len(segments)-1]] || len(segments) == 0 && len(query) == 0 {
		return "", false
	}
	key := name + "/" + strings.Join(segments, "/")
	for i, q := range query {
		key += string("&?"[min(1, max(0, 1-i))]) + q.name + "=" + q.value
	}
	return key, true
}

// plainly is a text of an address without percent-encoding, in lower case.
func plainly(s string) (string, bool) {
	if !strings.Contains(s, "%") {
		s = lower(s)
		return s, lower(s) == s
	}
	for range 4 { // encoded more than once, as redirects do
		again := doubly.ReplaceAllString(s, "%$1")
		if again == s {
			break
		}
		s = again
	}
	s, ok := unescape(s)
	s = lower(s)
	return s, ok && lower(s) == s && !doubly.MatchString(s)
}

var doubly = regexp.MustCompile(`%25([0-9A-Fa-f]{2})`)

// param is one parameter of a query.
type param struct{ name, value string }

// tracking are parameters that say where a link was found.
var tracking = set("trk ref src source fbclid gclid msclkid lipi licu lici midtoken originalsubdomain locale lang hl igshid mibextid s si")

// queryOf reads a query in the order of its names, without what tracks.
func queryOf(raw string) (query []param, ok bool) {
	for part := range strings.SplitSeq(strings.ReplaceAll(raw, "&amp;", "&"), "&") {
		name, value, _ := strings.Cut(part, "=")
		name, ok := plainly(name)
		if !ok || strings.ContainsFunc(name, notInURL) {
			return nil, false
		}
		if name == "" || tracking[name] || strings.HasPrefix(name, "utm_") {
			continue
		}
		if value, ok = plainly(value); !ok || strings.ContainsFunc(value, notInURL) {
			return nil, false
		}
		query = append(query, param{name, value})
	}
	slices.SortStableFunc(query, func(a, b param) int { return strings.Compare(a.name, b.name) })
	return query, true
}

// pathSegments splits a path and drops empty segments. False means that it holds what an
// address cannot.
func pathSegments(path string) ([]string, bool) {
	var segments []string
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return nil, false
		}
		if segment != "" {
			segments = append(segments, segment)
		}
	}
	return segments, !strings.ContainsFunc(path, notInURL)
}

// notInURL tells a character that no address holds.
func notInURL(r rune) bool {
	return unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError || strings.ContainsRune("\\<>\"", r)
}

// unescape undoes percent-encoding, but for the characters that would then be
// read as the address's own punctuation: those stay encoded, in lower case.
func unescape(s string) (string, bool) {
	if !strings.Contains(s, "%") {
		return s, true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		high, low := unhex(s[i+1]), unhex(s[i+2])
		if high < 0 || low < 0 {
			return "", false
		}
		c := byte(high<<4 | low)
		if c <= ' ' || c == 0x7f || strings.IndexByte("/?#%&=\\<>\"", c) >= 0 {
			b.WriteString(strings.ToLower(s[i : i+3]))
		} else {
			b.WriteByte(c)
		}
		i += 2
	}
	return b.String(), utf8.ValidString(b.String())
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
