package provider

import (
	"context"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// The bounds on waiting for one answer.
const (
	shortestPoll = time.Second
	mostMisses   = 3 // polls in a row that come to nothing, after which a search no longer waits for the source
)

// search is one Find or Resume under way. It runs in its caller's goroutine
// alone.
type search struct {
	w        *Waterfall
	q        Query
	fields   []*FieldResult
	waiting  []*parked
	person   lead.Person
	attempts []Attempt
	optedOut bool
}

type parked struct {
	Waiting
	misses int
}

func newSearch(w *Waterfall, q Query) *search {
	s := &search{w: w, q: q}
	for _, f := range q.Fields {
		if !slices.ContainsFunc(s.fields, func(r *FieldResult) bool { return r.Field == f }) {
			s.fields = append(s.fields, &FieldResult{Field: f})
		}
	}
	return s
}

// restore takes up what a ticket says. The tries that were pending are again.
func (s *search) restore(t Ticket) {
	s.person = t.Person
	for _, r := range s.fields {
		for _, old := range t.Fields {
			if old.Field == r.Field {
				r.Values = slices.Clone(old.Values)
				r.Tried = slices.DeleteFunc(slices.Clone(old.Tried), func(t Try) bool { return t.Outcome == Pending })
			}
		}
	}
	for _, one := range t.Waiting {
		s.waiting = append(s.waiting, &parked{Waiting: one})
	}
}

func (s *search) run(ctx context.Context) Result {
	ctx, cancel := context.WithTimeout(ctx, s.w.deadline)
	defer cancel()
	for ctx.Err() == nil && !s.optedOut {
		if l := s.next(); l != nil {
			s.ask(ctx, l)
		} else if !s.await(ctx) {
			break
		}
	}
	return s.result()
}

// done tells whether a field needs no further source.
func done(r *FieldResult) bool {
	if r.Field != lead.WorkEmail {
		return len(r.Values) > 0
	}
	return slices.ContainsFunc(r.Values, func(v lead.Value) bool { return v.Status == lead.Verified })
}

func tried(r *FieldResult, name string) bool {
	return slices.ContainsFunc(r.Tried, func(t Try) bool { return t.Provider == name })
}

// waits tells whether a source's answer is outstanding for a field.
func (s *search) waits(f lead.Field, name string) bool {
	return slices.ContainsFunc(s.waiting, func(p *parked) bool {
		return (name == "" || p.Provider == name) && slices.Contains(p.Fields, f)
	})
}

// needed tells whether some field is still open that an outstanding answer is for.
func (s *search) needed(p *parked) bool {
	return slices.ContainsFunc(s.fields, func(r *FieldResult) bool { return !done(r) && slices.Contains(p.Fields, r.Field) })
}

// next is the source to ask now: the next in order of the first field that is
// open and waits for nobody. Nil means that there is none.
func (s *search) next() *lane {
	for _, r := range s.fields {
		if done(r) || s.waits(r.Field, "") {
			continue
		}
		for _, name := range s.w.order[r.Field] {
			if !tried(r, name) {
				return s.w.lanes[name]
			}
		}
	}
	return nil
}

// ask asks a source for all that is open and that it gives.
func (s *search) ask(ctx context.Context, l *lane) {
	q := s.q
	q.Fields = nil
	for _, r := range s.fields {
		if !done(r) && !tried(r, l.Name()) && !s.waits(r.Field, l.Name()) && slices.Contains(s.w.order[r.Field], l.Name()) {
			q.Fields = append(q.Fields, r.Field)
		}
	}
	a := l.ask(ctx, q, s.saw)
	if a.Outcome == Pending {
		now := time.Now()
		s.waiting = append(s.waiting, &parked{Waiting: Waiting{
			Provider: l.Name(), ID: a.Ticket, Fields: q.Fields, Since: now.UTC(), Due: now.Add(l.pause(a)).UTC(),
		}})
		return
	}
	s.take(l.Name(), q.Fields, a)
}

func (s *search) saw(a Attempt) { s.attempts = append(s.attempts, a) }

// pause is how long to wait before a poll.
func (l *lane) pause(a Answer) time.Duration {
	if a.RetryAfter > 0 {
		return max(shortestPoll, a.RetryAfter)
	}
	return max(shortestPoll, l.limits.PollEvery)
}

// await waits for the answer that is due first and polls it. False means that
// there is none, or none before the deadline.
func (s *search) await(ctx context.Context) bool {
	var first *parked
	for _, p := range s.waiting {
		if s.needed(p) && p.misses < mostMisses && (first == nil || p.Due.Before(first.Due)) {
			first = p
		}
	}
	if first == nil {
		return false
	}
	if deadline, set := ctx.Deadline(); set && !first.Due.Before(deadline) {
		return false
	}
	timer := time.NewTimer(time.Until(first.Due))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	}
	s.poll(ctx, first)
	return true
}

// poll asks for one outstanding answer. A poll that fails loses nothing: the
// answer may be paid for, so it stays outstanding until it is too old.
func (s *search) poll(ctx context.Context, p *parked) {
	a := Answer{Outcome: Failed}
	l := s.w.lanes[p.Provider]
	switch young := time.Since(p.Since) < ticketLife; {
	case l == nil && young && slices.Contains(s.w.resting, p.Provider):
		p.misses = mostMisses
		return
	case l != nil && young:
		q := s.q
		q.Fields = p.Fields
		a = l.poll(ctx, p.ID, q, s.saw)
		switch a.Outcome {
		case Pending:
			p.misses, p.Due = 0, time.Now().Add(l.pause(a)).UTC()
			return
		case Failed, RateLimited:
			p.misses++
			p.Due = time.Now().Add(l.pause(a)).UTC()
			return
		}
	}
	s.waiting = slices.DeleteFunc(s.waiting, func(other *parked) bool { return other == p })
	s.take(p.Provider, p.Fields, a)
}

// take enters a source's last word for the fields that it was asked for.
func (s *search) take(name string, asked []lead.Field, a Answer) {
	if a.Outcome == OptedOut {
		s.optedOut = true
	}
	if a.Outcome == Found && !s.same(a.Person) {
		// The source knows somebody, and not whom we asked about.
		a = Answer{Outcome: NotFound}
	}
	for _, r := range s.fields {
		if !slices.Contains(asked, r.Field) {
			continue
		}
		outcome := a.Outcome
		if values := a.Person.ValuesOf(r.Field); a.Outcome == Found && len(values) > 0 {
			merge(r, values)
		} else if slices.Contains(a.Withheld, r.Field) {
			outcome = Forbidden
		} else if a.Outcome == Found {
			outcome = NotFound
		}
		r.Tried = append(r.Tried, Try{name, outcome})
	}
	if a.Outcome == Found {
		s.learn(a.Person)
	}
}

// result gives every field its verdict.
func (s *search) result() Result {
	result := Result{Attempts: s.attempts, Person: s.person}
	if s.optedOut {
		result.Person = lead.Person{}
	}
	for _, r := range s.fields {
		one := *r
		one.Verdict = s.verdict(&one)
		if s.optedOut {
			one.Values = nil
		}
		result.Fields = append(result.Fields, one)
		result.Person.Values = append(result.Person.Values, one.Values...)
	}
	result.Ticket = s.ticket(result.Fields)
	return result
}

// ticket is what is needed to continue later, nil where nothing is outstanding.
func (s *search) ticket(fields []FieldResult) *Ticket {
	ticket := &Ticket{Query: s.q, Fields: fields, Person: s.person}
	for _, p := range s.waiting {
		if s.needed(p) {
			ticket.Waiting = append(ticket.Waiting, p.Waiting)
		}
	}
	if len(ticket.Waiting) == 0 || s.optedOut {
		return nil
	}
	return ticket
}

// verdict also enters the sources that a field waits for, or that there was no
// time to ask.
func (s *search) verdict(r *FieldResult) Verdict {
	if s.optedOut {
		return FieldOptedOut
	}
	r.Tried = slices.Clone(r.Tried)
	finished := done(r)
	for _, p := range s.waiting {
		if slices.Contains(p.Fields, r.Field) {
			r.Tried = append(r.Tried, Try{p.Provider, Pending})
		}
	}
	switch {
	case finished:
		return FieldFound
	case s.waits(r.Field, ""):
		return FieldPending
	}
	unknown := false
	for _, t := range r.Tried {
		unknown = unknown || t.Outcome != NotFound
	}
	for _, name := range s.w.order[r.Field] {
		if !tried(r, name) {
			unknown = true
		}
	}
	switch {
	case len(r.Values) > 0:
		return FieldFound
	case unknown:
		return FieldUnknown
	}
	return FieldMissing
}
