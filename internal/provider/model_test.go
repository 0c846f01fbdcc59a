package provider_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
)

// behaviour is what one source of a random world does.
type behaviour struct {
	name     string
	gives    []lead.Field
	outcome  provider.Outcome
	values   map[lead.Field]string // a status, or "phone"
	withheld []lead.Field
	polls    int // times that it is pending first
}

func (b behaviour) answer() provider.Answer {
	a := provider.Answer{Outcome: b.outcome, Withheld: b.withheld}
	if b.outcome != provider.Found {
		return a
	}
	for _, f := range lead.Fields {
		status, has := b.values[f]
		switch {
		case !has:
		case f.IsPhone():
			a.Person.Values = append(a.Person.Values, lead.Value{Field: f, Value: "+44791112345" + b.name, Source: b.name})
		default:
			a.Person.Values = append(a.Person.Values, lead.Value{Field: f, Value: b.name + "@engines.example", Status: status, Source: b.name})
		}
	}
	return a
}

func (b behaviour) fake() *fake {
	left := b.polls
	reply := func() provider.Answer {
		if left--; left >= 0 {
			return provider.Answer{Outcome: provider.Pending, Ticket: b.name}
		}
		return b.answer()
	}
	return &fake{name: b.name, gives: b.gives,
		ask:  func(context.Context, provider.Query) provider.Answer { return reply() },
		poll: func(context.Context, string) provider.Answer { return reply() }}
}

func subset(t *rapid.T, name string) []lead.Field {
	var fields []lead.Field
	for _, f := range lead.Fields {
		if rapid.Bool().Draw(t, name+" "+string(f)) {
			fields = append(fields, f)
		}
	}
	return fields
}

func world(t *rapid.T) []behaviour {
	var list []behaviour
	for i := range rapid.IntRange(0, 4).Draw(t, "sources") {
		b := behaviour{name: fmt.Sprint(i), values: map[lead.Field]string{}}
		b.gives = subset(t, "gives")
		b.outcome = rapid.SampledFrom([]provider.Outcome{provider.Found, provider.Found, provider.Found, provider.NotFound, provider.RateLimited,
			provider.OutOfQuota, provider.Forbidden, provider.Invalid, provider.Failed}).Draw(t, "outcome")
		for _, f := range subset(t, "has") {
			b.values[f] = rapid.SampledFrom([]string{lead.Verified, lead.Likely, lead.Unverified}).Draw(t, "status")
		}
		b.withheld = subset(t, "withholds")
		if b.outcome != provider.Failed && b.outcome != provider.RateLimited { // a poll that comes to that is made again
			b.polls = rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "polls")
		}
		list = append(list, b)
	}
	return list
}

// expect is one field by the rule alone: go through the sources in order until
// one ends the search, and count those that were asked for another field's sake.
func expect(f lead.Field, order []behaviour, asked func(string) bool) (provider.Verdict, int) {
	ended, values, unknown := false, 0, false
	for _, b := range order {
		if !slices.Contains(b.gives, f) || ended && !asked(b.name) {
			continue
		}
		status, has := b.values[f]
		switch {
		case b.outcome == provider.Found && has:
			values++
			ended = ended || f != lead.WorkEmail || status == lead.Verified
		case b.outcome != provider.Found && b.outcome != provider.NotFound, slices.Contains(b.withheld, f):
			unknown = true
		}
	}
	switch {
	case values > 0:
		return provider.FieldFound, values
	case unknown:
		return provider.FieldUnknown, 0
	}
	return provider.FieldMissing, 0
}

// However sources behave and whatever is asked, the verdicts are those of the
// rule, nobody is asked twice, and nobody in vain.
func TestWaterfallIsTheModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all, wanted := world(rt), subset(rt, "wants")
		var problem string
		synctest.Test(t, func(*testing.T) { problem = contradiction(all, wanted) })
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}

// contradiction runs one search of a world and says what is not as the rule has
// it, or nothing.
func contradiction(all []behaviour, wanted []lead.Field) string {
	var sources []provider.Source
	var fakes []*fake
	for _, b := range all {
		fakes = append(fakes, b.fake())
		sources = append(sources, provider.Source{Provider: fakes[len(fakes)-1], Limits: quick})
	}
	w, err := provider.NewWaterfall(sources, nil, time.Hour, provider.Options{})
	if err != nil {
		return err.Error()
	}
	r := w.Find(context.Background(), ada(wanted...))
	if r.Ticket != nil || len(r.Fields) != len(wanted) {
		return fmt.Sprintf("a ticket, or fields %v", r.Fields)
	}
	for _, f := range wanted {
		got := r.Field(f)
		tried := func(name string) bool {
			return slices.ContainsFunc(got.Tried, func(t provider.Try) bool { return t.Provider == name })
		}
		verdict, values := expect(f, all, tried)
		if got.Verdict != verdict || len(got.Values) > values || verdict == provider.FieldFound && len(got.Values) == 0 {
			return fmt.Sprintf("%s is %s with %d values after %s; want %s with %d", f, got.Verdict, len(got.Values), tries(got), verdict, values)
		}
	}
	for i, one := range fakes {
		switch {
		case len(one.asks) > 1, len(one.asks) == 1 && len(one.asks[0].Fields) == 0:
			return fmt.Sprintf("source %d was asked %v", i, one.asks)
		case len(one.asks) == 1 && !needed(all, wanted, all[i]):
			return fmt.Sprintf("source %d was asked in vain; %+v", i, r.Fields)
		}
	}
	return ""
}

// needed tells whether some field had not been found by the sources before b.
func needed(order []behaviour, wanted []lead.Field, b behaviour) bool {
	for _, f := range wanted {
		if !slices.Contains(b.gives, f) {
			continue
		}
		open := true
		for _, other := range order {
			if other.name == b.name {
				break
			}
			status, has := other.values[f]
			if slices.Contains(other.gives, f) && other.outcome == provider.Found && has && (f != lead.WorkEmail || status == lead.Verified) {
				open = false
			}
		}
		if open {
			return true
		}
	}
	return false
}
