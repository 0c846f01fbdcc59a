package server_test

import (
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// A member who has none left asks for more; an admin grants all, part or none of
// it: rule D6.
func TestAskForMore(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("starter", 1, nil)
		m, ada := w.member(ws, "Ada")
		_, eve := w.member(ws, "Eve")
		requests := client.In(ws, "credit-requests")
		w.call(w.operator, "PUT", client.In(ws, "members", m, "allocations"), is{"standard": is{"mode": "limit", "amount": 2}}, 200)
		w.post(ada, client.In(ws, "charges"), is{"credit": "standard", "amount": 2}, 201)
		w.post(ada, client.In(ws, "charges"), is{"credit": "standard", "amount": 1}, 402)
		wish := is{"credit": "standard", "amount": 10, "reason": "a big week"}
		made := w.callOnce(ada, "POST", requests, "k", wish, 201)
		again := w.callOnce(ada, "POST", requests, "k", wish, 201)
		w.same("once under its key", again["id"], made["id"])
		for _, bad := range []is{{"credit": "gold", "amount": 1}, {"credit": "standard", "amount": 0}, {"credit": "standard", "amount": "x"}} {
			w.post(ada, requests, bad, 400)
		}
		w.post(ada, requests, is{"member": "mem_other", "credit": "standard", "amount": 1}, 403)
		w.same("hers", len(w.get(ada, requests)["data"].([]any)), 1)
		w.same("not Eve's", len(w.get(eve, requests)["data"].([]any)), 0)
		decide := client.In(ws, "credit-requests", made["id"].(string), "decide")
		w.post(ada, decide, is{"grant": 10}, 403)
		w.same("open", len(w.get(w.operator, requests+"?status=open")["data"].([]any)), 1)
		out := w.post(w.operator, decide, is{"grant": 4}, 200)
		w.same("status", out["status"], "granted")
		w.same("part of it", out["granted"], 4)
		w.same("the same answer again", w.post(w.operator, decide, is{"grant": 4}, 200)["granted"], 4)
		w.post(w.operator, decide, is{"grant": 5}, 409)
		w.post(ada, client.In(ws, "charges"), is{"credit": "standard", "amount": 4}, 201)
		w.post(ada, client.In(ws, "charges"), is{"credit": "standard", "amount": 1}, 402)

		declined := w.post(ada, requests, wish, 201)["id"].(string)
		w.same("declined", w.post(w.operator, client.In(ws, "credit-requests", declined, "decide"), is{"grant": 0}, 200)["status"], "declined")
		pool := w.post(eve, requests, wish, 201)["id"].(string)
		w.post(w.operator, client.In(ws, "credit-requests", pool, "decide"), is{"grant": 1}, 409)
		other := w.workspace("starter", 1, nil)
		w.post(w.operator, client.In(other, "credit-requests", pool, "decide"), is{"grant": 1}, 404)
	})
}
