// Package peopledatalabs asks People Data Labs to enrich a person (API version 5).
//
// It needs a profile, an email, or a name with a company. It is told which
// fields are wanted, so that a person without any of them is not found and not
// billed. Nothing that it gives is verified. On its free plan contact data comes
// as booleans: true is that there is a value which the plan does not show, and is
// Forbidden here, neither a value nor "not found".
package peopledatalabs

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
)

// Kind is how a configuration makes one.
var Kind = provider.Kind{
	Gives: []lead.Field{lead.WorkEmail, lead.WorkPhone, lead.PersonalEmail, lead.MobilePhone},
	URL:   "https://api.peopledatalabs.com/v5",
	Reads: []string{"min_likelihood"},
	New: func(s provider.Setup) (provider.Provider, error) {
		if s.MinLikelihood == 0 {
			s.MinLikelihood = 6
		}
		return &labs{s}, nil
	},
}

// members are the names of our fields in a record.
var members = map[lead.Field]string{
	lead.WorkEmail: "work_email", lead.PersonalEmail: "personal_emails", lead.MobilePhone: "mobile_phone", lead.WorkPhone: "phone_numbers",
}

type labs struct{ setup provider.Setup }

func (l *labs) Name() string        { return l.setup.Name }
func (l *labs) Gives() []lead.Field { return l.setup.Fields }

// Poll is never needed: it answers at once.
func (l *labs) Poll(context.Context, string, provider.Query) provider.Answer {
	return provider.Answer{Outcome: provider.Failed, Detail: "it gives no tickets"}
}

func (l *labs) Ask(ctx context.Context, q provider.Query) provider.Answer {
	body, enough := l.body(q)
	if !enough {
		return provider.Answer{Outcome: provider.Invalid, Detail: "it needs a profile, an email, or a name with a company or domain"}
	}
	reply, err := l.setup.Client.Do(ctx, provider.Call{
		Method: http.MethodPost, URL: l.setup.URL + "/person/enrich", Body: body,
		Header: http.Header{"X-Api-Key": {l.setup.Key.Reveal()}},
	})
	if err != nil {
		return provider.Failure(err)
	}
	a := l.read(reply, q)
	a.Cost = provider.Amount(reply.Header.Get("X-Call-Credits-Spent"))
	return a
}

// body is the question, which keeps the person out of the URL.
func (l *labs) body(q provider.Query) ([]byte, bool) {
	company := q.Domain
	if company == "" {
		company = q.Company
	}
	if q.LinkedInURL == "" && q.Email == "" && (q.FullName == "" || company == "") {
		return nil, false
	}
	var required []string
	for _, f := range q.Fields {
		required = append(required, members[f])
	}
	question := map[string]any{
		"min_likelihood": l.setup.MinLikelihood, "titlecase": true, "required": strings.Join(required, " OR "),
		"data_include": "id,full_name,first_name,last_name,job_title,job_company_name,job_company_website,linkedin_url,location_name," + strings.Join(required, ","),
	}
	for name, value := range map[string]string{
		"profile": strings.TrimPrefix(q.LinkedInURL, "https://"), "email": q.Email, "name": q.FullName, "company": company,
	} {
		if value != "" {
			question[name] = value
		}
	}
	body, err := json.Marshal(question)
	return body, err == nil
}

func (l *labs) read(reply provider.Reply, q provider.Query) provider.Answer {
	if reply.Status != 200 && reply.Status != 404 {
		a := reply.Problem()
		if a.Outcome == provider.RateLimited && a.RetryAfter == 0 {
			a.RetryAfter = untilReset(reply.Header.Get("X-Ratelimit-Reset"))
		}
		return a
	}
	doc, err := reply.JSON()
	switch {
	case err != nil:
		return provider.Failure(err)
	case reply.Status == 404 && doc.At("error", "type").Word() == "not_found":
		return provider.Answer{Outcome: provider.NotFound}
	case reply.Status == 404 || doc.At("data").At("id").Text() == "":
		a := reply.Problem()
		a.Detail += ": not a record of People Data Labs"
		return a
	}
	if likelihood, ok := doc.At("likelihood").Int(); !ok || likelihood < l.setup.MinLikelihood {
		return provider.Answer{Outcome: provider.NotFound, Detail: "it is not sure enough that it is the person"}
	}
	a := l.draft(doc.At("data"), q).Answer()
	a.Reference = doc.At("data", "id").Text()
	return a
}

func (l *labs) draft(data provider.Doc, q provider.Query) *provider.Draft {
	d := provider.NewDraft(l.setup.Name, q)
	d.Name(data.At("full_name").Text(), data.At("first_name").Text(), data.At("last_name").Text())
	d.Job(data.At("job_title").Text(), data.At("job_company_name").Text(), data.At("job_company_website").Text())
	d.Profile(data.At("linkedin_url").Text())
	d.Place(data.At("location_name").Text(), "")
	// The mobile comes first: it is among phone_numbers too, without saying so.
	for _, f := range []lead.Field{lead.WorkEmail, lead.PersonalEmail, lead.MobilePhone, lead.WorkPhone} {
		for _, value := range data.At(members[f]).List() {
			switch {
			case value.True():
				d.Withhold(f)
			case f.IsEmail():
				d.Email(f, value.Text(), lead.Unverified, time.Time{})
			case f != lead.WorkPhone || value.Text() != data.At(members[lead.MobilePhone]).Text():
				d.Phone(f, value.Text())
			}
		}
	}
	return d
}

// untilReset is how long a rate limit's window stays shut: it is given as the
// instant at which it opens.
func untilReset(text string) time.Duration {
	at := time.Time{}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04:05 MST"} {
		if parsed, err := time.Parse(layout, text); err == nil {
			at = parsed
			break
		}
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		at = time.Unix(seconds, 0)
	}
	return max(0, min(time.Until(at), time.Hour))
}
