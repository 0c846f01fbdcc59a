package capture

import (
	"context"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Lead is a person on a workspace's sheet, with what was delivered of them.
type Lead struct {
	ID         string
	Person     lead.Person // the texts as last captured, without values
	Member     string      // who captured first
	CapturedAt time.Time
	Fields     map[lead.Field]LeadField
	Lists      []string
	Tags       []string
	Notes      string
	// Twin says that another lead has its name and company; Sheet sets it.
	Twin bool
	// Merged are the people of whom the workspace says that they are this lead too.
	Merged []string

	row store.LeadRow
}

// LeadField is one field of a lead: its outcome, and what may be seen.
type LeadField struct {
	Outcome credits.Outcome
	Values  []lead.Value
	At      time.Time
	// Hidden: there are more, which are on the suppression list.
	Hidden bool
}

// Leads lists a page of the sheet. It costs nothing: what was captured stays
// readable, after a cancellation too (rule G4).
func (svc *Service) Leads(ctx context.Context, s *account.Scope, f store.LeadFilter) (list []Lead, err error) {
	f.Workspace = s.Workspace.ID
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		if err := position(tx, &f); err != nil {
			return err
		}
		if err := byContact(tx, &f); err != nil {
			return err
		}
		rows, err := tx.Leads().List(f)
		if err != nil {
			return err
		}
		list, err = svc.fill(tx, s.Workspace.ID, rows)
		return err
	})
	return list, err
}

// Lead reads one.
func (svc *Service) Lead(ctx context.Context, s *account.Scope, id string) (*Lead, error) {
	var list []Lead
	err := svc.Store.View(ctx, func(tx *store.Tx) error {
		row, found, err := tx.Leads().ByID(s.Workspace.ID, id)
		if err != nil {
			return err
		}
		if !found {
			return noLead()
		}
		if list, err = svc.fill(tx, s.Workspace.ID, []store.Lead{row}); err == nil && len(list) == 0 {
			err = noLead()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// LeadsByID reads many, by their ids, in a handful of statements; what is no lead of the
// workspace, or must not be shown, is left out.
func (svc *Service) LeadsByID(ctx context.Context, s *account.Scope, ids []string) (map[string]Lead, error) {
	leads := map[string]Lead{}
	if len(ids) == 0 {
		return leads, nil
	}
	list, err := svc.Leads(ctx, s, store.LeadFilter{IDs: ids, Sort: "captured", Limit: len(ids)})
	for _, l := range list {
		leads[l.ID] = l
	}
	return leads, err
}

func noLead() error { return fault.New(fault.NotFound, "There is no such lead.") }

func (svc *Service) fill(tx *store.Tx, ws string, rows []store.Lead) ([]Lead, error) {
	people, ids := make([]string, len(rows)), make([]string, len(rows))
	for n, r := range rows {
		people[n], ids[n] = r.Person, r.ID
	}
	reveals, err := tx.Reveals().Of(ws, people)
	if err != nil {
		return nil, err
	}
	lists, err := tx.Labels().ListsOf(ws, ids)
	if err != nil {
		return nil, err
	}
	tags, err := tx.Labels().TagsOf(ws, ids)
	if err != nil {
		return nil, err
	}
	hidden, err := svc.Directory.Hidden(tx, people)
	if err != nil {
		return nil, err
	}
	aside, err := tx.Reveals().WithheldFields(ws, people)
	if err != nil {
		return nil, err
	}
	leads := make([]Lead, 0, len(rows))
	for _, r := range rows {
		l := Lead{ID: r.ID, Member: r.Member, CapturedAt: time.UnixMicro(r.At).UTC(), Notes: r.Notes, Lists: lists[r.ID], Tags: tags[r.ID], Fields: map[lead.Field]LeadField{}, row: r.LeadRow}
		l.Person = lead.Person{ID: r.Person, FullName: r.FullName, Title: r.Title, Company: r.Company, CompanyDomain: r.Domain, Location: r.Location, LinkedInURL: r.Profile}
		if hidden[r.Person] {
			continue // suppressed in this instant
		}
		for _, v := range reveals[r.Person] {
			values, err := readValues(v)
			if err != nil {
				return nil, err
			}
			l.Fields[lead.Field(v.Field)] = LeadField{Outcome: credits.Outcome(v.Outcome), Values: values, At: time.UnixMicro(v.At).UTC(), Hidden: aside[[2]string{r.Person, v.Field}]}
		}
		leads = append(leads, l)
	}
	return leads, svc.withMerged(tx, ws, leads)
}

// Change is what may be written on a lead; nil leaves a part as it is.
type Change struct {
	Notes *string
	Tags  *[]string
	Lists *[]string
}

// Bounds of what is written on a lead, texts in characters.
const (
	maxNotes = 10_000
	maxTags  = 50
	maxTag   = 100
)

// ChangeLead writes notes, tags and lists.
func (svc *Service) ChangeLead(ctx context.Context, s *account.Scope, id string, c Change) (*Lead, error) {
	if err := s.May(account.EditSheet); err != nil {
		return nil, err
	}
	if c.Notes != nil {
		if err := fault.Length("notes", *c.Notes, 0, maxNotes); err != nil {
			return nil, err
		}
	}
	tags, err := labels("tags", c.Tags)
	if err != nil {
		return nil, err
	}
	lists, err := labels("lists", c.Lists)
	if err != nil {
		return nil, err
	}
	err = svc.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Accounts().Lock(s.Workspace.ID); err != nil { // taking a merge apart writes notes too
			return err
		}
		row, found, err := tx.Leads().ByID(s.Workspace.ID, id)
		if err != nil {
			return err
		}
		if !found {
			return noLead()
		}
		before, with, err := wordsOn(tx, row)
		if err != nil {
			return err
		}
		if c.Notes != nil {
			err = tx.Leads().UpdateNotes(s.Workspace.ID, id, *c.Notes)
		}
		if c.Tags != nil && err == nil {
			err = tx.Labels().SetTags(s.Workspace.ID, id, tags)
		}
		if c.Lists != nil && err == nil {
			err = tx.Labels().SetLists(s.Workspace.ID, id, lists)
		}
		if err != nil {
			return err
		}
		after, _, err := wordsOn(tx, row)
		if err != nil || after.equal(before) {
			return err
		}
		s.Undo = ""
		return s.Undoable(tx, account.LeadChanged, map[string]any{row.Person: wordsWere{Before: before, After: after, With: with}})
	})
	if err != nil {
		return nil, err
	}
	return svc.Lead(ctx, s, id)
}

func labels(field string, given *[]string) ([]string, error) {
	out := []string{}
	if given == nil {
		return out, nil
	}
	if len(*given) > maxTags {
		return nil, fault.Wrong(field, "must be at most %d", maxTags)
	}
	for _, l := range *given {
		l = strings.TrimSpace(l)
		if err := fault.Length(field, l, 1, maxTag); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// Unlock pays for more fields of a lead, as a capture of its person does.
func (svc *Service) Unlock(ctx context.Context, s *account.Scope, id string, ask Ask) (*Answer, error) {
	l, err := svc.Lead(ctx, s, id)
	if err != nil {
		return nil, err
	}
	if len(ask.Fields) == 0 {
		return nil, fault.Wrong("fields", "must name at least one field")
	}
	ask.Person, ask.Mode = lead.Reference{ID: l.Person.ID}, ModeCapture
	return svc.Capture(ctx, s, ask)
}

// Prices is what each field of leads would cost the workspace now, by lead: the
// labels of the unlock buttons (rule U3). A field without a price has nothing to
// be paid for. It says no more than a lookup does.
func (svc *Service) Prices(ctx context.Context, s *account.Scope, book *credits.Book, leads []Lead) (map[string]map[lead.Field]credits.Verdict, error) {
	ids := make([]string, len(leads))
	for n, l := range leads {
		ids[n] = l.Person.ID
	}
	prices := map[string]map[lead.Field]credits.Verdict{}
	err := svc.Store.View(ctx, func(tx *store.Tx) error {
		people, err := svc.Directory.People(tx, ids)
		if err != nil {
			return err
		}
		bad, err := tx.Reports().BadValues(s.Workspace.ID, ids...)
		if err != nil {
			return err
		}
		for _, l := range leads {
			if match, found := people[l.Person.ID]; found {
				prices[l.ID] = svc.judgeAll(book, without(match, bad), l, s.Now)
			}
		}
		return nil
	})
	return prices, err
}

func (svc *Service) judgeAll(book *credits.Book, match directory.Match, l Lead, now time.Time) map[lead.Field]credits.Verdict {
	var owned []credits.Owned
	for f, known := range l.Fields {
		owned = append(owned, credits.Owned{Field: string(f), Outcome: known.Outcome, At: known.At})
	}
	prices := map[lead.Field]credits.Verdict{}
	for _, f := range lead.Fields {
		prices[f] = book.Judge(svc.expect(book, match, f, owned, now), owned, now)
	}
	return prices
}

// CountLeads is how many leads a filter chooses, from the first one on.
func (svc *Service) CountLeads(ctx context.Context, s *account.Scope, f store.LeadFilter) (n int, err error) {
	f.Workspace = s.Workspace.ID
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		n, err = tx.Leads().Count(f)
		return err
	})
	return n, err
}

// PeopleOf are the people of leads, in their order; of what is no lead of the
// workspace, the empty text. More than most leads are refused.
func (svc *Service) PeopleOf(ctx context.Context, s *account.Scope, leads []string, most int) (people []string, err error) {
	if len(leads) > most {
		return nil, fault.Wrong("leads", "must be at most %d", most)
	}
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		of, err := tx.Leads().People(s.Workspace.ID, leads)
		for _, id := range leads {
			people = append(people, of[id])
		}
		return err
	})
	return people, err
}
