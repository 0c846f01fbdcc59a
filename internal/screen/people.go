package screen

import (
	"context"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/words"
)

// People is a page of people who were found in the directory.
type People struct {
	capture.Found
	Rows []FoundPerson
	Page []words.Cost // what capturing all of them costs at most
}

// FoundPerson is one of them, with what a plain capture costs at most.
type FoundPerson struct {
	Person lead.Person // without values
	Fields []KnownField
	Cost   []words.Cost
	Lead   string // on the sheet; empty: not there
	Owned  bool   // a capture would deliver nothing that the workspace does not own
}

// KnownField is a field that is sold, as far as it is free to know.
type KnownField struct {
	Field                string
	Has, Owned, Verified bool // Verified is of the work email
}

// SearchFrame is what surrounds a search: what one capture costs at most, and the day's meter.
type SearchFrame struct {
	Each       []words.Cost
	MayCapture bool
	Used       int64
	Most       *int64 // nil: unlimited
	FreesAt    time.Time
	Searches   []SavedSearch
}

// SavedSearch is a saved view of the search.
type SavedSearch struct {
	View
	New int // people added in the last 24 hours, at most capture.CountedPeople
}

// maxSearches is of how many saved searches new people are counted.
const maxSearches = 20

// People searches the directory.
func (s *Screens) People(ctx context.Context, sc *account.Scope, w capture.Wanted) (p People, err error) {
	if p.Found, err = s.Captures.People(ctx, sc, w); err != nil {
		return p, err
	}
	form, err := s.CaptureForm(ctx, sc)
	if err != nil {
		return p, err
	}
	var all []map[string]unit.Amount
	for _, l := range p.Found.People {
		cost := l.Cost(form.Plain)
		row := FoundPerson{Person: l.Person, Lead: l.Lead, Cost: form.Costs(cost), Owned: l.Lead != ""}
		for _, f := range form.Fields {
			row.Fields = append(row.Fields, known(l, lead.Field(f.Field)))
		}
		all = append(all, cost)
		for _, amount := range cost {
			row.Owned = row.Owned && amount == 0
		}
		p.Rows = append(p.Rows, row)
	}
	p.Page = form.Costs(added(all))
	return p, nil
}

func known(l *capture.Lookup, f lead.Field) KnownField {
	k := KnownField{Field: string(f), Has: l.Has[f], Verified: f == lead.WorkEmail && l.Verified}
	for _, owned := range l.Owned {
		k.Owned = k.Owned || owned == f
	}
	return k
}

// SearchFrame reads it. wanted says what a saved search asks for.
func (s *Screens) SearchFrame(ctx context.Context, sc *account.Scope, wanted func(query string) capture.Wanted) (d SearchFrame, err error) {
	view, err := s.look(ctx, sc)
	if err != nil {
		return d, err
	}
	auto, err := s.Accounts.AutoUnlocks(ctx, sc, sc.Member)
	if err != nil {
		return d, err
	}
	d.Each, d.MayCapture = captureCost(view.Book, auto), sc.Can(account.CaptureLeads)
	meters, err := s.Captures.Meters(ctx, sc)
	if err != nil {
		return d, err
	}
	meter := meters.Workspace[credits.MeterSearchPages]
	if mine, ok := meters.Mine[credits.MeterSearchPages]; ok {
		meter = mine
	}
	d.Used, d.Most, d.FreesAt = meter.Used, meter.Most, meters.FreesAt
	views, err := s.Captures.Views(ctx, sc, capture.PeoplePage)
	if err != nil {
		return d, err
	}
	for n, v := range views {
		one := SavedSearch{View: View{ID: v.ID, Name: v.Name, Query: v.Query, Shared: v.Shared, Mine: sc.MayDropView(v.Member)}}
		if n < maxSearches {
			if one.New, err = s.Captures.NewPeople(ctx, sc, wanted(v.Query), sc.Now.Add(-24*time.Hour)); err != nil {
				return d, err
			}
		}
		d.Searches = append(d.Searches, one)
	}
	return d, nil
}
