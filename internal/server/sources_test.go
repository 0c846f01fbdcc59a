package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// upstream is a source of contact data that says what a test tells it to.
type upstream struct {
	*httptest.Server
	mu    sync.Mutex
	says  func(asked is) (int, string) // of /search
	polls func() (int, string)         // of /jobs
	asked []is
}

func newUpstream(t *testing.T) *upstream {
	u := &upstream{}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.mu.Lock()
		defer u.mu.Unlock()
		status, text := 0, ""
		if strings.HasPrefix(r.URL.Path, "/jobs/") {
			status, text = u.polls()
		} else {
			body, _ := io.ReadAll(r.Body)
			asked := is{}
			_ = json.Unmarshal(body, &asked)
			u.asked = append(u.asked, asked)
			status, text = u.says(asked)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(u.Close)
	u.nothing()
	return u
}

func (u *upstream) say(status int, text string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.says = func(is) (int, string) { return status, text }
}

func (u *upstream) nothing() { u.say(404, `{}`) }

func (u *upstream) count() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.asked)
}

// settings put the upstream behind the directory, as a generic source.
func (u *upstream) settings() provider.Settings {
	retries := 0
	return provider.Settings{Deadline: 5 * time.Second, Providers: []provider.Config{{
		Name: "up", Kind: "generic", URL: u.URL, AllowPrivate: true, PerSecond: 1000, Burst: 1000, Concurrency: 100, Retries: &retries, PauseAfter: 1000,
		HTTP: &provider.HTTP{
			Needs:   [][]string{{"full_name", "domain"}, {"linkedin_url"}, {"email"}},
			Request: provider.Request{Method: "POST", Path: "/search", Body: map[string]any{"name": "{full_name}", "domain": "{domain}", "profile": "{linkedin_url}", "email": "{email}"}},
			Poll:    &provider.Request{Method: "GET", Path: "/jobs/{ticket}"},
			Answer: provider.Reading{
				Status: map[int]provider.Outcome{404: provider.NotFound}, OutcomePath: "state", Outcomes: map[string]provider.Outcome{"": provider.Found, "done": provider.Found, "working": provider.Pending},
				Ticket: "job",
				Person: provider.PersonPaths{FullName: "name", LinkedInURL: "profile"},
				Values: []provider.ValuePaths{
					{Field: lead.WorkEmail, Value: "email", Status: "quality", Statuses: map[string]string{"ok": "verified", "maybe": "likely"}},
					{Field: lead.MobilePhone, Value: "mobile"}, {Field: lead.WorkPhone, Value: "desk"}, {Field: lead.PersonalEmail, Value: "private"},
				},
			},
		},
	}}}
}

// withSources runs fn against a server with an upstream source, on each engine.
func withSources(t *testing.T, fn func(w *world, u *upstream)) {
	t.Helper()
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			u := newUpstream(t)
			w := openWith(t, server.Config{Database: testdb.Address(t, engine), Sources: u.settings()})
			fn(w, u)
			w.verify()
		})
	}
}

func profile(who string) is { return is{"linkedin_url": "https://linkedin.com/in/" + who} }

func (w *world) outcome(answer is, field string) string {
	w.Helper()
	f, ok := answer["fields"].(is)[field].(is)
	if !ok {
		w.Fatalf("the answer has no %s: %v", field, answer)
	}
	return f["outcome"].(string)
}

// idle holds that nothing is set aside any more.
func (w *world) idle(ws string) {
	w.Helper()
	w.same("held", w.credit(ws, "standard")["held"], 0)
	w.same("held", w.credit(ws, "premium")["held"], 0)
}

// What the directory lacks is asked of the sources, paid for once and known from
// then on: rules C1, C3, C5, C6, C8.
func TestSourcesFill(t *testing.T) {
	withSources(t, func(w *world, u *upstream) {
		w.load("text/csv", people)
		ws := w.workspace("starter", 1, nil)
		mary := is{"person": profile("mary"), "fields": []string{"work_email", "mobile_phone", "personal_email"}}
		look := w.post(w.operator, client.In(ws, "lookups"), is{"person": profile("mary")}, 200)
		w.same("at most, with what a source may find", look["would_cost"].(is)["standard"], 3)
		if look["has"].(is)["work_email"] != false {
			w.Error("nobody has looked, and the work email is there")
		}
		u.say(200, `{"state":"done","email":"mary@navy.example","quality":"ok"}`)
		a := w.post(w.operator, client.In(ws, "captures"), mary, 200)
		w.same("found and verified again", w.outcome(a, "work_email"), "charged")
		w.same("from the directory", w.outcome(a, "mobile_phone"), "charged")
		w.same("nowhere", w.outcome(a, "personal_email"), "not_found")
		w.same("used", w.credit(ws, "standard")["used"], 1)
		w.same("premium used", w.credit(ws, "premium")["used"], 1)
		w.idle(ws)
		again := w.post(w.operator, client.In(ws, "captures"), is{"person": is{"email": "mary@navy.example"}, "fields": []string{"work_email"}}, 200)
		w.same("by the address that was found", w.outcome(again, "work_email"), "already_owned")
		w.same("calls", u.count(), 1)
		other := w.workspace("starter", 1, nil)
		b := w.post(w.operator, client.In(other, "captures"), is{"person": profile("mary"), "fields": []string{"work_email"}}, 200)
		w.same("in the directory now", w.outcome(b, "work_email"), "verified_in_directory")
		w.same("calls", u.count(), 1)

		// One who is only likely there is asked for; what is found costs what it costs.
		u.say(200, `{"state":"done","email":"grace.hopper@navy.example","quality":"maybe"}`)
		c := w.post(w.operator, client.In(ws, "captures"), is{"person": profile("grace"), "fields": []string{"work_email"}}, 200)
		w.same("likely", w.outcome(c, "work_email"), "not_verified")
		w.same("used", w.credit(ws, "standard")["used"], 1)
		w.idle(ws)

		list := w.get(w.operator, "/v1/providers")["data"].([]any)
		w.same("sources", len(list), 1)
		w.same("its name", list[0].(is)["name"], "up")
	})
}

// Somebody whom only a source knows: found, they are a lead; else nobody is there
// and nothing is charged.
func TestSourcesFindPeople(t *testing.T) {
	withSources(t, func(w *world, u *upstream) {
		ws := w.workspace("starter", 1, nil)
		captures := client.In(ws, "captures")
		ask := is{"person": is{"full_name": "Joan Clarke", "company_domain": "hut8.example"}}
		w.post(w.operator, captures, ask, 404)
		u.say(500, `{}`)
		said := w.post(w.operator, captures, ask, 404)
		if !strings.Contains(said["detail"].(string), "could not say") {
			w.Errorf("a source failed, and the answer is %v", said["detail"])
		}
		w.idle(ws)
		u.say(200, `{"state":"done","name":"Joan Clarke","profile":"https://linkedin.com/in/joan","email":"joan@hut8.example","quality":"ok","desk":"+442079460018"}`)
		a := w.post(w.operator, captures, ask, 200)
		w.same("email", w.outcome(a, "work_email"), "charged")
		w.same("phone", w.outcome(a, "work_phone"), "charged")
		w.same("personal", w.outcome(a, "personal_email"), "not_found")
		w.same("the name", a["person"].(is)["full_name"], "Joan Clarke")
		if a["lead"] == nil {
			w.Error("no lead was made")
		}
		again := w.post(w.operator, captures, is{"person": is{"linkedin_url": "linkedin.com/in/joan"}}, 200)
		w.same("the same person, by profile", again["person"].(is)["id"], a["person"].(is)["id"])
		w.same("owned", w.outcome(again, "work_email"), "already_owned")
		w.same("used", w.credit(ws, "standard")["used"], 2)
		w.idle(ws)
	})
}

// Sources that cannot say: rule C3. It is never "not found", never charged, and
// nothing stays held.
func TestSourcesThatCannotSay(t *testing.T) {
	withSources(t, func(w *world, u *upstream) {
		w.load("text/csv", people)
		ws := w.workspace("starter", 1, nil)
		for _, bad := range []struct {
			status int
			text   string
		}{{500, `{}`}, {402, `{}`}, {401, `{}`}, {429, `{}`}, {200, `{"state":`}, {200, strings.Repeat("x", 10<<20)}, {302, `{}`}, {400, `{}`}} {
			u.say(bad.status, bad.text)
			a := w.post(w.operator, client.In(ws, "captures"), is{"person": profile("mary"), "fields": []string{"work_email", "mobile_phone"}}, 200)
			if o := w.outcome(a, "work_email"); o != "provider_error" {
				w.Errorf("%d %.20s: %s", bad.status, bad.text, o)
			}
			w.idle(ws)
		}
		w.same("only the mobile was paid, once", w.credit(ws, "premium")["used"], 1)
		w.same("nothing else", w.credit(ws, "standard")["used"], 0)
		u.say(451, `{}`)
		a := w.post(w.operator, client.In(ws, "captures"), is{"person": profile("mary"), "fields": []string{"work_email"}}, 200)
		w.same("objected", w.outcome(a, "work_email"), "suppressed")
		w.idle(ws)
	})
}

// A field that cannot be paid for is not looked up (rules C7, C8); those asked
// first are paid first.
func TestSourcesAreNotAskedInVain(t *testing.T) {
	withSources(t, func(w *world, u *upstream) {
		w.load("text/csv", people)
		ws := w.workspace("starter", 1, nil)
		captures := client.In(ws, "captures")
		w.post(w.operator, client.In(ws, "charges"), is{"credit": "standard", "amount": 249}, 201)
		u.say(200, `{"state":"done","email":"mary@navy.example","quality":"ok","private":"mary@home.example","desk":"+12025550188"}`)
		a := w.post(w.operator, captures, is{"person": profile("mary"), "fields": []string{"personal_email", "work_email", "work_phone"}}, 200)
		w.same("first", w.outcome(a, "personal_email"), "charged")
		w.same("second", w.outcome(a, "work_email"), "insufficient_credits")
		w.same("third", w.outcome(a, "work_phone"), "insufficient_credits")
		w.idle(ws)
		calls := u.count()
		refused := w.post(w.operator, captures, is{"person": profile("grace"), "fields": []string{"personal_email"}}, 402)
		w.same("which limit", refused["limited_by"], "workspace")
		w.same("nobody was asked", u.count(), calls)
		w.post(w.operator, captures, is{"person": profile("mary"), "fields": []string{"work_phone", "mobile_phone"}, "all_or_nothing": true}, 402)
		w.same("nobody was asked", u.count(), calls)
		w.idle(ws)

		w.post(w.operator, "/v1/directory/suppressions", is{"domain": "navy.example"}, 201)
		w.post(w.operator, "/v1/directory/suppressions", is{"email": "secret@hut8.example"}, 201)
		rich := w.workspace("pro", 1, nil)
		w.post(w.operator, client.In(rich, "captures"), is{"person": profile("grace")}, 404)
		w.post(w.operator, client.In(rich, "captures"), is{"person": is{"email": "secret@hut8.example"}}, 404)
		w.post(w.operator, client.In(rich, "captures"), is{"person": is{"full_name": "New Sailor", "company_domain": "navy.example"}}, 404)
		w.same("nobody was asked about them (C12)", u.count(), calls)
		w.call(w.operator, http.MethodPost, client.In(rich, "cancel"), is{"at": "now"}, 200)
		w.post(w.operator, client.In(rich, "captures"), is{"person": profile("alan")}, 409)
		w.same("nobody was asked for who cancelled", u.count(), calls)
	})
}

// Many who want the same in the same instant share one search and one charge
// (rule C6); one request sent many times is one (rule C9).
func TestSourcesSharedSearch(t *testing.T) {
	withSources(t, func(w *world, u *upstream) {
		w.load("text/csv", people)
		ws := w.workspace("starter", 1, nil)
		u.mu.Lock()
		u.says = func(is) (int, string) {
			// A source takes its time: everybody else holds what the answer may cost, and waits.
			for range 400 {
				if held := w.credit(ws, "standard")["held"]; held == 8.0 {
					break
				}
				time.Sleep(25 * time.Millisecond) // between two looks at what other goroutines hold
			}
			time.Sleep(50 * time.Millisecond) // that they wait for the search can be seen nowhere
			return 200, `{"state":"done","email":"mary@navy.example","quality":"ok"}`
		}
		u.mu.Unlock()
		var wg sync.WaitGroup
		for n := range 8 {
			wg.Go(func() {
				out, err := w.operator.Capture(ctx, ws, fmt.Sprint("key-", n/2), client.Capture{Person: client.Person{LinkedInURL: "linkedin.com/in/mary"}, Fields: []string{"work_email"}})
				if err != nil {
					w.Error(err)
				} else if f := out.Fields["work_email"]; len(f.Values) != 1 {
					w.Errorf("%+v", f)
				}
			})
		}
		wg.Wait()
		w.same("used", w.credit(ws, "standard")["used"], 1)
		w.same("calls", u.count(), 1)
		w.idle(ws)
	})
}

// rest lets the time go by for which a source asked not to be asked.
func (w *world) rest() {
	w.Helper()
	err := w.server.Store.Update(ctx, func(tx *store.Tx) error {
		rows, err := tx.Searches().Due(1<<62, 10)
		if err != nil || len(rows) != 1 {
			return fmt.Errorf("%d searches wait: %w", len(rows), err)
		}
		var ticket is
		if err := json.Unmarshal([]byte(rows[0].Ticket), &ticket); err != nil {
			return err
		}
		for _, one := range ticket["waiting"].([]any) {
			one.(is)["due"] = time.Now()
		}
		text, err := json.Marshal(ticket)
		rows[0].Ticket = string(text)
		return errors.Join(err, tx.Searches().Put(rows[0]))
	})
	if err != nil {
		w.Fatal(err)
	}
}

// An answer that comes after the deadline is not lost, and costs at most once.
func TestSourcesThatAnswerLate(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			u := newUpstream(t)
			settings := u.settings()
			settings.Deadline = 300 * time.Millisecond
			now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
			w := openWith(t, server.Config{Database: testdb.Address(t, engine), Sources: settings, Clock: func() time.Time { return now }})
			w.load("text/csv", people)
			ws := w.workspace("starter", 1, nil)
			mary := is{"person": profile("mary"), "fields": []string{"work_email", "personal_email"}}
			u.say(202, `{"state":"working","job":"j-1"}`)
			u.polls = func() (int, string) { return 202, `{"state":"working","job":"j-1"}` }
			a := w.post(w.operator, client.In(ws, "captures"), mary, 200)
			w.same("still looking", w.outcome(a, "work_email"), "provider_error")
			w.same("nothing", w.credit(ws, "standard")["used"], 0)
			w.idle(ws)
			u.mu.Lock()
			u.polls = func() (int, string) { return 200, `{"state":"done","private":"mary@home.example"}` }
			u.mu.Unlock()
			now = now.Add(time.Hour)
			w.rest()
			if err := w.server.Sources.Round(ctx); err != nil {
				t.Fatal(err)
			}
			calls := u.count()
			u.nothing()
			for range 2 {
				b := w.post(w.operator, client.In(ws, "captures"), mary, 200)
				if o := w.outcome(b, "personal_email"); o != "charged" && o != "already_owned" {
					t.Errorf("the late answer is %s", o)
				}
			}
			w.same("once", w.credit(ws, "standard")["used"], 1)
			if u.count() == calls {
				t.Error("the email was not asked for again")
			}
			w.idle(ws)
			w.verify()
		})
	}
}
