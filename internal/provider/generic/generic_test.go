package generic_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/provider/generic"
	"github.com/leadmeter/leadmeter/internal/provider/providertest"
	"github.com/leadmeter/leadmeter/internal/seal"
)

func config() provider.HTTP {
	headers := map[string]string{"Authorization": "Bearer {key}"}
	return provider.HTTP{
		Request: provider.Request{Method: "POST", Path: "/v1/people/{domain}", Headers: headers,
			Query: map[string]string{"name": "{full_name}", "mode": "full"},
			Body:  map[string]any{"who": map[string]any{"name": "{full_name}", "linkedin": "{linkedin_url}"}, "depth": uint64(2), "tags": []any{"{company}", "crm"}}},
		Poll:  &provider.Request{Method: "GET", Path: "/v1/jobs/{ticket}", Headers: headers},
		Needs: [][]string{{"full_name", "domain"}},
		Answer: provider.Reading{
			Status:      map[int]provider.Outcome{404: provider.NotFound, 409: provider.OutOfQuota},
			OutcomePath: "state",
			Outcomes:    map[string]provider.Outcome{"ok": provider.Found, "none": provider.NotFound, "working": provider.Pending, "broke": provider.OutOfQuota},
			Person:      provider.PersonPaths{FullName: "person.name", LinkedInURL: "person.links.0", Country: "person.country", CompanyPhone: "person.employer.phone"},
			Values: []provider.ValuePaths{
				{Field: lead.WorkEmail, Each: "person.emails", Value: "address", Status: "check", Statuses: map[string]string{"deliverable": "verified", "risky": "likely", "dead": "bounced"}, VerifiedAt: "checked"},
				{Field: lead.PersonalEmail, Value: "person.private"},
				{Field: lead.MobilePhone, Value: "person.phones.mobile"},
				{Field: lead.WorkPhone, Value: "person.phones.desk"},
			},
			Ticket: "job", RetryAfter: "wait", Cost: "charged", Reference: "person.id",
		},
	}
}

const found = `{"state":"OK","charged":0.5,"person":{"id":17,"name":"Ada Lovelace","links":["https://linkedin.com/in/ada"],"country":"GB","employer":{"phone":"020 7946 0000"},
	"emails":[{"address":"ada@engines.example","check":"Deliverable","checked":"2026-01-02T03:04:05Z"},{"address":"a@engines.example","check":"risky"},
		{"address":"old@engines.example","check":"dead"},{"address":"l@engines.example","check":"verified"},{"address":"none"}],
	"private":"ada@home.example","phones":{"mobile":["07911 123456"],"desk":"020 7946 0018"}}}`

var values = []lead.Value{
	{Field: lead.WorkEmail, Value: "ada@engines.example", Status: lead.Verified}, {Field: lead.WorkEmail, Value: "a@engines.example", Status: lead.Likely},
	{Field: lead.WorkEmail, Value: "l@engines.example", Status: lead.Unverified}, {Field: lead.PersonalEmail, Value: "ada@home.example", Status: lead.Unverified},
	{Field: lead.MobilePhone, Value: "+447911123456"}, {Field: lead.WorkPhone, Value: "+442079460018"},
}

func subject() providertest.Subject {
	h := config()
	one := func(status int, body string) []providertest.Step {
		return []providertest.Step{{Status: status, Body: body}}
	}
	working := providertest.Step{Status: 200, Body: `{"state":"working","job":"j-1","wait":1}`}
	return providertest.Subject{
		Kind: generic.Kind, Config: provider.Config{HTTP: &h}, Personal: []string{"ada@engines.example", "7911"},
		Cases: providertest.Cases{
			Found:    providertest.Case{Steps: one(200, found), Want: provider.Found, Cost: "0.5", Values: values},
			NotFound: providertest.Case{Steps: one(404, `{}`), Want: provider.NotFound},
			Partial:  providertest.Case{Steps: one(200, `{"state":"ok","person":{"private":"ada@home.example"}}`), Want: provider.Found, Values: values[3:4]},
			Pending: providertest.Case{Steps: []providertest.Step{working, working, {Status: 200, Body: found}},
				Want: provider.Found, Values: values},
			Unauthorised: providertest.Case{Steps: one(401, `{}`), Want: provider.Forbidden},
			Forbidden:    providertest.Case{Steps: one(403, `{}`), Want: provider.Forbidden},
			OutOfQuota:   providertest.Case{Steps: one(402, `{}`), Want: provider.OutOfQuota},
			RateLimited:  providertest.Case{Steps: one(429, `{}`), Want: provider.RateLimited},
			RateLimitedUntil: providertest.Case{Steps: []providertest.Step{{Status: 429, Header: map[string]string{"Retry-After": "9"}, Body: `{}`}},
				Want: provider.RateLimited, RetryAfter: 9 * time.Second},
			OptedOut: providertest.Case{Steps: one(451, `{}`), Want: provider.OptedOut},
			Bad:      providertest.Case{Steps: one(400, `{}`), Want: provider.Invalid},
		},
	}
}

func TestSuite(t *testing.T) { providertest.Run(t, subject()) }

func TestOutcomes(t *testing.T) {
	server := providertest.NewServer(t)
	p := subject().New(t, server, 5*time.Second, true)
	for name, c := range map[string]struct {
		status int
		body   string
		want   provider.Outcome
	}{
		"a word for not found":          {200, `{"state":"None"}`, provider.NotFound},
		"a word for quota, with 200":    {200, `{"state":"broke"}`, provider.OutOfQuota},
		"a word for quota, with 500":    {500, `{"state":"broke"}`, provider.OutOfQuota},
		"a word nobody explained":       {200, `{"state":"maybe"}`, provider.Failed},
		"no word":                       {200, `{}`, provider.Failed},
		"a status that is mapped":       {409, `{}`, provider.OutOfQuota},
		"found without anything":        {200, `{"state":"ok"}`, provider.NotFound},
		"a value that is withheld":      {200, `{"state":"ok","person":{"private":true}}`, provider.Forbidden},
		"not ready, without a ticket":   {200, `{"state":"working"}`, provider.Failed},
		"202 means nothing with a word": {202, `{"state":"ok","person":{"private":"ada@home.example"}}`, provider.Found},
		"a redirect with a word":        {302, `{"state":"none"}`, provider.Failed},
		"an empty 404":                  {404, ``, provider.NotFound},
		"a 404 that is not the source":  {404, `<html>`, provider.Failed},
	} {
		server.Script(providertest.Step{Status: c.status, Body: c.body}.Reply)
		if a := p.Ask(t.Context(), providertest.Query); a.Outcome != c.want {
			t.Errorf("%s: %s (%s), want %s", name, a.Outcome, a.Detail, c.want)
		}
	}
}

func TestWhatIsAsked(t *testing.T) {
	server := providertest.NewServer(t)
	p := subject().New(t, server, 5*time.Second, true)
	server.Script(providertest.Step{Status: 404, Body: `{}`}.Reply)
	q := provider.Query{FullName: `Ada "O'Neil" & Co {key} ../..`, Domain: "engines.example", Fields: lead.Fields}.Normal()
	p.Ask(t.Context(), q)
	requests, bodies := server.Seen()
	if r := requests[0]; r.URL.EscapedPath() != "/v1/people/engines.example" || r.URL.Query().Get("name") != q.FullName || r.URL.Query().Get("mode") != "full" {
		t.Errorf("asked %s", r.URL)
	}
	var body map[string]any
	if err := json.Unmarshal([]byte(bodies[0]), &body); err != nil {
		t.Fatal(err)
	}
	who := body["who"].(map[string]any)
	if _, has := who["linkedin"]; has || who["name"] != q.FullName || body["depth"] != 2.0 || len(body["tags"].([]any)) != 1 {
		t.Errorf("asked %s", bodies[0])
	}
	if strings.Contains(bodies[0], providertest.Key) {
		t.Error("a name brought the key into the body")
	}
	server.Script(providertest.Step{Status: 200, Body: `{"state":"none"}`}.Reply)
	for ticket, want := range map[string]string{"../../x": "/v1/jobs/%2E%2E%2F%2E%2E%2Fx", "..": "/v1/jobs/%2E%2E", "a b?c#d": "/v1/jobs/a%20b%3Fc%23d"} {
		p.Poll(t.Context(), ticket, q)
		requests, _ := server.Seen()
		if got := requests[len(requests)-1].URL.EscapedPath(); got != want {
			t.Errorf("%q went to %s, want %s", ticket, got, want)
		}
	}
	if a := p.Ask(t.Context(), provider.Query{FullName: "Ada"}.Normal()); a.Outcome != provider.Invalid {
		t.Errorf("too little is known: %s", a.Outcome)
	}
}

func TestRefusedConfigurations(t *testing.T) {
	for want, spoil := range map[string]func(h *provider.HTTP){
		".http.request.method must be":                        func(h *provider.HTTP) { h.Request.Method = "DELETE" },
		".http.request.path must begin":                       func(h *provider.HTTP) { h.Request.Path = "/x?key=1" },
		".http.request.path: {key} may not":                   func(h *provider.HTTP) { h.Request.Path = "/{key}" },
		".http.request.path: {ticket} may not":                func(h *provider.HTTP) { h.Request.Path = "/{ticket}" },
		".http.request.query.api_key: a key":                  func(h *provider.HTTP) { h.Request.Query = map[string]string{"api_key": "x"} },
		".http.request.query.q: {key} may not":                func(h *provider.HTTP) { h.Request.Query = map[string]string{"q": "{key}"} },
		".http.request.headers.X-Api-Key must have":           func(h *provider.HTTP) { h.Request.Headers = map[string]string{"X-Api-Key": "abc"} },
		".http.request.headers.X-Name: {full_name} may not":   func(h *provider.HTTP) { h.Request.Headers = map[string]string{"X-Name": "{full_name}"} },
		".http.request.headers: \"X Y\" is not":               func(h *provider.HTTP) { h.Request.Headers = map[string]string{"X Y": "z"} },
		".http.request.body: {key} may not":                   func(h *provider.HTTP) { h.Request.Body = map[string]any{"a": []any{"{key}"}} },
		".http.request.body may have":                         func(h *provider.HTTP) { h.Request.Body = map[any]any{1: 2} },
		".http.poll.path: {tickett} may not":                  func(h *provider.HTTP) { h.Poll.Path = "/{tickett}" },
		".http.answer.ticket is missing":                      func(h *provider.HTTP) { h.Answer.Ticket = "" },
		".http.needs[0] names \"phone\"":                      func(h *provider.HTTP) { h.Needs = [][]string{{"phone"}} },
		".http.answer.status: 404: \"none\"":                  func(h *provider.HTTP) { h.Answer.Status = map[int]provider.Outcome{404: "none"} },
		".http.answer.outcomes.ok is \"yes\"":                 func(h *provider.HTTP) { h.Answer.Outcomes = map[string]provider.Outcome{"ok": "yes"} },
		".http.answer: outcome_path and outcomes":             func(h *provider.HTTP) { h.Answer.OutcomePath = "" },
		".http.answer.values is missing":                      func(h *provider.HTTP) { h.Answer.Values = nil },
		".http.answer.values[0] needs field":                  func(h *provider.HTTP) { h.Answer.Values[0].Field = "fax" },
		".http.answer.values[0].statuses.deliverable must be": func(h *provider.HTTP) { h.Answer.Values[0].Statuses["deliverable"] = "valid" },
	} {
		h := config()
		spoil(&h)
		_, err := generic.Kind.New(provider.Setup{Config: provider.Config{HTTP: &h, Fields: lead.Fields}, Key: seal.Hide("k")})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	h := config()
	if _, err := generic.Kind.New(provider.Setup{Config: provider.Config{HTTP: &h}}); err == nil || !strings.Contains(err.Error(), "there is no key") {
		t.Errorf("a key that is missing: %v", err)
	}
	if _, err := generic.Kind.New(provider.Setup{}); err == nil {
		t.Error("nothing was taken for a configuration")
	}
}
