// Package generic asks any source that speaks JSON over HTTP, as its
// configuration describes it: a request, where in the reply everything is, and
// what its statuses mean.
//
// It promises that what is known of a person reaches the source encoded for the
// place it stands in, that the key goes into headers alone, and that a reply
// which the configuration does not explain is an error and never "not found".
package generic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
)

// Kind is how a configuration makes one.
var Kind = provider.Kind{
	Gives:   []lead.Field{lead.WorkEmail, lead.WorkPhone, lead.PersonalEmail, lead.MobilePhone},
	Keyless: true,
	Reads:   []string{"http"},
	New: func(s provider.Setup) (provider.Provider, error) {
		if err := check(s); err != nil {
			return nil, err
		}
		return &generic{s}, nil
	},
}

type generic struct{ setup provider.Setup }

func (g *generic) Name() string { return g.setup.Name }

// Gives is what the configuration names and has a path for.
func (g *generic) Gives() []lead.Field {
	var fields []lead.Field
	for _, f := range g.setup.Fields {
		for _, v := range g.setup.HTTP.Answer.Values {
			if v.Field == f {
				fields = append(fields, f)
				break
			}
		}
	}
	return fields
}

func (g *generic) Ask(ctx context.Context, q provider.Query) provider.Answer {
	known := words(q)
	if !enough(g.setup.HTTP.Needs, known) {
		return provider.Answer{Outcome: provider.Invalid, Detail: "what is known of the person is not what it needs"}
	}
	return g.do(ctx, g.setup.HTTP.Request, known, q)
}

func (g *generic) Poll(ctx context.Context, ticket string, q provider.Query) provider.Answer {
	if g.setup.HTTP.Poll == nil {
		return provider.Answer{Outcome: provider.Failed, Detail: "its configuration has no poll"}
	}
	known := words(q)
	known["ticket"] = ticket
	return g.do(ctx, *g.setup.HTTP.Poll, known, q)
}

// words is what placeholders stand for.
func words(q provider.Query) map[string]string {
	return map[string]string{
		"first_name": q.FirstName, "last_name": q.LastName, "full_name": q.FullName, "company": q.Company,
		"domain": q.Domain, "linkedin_url": q.LinkedInURL, "email": q.Email, "country": q.Country,
	}
}

func enough(needs [][]string, known map[string]string) bool {
	for _, set := range needs {
		all := true
		for _, word := range set {
			all = all && known[word] != ""
		}
		if all {
			return true
		}
	}
	return len(needs) == 0
}

func (g *generic) do(ctx context.Context, r provider.Request, known map[string]string, q provider.Query) provider.Answer {
	path, _, lack := fill(r.Path, known, segment)
	if lack > 0 {
		return provider.Answer{Outcome: provider.Invalid, Detail: "its path needs what is not known of the person"}
	}
	call := provider.Call{Method: r.Method, URL: g.setup.URL + path, Header: http.Header{}}
	query := url.Values{}
	for name, template := range r.Query {
		if text, have, lack := fill(template, known, nil); have > 0 || lack == 0 {
			query.Set(name, text)
		}
	}
	if len(query) > 0 {
		call.URL += "?" + query.Encode()
	}
	for name, template := range r.Headers {
		call.Header.Set(name, strings.ReplaceAll(template, "{key}", g.setup.Key.Reveal()))
	}
	if r.Body != nil {
		body, _ := fillBody(r.Body, known)
		text, err := json.Marshal(body)
		if err != nil {
			return provider.Failure(err)
		}
		call.Body = text
	}
	reply, err := g.setup.Client.Do(ctx, call)
	if err != nil {
		return provider.Failure(err)
	}
	return g.read(reply, q)
}

// read is what a reply means: first by the configured meaning of its HTTP
// status, then by the word at outcome_path, then by the usual meaning of the
// status, where any success is found if it has a value.
func (g *generic) read(reply provider.Reply, q provider.Query) provider.Answer {
	reading := g.setup.HTTP.Answer
	outcome, mapped := reading.Status[reply.Status]
	if reply.Status >= 300 && reply.Status < 400 {
		return reply.Problem()
	}
	doc, err := reply.JSON()
	success := reply.Status >= 200 && reply.Status < 300
	if reading.OutcomePath != "" && err == nil {
		word := at(doc, reading.OutcomePath).Word()
		if o, known := lookUp(reading.Outcomes, word); known && (success || o != provider.Found && o != provider.Pending) {
			outcome, mapped = o, true
		} else if success && !mapped {
			return provider.Answer{Outcome: provider.Failed, Detail: "the word at outcome_path is none of outcomes"}
		}
	}
	if !mapped {
		switch {
		case reply.Status == 202:
			outcome = provider.Pending
		case success:
			outcome = provider.Found
		default:
			return reply.Problem()
		}
	}
	a := provider.Answer{Outcome: outcome, Detail: fmt.Sprintf("HTTP %d", reply.Status)}
	switch {
	case outcome == provider.NotFound && err != nil && len(reply.Body) == 0:
		a.Detail = ""
	case outcome == provider.Found || outcome == provider.Pending || outcome == provider.NotFound:
		// A page in HTML that says 404 is some proxy's, not the source's word.
		if err != nil {
			return provider.Failure(err)
		}
		a.Detail = ""
	}
	switch outcome {
	case provider.Found:
		a = g.draft(doc, q).Answer()
	case provider.Pending:
		a.Ticket = at(doc, reading.Ticket).Text()
		if a.Ticket == "" || g.setup.HTTP.Poll == nil {
			return provider.Answer{Outcome: provider.Failed, Detail: "it is not ready, and gave no ticket to ask by"}
		}
	case provider.RateLimited:
		a.Again = true
	}
	a.RetryAfter = reply.RetryAfter()
	if seconds, err := strconv.ParseFloat(at(doc, reading.RetryAfter).Text(), 64); err == nil && seconds > 0 {
		a.RetryAfter = time.Duration(min(seconds, 3600) * float64(time.Second))
	}
	a.Cost = provider.Amount(at(doc, reading.Cost).Text())
	a.Reference = at(doc, reading.Reference).Text()
	return a
}

func (g *generic) draft(doc provider.Doc, q provider.Query) *provider.Draft {
	d, p := provider.NewDraft(g.setup.Name, q), g.setup.HTTP.Answer.Person
	text := func(path string) string { return at(doc, path).Text() }
	d.Place(text(p.Location), text(p.Country))
	d.Name(text(p.FullName), text(p.FirstName), text(p.LastName))
	d.Job(text(p.Title), text(p.Company), text(p.CompanyDomain))
	d.Profile(text(p.LinkedInURL))
	d.CompanyPhone(text(p.CompanyPhone))
	for _, v := range g.setup.HTTP.Answer.Values {
		list := []provider.Doc{doc}
		if v.Each != "" {
			list = at(doc, v.Each).List()
		}
		for _, one := range list {
			for _, value := range at(one, v.Value).List() {
				switch {
				case value.True():
					d.Withhold(v.Field)
				case v.Field.IsPhone():
					d.Phone(v.Field, value.Text())
				default:
					status, known := lookUp(v.Statuses, at(one, v.Status).Word())
					if !known {
						status = lead.Unverified
					}
					if status != lead.Bounced {
						d.Email(v.Field, value.Text(), status, provider.ParseTime(at(one, v.VerifiedAt).Text()))
					}
				}
			}
		}
	}
	return d
}

// at follows a path of the configuration. The empty path leads nowhere.
func at(doc provider.Doc, path string) provider.Doc {
	if path == "" {
		return provider.Doc{}
	}
	return doc.At(strings.Split(path, ".")...)
}

func lookUp[V any](table map[string]V, word string) (V, bool) {
	for name, v := range table {
		if word != "" && strings.EqualFold(name, word) {
			return v, true
		}
	}
	var none V
	return none, false
}
