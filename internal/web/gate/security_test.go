package gate

import (
	"net/http/httptest"
	"testing"

	"github.com/leadmeter/leadmeter/internal/web/frame"
)

func TestBrowserWords(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0":              "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36":                      "Chrome on macOS",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15":                         "Safari on macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0 Mobile/15E148 Safari/604.1":     "Chrome on iPhone",
		"Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36": "Samsung Internet on Android",
		"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                             "Firefox on Linux",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36":                             "Chrome on ChromeOS",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 OPR/116.0.0.0":              "Opera on Windows",
		"curl/8.5.0":                "Another program",
		"":                          "Another program",
		`<script>alert(1)</script>`: "Another program",
	} {
		if got := browserWords(agent); got != want {
			t.Errorf("%s is %q, want %q", agent, got, want)
		}
	}
}

// A network is shown, never an address; what a proxy says counts where it is trusted, which
// package throttle has seen to.
func TestFromSaysANetwork(t *testing.T) {
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.77:4711", "", "203.0.113.x"},
		{"203.0.113.77:4711", "198.51.100.5", "203.0.113.x"},             // anybody may write that
		{"127.0.0.1:4711", "198.51.100.5, 203.0.113.77", "this machine"}, // not trusted
		{"10.0.0.2:4711", "203.0.113.200", "10.0.0.x"},
		{"203.0.113.77", "", "203.0.113.x"},
		{"2001:db8:1:2::7", "", "2001:db8:1::/48"},
		{"127.0.0.1:4711", "", "this machine"},
		{"[2001:db8:1:2::7]:4711", "", "2001:db8:1::/48"},
		{"[::ffff:203.0.113.77]:4711", "", "203.0.113.x"},
		{"", "", ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := (&visit{&frame.Visit{Request: r}}).from(); got != c.want {
			t.Errorf("%q by %q is %q, want %q", c.forwarded, c.peer, got, c.want)
		}
	}
}
