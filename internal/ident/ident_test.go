package ident

import (
	"regexp"
	"testing"
)

func TestSmallIDs(t *testing.T) {
	seen, shape := map[string]bool{}, regexp.MustCompile(`^ws_[0-9a-z]{16}$`)
	last := ""
	for range 10_000 {
		id := Small("ws")
		if !shape.MatchString(id) || seen[id] {
			t.Fatalf("%s after %d others", id, len(seen))
		}
		if at := id[:len("ws_")+9]; at < last { // 45 of the 48 bits of the millisecond
			t.Fatalf("%s is before %s", id, last)
		} else {
			last = at
		}
		seen[id] = true
	}
}
