package server_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
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
			if n >= 5 { // at least 5 of a workspace, or 10 % of its charges
				want = "review"
			}
			w.same(fmt.Sprint("report ", n), out["status"], want)
		}
		w.same("used", w.credit(ws, "standard")["used"], 17)
		decide := client.In(ws, "reports", last, "decide")
		w.post(ada, decide, is{"refund": true}, 403)
		w.same("waiting", len(w.get(w.operator, client.In(ws, "reports")+"?status=review")["data"].([]any)), 17)
		w.same("decided", w.post(w.operator, decide, is{"refund": true}, 200)["status"], "refunded")
		w.same("in the audit log", w.audits(ws, "report.decided"), 1)
		w.post(w.operator, decide, is{"refund": true}, 409)
		w.same("used", w.credit(ws, "standard")["used"], 16)
	})
}

// Many members cannot report more than one could: the cap is the workspace's too, also
// when they report in the same instant (rule C11).
func TestBadDataCannotBeFarmed(t *testing.T) {
	start(t, func(w *world) {
		var file strings.Builder
		file.WriteString("id,full_name,company,linkedin_url,work_phones,country\n")
		for n := range 70 {
			fmt.Fprintf(&file, "f%d,Person F%d,Farm,https://linkedin.com/in/farm-%d,+1202555%04d,US\n", n, n, n, 3000+n)
		}
		w.load("text/csv", file.String())
		ws := w.workspace("starter", 1, nil)
		var refunded atomic.Int64
		var all sync.WaitGroup
		var members []*client.Client
		for n := range 7 {
			_, by := w.member(ws, fmt.Sprint("Farmer", n))
			members = append(members, by)
		}
		entries := make([]string, 70)
		for n := range entries {
			a := w.post(members[n%7], client.In(ws, "captures"), is{"person": profile(fmt.Sprint("farm-", n)), "fields": []string{"work_phone"}}, 200)
			entries[n] = a["fields"].(is)["work_phone"].(is)["entry"].(string)
		}
		for n, entry := range entries {
			all.Go(func() {
				var out is
				if _, err := members[n%7].Do(ctx, "POST", client.In(ws, "entries", entry, "report"), "", is{"reason": "wrong_number"}, &out); err != nil {
					w.Error(err)
				} else if out["status"] == "refunded" {
					refunded.Add(1)
				}
			})
		}
		all.Wait()
		w.same("given back without the operator: 10 % of 70", int(refunded.Load()), 7)
		w.same("used", w.credit(ws, "standard")["used"], 63)
	})
}

// What one payment bought is given back as a whole, once, by whichever of its fields is
// reported; what was free by another rule is not reported (rule C11).
func TestBadDataEndsWhatAPaymentBought(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", `id,full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at,personal_emails,work_phones,mobile_phones
g1,Gil One,Groups,https://linkedin.com/in/gil-1,gil@groups.example,verified,2020-01-01,gil@mail.example,+12025550501,+12025550502
g2,Gil Two,Groups,https://linkedin.com/in/gil-2,gil2@groups.example,verified,2026-03-01,gil2@mail.example,,
`)
		for _, sibling := range []bool{true, false} {
			ws := w.workspace("pro", 1, is{"price_book": "universal"})
			capture := func(who string, fields ...string) is {
				return w.post(w.operator, client.In(ws, "captures"), is{"person": profile(who), "fields": fields}, 200)
			}
			used := func() any { return w.credit(ws, "universal")["used"] }
			entry := func(a is, field string) string { return a["fields"].(is)[field].(is)["entry"].(string) }
			report := func(entry, reason string, status int) is {
				return w.post(w.operator, client.In(ws, "entries", entry, "report"), is{"reason": reason}, status)
			}
			a := capture("gil-1", "work_email", "personal_email", "work_phone", "mobile_phone")
			w.same("paid", w.outcome(a, "work_email"), "charged")
			w.same("came with it", w.outcome(a, "personal_email"), "already_owned")
			w.same("used", used(), 11)
			first, second := entry(a, "work_email"), entry(a, "personal_email")
			if sibling {
				first, second = second, first
			}
			out := report(first, "bounced", 200)
			w.same("status", out["status"], "refunded")
			w.same("back", out["amount"], 1)
			w.same("used", used(), 10)
			report(second, "bounced", 409)
			report(first, "bounced", 409)
			w.same("given back once", used(), 10)
			lead := w.get(w.operator, client.In(ws, "leads", a["lead"].(string)))["fields"].(is)
			for _, f := range []string{"work_email", "personal_email"} {
				if shown, ok := lead[f].(is); ok && len(shown["values"].([]any)) > 0 {
					t.Errorf("%s is still shown: %v", f, shown)
				}
			}
			if len(lead["mobile_phone"].(is)["values"].([]any)) == 0 {
				t.Error("another payment's field is gone too")
			}
			look := w.post(w.operator, client.In(ws, "lookups"), is{"person": profile("gil-1")}, 200)
			if owned := fmt.Sprint(look["owned"]); owned != "[work_phone mobile_phone]" {
				t.Errorf("owned is %s", owned)
			}
			for has, want := range map[string]int{"work_email": 0, "personal_email": 0, "mobile_phone": 1} {
				w.same("leads that have "+has, len(w.get(w.operator, client.In(ws, "leads")+"?has="+has)["data"].([]any)), want)
			}
			again := capture("gil-1", "work_email", "personal_email")
			if w.outcome(again, "work_email") == "already_owned" || w.outcome(again, "personal_email") == "already_owned" && w.outcome(again, "work_email") != "charged" {
				t.Errorf("what was given back is owned: %v", again["fields"])
			}
			w.same("paid again", used(), 11)

			free := capture("gil-2", "work_email", "personal_email")
			w.same("free by C5", w.outcome(free, "work_email"), "verified_in_directory")
			w.same("paid", w.outcome(free, "personal_email"), "charged")
			report(entry(free, "work_email"), "bounced", 409)
			seen := capture("gil-2", "work_email", "personal_email")
			report(entry(seen, "work_email"), "bounced", 409)
			w.same("seen again, its payment is the same", report(entry(seen, "personal_email"), "bounced", 200)["status"], "refunded")
			report(entry(free, "personal_email"), "bounced", 409)
			w.same("used in the end", used(), 11)
		}
	})
}
