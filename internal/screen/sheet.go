package screen

import (
	"context"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/words"
)

// Sheet is a page of the lead sheet, with what it can be searched by.
type Sheet struct {
	Rows        []Row
	Total       int          // how many leads match
	More        bool         // there is a next page
	Seq         int64        // newest entry of the ledger
	AtMost      []words.Cost // what a plain capture costs at most
	Members     []Choice
	Lists, Tags []string
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
	p.Seq, p.AtMost = view.Seq, captureCost(view.Book, auto)
	perPage := f.Limit
	f.Limit++
	leads, total, err := s.Desk.Sheet(ctx, sc, f)
	if err != nil {
		return p, err
	}
	p.Total, p.More = total, len(leads) > perPage
	if p.Rows, err = s.rows(ctx, sc, view, leads[:min(len(leads), perPage)]); err != nil {
		return p, err
	}
	members, err := s.Accounts.Members(ctx, sc, "", maxMembers)
	if err != nil {
		return p, err
	}
	for _, m := range members {
		p.Members = append(p.Members, Choice{m.ID, m.Name})
	}
	if p.Lists, err = s.Desk.Lists(ctx, sc); err != nil {
		return p, err
	}
	p.Tags, err = s.Desk.Tags(ctx, sc)
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
}

// Chosen reads it.
func (s *Screens) Chosen(ctx context.Context, sc *account.Scope, leads []string) (c Chosen, err error) {
	if c.Credits, err = s.Credits(ctx, sc); err != nil {
		return c, err
	}
	if c.Lists, err = s.Desk.Lists(ctx, sc); err != nil {
		return c, err
	}
	if c.Tags, err = s.Desk.Tags(ctx, sc); err != nil {
		return c, err
	}
	people, err := s.Desk.PeopleOf(ctx, sc, leads, capture.MaxChosen)
	if err != nil || !sc.Can(account.CaptureMany) {
		return c, err
	}
	var refs []lead.Reference
	for _, person := range people {
		if person != "" {
			refs = append(refs, lead.Reference{ID: person})
		}
	}
	for _, f := range lead.Fields {
		item := c.Items.Of(string(f))
		if item == nil {
			continue
		}
		estimate, err := s.Desk.Estimate(ctx, sc, sc.Member, refs, []lead.Field{f})
		if err != nil {
			return c, err
		}
		cost := func(a unit.Amount) words.Cost { return words.Cost{Type: item.Type, Amount: a} }
		e := estimate[item.Type]
		c.Fields = append(c.Fields, ChosenField{Field: string(f), Min: cost(e.Min), Likely: cost(e.Likely), Most: cost(e.Max)})
	}
	return c, nil
}
