package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"

	"github.com/leadmeter/leadmeter/internal/edge"
)

// The fast path: single charges are what a machine sends by the thousand, and
// decoding by reflection, validation against a schema and a second decoding for
// the fingerprint cost more than the ledger. So a charge written in the plainest
// way is read here; every other one, right or wrong, goes the common path, which
// alone says what is wrong with it. Both meet in API.charge.

// maxFast bounds the body of a charge that is read here, in bytes.
const maxFast = 2048

// fastExchange is all that a charge needs from its body to its answer, in one allocation.
type fastExchange struct {
	in    chargeIn
	out   chargeAnswer
	spent [2]string // header values
	text  [512]byte // the body, and then the answer
}

// fastCharge answers a charge that is written plainly.
func (a *API) fastCharge(w http.ResponseWriter, r *http.Request, ctx context.Context) bool {
	x := &fastExchange{}
	plain, err := readFast(r, x)
	if !plain && err == nil {
		return false
	}
	if c, ok := ctx.(*askingContext); ok && err == nil {
		err = c.still()
	}
	if err == nil {
		err = a.chargeInto(ctx, &x.in, &x.out)
	}
	if err != nil {
		WriteProblem(w, err)
		return true
	}
	h := w.Header()
	x.spent = [...]string{x.out.Spent.Charged, x.out.Remaining}
	h["Content-Type"], h["Credits-Charged"], h["Credits-Remaining"] = jsonType, x.spent[:1], x.spent[1:]
	w.WriteHeader(http.StatusCreated)
	body := append(x.text[:0], '{')
	_, _ = w.Write(append(x.out.Body.appendMembers(body), "}\n"...)) // the caller may have gone
	return true
}

// jsonType is shared by all answers: a header's values are never changed in place.
var jsonType = []string{"application/json"}

// readFast reads a charge that is written plainly: application/json, one object
// of the known members, texts that need no escape. False leaves the request as it
// came, its body still to be read; an error is of a body that did not arrive.
func readFast(r *http.Request, x *fastExchange) (plain bool, err error) {
	x.in.Workspace, x.in.Key = r.PathValue("ws"), r.Header.Get("Idempotency-Key")
	return readPlain(r, x.in.Workspace, maxFast, x.text[:0], func(body []byte) bool { return parseFast(body, &x.in) })
}

// readPlain reads a body of at most so many bytes, if it can be parsed plainly; into room, if
// that has enough.
func readPlain(r *http.Request, ws string, limit int64, room []byte, parse func(body []byte) bool) (plain bool, err error) {
	if r.Header.Get("Content-Type") != "application/json" || r.ContentLength <= 0 || r.ContentLength > limit ||
		len(ws) > 100 || r.URL.RawQuery != "" {
		return false, nil
	}
	body := slices.Grow(room, int(r.ContentLength))[:r.ContentLength]
	n, err := io.ReadFull(r.Body, body)
	if err != nil {
		return false, edge.Unread(err)
	}
	if parse(body) {
		return true, nil
	}
	rest := r.Body
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body[:n]), rest), rest}
	return false, nil
}

// members of a charge; the last is of a line alone.
var fastMembers = [...]string{"amount", "credit", "description", "member", "idempotency_key"}

func parseFast(body []byte, in *chargeIn) bool { return parsePlain(body, in, len(fastMembers)-1) }

// parsePlain reads a charge with the first so many members.
func parsePlain(body []byte, in *chargeIn, members int) bool {
	p := fastParser{body, body}
	values, ok := p.charge(members)
	if !ok || !p.ends() {
		return false
	}
	if in.Body, ok = values.charge(); !ok {
		return false
	}
	if values[4] != nil {
		in.Key = unquoted(values[4])
	}
	return true
}

// fastValues are the members of a charge as written, quotes included; nil: left out.
type fastValues [len(fastMembers)][]byte

// charge is what they ask for.
func (v *fastValues) charge() (ChargeIn, bool) {
	in := ChargeIn{Amount: Amount{string(v[0])}, Credit: unquoted(v[1]), Description: unquoted(v[2]), Member: unquoted(v[3])}
	return in, len(in.Description) <= maxDescription
}

func unquoted(text []byte) string {
	if text == nil {
		return ""
	}
	return string(text[1 : len(text)-1])
}

// charge moves over an object with the first so many members.
func (p *fastParser) charge(members int) (values fastValues, ok bool) {
	if !p.skip('{') {
		return values, false
	}
	for first := true; first || p.skip(','); first = false {
		name, ok := p.text()
		if !ok || !p.skip(':') {
			return values, false
		}
		at := -1
		for n, member := range fastMembers[:members] {
			if string(name[1:len(name)-1]) == member {
				at = n
			}
		}
		if at < 0 || values[at] != nil {
			return values, false
		}
		if at == 0 {
			values[at], ok = p.number()
		} else {
			values[at], ok = p.text()
		}
		if !ok {
			return values, false
		}
	}
	return values, p.skip('}') && values[0] != nil && values[1] != nil
}

// fastParser reads the plainest JSON.
type fastParser struct{ all, rest []byte }

// ends reports whether nothing but white space is left.
func (p *fastParser) ends() bool {
	p.space()
	return len(p.rest) == 0
}

func (p *fastParser) space() {
	n := 0
	for n < len(p.rest) && (p.rest[n] == ' ' || p.rest[n] == '\t' || p.rest[n] == '\r' || p.rest[n] == '\n') {
		n++
	}
	p.rest = p.rest[n:]
}

// skip moves over white space and one character.
func (p *fastParser) skip(c byte) bool {
	p.space()
	if len(p.rest) == 0 || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// from is the rest from the character on that skip moved over.
func (p *fastParser) from() []byte { return p.all[len(p.all)-len(p.rest)-1:] }

// text reads a quoted text of printable ASCII that JSON writes in one way only.
func (p *fastParser) text() ([]byte, bool) {
	if !p.skip('"') {
		return nil, false
	}
	from := p.from()
	for n, c := range p.rest {
		switch {
		case c == '"':
			p.rest = p.rest[n+1:]
			return from[:n+2], true
		case c < ' ' || c > '~' || c == '\\' || c == '<' || c == '>' || c == '&':
			return nil, false
		}
	}
	return nil, false
}

// number reads digits with at most one point among them; whether the amount is a
// good one is said where all amounts are read.
func (p *fastParser) number() ([]byte, bool) {
	p.space()
	n := 0
	for n < len(p.rest) && (p.rest[n] >= '0' && p.rest[n] <= '9' || p.rest[n] == '.') {
		n++
	}
	digits := p.rest[:n]
	p.rest = p.rest[n:]
	return digits, json.Valid(digits)
}
