package provider

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// Verdict is what a search comes to for one field. The set is closed.
type Verdict string

// The verdicts. FieldMissing is certain: every source that gives the field
// answered that it has none. FieldUnknown is not: some source could not say.
const (
	FieldFound    Verdict = "found"
	FieldMissing  Verdict = "not_found"
	FieldUnknown  Verdict = "provider_error"
	FieldPending  Verdict = "pending"   // a source is still looking; values so far may be there, but none that ends the search
	FieldOptedOut Verdict = "opted_out" // the person objected to a source: nothing of them is given, whatever others said
)

// Try is one source's last word on one field.
type Try struct {
	Provider string  `json:"provider"`
	Outcome  Outcome `json:"outcome"`
}

// FieldResult is the outcome of one field. Values are the best first.
type FieldResult struct {
	Field   lead.Field   `json:"field"`
	Verdict Verdict      `json:"verdict"`
	Values  []lead.Value `json:"values,omitempty"`
	Tried   []Try        `json:"tried,omitempty"`
}

// Result is what a search comes to. Fields are in the order asked. Person holds
// their values and what the sources said of the person beside; its ids are
// empty. Attempts are the calls of this search, each once however many fields it
// was for. Ticket is not nil where something is pending.
type Result struct {
	Fields   []FieldResult
	Person   lead.Person
	Attempts []Attempt
	Ticket   *Ticket
}

// Field is the result of one field; the zero value is one that was not asked for.
func (r Result) Field(f lead.Field) FieldResult {
	for _, one := range r.Fields {
		if one.Field == f {
			return one
		}
	}
	return FieldResult{}
}

// Ticket is a search that was interrupted, to be resumed. It may be kept as
// JSON, and only where the person may be: it holds personal data.
type Ticket struct {
	Query   Query         `json:"query"`
	Fields  []FieldResult `json:"fields"`
	Person  lead.Person   `json:"person"`
	Waiting []Waiting     `json:"waiting"`
}

// Waiting is one source's answer that is to come. Due is when to ask for it.
type Waiting struct {
	Provider string       `json:"provider"`
	ID       string       `json:"id"`
	Fields   []lead.Field `json:"fields"`
	Since    time.Time    `json:"since"`
	Due      time.Time    `json:"due"`
}

// ticketLife is how long a source is asked for an answer that does not come.
const ticketLife = 24 * time.Hour

// Options is what a Waterfall needs from outside. Every member may be zero.
type Options struct {
	Budget Budget        // nil forgets with the process
	Stats  func(Attempt) // called once an attempt, from several goroutines; must be quick
	Random func() float64
}

func (o Options) whole() Options {
	if o.Budget == nil {
		o.Budget = &MemoryBudget{}
	}
	if o.Stats == nil {
		o.Stats = func(Attempt) {}
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	return o
}

// Source is a provider with its limits.
type Source struct {
	Provider
	Limits Limits
}

// Waterfall asks several sources in turn. It may be used concurrently.
//
// For each field the sources are asked in the field's order until one gives a
// verified value; phones and personal emails are not verified by anybody, so the
// first found ends their search. A source is asked once in a search, for every
// field that is still open and that it gives. A field waits for a source that
// answers later, while the other fields continue.
type Waterfall struct {
	lanes    map[string]*lane
	names    []string
	order    map[lead.Field][]string
	deadline time.Duration
	resting  []string // see Settings
	close    []func()
}

// NewWaterfall puts sources behind each other. A field that order does not name
// is asked of every source that gives it, in the order of sources; an empty list
// asks nobody. Deadline bounds a whole search; 0 is 20 seconds.
func NewWaterfall(sources []Source, order map[lead.Field][]string, deadline time.Duration, o Options) (*Waterfall, error) {
	if deadline <= 0 {
		deadline = 20 * time.Second
	}
	o = o.whole()
	w := &Waterfall{lanes: map[string]*lane{}, order: map[lead.Field][]string{}, deadline: deadline}
	for _, s := range sources {
		if w.lanes[s.Name()] != nil {
			return nil, fmt.Errorf("there are two providers called %q", s.Name())
		}
		w.lanes[s.Name()] = newLane(s.Provider, s.Limits, o)
		w.names = append(w.names, s.Name())
	}
	for _, f := range lead.Fields {
		names, ruled := order[f]
		if !ruled {
			for _, name := range w.names {
				if w.lanes[name].gives(f) {
					names = append(names, name)
				}
			}
		}
		for i, name := range names {
			switch l := w.lanes[name]; {
			case l == nil:
				return nil, fmt.Errorf("provider_order.%s names %q, which is no provider", f, name)
			case !l.gives(f):
				return nil, fmt.Errorf("provider_order.%s names %q, which does not give that field", f, name)
			case slices.Contains(names[:i], name):
				return nil, fmt.Errorf("provider_order.%s names %q twice", f, name)
			}
		}
		w.order[f] = names
	}
	for f := range order {
		if _, known := lead.ParseField(string(f)); !known {
			return nil, fmt.Errorf("provider_order.%s is no field; the fields are %v", f, lead.Fields)
		}
	}
	return w, nil
}

// Gives lists the fields that some source is asked for.
func (w *Waterfall) Gives() []lead.Field {
	var fields []lead.Field
	for _, f := range lead.Fields {
		if len(w.order[f]) > 0 {
			fields = append(fields, f)
		}
	}
	return fields
}

// Find searches for the query's fields. A field that no source gives is missing.
// It returns when every field has its verdict, at the deadline, or soon after
// the context is done, and leaves nothing running.
func (w *Waterfall) Find(ctx context.Context, q Query) Result {
	s := newSearch(w, q.Normal())
	return s.run(ctx)
}

// Resume continues a search that had something pending, within a deadline of
// its own. The result is of the whole search; its attempts are the new ones.
func (w *Waterfall) Resume(ctx context.Context, t Ticket) Result {
	s := newSearch(w, t.Query.Normal())
	s.restore(t)
	return s.run(ctx)
}

// Accept reads the message by which a source calls back, and returns the ID in
// Ticket.Waiting that it is about. Its data is not used, as anybody could send
// it: Resume asks the source itself. The error is safe to show.
func (w *Waterfall) Accept(provider string, body []byte) (string, error) {
	l := w.lanes[provider]
	if l == nil {
		return "", fmt.Errorf("there is no provider called %q", plain(provider))
	}
	caller, calls := l.Provider.(Caller)
	if !calls {
		return "", fmt.Errorf("the provider %q does not call back", provider)
	}
	const most = 1 << 20 // bytes
	if len(body) > most {
		return "", errors.New("the message is larger than 1 MiB")
	}
	return caller.Called(body)
}

// Standing is how a source does at the moment.
type Standing struct {
	Provider string       `json:"provider"`
	Fields   []lead.Field `json:"fields"`
	State    string       `json:"state"`     // open to calls: "closed"; paused: "open"; trying one call: "half-open"
	UnderWay int          `json:"under_way"` // calls at this moment
}

// Standings is how every source does, in their order.
func (w *Waterfall) Standings() []Standing {
	list := make([]Standing, len(w.names))
	for i, name := range w.names {
		l := w.lanes[name]
		list[i] = Standing{Provider: name, Fields: l.Gives(), State: l.breaker.State().String(), UnderWay: len(l.slots)}
	}
	return list
}

// Close lets go of idle connections.
func (w *Waterfall) Close() {
	for _, c := range w.close {
		c()
	}
}

// Deadline bounds how long one Find or Resume takes.
func (w *Waterfall) Deadline() time.Duration { return w.deadline }
