package api

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// WriteProblem answers a plain request with a problem. It says how long it is, so that
// a client which is still sending has all of it at once.
func WriteProblem(w http.ResponseWriter, err error) {
	p := newProblem(err)
	body := p.text()
	h := w.Header()
	for name, values := range p.GetHeaders() {
		h.Set(name, values[0])
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // the caller may have gone
}

// writeProblem is WriteProblem for an operation that streams.
func writeProblem(ctx huma.Context, p *Problem) {
	ctx.SetHeader("Content-Type", "application/problem+json")
	for name, values := range p.GetHeaders() {
		ctx.SetHeader(name, values[0])
	}
	ctx.SetStatus(p.Status)
	_, _ = ctx.BodyWriter().Write(p.text()) // the caller may have gone
}

func (p *Problem) text() []byte {
	body, _ := json.Marshal(p) // a problem always encodes
	return append(body, '\n')
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller may have gone
}

// unknown answers an unknown or wrongly used path below /v1 with a problem, as
// everything there is answered.
func unknown(w http.ResponseWriter, r *http.Request) {
	WriteProblem(w, fault.New(fault.NotFound, "There is no %s %q. See /openapi.json.", r.Method, r.URL.Path))
}
