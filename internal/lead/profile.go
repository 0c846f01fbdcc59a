package lead

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ProfileURL brings the address of a person's profile page into the key under
// which the person is found: "https://de.linkedin.com/in/Ada/?trk=x" and
// "linkedin.com/in/ada" are both "linkedin.com/in/ada". A Sales Navigator page
// is "linkedin.com/sales/lead/<id>", whichever of its views was copied. Pages
// of other sites are their host and path.
//
// The key is for comparing, not for opening: it is all lower case, which some
// sites' addresses are not. An address without a path, or a company's page, is
// refused: it would make one person of everybody who works there.
func ProfileURL(raw string) (string, error) {
	bad := func() (string, error) { return "", fmt.Errorf("%q is not the URL of a person's profile", clip(raw)) }
	s := strings.TrimSpace(raw)
	if len(s) > maxURL || !utf8.ValidString(s) {
		return bad()
	}
	if scheme, rest, found := strings.Cut(s, "://"); found && !strings.ContainsAny(scheme, "/?#") {
		if !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
			return bad()
		}
		s = rest
	}
	s = strings.TrimPrefix(s, "//")
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		s = s[:i]
	}
	site, path, _ := strings.Cut(s, "/")
	site, ok := host(withoutPort(site))
	if !ok {
		return bad()
	}
	path, ok = unescape(path)
	path = lower(path)
	if !ok || lower(path) != path {
		return bad()
	}
	segments, ok := pathSegments(path)
	site = withoutWWW(site)
	if ok && (site == "linkedin.com" || strings.HasSuffix(site, ".linkedin.com")) {
		site = "linkedin.com"
		segments, ok = linkedInPath(segments)
	}
	key := site + "/" + strings.Join(segments, "/")
	if !ok || len(key) > maxURL {
		return bad()
	}
	return key, nil
}

// linkedInPath keeps what of a path names the person: not the language, the
// view or the search that it was reached by.
func linkedInPath(segments []string) ([]string, bool) {
	for len(segments) > 1 && (segments[0] == "mwlite" || segments[0] == "comm") {
		segments = segments[1:]
	}
	switch segments[0] {
	case "in":
		if len(segments) < 2 {
			return nil, false
		}
		return segments[:2], true
	case "sales":
		if len(segments) < 3 || segments[1] != "lead" && segments[1] != "people" {
			return nil, false
		}
		id, _, _ := strings.Cut(segments[2], ",")
		return []string{"sales", "lead", id}, id != ""
	case "company", "school", "showcase", "jobs", "posts", "feed", "groups":
		return nil, false
	}
	return segments, len(segments) > 1
}

// pathSegments splits a path and drops empty segments. False means that none is
// left, or that it holds what an address cannot.
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
	for _, r := range path {
		if unicode.IsControl(r) || unicode.IsSpace(r) || r == utf8.RuneError || strings.ContainsRune("\\<>\"", r) {
			return nil, false
		}
	}
	return segments, len(segments) > 0
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
		if c <= ' ' || c == 0x7f || strings.IndexByte("/?#%\\<>\"", c) >= 0 {
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
