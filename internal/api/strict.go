package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// Text at the edge is strict: what is not valid UTF-8, holds a NUL, is said twice or
// is not known is refused with its place, and never guessed at. Both databases would
// otherwise disagree about it.

// maxKey bounds an idempotency key, in characters.
const maxKey = 255

// strictAddress refuses a path, a query or an idempotency key that is not clean text,
// and parameters that are unknown or given twice.
func strictAddress(r *http.Request, known map[string]bool) error {
	if !fault.Clean(r.URL.Path) {
		return fault.Wrong("path", "must be valid UTF-8 without NUL characters")
	}
	switch keys := r.Header["Idempotency-Key"]; {
	case len(keys) > 1:
		return fault.Wrong("Idempotency-Key", "must be given once")
	case len(keys) == 1 && strings.TrimSpace(keys[0]) == "": // a client that lost its key would be charged at every retry
		return fault.Wrong("Idempotency-Key", "must not be empty; leave the header out for a request that may happen twice")
	case len(keys) == 1 && (!fault.Clean(keys[0]) || utf8.RuneCountInString(keys[0]) > maxKey):
		return fault.Wrong("Idempotency-Key", "must be at most %d characters of valid UTF-8", maxKey)
	}
	if r.URL.RawQuery == "" {
		return nil
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return fault.Wrong("query", "must be name=value pairs joined by &, percent-encoded")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		values := query[name]
		ours := known[name] || strings.HasPrefix(name, "cap.") && known["cap.CREDIT"] && fault.Clean(name) // a name with a credit type in it
		switch {
		case !ours && len(known) == 0:
			return fault.Wrong("query", "must be empty: this operation has no parameters")
		case !ours:
			return fault.Wrong("query", "has a parameter that this operation does not have; it has %s", strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		case len(values) > 1:
			return fault.Wrong(name, "must be given once")
		case !fault.Clean(values[0]):
			return fault.Wrong(name, "must be valid UTF-8 without NUL characters")
		}
	}
	return nil
}

// unmarshal is huma's codec of JSON: it reads a body twice, and the first time, into
// anything, the text is checked.
func unmarshal(data []byte, v any) error {
	if _, first := v.(*any); first {
		if err := strictText(data); err != nil {
			return err
		}
	}
	return json.Unmarshal(data, v)
}

// Bounds of a body, whatever operation it is for: what follows decodes all of it, and
// names what is wrong with each part.
const (
	maxElements = 10_000 // of an array
	maxMembers  = 1_000  // of an object
	maxDepth    = 32
	maxText     = 20_000 // of a text or a number, in bytes
)

// strictText refuses JSON that says a member twice, is not valid UTF-8, holds a NUL or
// half a surrogate pair anywhere, or is larger in any direction than a request may be.
// Fault: Invalid, with the place.
func strictText(data []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(data)) // refuses duplicates and broken text by itself
	for {
		token, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(d, err)
		}
		switch kind, n := d.StackIndex(d.StackDepth()); {
		case d.StackDepth() > maxDepth:
			return fault.Wrong("body", "must be nested at most %d deep", maxDepth)
		case kind == '[' && n > maxElements:
			return fault.Wrong(place(d.StackPointer().Parent()), "must have at most %d elements", maxElements)
		case kind == '{' && n > 2*maxMembers: // names and values
			return fault.Wrong(place(d.StackPointer().Parent()), "must have at most %d members", maxMembers)
		case (token.Kind() == '"' || token.Kind() == '0') && utf8.RuneCountInString(token.String()) > maxText:
			return fault.Wrong(place(d.StackPointer()), "must have at most %d characters", maxText)
		}
		if token.Kind() == '"' && strings.IndexByte(token.String(), 0) >= 0 {
			return fault.Wrong(place(d.StackPointer()), "must not hold NUL characters")
		}
	}
}

func broken(d *jsontext.Decoder, err error) error {
	at := place(d.StackPointer())
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		at = place(syntax.JSONPointer)
		if errors.Is(syntax.Err, jsontext.ErrDuplicateName) {
			return fault.Wrong(at, "must be given once")
		}
	}
	if !utf8.ValidString(err.Error()) || strings.Contains(err.Error(), "UTF-8") || strings.Contains(err.Error(), "surrogate") {
		return fault.Wrong(at, "must be valid UTF-8, without half of a surrogate pair")
	}
	return fault.Wrong(at, "must be JSON; it breaks off or has a mistake near byte %d", d.InputOffset())
}

// place writes a JSON pointer as the other problems write it: lines[0].amount.
func place(p jsontext.Pointer) string {
	var b strings.Builder
	for part := range p.Tokens() {
		switch {
		case part != "" && strings.Trim(part, "0123456789") == "":
			b.WriteString("[" + part + "]")
		case b.Len() > 0:
			b.WriteString("." + part)
		default:
			b.WriteString(part)
		}
	}
	if text := b.String(); text != "" && fault.Clean(text) && len(text) <= 200 {
		return text
	}
	return "body"
}
