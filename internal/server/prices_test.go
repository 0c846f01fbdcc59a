package server_test

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
)

// buttonOf is what the capture page's button says, with its price before a script ran,
// and the prices that the script chooses from.
func buttonOf(v *visitor) (first string, prices map[string]string) {
	v.Helper()
	m := regexp.MustCompile(`<span data-cost="([^"]*)">([^<]*)</span>`).FindStringSubmatch(v.raw)
	if m == nil {
		v.Fatalf("%s has no price", v.where)
	}
	if err := json.Unmarshal([]byte(html.UnescapeString(m[1])), &prices); err != nil {
		v.Fatal(err)
	}
	return html.UnescapeString(m[2]), prices
}

// A button's price is the server's judgement in both books, before and after a script
// runs, on the page and in the extension (rule U3).
func TestPricesOfCombinations(t *testing.T) {
	for book, want := range map[string]map[string]string{
		"classic": {
			"first": "at most 3 standard", "work_email,personal_email": "at most 2 standard", "work_email,work_phone,personal_email,mobile_phone": "at most 3 standard + 1 premium", "mobile_phone": "at most 1 premium",
		},
		"universal": {
			"first": "at most 1 universal", "work_email,personal_email": "at most 1 universal", "work_email,work_phone,personal_email,mobile_phone": "at most 11 universal", "work_phone,mobile_phone": "at most 10 universal", "mobile_phone": "at most 10 universal",
		},
	} {
		start(t, func(w *world) {
			w.load("text/csv", people)
			ws := w.workspace("pro", 1, is{"price_book": book})
			mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
			v := w.signedInAs(ws, mel).get("/capture")
			first, prices := buttonOf(v)
			w.same("the price before a script runs", first, want["first"])
			w.same("combinations", len(prices), 15)
			all := w.get(w.operator, client.In(ws, "prices"))
			listed := all["at_most"].(is)
			looked := w.post(w.operator, client.In(ws, "lookups"), is{"person": is{"linkedin_url": "https://linkedin.com/in/ada"}}, 200)
			for fields, price := range want {
				if fields == "first" {
					continue
				}
				w.same(fields+" on the page", prices[fields], price)
				w.same(fields+" in the price list", priceText(listed[fields]), price)
				w.same(fields+" in the price list, for reading", all["at_most_text"].(is)[fields], price)
			}
			for fields, most := range looked["at_most"].(is) {
				w.same(fields+" in the lookup, for reading", looked["at_most_text"].(is)[fields], priceText(most))
			}
			// What a capture of the same fields charges is never more than the button said.
			for fields, most := range looked["at_most"].(is) {
				other := w.workspace("pro", 1, is{"price_book": book})
				out := w.post(w.operator, client.In(other, "captures"), is{"person": is{"linkedin_url": "https://linkedin.com/in/ada"}, "fields": strings.Split(fields, ",")}, 200)
				for credit, amount := range out["charged"].(is) {
					if amount.(float64) > most.(is)[credit].(float64) {
						t.Errorf("%s of %s: charged %v, and the button says %v", book, fields, out["charged"], most)
					}
				}
			}
		})
	}
}

// priceText writes an API's price as a button does.
func priceText(price any) string {
	var parts []string
	for _, credit := range []string{"standard", "premium", "universal"} {
		if n, ok := price.(is)[credit].(float64); ok && n > 0 {
			parts = append(parts, fmt.Sprintf("%v %s", n, credit))
		}
	}
	if len(parts) == 0 {
		return "free"
	}
	return "at most " + strings.Join(parts, " + ")
}

// There is one answer to when credits refill: after a cancellation at the period's end
// nothing says that they do, wherever it is asked.
func TestOneAnswerToWhenItRefills(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", people)
		ws := w.workspace("pro", 1, is{"time_zone": "Europe/Berlin"})
		mel, key := w.member(ws, "Mel")
		w.call(w.operator, "PUT", client.In(ws, "members", mel, "allocations"), is{"premium": is{"mode": "limit", "amount": 1}}, 200)
		v := w.signedInAs(ws, mel)
		paths := []string{"/leads", "/capture", "/usage", "/settings", "/help", "/team", "/ask", "/bulk"}
		refills := regexp.MustCompile(`(?i)(they )?refills? (on )?Apr 1`)
		for _, path := range paths {
			if v.get(path); !refills.MatchString(v.whole()) {
				t.Errorf("%s does not say when it refills", path)
			}
		}
		end := time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC).Format(time.RFC3339)
		balance := w.get(key, client.In(ws, "balance"))
		w.same("refills_at", balance["refills_at"], end)
		w.same("refills", balance["refills"], "Refills Apr 1, 2026, 00:00 (Berlin)")
		own := balance["member"].(is)
		w.same("of the pool", own["standard"].(is)["of"], 500)
		w.same("of the limit", own["premium"].(is)["of"], 1)
		v.get("/leads")
		for _, text := range []string{"standard 500 of 500 left · refills Apr 1 · in the pool", "premium 1 of 1 left · refills Apr 1 · yours"} {
			if !strings.Contains(v.whole(), text) {
				t.Errorf("the header does not say %q", text)
			}
		}

		w.post(w.operator, client.In(ws, "cancel"), is{"at": "period_end"}, 200)
		for _, path := range paths {
			v.get(path)
			if m := regexp.MustCompile(`(?i).{30}\brefill(s|ed)? .{30}`).FindString(v.whole()); m != "" && path != "/help" {
				t.Errorf("after the cancellation %s says %q", path, m)
			}
			if !strings.Contains(v.whole(), "ends Apr 1") && !strings.Contains(v.whole(), "ends on Apr 1") {
				t.Errorf("%s does not say when the subscription ends", path)
			}
			if refills.MatchString(v.whole()) {
				t.Errorf("after the cancellation %s still says that it refills", path)
			}
		}
		balance = w.get(key, client.In(ws, "balance"))
		for _, of := range []is{balance, balance["credits"].(is)["standard"].(is), balance["member"].(is)["standard"].(is)} {
			if at, there := of["refills_at"]; !there || at != nil {
				t.Errorf("refills_at is %v", of["refills_at"])
			}
			w.same("refills", of["refills"], "Ends Apr 1, 2026, 00:00 (Berlin)")
		}
		p := w.post(key, client.In(ws, "charges"), is{"credit": "premium", "amount": 2}, 402)["problem"].(*client.Problem)
		if p.RefillsAt != nil {
			t.Errorf("the 402 says that it refills at %v", p.RefillsAt)
		}
	})
}

// A bulk capture that waits for a refill waits for none after a cancellation.
func TestBulkWaitsForNoRefillAfterACancellation(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", people)
		ws := w.workspace("pro", 1, nil)
		w.post(w.operator, client.In(ws, "charges"), is{"credit": "standard", "amount": 500}, 201)
		id := w.post(w.operator, client.In(ws, "bulk-captures"), is{"people": []is{{"linkedin_url": "https://linkedin.com/in/ada"}}, "fields": []string{"work_phone"}, "confirmed": true, "resume_after_refill": true}, 202)["id"].(string)
		path := client.In(ws, "bulk-captures", id)
		w.working(func() {
			if w.until(w.operator, path, status("paused"))["refills_at"] == nil {
				w.Error("it waits for no refill")
			}
		})
		w.post(w.operator, client.In(ws, "cancel"), is{"at": "period_end"}, 200)
		for _, job := range append(w.get(w.operator, client.In(ws, "bulk-captures"))["data"].([]any), w.get(w.operator, path)) {
			if job.(is)["refills_at"] != nil {
				t.Errorf("after the cancellation it says that it refills at %v", job.(is)["refills_at"])
			}
		}
	})
}
