package server_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/server"
)

// mergeBeside merges a lead into another one, which somebody captures meanwhile or not.
func (s *sheetModel) mergeBeside(captured bool, keep, other string) {
	s.Helper()
	var both sync.WaitGroup
	if captured {
		both.Go(func() { s.takes(s.person[other], "") })
	}
	s.merge(keep, other)
	both.Wait()
}

// takes captures somebody whom the workspace owns, and says as which lead.
func (m *merging) takes(person, list string) string {
	m.Helper()
	var out is
	ask := is{"person": is{"id": person}, "fields": []string{"work_email"}}
	if list != "" {
		ask["list"] = list
	}
	if _, err := m.ada.Do(ctx, "POST", client.In(m.ws, "captures"), "", ask, &out); err != nil {
		m.Errorf("%s is captured: %v", person, err)
		return ""
	}
	return out["lead"].(string)
}

// Somebody who is captured at the moment at which their lead is merged into another one is that
// lead, and no lead beside it: with the list that the capture named, and with words that a split
// gives back and a suppression hides (rule C12).
func TestCaptureWhileMerged(t *testing.T) {
	start(t, func(w *world) {
		const rounds = 10
		var file strings.Builder
		file.WriteString("full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at\n")
		for n := range rounds {
			for _, who := range []string{"cleo", "dora"} {
				fmt.Fprintf(&file, "%s Run%s,Mco,https://linkedin.com/in/m-%s%d,%s%d@mco.example,verified,2020-01-01\n", who, letters(n+1), who, n, who, n)
			}
		}
		w.load("text/csv", file.String())
		m := &merging{world: w, ws: w.workspace("pro", 2, nil), lead: map[string]string{}, person: map[string]string{}}
		_, m.ada = w.member(m.ws, "Ada")
		for n := range rounds {
			cleo, dora := fmt.Sprint("cleo", n), fmt.Sprint("dora", n)
			for _, who := range []string{cleo, dora} {
				m.capture(who)
				w.call(w.operator, "PATCH", client.In(m.ws, "leads", m.lead[who]), is{"notes": "note " + who, "tags": []string{"tag-" + who}, "lists": []string{"list-" + who}}, 200)
			}
			list := fmt.Sprint("late-", n)
			var both sync.WaitGroup
			for range 3 {
				both.Go(func() { m.takes(m.person[dora], list) })
			}
			m.merge(cleo, dora)
			both.Wait()
			m.same("dora's lead", m.takes(m.person[dora], ""), m.lead[cleo])
			m.same("leads", len(m.get(m.operator, client.In(m.ws, "leads"))["data"].([]any)), n+1)
			one := m.one(cleo)
			for _, word := range []string{"note " + dora, "tag-" + dora, "list-" + dora, list} {
				m.same(word+" is on it", strings.Contains(one, word), true)
			}
			if n%2 == 0 {
				m.split(cleo, dora)
				one = m.one(dora)
				for _, word := range []string{"note " + dora, "tag-" + dora, "list-" + dora} {
					m.same(word+" is dora's again", strings.Contains(one, word), true)
				}
				m.merge(cleo, dora)
			}
			m.suppress(dora)
			if one = m.one(cleo); strings.Contains(one, "note "+dora) || strings.Contains(one, "tag-"+dora) || strings.Contains(one, "list-"+dora) {
				t.Errorf("%s is suppressed, and the lead shows %s", dora, one)
			}
		}
	})
}

// A capture that put somebody on the sheet beside the lead that they were merged into left them
// there twice: a start makes them one lead with all their words, and so does another merge.
func TestLeadsThatWereDoubled(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", mergePeople)
		m := merges(w)
		double := func(who string) {
			db := w.database()
			if _, err := db.ExecContext(ctx, `INSERT INTO leads (workspace_id, lead_id, person_id, member_id, full_name, title, company, domain, location, profile, captured_at, notes, search, name_key, title_key, company_key, has)
				SELECT workspace_id, '`+m.lead[who]+`', '`+m.person[who]+`', member_id, 'Double', title, company, domain, location, profile, captured_at, '', search, name_key, title_key, company_key, has
				FROM leads WHERE lead_id = '`+m.lead["pam"]+`'`); err != nil {
				t.Fatal(err)
			}
		}
		m.merge("pam", "quin")
		double("quin")
		m.merge("rex", "quin")
		m.same("pam's words", strings.Contains(m.one("pam"), "quin"), false)
		m.same("rex's words", strings.Contains(m.one("rex"), "notes of quin") && strings.Contains(m.one("rex"), "tag-quin") && strings.Contains(m.one("rex"), "list-quin"), true)
		double("quin")
		if err := w.server.Directory.HideListed(ctx); err != nil {
			t.Fatal(err)
		}
		m.same("rex's words", strings.Contains(m.one("rex"), "quin"), false)
		m.same("quin's words", strings.Contains(m.one("quin"), "notes of quin") && strings.Contains(m.one("quin"), "tag-quin") && strings.Contains(m.one("quin"), "list-quin"), true)
		m.again("quin")
	})
}

// Somebody who was merged into another lead is that lead wherever the product speaks of them:
// in lookups, captures, events and the ledger's page.
func TestMergedPersonIsTheirLead(t *testing.T) {
	reachable(t, server.Config{}, func(w *world) {
		reaches(w.T, w.server)
		w.load("text/csv", "full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at,mobile_phones\n"+
			"Cleo Keep,Mco,https://linkedin.com/in/m-cleo,cleo@mco.example,verified,2020-01-01,\n"+
			"Dora Gone,Nco,https://linkedin.com/in/m-dora,dora@nco.example,verified,2020-01-01,+4915112345678\n")
		ws, e := w.workspace("pro", 2, nil), listen(w.T)
		w.hook(ws, e.URL+"/in", "capture.settled", "lead.captured")
		capture := func(who, field string) is {
			w.Helper()
			return w.post(w.operator, client.In(ws, "captures"), is{"person": is{"linkedin_url": "https://linkedin.com/in/m-" + who}, "fields": []string{field}}, 200)
		}
		cleo, dora := capture("cleo", "work_email")["lead"], capture("dora", "work_email")
		w.wait(e, "lead.captured", 2)
		w.post(w.operator, client.In(ws, "leads", cleo.(string), "merge"), is{"other": dora["lead"]}, 200)
		w.same("captured", capture("dora", "mobile_phone")["lead"], cleo)
		w.same("looked up", w.post(w.operator, client.In(ws, "lookups"), is{"person": is{"linkedin_url": "https://linkedin.com/in/m-dora"}}, 200)["lead"], cleo)
		settled := w.wait(e, "capture.settled", 3)
		w.same("told", fmt.Sprint(settled[2].data["lead"], settled[2].data["person"]), fmt.Sprint(cleo, dora["person"].(is)["id"]))
		w.wait(e, "lead.captured", 2)
		admin := w.post(w.operator, client.In(ws, "members"), is{"email": "admin@acme.example", "name": "Ann", "role": "admin"}, 201)["id"].(string)
		v := w.signedInAs(ws, admin).get("/usage/entries")
		v.has("Cleo Keep")
		v.lacks("not on the sheet")
	})
}
