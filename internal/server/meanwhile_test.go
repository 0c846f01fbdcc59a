package server_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// Anyone who is erased or suppressed while a source is asked is nobody when the answer comes: nothing is charged, kept or shown (rules C8, C12).
func TestGoneWhileASourceIsAsked(t *testing.T) {
	withSources(t, func(w *world, u *upstream) {
		u.says = func(is) (int, string) { return 404, "" }
		ws := w.workspace("pro", 1, nil)
		for n, c := range []struct {
			name string
			gone func(person string)
			want int
		}{
			{"erased", func(p string) { w.call(w.operator, http.MethodDelete, "/v1/directory/people/"+p, nil, 204) }, 404},
			{"suppressed", func(p string) { w.post(w.operator, "/v1/directory/suppressions", is{"person": p}, 201) }, 404},
			{"suppressed by domain", func(string) { w.post(w.operator, "/v1/directory/suppressions", is{"domain": "gone2.example"}, 201) }, 404},
		} {
			head := "full_name,company_domain,linkedin_url,work_phones,country\n"
			w.load("text/csv", head+fmt.Sprintf("Goa Gone,gone%d.example,https://linkedin.com/in/gone%d,+4420794603%02d,GB\n", n, n, n))
			ref := profile(fmt.Sprint("gone", n))
			person := w.post(w.operator, client.In(ws, "captures"), is{"person": ref, "fields": []string{"work_email"}}, 200)["person"].(is)["id"].(string)
			before := w.credit(ws, "standard")["used"]
			asked := false
			u.says = func(is) (int, string) {
				if !asked {
					asked = true
					c.gone(person)
				}
				return 404, ""
			}
			w.post(w.operator, client.In(ws, "captures"), is{"person": is{"id": person}, "fields": []string{"work_phone", "mobile_phone"}}, c.want)
			u.says = func(is) (int, string) { return 404, "" }
			if !asked {
				t.Fatalf("%s: no source was asked", c.name)
			}
			w.same(c.name+": used", w.credit(ws, "standard")["used"], before)
			w.idle(ws)
			if c.want == 404 {
				for _, one := range w.get(w.operator, client.In(ws, "leads"))["data"].([]any) {
					if one.(is)["person"].(is)["id"] == person {
						t.Errorf("%s: is still on the sheet", c.name)
					}
				}
			}
		}
	})
}

// A suppression, and an estimate, by the id of somebody who proved to be another are about
// that other one.
func TestAnIdThatWasJoined(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		captures := client.In(ws, "captures")
		w.load("text/csv", "full_name,linkedin_url,mobile_phones\nMia Merge,https://linkedin.com/in/mia-merge,+4915112350001\n")
		w.load("text/csv", "full_name,work_email,mobile_phones\nMia Merge,mia@merge.example,+4915112350002\n")
		id := func(ref is) string {
			return w.post(w.operator, client.In(ws, "lookups"), is{"person": ref}, 200)["person"].(is)["id"].(string)
		}
		first := id(profile("mia-merge"))
		second := w.post(w.operator, captures, is{"person": is{"email": "mia@merge.example"}, "fields": []string{"personal_email"}, "mode": "preview"}, 200)["person"].(is)["id"].(string)
		if first == second {
			t.Fatal("they are one already")
		}
		w.load("text/csv", "full_name,linkedin_url,work_email\nMia Merge,https://linkedin.com/in/mia-merge,mia@merge.example\n")
		old := second
		if id(profile("mia-merge")) == second {
			old = first
		}
		job := w.post(w.operator, client.In(ws, "bulk-captures"), is{"people": []is{{"id": old}}, "fields": []string{"mobile_phone"}, "confirm_above": 0}, 202)
		w.same("estimate", job["estimate"].(is)["premium"].(is)["max"], 1)
		w.post(w.operator, "/v1/directory/suppressions", is{"person": "per_none"}, 404)
		w.post(w.operator, "/v1/directory/suppressions", is{"person": old}, 201)
		w.post(w.operator, captures, is{"person": is{"id": old}, "fields": []string{"mobile_phone"}}, 404)
		w.post(w.operator, captures, is{"person": profile("mia-merge"), "fields": []string{"mobile_phone"}}, 404)
	})
}

// What nobody may be told by an answer that costs nothing: that an address is somebody's
// former one, that several have it, that somebody is on the suppression list (C12, C13).
func TestFreeAnswersAreAlike(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		captures := client.In(ws, "captures")
		w.load("text/csv", `full_name,company,company_domain,work_email,work_email_status,linkedin_url
Bo Unce,Bco,bco.example,bo.unce@bco.example,bounced,https://linkedin.com/in/bo-unce
Ada Desk,Cco,cco.example,desk44@cco.example,verified,https://linkedin.com/in/ada-desk
Nina Other,Cco,cco.example,desk44@cco.example,verified,https://linkedin.com/in/nina-other
Sue Pressed,Sco,sco.example,sue@sco.example,verified,https://linkedin.com/in/sue
Two Names,Tco,tco.example,,,https://linkedin.com/in/two-1
Two Names,Tco,tco.example,,,https://linkedin.com/in/two-2
`)
		w.post(w.operator, "/v1/directory/suppressions", is{"email": "sue@sco.example"}, 201)
		two := w.post(w.operator, client.In(ws, "lookups"), is{"person": profile("two-1")}, 200)["person"].(is)["id"].(string)
		w.post(w.operator, client.In(ws, "lookups"), is{"person": is{"full_name": "Two Names", "company": "Tco"}}, 409)
		w.post(w.operator, "/v1/directory/suppressions", is{"person": two}, 201)
		for name, ref := range map[string]is{
			"nobody's address": {"email": "nobody1@cco.example"}, "a bounced address": {"email": "bo.unce@bco.example"}, "a shared address": {"email": "desk44@cco.example"},
			"suppressed, another address":      {"full_name": "Sue Pressed", "company": "Sco", "email": "sue.other@sco.example"},
			"suppressed, another profile":      {"full_name": "Sue Pressed", "company": "Sco", "linkedin_url": "https://linkedin.com/in/not-sue"},
			"nobody's name, another's profile": {"full_name": "Nobody Atall", "company": "Sco", "linkedin_url": "https://linkedin.com/in/not-sue"},
		} {
			var status int
			for range 2 {
				if _, err := w.operator.Do(ctx, http.MethodPost, captures, "", is{"person": ref, "fields": []string{"personal_email"}}, nil); err != nil {
					status = err.(*client.Problem).Status
				} else {
					status = 200
				}
				if status != 404 {
					t.Errorf("%s: %d, want 404", name, status)
				}
			}
		}
		// Of two namesakes the one who may be shown is the one.
		w.post(w.operator, captures, is{"person": is{"full_name": "Two Names", "company": "Tco"}, "fields": []string{"personal_email"}}, 200)
	})
}
