package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/server"
)

// premium asks for premium credits, as an add-on request's body.
func premium(amount any, more is) is {
	body := is{"credit": "premium", "amount": amount, "kind": "once"}
	for k, v := range more {
		body[k] = v
	}
	return body
}

func (w *world) decide(id string, grant any, status int) is {
	w.Helper()
	return w.post(w.operator, "/v1/addon-requests/"+id+"/decide", is{"grant": grant}, status)
}

func (w *world) addOnRequests(path string) (list []is) {
	w.Helper()
	for _, r := range w.get(w.operator, path)["data"].([]any) {
		list = append(list, r.(is))
	}
	return list
}

func (w *world) grants(ws string) int {
	w.Helper()
	return len(w.get(w.operator, client.In(ws, "grants"))["data"].([]any))
}

// An admin asks for more than the plan gives, and the operator gives an add-on for it,
// declines, or finds the request replaced or withdrawn: rule G7.
func TestAddOnRequests(t *testing.T) {
	start(t, func(w *world) {
		ws, other := w.workspace("starter", 1, nil), w.workspace("starter", 1, nil) // 25 premium
		admin := w.as(w.post(w.operator, client.In(ws, "keys"), is{"role": "admin"}, 201)["key"].(string))
		theirs := w.as(w.post(w.operator, client.In(other, "keys"), is{"role": "admin"}, 201)["key"].(string))
		at := client.In(ws, "addon-requests")

		first := w.post(admin, at, premium(10, nil), 201)["id"].(string)
		asked := w.post(admin, at, premium(40.5, is{"kind": "recurring", "note": "  Trade fair  "}), 201)
		w.same("status", asked["status"], "open")
		w.same("note", asked["note"], "Trade fair")
		w.same("nobody's name", asked["member"], nil)
		w.same("one is open", len(w.addOnRequests("/v1/addon-requests?status=open")), 1)
		w.decide(first, 10, 404) // it was replaced
		w.post(admin, at, is{"credit": "standard", "amount": 1, "kind": "once"}, 201)
		w.same("one a credit type", len(w.addOnRequests(at+"?status=open")), 2)
		w.same("what they see", len(w.get(theirs, client.In(other, "addon-requests"))["data"].([]any)), 0)

		id := asked["id"].(string)
		w.same("nothing yet", w.credit(ws, "premium")["allowance"], 25)
		out := w.decide(id, 30, 200)
		w.same("granted", out["status"], "granted")
		w.same("how much", out["granted"], 30)
		w.same("allowance", w.credit(ws, "premium")["allowance"], 55)
		grant := w.get(w.operator, client.In(ws, "grants"))["data"].([]any)[0].(is)
		w.same("the add-on", grant["id"], out["grant"])
		w.same("its note", grant["note"], "Trade fair")
		w.same("its kind", grant["kind"], "recurring")
		w.same("the same answer again", w.decide(id, 30, 200)["grant"], out["grant"])
		w.decide(id, 31, 409)
		w.decide(id, 0, 409)
		w.call(admin, "DELETE", at+"/"+id, nil, 409)

		open := w.addOnRequests(at + "?status=open")[0]["id"].(string)
		w.same("declined", w.decide(open, 0, 200)["status"], "declined")
		w.same("no add-on of it", w.decide(open, 0, 200)["grant"], nil)
		w.decide(open, 1, 409)
		w.same("still one", w.grants(ws), 1)

		id = w.post(admin, at, premium(5, nil), 201)["id"].(string)
		w.call(theirs, "DELETE", client.In(other, "addon-requests", id), nil, 404)
		w.call(theirs, "DELETE", at+"/"+id, nil, 404)
		w.call(admin, "DELETE", at+"/"+id, nil, 204)
		w.call(admin, "DELETE", at+"/"+id, nil, 404)
		w.decide(id, 5, 404)
		w.same("more than asked", w.decide(w.post(admin, at, premium(5, nil), 201)["id"].(string), 500, 200)["granted"], 500)
		w.same("allowance", w.credit(ws, "premium")["allowance"], 555)
		w.same("theirs", w.credit(other, "premium")["allowance"], 25)
		for action, n := range map[string]int{"addon.asked": 5, "addon.given": 2, "addon.declined": 1, "addon.withdrawn": 1} {
			w.same(action, w.audits(ws, action), n)
		}
	})
}

// What cannot be an add-on is not asked for, and says of which field.
func TestAddOnRequestsAtTheEdge(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("enterprise", 1, nil) // unlimited standard, 100 premium
		at := client.In(ws, "addon-requests")
		for field, body := range map[string]is{
			"amount": premium(0, nil), "kind": premium(1, is{"kind": "weekly"}), "credit": {"credit": "gold", "amount": 1, "kind": "once"}, "note": premium(1, is{"note": strings.Repeat("ж", 501)}),
		} {
			wrong := w.post(w.operator, at, body, 400)["errors"].([]client.Field)
			if !slices.ContainsFunc(wrong, func(f client.Field) bool { return strings.HasSuffix(f.Field, field) }) {
				t.Errorf("%v is refused for %v", body, wrong)
			}
		}
		for _, amount := range []any{-1, "1", nil, jsonNumber("0.0000001"), jsonNumber("1000000000.000001"), jsonNumber("1e12")} {
			w.post(w.operator, at, premium(amount, nil), 400)
		}
		unlimited := w.post(w.operator, at, is{"credit": "standard", "amount": 1, "kind": "once"}, 400)
		w.same("of which there is no limit", unlimited["errors"].([]client.Field)[0].Field, "credit")
		w.same("nothing was asked", len(w.addOnRequests(at)), 0)

		note := "<script>alert(1)</script> \u202eab\t'; DROP TABLE x; -- {{.}} ́́"
		boss := w.signedInAs(ws, w.newMember(ws, "boss@acme.example", "Boss", "admin"))
		boss.post("/plan/ask", "credit", "premium", "kind", "once", "amount", "0.000001", "note", note)
		boss.has("Asked. The operator sees it at once.")
		if !strings.Contains(boss.page, note) || strings.Contains(boss.raw, "<script>alert") {
			t.Errorf("the plan shows %s", boss.raw)
		}
		ops := w.visitor()
		ops.byCode("", "")
		if ops.get("/operator/addon-requests"); !strings.Contains(ops.page, note) || strings.Contains(ops.raw, "<script>alert") {
			t.Errorf("the page shows %s", ops.raw)
		}
		id := w.addOnRequests(at)[0]["id"].(string)
		for _, grant := range []any{-1, "1", nil, jsonNumber("1000000000.000001")} {
			w.decide(id, grant, 400)
		}
		w.post(w.operator, "/v1/addon-requests/"+id+"/decide", is{}, 400)
		w.same("open", w.addOnRequests(at)[0]["status"], "open")
		w.decide(id, jsonNumber("0.000001"), 200)
		w.same("the smallest", w.credit(ws, "premium")["allowance"], 100.000001)
		big := w.post(w.operator, at, premium(1_000_000_000, nil), 201)["id"].(string)
		w.decide(big, 1_000_000_000, 200)
	})
}

// A request that is decided sixteen times at once gives one add-on, whether the sender says
// that it is one decision or not, and whatever else is decided.
func TestAddOnRequestsAreGrantedOnce(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("starter", 1, nil)
		ask := func() string {
			return w.post(w.operator, client.In(ws, "addon-requests"), premium(7, nil), 201)["id"].(string)
		}
		// race sends one of these each and counts how they were answered.
		race := func(id, key string, grants ...int) map[int]int {
			var all sync.WaitGroup
			var mu sync.Mutex
			answers := map[int]int{}
			for n := range 16 {
				all.Go(func() {
					status := 200
					if _, err := w.operator.Do(ctx, http.MethodPost, "/v1/addon-requests/"+id+"/decide", key, is{"grant": grants[n%len(grants)]}, nil); err != nil {
						p, ok := err.(*client.Problem)
						if !ok {
							t.Error(err)
							return
						}
						status = p.Status
					}
					mu.Lock()
					defer mu.Unlock()
					answers[status]++
				})
			}
			all.Wait()
			return answers
		}
		got := race(ask(), "", 7)
		if got[200] == 0 || got[200]+got[409] != 16 {
			t.Errorf("sixteen decisions were answered %v", got)
		}
		w.same("allowance", w.credit(ws, "premium")["allowance"], 32)
		id := ask()
		w.same("under one key", race(id, "same", 7)[200], 16)
		w.same("allowance", w.credit(ws, "premium")["allowance"], 39)
		w.callOnce(w.operator, "POST", "/v1/addon-requests/"+id+"/decide", "same", is{"grant": 8}, 422)
		next := ask()
		w.callOnce(w.operator, "POST", "/v1/addon-requests/"+next+"/decide", "same", is{"grant": 7}, 422)
		w.same("waits", w.addOnRequests(client.In(ws, "addon-requests") + "?status=open")[0]["id"], next)
		race(next, "", 0, 7, 3)
		r := w.addOnRequests(client.In(ws, "addon-requests"))[0]
		if r["status"] == "open" {
			t.Error("the request is still open")
		}
		w.same("what was decided is what there is", fmt.Sprint(w.credit(ws, "premium")["allowance"]), map[string]string{"0": "39", "7": "46", "3": "42"}[fmt.Sprint(r["granted"])])

		wish := premium(2, nil)
		made := w.callOnce(w.operator, "POST", client.In(ws, "addon-requests"), "ask", wish, 201)["id"]
		w.same("asked once", w.callOnce(w.operator, "POST", client.In(ws, "addon-requests"), "ask", wish, 201)["id"], made)
		w.callOnce(w.operator, "POST", client.In(ws, "addon-requests"), "ask", premium(3, nil), 422)
		// However many ask at the same time, one request is open.
		var all sync.WaitGroup
		for n := range 16 {
			all.Go(func() {
				if _, err := w.operator.Do(ctx, http.MethodPost, client.In(ws, "addon-requests"), "", premium(n+1, nil), nil); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.same("open", len(w.addOnRequests(client.In(ws, "addon-requests")+"?status=open")), 1)
	})
}

// After a cancellation nothing is asked for and nothing granted; what waits can be declined,
// and granted after a reactivation.
func TestAddOnRequestsAfterCancelling(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("starter", 1, nil)
		at := client.In(ws, "addon-requests")
		boss := w.signedInAs(ws, w.newMember(ws, "boss@acme.example", "Boss", "admin"))
		id := w.post(w.operator, at, premium(5, nil), 201)["id"].(string)
		standard := w.post(w.operator, at, is{"credit": "standard", "amount": 5, "kind": "once"}, 201)["id"].(string)
		w.post(w.operator, client.In(ws, "cancel"), is{"at": "now"}, 200)
		w.same("asking", w.post(w.operator, at, premium(5, nil), 409)["code"], "subscription_cancelled")
		w.same("granting", w.decide(id, 5, 409)["code"], "subscription_cancelled")
		w.same("declining", w.decide(standard, 0, 200)["status"], "declined")
		boss.get("/plan").lacks("How many more")
		boss.has("waits for the operator")
		boss.post("/plan/ask", "credit", "premium", "kind", "once", "amount", "5")
		boss.has("The subscription is cancelled.")
		ops := w.visitor()
		ops.byCode("", "")
		ops.get("/operator/addon-requests").has("Reactivate it before you grant.")
		ops.lacks("Grant Decline")
		w.post(w.operator, client.In(ws, "reactivate"), is{}, 200)
		w.decide(id, 5, 200)
		w.same("allowance", w.credit(ws, "premium")["allowance"], 30)
	})
}

// The whole way on the pages, without JavaScript, and what is mailed to whom.
func TestAddOnRequestsOnPages(t *testing.T) {
	reachable(t, server.Config{}, func(w *world) {
		reaches(w.T, w.server)
		ws := w.workspace("starter", 1, nil)
		boss := w.signedInAs(ws, w.newMember(ws, "boss@acme.example", "Boss", "admin"))
		mel := w.signedInAs(ws, w.newMember(ws, "mel@acme.example", "Mel", "member"))
		ops := w.visitor()
		ops.byCode("", "")
		ops.post("/settings/password", "email", "ops@leadmeter.example", "password", "correct horse battery")

		boss.post("/plan/ask", "credit", "premium", "kind", "once", "amount", "many")
		w.same("a word for a number", boss.status, 422)
		boss.post("/plan/ask", "credit", "premium", "kind", "recurring", "amount", "0", "note", "kept")
		boss.has("Must be more than 0")
		w.same("what was typed", boss.found(`name="note" type="text" value="([a-z]+)"`), "kept")
		w.same("and chosen", boss.found(`<option value="(\w+)" selected>Every period`), "recurring")
		boss.post("/plan/ask", "credit", "premium", "kind", "once", "amount", "40", "note", "Trade fair")
		boss.at("/plan")
		boss.has("waits for the operator")
		mel.post("/plan/ask", "credit", "premium", "kind", "once", "amount", "40")
		w.same("a member", mel.status, 403)
		w.mailed("ops@leadmeter.example", "asks for 40 more premium credits for this period", `(Trade fair)`)

		ops.get("/operator").has("Add-on requests 1")
		ops.get("/operator/workspaces/" + ws).has("The workspace asks for 40 premium this period.")
		ops.get("/operator/addon-requests").has("25 of 25 premium left until")
		ops.has("Boss")
		path, key := ops.found(`action="(/operator/addon-requests/[^"]+)"`), ops.found(`action="/operator/addon-requests/[^"]+"[^>]*><input type="hidden" name="idempotency_key" value="([^"]+)"`)
		w.same("prefilled", ops.found(`name="amount"[^>]* value="([^"]+)"`), "40")
		for _, answer := range []string{"", "yes"} {
			ops.post(path, "answer", answer, "amount", "40")
		}
		for _, amount := range []string{"", "0", "-1", "x"} {
			ops.post(path, "answer", "grant", "amount", amount)
			ops.has("Nothing was granted")
		}
		boss.post(path, "answer", "grant", "amount", "40")
		w.same("an admin grants nothing", w.grants(ws), 0)
		for range 2 { // pressed twice
			ops.post(path, "idempotency_key", key, "answer", "grant", "amount", "35")
			ops.has("Granted 35 premium to")
		}
		ops.has("No open requests.")
		w.same("once", w.grants(ws), 1)
		boss.get("/plan").has("granted 35")
		boss.has("60")
		w.mailed("boss@acme.example", "The operator granted 35 for this period", `(40 premium credits)`)

		boss.post("/plan/ask", "credit", "standard", "kind", "recurring", "amount", "1")
		boss.post(boss.found(`action="(/plan/requests/[^"]+/withdraw)"`))
		boss.has("Withdrawn.")
		boss.get("/plan").lacks("waits for the operator")
		ops.get("/operator").lacks("Add-on requests 1")
		boss.post("/plan/ask", "credit", "standard", "kind", "recurring", "amount", "1")
		path = ops.get("/operator/addon-requests").found(`action="(/operator/addon-requests/[^"]+)"`)
		boss.post("/plan/ask", "credit", "standard", "kind", "recurring", "amount", "2")
		ops.post(path, "answer", "grant", "amount", "1")
		ops.has("It may have been withdrawn, or replaced by a newer one.")
		path = ops.get("/operator/addon-requests").found(`action="(/operator/addon-requests/[^"]+)"`)
		ops.post(path, "answer", "decline")
		ops.has("Declined.")
		w.mailed("boss@acme.example", "The operator declined", `(2 standard credits)`)
	})
}
