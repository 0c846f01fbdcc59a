package provider_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/outbound"
	"github.com/leadmeter/leadmeter/internal/provider"
)

func TestReplies(t *testing.T) {
	reply := func(status int, name, value string) provider.Reply {
		return provider.Reply{Reply: outbound.Reply{Status: status, Header: http.Header{name: {value}}}}
	}
	for text, want := range map[string]time.Duration{"5": 5 * time.Second, "0.5": 500 * time.Millisecond, "-3": 0, "": 0, "soon": 0, "1e99": time.Hour, "NaN": 0, "+Inf": time.Hour} {
		if got := reply(429, "Retry-After", text).RetryAfter(); got != want {
			t.Errorf("Retry-After %q is %v, want %v", text, got, want)
		}
	}
	at := time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)
	if got := reply(429, "Retry-After", at).RetryAfter(); got < 85*time.Second || got > 90*time.Second {
		t.Errorf("Retry-After %q is %v", at, got)
	}
	for text, want := range map[string]string{"1": "1", "0.5": "0.5", " 2 ": "2", "-1": "", "1e3": "", "": "", ".5": "", "5.": "", "1.2.3": "", "12345678901234567890": "", "Ada": ""} {
		if got := provider.Amount(text); got != want {
			t.Errorf("%q is the amount %q, want %q", text, got, want)
		}
	}
	for kind, ok := range map[string]bool{"application/json": true, "Application/JSON; charset=utf-8": true, "application/problem+json": true, "text/json": false, "text/html": false, "": false, "json": false} {
		r := reply(200, "Content-Type", kind)
		r.Body = []byte(`{"n":12345678901234567890}`)
		doc, err := r.JSON()
		if (err == nil) != ok || ok && doc.At("n").Text() != "12345678901234567890" {
			t.Errorf("%q: %v", kind, err)
		}
	}
}
