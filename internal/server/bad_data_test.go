package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
)

// Bad data gives its credit back and is not sold to the workspace again: rule C11.
func TestBadDataReported(t *testing.T) {
	withSources(t, func(w *world, u *upstream) {
		w.load("text/csv", people)
		ws := w.workspace("starter", 1, nil)
		_, ada := w.member(ws, "Ada")
		captures := client.In(ws, "captures")
		buy := is{"person": profile("ada"), "fields": []string{"mobile_phone", "personal_email"}}
		w.post(ada, captures, buy, 200)
		entries := w.get(ada, client.In(ws, "entries"))["data"].([]any)
		entry := func(field string) string {
			for _, e := range entries {
				if e.(is)["field"] == field && e.(is)["kind"] == "charge" {
					return e.(is)["id"].(string)
				}
			}
			t.Fatalf("no charge for %s", field)
			return ""
		}
		report := func(field string) string { return client.In(ws, "entries", entry(field), "report") }
		w.post(ada, report("mobile_phone"), is{"reason": "bounced"}, 400)
		w.post(ada, report("mobile_phone"), is{"reason": "ugly"}, 400)
		w.post(ada, client.In(ws, "entries", "ent_999", "report"), is{"reason": "wrong_number"}, 404)
		w.post(ada, client.In(ws, "entries", "nonsense", "report"), is{"reason": "wrong_number"}, 404)
		out := w.post(ada, report("mobile_phone"), is{"reason": "wrong_number"}, 200)
		w.same("status", out["status"], "refunded")
		w.same("given back", out["amount"], 1)
		w.same("used", w.credit(ws, "premium")["used"], 0)
		w.post(ada, report("mobile_phone"), is{"reason": "wrong_number"}, 409)

		look := w.post(ada, client.In(ws, "lookups"), is{"person": profile("ada")}, 200)
		if look["has"].(is)["mobile_phone"] != false {
			t.Error("the bad numbers are offered again")
		}
		again := w.post(ada, captures, is{"person": profile("ada"), "fields": []string{"mobile_phone"}}, 200)
		w.same("not sold again", w.outcome(again, "mobile_phone"), "not_found")
		u.say(200, `{"state":"done","mobile":"+12025550121"}`) // one of the bad ones, by another source
		again = w.post(ada, captures, is{"person": profile("ada"), "fields": []string{"mobile_phone"}}, 200)
		w.same("nor from elsewhere", w.outcome(again, "mobile_phone"), "not_found")
		u.say(200, `{"state":"done","mobile":"+12025550199"}`)
		again = w.post(ada, captures, is{"person": profile("ada"), "fields": []string{"mobile_phone"}}, 200)
		w.same("a good one is", w.outcome(again, "mobile_phone"), "charged")
		other := w.workspace("starter", 1, nil)
		b := w.post(w.operator, client.In(other, "captures"), is{"person": profile("ada"), "fields": []string{"mobile_phone"}}, 200)
		w.same("another workspace decides for itself", w.outcome(b, "mobile_phone"), "charged")
		w.post(w.operator, client.In(other, "entries", entry("personal_email"), "report"), is{"reason": "bounced"}, 404)

		w.advance(day(2026, 4, 1).Add(time.Hour))
		closed := w.post(ada, report("personal_email"), is{"reason": "bounced"}, 200)
		w.same("too late for the credit", closed["status"], "closed")
		w.same("nothing back", w.credit(ws, "standard")["used"], 0)
		list := w.get(ada, client.In(ws, "reports"))["data"].([]any)
		w.same("reports", len(list), 2)
		w.idle(ws)
	})
}

// Beyond what the book allows the operator decides.
func TestBadDataReview(t *testing.T) {
	start(t, func(w *world) {
		var file strings.Builder
		file.WriteString("id,full_name,company,linkedin_url,work_phones,country\n")
		for n := range 22 {
			fmt.Fprintf(&file, "r%d,Person R%c,Review,https://linkedin.com/in/review-%d,+1202555%04d,US\n", n, 'a'+n, n, 2000+n)
		}
		w.load("text/csv", file.String())
		ws := w.workspace("starter", 1, nil)
		_, ada := w.member(ws, "Ada")
		last := ""
		for n := range 22 {
			a := w.post(ada, client.In(ws, "captures"), is{"person": profile(fmt.Sprint("review-", n)), "fields": []string{"work_phone"}}, 200)
			last = a["fields"].(is)["work_phone"].(is)["entry"].(string)
			out := w.post(ada, client.In(ws, "entries", last, "report"), is{"reason": "wrong_number"}, 200)
			want := "refunded"
			if n >= 20 {
				want = "review"
			}
			w.same(fmt.Sprint("report ", n), out["status"], want)
		}
		w.same("used", w.credit(ws, "standard")["used"], 2)
		decide := client.In(ws, "reports", last, "decide")
		w.post(ada, decide, is{"refund": true}, 403)
		w.same("waiting", len(w.get(w.operator, client.In(ws, "reports")+"?status=review")["data"].([]any)), 2)
		w.same("decided", w.post(w.operator, decide, is{"refund": true}, 200)["status"], "refunded")
		w.same("in the audit log", w.audits(ws, "report.decided"), 1)
		w.post(w.operator, decide, is{"refund": true}, 409)
		w.same("used", w.credit(ws, "standard")["used"], 1)
	})
}
