package server_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/testdb"
)

// openAPIFile is the committed document, from here.
const openAPIFile = "../../api/openapi.yaml"

// What the server serves is what is committed: a change of the API is seen in its diff.
// LEADMETER_WRITE_OPENAPI=1 writes the file.
func TestOpenAPIIsCommitted(t *testing.T) {
	w := open(t, testdb.AddressOnAny(t))
	var served []byte
	if _, err := w.operator.Do(ctx, http.MethodGet, "/openapi.yaml", "", nil, &served); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("LEADMETER_WRITE_OPENAPI") != "" {
		if err := os.WriteFile(openAPIFile, served, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(openAPIFile)
	if err != nil {
		t.Fatal(err)
	}
	is, was := strings.Split(string(served), "\n"), strings.Split(string(committed), "\n")
	for n := range min(len(is), len(was)) {
		if is[n] != was[n] {
			t.Fatalf("api/openapi.yaml differs from what is served at line %d:\n%s\n%s\n`make generate` writes it again.", n+1, was[n], is[n])
		}
	}
	if len(is) != len(was) {
		t.Fatalf("api/openapi.yaml has %d lines, what is served %d; `make generate` writes it again.", len(was), len(is))
	}
}

// Every operation says who may call it, is in a group that is described, and has error
// answers.
func TestOpenAPIIsComplete(t *testing.T) {
	w := open(t, testdb.AddressOnAny(t))
	doc := w.get(w.operator, "/openapi.json")
	groups := map[string]bool{}
	for _, tag := range doc["tags"].([]any) {
		groups[tag.(is)["name"].(string)] = tag.(is)["description"] != ""
	}
	seen := map[string]bool{}
	for path, methods := range doc["paths"].(is) {
		for method, o := range methods.(is) {
			o, name := o.(is), method+" "+path
			if text, _ := o["description"].(string); !strings.HasPrefix(text, "Who may: ") && !strings.HasPrefix(text, "Needs no key") {
				t.Errorf("%s does not say who may: %q", name, text)
			}
			failures := 0
			for status := range o["responses"].(is) {
				if status[0] == '4' {
					failures++
				}
			}
			if failures < 3 {
				t.Errorf("%s has %d answers for errors of the caller", name, failures)
			}
			for _, tag := range o["tags"].([]any) {
				seen[tag.(string)] = true
				if !groups[tag.(string)] {
					t.Errorf("%s is in the group %s, which is not described", name, tag)
				}
			}
		}
	}
	for g := range groups {
		if !seen[g] {
			t.Errorf("the group %s is described and empty", g)
		}
	}
	if len(seen) < 15 {
		t.Errorf("only %d groups", len(seen))
	}
}
