package screen

import (
	"cmp"
	"context"
	"slices"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/words"
)

// Row is a lead of the sheet.
type Row struct {
	capture.Lead
	Owner string // who captured it
	Cells []Cell // every field
}

// Cell is one field of one lead: what was delivered, or how to get it.
type Cell struct {
	Field    string
	Values   []lead.Value // empty when nothing may be shown
	Outcome  unit.Outcome // empty when nobody asked yet
	Type     string       // credit type
	Amount   unit.Amount  // what it cost; 0 when free
	Hidden   bool         // more was delivered, which is on the suppression list
	FreeDays int          // for how long a verified value in the directory is free
	Unlock   *Unlock      // nil: there is nothing to unlock, or the viewer may not
}

// Unlock is what revealing a field costs at most.
type Unlock struct {
	AtMost words.Cost
	Short  *Short // nil: it can be paid
}

// Short is why something cannot be paid.
type Short struct {
	Left      unit.Quota
	Cancelled bool // the subscription is
	Refill    unit.Refill
}

// rows writes leads, each missing field with its price.
func (s *Screens) rows(ctx context.Context, sc *account.Scope, view *credits.View, leads []capture.Lead) ([]Row, error) {
	names, err := s.Accounts.MemberNames(ctx, sc)
	if err != nil {
		return nil, err
	}
	prices, err := s.Captures.Prices(ctx, sc, view.Book, leads)
	if err != nil {
		return nil, err
	}
	list := make([]Row, 0, len(leads))
	for _, l := range leads {
		list = append(list, Row{Lead: l, Owner: ownerName(names, l.Member), Cells: cells(sc, view, l, prices[l.ID])})
	}
	return list, nil
}

func ownerName(names map[string]string, member string) string {
	if n := names[member]; n != "" {
		return n
	}
	return "Workspace"
}

// cells are a lead's fields: what was delivered, or what delivers it.
func cells(sc *account.Scope, view *credits.View, l capture.Lead, prices map[lead.Field]credits.Verdict) (list []Cell) {
	for _, f := range lead.Fields {
		known, seen := l.Fields[f]
		cell := Cell{Field: string(f), Values: known.Values, Outcome: known.Outcome, Hidden: known.Hidden}
		if item := view.Book.Item(string(f)); item != nil {
			cell.Type, cell.FreeDays = item.Credit, item.VerifiedFreeDays
			if known.Outcome == unit.Charged {
				cell.Amount = item.Price().Ceil()
			}
			verdict := prices[f]
			if !seen && (verdict.Outcome == unit.NotFound || verdict.Outcome == unit.Suppressed) {
				cell.Outcome, seen = verdict.Outcome, true // nothing is there to be unlocked
			}
			retry := known.Outcome == unit.NotFound && verdict.Outcome == unit.Charged
			if verdict.Item != nil && sc.Can(account.CaptureMany) && (!seen || retry || known.Outcome == unit.ProviderError) {
				cell.Unlock = unlockOf(sc, view, verdict, item)
			}
		}
		list = append(list, cell)
	}
	return list
}

// unlockOf says what revealing a field costs at most, and whether the viewer can pay it.
func unlockOf(sc *account.Scope, view *credits.View, verdict credits.Verdict, item *credits.Item) *Unlock {
	u := &Unlock{AtMost: words.Cost{Type: item.Credit}}
	if verdict.Outcome != unit.Charged {
		return u
	}
	u.AtMost.Amount = item.Price().Ceil()
	for _, of := range view.Members[sc.Member] {
		if of.Credit == item.Credit && !of.Available.Covers(u.AtMost.Amount) {
			u.Short = &Short{Left: of.Available, Cancelled: view.Current.Cancelled, Refill: of.Refill}
		}
	}
	return u
}

// Lead is one lead with what was spent on it by those whom the viewer sees.
type Lead struct {
	Row
	MayEdit bool
	Partly  bool // what others spent is not shown
	Others  bool // and there is nothing else
	Spent   []words.Cost
	Entries []EntryLine // newest first
	Twins   []Twin      // leads that may be the same person
	Lists   []string
	Deeds   []Deed // that can be undone, newest first
}

// Deed is what was done to a lead and can be undone.
type Deed struct {
	account.Deed
	Who string
}

// Twin is a lead that may be the same person as another.
type Twin struct {
	capture.Lead
	Owner string
	May   bool // the viewer may merge it
}

// entriesOfLead bounds the entries of one person that a lead shows.
const entriesOfLead = 200

// Lead reads it.
func (s *Screens) Lead(ctx context.Context, sc *account.Scope, id string) (l Lead, err error) {
	found, err := s.Captures.Lead(ctx, sc, id)
	if err != nil {
		return l, err
	}
	view, err := s.look(ctx, sc, own(sc)...)
	if err != nil {
		return l, err
	}
	rows, err := s.rows(ctx, sc, view, []capture.Lead{*found})
	if err != nil {
		return l, err
	}
	l = Lead{Row: rows[0], MayEdit: sc.Can(account.EditSheet)}
	names, err := s.Accounts.MemberNames(ctx, sc)
	if err != nil {
		return l, err
	}
	deeds, err := s.Accounts.DeedsOn(ctx, sc, found.Person.ID)
	if err != nil {
		return l, err
	}
	for _, d := range deeds {
		l.Deeds = append(l.Deeds, Deed{d, names[d.Actor]})
	}

	twins, err := s.Captures.Twins(ctx, sc, found)
	if err != nil {
		return l, err
	}
	for _, t := range twins {
		l.Twins = append(l.Twins, Twin{Lead: t, Owner: ownerName(names, t.Member), May: sc.MayDelete(t.Member)})
	}
	if l.Lists, err = s.Captures.Lists(ctx, sc); err != nil {
		return l, err
	}
	return l, s.spentOn(ctx, sc, &l, view, names)
}

// spentOn adds the entries of a lead's people, and what they come to.
func (s *Screens) spentOn(ctx context.Context, sc *account.Scope, l *Lead, view *credits.View, names map[string]string) error {
	sight, err := s.Accounts.Visible(ctx, sc)
	if err != nil {
		return err
	}
	l.Partly = !sight.All()
	people := map[string]store.Lead{}
	var rows []store.Entry
	var reports []store.Report
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		for _, person := range append([]string{l.Person.ID}, l.Merged...) {
			people[person] = store.Lead{LeadRow: store.LeadRow{ID: l.ID, FullName: l.Person.FullName}}
			of, err := tx.Entries().List(store.EntryFilter{Workspace: sc.Workspace.ID, Sight: sight, Person: person, Limit: entriesOfLead})
			if err != nil {
				return err
			}
			rows = append(rows, of...)
		}
		if len(rows) > 0 {
			slices.SortStableFunc(rows, func(a, b store.Entry) int { return cmp.Compare(b.Seq, a.Seq) })
			reports, err = tx.Reports().Between(sc.Workspace.ID, rows[len(rows)-1].Seq, rows[0].Seq)
			return err
		}
		if sight.All() {
			return nil
		}
		others, err := tx.Entries().List(store.EntryFilter{Workspace: sc.Workspace.ID, Sight: store.Everybody(), Person: l.Person.ID, Limit: 1})
		l.Others = len(others) > 0
		return err
	})
	spent := map[string]unit.Amount{}
	for _, e := range rows {
		switch e.Kind {
		case unit.KindCharge:
			spent[e.Credit] += unit.Amount(e.Amount)
		case unit.KindRefund:
			spent[e.Credit] -= unit.Amount(e.Amount)
		}
	}
	list := entriesOf(rows, names, people)
	markReports(sc, view, rows, list, reports, true)
	l.Spent, l.Entries = costs(view.Book.Credits, spent), entryLines(rows, list)
	return err
}
