package frame

import (
	"net/url"
	"strings"
	"testing"
)

// Only what is a page of ours is a target, written as we write it.
func TestLocalTargets(t *testing.T) {
	for target, want := range map[string]string{
		"/":                             "/",
		"/leads":                        "/leads",
		"/leads?q=a%20b&list=x":         "/leads?list=x&q=a+b",
		"/leads/lead_1":                 "/leads/lead_1",
		"/settings#extensions":          "/settings#extensions",
		"/connect/extension?id=ext_1":   "/connect/extension?id=ext_1",
		"/usage?from=https://x.test":    "/usage?from=https%3A%2F%2Fx.test",
		"":                              "",
		"leads":                         "",
		"//evil.example":                "",
		"///evil.example":               "",
		"/\t/evil.example":              "",
		"/\n/evil.example":              "",
		"\t//evil.example":              "",
		" //evil.example":               "",
		"/\\evil.example":               "",
		"\\\\evil.example":              "",
		"/%5Cevil.example":              "",
		"/%2Fevil.example":              "",
		"/%09/evil.example":             "",
		"/leads/%0d%0aSet-Cookie:x":     "",
		"/./evil.example":               "",
		"/../evil.example":              "",
		"/leads/../../evil.example":     "",
		"/leads//evil.example":          "",
		"https://evil.example/leads":    "",
		"https:leads":                   "",
		"javascript:alert(1)":           "",
		"data:text/html,x":              "",
		"//user@evil.example/leads":     "",
		"/evil.example":                 "",
		"/v1/workspaces":                "",
		"/static/app.css":               "",
		"/leads\x00":                    "",
		"/leads\xff":                    "",
		"/leads\u2028":                  "",
		"/leads?a=%zz":                  "",
		"/" + strings.Repeat("a", 9000): "",
	} {
		if got := LocalTarget(target); got != want {
			t.Errorf("%q becomes %q, want %q", target, got, want)
		}
	}
	if got := AfterSignIn("/sign-in/with/okta"); got != "" {
		t.Errorf("after signing in it goes to %q", got)
	}
}

// Whatever is put together from the pieces that browsers read in their own way, the target
// stays on this site and is its own target again.
func FuzzLocalTargets(f *testing.F) {
	pieces := []string{"/", "//", "\\", "\t", "\n", "\r", "%09", "%0a", "%2f", "%5c", "@", ":", "?", "#", ".", "..", ";", "https:", "evil.example", "leads", " ", "\x00", "\u3002", "[", "]"}
	for _, a := range pieces {
		for _, b := range pieces {
			f.Add("/" + a + b + "evil.example")
			f.Add(a + b + "/leads")
		}
	}
	base := &url.URL{Scheme: "https", Host: "leads.example.com", Path: "/sign-in"}
	f.Fuzz(func(t *testing.T, target string) {
		got := LocalTarget(target)
		if got == "" {
			return
		}
		u, err := base.Parse(got)
		if err != nil || u.Host != base.Host || u.Scheme != "https" || strings.HasPrefix(got, "//") || !strings.HasPrefix(got, "/") || strings.ContainsAny(got, "\\\t\r\n") {
			t.Errorf("%q becomes %q, which leads to %v", target, got, u)
		}
		if again := LocalTarget(got); again != got && len(got) <= maxTarget {
			t.Errorf("%q becomes %q and then %q", target, got, again)
		}
	})
}
