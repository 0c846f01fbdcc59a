package dropcontact_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/provider/dropcontact"
	"github.com/leadmeter/leadmeter/internal/provider/providertest"
)

const (
	taken    = `{"credits_left":42,"request_id":"qzmxkpvlrtdnhwa","error":false,"success":true}`
	notReady = `{"error":false,"reason":"Request not ready yet, try again in 30 seconds","success":false}`
)

func result(record string) string {
	return `{"credits_left":41,"success":true,"error":false,"data":[` + record + `]}`
}

const found = `{"first_name":"Ada","last_name":"Lovelace","full_name":"Ada Lovelace","company":"Analytical Engines","website":"engines.example",
	"linkedin":"https://linkedin.com/in/ada","job":"Analyst","email":[{"email":"ada@engines.example","qualification":"nominative@pro"}],
	"phone":"020 7946 0018","mobile_phone":"+44 7911 123456"}`

func failing(reason string) string { return `{"error":true,"reason":"` + reason + `","success":false}` }

func step(status int, body string) providertest.Step {
	return providertest.Step{Status: status, Body: body}
}

var values = []lead.Value{{Field: lead.WorkEmail, Value: "ada@engines.example", Status: lead.Verified},
	{Field: lead.MobilePhone, Value: "+447911123456"}, {Field: lead.WorkPhone, Value: "+442079460018"}}

var subject = providertest.Subject{
	Kind:     dropcontact.Kind,
	Personal: []string{"ada@engines.example", "7911"},
	Cases: providertest.Cases{
		Found:    providertest.Case{Steps: []providertest.Step{step(200, taken), step(200, result(found))}, Want: provider.Found, Cost: "1", Values: values},
		NotFound: providertest.Case{Steps: []providertest.Step{step(200, taken), step(200, result(`{"first_name":"Ada"}`))}, Want: provider.NotFound, Cost: "0"},
		Partial: providertest.Case{Steps: []providertest.Step{step(200, taken), step(200, result(`{"email":[{"email":"info@engines.example","qualification":"generic@pro"}],"mobile_phone":"+447911123456"}`))},
			Want: provider.Found, Cost: "0", Values: values[1:2]},
		Pending:      providertest.Case{Steps: []providertest.Step{step(200, taken), step(200, notReady), step(200, notReady), step(200, result(found))}, Want: provider.Found, Values: values},
		Unauthorised: providertest.Case{Steps: []providertest.Step{step(401, failing("Missing or invalid API key"))}, Want: provider.Forbidden},
		Forbidden:    providertest.Case{Steps: []providertest.Step{step(403, failing("Unknown account"))}, Want: provider.Forbidden},
		OutOfQuota:   providertest.Case{Steps: []providertest.Step{step(403, failing("Not enough credits for this batch"))}, Want: provider.OutOfQuota},
		RateLimited:  providertest.Case{Steps: []providertest.Step{step(429, failing("Too many requests"))}, Want: provider.RateLimited},
		RateLimitedUntil: providertest.Case{Steps: []providertest.Step{{Status: 429, Header: map[string]string{"Retry-After": "7"}, Body: failing("Too many requests")}},
			Want: provider.RateLimited, RetryAfter: 7 * time.Second},
		OptedOut: providertest.Case{Why: "it keeps no people, so nobody can object to being in its data"},
		Bad:      providertest.Case{Steps: []providertest.Step{step(400, failing("Missing data in JSON"))}, Want: provider.Invalid},
	},
}

func TestSuite(t *testing.T) { providertest.Run(t, subject) }

// success:false is no answer, whether the batch is not ready or not known.
func TestSuccessFalse(t *testing.T) {
	server := providertest.NewServer(t)
	p := subject.New(t, server, 5*time.Second, true)
	server.Script(step(200, notReady).Reply)
	if a := p.Poll(t.Context(), "unknownrequest", providertest.Query); a.Outcome != provider.Pending || a.Ticket != "unknownrequest" {
		t.Errorf("a poll: %s %q", a.Outcome, a.Ticket)
	}
	for _, body := range []string{notReady, `{}`, `{"success":true}`, `{"success":"true","request_id":"abc"}`, `{"success":true,"request_id":"../../account"}`, `{"success":true,"request_id":7.5}`} {
		server.Script(step(200, body).Reply)
		if a := p.Ask(t.Context(), providertest.Query); a.Outcome != provider.Failed || a.Ticket != "" {
			t.Errorf("a request answered %s: %s %q", body, a.Outcome, a.Ticket)
		}
	}
	server.Script(step(200, result(found)).Reply)
	for _, ticket := range []string{"", "../credits", "a/b", "a?b", strings.Repeat("a", 200)} {
		if a := p.Poll(t.Context(), ticket, providertest.Query); a.Outcome != provider.Invalid {
			t.Errorf("ticket %q: %s", ticket, a.Outcome)
		}
	}
	if requests, _ := server.Seen(); len(requests) > 0 {
		t.Errorf("%s was asked for", requests[0].URL)
	}
}

func TestQualifications(t *testing.T) {
	server := providertest.NewServer(t)
	p := subject.New(t, server, 5*time.Second, true)
	for qualification, want := range map[string]string{
		"nominative@pro": lead.Verified, "catch_all@pro": lead.Likely, "generic@pro": "", "nominative@perso": "", "invalid@pro": "",
		"invalid@invalid": "", "random@pro": "", "disposable@pro": "", "": lead.Unverified, "new@pro": lead.Unverified,
	} {
		server.Script(step(200, result(`{"email":[{"email":"ada@engines.example","qualification":"`+qualification+`"}]}`)).Reply)
		a := p.Poll(t.Context(), "ticket", providertest.Query)
		got := ""
		if len(a.Person.Values) > 0 {
			got = a.Person.Values[0].Status
		}
		if got != want {
			t.Errorf("%q is %q, want %q", qualification, got, want)
		}
	}
}

func TestWhatIsAsked(t *testing.T) {
	server := providertest.NewServer(t)
	s := subject
	s.Config.CallbackURL = "https://leads.example.com/hook"
	p := s.New(t, server, 5*time.Second, true)
	server.Script(step(200, taken).Reply)
	if a := p.Ask(t.Context(), providertest.Query); a.Outcome != provider.Pending || a.Detail != "42 credits left" {
		t.Errorf("%s (%s)", a.Outcome, a.Detail)
	}
	_, bodies := server.Seen()
	var batch struct {
		Data     []map[string]string `json:"data"`
		Callback string              `json:"custom_callback_url"`
	}
	if err := json.Unmarshal([]byte(bodies[0]), &batch); err != nil || len(batch.Data) != 1 || batch.Callback != "https://leads.example.com/hook" {
		t.Fatalf("asked %s: %v", bodies[0], err)
	}
	if r := batch.Data[0]; r["first_name"] != "Ada" || r["website"] != "engines.example" || r["linkedin"] != "https://linkedin.com/in/ada" {
		t.Errorf("asked %v", r)
	}
	if a := p.Ask(t.Context(), provider.Query{FullName: "Ada Lovelace"}.Normal()); a.Outcome != provider.Invalid {
		t.Errorf("a name alone: %s", a.Outcome)
	}
}

func TestCalled(t *testing.T) {
	p := subject.New(t, providertest.NewServer(t), time.Second, true).(provider.Caller)
	if ticket, err := p.Called([]byte(`{"request_id":"abc","success":true,"data":[` + found + `]}`)); err != nil || ticket != "abc" {
		t.Errorf("%q, %v", ticket, err)
	}
	for _, body := range []string{"", "{}", "[]", `{"request_id":"a/b"}`, `{"request_id":"abc"`} {
		if ticket, err := p.Called([]byte(body)); err == nil || ticket != "" {
			t.Errorf("%s is a message about %q", body, ticket)
		}
	}
}
