package screen

import (
	"context"
	"slices"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/words"
)

// Sheet is a page of the lead sheet, with what it can be searched by.
type Sheet struct {
	Rows   []Row
	Total  int          // how many leads match
	More   bool         // there is a page after this one
	Before bool         // and one before
	Types  []string     // credit types
	Seq    int64        // newest entry of the ledger
	AtMost []words.Cost // what a plain capture costs at most
	// Next and Previous continue the list behind and ahead of the page; a filter's Cursor.
	Next, Previous string
	Members        []Choice
	Lists, Tags    []string
}

// Sheet reads a page of as many leads as the filter limits it to.
func (s *Screens) Sheet(ctx context.Context, sc *account.Scope, f capture.Filter) (p Sheet, err error) {
	view, err := s.look(ctx, sc, own(sc)...)
	if err != nil {
		return p, err
	}
	auto, err := s.Accounts.AutoUnlocks(ctx, sc, sc.Member)
	if err != nil {
		return p, err
	}
	p.Seq, p.AtMost, p.Types = view.Seq, captureCost(view.Book, auto), view.Book.Credits
	perPage := f.Limit
	f.Limit++
	leads, total, err := s.Captures.Sheet(ctx, sc, f)
	if err != nil {
		return p, err
	}
	p.Total, p.More, p.Before = total, len(leads) > perPage, f.Cursor != ""
	leads = leads[:min(len(leads), perPage)]
	if f.Back {
		slices.Reverse(leads)
		p.More, p.Before = len(leads) > 0, p.More
	}
	p.Before = p.Before && len(leads) > 0
	p.Next, p.Previous = capture.After(leads), capture.Before(leads)
	if p.Rows, err = s.rows(ctx, sc, view, leads); err != nil {
		return p, err
	}
	members, err := s.Accounts.Members(ctx, sc, "", maxMembers)
	if err != nil {
		return p, err
	}
	for _, m := range members {
		p.Members = append(p.Members, Choice{m.ID, m.Name})
	}
	if p.Lists, err = s.Captures.Lists(ctx, sc); err != nil {
		return p, err
	}
	p.Tags, err = s.Captures.Tags(ctx, sc)
	return p, err
}

// Rows are leads as the sheet shows them.
func (s *Screens) Rows(ctx context.Context, sc *account.Scope, leads []capture.Lead) ([]Row, error) {
	view, err := s.look(ctx, sc, own(sc)...)
	if err != nil {
		return nil, err
	}
	return s.rows(ctx, sc, view, leads)
}

// Chosen is what may be done with leads that were chosen on the sheet, and what it costs.
type Chosen struct {
	Credits
	Fields      []ChosenField // that may be unlocked for all of them
	Lists, Tags []string
}

// ChosenField is a field, with what unlocking it costs.
type ChosenField struct {
	Field             string
	Min, Likely, Most words.Cost
	Leads             int // of which it may cost anything
}

// Chosen reads it.
func (s *Screens) Chosen(ctx context.Context, sc *account.Scope, leads []string) (c Chosen, err error) {
	if c.Credits, err = s.Credits(ctx, sc); err != nil {
		return c, err
	}
	if c.Lists, err = s.Captures.Lists(ctx, sc); err != nil {
		return c, err
	}
	if c.Tags, err = s.Captures.Tags(ctx, sc); err != nil {
		return c, err
	}
	c.Fields, err = s.unlocks(ctx, sc, leads, c.Items, func(Item) bool { return true })
	return c, err
}

// Unlocks is what unlocking leads costs, of the fields that a capture leaves out until they are
// asked for.
func (s *Screens) Unlocks(ctx context.Context, sc *account.Scope, leads []string) ([]ChosenField, error) {
	c, err := s.Credits(ctx, sc)
	if err != nil {
		return nil, err
	}
	return s.unlocks(ctx, sc, leads, c.Items, func(i Item) bool { return i.Unlock })
}

// unlocks estimates the fields of which the viewer may unlock some for leads.
func (s *Screens) unlocks(ctx context.Context, sc *account.Scope, leads []string, items Items, some func(Item) bool) (list []ChosenField, err error) {
	people, err := s.Captures.PeopleOf(ctx, sc, leads, capture.MaxChosen)
	if err != nil || !sc.Can(account.CaptureMany) {
		return nil, err
	}
	var refs []lead.Reference
	for _, person := range people {
		if person != "" {
			refs = append(refs, lead.Reference{ID: person})
		}
	}
	for _, f := range lead.Fields {
		item := items.Of(string(f))
		if item == nil || !some(*item) {
			continue
		}
		estimate, err := s.Captures.Estimate(ctx, sc, sc.Member, refs, []lead.Field{f})
		if err != nil {
			return nil, err
		}
		cost := func(a unit.Amount) words.Cost { return words.Cost{Type: item.Type, Amount: a} }
		e := estimate[item.Type]
		list = append(list, ChosenField{Field: string(f), Min: cost(e.Min), Likely: cost(e.Likely), Most: cost(e.Max), Leads: e.People})
	}
	return list, nil
}
