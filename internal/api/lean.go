package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/leadmeter/leadmeter/internal/edge"
)

// The lean road: single charges are what a machine sends by the thousand, and
// decoding by reflection, validation against a schema and a second decoding for
// the fingerprint cost more than the ledger. So a charge written in the plainest
// way is read here; every other one, right or wrong, goes the common road, which
// alone says what is wrong with it. Both meet in API.charge.

// maxLean bounds the body of a charge that is read here, in bytes.
const maxLean = 2048

// leanCharge answers a charge that is written plainly.
func (a *API) leanCharge(w http.ResponseWriter, r *http.Request, ctx context.Context) bool {
	in := &chargeIn{}
	plain, err := readLean(r, in)
	if !plain && err == nil {
		return false
	}
	if c, ok := ctx.(*askingContext); ok && err == nil {
		err = c.still()
	}
	var out *chargeAnswer
	if err == nil {
		out, err = a.charge(ctx, in)
	}
	if err != nil {
		WriteProblem(w, err)
		return true
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Credits-Charged", out.Spent.Charged)
	h.Set("Credits-Remaining", out.Remaining)
	w.WriteHeader(http.StatusCreated)
	body := append(make([]byte, 0, 320), '{')
	_, _ = w.Write(append(out.Body.appendMembers(body), "}\n"...)) // the caller may have gone
	return true
}

// readLean reads a charge that is written plainly: application/json, one object
// of the known members, texts that need no escape. False leaves the request as it
// came, its body still to be read; an error is of a body that did not arrive.
func readLean(r *http.Request, in *chargeIn) (plain bool, err error) {
	in.Workspace, in.Key = r.PathValue("ws"), r.Header.Get("Idempotency-Key")
	if r.Header.Get("Content-Type") != "application/json" || r.ContentLength <= 0 || r.ContentLength > maxLean ||
		len(in.Workspace) > 100 || r.URL.RawQuery != "" {
		return false, nil
	}
	body := make([]byte, r.ContentLength)
	n, err := io.ReadFull(r.Body, body)
	if err != nil {
		return false, edge.Unread(err)
	}
	if parseLean(body, in) {
		return true, nil
	}
	rest := r.Body
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body[:n]), rest), rest}
	return false, nil
}

// members of a charge in the order of the canonical form; the last is of a line alone.
var leanMembers = [...]string{"amount", "credit", "description", "member", "idempotency_key"}

func parseLean(body []byte, in *chargeIn) bool { return parsePlain(body, in, len(leanMembers)-1) }

// parsePlain reads the first so many members.
func parsePlain(body []byte, in *chargeIn, members int) bool {
	var values [len(leanMembers)][]byte // as written, quotes included
	p := leanParser{rest: body}
	if !p.skip('{') {
		return false
	}
	for first := true; first || p.skip(','); first = false {
		name, ok := p.text()
		if !ok || !p.skip(':') {
			return false
		}
		at := -1
		for n, member := range leanMembers[:members] {
			if string(name[1:len(name)-1]) == member {
				at = n
			}
		}
		if at < 0 || values[at] != nil {
			return false
		}
		if at == 0 {
			values[at], ok = p.number()
		} else {
			values[at], ok = p.text()
		}
		if !ok {
			return false
		}
	}
	if !p.skip('}') || len(bytes.TrimLeft(p.rest, " \t\r\n")) > 0 || values[0] == nil || values[1] == nil {
		return false
	}
	text := func(quoted []byte) string {
		if quoted == nil {
			return ""
		}
		return string(quoted[1 : len(quoted)-1])
	}
	in.Body = ChargeIn{Amount: Amount{string(values[0])}, Credit: text(values[1]), Description: text(values[2]), Member: text(values[3])}
	if len(in.Body.Description) > maxDescription {
		return false
	}
	if values[4] != nil {
		in.Key = text(values[4])
	}
	canonical := make([]byte, 0, len(body)+1)
	for n, v := range values[:4] {
		if v != nil {
			canonical = append(canonical, ",\""+leanMembers[n]+"\":"...)
			canonical = append(canonical, v...)
		}
	}
	canonical[0] = '{'
	in.canonical = append(canonical, '}')
	return true
}

// leanParser reads the plainest JSON.
type leanParser struct{ rest []byte }

// skip moves over white space and one character.
func (p *leanParser) skip(c byte) bool {
	p.rest = bytes.TrimLeft(p.rest, " \t\r\n")
	if len(p.rest) == 0 || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// text reads a quoted text of printable ASCII that JSON writes in one way only.
func (p *leanParser) text() ([]byte, bool) {
	if !p.skip('"') {
		return nil, false
	}
	for n, c := range p.rest {
		switch {
		case c == '"':
			quoted := p.rest[:n+1]
			p.rest = p.rest[n+1:]
			return append([]byte{'"'}, quoted...), true
		case c < ' ' || c > '~' || c == '\\' || c == '<' || c == '>' || c == '&':
			return nil, false
		}
	}
	return nil, false
}

// number reads digits with at most one point among them; whether the amount is a
// good one is said where all amounts are read.
func (p *leanParser) number() ([]byte, bool) {
	p.rest = bytes.TrimLeft(p.rest, " \t\r\n")
	n := 0
	for n < len(p.rest) && (p.rest[n] >= '0' && p.rest[n] <= '9' || p.rest[n] == '.') {
		n++
	}
	digits := p.rest[:n]
	p.rest = p.rest[n:]
	return digits, json.Valid(digits)
}
