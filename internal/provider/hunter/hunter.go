// Package hunter asks Hunter's email finder (hunter.io, API version 2).
//
// It needs a LinkedIn profile, or a name with a domain or company. A search that
// finds nothing is free with Hunter; one that finds an email costs one credit.
// What it searches by is in the URL, as Hunter has it; the key is in a header.
package hunter

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
)

// Kind is how a configuration makes one.
var Kind = provider.Kind{
	Gives: []lead.Field{lead.WorkEmail, lead.WorkPhone},
	URL:   "https://api.hunter.io/v2",
	New:   func(s provider.Setup) (provider.Provider, error) { return &hunter{s}, nil },
}

// likelyScore is the confidence, of 100, from which an email that could not be
// verified is taken for likely.
const likelyScore = 80

// again is the ticket of a search that continues: Hunter has none, the same call
// made again is the poll and counts once.
const again = "again"

type hunter struct{ setup provider.Setup }

func (h *hunter) Name() string        { return h.setup.Name }
func (h *hunter) Gives() []lead.Field { return h.setup.Fields }

func (h *hunter) Poll(ctx context.Context, _ string, q provider.Query) provider.Answer {
	return h.Ask(ctx, q)
}

func (h *hunter) Ask(ctx context.Context, q provider.Query) provider.Answer {
	search, enough := parameters(q)
	if !enough {
		return provider.Answer{Outcome: provider.Invalid, Detail: "it needs a LinkedIn profile, or a first and last name with a domain or company"}
	}
	reply, err := h.setup.Client.Do(ctx, provider.Call{
		Method: http.MethodGet, URL: h.setup.URL + "/email-finder?" + search.Encode(),
		Header: http.Header{"X-Api-Key": {h.setup.Key.Reveal()}},
	})
	if err != nil {
		return provider.Failure(err)
	}
	return h.read(reply, q)
}

// parameters is what the finder is asked. A domain says more than a company's
// name and a profile on LinkedIn more than either, and Hunter takes one of them.
func parameters(q provider.Query) (url.Values, bool) {
	search := url.Values{}
	named := q.FirstName != "" && q.LastName != ""
	if named {
		search.Set("first_name", q.FirstName)
		search.Set("last_name", q.LastName)
	}
	_, handle, linked := strings.Cut(q.LinkedInURL, "linkedin.com/in/")
	switch {
	case named && q.Domain != "":
		search.Set("domain", q.Domain)
	case linked:
		search.Set("linkedin_handle", handle)
	case named && q.Company != "":
		search.Set("company", q.Company)
	default:
		return nil, false
	}
	return search, true
}

// read is what a reply means. Hunter says 403 for too many calls a second and
// 429 for a used-up plan; a 429 that says when to come back is a throttle.
func (h *hunter) read(reply provider.Reply, q provider.Query) provider.Answer {
	switch reply.Status {
	case 200, 202, 404:
	case 222:
		return provider.Answer{Outcome: provider.Failed, Detail: "HTTP 222: the mail server could not be asked", Again: true}
	case 403:
		a := reply.Problem()
		a.Outcome, a.Again = provider.RateLimited, true
		return a
	case 429:
		a := reply.Problem()
		if a.RetryAfter == 0 {
			a.Outcome, a.Again = provider.OutOfQuota, false
		}
		return a
	default:
		return reply.Problem()
	}
	doc, err := reply.JSON()
	switch {
	case err != nil:
		return provider.Failure(err)
	case reply.Status == 202:
		return provider.Answer{Outcome: provider.Pending, Ticket: again, RetryAfter: max(2*time.Second, reply.RetryAfter())}
	case reply.Status == 404 && doc.Has("errors"):
		return provider.Answer{Outcome: provider.NotFound, Cost: "0"}
	case reply.Status == 404 || !doc.Has("data"):
		a := reply.Problem()
		a.Detail += ": not Hunter's reply"
		return a
	}
	a := h.draft(doc.At("data"), q).Answer()
	a.Cost = "0"
	if doc.At("data", "email").Text() != "" {
		a.Cost = "1"
	}
	return a
}

func (h *hunter) draft(data provider.Doc, q provider.Query) *provider.Draft {
	d := provider.NewDraft(h.setup.Name, q)
	d.Name("", data.At("first_name").Text(), data.At("last_name").Text())
	d.Job(data.At("position").Text(), data.At("company").Text(), data.At("domain").Text())
	d.Profile(data.At("linkedin_url").Text())
	score, _ := data.At("score").Int()
	if status, deliverable := status(data.At("verification", "status").Word(), score); deliverable {
		d.Email(lead.WorkEmail, data.At("email").Text(), status, provider.ParseTime(data.At("verification", "date").Text()))
	}
	d.Phone(lead.WorkPhone, data.At("phone_number").Text())
	return d
}

// status is what Hunter's verification makes of an email. Only its own "valid"
// verifies. False is an address that it says cannot be delivered to, or that
// somebody took for a day.
func status(word string, score int) (string, bool) {
	switch word {
	case "valid":
		return lead.Verified, true
	case "invalid", "disposable":
		return "", false
	}
	if score >= likelyScore {
		return lead.Likely, true
	}
	return lead.Unverified, true
}
