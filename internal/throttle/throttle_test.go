package throttle

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"golang.org/x/time/rate"
)

const here, there = "192.0.2.1:4000", "192.0.2.2:4000"

// One who guesses an account is slowed down soon, and locks out neither its owner elsewhere,
// nor a colleague behind the same address, nor a browser that the owner signed in with before.
func TestAttempts(t *testing.T) {
	a := New()
	for n := range triesPerPair {
		if !a.Account(here, "ada@acme.example", "") {
			t.Fatalf("try %d was refused", n+1)
		}
	}
	if a.Account(here, "ada@acme.example", "") {
		t.Error("one try too many for an account was allowed")
	}
	if !a.Account(here, "alan@acme.example", "") {
		t.Error("a colleague behind the same address was refused")
	}
	if !a.Account(there, "ada@acme.example", "") {
		t.Error("the owner, elsewhere, was refused")
	}
	for n := range 10 * triesPerAccount { // from many addresses
		a.Account(fmt.Sprintf("198.51.100.%d:1", n%200), "ada@acme.example", "")
	}
	if a.Account("203.0.113.1:1", "ada@acme.example", "") {
		t.Error("guessing from many addresses is not slowed down")
	}
	for range triesPerPair {
		if !a.Account(here, "ada@acme.example", "her browser") {
			t.Fatal("a browser that was signed in before was refused")
		}
	}
	if a.Account(here, "ada@acme.example", "her browser") {
		t.Error("a known browser may guess without end")
	}
}

// A refused address takes nothing from an account.
func TestARefusedAddressTakesNothing(t *testing.T) {
	a := New()
	for range triesPerAddress + 50 {
		a.Address(here)
	}
	for range 50 {
		if a.Account(here, "ada@acme.example", "") {
			t.Fatal("a refused address was allowed")
		}
	}
	for n := range triesPerAccount {
		if !a.Account(fmt.Sprintf("198.51.100.%d:1", n), "ada@acme.example", "") {
			t.Fatalf("after %d tries the account has none left", n)
		}
	}
	if !a.Address("192.0.2.2") {
		t.Error("another address was refused")
	}
	for range triesPerAddress {
		a.Address("[2001:db8::1]:1")
	}
	if a.Address("[2001:db8::2]:1") {
		t.Error("one network of IPv6 has more than one bucket")
	}
}

// However many other names are tried, the counter of one that is in use stays.
func TestTablesEvictAndNeverClear(t *testing.T) {
	const max = 100
	names := newTable(rate.Limit(1e-9), 2, max)
	names.allow("victim")
	names.allow("victim")
	for n := range 50 * max {
		names.allow(fmt.Sprint("name ", n))
		if n%50 == 0 && names.allow("victim") {
			t.Fatalf("after %d other names the counter began again", n)
		}
	}
	if len(names.known) != max || names.used.Len() != max {
		t.Errorf("%d and %d names are remembered, not %d", len(names.known), names.used.Len(), max)
	}
	rates := NewRates(1)
	rates.names = newTable(rate.Limit(1e-9), 1, max)
	rates.Allow("key")
	for n := range max - 1 {
		rates.Allow(fmt.Sprint("key ", n))
	}
	if rates.Allow("key") {
		t.Error("a table that is full forgot everybody")
	}
}

// X-Forwarded-For counts where a trusted proxy wrote it, and no further than the first
// address that is not a proxy's.
func TestProxies(t *testing.T) {
	trusted, err := ParseProxies([]string{"10.0.0.0/8", " 127.0.0.1", "fd00::/8"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		remote string
		said   []string
		want   string
	}{
		{"10.1.2.3:80", []string{"203.0.113.9"}, "203.0.113.9"},
		{"10.1.2.3:80", []string{"198.51.100.1, 203.0.113.9"}, "203.0.113.9"},
		{"10.1.2.3:80", []string{"198.51.100.1", "203.0.113.9, 10.9.9.9"}, "203.0.113.9"},
		{"10.1.2.3:80", []string{"203.0.113.9:4711"}, "203.0.113.9"},
		{"10.1.2.3:80", []string{"[2001:db8::7]:4711"}, "2001:db8::7"},
		{"10.1.2.3:80", []string{"198.51.100.1, nonsense"}, "10.1.2.3"},
		{"10.1.2.3:80", []string{"198.51.100.1, nonsense, 10.9.9.9"}, "10.9.9.9"},
		{"10.1.2.3:80", []string{"10.9.9.9"}, "10.9.9.9"},
		{"10.1.2.3:80", nil, "10.1.2.3"},
		{"[::ffff:127.0.0.1]:80", []string{"203.0.113.9"}, "203.0.113.9"},
		{"192.168.0.1:80", []string{"203.0.113.9"}, "192.168.0.1:80"}, // private, and not trusted
		{"203.0.113.1:80", []string{"10.1.2.3"}, "203.0.113.1:80"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		r.Header["X-Forwarded-For"] = c.said
		got := ""
		trusted.Through(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })).ServeHTTP(nil, r)
		if got != c.want {
			t.Errorf("%s with %q: %s, want %s", c.remote, c.said, got, c.want)
		}
	}
	for _, bad := range []string{"", "10.0.0.0/33", "proxy.example"} {
		if _, err := ParseProxies([]string{bad}); err == nil {
			t.Errorf("%q is a network", bad)
		}
	}
}
