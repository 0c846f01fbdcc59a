package throttle

import (
	"net/http"
	"testing"
)

// Guessing one name is slowed down soon, a whole office behind one address later.
func TestAttempts(t *testing.T) {
	a := New()
	r := &http.Request{RemoteAddr: "192.0.2.1:4000"}
	for n := range triesPerName {
		if !a.Allow(r, "ada@acme.example") {
			t.Fatalf("try %d was refused", n+1)
		}
	}
	if a.Allow(r, " ADA@acme.example") {
		t.Error("one try too many for a name was allowed")
	}
	if !a.Allow(r, "alan@acme.example") {
		t.Error("a colleague behind the same address was refused")
	}
	for range triesPerAddress {
		a.Allow(r, "")
	}
	if a.Allow(r, "") {
		t.Error("one try too many for an address was allowed")
	}
	if !a.Allow(&http.Request{RemoteAddr: "192.0.2.2:4000"}, "") {
		t.Error("another address was refused")
	}
}
