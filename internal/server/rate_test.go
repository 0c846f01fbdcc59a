package server_test

import (
	"net/http"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// A key that asks too often is told to wait, on every road into the API, and spends
// nothing by it; other keys and the operator's continue.
func TestRateLimit(t *testing.T) {
	w := openWith(t, server.Config{Database: testdb.AddressOnAny(t), RateLimit: 5})
	ws := w.workspace("pro", 1, nil)
	_, hasty := w.member(ws, "Hasty")
	_, calm := w.member(ws, "Calm")
	for _, road := range []struct {
		method, path string
		body         any
	}{{"GET", "balance", nil}, {"POST", "charges", is{"credit": "standard", "amount": 1}}, {"POST", "bulk-captures", is{"people": []is{}}}} {
		refused, done := 0, 0
		for range 40 {
			_, err := hasty.Do(ctx, road.method, client.In(ws, road.path), "", road.body, nil)
			p, problem := err.(*client.Problem)
			switch {
			case problem && p.Status == http.StatusTooManyRequests:
				if p.Code != "rate_limited" || p.RetryAfter <= 0 {
					t.Fatalf("%s: %+v", road.path, p)
				}
				refused++
			case err == nil || problem && p.Status == 400:
				done++
			default:
				t.Fatalf("%s: %v", road.path, err)
			}
		}
		if refused == 0 {
			t.Errorf("%s: %d at once were all taken", road.path, done)
		}
		if road.path == "charges" {
			w.same("used", w.credit(ws, "standard")["used"], done)
		}
	}
	w.get(calm, client.In(ws, "balance"))
	for range 20 {
		w.get(w.operator, client.In(ws, "balance"))
	}
	w.verify()
}
