package server_test

import (
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// Every entry of a capture carries its id, what was held for it and given back
// included, and no other entry does (rule S7).
func TestEntriesNameTheirCapture(t *testing.T) {
	withSources(t, func(w *world, u *upstream) {
		w.load("text/csv", people)
		ws := w.workspace("starter", 1, nil)
		u.say(200, `{"state":"done","email":"mary@navy.example","quality":"ok"}`)
		seen := map[string]string{} // entry to capture
		capture := func(who string, fields ...string) string {
			a := w.post(w.operator, client.In(ws, "captures"), is{"person": profile(who), "fields": fields}, 200)
			w.idle(ws)
			for _, one := range w.get(w.operator, client.In(ws, "entries")+"?limit=100")["data"].([]any) {
				e := one.(is)
				id := e["id"].(string)
				if seen[id] != "" || e["kind"] == "grant" {
					continue
				}
				of, _ := e["capture"].(string)
				if of != a["id"] {
					w.Errorf("%s %v is of %q, and was made by %v", e["kind"], e["field"], of, a["id"])
				}
				seen[id] = of
			}
			return a["id"].(string)
		}
		before := 0
		for _, who := range []string{"mary", "ada", "grace"} { // one held for, one not, one found by nobody
			capture(who, "work_email", "personal_email", "mobile_phone", "work_phone")
			if len(seen) < before+2 {
				t.Errorf("%s made %d entries", who, len(seen)-before)
			}
			before = len(seen)
		}
		kinds := map[string]bool{}
		for _, one := range w.get(w.operator, client.In(ws, "entries")+"?limit=100")["data"].([]any) {
			kinds[one.(is)["kind"].(string)] = true
		}
		for _, kind := range []string{"charge", "free", "hold", "release"} {
			if !kinds[kind] {
				t.Errorf("there is no %s among the entries", kind)
			}
		}
		w.post(w.operator, client.In(ws, "charges"), is{"credit": "standard", "amount": 1}, 201)
		if e := w.get(w.operator, client.In(ws, "entries")+"?limit=1")["data"].([]any)[0].(is); e["capture"] != nil {
			t.Errorf("a plain charge is of the capture %v", e["capture"])
		}
	})
}
