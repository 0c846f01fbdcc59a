package frame

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sections are the first parts of the paths that a browser is sent on to.
var sections = map[string]bool{
	"": true, "sign-in": true, "settings": true, "team": true, "leads": true, "capture": true, "bulk": true, "usage": true, "ask": true, "plan": true, "audit": true, "changes": true, "connect": true, "help": true, "operator": true, "people": true,
}

// maxTarget bounds a target, in bytes: it must fit into a cookie.
const maxTarget = 1500

// LocalTarget is a target inside the product, taken apart and put together again from what is
// allowed: a path of ours, a query, a fragment. Anything else is empty.
func LocalTarget(target string) string {
	odd := func(text string) bool {
		return !utf8.ValidString(text) || strings.ContainsRune(text, '\\') || strings.ContainsFunc(text, unicode.IsControl)
	}
	if len(target) > maxTarget || odd(target) {
		return ""
	}
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || odd(u.Path) || !strings.HasPrefix(u.Path, "/") || path.Clean(u.Path) != u.Path {
		return ""
	}
	section, _, _ := strings.Cut(u.Path[1:], "/")
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || !sections[section] {
		return ""
	}
	clean := url.URL{Path: u.Path, RawQuery: query.Encode(), Fragment: u.Fragment}
	return clean.String()
}

// AfterSignIn is a target to go to once somebody signed in; the way in is none itself.
func AfterSignIn(target string) string {
	target = LocalTarget(target)
	if strings.HasPrefix(target, "/sign-in") {
		return ""
	}
	return target
}

// To sends the browser on inside the product, with a sentence about what happened.
func (v *Visit) To(target, kind, text string) error {
	if text != "" {
		v.Say(kind, text)
	}
	if target = LocalTarget(target); target == "" {
		target = "/"
	}
	http.Redirect(v.W, v.Request, target, http.StatusSeeOther)
	return nil
}

// ToIssuer sends the browser to an issuer, whose address is the configuration's.
func (v *Visit) ToIssuer(address string) error {
	http.Redirect(v.W, v.Request, address, http.StatusSeeOther)
	return nil
}
