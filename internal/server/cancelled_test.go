package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
)

// An add-on that a cancellation ended says so on the plan, the operator's page and in the API,
// while the workspace is cancelled and after a reactivation; what a reactivation does is said
// before it is pressed (rule G4).
func TestAddOnsEndWithTheCancellation(t *testing.T) {
	start(t, func(w *world) {
		for name, at := range map[string]string{"at once": "now", "at the period's end": "period_end"} {
			ws := w.workspace("pro", 1, is{"name": name})
			v := w.signedInAs(ws, w.newMember(ws, "rea@acme.example", "Rea", "admin"))
			ops := w.visitor()
			ops.byCode("", "")
			w.post(w.operator, client.In(ws, "grants"), is{"credit": "standard", "amount": 5, "kind": "recurring"}, 201)
			w.post(w.operator, client.In(ws, "grants"), is{"credit": "standard", "amount": 5, "kind": "once"}, 201)
			v.get("/plan").lacks("with the cancellation")
			w.post(w.operator, client.In(ws, "cancel"), is{"at": at}, 200)
			ended := w.now
			if at == "period_end" {
				ops.get("/operator/workspaces/" + ws).has("Takes the cancellation back.")
				ops.lacks("Starts a fresh period")
				v.get("/plan").lacks("with the cancellation")
				ended = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
				w.advance(ended.Add(time.Hour))
			}
			ops.get("/operator/workspaces/" + ws).has("Starts a fresh period")
			ops.lacks("Takes the cancellation back")
			ops.has("ended with the cancellation")
			w.same("lines", strings.Count(v.get("/plan").text(), "with the cancellation"), 2)
			list := func() {
				t.Helper()
				for _, g := range w.get(w.operator, client.In(ws, "grants"))["data"].([]any) {
					w.same(name, g.(is)["ends_at"], ended.Format(time.RFC3339))
				}
			}
			list()
			w.post(w.operator, client.In(ws, "reactivate"), is{}, 200)
			list()
			w.same("no add-on came back", w.credit(ws, "standard")["allowance"], 500)
		}
	})
}
