package credits

import (
	"strings"
	"unicode/utf8"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Bounds of the texts that a command brings, in bytes: what any database keeps,
// and what one can find again by an index.
const (
	maxName = 500
	maxKey  = 4 * 255 // 255 characters
	maxNote = 10_000
	maxData = 1 << 20
)

// storable refuses a command with a text that a database would not keep: there
// it would fail the whole batch, and every caller in it.
func storable(c command) *Refusal {
	r := c.request()
	if refusal := goodKey(r); refusal != nil {
		return refusal
	}
	var few [8]string // on the stack: this runs for every command
	names := append(few[:0], r.Workspace, r.Member, r.Channel)
	var notes, data []string
	switch c := c.(type) {
	case *Charge:
		names, notes = append(names, c.Credit), []string{c.Note}
	case *Hold:
		names = append(names, c.ID, c.Credit)
	case *Settle:
		names = append(names, c.Hold)
	case *Release:
		names = append(names, c.Hold)
	case *Extend:
		names = append(names, c.Hold)
	case *GiveGrant:
		names, notes = append(names, c.ID, c.Credit), []string{c.Note}
	case *Report:
		names = append(names, c.Reason)
	case *EndGrant:
		names = append(names, c.ID)
	case *Allocate:
		names = append(names, c.For)
	case *Remove:
		names = append(names, c.Gone)
	case *Capture:
		names = append(names, c.Person)
		for _, f := range c.Findings {
			names, data = append(names, f.Field, f.Hold), append(data, string(f.Data))
		}
		if l := c.Lead; l != nil {
			names = append(names, l.ID, l.List)
			notes = []string{l.FullName, l.Title, l.Company, l.Domain, l.Location, l.Profile}
		}
	}
	if fit(names, maxName) && fit(notes, maxNote) && fit(data, maxData) {
		return nil
	}
	return refuse(Invalid, "Every text must be UTF-8 without the character 0, and of a reasonable length.")
}

// goodKey refuses an idempotency key that is too long, and a client's that the
// product could make itself.
func goodKey(r *Request) *Refusal {
	switch {
	case len(r.Key) > maxKey || !utf8.ValidString(r.Key) || strings.IndexByte(r.Key, 0) >= 0:
		return invalid("idempotency_key", "must be UTF-8 without the character 0, of at most 255 characters")
	case r.Own && r.Key == "":
		return invalid("idempotency_key", "must not be empty")
	case !r.Own && store.IsOwnKey(r.Key):
		return invalid("idempotency_key", "must not begin with %s, which is kept for the product's own keys", store.OwnKeys)
	}
	return nil
}

func fit(texts []string, limit int) bool {
	for _, t := range texts {
		if len(t) > limit || !utf8.ValidString(t) || strings.IndexByte(t, 0) >= 0 {
			return false
		}
	}
	return true
}
