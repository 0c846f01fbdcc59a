package server_test

import (
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// The page of a cancellation says what is lost, ends and stays, and cancels once the workspace's
// name is typed.
func TestCancellingAsksForTheName(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, is{"name": "Navy & Sons"})
		path := "/operator/workspaces/" + ws
		w.post(w.operator, client.In(ws, "grants"), is{"credit": "standard", "amount": 5, "kind": "recurring"}, 201)
		v := w.signedInAs(ws, w.newMember(ws, "rea@acme.example", "Rea", "admin"))
		v.post("/plan/ask", "credit", "premium", "amount", "7", "kind", "once")
		ops := w.visitor()
		ops.byCode("", "")
		for _, who := range []*visitor{v.get("/plan/cancel"), ops.get(path + "/cancel")} {
			for _, text := range []string{"Standard credits, 505 left", "1 add-on End, and do not come back", "1 open request for add-ons Can only be declined", "0 leads on the sheet Stay readable", "What a reactivation brings back"} {
				who.has(text)
			}
		}
		active := func(want string) {
			t.Helper()
			w.same("status", w.get(w.operator, client.In(ws))["status"], want)
		}
		for _, wrong := range [][]string{{"at", "now"}, {"at", "now", "confirm", ""}, {"at", "now", "confirm", "navy & sons"}, {"confirm", "Navy & Sons"}, {"at", "soon", "confirm", "Navy & Sons"}} {
			ops.post(path+"/cancel", wrong...)
			w.same("refused", ops.status, 422)
			active("active")
		}
		v.post(path+"/cancel", "at", "now", "confirm", "Navy & Sons") // an admin's session is no operator's
		active("active")
		ops.post(path+"/cancel", "at", "period_end", "confirm", "Navy & Sons")
		ops.has("Cancelled.")
		w.same("ends", w.get(w.operator, client.In(ws))["cancels_at"], "2026-04-01T00:00:00Z")
		v.get("/plan/cancel").lacks("What is lost")
		v.get("/plan").lacks("What happens if you cancel")
		ops.get(path + "/cancel").lacks("Type the workspace")
		ops.post(path+"/reactivate", "plan", "pro")
		ops.post(path+"/cancel", "at", "now", "confirm", "Navy & Sons")
		active("cancelled")
	})
}
