package server_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
)

// crowdOf is a file of people whose work emails are verified and fresh, so free.
func crowdOf(n int) string {
	var b strings.Builder
	b.WriteString("id,full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at,personal_emails\n")
	for i := range n {
		fmt.Fprintf(&b, "u%d,User U%d,Fair,https://linkedin.com/in/fair-%d,fair%d@fair.example,verified,2026-03-01,fair%d@mail.example\n", i, i, i, i, i)
	}
	return b.String()
}

// Past the day's meter what would have been free costs its price and says so, exactly,
// with any number of callers; the next local day has a meter of its own: rule C13.
func TestFreeDeliveriesAreMetered(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", crowdOf(140))
		ws := w.workspace("free", 2, is{"time_zone": "America/New_York"}) // 25 a member, 50 together, 30 credits
		_, ada := w.member(ws, "Ada")
		_, bob := w.member(ws, "Bob")
		_, eve := w.member(ws, "Eve")
		var free, charged, reasons, refused [3]atomic.Int64
		ask := func(who int, by *client.Client, n int) {
			var out is
			_, err := by.Do(ctx, "POST", client.In(ws, "captures"), "", is{"person": profile(fmt.Sprint("fair-", n)), "fields": []string{"work_email"}, "mode": "preview"}, &out)
			if p, ok := err.(*client.Problem); ok && p.Status == 402 {
				refused[who].Add(1)
				return
			}
			if err != nil {
				w.Error(err)
				return
			}
			f := out["fields"].(is)["work_email"].(is)
			switch f["outcome"] {
			case "verified_in_directory":
				free[who].Add(1)
			case "charged":
				charged[who].Add(1)
			default:
				w.Errorf("%v", f)
			}
			if f["reason"] == "fair_use" {
				reasons[who].Add(1)
			}
		}
		var all sync.WaitGroup
		for n := range 64 {
			all.Go(func() { ask(0, ada, n) })
		}
		all.Wait()
		w.same("Ada's free", int(free[0].Load()), 25)
		w.same("Ada's charged", int(charged[0].Load()), 30)
		w.same("with their reason", int(reasons[0].Load()), 30)
		w.same("Ada's refused", int(refused[0].Load()), 9)
		w.same("used", w.credit(ws, "standard")["used"], 30)
		for n := range 30 {
			all.Go(func() { ask(1, bob, 64+n) })
		}
		all.Wait()
		w.same("Bob's free", int(free[1].Load()), 25)
		ask(2, eve, 100)
		w.same("the workspace's meter is its seats' together", int(refused[2].Load()), 1)
		meters := w.get(ada, client.In(ws, "fair-use"))
		w.same("Ada's meter", meters["member"].(is)["free_deliveries"].(is)["used"], 25)
		w.same("the workspace's", meters["workspace"].(is)["free_deliveries"].(is)["used"], 50)
		w.same("of", meters["workspace"].(is)["free_deliveries"].(is)["limit"], 50)
		w.same("it frees at local midnight", meters["frees_at"], "2026-03-03T05:00:00Z")
		entries := w.get(ada, client.In(ws, "entries")+"?kind=charge&limit=500")["data"].([]any)
		w.same("an entry says why", entries[0].(is)["reason"], "fair_use")
		var table []byte
		if _, err := ada.Do(ctx, "GET", client.In(ws, "entries.csv")+"?kind=charge", "", nil, &table); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(string(table))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		reason, description := slices.Index(rows[0], "reason"), slices.Index(rows[0], "description")
		if reason < 0 || rows[1][reason] != "fair_use" || rows[1][description] != "" {
			w.Errorf("entries.csv says %v of %v", rows[1], rows[0])
		}
		w.signedInAs(ws, w.newMember(ws, "pat@acme.example", "Pat", "admin")).get("/usage/entries?kind=charge").has("fair use, as today")
		w.signedInAs(ws, w.newMember(ws, "boss@acme.example", "Boss", "admin")).get("/usage").has("you 0 of 25, workspace 50 of 50")
		w.advance(time.Date(2026, 3, 3, 5, 0, 0, 0, time.UTC))
		ask(2, eve, 101)
		w.same("free again", int(free[2].Load()), 1)
	})
}

// Lookups and the rows of a bulk job's estimate are metered.
func TestLookupsAreMetered(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", crowdOf(70))
		ws := w.workspace("free", 2, nil)
		m, _ := w.member(ws, "Ada")
		reader := w.as(w.post(w.operator, client.In(ws, "keys"), is{"name": "reader", "role": "member", "member": m, "read_only": true}, 201)["key"].(string))
		_, bob := w.member(ws, "Bob")
		var ok, over atomic.Int64
		var all sync.WaitGroup
		for n := range 64 {
			all.Go(func() {
				_, err := reader.Do(ctx, "POST", client.In(ws, "lookups"), "", is{"person": profile(fmt.Sprint("fair-", n))}, nil)
				switch p, _ := err.(*client.Problem); {
				case err == nil:
					ok.Add(1)
				case p != nil && p.Status == 429 && p.Code == "fair_use":
					over.Add(1)
				default:
					w.Error(err)
				}
			})
		}
		all.Wait()
		w.same("lookups", int(ok.Load()), 50)
		w.same("refused", int(over.Load()), 14)
		r, err := http.NewRequestWithContext(ctx, "POST", w.http.URL+client.In(ws, "lookups"), strings.NewReader(`{"person":{"linkedin_url":"https://linkedin.com/in/fair-1"}}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+reader.Key)
		r.Header.Set("Content-Type", "application/json")
		answer, err := w.http.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if after, err := strconv.Atoi(answer.Header.Get("Retry-After")); err != nil || after < 14*3600 || after > 16*3600 {
			w.Errorf("%d: Retry-After is %q", answer.StatusCode, answer.Header.Get("Retry-After"))
		}
		var people []is
		for n := range 70 {
			people = append(people, profile(fmt.Sprint("fair-", n)))
		}
		job := w.post(bob, client.In(ws, "bulk-captures"), is{"people": people, "fields": []string{"personal_email"}, "confirm_above": 0}, 202)
		estimate := job["estimate"].(is)["standard"].(is)
		w.same("what may be looked at", estimate["min"], 50)
		w.same("and what may not", estimate["max"], 70)
		w.post(bob, client.In(ws, "lookups"), is{"person": profile("fair-1")}, 429)
		w.advance(w.now.Add(24 * time.Hour))
		w.post(reader, client.In(ws, "lookups"), is{"person": profile("fair-1")}, 200)
	})
}

// A free answer confirms no address that was not paid for; a capture by one pays for it
// first, or says the same of every address: rule C13.
func TestNoFreeAnswerConfirmsAnAddress(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", `id,full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at,personal_emails,mobile_phones
h1,Hal One,Hidden,https://linkedin.com/in/hal-1,hal@hidden.example,verified,2020-01-01,hal@mail.example,+12025550601
h2,Hal Two,Hidden,https://linkedin.com/in/hal-2,hal2@hidden.example,verified,2020-01-01,,
`)
		ws := w.workspace("starter", 1, nil)
		m, ada := w.member(ws, "Ada")
		captures, lookups := client.In(ws, "captures"), client.In(ws, "lookups")
		right, wrong := is{"email": "hal@hidden.example"}, is{"email": "nobody@hidden.example"}
		same := func(what, path string, status int, bodies ...is) {
			t.Helper()
			var first string
			for n, body := range bodies {
				text := fmt.Sprint(w.call(ada, "POST", path, body, status))
				text = text[:strings.Index(text+"problem:", "problem:")]
				if n > 0 && text != first {
					t.Errorf("%s: %s\nand %s", what, first, text)
				}
				first = text
			}
		}
		same("a lookup", lookups, 404, is{"person": right}, is{"person": wrong}, is{"person": is{"email": "hal@mail.example"}})
		profiled := func(address string) is { return is{"linkedin_url": "https://linkedin.com/in/hal-2", "email": address} }
		same("a lookup beside a profile", lookups, 200, is{"person": profiled("hal2@hidden.example")}, is{"person": profiled("hal@hidden.example")}, is{"person": profiled("nobody@hidden.example")})
		estimate := func(p is) string {
			return fmt.Sprint(w.post(ada, client.In(ws, "bulk-captures"), is{"people": []is{p}, "fields": []string{"mobile_phone"}, "confirm_above": 0}, 202)["estimate"])
		}
		if a, b := estimate(right), estimate(wrong); a != b {
			t.Errorf("an estimate says %s of one and %s of the other", a, b)
		}

		w.call(w.operator, "PUT", client.In(ws, "members", m, "allocations"), is{"standard": is{"mode": "limit", "amount": 0}}, 200)
		same("a capture without credits", captures, 402, is{"person": right, "fields": []string{"mobile_phone"}}, is{"person": wrong, "fields": []string{"mobile_phone"}})
		w.call(w.operator, "PUT", client.In(ws, "members", m, "allocations"), is{"standard": is{"mode": "pool"}}, 200)

		a := w.post(ada, captures, is{"person": right, "fields": []string{"mobile_phone"}}, 200)
		w.same("the address is paid for", w.outcome(a, "work_email"), "charged")
		w.same("and the field asked for", w.outcome(a, "mobile_phone"), "charged")
		if owned := fmt.Sprint(w.post(ada, lookups, is{"person": right}, 200)["owned"]); owned != "[work_email mobile_phone]" {
			t.Errorf("owned is %s", owned)
		}
		again := w.post(ada, captures, is{"person": right, "fields": []string{"mobile_phone"}}, 200)
		if len(again["fields"].(is)) != 1 {
			t.Errorf("an owned address asks for no field: %v", again["fields"])
		}
		w.post(w.operator, client.In(ws, "cancel"), is{"at": "now"}, 200)
		same("a cancelled workspace", captures, 409, is{"person": is{"email": "hal2@hidden.example"}}, is{"person": wrong})
	})
}
