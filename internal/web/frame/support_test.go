package frame

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// A support link says which request, which page and what happened, and nothing of
// whom it was about.
func TestSupportLinkSaysWhatHappened(t *testing.T) {
	r := httptest.NewRequest("GET", "/leads/lead_secret?q=ada@example.com", nil)
	r.Pattern = "GET /leads/{lead}"
	w := httptest.NewRecorder()
	w.Header().Set("X-Request-Id", "req_7")
	for support, want := range map[string][]string{
		"help@example.com":                   {"mailto:help@example.com?", "req_7", "GET /leads/{lead}", "not_found"},
		"mailto:help@example.com?cc=a@b.com": {"mailto:help@example.com?", "cc=a%40b.com", "req_7"},
		"https://help.example.com/new?x=1":   {"https://help.example.com/new?", "x=1", "request=req_7", "GET /leads/{lead}", "happened=not_found"},
	} {
		v := &Visit{Request: r, W: w, App: &App{Support: support}}
		got := v.Support("not_found")
		plain, err := url.QueryUnescape(got)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range want {
			if !strings.Contains(got, part) && !strings.Contains(plain, part) {
				t.Errorf("%s: %q lacks %q", support, got, part)
			}
		}
		if strings.Contains(plain, "lead_secret") || strings.Contains(plain, "ada@") || strings.Contains(got, "+") {
			t.Errorf("%s: %q says too much", support, got)
		}
	}
	if got := (&Visit{Request: r, W: w, App: &App{}}).Support("x"); got != "" {
		t.Errorf("without support there is %q", got)
	}
}
