package server_test

import (
	"sync"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
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
		over := w.post(w.operator, decide, is{"grant": 11}, 400)
		w.same("no more than she asked for", over["errors"].([]client.Field)[0].Field, "grant")
		boss := w.newMember(ws, "boss@acme.example", "Boss", "admin")
		w.signedInAs(ws, boss).post("/requests/"+made["id"].(string), "answer", "part", "amount", "10.5").has("up to 10")
		w.same("undecided", len(w.get(w.operator, requests+"?status=open")["data"].([]any)), 1)
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
		w.post(eve, client.In(ws, "charges"), is{"credit": "standard", "amount": 2}, 201)
		page := w.signedInAs(ws, boss)
		page.post("/requests/"+pool, "answer", "assign", "amount", "0").has("more than 0")
		page.post("/requests/"+pool, "answer", "assign", "amount", "11").has("up to 10")
		page.post("/requests/"+pool, "answer", "assign", "amount", "3").has("Granted 3 standard")
		w.post(eve, client.In(ws, "charges"), is{"credit": "standard", "amount": 3}, 201) // beside the 2 before
		w.post(eve, client.In(ws, "charges"), is{"credit": "standard", "amount": 1}, 402)
		other := w.workspace("starter", 1, nil)
		w.post(w.operator, client.In(other, "credit-requests", pool, "decide"), is{"grant": 1}, 404)
	})
}

// "Grant 5" grants 5, however many requests are newer, and an answer that names none
// of the choices decides nothing: no value that is missing means its opposite (rule D6).
func TestAnOldRequestIsGranted(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("starter", 1, nil)
		boss := w.newMember(ws, "boss@acme.example", "Boss", "admin")
		m, ada := w.member(ws, "Ada")
		w.call(w.operator, "PUT", client.In(ws, "members", m, "allocations"), is{"standard": is{"mode": "limit", "amount": 2}}, 200)
		id := w.post(ada, client.In(ws, "credit-requests"), is{"credit": "standard", "amount": 5, "reason": "first"}, 201)["id"].(string)
		eve, _ := w.member(ws, "Eve")
		err := w.server.Store.Update(ctx, func(tx *store.Tx) error {
			for n := range 600 {
				if err := tx.CreditRequests().Insert(store.CreditRequest{Workspace: ws, ID: ident.New("req"), Member: eve, Credit: "standard", Amount: int64(n+1) * 1e6, Status: "declined", CreatedAt: w.now.UnixMicro()}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			w.Fatal(err)
		}
		decide := client.In(ws, "credit-requests", id, "decide")
		for _, body := range []is{{}, {"grant": nil}, {"grant": "5"}, {"grant": -1}} {
			w.post(w.operator, decide, body, 400)
		}
		v := w.signedInAs(ws, boss)
		for _, answer := range []string{"", "yes"} {
			v.post("/requests/"+id, "answer", answer)
		}
		v.post("/requests/"+id, "answer", "part", "amount", "0")
		v.post("/requests/"+id, "answer", "part")
		w.same("undecided", w.get(w.operator, client.In(ws, "credit-requests")+"?status=open")["data"].([]any)[0].(is)["id"], id)
		v.get("/team").has("5 standard")
		v.post("/requests/"+id, "answer", "all")
		w.same("hers", w.get(ada, client.In(ws, "credit-requests"))["data"].([]any)[0].(is)["granted"], 5)
		w.same("what she may use", w.get(ada, client.In(ws, "balance"))["member"].(is)["standard"].(is)["amount"], 7)
		w.post(w.operator, decide, is{"grant": 0}, 409)
	})
}

// Anyone who is removed has no open requests, and gets nothing in the same instant.
func TestARemovedMemberIsGrantedNothing(t *testing.T) {
	start(t, func(w *world) {
		ws, of := w.office()
		requests := client.In(ws, "credit-requests")
		id := w.get(w.operator, requests)["data"].([]any)[0].(is)["id"].(string)
		var all sync.WaitGroup
		for _, do := range []func(){
			func() { _, _ = w.operator.Do(ctx, "DELETE", client.In(ws, "members", of), "", nil, nil) },
			func() {
				_, _ = w.operator.Do(ctx, "POST", client.In(ws, "credit-requests", id, "decide"), "", is{"grant": 5}, nil)
			},
			func() {
				_, _ = w.operator.Do(ctx, "PUT", client.In(ws, "members", of, "allocations"), "", is{"standard": is{"mode": "assigned", "amount": 50}}, nil)
			},
		} {
			all.Go(do)
		}
		all.Wait()
		w.same("assigned", w.credit(ws, "standard")["assigned"], 0)
		if status := w.get(w.operator, requests)["data"].([]any)[0].(is)["status"]; status == "open" {
			w.Error("the request of somebody who is gone waits for an admin")
		}
	})
}
