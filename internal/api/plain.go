package api

import (
	"encoding/json"
	"net/http"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// WriteProblem answers a plain request with a problem.
func WriteProblem(w http.ResponseWriter, err error) {
	p := newProblem(err)
	w.Header().Set("Content-Type", "application/problem+json")
	for name, values := range p.GetHeaders() {
		w.Header().Set(name, values[0])
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller may have gone
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller may have gone
}

// unknown answers an unknown or wrongly used path below /v1 with a problem, as
// everything there is answered.
func unknown(w http.ResponseWriter, r *http.Request) {
	WriteProblem(w, fault.New(fault.NotFound, "There is no %s %s. See /openapi.json.", r.Method, r.URL.Path))
}
