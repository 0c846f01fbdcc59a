// Package dropcontact asks Dropcontact to enrich a person (API version 1).
//
// Dropcontact takes a batch, works for some seconds to minutes and is then asked
// for the result; here a batch is one person. It needs an email, a LinkedIn
// profile, or a name with a company or domain. An email that it found costs one
// of its credits, nothing else does.
//
// Its 200 is not a success until success is true: a batch that is not ready and
// one that it does not know answer alike, so a ticket that stays unready is given
// up by age and not by what is said of it.
package dropcontact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
)

// Kind is how a configuration makes one.
var Kind = provider.Kind{
	Gives: []lead.Field{lead.WorkEmail, lead.WorkPhone, lead.MobilePhone},
	URL:   "https://api.dropcontact.com/v1",
	Reads: []string{"callback_url"},
	New:   func(s provider.Setup) (provider.Provider, error) { return &dropcontact{s}, nil },
}

// phones are the names of our fields in a record.
var phones = map[lead.Field]string{lead.MobilePhone: "mobile_phone", lead.WorkPhone: "phone"}

type dropcontact struct{ setup provider.Setup }

func (d *dropcontact) Name() string        { return d.setup.Name }
func (d *dropcontact) Gives() []lead.Field { return d.setup.Fields }

func (d *dropcontact) Ask(ctx context.Context, q provider.Query) provider.Answer {
	body, enough := d.body(q)
	if !enough {
		return provider.Answer{Outcome: provider.Invalid, Detail: "it needs an email, a LinkedIn profile, or a name with a company or domain"}
	}
	doc, problem := d.call(ctx, http.MethodPost, "/enrich/all", body)
	if problem != nil {
		return *problem
	}
	ticket := doc.At("request_id").Text()
	if !doc.At("success").True() || !isTicket(ticket) {
		return provider.Answer{Outcome: provider.Failed, Detail: "it did not take the request", Reference: reference(ticket)}
	}
	return provider.Answer{Outcome: provider.Pending, Ticket: ticket, Reference: ticket, Detail: left(doc)}
}

func (d *dropcontact) Poll(ctx context.Context, ticket string, q provider.Query) provider.Answer {
	if !isTicket(ticket) {
		return provider.Answer{Outcome: provider.Invalid, Detail: "the ticket is not one of Dropcontact's"}
	}
	doc, problem := d.call(ctx, http.MethodGet, "/enrich/all/"+ticket, nil)
	switch {
	case problem != nil:
		return *problem
	case !doc.At("success").True():
		return provider.Answer{Outcome: provider.Pending, Ticket: ticket, Reference: ticket}
	case !doc.Has("data"):
		return provider.Answer{Outcome: provider.Failed, Detail: "its result has no data", Reference: ticket}
	}
	a := d.draft(doc.At("data", "0"), q).Answer()
	a.Reference, a.Detail, a.Cost = ticket, left(doc), "0"
	if len(a.Person.ValuesOf(lead.WorkEmail)) > 0 {
		a.Cost = "1"
	}
	return a
}

// Called reads a finished batch as it is sent to callback_url: the same members
// as a result has, of which the ticket alone counts.
func (d *dropcontact) Called(body []byte) (string, error) {
	doc, err := provider.ParseDoc(body)
	if err != nil {
		return "", err
	}
	ticket := doc.At("request_id").Text()
	if !isTicket(ticket) {
		return "", errors.New("the message has no request_id")
	}
	return ticket, nil
}

// body is a batch of the one person.
func (d *dropcontact) body(q provider.Query) ([]byte, bool) {
	if q.Email == "" && q.LinkedInURL == "" && (q.FullName == "" || q.Company == "" && q.Domain == "") {
		return nil, false
	}
	record := map[string]string{}
	for name, value := range map[string]string{
		"first_name": q.FirstName, "last_name": q.LastName, "full_name": q.FullName, "company": q.Company,
		"website": q.Domain, "linkedin": q.LinkedInURL, "email": q.Email,
	} {
		if value != "" {
			record[name] = value
		}
	}
	batch := map[string]any{"data": []any{record}, "siren": false, "language": "en"}
	if d.setup.CallbackURL != "" {
		batch["custom_callback_url"] = d.setup.CallbackURL
	}
	body, err := json.Marshal(batch)
	return body, err == nil
}

// call makes a call and reads its JSON. A 403 is a whole batch refused for want
// of credits, which its reason says, or an account that is none.
func (d *dropcontact) call(ctx context.Context, method, path string, body []byte) (provider.Doc, *provider.Answer) {
	reply, err := d.setup.Client.Do(ctx, provider.Call{
		Method: method, URL: d.setup.URL + path, Body: body,
		Header: http.Header{"X-Access-Token": {d.setup.Key.Reveal()}},
	})
	if err != nil {
		a := provider.Failure(err)
		return provider.Doc{}, &a
	}
	doc, err := reply.JSON()
	switch {
	case reply.Status == 403 && err == nil && strings.Contains(doc.At("reason").Word(), "credit"):
		a := reply.Problem()
		a.Outcome = provider.OutOfQuota
		return doc, &a
	case reply.Status != 200:
		a := reply.Problem()
		return doc, &a
	case err != nil:
		a := provider.Failure(err)
		return doc, &a
	}
	return doc, nil
}

func (d *dropcontact) draft(record provider.Doc, q provider.Query) *provider.Draft {
	draft := provider.NewDraft(d.setup.Name, q)
	draft.Place("", record.At("country").Text())
	draft.Name(record.At("full_name").Text(), record.At("first_name").Text(), record.At("last_name").Text())
	draft.Job(record.At("job").Text(), record.At("company").Text(), record.At("website").Text())
	draft.Profile(record.At("linkedin").Text())
	for _, one := range record.At("email").List() {
		if status, ok := status(one.At("qualification").Word()); ok {
			draft.Email(lead.WorkEmail, one.At("email").Text(), status, time.Now())
		}
	}
	for _, f := range []lead.Field{lead.MobilePhone, lead.WorkPhone} {
		for _, one := range record.At(phones[f]).List() {
			draft.Phone(f, one.Text())
			draft.Phone(f, one.At("number").Text())
		}
	}
	return draft
}

// status is what a qualification, such as nominative@pro, makes of an email. It
// verifies while it enriches, and calls nominative what is one person's and can
// be delivered to. False is an address that is nobody's own, private, or dead.
func status(qualification string) (string, bool) {
	kind, sphere, _ := strings.Cut(qualification, "@")
	if sphere != "" && sphere != "pro" {
		return "", false
	}
	switch kind {
	case "nominative":
		return lead.Verified, true
	case "catch_all", "catchall":
		return lead.Likely, true
	case "generic", "invalid", "random", "disposable", "role", "group":
		return "", false
	}
	return lead.Unverified, true
}

// left is what the account has left, for the operator.
func left(doc provider.Doc) string {
	// A number this large is no balance; an answer may hold anything, a phone number too.
	if n, ok := doc.At("credits_left").Int(); ok && n >= 0 && n < 100_000_000 {
		return fmt.Sprint(n, " credits left")
	}
	return ""
}

// isTicket tells whether a text may be put into a URL's path as a request's id.
func isTicket(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return s != "" && len(s) <= 128 && strings.Trim(s, letters) == ""
}

func reference(ticket string) string {
	if isTicket(ticket) {
		return ticket
	}
	return ""
}
