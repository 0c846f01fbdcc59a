package directory

import (
	"testing"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// Anyone who has more forms of a name than anybody else is meant; at a tie nobody is chosen.
func TestByForms(t *testing.T) {
	for _, c := range []struct {
		hits map[string]int
		id   string
		kind fault.Kind
	}{
		{nil, "", fault.NotFound},
		{map[string]int{"a": 1}, "a", ""},
		{map[string]int{"a": 2, "b": 1}, "a", ""},
		{map[string]int{"a": 1, "b": 3, "c": 2}, "b", ""},
		{map[string]int{"a": 1, "b": 1}, "", fault.Conflict},
		{map[string]int{"a": 2, "b": 2, "c": 1}, "", fault.Conflict},
	} {
		for range 20 { // whatever the map's order
			id, err := byForms(c.hits)
			if id != c.id && c.kind == "" || (c.kind == "") != (err == nil) || c.kind != "" && !fault.Is(err, c.kind) {
				t.Fatalf("%v: %q, %v", c.hits, id, err)
			}
		}
	}
}
