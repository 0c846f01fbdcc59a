package server_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// An address that can't be sold is answered as one that nobody has: by the same status and
// words, at the same price and on the same meter, whether it bounced, is of a former employer,
// was reported, or is of somebody who was suppressed or erased (rule C13).
func TestUnsellableAddressesAreUnknown(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", `full_name,company,company_domain,linkedin_url,work_email,work_email_status,work_email_verified_at,mobile_phones
Kim Know,Kco,kco.example,https://linkedin.com/in/k-kim,kim@kco.example,verified,2020-01-01,+4915112390001
Una Know,Kco,kco.example,https://linkedin.com/in/k-una,una@kco.example,verified,2020-01-01,+4915112390002
Nil Know,Kco,kco.example,https://linkedin.com/in/k-nil,,,,+4915112390003
Two Know,Kco,kco.example,https://linkedin.com/in/k-two-1,two@kco.example,verified,2020-01-01,
Two Know,Kco,kco.example,https://linkedin.com/in/k-two-2,two2@kco.example,verified,2020-01-01,
Ned Gone,Nco,nco.example,https://linkedin.com/in/k-ned,ned@nco.example,bounced,2026-01-01,
Fay Move,Fco,fco.example,https://linkedin.com/in/k-fay,fay@fco.example,former,2026-01-01,
Sue Hide,Sco,sco.example,https://linkedin.com/in/k-sue,sue@sco.example,verified,2020-01-01,
Eve Gone,Eco,eco.example,https://linkedin.com/in/k-eve,eve@eco.example,verified,2020-01-01,
Bad Word,Bco,bco.example,https://linkedin.com/in/k-bad,bad@bco.example,verified,2020-01-01,
Liv Live,Lco,lco.example,https://linkedin.com/in/k-liv,liv@lco.example,verified,2020-01-01,
`)
		other := w.workspace("pro", 1, nil)
		person := func(who string) string {
			return w.post(w.operator, client.In(other, "captures"), is{"person": profile(who), "mode": "preview"}, 200)["person"].(is)["id"].(string)
		}
		w.post(w.operator, "/v1/directory/suppressions", is{"person": person("k-sue")}, 201)
		w.call(w.operator, "DELETE", "/v1/directory/people/"+person("k-eve"), nil, 204)
		guesses := map[string]string{"bounced": "ned@nco.example", "former": "fay@fco.example", "suppressed": "sue@sco.example", "erased": "eve@eco.example", "reported": "bad@bco.example"}
		seen := 0
		for _, plan := range []string{"pro", "free"} {
			for _, owned := range []bool{false, true} {
				for _, name := range []string{"Kim Know", "Nil Know", "Two Know", "Nobody Atall", ""} {
					ws := w.workspace(plan, 1, nil)
					captures := client.In(ws, "captures")
					_, ada := w.member(ws, "Ada")
					out := w.post(ada, captures, is{"person": profile("k-bad"), "fields": []string{"work_email"}}, 200)
					w.post(ada, client.In(ws, "entries", out["fields"].(is)["work_email"].(is)["entry"].(string), "report"), is{"reason": "bounced"}, 200)
					if owned {
						for _, who := range []string{"k-kim", "k-nil"} {
							w.post(ada, captures, is{"person": profile(who), "fields": []string{"work_email", "work_phone"}}, 200)
						}
					}
					answer := func(path string, body is) string {
						body["mode"] = "preview"
						if path == "lookups" {
							delete(body, "mode")
						}
						meter := func() float64 {
							return w.get(ada, client.In(ws, "fair-use"))["member"].(is)["lookups"].(is)["used"].(float64)
						}
						used, before := w.credit(ws, "standard")["used"], meter()
						status, said := w.answerOf(ada, client.In(ws, path), "", body)
						return fmt.Sprint(status, " ", answerIDs.ReplaceAllString(said, "ID"), " meter ", meter()-before, " used ", w.credit(ws, "standard")["used"] == used)
					}
					for _, path := range []string{"captures", "lookups"} {
						for _, fields := range [][]string{{"work_email"}, {"work_phone"}, nil} {
							ask := func(address string) is {
								p := is{"email": address}
								if name != "" {
									p["full_name"], p["company_domain"] = name, "kco.example"
								}
								if path == "lookups" || fields == nil {
									return is{"person": p}
								}
								return is{"person": p, "fields": fields}
							}
							unknown := answer(path, ask("guess@nco.example"))
							for kind, address := range guesses {
								if got := answer(path, ask(address)); got != unknown {
									t.Errorf("%s, owned %v, %s of %q with %v: a %s address is answered with\n%s, an unknown one with\n%s", plan, owned, path, name, fields, kind, got, unknown)
								}
								seen++
							}
							if name == "Kim Know" || name == "Two Know" { // who has another address: whose this is isn't said
								if got := answer(path, ask("liv@lco.example")); got != unknown {
									t.Errorf("%s, owned %v, %s of %q: somebody else's address is answered with\n%s, an unknown one with\n%s", plan, owned, path, name, got, unknown)
								}
							}
						}
					}
				}
			}
		}
		if seen < 500 {
			t.Errorf("%d answers were compared", seen)
		}
	})
}

// answerIDs are what differs between any two answers.
var answerIDs = regexp.MustCompile(`\b(cap|ent|entry)_[0-9a-zA-Z]+`)
