package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

const likely = `full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at,mobile_phones
Lia Likely,Lco,https://linkedin.com/in/l-lia,lia@lco.example,likely,2026-03-01,+4915112390001
Val Verified,Lco,https://linkedin.com/in/l-val,val@lco.example,verified,2026-03-01,
`

// A refusal of all or nothing names every credit type that is missing; needed is the first's.
func TestAllOrNothingNamesEveryCreditType(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", people)
		ws := w.workspace("free", 1, nil)
		m, ada := w.member(ws, "Ada")
		w.call(w.operator, http.MethodPut, client.In(ws, "members", m, "allocations"), is{"standard": is{"mode": "limit", "amount": 0}, "premium": is{"mode": "limit", "amount": 0}}, 200)
		p := w.call(ada, http.MethodPost, client.In(ws, "captures"), is{"person": profile("ada"), "fields": []string{"mobile_phone", "work_phone", "personal_email"}, "all_or_nothing": true}, 402)["problem"].(*client.Problem)
		for _, part := range []string{"1 premium credit is needed", "2 standard credits are needed"} {
			if !strings.Contains(p.Detail, part) {
				t.Errorf("%q does not say %q", p.Detail, part)
			}
		}
		w.same("the first", p.Credit, "premium")
		w.same("needed", p.Needed.String(), "1")
	})
}

// What is free to assign says how much of it is unspent, once some is spent.
func TestFreeToAssignSaysWhatIsUnspent(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil) // 500 standard, 50 premium
		v := w.signedInAs(ws, w.newMember(ws, "rea@acme.example", "Rea", "admin"))
		v.get("/team").has("50 free to assign of 50")
		w.charge(w.operator, ws, "premium", 1, 200)
		v.get("/team").has("50 free to assign , 49 of them unspent")
		v.has("500 free to assign of 500")
	})
}

// A member who may see their own entries alone is told that others spent on a lead.
func TestLeadSaysThatOthersSpent(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", likely)
		ws := w.workspace("pro", 3, nil)
		m := w.newMember(ws, "ada@acme.example", "Ada", "member")
		ada := w.as(w.post(w.operator, client.In(ws, "keys"), is{"name": "ada", "role": "member", "member": m}, 201)["key"].(string))
		lead := w.post(ada, client.In(ws, "captures"), is{"person": profile("l-lia"), "fields": []string{"mobile_phone"}}, 200)["lead"].(string)
		const others = "Others in your team spent on this; you do not see their entries."
		w.signedInAs(ws, m).get("/leads/" + lead).lacks(others)
		bob := w.signedInAs(ws, w.newMember(ws, "bob@acme.example", "Bob", "member"))
		bob.get("/leads/" + lead).has(others)
		bob.lacks("No entries yet")
	})
}

// A page says what stopped a capture, and what a look found of an email.
func TestCaptureSaysWhatStoppedIt(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", likely)
		ws := w.workspace("pro", 1, nil)
		m := w.newMember(ws, "bob@acme.example", "Bob", "member")
		v := w.signedInAs(ws, m)
		for mode, says := range map[string]string{"assigned": "the amount assigned to you", "limit": "your own limit"} {
			w.call(w.operator, http.MethodPut, client.In(ws, "members", m, "allocations"), is{"premium": is{"mode": mode, "amount": 0}}, 200)
			v.get("/capture").post("/capture", "who", "https://linkedin.com/in/l-lia", "action", "capture", "fields", "mobile_phone", "idempotency_key", "stop-"+mode)
			v.has("Stopped by " + says)
		}
		v.get("/capture").post("/capture", "who", "https://linkedin.com/in/l-lia", "action", "look")
		v.has("Work email Yes, not verified")
		v.get("/capture").post("/capture", "who", "https://linkedin.com/in/l-val", "action", "look")
		v.has("Work email Yes, verified")
	})
}

// A code for the operator's pages is not said to be of a workspace.
func TestOperatorsCodeNamesTheOperatorsPages(t *testing.T) {
	start(t, func(w *world) {
		code, err := w.server.Accounts.CreateCode(ctx, "", "")
		if err != nil {
			t.Fatal(err)
		}
		v := w.visitor()
		v.post("/sign-in/code/look", "code", code).has("Sign in to the operator’s pages?")
		v.lacks("know this workspace")
	})
}

// A part that is too much is answered with what may be entered.
func TestGrantingTooMuchSaysWhatMayBeEntered(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		m := w.newMember(ws, "rita@acme.example", "Rita", "member")
		rita := w.as(w.post(w.operator, client.In(ws, "keys"), is{"name": "rita", "role": "member", "member": m}, 201)["key"].(string))
		id := w.post(rita, client.In(ws, "credit-requests"), is{"credit": "standard", "amount": 4}, 201)["id"].(string)
		v := w.signedInAs(ws, w.newMember(ws, "rea@acme.example", "Rea", "admin"))
		v.post("/requests/"+id, "answer", "part", "amount", "5")
		v.has("Enter an amount above 0, up to 4. Rita asked for 4.")
	})
}

// What is refused of a suppression stays in its form, with the reason beside it.
func TestSuppressionFormStays(t *testing.T) {
	start(t, func(w *world) {
		ops := w.visitor()
		ops.byCode("", "")
		ops.post("/operator/suppressions", "kind", "person", "value", "per_nobody at all", "do", "add")
		w.same("status", ops.status, 422)
		ops.has("This is not a person's id.")
		if !strings.Contains(ops.page, `value="per_nobody at all"`) || !strings.Contains(ops.page, `value="person" selected`) {
			t.Error("the form does not hold what was typed")
		}
	})
}

// Before a report it is said whether the credit comes back, and the entries keep their filter.
func TestReportSaysWhatComesBack(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", likely)
		ws := w.workspace("pro", 1, nil)
		v := w.signedInAs(ws, w.newMember(ws, "rea@acme.example", "Rea", "admin"))
		w.post(w.operator, client.In(ws, "captures"), is{"person": profile("l-lia"), "fields": []string{"mobile_phone"}}, 200)
		v.get("/usage/entries?kind=charge").has("to your workspace again. The credit comes back.")
		w.post(w.operator, client.In(ws, "cancel"), is{"at": "now"}, 200)
		v.get("/usage/entries?kind=charge").has("The subscription is cancelled, so no credit comes back.")
	})
}
