// Package enrich asks upstream sources for what the directory does not know, and
// lets the directory learn what they say.
//
// It charges nobody and holds no transaction open while a source is asked. What
// a source finds is kept for the whole server, also when its answer comes after
// everybody stopped waiting; what it could not say is never taken for "nothing
// there".
package enrich

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/job"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Sources are what is behind the directory: those of the configuration's file, and those that the
// operator added. Nil: there are none.
type Sources struct {
	Store     *store.Store
	Directory *directory.Directory
	Clock     func() time.Time
	// Given are the sources of the file, which no page changes.
	Given provider.Settings
	Kinds map[string]provider.Kind
	// Key finds a source's key; empty: there is none.
	Key func(ctx context.Context, c provider.Config) (seal.Secret, error)
	// Seal makes what is kept of a key; nil: none can be kept.
	Seal  func(source string, key seal.Secret) (string, error)
	Build provider.BuildOptions

	now        atomic.Pointer[lineup]
	refreshing sync.Mutex
	// running lets two who ask for the same at once share one search.
	running singleflight.Group
	called  sync.Mutex // one message of a source's at a time
}

// Any reports whether there is a source to ask.
func (s *Sources) Any() bool { return s != nil && len(s.Waterfall().Standings()) > 0 }

// Waterfall asks the sources of this moment.
func (s *Sources) Waterfall() *provider.Waterfall { return s.now.Load().waterfall }

// Found is what a search came to. Match is the person as the directory knows
// them now; without one, Match.Person has no ID.
type Found struct {
	Match  directory.Match
	Fields map[lead.Field]provider.Verdict
}

// Gives tells whether some source may have the field.
func (s *Sources) Gives(f lead.Field) bool {
	return s != nil && slices.Contains(s.Waterfall().Gives(), f)
}

// Longest bounds how long Find takes.
func (s *Sources) Longest() time.Duration { return s.Waterfall().Deadline() }

// Find asks the sources for fields of a person: of the one matched, or of the one who
// the reference means. It continues when the caller has gone, because what it finds
// was asked for and perhaps paid for.
func (s *Sources) Find(ctx context.Context, match directory.Match, ref lead.Reference, fields []lead.Field) (Found, error) {
	q := query(match.Person, ref, fields)
	name, err := json.Marshal(struct {
		ID string
		provider.Query
	}{match.Person.ID, q})
	if err != nil {
		return Found{}, err
	}
	ctx = context.WithoutCancel(ctx)
	found, err, _ := s.running.Do(string(name), func() (any, error) {
		asked := directory.AskedBy(match.Person, lead.Reference{LinkedInURL: q.LinkedInURL, Email: q.Email})
		r := s.Waterfall().Find(ctx, q)
		f, err := s.learn(ctx, match, asked, q, r)
		if err == nil && r.Ticket != nil && !f.Match.Suppressed {
			err = s.keep(ctx, store.SearchRow{ID: ident.New("search"), Person: f.Match.Person.ID}, waiting{*r.Ticket, asked})
		}
		return f, err
	})
	if err != nil {
		return Found{}, err
	}
	return found.(Found), nil
}

func query(p lead.Person, ref lead.Reference, fields []lead.Field) provider.Query {
	q := provider.Query{
		FullName: p.Name(), FirstName: p.FirstName, LastName: p.LastName, Company: p.Company, Domain: p.CompanyDomain,
		LinkedInURL: p.LinkedInURL, Country: p.Country, Fields: fields,
	}
	for _, v := range p.Values {
		if v.Field == lead.WorkEmail && q.Email == "" {
			q.Email = v.Value
		}
	}
	for _, text := range []struct{ into, from *string }{
		{&q.FullName, &ref.FullName}, {&q.Company, &ref.Company}, {&q.Domain, &ref.CompanyDomain}, {&q.LinkedInURL, &ref.LinkedInURL}, {&q.Email, &ref.Email},
	} {
		if *text.into == "" {
			*text.into = *text.from
		}
	}
	if lead.MailboxOf(q.Email) == lead.PlaceholderBox {
		q.Email = ""
	}
	return q.Normal()
}

// learn lets the directory know what was found, in the sources' own words. Somebody of whom nothing was
// found is not added: a name that was asked about is no person yet.
func (s *Sources) learn(ctx context.Context, match directory.Match, asked directory.Asked, q provider.Query, r provider.Result) (Found, error) {
	f := Found{Match: match, Fields: map[lead.Field]provider.Verdict{}}
	for _, one := range r.Fields {
		f.Fields[one.Field] = one.Verdict
	}
	if len(r.Person.Values) == 0 {
		return f, nil
	}
	p := r.Person
	// What a caller typed is not known to be true and stays in their workspace (rule
	// S6). Only a source that was asked by a profile and nothing else answers for it.
	if match.Person.ID == "" && p.LinkedInURL == "" && q.FullName+q.Company+q.Domain+q.Email == "" {
		p.LinkedInURL = q.LinkedInURL
	}
	now := s.Clock().UTC()
	for n := range p.Values {
		if v := &p.Values[n]; v.Status == lead.Verified && v.VerifiedAt.IsZero() {
			v.VerifiedAt = now // it says so now
		}
	}
	learned, err := s.Directory.Learn(ctx, asked, p)
	if fault.Is(err, fault.NotFound) { // erased meanwhile: nothing of them is left to show
		f.Match.Suppressed = true
		return f, nil
	}
	f.Match = learned
	return f, err
}

// waiting is a search that a source is still to answer, and whom it was asked about.
type waiting struct {
	provider.Ticket
	Asked directory.Asked `json:"asked"`
}

// keep remembers a search that a source is still to answer.
func (s *Sources) keep(ctx context.Context, row store.SearchRow, t waiting) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	row.Ticket = string(text)
	rest := lateRest
	for _, w := range t.Waiting {
		rest = max(rest, time.Until(w.Due))
	}
	row.Due = s.Clock().Add(rest).UnixMicro()
	return s.Store.Update(ctx, func(tx *store.Tx) error { return tx.Searches().Put(row) })
}

const (
	// lateRest is the shortest time before a late answer is asked for again.
	lateRest = 30 * time.Second
	// lateAtOnce is how many late answers one server asks for at the same time.
	lateAtOnce = 4
	// searchLease is how long one server has a due search to itself.
	searchLease = 10 * time.Minute
)

// Late asks for answers that came too late for their capture, until ctx ends.
// What they bring enters the directory; nobody is charged for it by that.
func (s *Sources) Late(ctx context.Context) { s.queue().Work(ctx) }

// Round asks once for each answer that is due.
func (s *Sources) Round(ctx context.Context) error {
	q := s.queue()
	err := q.Begin(ctx)
	q.Wait()
	return err
}

func (s *Sources) queue() *job.Queue[store.SearchRow] {
	return &job.Queue[store.SearchRow]{
		Name: "late answers", Store: s.Store, Rows: late{s}, Clock: s.Clock, Lease: searchLease,
		Every: lateRest / 2, AtOnce: lateAtOnce,
	}
}

// late are the searches that a source is still to answer.
type late struct{ *Sources }

func (late) Due(tx *store.Tx, now time.Time, _ []string, room int) ([]store.SearchRow, error) {
	return tx.Searches().Due(now.UnixMicro(), room)
}

func (late) Claim(tx *store.Tx, row store.SearchRow, _, until time.Time) (store.SearchRow, bool, error) {
	mine, err := tx.Searches().Take(row, until.UnixMicro())
	return row, mine, err
}

func (late) Target(store.SearchRow) string { return "" }

func (s late) Run(ctx context.Context, row store.SearchRow) {
	if err := s.ask(ctx, row); err != nil && ctx.Err() == nil {
		slog.Warn("a late answer was not taken; it is asked for again", "search", row.ID, "error", err)
	}
}

func (s late) ask(ctx context.Context, row store.SearchRow) (err error) {
	var t waiting
	if err := json.Unmarshal([]byte(row.Ticket), &t); err != nil {
		return s.drop(ctx, row.ID)
	}
	match := directory.Match{}
	if row.Person != "" {
		match, err = s.Directory.Get(ctx, row.Person)
		if fault.Is(err, fault.NotFound) || err == nil && match.Suppressed {
			return s.drop(ctx, row.ID)
		}
		if err != nil {
			return err
		}
	}
	if t.Asked.ID == "" {
		t.Asked.ID = match.Person.ID
	}
	r := s.Waterfall().Resume(ctx, t.Ticket)
	_, err = s.learn(ctx, match, t.Asked, t.Query, r)
	switch {
	case errors.Is(err, directory.ErrTakenApart):
		return s.drop(ctx, row.ID)
	case err != nil:
		return err
	case r.Ticket != nil:
		return s.keep(ctx, row, waiting{*r.Ticket, t.Asked})
	}
	return s.drop(ctx, row.ID)
}

func (s *Sources) drop(ctx context.Context, id string) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error { return tx.Searches().Drop(id) })
}
