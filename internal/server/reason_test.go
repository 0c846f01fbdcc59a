package server_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

const graded = `full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at,mobile_phones
Lou Long,Aco,https://linkedin.com/in/r-long,long@aco.example,verified,2025-08-01,+4915112380001
Uma Unknown,Aco,https://linkedin.com/in/r-unknown,uma@aco.example,verified,,
Fay Fresh,Aco,https://linkedin.com/in/r-fresh,fresh@aco.example,verified,2026-03-01,
`

// A charged verified email says why it was not free: in the answer, its replay, the entry, the
// CSV and the page; a charge that could not have been free says nothing (rule C5).
func TestAChargeSaysWhy(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", graded)
		ws := w.workspace("pro", 1, nil)
		ops := w.signedInAs(ws, w.newMember(ws, "rea@acme.example", "Rea", "admin"))
		for _, c := range []struct{ who, reason, at, page string }{
			{"r-long", "verified_too_long_ago", "2025-08-01T00:00:00Z", "last verified on Aug 1, 2025, too long ago to be free"},
			{"r-unknown", "verified_at_unknown_time", "", "verified, but nobody knows when"},
		} {
			for range 2 { // the second is answered from the receipt
				f := w.callOnce(w.operator, "POST", client.In(ws, "captures"), "why-"+c.who, is{"person": profile(c.who), "fields": []string{"work_email"}}, 200)["fields"].(is)["work_email"].(is)
				at, _ := f["verified_at"].(string)
				w.same(c.who, f["outcome"], "charged")
				w.same(c.who, f["reason"], c.reason)
				w.same("verified at", at, c.at)
			}
			entry := w.get(w.operator, client.In(ws, "entries")+"?kind=charge")["data"].([]any)[0].(is)
			at, _ := entry["verified_at"].(string)
			w.same("entry", entry["reason"], c.reason)
			w.same("verified at", at, c.at)
			ops.get("/usage/entries?kind=charge").has(c.page)
		}
		f := w.post(w.operator, client.In(ws, "captures"), is{"person": profile("r-long"), "fields": []string{"mobile_phone"}}, 200)["fields"].(is)["mobile_phone"].(is)
		w.same("a mobile", f["outcome"], "charged")
		if f["reason"] != nil {
			t.Errorf("a plain charge has the reason %v", f["reason"])
		}
		var table []byte
		if _, err := w.operator.Do(ctx, "GET", client.In(ws, "entries.csv")+"?kind=charge", "", nil, &table); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(string(table))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		reason, at := slices.Index(rows[0], "reason"), slices.Index(rows[0], "verified_at")
		if got := rows[3][reason] + " " + rows[3][at]; got != "verified_too_long_ago 2025-08-01T00:00:00Z" {
			t.Errorf("entries.csv says %q", got)
		}
	})
}

// What was free at first is not said to have been paid for when it is asked for again.
func TestOwnedIsNotSaidToBePaid(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", graded)
		ws := w.workspace("pro", 1, nil)
		v := w.signedInAs(ws, w.newMember(ws, "rea@acme.example", "Rea", "admin"))
		for _, says := range []string{"Already in the directory and checked in the last 90 days.", "Your workspace has this already. It is free again."} {
			v.get("/capture").post("/capture", "who", "https://linkedin.com/in/r-fresh", "action", "capture", "fields", "work_email", "idempotency_key", "own-"+says[:4])
			v.has(says)
			v.lacks("paid for this")
		}
	})
}

// A number that was delivered and is on the suppression list says so where it was, to those who
// may see the person, and nowhere else.
func TestHiddenNumberSaysSo(t *testing.T) {
	const hidden = "Hidden: this number is on the suppression list."
	start(t, func(w *world) {
		w.load("text/csv", numbers)
		ws := w.workspace("pro", 1, nil)
		for _, who := range []string{"n-ann", "n-bob", "n-cy"} {
			w.post(w.operator, client.In(ws, "captures"), is{"person": profile(who), "fields": []string{"mobile_phone"}}, 200)
		}
		v := w.signedInAs(ws, w.newMember(ws, "rea@acme.example", "Rea", "admin"))
		v.get("/leads").lacks(hidden)
		ann, bob := w.leadOf(ws, "Ann Colley"), w.leadOf(ws, "Bob Dovecot")
		w.post(w.operator, "/v1/directory/suppressions", is{"phone": "+4915112370001"}, 201)
		w.post(w.operator, "/v1/directory/suppressions", is{"phone": "+4915112370003"}, 201) // means Cy, who is gone
		v.get("/leads").has(hidden)
		w.same("cells", strings.Count(v.text(), hidden), 2)
		v.get("/leads/" + ann).has(hidden)
		v.get("/leads/" + bob).has(hidden)
		v.has("+49 1511 2370002")
		v.get("/capture").post("/capture", "who", "https://linkedin.com/in/n-ann", "action", "capture", "fields", "mobile_phone", "idempotency_key", "hidden")
		v.has(hidden)
	})
}
