package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/lead"
)

// twoInOne is a row that two people are in, as earlier versions and careless lists have them.
const twoInOne = `full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at,personal_emails
Ben Dovecot,Acme,https://linkedin.com/in/ben-dovecot,ben.dovecot@dovecot.example;ann.colley@colley.example,verified,2020-01-01,ann.colley@home.example
`

// split takes a person apart and says the ids of all, by name.
func (w *world) split(person string) map[string]string {
	w.Helper()
	s, err := w.server.Directory.Split(ctx, person)
	if err != nil {
		w.Fatal(err)
	}
	ids := map[string]string{}
	for _, p := range s.People {
		ids[p.Name()] = p.ID
	}
	return ids
}

// shown is what a workspace's leads show, a line each.
func (w *world) shown(ws string) string {
	w.Helper()
	var lines []string
	for _, one := range w.get(w.operator, client.In(ws, "leads"))["data"].([]any) {
		line := fmt.Sprint(one.(is)["person"].(is)["full_name"], ":")
		lead := w.get(w.operator, client.In(ws, "leads", one.(is)["id"].(string)))
		for _, f := range []string{"work_email", "personal_email", "mobile_phone"} {
			if field, ok := lead["fields"].(is)[f].(is); ok {
				for _, v := range field["values"].([]any) {
					line += " " + fmt.Sprint(v.(is)["value"])
				}
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// What a payment bought is given back as a whole, wherever its fields are since the person was
// taken apart, by whichever entry of theirs it is reported (rule C11).
func TestReportAfterASplit(t *testing.T) {
	start(t, func(w *world) {
		for n, by := range []string{"the charge", "what came with it", "the other person's entry"} {
			w.load("text/csv", strings.NewReplacer("ovecot", fmt.Sprint("ovecot", "abc"[n:n+1]), "olley", fmt.Sprint("olley", "abc"[n:n+1])).Replace(twoInOne))
			ws := w.workspace("pro", 1, is{"price_book": "universal"})
			captures := client.In(ws, "captures")
			fields := []string{"work_email", "personal_email"}
			bought := w.post(w.operator, captures, is{"person": profile("ben-dovecot" + "abc"[n:n+1]), "fields": fields}, 200)
			w.same("paid", w.outcome(bought, "work_email"), "charged")
			w.same("came with it", w.outcome(bought, "personal_email"), "already_owned")
			entry := func(a is, field string) string { return a["fields"].(is)[field].(is)["entry"].(string) }
			ids := w.split(bought["person"].(is)["id"].(string))
			ann := ids["Ann Colley"+"abc"[n:n+1]]
			if len(ids) != 2 || ann == "" {
				t.Fatalf("%v", ids)
			}
			if got := w.shown(ws); strings.Count(got, "@") != 3 {
				t.Fatalf("after the split: %s", got)
			}
			of := entry(bought, "work_email")
			switch n {
			case 1:
				of = entry(bought, "personal_email")
			case 2:
				again := w.post(w.operator, captures, is{"person": is{"id": ann}, "fields": fields}, 200)
				w.same("still owned", w.outcome(again, "work_email"), "already_owned")
				of = entry(again, "work_email")
			}
			out := w.post(w.operator, client.In(ws, "entries", of, "report"), is{"reason": "bounced"}, 200)
			w.same(by+": status", out["status"], "refunded")
			w.same(by+": used", w.credit(ws, "universal")["used"], 0)
			if got := w.shown(ws); strings.Contains(got, "@") {
				t.Errorf("reported by %s, and still shown: %s", by, got)
			}
			w.same(by+": leads that have it", len(w.get(w.operator, client.In(ws, "leads")+"?has=personal_email")["data"].([]any)), 0)
			w.same(by+": leads that have it", len(w.get(w.operator, client.In(ws, "leads")+"?has=work_email")["data"].([]any)), 0)
			w.post(w.operator, client.In(ws, "entries", entry(bought, "work_email"), "report"), is{"reason": "bounced"}, 409)
			for name, id := range ids {
				look := w.post(w.operator, client.In(ws, "lookups"), is{"person": is{"id": id}}, 200)
				w.same(name+" is owned", fmt.Sprint(look["owned"]), "[]")
			}
			if n == 0 { // the values that were reported are not sold again, whosever they are
				again := w.post(w.operator, captures, is{"person": is{"id": ann}, "fields": fields}, 200)
				w.same("not sold again", w.outcome(again, "work_email"), "not_found")
				w.same("the other is charged", w.outcome(again, "personal_email"), "charged")
				w.post(w.operator, client.In(ws, "entries", entry(again, "personal_email"), "report"), is{"reason": "bounced"}, 200)
			}
		}
	})
}

// Somebody who is taken apart while a source is asked is not charged for again: neither where
// an owned field went to the other person, nor where the id did, whom the source's answer
// isn't about (rules C6, C8).
func TestSplitWhileASourceIsAsked(t *testing.T) {
	const head = "full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at,personal_emails\n"
	for _, c := range []struct{ name, row, own string }{
		{"a field goes", "Ben Dovecot,Acme,https://linkedin.com/in/ben-dovecot,ben.dovecot@dovecot.example;ben.dovecot@acme.example,verified,2020-01-01,ann.colley@home.example", "work_email personal_email"},
		{"the id goes", "Ben Dovecot,Acme,https://linkedin.com/in/ben-dovecot,ben.dovecot@dovecot.example,verified,2020-01-01,ann.colley@home.example", "personal_email"},
	} {
		for _, answer := range []string{"nothing", "a number"} {
			t.Run(c.name+", "+answer, func(t *testing.T) {
				withSources(t, func(w *world, u *upstream) {
					w.load("text/csv", head+c.row+"\n")
					ws := w.workspace("pro", 1, nil)
					captures, own := client.In(ws, "captures"), strings.Fields(c.own)
					bought := w.post(w.operator, captures, is{"person": profile("ben-dovecot"), "fields": own}, 200)
					w.same("bought", w.outcome(bought, "personal_email"), "charged")
					person := bought["person"].(is)["id"].(string)
					used, ids := w.credit(ws, "standard")["used"], map[string]string{}
					u.says = func(is) (int, string) {
						if len(ids) == 0 {
							ids = w.split(person)
						}
						if answer == "nothing" {
							return 404, ""
						}
						return 200, `{"state":"done","mobile":"+4915112350099"}`
					}
					again := is{"person": profile("ben-dovecot"), "fields": append(own, "mobile_phone")}
					status, text, out := w.try(captures, again)
					if len(ids) != 2 || (ids["Ann Colley"] == person) != (c.name == "the id goes") {
						t.Fatalf("the split is %v of %s", ids, person)
					}
					switch {
					case status == 200 && w.outcome(out, "personal_email") == "not_found": // seen after the split, as it is
					case status != 503 || !strings.Contains(text, "Send the request again"):
						t.Errorf("answered with %s %v", text, out)
					default:
						w.same("premium used", w.credit(ws, "premium")["used"], 0)
					}
					w.same("standard used", w.credit(ws, "standard")["used"], used)
					u.nothing()
					out = w.post(w.operator, captures, again, 200)
					w.same("standard used afterwards", w.credit(ws, "standard")["used"], used)
					out = w.post(w.operator, captures, is{"person": is{"id": ids["Ann Colley"]}, "fields": []string{"personal_email", "mobile_phone"}}, 200)
					w.same("owned of the other", w.outcome(out, "personal_email"), "already_owned")
					if strings.Contains(fmt.Sprint(out["fields"]), "+4915112350099") {
						t.Errorf("his number is hers: %v", out["fields"])
					}
					w.same("standard used at last", w.credit(ws, "standard")["used"], used)
					w.idle(ws)
				})
			})
		}
	}
}

// A source that was asked by an address says what it knows of the person who has it: once it
// went to another person, at once or while the answer is still to come, nobody is sold it as the
// first one's (rule C8).
func TestSplitTakesTheAddressASourceWasAskedBy(t *testing.T) {
	const file = "full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at,personal_emails\n" +
		"Anna Berg,Acme,https://linkedin.com/in/anna-berg,otto.zwick@acme.example,verified,2020-01-01,anna.berg@home.example\n"
	for _, late := range []bool{false, true} {
		t.Run(fmt.Sprint("late ", late), func(t *testing.T) {
			withSources(t, func(w *world, u *upstream) {
				w.load("text/csv", file)
				ws, other := w.workspace("pro", 1, nil), w.workspace("pro", 1, nil)
				m, err := w.server.Directory.Find(ctx, lead.Reference{LinkedInURL: "https://linkedin.com/in/anna-berg"})
				if err != nil {
					t.Fatal(err)
				}
				ask := is{"person": profile("anna-berg"), "fields": []string{"mobile_phone"}}
				var ids map[string]string
				const found = `{"state":"done","mobile":"+4915112350077"}`
				u.says = func(is) (int, string) {
					if late {
						return 202, `{"state":"working","job":"j1"}`
					}
					if ids == nil {
						ids = w.split(m.Person.ID)
					}
					return 200, found
				}
				u.polls = func() (int, string) { return 202, `{"state":"working","job":"j1"}` }
				status, text, out := w.try(client.In(ws, "captures"), ask)
				if late {
					w.same("still looking", w.outcome(out, "mobile_phone"), "provider_error")
					ids = w.split(m.Person.ID)
					u.mu.Lock()
					u.polls = func() (int, string) { return 200, found }
					u.mu.Unlock()
					w.rest()
					w.server.Sources.Clock = func() time.Time { return time.Now().Add(time.Hour) }
					if err := w.server.Sources.Round(ctx); err != nil {
						t.Fatal(err)
					}
				} else if status != 503 || !strings.Contains(text, "Send the request again") {
					t.Errorf("answered with %d %s", status, text)
				}
				if len(ids) != 2 {
					t.Fatalf("the split is %v", ids)
				}
				u.nothing()
				for _, one := range []string{ws, other} {
					for name, id := range ids {
						out := w.post(w.operator, client.In(one, "captures"), is{"person": is{"id": id}, "fields": []string{"mobile_phone"}}, 200)
						if strings.Contains(fmt.Sprint(out["fields"]), "+4915112350077") {
							t.Errorf("%s is sold the number: %v", name, out["fields"])
						}
					}
					w.same("premium used", w.credit(one, "premium")["used"], 0)
					w.idle(one)
				}
			})
		})
	}
}
