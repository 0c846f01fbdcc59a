package hunter_test

import (
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/provider/hunter"
	"github.com/leadmeter/leadmeter/internal/provider/providertest"
)

const (
	found = `{"data":{"first_name":"Ada","last_name":"Lovelace","email":"Ada@Engines.example","score":97,"domain":"engines.example","accept_all":false,
		"position":"Analyst","linkedin_url":"https://www.linkedin.com/in/ada","phone_number":"020 7946 0018","company":"Analytical Engines",
		"sources":[],"verification":{"date":"2026-01-02","status":"valid"}},"meta":{"params":{}}}`
	missing = `{"data":{"first_name":"Ada","last_name":"Lovelace","email":null,"score":null,"domain":"engines.example","verification":{"date":null,"status":null}}}`
	partial = `{"data":{"email":"ada@engines.example","score":40,"phone_number":null,"verification":{"date":"2026-01-02","status":"accept_all"}}}`
)

func failing(id, code string) string {
	return `{"errors":[{"id":"` + id + `","code":` + code + `,"details":"Ada Lovelace at engines.example"}]}`
}

var subject = providertest.Subject{
	Kind:     hunter.Kind,
	Personal: []string{"ada@engines.example", "7946"},
	Cases: providertest.Cases{
		Found: providertest.Case{Steps: []providertest.Step{{Status: 200, Body: found}}, Want: provider.Found, Cost: "1", Values: []lead.Value{
			{Field: lead.WorkEmail, Value: "ada@engines.example", Status: lead.Verified}, {Field: lead.WorkPhone, Value: "+442079460018"}}},
		NotFound: providertest.Case{Steps: []providertest.Step{{Status: 200, Body: missing}}, Want: provider.NotFound, Cost: "0"},
		Partial: providertest.Case{Steps: []providertest.Step{{Status: 200, Body: partial}}, Want: provider.Found, Values: []lead.Value{
			{Field: lead.WorkEmail, Value: "ada@engines.example", Status: lead.Unverified}}},
		Pending: providertest.Case{Steps: []providertest.Step{{Status: 202, Body: `{"data":{}}`}, {Status: 202, Body: `{}`}, {Status: 200, Body: partial}}, Want: provider.Found,
			Values: []lead.Value{{Field: lead.WorkEmail, Value: "ada@engines.example", Status: lead.Unverified}}},
		Unauthorised:     providertest.Case{Steps: []providertest.Step{{Status: 401, Body: failing("authentication_failed", "401")}}, Want: provider.Forbidden},
		Forbidden:        providertest.Case{Steps: []providertest.Step{{Status: 403, Body: failing("forbidden", "403")}}, Want: provider.RateLimited},
		OutOfQuota:       providertest.Case{Steps: []providertest.Step{{Status: 429, Body: failing("usage_limit", "429")}}, Want: provider.OutOfQuota},
		RateLimited:      providertest.Case{Steps: []providertest.Step{{Status: 403, Body: failing("rate", "403")}}, Want: provider.RateLimited},
		RateLimitedUntil: providertest.Case{Steps: []providertest.Step{{Status: 429, Header: map[string]string{"Retry-After": "30"}, Body: failing("rate", "429")}}, Want: provider.RateLimited, RetryAfter: 30 * time.Second},
		OptedOut:         providertest.Case{Steps: []providertest.Step{{Status: 451, Body: failing("claimed_email", "451")}}, Want: provider.OptedOut},
		Bad:              providertest.Case{Steps: []providertest.Step{{Status: 400, Body: failing("wrong_params", "400")}}, Want: provider.Invalid},
	},
}

func TestSuite(t *testing.T) { providertest.Run(t, subject) }

func TestHowHunterSaysIt(t *testing.T) {
	server := providertest.NewServer(t)
	p := subject.New(t, server, 5*time.Second, true)
	for name, c := range map[string]struct {
		step  providertest.Step
		want  provider.Outcome
		state string
	}{
		"404 with its errors":        {providertest.Step{Status: 404, Body: failing("not_found", "404")}, provider.NotFound, ""},
		"404 of something else":      {providertest.Step{Status: 404, Body: `{"message":"no Route matched"}`}, provider.Failed, ""},
		"an empty email":             {providertest.Step{Status: 200, Body: `{"data":{"email":""}}`}, provider.NotFound, ""},
		"no data":                    {providertest.Step{Status: 200, Body: `{"meta":{}}`}, provider.Failed, ""},
		"222":                        {providertest.Step{Status: 222, Body: `{}`}, provider.Failed, ""},
		"invalid is no address":      {providertest.Step{Status: 200, Body: `{"data":{"email":"a@b.example","score":99,"verification":{"status":"invalid"}}}`}, provider.NotFound, ""},
		"disposable is no address":   {providertest.Step{Status: 200, Body: `{"data":{"email":"a@b.example","score":99,"verification":{"status":"disposable"}}}`}, provider.NotFound, ""},
		"accept_all, likely":         {providertest.Step{Status: 200, Body: `{"data":{"email":"a@b.example","score":80,"verification":{"status":"accept_all"}}}`}, provider.Found, lead.Likely},
		"accept_all, hardly":         {providertest.Step{Status: 200, Body: `{"data":{"email":"a@b.example","score":79,"verification":{"status":"accept_all"}}}`}, provider.Found, lead.Unverified},
		"webmail":                    {providertest.Step{Status: 200, Body: `{"data":{"email":"a@b.example","score":85,"verification":{"status":"webmail"}}}`}, provider.Found, lead.Likely},
		"unknown":                    {providertest.Step{Status: 200, Body: `{"data":{"email":"a@b.example","verification":{"status":"unknown"}}}`}, provider.Found, lead.Unverified},
		"a high score verifies not":  {providertest.Step{Status: 200, Body: `{"data":{"email":"a@b.example","score":100}}`}, provider.Found, lead.Likely},
		"a new word verifies not":    {providertest.Step{Status: 200, Body: `{"data":{"email":"a@b.example","score":10,"verification":{"status":"splendid"}}}`}, provider.Found, lead.Unverified},
		"something that is no email": {providertest.Step{Status: 200, Body: `{"data":{"email":"javascript:alert(1)","score":99,"verification":{"status":"valid"}}}`}, provider.NotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server.Script(c.step.Reply)
			a := p.Ask(t.Context(), providertest.Query)
			if a.Outcome != c.want {
				t.Fatalf("%s (%s), want %s", a.Outcome, a.Detail, c.want)
			}
			if c.state != "" && a.Person.Values[0].Status != c.state {
				t.Errorf("status %q, want %q", a.Person.Values[0].Status, c.state)
			}
		})
	}
}

func TestVerifiedWhen(t *testing.T) {
	server := providertest.NewServer(t)
	p := subject.New(t, server, 5*time.Second, true)
	for text, want := range map[string]time.Time{
		"2026-01-02":           time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
		"2026-01-02T03:04:05Z": time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		"2999-01-02":           {},
		"soon":                 {},
	} {
		server.Script(providertest.Step{Status: 200, Body: `{"data":{"email":"a@b.example","verification":{"status":"valid","date":"` + text + `"}}}`}.Reply)
		a := p.Ask(t.Context(), providertest.Query)
		if got := a.Person.Values[0].VerifiedAt; !got.Equal(want) {
			t.Errorf("%s was read as %v", text, got)
		}
	}
}

func TestWhatIsAsked(t *testing.T) {
	server := providertest.NewServer(t)
	p := subject.New(t, server, 5*time.Second, true)
	names := provider.Query{FirstName: "Ada", LastName: "Lovelace"}
	for name, c := range map[string]struct {
		q    provider.Query
		want string
	}{
		"domain":         {provider.Query{FullName: "Ada Lovelace", Domain: "Engines.example", Company: "Engines"}, "domain=engines.example&first_name=Ada&last_name=Lovelace"},
		"company":        {provider.Query{FullName: "Ada Lovelace", Company: "A & B"}, "company=A+%26+B&first_name=Ada&last_name=Lovelace"},
		"profile":        {provider.Query{LinkedInURL: "https://uk.linkedin.com/in/Ada/"}, "linkedin_handle=ada"},
		"name alone":     {names, ""},
		"sales page":     {provider.Query{LinkedInURL: "https://linkedin.com/sales/lead/ABC,x"}, ""},
		"one name":       {provider.Query{FullName: "Ada", Domain: "engines.example"}, ""},
		"nothing at all": {provider.Query{}, ""},
	} {
		server.Script(providertest.Step{Status: 200, Body: missing}.Reply)
		c.q.Fields = []lead.Field{lead.WorkEmail}
		a := p.Ask(t.Context(), c.q.Normal())
		requests, _ := server.Seen()
		switch {
		case c.want == "" && (a.Outcome != provider.Invalid || len(requests) > 0):
			t.Errorf("%s: %s after %d requests", name, a.Outcome, len(requests))
		case c.want != "" && (len(requests) != 1 || requests[0].URL.RawQuery != c.want || requests[0].URL.Path != "/email-finder"):
			t.Errorf("%s: asked %v", name, requests)
		}
	}
}
