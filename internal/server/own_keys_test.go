package server_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
)

// No client's key stands in the way of what the product does by itself: not of an
// admin's decision, and not of a bulk capture's rows. The product's own namespace is
// refused wherever a client may send a key (rule C9).
func TestClientsKeysAreApartFromTheProductsOwn(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", people)
		ws := w.workspace("starter", 1, nil)
		boss := w.newMember(ws, "boss@acme.example", "Boss", "admin")
		m, ada := w.member(ws, "Ada")
		charges := client.In(ws, "charges")
		w.call(w.operator, "PUT", client.In(ws, "members", m, "allocations"), is{"standard": is{"mode": "limit", "amount": 10}}, 200)
		id := w.post(ada, client.In(ws, "credit-requests"), is{"credit": "standard", "amount": 5}, 201)["id"].(string)
		w.callOnce(ada, "POST", charges, "credit-request:"+id, is{"credit": "standard", "amount": 1}, 201)
		w.same("granted", w.post(w.operator, client.In(ws, "credit-requests", id, "decide"), is{"grant": 5}, 200)["granted"], 5)

		job := w.post(ada, client.In(ws, "bulk-captures"), is{"people": []is{profile("ada")}, "fields": []string{"mobile_phone"}, "confirm_above": 0}, 202)
		w.same("it waits", job["status"], "waiting")
		bulk := job["id"].(string)
		w.callOnce(ada, "POST", charges, bulk+":1:1", is{"credit": "standard", "amount": 1}, 201)
		w.post(ada, client.In(ws, "bulk-captures", bulk, "resume"), nil, 200)
		w.working(func() {
			job = w.until(w.operator, client.In(ws, "bulk-captures", bulk), func(j is) bool { return j["status"] != "running" })
		})
		w.same("it is done", job["status"], "done")
		w.same("its row", job["outcomes"].(is)["captured"], 1)

		own := store.OwnKeys + bulk + ":1:1"
		for path, body := range map[string]any{
			charges: is{"credit": "standard", "amount": 1}, client.In(ws, "captures"): is{"person": profile("ada")},
			client.In(ws, "holds"): is{"credit": "standard", "amount": 1, "expires_in": "60s"}, client.In(ws, "credit-requests"): is{"member": m, "credit": "standard", "amount": 1},
			client.In(ws, "addon-requests"): is{"credit": "standard", "amount": 1, "kind": "once"},
			client.In(ws, "members"):        is{"email": "x@acme.example", "name": "X", "role": "member"}, client.In(ws, "bulk-captures"): is{"people": []is{profile("ada")}},
			client.In(ws, "grants"): is{"credit": "standard", "amount": 1, "kind": "once", "note": ""}, "/v1/workspaces": is{"name": "X", "plan": "starter"},
		} {
			w.callOnce(w.operator, "POST", path, own, body, 400)
		}
		w.callOnce(w.operator, "POST", "/v1/directory/imports", own, client.File{Type: "text/csv", Content: strings.NewReader(people)}, 400)
		batch := w.post(ada, charges+"/batch", is{"charges": []is{{"credit": "standard", "amount": 1, "idempotency_key": own}}}, 200)["results"].([]any)
		w.same("a line of a batch", batch[0].(is)["status"], 400)
		long := credits.Request{Workspace: ws, At: w.now, Key: strings.Repeat("\U0001F9AB", 255)}
		if _, err := w.server.Ledger.Do(ctx, &credits.Charge{Request: long, Credit: "standard", Amount: credits.Credit}); err != nil {
			w.Errorf("a key of 255 characters: %v", err)
		}
		before := len(w.get(w.operator, client.In(ws, "members"))["data"].([]any))
		w.signedInAs(ws, boss).send("POST", "/team", url.Values{"idempotency_key": {own}, "email": {"y@acme.example"}, "name": {"Y"}, "role": {"member"}})
		w.same("members", len(w.get(w.operator, client.In(ws, "members"))["data"].([]any)), before)
		// The same name in both namespaces is two keys.
		for _, mine := range []bool{false, true} {
			r := credits.Request{Workspace: ws, At: w.now, Key: "both", Own: mine, Fingerprint: []byte{1}}
			if a, err := w.server.Ledger.Do(ctx, &credits.Charge{Request: r, Credit: "standard", Amount: credits.Credit}); err != nil || a.Replayed {
				w.Errorf("own %v: %v, replayed %v", mine, err, a.Replayed)
			}
		}
	})
}
