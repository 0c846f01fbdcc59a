package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

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
