package server_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits"
)

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v in %.300s", err, text)
	}
}

// senators are a hundred real people with the numbers of their offices.
func senators(t *testing.T) (text string, rows [][]string) {
	t.Helper()
	file, err := os.ReadFile("../directory/testdata/us-senate.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err = csv.NewReader(strings.NewReader(string(file))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return string(file), rows[1:]
}

func phoneOf(name string) client.Capture {
	return client.Capture{Person: client.Person{FullName: name, CompanyDomain: "senate.gov"}, Fields: []string{"work_phone"}}
}

// The product's main job on real input: rules C1, C3, C4, D7, P1, S1.
func TestSenatorsCaptured(t *testing.T) {
	start(t, func(w *world) {
		text, rows := senators(w.T)
		// One more, who has no direct number but the Capitol's switchboard.
		text += "X000001,Switch Board,Switch,Board,Senator,United States Senate,senate.gov,(202) 224-3121,Washington,+1 (202) 224-3121 ext. 7,US,,,\n"
		imported := w.load("text/csv", text)
		w.same("imported", imported["imported"], 101)
		w.same("rejected", imported["rejected"], 0)
		w.same("errors", len(imported["errors"].([]any)), 0)

		free := w.workspace("free", 1, nil) // a Monday: the week began at midnight
		for n := range 15 {
			answer, err := w.operator.Capture(ctx, free, "", phoneOf(rows[n][1]))
			if err != nil {
				w.Fatal(err)
			}
			w.same("outcome", string(answer.Fields["work_phone"].Outcome), "charged")
			w.same("charged", answer.Charged["standard"], credits.Credit)
			w.same("numbers", len(answer.Fields["work_phone"].Values), len(strings.Split(rows[n][9], ";")))
		}
		stopped := w.post(w.operator, client.In(free, "captures"), phoneOf(rows[15][1]), 402)
		w.same("code", stopped["code"], "insufficient_credits")
		w.same("limited_by", stopped["limited_by"], "workspace")
		p := stopped["problem"].(*client.Problem)
		w.same("needed", *p.Needed, credits.Credit)
		w.same("available", *p.Available, credits.Amount(0))
		w.same("refills_at", p.RefillsAt.Format(time.RFC3339), "2026-03-09T00:00:00Z")

		w.advance(time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC))
		for n := 15; n < 30; n++ {
			if _, err := w.operator.Capture(ctx, free, "", phoneOf(rows[n][1])); err != nil {
				w.Fatal(err)
			}
		}
		w.post(w.operator, client.In(free, "captures"), phoneOf(rows[30][1]), 402)
		// What the workspace owns it sees again for nothing, without a credit left (rule C6).
		again, err := w.operator.Capture(ctx, free, "", phoneOf(rows[0][1]))
		if err != nil {
			w.Fatal(err)
		}
		w.same("outcome", string(again.Fields["work_phone"].Outcome), "already_owned")

		starter := w.workspace("starter", 1, nil)
		_, ada := w.member(starter, "Ada")
		for _, row := range rows {
			ask := phoneOf(row[1])
			ask.Fields = []string{"work_phone", "mobile_phone"}
			answer, err := ada.Capture(ctx, starter, "", ask)
			if err != nil {
				w.Fatal(err)
			}
			w.same("work phone", string(answer.Fields["work_phone"].Outcome), "charged")
			w.same("mobile", string(answer.Fields["mobile_phone"].Outcome), "not_found")
			w.same("premium charged", answer.Charged["premium"], credits.Amount(0))
		}
		board, err := ada.Capture(ctx, starter, "", phoneOf("Switch Board"))
		if err != nil {
			w.Fatal(err)
		}
		w.same("switchboard", string(board.Fields["work_phone"].Outcome), "same_as_main_line")
		w.same("switchboard's number", board.Fields["work_phone"].Values[0].Value, "+12022243121;ext=7")
		w.same("switchboard's charge", board.Charged["standard"], credits.Amount(0))

		left := w.credit(starter, "standard")
		w.same("allowance", left["allowance"], 250)
		w.same("used", left["used"], 100)
		w.same("available", left["available"], 150)
		usage := w.get(w.operator, client.In(starter, "usage")+"?group_by=member")["data"].([]any)
		w.same("members in the usage", len(usage), 1)
		group := usage[0].(is)
		w.same("name", group["name"], "Ada")
		w.same("standard", group["credits"].(is)["standard"], 100)
		w.same("charged", group["outcomes"].(is)["charged"], 100)
		w.same("not found", group["outcomes"].(is)["not_found"], 100)
		w.same("main line", group["outcomes"].(is)["same_as_main_line"], 1)
		w.same("saved", group["saved"].(is)["standard"], 1)
		page := w.get(w.operator, client.In(starter, "leads")+"?limit=500")["data"].([]any)
		w.same("leads", len(page), 101)
	})
}

const people = `id,full_name,title,company,company_domain,company_phone,linkedin_url,work_email,work_email_status,work_email_verified_at,personal_emails,work_phones,mobile_phones,country
1,Ada Lovelace,Analyst,Engines,engines.example,+1 202 555 0100,https://linkedin.com/in/ada,ada@engines.example,verified,2026-02-20,ada@mail.example,202-555-0111;202-555-0112,202-555-0121;202-555-0122;202-555-0123,US
2,Alan Turing,Director,Engines,engines.example,+1 202 555 0100,https://linkedin.com/in/alan,alan@engines.example,verified,2025-06-01,,202-555-0100,,US
3,Grace Hopper,Admiral,Navy,navy.example,,https://linkedin.com/in/grace,grace@navy.example,likely,,,,,US
4,Mary Jackson,Engineer,Navy,navy.example,,https://linkedin.com/in/mary,,,,,,202-555-0141,US
`

// Every outcome of rule C10 that the directory alone can lead to, by the API:
// rules C1, C2, C3, C4, C5, C6, C7, C12, G4.
func TestOutcomesByAPI(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", people)
		ws := w.workspace("starter", 1, nil)
		ask := func(email string, fields ...string) is {
			return is{"person": is{"linkedin_url": "https://www.linkedin.com/in/" + email + "/"}, "fields": fields}
		}
		outcome := func(a is, field string) any { return a["fields"].(is)[field].(is)["outcome"] }
		path := client.In(ws, "captures")

		a := w.post(w.operator, path, ask("ada", "work_email", "work_phone", "personal_email", "mobile_phone"), 200)
		w.same("fresh verified email", outcome(a, "work_email"), "verified_in_directory")
		w.same("direct dial", outcome(a, "work_phone"), "charged")
		w.same("personal email", outcome(a, "personal_email"), "charged")
		w.same("mobile", outcome(a, "mobile_phone"), "charged")
		w.same("three mobiles are one premium", a["charged"].(is)["premium"], 1)
		w.same("mobiles", len(a["fields"].(is)["mobile_phone"].(is)["values"].([]any)), 3)
		w.same("standard", a["charged"].(is)["standard"], 2)

		a = w.post(w.operator, path, ask("ada", "work_email", "mobile_phone"), 200)
		w.same("again", outcome(a, "work_email"), "already_owned")
		w.same("again", outcome(a, "mobile_phone"), "already_owned")

		a = w.post(w.operator, path, is{"person": is{"email": "ALAN@engines.example"}, "mode": "preview", "fields": []string{"work_email", "work_phone", "mobile_phone"}}, 200)
		w.same("verified long ago", outcome(a, "work_email"), "charged")
		w.same("main line", outcome(a, "work_phone"), "same_as_main_line")
		w.same("mobile", outcome(a, "mobile_phone"), "not_found")
		w.same("lead of a preview", a["lead"], nil)

		a = w.post(w.operator, path, ask("grace"), 200)
		w.same("likely email", outcome(a, "work_email"), "not_verified")
		w.same("its value is shown", len(a["fields"].(is)["work_email"].(is)["values"].([]any)), 1)

		w.post(w.operator, "/v1/directory/suppressions", is{"domain": "navy.example"}, 201)
		w.post(w.operator, path, ask("grace", "work_email"), 404)
		w.post(w.operator, client.In(ws, "lookups"), is{"person": is{"linkedin_url": "linkedin.com/in/grace"}}, 404)

		w.post(w.operator, path, ask("nobody", "work_email"), 404)
		w.post(w.operator, client.In(ws, "cancel"), is{"at": "now"}, 200)
		w.same("cancelled", w.post(w.operator, path, ask("alan", "work_email"), 409)["code"], "subscription_cancelled")
		w.same("leads stay readable, but for whom is suppressed", len(w.get(w.operator, client.In(ws, "leads"))["data"].([]any)), 1)
	})
}

// A field that cannot be paid for is not revealed; all_or_nothing is one decision
// (rule C7), and 402 only when nothing at all could be delivered.
func TestPartlyPaid(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", people)
		ws := w.workspace("free", 1, nil) // no premium at all
		body := is{"person": is{"linkedin_url": "linkedin.com/in/ada"}, "fields": []string{"mobile_phone", "work_phone"}}
		all := is{"all_or_nothing": true}
		for k, v := range body {
			all[k] = v
		}
		w.same("all or nothing", w.post(w.operator, client.In(ws, "captures"), all, 402)["credit"], "premium")
		if text := w.raw(client.In(ws, "captures"), all); !strings.Contains(text, `"refills_at":null`) {
			w.Errorf("Free brings no premium next week either, and the refusal says %s", text)
		}
		w.same("nothing was charged", w.credit(ws, "standard")["used"], 0)
		a := w.post(w.operator, client.In(ws, "captures"), body, 200)
		mobile := a["fields"].(is)["mobile_phone"].(is)
		w.same("mobile", mobile["outcome"], "insufficient_credits")
		w.same("not revealed", len(mobile["values"].([]any)), 0)
		w.same("work phone", a["fields"].(is)["work_phone"].(is)["outcome"], "charged")
		w.post(w.operator, client.In(ws, "captures"), is{"person": is{"linkedin_url": "linkedin.com/in/mary"}, "fields": []string{"mobile_phone"}}, 402)
		w.same("used", w.credit(ws, "standard")["used"], 1)
	})
}

// One key, one capture, for ever (rule C9); a changed request is refused.
func TestCaptureOnce(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", people)
		ws := w.workspace("starter", 1, nil)
		path, body := client.In(ws, "captures"), is{"person": is{"linkedin_url": "linkedin.com/in/ada"}, "fields": []string{"mobile_phone"}}
		first := w.callOnce(w.operator, http.MethodPost, path, "k1", body, 200)
		w.advance(time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC))
		again := w.callOnce(w.operator, http.MethodPost, path, "k1", is{"fields": []string{"mobile_phone"}, "person": is{"linkedin_url": "linkedin.com/in/ada"}}, 200)
		w.same("id", again["id"], first["id"])
		w.same("outcome", again["fields"].(is)["mobile_phone"].(is)["outcome"], "charged")
		w.same("values", len(again["fields"].(is)["mobile_phone"].(is)["values"].([]any)), 3)
		w.same("nothing in the new period", w.credit(ws, "premium")["used"], 0)
		body["mode"] = "preview"
		w.same("changed", w.callOnce(w.operator, http.MethodPost, path, "k1", body, 422)["code"], "idempotency_mismatch")

		person := first["person"].(is)["id"].(string)
		w.call(w.operator, http.MethodDelete, "/v1/directory/people/"+person, nil, 204)
		gone := w.callOnce(w.operator, http.MethodPost, path, "k1", is{"person": is{"linkedin_url": "linkedin.com/in/ada"}, "fields": []string{"mobile_phone"}}, 200)
		w.same("outcome after erasure", gone["fields"].(is)["mobile_phone"].(is)["outcome"], "charged")
		w.same("values after erasure", len(gone["fields"].(is)["mobile_phone"].(is)["values"].([]any)), 0)
		w.same("erased people do not come back", w.load("text/csv", people)["rejected"], 1)
	})
}

// A book that charges a group of fields once per person (rule C1) says so before
// (rule U3): what a lookup estimates is what the capture costs.
func TestUniversalBook(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", people)
		ws := w.workspace("free", 1, is{"price_book": "universal"})
		ada := is{"linkedin_url": "linkedin.com/in/ada"}
		before := w.post(w.operator, client.In(ws, "lookups"), is{"person": ada}, 200)
		w.same("emails 1 and phones 10, each once", before["would_cost"].(is)["universal"], 11)
		a := w.post(w.operator, client.In(ws, "captures"), is{"person": ada, "fields": []string{"work_email", "personal_email", "work_phone", "mobile_phone"}}, 200)
		w.same("charged", a["charged"].(is)["universal"], 11)
		w.same("the second of the group", a["fields"].(is)["mobile_phone"].(is)["outcome"], "already_owned")
		w.same("is shown", len(a["fields"].(is)["mobile_phone"].(is)["values"].([]any)), 3)
		w.same("left", w.credit(ws, "universal")["available"], 39)
	})
}
