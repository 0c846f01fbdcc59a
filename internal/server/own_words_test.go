package server_test

import (
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
)

// What a caller types stays in their workspace, whichever way they name a person and
// whenever the source answers: rule S6.
func TestTypedWordsStayInTheWorkspace(t *testing.T) {
	withSources(t, func(w *world, u *upstream) {
		ws, other := w.workspace("pro", 1, nil), w.workspace("pro", 1, nil)
		invented := is{"full_name": "Invented Name", "company": "Invented Inc", "company_domain": "invented.example", "linkedin_url": "https://linkedin.com/in/invented"}
		with := func(more is) is {
			p := is{}
			for _, part := range []is{invented, more} {
				for k, v := range part {
					p[k] = v
				}
			}
			return p
		}
		unknown := func(when string) {
			t.Helper()
			for name, ref := range map[string]lead.Reference{
				"name and company": {FullName: "Invented Name", Company: "Invented Inc"}, "name and domain": {FullName: "Invented Name", CompanyDomain: "invented.example"},
				"profile": {LinkedInURL: "https://linkedin.com/in/invented"},
			} {
				if m, err := w.server.Directory.Find(ctx, ref); !fault.Is(err, fault.NotFound) {
					t.Errorf("%s: the directory knows %v by %s (%v)", when, m.Person, name, err)
				}
			}
		}
		take := func(person is) is {
			return w.post(w.operator, client.In(ws, "captures"), is{"person": person, "fields": []string{"mobile_phone", "work_email"}}, 200)
		}

		u.say(200, `{"state":"done","mobile":"+12025550141","email":"real@address.example","quality":"maybe"}`)
		a := take(with(is{"email": "real@address.example"}))
		unknown("an address beside it")
		w.same("their own words on their lead", w.get(w.operator, client.In(ws, "leads", a["lead"].(string)))["person"].(is)["full_name"], "Invented Name")
		seen := w.post(w.operator, client.In(other, "captures"), is{"person": is{"id": a["person"].(is)["id"]}, "fields": []string{"mobile_phone"}}, 200)
		for _, word := range []string{"full_name", "company", "company_domain", "linkedin_url"} {
			w.same("another workspace's "+word, seen["person"].(is)[word], "")
		}
		again := w.post(w.operator, client.In(ws, "captures"), is{"person": is{"id": a["person"].(is)["id"]}, "fields": []string{"mobile_phone"}}, 200)
		w.same("owned", w.outcome(again, "mobile_phone"), "already_owned")
		w.same("the lead keeps its words", w.get(w.operator, client.In(ws, "leads", a["lead"].(string)))["person"].(is)["full_name"], "Invented Name")

		u.say(200, `{"state":"done","mobile":"+12025550142"}`)
		take(invented)
		take(is{"full_name": "Invented Name", "company_domain": "invented.example"})
		unknown("by name")

		u.say(202, `{"state":"working","job":"j1"}`)
		u.mu.Lock()
		u.polls = func() (int, string) { return 202, `{"state":"working","job":"j1"}` }
		u.mu.Unlock()
		w.post(w.operator, client.In(ws, "captures"), is{"person": with(is{"email": "late@address.example"}), "fields": []string{"mobile_phone", "work_email"}}, 404)
		u.mu.Lock()
		u.polls = func() (int, string) {
			return 200, `{"state":"done","mobile":"+12025550143","email":"late@address.example"}`
		}
		u.mu.Unlock()
		w.rest()
		w.server.Sources.Clock = func() time.Time { return time.Now().Add(time.Hour) }
		if err := w.server.Sources.Round(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := w.server.Directory.Find(ctx, lead.Reference{Email: "late@address.example"}); err != nil {
			t.Errorf("the late answer was not learnt: %v", err)
		}
		unknown("a late answer")

		// What the source says itself is everybody's.
		u.say(200, `{"state":"done","name":"Said Sue","profile":"https://linkedin.com/in/said-sue","mobile":"+12025550144"}`)
		take(with(is{"linkedin_url": "https://linkedin.com/in/said-sue"}))
		if m, err := w.server.Directory.Find(ctx, lead.Reference{LinkedInURL: "https://linkedin.com/in/said-sue"}); err != nil || m.Person.FullName != "Said Sue" {
			t.Errorf("the source's own words are %v, %v", m.Person, err)
		}
		unknown("after a source's own words")
	})
}
