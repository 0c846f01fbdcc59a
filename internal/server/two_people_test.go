package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// A reference that names one person and gives another's address, id or profile means neither:
// whichever way it is captured it is refused, naming the kind that contradicts, and nothing is
// charged. A lookup ignores an address that the workspace doesn't own, and means the name
// (rule C13).
func TestOneNameAndAnothersKey(t *testing.T) {
	start(t, func(w *world) {
		w.imported(`id,full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at,mobile_phones
1,Ada Byron,Kco,https://linkedin.com/in/k-ada,,,,+4915112380001
2,Ben Dovecot,Kco,https://linkedin.com/in/k-ben,ben.dovecot@kco.example,verified,2020-01-01,+4915112380002
3,Nora Byron,Kco,https://linkedin.com/in/k-nora,byron.home@kco.example,verified,2020-01-01,+4915112380003
4,Robert Quill,Kco,https://linkedin.com/in/k-bob,rq@kco.example,verified,2020-01-01,+4915112380004
5,Bo Unce,Kco,https://linkedin.com/in/k-bo,bo@kco.example,bounced,2026-01-01,+4915112380005
`, "crm")
		ws := w.workspace("pro", 1, nil)
		member, _ := w.member(ws, "Mia")
		e := w.connected(ws, member)
		path := client.In(ws, "captures")
		fields := []string{"work_email", "mobile_phone"}
		ways := map[string]func(ref is) (int, string){
			"capture": func(ref is) (int, string) {
				status, text, _ := w.try(path, is{"person": ref, "fields": fields})
				return status, text
			},
			"preview": func(ref is) (int, string) {
				status, text, _ := w.try(path, is{"person": ref, "fields": fields, "mode": "preview"})
				return status, text
			},
			"all or nothing": func(ref is) (int, string) {
				status, text, _ := w.try(path, is{"person": ref, "fields": fields, "all_or_nothing": true})
				return status, text
			},
			"extension": func(ref is) (int, string) {
				status, out := w.ask(e.access, http.MethodPost, path, is{"person": ref, "fields": fields})
				return status, fmt.Sprint(out["detail"])
			},
			"bulk": func(ref is) (int, string) {
				job := w.post(w.operator, client.In(ws, "bulk-captures"), is{"people": []is{ref}, "fields": fields, "confirmed": true}, 202)["id"].(string)
				w.working(func() { w.until(w.operator, client.In(ws, "bulk-captures", job), status("done")) })
				row := w.results(client.In(ws, "bulk-captures", job))[0]
				return map[string]int{"failed": 409}[row["status"]], fmt.Sprint(row)
			},
		}
		for _, c := range []struct {
			ref  is
			kind string
		}{
			{is{"full_name": "Ada Byron", "company": "Kco", "email": "ben.dovecot@kco.example"}, "email"},
			{is{"full_name": "Ada Byron", "company": "Kco", "email": "byron.home@kco.example"}, "email"}, // her sister's
			{is{"full_name": "Nobody Atall", "company": "Kco", "email": "ben.dovecot@kco.example"}, "email"},
			{is{"full_name": "Ada Byron", "company": "Kco", "linkedin_url": "https://linkedin.com/in/k-ben"}, "linkedin_url"},
			{is{"full_name": "Ada Byron", "company": "Kco", "source_id": "crm:2"}, "source_id"},
		} {
			for way, try := range ways {
				status, text := try(c.ref)
				if status != 409 || !strings.Contains(text, c.kind) || strings.Contains(text, "Dovecot") || strings.Contains(text, "+49") {
					t.Errorf("%s of %v: %d %s, want 409 and %s", way, c.ref, status, text, c.kind)
				}
			}
		}
		for _, credit := range []string{"standard", "premium"} {
			w.same(credit+" used", w.credit(ws, credit)["used"], 0)
		}
		w.idle(ws)
		look := w.post(w.operator, client.In(ws, "lookups"), is{"person": is{"full_name": "Ada Byron", "company": "Kco", "email": "ben.dovecot@kco.example"}}, 200)
		w.same("a lookup means", look["person"].(is)["full_name"], "Ada Byron")
		for way, try := range ways { // names that agree, and an address that reaches nobody
			for _, ref := range []is{
				{"full_name": "Bob Quill", "company": "Kco", "email": "rq@kco.example"},
				{"full_name": "Ada Byron", "company": "Kco", "email": "bo@kco.example"},
			} {
				if status, text := try(ref); status == 409 {
					t.Errorf("%s of %v: %s", way, ref, text)
				}
			}
		}
		if all := w.shown(ws); strings.Contains(all, "80002") || strings.Contains(all, "80005") || !strings.Contains(all, "80001") {
			t.Errorf("captured: %s", all)
		}
	})
}
