package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

const halPeople = `id,full_name,company,company_domain,company_phone,linkedin_url,work_email,work_email_status,work_email_verified_at,personal_emails,work_phones,mobile_phones,country
h1,Hal One,Hidden,hidden.example,+12025550600,https://linkedin.com/in/hal-1,hal@hidden.example,verified,2020-01-01,hal@mail.example,+12025550611,+12025550601,US
h2,Hal Two,Hidden,hidden.example,+12025550600,https://linkedin.com/in/hal-2,hal2@hidden.example,verified,2020-01-01,,,,US
h3,Hal Three,Hidden,hidden.example,+12025550600,https://linkedin.com/in/hal-3,,,,,+12025550600,,US
`

// answerOf is what a caller sees of an answer: its status and the whole of its body.
func (w *world) answerOf(c *client.Client, path, key string, body is) (status int, text string) {
	w.Helper()
	var out is
	_, err := c.Do(ctx, http.MethodPost, path, key, body, &out)
	if p, ok := err.(*client.Problem); ok {
		needed, available := "", ""
		if p.Needed != nil {
			needed, available = p.Needed.String(), p.Available.String()
		}
		return p.Status, fmt.Sprint(p.Status, p.Code, p.Detail, p.Credit, needed, available, p.LimitedBy, p.RefillsAt)
	}
	if err != nil {
		w.Fatal(err)
	}
	return 200, fmt.Sprint(out)
}

// A capture that names an address and is not paid for is answered the same whosever the
// address is, with whatever fields, keys, credits and all_or_nothing: rule C13.
func TestARefusedCaptureConfirmsNoAddress(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", halPeople)
		addresses := []string{"hal@hidden.example", "hal@mail.example", "hal2@hidden.example", "nobody@hidden.example"}
		for _, left := range []int{0, 1, 2, 3} {
			for _, fields := range [][]string{{"mobile_phone"}, {"work_phone", "work_email"}, {"work_phone", "mobile_phone"}, {"personal_email"}} {
				for _, all := range []bool{true, false} {
					for _, by := range []string{"", "https://linkedin.com/in/hal-1"} {
						unpaid := map[string]string{}
						for _, address := range addresses {
							ws := w.workspace("free", 1, nil)
							w.post(w.operator, client.In(ws, "charges"), is{"credit": "standard", "amount": 15 - left}, 201)
							person := is{"email": address}
							if by != "" {
								person["linkedin_url"] = by
							}
							_, text := w.answerOf(w.operator, client.In(ws, "captures"), "", is{"person": person, "fields": fields, "all_or_nothing": all, "mode": "preview"})
							if w.credit(ws, "standard")["used"] == float64(15-left) {
								unpaid[text] = address
							}
						}
						if len(unpaid) > 1 {
							t.Errorf("%d left, %v, all_or_nothing %v, by %q: unpaid answers differ: %v", left, fields, all, by, unpaid)
						}
					}
				}
			}
		}
	})
}

// The refusal of a capture by an address is kept under its key like any other: rule C9.
func TestARefusalByAddressIsKept(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", halPeople)
		for _, all := range []bool{false, true} {
			ws := w.workspace("free", 1, nil)
			w.post(w.operator, client.In(ws, "charges"), is{"credit": "standard", "amount": 15}, 201)
			ask := is{"person": is{"email": "hal@hidden.example"}, "fields": []string{"work_email", "work_phone"}, "all_or_nothing": all}
			captures := client.In(ws, "captures")
			_, first := w.answerOf(w.operator, captures, "r2", ask)
			w.post(w.operator, client.In(ws, "grants"), is{"credit": "standard", "amount": 10, "kind": "once", "note": "more"}, 201)
			status, again := w.answerOf(w.operator, captures, "r2", ask)
			w.same("after a grant", status, 402)
			w.same("the first answer", again, first)
			w.same("nothing was charged", w.credit(ws, "standard")["used"], 15)
			w.callOnce(w.operator, http.MethodPost, captures, "r2", is{"person": is{"email": "hal@mail.example"}}, 422)
			w.callOnce(w.operator, http.MethodPost, captures, "r3", ask, 200)
		}
	})
}

// A capture that delivers nothing is a lookup, whatever its answer: past the day's meter
// all such answers are one, and nothing is recorded. One that pays is none: rule C13.
func TestCapturesThatDeliverNothingAreLookups(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", halPeople)
		ws := w.workspace("free", 1, nil) // 50 lookups, 15 standard, no premium
		_, ada := w.member(ws, "Ada")
		captures := client.In(ws, "captures")
		lookups := func() any { return w.get(ada, client.In(ws, "fair-use"))["member"].(is)["lookups"].(is)["used"] }
		named := func(name string) is { return is{"full_name": name, "company_domain": "hidden.example"} }
		fruitless := []is{
			{"person": named("Hal One"), "fields": []string{"mobile_phone"}, "mode": "preview"},                        // 402
			{"person": named("Hal Nobody"), "fields": []string{"mobile_phone"}, "mode": "preview"},                     // 404
			{"person": named("Hal Two"), "fields": []string{"mobile_phone"}, "mode": "preview"},                        // not_found
			{"person": named("Hal Three"), "fields": []string{"work_phone"}, "mode": "preview"},                        // the main line
			{"person": is{"email": "nobody@hidden.example"}, "fields": []string{"mobile_phone"}},                       // 404
			{"person": is{"email": "hal@hidden.example"}, "fields": []string{"mobile_phone"}, "all_or_nothing": true},  // 402
			{"person": named("Hal One"), "fields": []string{"mobile_phone", "personal_email"}, "all_or_nothing": true}, // 402
		}
		want := 0.0
		for _, body := range fruitless {
			w.answerOf(ada, captures, "", body)
			want++
			w.same(fmt.Sprint("lookups after ", body), lookups(), want)
		}
		w.answerOf(ada, captures, "kept", fruitless[0])
		w.answerOf(ada, captures, "kept", fruitless[0]) // the same answer tells the same
		want += 2
		w.same("a replayed refusal", lookups(), want)
		w.post(ada, captures, is{"person": named("Hal One"), "fields": []string{"work_phone"}, "mode": "preview"}, 200)
		w.post(ada, captures, is{"person": named("Hal One"), "fields": []string{"work_phone", "mobile_phone"}, "mode": "preview"}, 200)
		w.same("what pays, and what is owned, is none", lookups(), want)
		for range 50 - int(want) {
			w.post(ada, client.In(ws, "lookups"), is{"person": named("Hal One")}, 200)
		}
		entries := len(w.get(ada, client.In(ws, "entries"))["data"].([]any))
		for _, body := range fruitless {
			body["mode"] = "capture"
			if status, text := w.answerOf(ada, captures, "", body); status != 429 || !strings.Contains(text, "fair_use") {
				t.Errorf("%v is answered with %s", body, text)
			}
		}
		if status, text := w.answerOf(ada, captures, "kept", fruitless[0]); status == 402 {
			t.Errorf("a kept refusal is answered with %s", text)
		}
		w.same("nothing is recorded", len(w.get(ada, client.In(ws, "entries"))["data"].([]any)), entries)
		w.same("nor on the sheet", len(w.get(ada, client.In(ws, "leads"))["data"].([]any)), 0)
		w.post(ada, captures, is{"person": is{"email": "hal2@hidden.example"}, "fields": []string{"mobile_phone"}}, 200)
		w.same("what pays continues", w.credit(ws, "standard")["used"], 2)
	})
}

// An address that is only likely is a free delivery as well: rules C5, C13.
func TestLikelyAddressesAreMetered(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", strings.ReplaceAll(crowdOf(30), ",verified,2026-03-01,", ",likely,,"))
		ws := w.workspace("free", 1, nil)
		_, ada := w.member(ws, "Ada")
		outcomes := map[string]int{}
		for n := range 27 {
			a := w.post(ada, client.In(ws, "captures"), is{"person": is{"email": fmt.Sprintf("fair%d@fair.example", n)}, "fields": []string{"work_email"}, "mode": "preview"}, 200)
			f := a["fields"].(is)["work_email"].(is)
			outcomes[fmt.Sprint(f["outcome"], " ", f["reason"])]++
		}
		w.same("free", outcomes["not_verified <nil>"], 25)
		w.same("charged", outcomes["charged fair_use"], 2)
		w.same("used", w.credit(ws, "standard")["used"], 2)
	})
}

// Anyone who is suppressed is nobody, by every key and to everybody: rules C12, C13.
func TestSuppressedIsNobody(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", halPeople)
		ws := w.workspace("pro", 1, nil)
		_, ada := w.member(ws, "Ada")
		captures := client.In(ws, "captures")
		seen := w.post(ada, captures, is{"person": profile("hal-1"), "fields": []string{"work_phone"}}, 200)
		id, lead := seen["person"].(is)["id"].(string), seen["lead"].(string)
		w.post(w.operator, "/v1/directory/suppressions", is{"person": id}, 201)
		used := w.credit(ws, "standard")["used"]
		people := []is{{"id": id}, {"full_name": "Hal One", "company_domain": "hidden.example"}, profile("hal-1"), {"email": "hal@hidden.example"}, {"email": "hal@mail.example"}}
		for _, by := range []*client.Client{ada, w.operator} {
			_, nobody := w.answerOf(by, captures, "", is{"person": profile("hal-0")})
			for _, person := range people {
				for _, mode := range []string{"capture", "preview"} {
					if _, got := w.answerOf(by, captures, "", is{"person": person, "mode": mode}); got != nobody {
						t.Errorf("%v is answered with %s, nobody with %s", person, got, nobody)
					}
				}
			}
			w.post(by, client.In(ws, "leads", lead, "unlock"), is{"fields": []string{"mobile_phone"}}, 404)
		}
		w.same("nothing was charged", w.credit(ws, "standard")["used"], used)
		job := client.In(ws, "bulk-captures", w.post(ada, client.In(ws, "bulk-captures"), is{"people": append(people, profile("hal-0")), "confirmed": true}, 202)["id"].(string))
		w.working(func() { w.until(ada, job, func(j is) bool { return j["status"] == "done" }) })
		for _, row := range w.results(job) {
			if row["status"] != "nobody" || row["lead"] != "" || strings.Contains(fmt.Sprint(row), "uppress") {
				t.Errorf("a row says %v", row)
			}
		}
	})
}

// What the sheet shows of its own leads costs no lookup; of others everybody counts once
// in an estimate, and a row that comes to nothing is not counted again: rule C13.
func TestEstimatesCountEverybodyOnce(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", crowdOf(12))
		ws := w.workspace("free", 1, nil)
		m, ada := w.member(ws, "Ada")
		lookups := func() any { return w.get(ada, client.In(ws, "fair-use"))["member"].(is)["lookups"].(is)["used"] }
		var chosen []string
		for n := range 5 {
			chosen = append(chosen, w.post(ada, client.In(ws, "captures"), is{"person": profile(fmt.Sprint("fair-", n)), "fields": []string{"work_email"}}, 200)["lead"].(string))
		}
		page := w.signedInAs(ws, m)
		page.post("/leads/chosen", "leads", strings.Join(chosen, " ")).has("5 leads chosen")
		w.same("lookups of one's own leads", lookups(), 0)
		for _, id := range chosen {
			w.post(ada, client.In(ws, "leads", id, "unlock"), is{"fields": []string{"mobile_phone"}}, 200)
		}
		w.same("an unlock of them that finds nothing", lookups(), 0)
		people := []is{profile("fair-6"), profile("fair-6"), profile("fair-6"), profile("fair-7"), profile("fair-none")}
		job := client.In(ws, "bulk-captures", w.post(ada, client.In(ws, "bulk-captures"), is{"people": people, "fields": []string{"mobile_phone"}, "confirmed": true}, 202)["id"].(string))
		w.same("each once", lookups(), 3)
		w.working(func() { w.until(ada, job, func(j is) bool { return j["status"] == "done" }) })
		w.same("their rows are not counted again", lookups(), 3)

		people = nil
		for n := range 60 {
			people = append(people, profile(fmt.Sprint("gone-", n)))
		}
		job = client.In(ws, "bulk-captures", w.post(ada, client.In(ws, "bulk-captures"), is{"people": people, "fields": []string{"mobile_phone"}, "confirmed": true}, 202)["id"].(string))
		w.same("used up", lookups(), 50)
		w.working(func() {
			paused := w.until(ada, job, func(j is) bool { return j["status"] != "running" })
			w.same("rows past the meter wait", paused["status"], "paused")
		})
	})
}
