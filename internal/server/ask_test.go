package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/words"
)

// The API says of a limit what the pages say, so that a client has no words and no sums of its own:
// of a refusal, of a capture in part, of a total and of a balance.
func TestTheAPISaysOfALimitWhatPagesSay(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", halPeople)
		ws := w.workspace("pro", 2, nil)
		mel, _ := w.member(ws, "Mel")
		own := w.as(w.post(w.operator, client.In(ws, "keys"), is{"name": "mel", "role": "member", "member": mel}, 201)["key"].(string))
		w.call(w.operator, "PUT", client.In(ws, "members", mel, "allocations"), is{"standard": is{"mode": "limit", "amount": 5}, "premium": is{"mode": "limit", "amount": 0}}, 200)
		hal := is{"linkedin_url": "https://linkedin.com/in/hal-1"}
		says := func(what string, of is) {
			t.Helper()
			w.same(what+": heading", of["heading"], "Not enough premium credits")
			w.same(what+": limit", of["limit"], "your own limit")
			w.same(what+": advice", of["advice"], "Ask your admin for a higher limit.")
		}
		status, refused := w.ask(own.Key, "POST", client.In(ws, "captures"), is{"person": hal, "fields": []string{"mobile_phone"}})
		w.same("a refusal", status, 402)
		says("a refusal", refused)

		part := w.post(own, client.In(ws, "captures"), is{"person": hal, "fields": []string{"personal_email", "mobile_phone"}}, 200)
		w.same("charged in part, for reading", part["charged_text"], "charged 1 standard")
		short := part["short"].([]any)
		w.same("limits", len(short), 1)
		w.same("in part: limit", short[0].(is)["limit"], "your own limit")
		w.same("in part: heading", short[0].(is)["heading"], "Not enough premium credits")
		w.same("in part: needed", fmt.Sprint(short[0].(is)["needed"], short[0].(is)["available"]), "1 0")
		if detail := short[0].(is)["detail"].(string); !strings.HasPrefix(detail, "1 premium is needed, and 0 of your own limit is left") {
			t.Errorf("in part: %s", detail)
		}
		fits := w.post(own, client.In(ws, "captures"), is{"person": hal, "fields": []string{"work_email"}}, 200)
		w.same("all paid", fits["short"], nil)

		sum := w.post(own, client.In(ws, "totals"), is{"amounts": []is{{"standard": 0.1}, {"standard": 0.2, "premium": 0}, {"standard": 4}}}, 200)
		w.same("a sum", fmt.Sprintf("%v %v %v", sum["total"], sum["at_most_text"], sum["charged_text"]), "map[premium:0 standard:4.3] at most 4.3 standard charged 4.3 standard")
		short = sum["short"].([]any)
		w.same("beyond", fmt.Sprintf("%d %v %v %v", len(short), short[0].(is)["credit"], short[0].(is)["needed"], short[0].(is)["limit"]), "1 standard 4.3 your own limit")
		w.same("nothing to add", fmt.Sprint(w.post(own, client.In(ws, "totals"), is{"amounts": []is{}}, 200)["at_most_text"]), "free")
		w.post(own, client.In(ws, "totals"), is{"amounts": []is{{"standard": -1}}}, 400)

		balance := w.get(own, client.In(ws, "balance"))
		row := balance["shown"].([]any)[1].(is)
		w.same("a balance", fmt.Sprintf("%v %v %v %v", row["credit"], row["available"], row["of"], row["whose"]), "premium 0 0 yours")
		w.same("its note", balance["note"], balance["refills"])
		w.post(w.operator, client.In(ws, "cancel"), is{"at": "now"}, 200)
		w.same("cancelled", w.get(own, client.In(ws, "balance"))["note"], words.CancelledNote)
		_, over := w.ask(own.Key, "POST", client.In(ws, "captures"), is{"person": hal, "fields": []string{"work_phone"}})
		w.same("cancelled: heading", fmt.Sprintf("%v. %v", over["heading"], over["advice"]), "The subscription is cancelled. "+words.CancelledAdvice)
	})
}

// Anyone who meets a limit sees which one, whose, and when it refills, and asks for what was
// missing where they are: a capture, a capture in part, an unlock.
func TestALimitIsNoDeadEnd(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", halPeople)
		ws := w.workspace("pro", 2, nil)
		mel, _ := w.member(ws, "Mel")
		limit := func(standard, premium int) {
			w.call(w.operator, "PUT", client.In(ws, "members", mel, "allocations"), is{"standard": is{"mode": "limit", "amount": standard}, "premium": is{"mode": "limit", "amount": premium}}, 200)
		}
		page := w.signedInAs(ws, mel)
		asked := func(credit string, amount float64) {
			t.Helper()
			page.post(page.found(`action="(/ask)"`), "credit", credit, "amount", page.found(`name="amount" value="([^"]+)"`), "back", "/leads")
			page.at("/leads")
			page.has("Asked. Your admins see it")
			list := w.get(w.operator, client.In(ws, "credit-requests")+"?status=open")["data"].([]any)
			if !slices.ContainsFunc(list, func(r any) bool { return fmt.Sprint(r.(is)["credit"], r.(is)["amount"]) == fmt.Sprint(credit, amount) }) {
				t.Errorf("nobody asked for %v %s: %v", amount, credit, list)
			}
		}

		limit(1, 0)
		page.post("/capture", "who", "https://linkedin.com/in/hal-1", "action", "capture", "fields", "work_phone")
		page.has("Captured")
		page.lacks("in part")
		page.post("/capture", "who", "https://linkedin.com/in/hal-1", "action", "capture", "fields", "personal_email")
		page.has("Not enough standard credits")
		page.has("your own limit")
		page.has("Apr")
		page.has("Ask for 1 standard")
		asked("standard", 1)

		// In part: the email is revealed, the mobile is not.
		limit(5, 0)
		page.post("/capture", "who", "https://linkedin.com/in/hal-1", "action", "capture", "fields", "personal_email", "fields", "mobile_phone")
		page.has("Captured in part")
		page.has("For the rest, 1 premium is needed, and 0 of your own limit is left.")
		page.has("Ask for 1 premium")
		asked("premium", 1)

		// Asking again while that waits asks for nothing more.
		page.post("/capture", "who", "https://linkedin.com/in/hal-1", "action", "capture", "fields", "mobile_phone")
		page.post(page.found(`action="(/ask)"`), "credit", "premium", "amount", "1", "back", "/leads")
		page.has("You asked for 1 premium already.")
		w.same("open requests", len(w.get(w.operator, client.In(ws, "credit-requests")+"?status=open")["data"].([]any)), 2)

		// An admin asks the operator, on the plan's page.
		boss := w.signedInAs(ws, w.newMember(ws, "boss@acme.example", "Boss", "admin"))
		w.post(w.operator, client.In(ws, "charges"), is{"credit": "premium", "amount": 100}, 201)
		boss.post("/capture", "who", "https://linkedin.com/in/hal-1", "action", "capture", "fields", "mobile_phone")
		boss.has("Not enough premium credits")
		boss.has("Ask the operator for an add-on, or wait for the refill.")
		boss.lacks("Ask for 1 premium")
		boss.get(boss.found(`href="(/plan\?credit=premium)#ask"`)).has("Ask the operator")
		if chosen := boss.found(`<option value="([a-z]+)" selected>(?:Premium|Standard)`); chosen != "premium" {
			t.Errorf("the form has %s chosen", chosen)
		}
		// The header has two requests for the admin, and says whose numbers they are.
		if text := boss.get("/leads").whole(); !strings.Contains(text, "credit requests") || !strings.Contains(text, "0 of 100") {
			t.Errorf("the header says %.600s", text)
		}
	})
}

// A member who draws on the pool has no limit to raise: what is granted to them is assigned, on a page or
// by the API.
func TestAssignForARequest(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 2, nil)
		mel, key := w.member(ws, "Mel")
		w.post(w.operator, client.In(ws, "charges"), is{"member": mel, "credit": "standard", "amount": 2}, 201)
		id := w.post(key, client.In(ws, "credit-requests"), is{"credit": "standard", "amount": 10}, 201)["id"].(string)
		decide := client.In(ws, "credit-requests", id, "decide")
		w.post(w.operator, decide, is{"grant": 10}, 409)
		w.post(w.operator, decide, is{"grant": 11, "assign": true}, 400)
		w.same("granted", w.post(w.operator, decide, is{"grant": 8, "assign": true}, 200)["granted"], 8)
		w.same("granted again", w.post(w.operator, decide, is{"grant": 8, "assign": true}, 200)["granted"], 8)
		own := w.get(w.operator, client.In(ws, "members", mel, "allocations"))
		w.same("assigned, with what was used before", own["standard"].(is)["amount"], 10)
		w.post(w.operator, client.In(ws, "charges"), is{"member": mel, "credit": "standard", "amount": 8}, 201)
		w.post(w.operator, client.In(ws, "charges"), is{"member": mel, "credit": "standard", "amount": 1}, 402)
	})
}
