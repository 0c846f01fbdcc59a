package provider_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
)

// fake is a source that answers what a test says, in a bubble of fake time.
type fake struct {
	name  string
	gives []lead.Field
	ask   func(ctx context.Context, q provider.Query) provider.Answer
	poll  func(ctx context.Context, ticket string) provider.Answer

	mu    sync.Mutex
	asks  []provider.Query
	polls []string
	at    []time.Time
}

func (f *fake) Name() string        { return f.name }
func (f *fake) Gives() []lead.Field { return f.gives }

func (f *fake) Ask(ctx context.Context, q provider.Query) provider.Answer {
	f.mu.Lock()
	f.asks, f.at = append(f.asks, q), append(f.at, time.Now())
	f.mu.Unlock()
	return f.ask(ctx, q)
}

func (f *fake) Poll(ctx context.Context, ticket string, _ provider.Query) provider.Answer {
	f.mu.Lock()
	f.polls = append(f.polls, ticket)
	f.mu.Unlock()
	return f.poll(ctx, ticket)
}

func (f *fake) Called(body []byte) (string, error) { return string(body), nil }

// says is a source that always answers the same.
func says(name string, a provider.Answer, fields ...lead.Field) *fake {
	return &fake{name: name, gives: fields, ask: func(context.Context, provider.Query) provider.Answer { return own(name, a) }}
}

func own(name string, a provider.Answer) provider.Answer {
	a.Person.Values = slices.Clone(a.Person.Values)
	for i := range a.Person.Values {
		a.Person.Values[i].Source = name
	}
	return a
}

func email(value, status string) lead.Value {
	return lead.Value{Field: lead.WorkEmail, Value: value, Status: status}
}

var mobile = lead.Value{Field: lead.MobilePhone, Value: "+447911123456"}

func found(values ...lead.Value) provider.Answer {
	return provider.Answer{Outcome: provider.Found, Person: lead.Person{Values: values}}
}

func outcome(o provider.Outcome) provider.Answer { return provider.Answer{Outcome: o} }

// quick limits do not limit, and a try is not made again.
var quick = provider.Limits{Concurrency: 100, PerSecond: 1000, Burst: 1000, Retries: -1, PauseAfter: 1000}

func waterfall(t testing.TB, deadline time.Duration, o provider.Options, limits provider.Limits, fakes ...*fake) *provider.Waterfall {
	t.Helper()
	var sources []provider.Source
	for _, f := range fakes {
		sources = append(sources, provider.Source{Provider: f, Limits: limits})
	}
	w, err := provider.NewWaterfall(sources, nil, deadline, o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func ada(fields ...lead.Field) provider.Query {
	return provider.Query{FullName: "Ada Lovelace", Domain: "engines.example", Fields: fields}
}

func tries(r provider.FieldResult) string {
	text := ""
	for _, t := range r.Tried {
		text += t.Provider + ":" + string(t.Outcome) + " "
	}
	return text
}
