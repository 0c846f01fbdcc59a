package peopledatalabs_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/provider/peopledatalabs"
	"github.com/leadmeter/leadmeter/internal/provider/providertest"
)

func record(contact string) string {
	return `{"status":200,"likelihood":9,"data":{"id":"rec_0000","full_name":"Ada Lovelace","first_name":"Ada","last_name":"Lovelace",
		"linkedin_url":"linkedin.com/in/ada","job_title":"Analyst","job_company_name":"Analytical Engines","job_company_website":"engines.example",
		"location_name":true,` + contact + `}}`
}

const contact = `"work_email":"ada@engines.example","personal_emails":["ada@home.example","ADA@home.example","nonsense"],
	"mobile_phone":"+447911123456","phone_numbers":["+447911123456","+442079460018","+18002255288"]`

func failing(kind, code string) string {
	return `{"status":` + code + `,"error":{"type":"` + kind + `","message":"Ada Lovelace at engines.example"}}`
}

var spent = map[string]string{"X-Call-Credits-Spent": "1"}

var subject = providertest.Subject{
	Kind:     peopledatalabs.Kind,
	Config:   provider.Config{MinLikelihood: 6},
	Personal: []string{"ada@engines.example", "7911"},
	Cases: providertest.Cases{
		Found: providertest.Case{Steps: []providertest.Step{{Status: 200, Header: spent, Body: record(contact)}}, Want: provider.Found, Cost: "1", Values: []lead.Value{
			{Field: lead.WorkEmail, Value: "ada@engines.example", Status: lead.Unverified},
			{Field: lead.PersonalEmail, Value: "ada@home.example", Status: lead.Unverified},
			{Field: lead.MobilePhone, Value: "+447911123456"}, {Field: lead.WorkPhone, Value: "+442079460018"}}},
		NotFound: providertest.Case{Steps: []providertest.Step{{Status: 404, Body: failing("not_found", "404")}}, Want: provider.NotFound},
		Partial: providertest.Case{Steps: []providertest.Step{{Status: 200, Body: record(`"work_email":"ada@engines.example","personal_emails":[],"mobile_phone":true,"phone_numbers":null`)}},
			Want: provider.Found, Values: []lead.Value{{Field: lead.WorkEmail, Value: "ada@engines.example", Status: lead.Unverified}}},
		Pending:      providertest.Case{Why: "it answers at once"},
		Unauthorised: providertest.Case{Steps: []providertest.Step{{Status: 401, Body: failing("authentication_error", "401")}}, Want: provider.Forbidden},
		Forbidden:    providertest.Case{Steps: []providertest.Step{{Status: 403, Body: failing("forbidden", "403")}}, Want: provider.Forbidden},
		OutOfQuota:   providertest.Case{Steps: []providertest.Step{{Status: 402, Body: failing("payment_required", "402")}}, Want: provider.OutOfQuota},
		RateLimited:  providertest.Case{Steps: []providertest.Step{{Status: 429, Body: failing("rate_limit_error", "429")}}, Want: provider.RateLimited},
		RateLimitedUntil: providertest.Case{Steps: []providertest.Step{{Status: 429, Body: failing("rate_limit_error", "429"),
			Header: map[string]string{"X-Ratelimit-Reset": time.Now().Add(30 * time.Second).UTC().Format(time.RFC3339)}}}, Want: provider.RateLimited, RetryAfter: 30 * time.Second},
		OptedOut: providertest.Case{Why: "who objected is taken out of its data, and is then not found"},
		Bad:      providertest.Case{Steps: []providertest.Step{{Status: 400, Body: failing("invalid_request_error", "400")}}, Want: provider.Invalid},
	},
}

func TestSuite(t *testing.T) { providertest.Run(t, subject) }

// A boolean is neither a value nor an absence: true is what our plan does not
// show.
func TestBooleansAndLists(t *testing.T) {
	server := providertest.NewServer(t)
	p := subject.New(t, server, 5*time.Second, true)
	all := lead.Fields
	for name, c := range map[string]struct {
		contact  string
		fields   []lead.Field
		want     provider.Outcome
		values   int
		withheld []lead.Field
	}{
		"all withheld":        {`"work_email":true,"personal_emails":true,"mobile_phone":true,"phone_numbers":true`, all, provider.Forbidden, 0, []lead.Field{lead.WorkEmail, lead.PersonalEmail, lead.MobilePhone, lead.WorkPhone}},
		"all absent":          {`"work_email":false,"personal_emails":false,"mobile_phone":false,"phone_numbers":false`, all, provider.NotFound, 0, nil},
		"some of both":        {`"work_email":true,"personal_emails":false,"mobile_phone":false,"phone_numbers":false`, all, provider.Forbidden, 0, []lead.Field{lead.WorkEmail}},
		"one withheld":        {`"work_email":"ada@engines.example","mobile_phone":true`, all, provider.Found, 1, []lead.Field{lead.MobilePhone}},
		"withheld, unwanted":  {`"work_email":"ada@engines.example","mobile_phone":true`, []lead.Field{lead.WorkEmail}, provider.Found, 1, nil},
		"a list for a text":   {`"work_email":["ada@engines.example"],"mobile_phone":["+447911123456"]`, all, provider.Found, 2, nil},
		"a text for a list":   {`"personal_emails":"ada@home.example"`, all, provider.Found, 1, nil},
		"a list of booleans":  {`"personal_emails":[true]`, all, provider.Forbidden, 0, []lead.Field{lead.PersonalEmail}},
		"the word true":       {`"work_email":"true"`, all, provider.NotFound, 0, nil},
		"mobile from a desk":  {`"mobile_phone":"+442079460018"`, []lead.Field{lead.MobilePhone}, provider.NotFound, 0, nil},
		"mobile in the list":  {`"mobile_phone":"+12022243121","phone_numbers":["+12022243121"]`, all, provider.Found, 1, nil},
		"nothing was wanted?": {`"work_email":"ada@engines.example"`, []lead.Field{lead.MobilePhone}, provider.NotFound, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			server.Script(providertest.Step{Status: 200, Body: record(c.contact)}.Reply)
			q := providertest.Query
			q.Fields = c.fields
			a := p.Ask(t.Context(), q)
			if a.Outcome != c.want || len(a.Person.Values) != c.values || !slices.Equal(a.Withheld, c.withheld) {
				t.Errorf("%s (%s), %d values, withheld %v", a.Outcome, a.Detail, len(a.Person.Values), a.Withheld)
			}
		})
	}
}

func TestHowSure(t *testing.T) {
	server := providertest.NewServer(t)
	p := subject.New(t, server, 5*time.Second, true)
	for likelihood, want := range map[string]provider.Outcome{"6": provider.Found, "10": provider.Found, "5": provider.NotFound, "null": provider.NotFound, "6.5": provider.NotFound} {
		body := strings.Replace(record(contact), `"likelihood":9`, `"likelihood":`+likelihood, 1)
		server.Script(providertest.Step{Status: 200, Body: body}.Reply)
		if a := p.Ask(t.Context(), providertest.Query); a.Outcome != want {
			t.Errorf("likelihood %s: %s", likelihood, a.Outcome)
		}
	}
	server.Script(providertest.Step{Status: 404, Body: `{"message":"Not Found"}`}.Reply)
	if a := p.Ask(t.Context(), providertest.Query); a.Outcome != provider.Failed {
		t.Errorf("somebody else's 404: %s", a.Outcome)
	}
}

func TestWhatIsAsked(t *testing.T) {
	server := providertest.NewServer(t)
	p := subject.New(t, server, 5*time.Second, true)
	server.Script(providertest.Step{Status: 404, Body: failing("not_found", "404")}.Reply)
	q := providertest.Query
	q.Fields = []lead.Field{lead.MobilePhone, lead.WorkEmail}
	p.Ask(t.Context(), q)
	requests, bodies := server.Seen()
	var asked map[string]any
	if err := json.Unmarshal([]byte(bodies[0]), &asked); err != nil {
		t.Fatal(err)
	}
	if requests[0].URL.RawQuery != "" || requests[0].URL.Path != "/person/enrich" {
		t.Errorf("the person is in the URL %s", requests[0].URL)
	}
	for name, want := range map[string]any{"min_likelihood": 6.0, "required": "mobile_phone OR work_email", "profile": "linkedin.com/in/ada",
		"email": "ada@home.example", "name": "Ada Lovelace", "company": "engines.example"} {
		if asked[name] != want {
			t.Errorf("%s is %v, want %v", name, asked[name], want)
		}
	}
	for _, q := range []provider.Query{{}, {FullName: "Ada Lovelace"}, {Company: "Engines"}, {Domain: "engines.example"}} {
		if a := p.Ask(t.Context(), q.Normal()); a.Outcome != provider.Invalid {
			t.Errorf("%+v: %s", q, a.Outcome)
		}
	}
}
