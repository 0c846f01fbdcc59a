package web

import (
	"net/http"
	"testing"
)

// Guessing one name is slowed down soon, a whole office behind one address later.
func TestAttempts(t *testing.T) {
	a := newAttempts()
	r := &http.Request{RemoteAddr: "192.0.2.1:4000"}
	for n := range triesPerName {
		if !a.allow(r, "ada@acme.example") {
			t.Fatalf("try %d was refused", n+1)
		}
	}
	if a.allow(r, " ADA@acme.example") {
		t.Error("one try too many for a name was allowed")
	}
	if !a.allow(r, "alan@acme.example") {
		t.Error("a colleague behind the same address was refused")
	}
	for range triesPerAddress {
		a.allow(r, "")
	}
	if a.allow(r, "") {
		t.Error("one try too many for an address was allowed")
	}
	if !a.allow(&http.Request{RemoteAddr: "192.0.2.2:4000"}, "") {
		t.Error("another address was refused")
	}
}
