// Package provider is what an upstream source of contact data is, and how
// several are asked in turn.
//
// A source is hostile until it has been read: its replies are bounded in size
// and time, must be JSON, are never followed elsewhere, and every value goes
// through the normalisers of package lead. What goes wrong is an Outcome and
// not an error, because "the source could not say" must never be taken for "the
// source has nothing". Keys travel in headers alone; no Detail and no error
// holds a key, an address of ours or anything about a person.
//
// The package charges nobody and stores nothing.
package provider

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// Outcome is what came of asking one source. The set is closed.
type Outcome string

// The outcomes. Only NotFound says that the source has nothing.
const (
	Found       Outcome = "found"        // at least one value of a wanted field
	NotFound    Outcome = "not_found"    // it looked, and has none of them
	Pending     Outcome = "pending"      // it is still looking: Poll with the ticket
	RateLimited Outcome = "rate_limited" // asked too fast, by its rule or by ours
	OutOfQuota  Outcome = "out_of_quota" // our account with it, or the budget that we set it, is used up
	Forbidden   Outcome = "forbidden"    // it refuses our key, or our plan with it does not show what it has
	OptedOut    Outcome = "opted_out"    // the person objected to being found
	Invalid     Outcome = "invalid"      // what is known of the person is not enough to ask it
	Failed      Outcome = "error"        // anything else: unreachable, too slow, not what its documentation says
)

// Query names a person and says which fields are wanted. Members that are not
// known are empty. Country is an ISO 3166 code, by which numbers without a
// country code are read.
type Query struct {
	FullName    string       `json:"full_name,omitempty"`
	FirstName   string       `json:"first_name,omitempty"`
	LastName    string       `json:"last_name,omitempty"`
	Company     string       `json:"company,omitempty"`
	Domain      string       `json:"domain,omitempty"`
	LinkedInURL string       `json:"linkedin_url,omitempty"`
	Email       string       `json:"email,omitempty"`
	Country     string       `json:"country,omitempty"`
	Fields      []lead.Field `json:"fields"`
}

// Wants tells whether the field is asked for.
func (q Query) Wants(f lead.Field) bool { return slices.Contains(q.Fields, f) }

// Normal is the query with its names filled in from each other, its domain and
// email in the form in which they are kept, and what is not well formed left out.
func (q Query) Normal() Query {
	q.FullName, q.FirstName, q.LastName = plain(q.FullName), plain(q.FirstName), plain(q.LastName)
	if q.FirstName == "" && q.LastName == "" {
		q.FirstName, q.LastName = lead.SplitName(q.FullName)
	}
	if q.FullName == "" {
		q.FullName = strings.TrimSpace(q.FirstName + " " + q.LastName)
	}
	q.Company = plain(q.Company)
	q.Domain, _ = lead.Domain(q.Domain)
	q.Email, _ = lead.Email(q.Email)
	q.Country, _ = lead.Country(q.Country)
	if profile, err := lead.ProfileURL(q.LinkedInURL); err == nil {
		q.LinkedInURL = "https://" + profile
	} else {
		q.LinkedInURL = ""
	}
	return q
}

// Answer is what one source said. Person and its values are normalised, the
// values carry the source's name. Withheld are wanted fields that the source
// has and does not show us. RetryAfter is zero where nothing was said. Ticket is
// for Poll, with Pending. Cost is in the source's own units, as decimal text,
// empty where it is not known. Reference is the source's name for the answer.
// Detail is for the operator: no personal data, no keys. Again says that the
// same question may be asked once more without being paid for twice.
type Answer struct {
	Outcome    Outcome
	Person     lead.Person
	Withheld   []lead.Field
	RetryAfter time.Duration
	Ticket     string
	Cost       string
	Reference  string
	Detail     string
	Again      bool
}

// Provider is one source. Its methods may be called concurrently, return soon
// after the context is done, and never panic whatever the source sends.
type Provider interface {
	// Name is how the operator calls it; unique in a Waterfall.
	Name() string
	// Gives lists the fields that it may answer with.
	Gives() []lead.Field
	// Ask asks for the query's fields. The query is in the form of Normal.
	Ask(ctx context.Context, q Query) Answer
	// Poll asks the outcome of a ticket of Ask, for the same query.
	Poll(ctx context.Context, ticket string, q Query) Answer
}

// Caller is a Provider that calls back when a ticket is ready. Its message is
// unsigned, so nothing but the ticket is read from it.
type Caller interface {
	Provider
	// Called is the ticket that a message is about. The error is safe to show.
	Called(body []byte) (ticket string, err error)
}

// plain makes a bounded text of one line of what anybody wrote.
func plain(s string) string {
	const most = 512 // bytes
	if len(s) > most {
		s = s[:most]
	}
	s = strings.ToValidUTF8(s, "")
	return strings.Join(strings.FieldsFunc(s, isBlank), " ")
}

func isBlank(r rune) bool {
	return r <= ' ' || r >= 0x7f && r <= 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufeff'
}
