package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// maxBatch bounds the charges of one request.
	maxBatch = 1000
	// maxFastBatch bounds the body of a batch that goes the fast path, in bytes.
	maxFastBatch = 1 << 20
)

type batchIn struct {
	WS
	Once
	Body struct {
		Charges []batchCharge `json:"charges"`
	}
}

type batchCharge struct {
	ChargeIn
	Key string `json:"idempotency_key,omitempty" minLength:"1" maxLength:"255"`
}

// BatchOut has a result a charge, in order.
type BatchOut struct {
	Results []BatchResult `json:"results"`
}

// BatchResult is one charge of a batch: made, or refused with its problem.
type BatchResult struct {
	Status int `json:"status"`
	*ChargeOut
	Problem *Problem `json:"-"`
}

// MarshalJSON writes the charge or the problem beside the status.
func (r BatchResult) MarshalJSON() ([]byte, error) { return r.append(make([]byte, 0, 320)), nil }

func (r *BatchResult) append(b []byte) []byte {
	if r.Problem != nil {
		text, err := json.Marshal(r.Problem)
		if err != nil {
			panic(err) // texts
		}
		return append(b, text...)
	}
	b = append(strconv.AppendInt(append(b, `{"status":`...), int64(r.Status), 10), ',')
	return append(r.appendMembers(b), '}')
}

// Schema describes it.
func (BatchResult) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"status": {Type: huma.TypeInteger}, "code": {Type: huma.TypeString}}, AdditionalProperties: true}
}

func (a *API) chargeBatch(ctx context.Context, in *batchIn) (*Out[BatchOut], error) {
	var whole []byte
	if in.Key != "" {
		whole = in.fingerprint(ctx, "charges/batch")
	}
	results, err := a.batch(ctx, in.Workspace, in.Key, whole, in.Body.Charges)
	if err != nil {
		return nil, err
	}
	return &Out[BatchOut]{Body: BatchOut{Results: results}}, nil
}

// batch makes charges together. Key is the request's own, if it has one, and whole its
// fingerprint.
func (a *API) batch(ctx context.Context, ws, key string, whole []byte, charges []batchCharge) ([]BatchResult, error) {
	s, err := a.enter(ctx, ws)
	if err != nil {
		return nil, err
	}
	if n := len(charges); n == 0 || n > maxBatch {
		return nil, fault.Wrong("charges", "must be 1 to %d charges", maxBatch)
	}
	results := make([]BatchResult, len(charges))
	commands, places := make([]credits.Command, 0, len(charges)), make([]int, 0, len(charges))
	for n := range charges {
		one := &charges[n]
		if key != "" && one.Key != "" {
			return nil, fault.Wrong("charges["+strconv.Itoa(n)+"].idempotency_key", "must be left out where the request has an Idempotency-Key: that one is every line's")
		}
		r := one.request(ctx, s, one.Key)
		if key != "" { // the batch's key is each line's, in its place
			r.Key, r.Own, r.Fingerprint = fmt.Sprintf("batch:%x:%d", sha256.Sum256([]byte(key)), n), true, whole
		}
		c, err := a.command(ctx, s, one.ChargeIn, r)
		if err != nil {
			p := newProblem(err)
			results[n] = BatchResult{Status: p.Status, Problem: p}
			continue
		}
		commands, places = append(commands, c), append(places, n)
	}
	if key != "" { // another batch under the key is refused before any line of it
		_, _, err := a.Store.Once(ctx, s.Workspace.ID, key, whole, s.Now.UnixMicro(), func(*store.Tx) ([]byte, error) { return []byte("{}"), nil })
		if err != nil {
			return nil, err
		}
	}
	answers, err := a.Ledger.DoAll(ctx, commands)
	if err != nil {
		return nil, err
	}
	outs := make([]ChargeOut, len(answers))
	for n, answer := range answers {
		place := places[n]
		if answer.Err != nil {
			p := newProblem(answer.Err)
			results[place] = BatchResult{Status: p.Status, Problem: p}
			continue
		}
		outs[n] = chargeOut(commands[n].(*credits.Charge), answer.Result)
		results[place] = BatchResult{Status: http.StatusCreated, ChargeOut: &outs[n]}
	}
	return results, nil
}

// fastBatch answers a batch that is written plainly and whose lines have keys of their own.
func (a *API) fastBatch(w http.ResponseWriter, r *http.Request, ctx context.Context) bool {
	ws := r.PathValue("ws")
	if r.Header.Get("Idempotency-Key") != "" {
		return false
	}
	var charges []batchCharge
	plain, err := readPlain(r, ws, maxFastBatch, nil, func(body []byte) (ok bool) {
		charges, ok = parseBatch(body)
		return ok
	})
	if !plain && err == nil {
		return false
	}
	if c, ok := ctx.(*askingContext); ok && err == nil {
		err = c.still()
	}
	var results []BatchResult
	if err == nil {
		results, err = a.batch(ctx, ws, "", nil, charges)
	}
	if err != nil {
		WriteProblem(w, err)
		return true
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(appendResults(make([]byte, 0, 320*len(results)+20), results)) // the caller may have gone
	return true
}

// parseBatch reads {"charges": […]}, each charge written plainly.
func parseBatch(body []byte) ([]batchCharge, bool) {
	p := fastParser{body, body}
	if !p.skip('{') {
		return nil, false
	}
	if name, ok := p.text(); !ok || string(name) != `"charges"` || !p.skip(':') || !p.skip('[') {
		return nil, false
	}
	charges := make([]batchCharge, 0, min(maxBatch, len(body)/40+1))
	for len(charges) == 0 || p.skip(',') {
		values, ok := p.charge(len(fastMembers))
		if !ok || len(charges) == maxBatch {
			return nil, false
		}
		in, ok := values.charge()
		if !ok || len(values[4]) > maxKey+2 || len(values[4]) == 2 {
			return nil, false
		}
		charges = append(charges, batchCharge{in, unquoted(values[4])})
	}
	return charges, p.skip(']') && p.skip('}') && p.ends()
}

func appendResults(b []byte, results []BatchResult) []byte {
	b = append(b, `{"results":[`...)
	for n := range results {
		if n > 0 {
			b = append(b, ',')
		}
		b = results[n].append(b)
	}
	return append(b, "]}\n"...)
}
