package capture

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/find"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// CountedPeople is up to how many people a search counts, and of how many it counts facets.
	CountedPeople = 1000
	// PeoplePerPage is how many people a page has on the meter: an answer of more counts as several.
	PeoplePerPage = 50
	// facetValues is how many values of a facet are told, the most frequent ones.
	facetValues = 10
)

// FacetKinds are what people who were found can be counted by.
var FacetKinds = []string{"title", "seniority", "function", "company", "location", "industry", "company_size"}

// Wanted is a search of the directory.
type Wanted struct {
	find.Query
	NotOwned bool // only people of whom the workspace owns no field
	Facets   []string
	Limit    int
	Cursor   string // where the page continues; empty: from the newest on
}

// Found is a page of a search, which costs no credit and shows no contact data.
type Found struct {
	People []*Lookup
	// Total is how many people there are; with More, there are more than that.
	Total  int
	More   bool
	Facets map[string][]Facet // of the newest people, at most CountedPeople
	Next   string             // the cursor of the page after this one; empty: there is none
	// Unfinished says that people of before an upgrade are still coming into the index.
	Unfinished bool
}

// Facet is how many of the people have a value.
type Facet struct {
	Value string
	Count int
}

// Choice is a filter of a search that has a few values.
type Choice struct {
	Field  string
	Values []string
}

// SearchChoices are the filters with a few values, in the order in which they are offered.
func SearchChoices() []Choice {
	has := []string{find.HasVerifiedEmail}
	for _, f := range lead.Fields {
		has = append(has, string(f))
	}
	return []Choice{{"seniority", find.Seniorities}, {"function", find.Functions}, {"company_size", find.Sizes}, {"has", has}}
}

// CheckSearch says why a search cannot be asked, by its parameter.
func CheckSearch(q find.Query) error {
	_, err := condition(q)
	return err
}

// maxSearchText is how many characters a text of a search has.
const maxSearchText = 200

// wellFormed refuses a filter that can find nobody because it is written wrong.
func wellFormed(q find.Query) error {
	for _, of := range []struct{ field, text string }{
		{"q", q.Text}, {"title", q.Title}, {"company", q.Company}, {"location", q.Place}, {"industry", q.Industry}, {"domain", strings.Join(q.Domains, "")},
	} {
		if !fault.Clean(of.text) {
			return fault.Wrong(of.field, "must be valid UTF-8 without NUL characters")
		}
		if err := fault.Length(of.field, of.text, 0, maxSearchText); err != nil && of.field != "domain" {
			return err
		}
	}
	given := map[string][]string{"seniority": q.Seniorities, "function": q.Functions, "company_size": q.Sizes, "has": q.Has}
	for _, c := range SearchChoices() {
		for _, value := range given[c.Field] {
			if !slices.Contains(c.Values, value) {
				return fault.Wrong(c.Field, "must be one of %s", strings.Join(c.Values, ", "))
			}
		}
	}
	for _, domain := range q.Domains {
		if _, err := lead.Domain(domain); err != nil && strings.TrimSpace(domain) != "" {
			return fault.Wrong("domain", "must be the domain of a company, like acme.com; separate several by commas")
		}
	}
	return nil
}

// condition is what a search asks of people's terms, or why it cannot be asked.
func condition(q find.Query) (find.Condition, error) {
	if err := wellFormed(q); err != nil {
		return nil, err
	}
	cond, searchable := q.Condition()
	switch {
	case !searchable:
		return nil, fault.Wrong("q", "is an email address or a phone number. A search finds people by name, title, company and place; capture somebody by their address instead")
	case len(cond) == 0:
		return nil, fault.Wrong("q", "is missing. Give q, title, company, domain, location, industry, seniority, function, company_size or has")
	}
	return cond, nil
}

// People searches the directory. Every PeoplePerPage that are asked for count as a page on the
// day's meter (rule C13).
func (svc *Service) People(ctx context.Context, s *account.Scope, w Wanted) (f Found, err error) {
	cond, err := condition(w.Query)
	if err != nil {
		return f, err
	}
	before := int64(0)
	if w.Cursor != "" {
		if before, err = strconv.ParseInt(w.Cursor, 10, 64); err != nil || before <= 0 {
			return f, badCursor()
		}
	}
	v, err := svc.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return f, account.FromRefusal(err)
	}
	pages := (w.Limit + PeoplePerPage - 1) / PeoplePerPage
	taken, err := svc.take(ctx, s, v, credits.MeterSearchPages, pages)
	if err != nil {
		return f, err
	}
	meters, err := svc.Meters(ctx, s)
	if err != nil {
		return f, err
	}
	if taken == 0 {
		return f, pagesUsedUp(v, s.Now, min(int64(pages-1), meters.left(credits.MeterSearchPages)))
	}
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		if f.Unfinished, err = tx.People().Unfinished(); err != nil {
			return err
		}
		filter := w.filter(s, v.Book, cond)
		newest, err := tx.People().Find(filter, CountedPeople+1)
		if err != nil {
			return err
		}
		page := newest
		if before > 0 {
			if page = after(newest, before); len(page) <= w.Limit && len(newest) > CountedPeople {
				filter.Before = before
				if page, err = tx.People().Find(filter, w.Limit+1); err != nil {
					return err
				}
			}
		}
		f.Total, f.More = min(len(newest), CountedPeople), len(newest) > CountedPeople
		if len(page) > w.Limit {
			page = page[:w.Limit]
			f.Next = strconv.FormatInt(page[len(page)-1].Number, 10)
		}
		if f.People, err = svc.shown(tx, s, v.Book, meters, idsOf(page)); err != nil {
			return err
		}
		f.People = slices.DeleteFunc(f.People, func(l *Lookup) bool { return !l.hasAll(w.Has) })
		f.Facets, err = facets(tx, w.Facets, idsOf(newest[:f.Total]))
		return err
	})
	return f, err
}

// filter is the search for the store.
func (w Wanted) filter(s *account.Scope, book *credits.Book, cond find.Condition) store.PeopleFilter {
	f := store.PeopleFilter{Condition: cond}
	if w.NotOwned && book.OwnedDays > 0 {
		f.NotOwned, f.OwnedSince = s.Workspace.ID, s.Now.AddDate(0, 0, -book.OwnedDays).UnixMicro()
	}
	return f
}

// after are the people of a list, the newest first, behind a number.
func after(list []store.Numbered, before int64) []store.Numbered {
	at, _ := slices.BinarySearchFunc(list, before, func(n store.Numbered, before int64) int { return cmp.Compare(before, n.Number+1) })
	return list[at:]
}

func idsOf(list []store.Numbered) []string {
	ids := make([]string, len(list))
	for n, one := range list {
		ids[n] = one.ID
	}
	return ids
}

// hasAll tells that somebody has all of the fields still, for this workspace: it may have reported
// values as bad, and others are on the suppression list since they were indexed.
func (l *Lookup) hasAll(fields []string) bool {
	return !slices.ContainsFunc(fields, func(f string) bool {
		return f == find.HasVerifiedEmail && !l.Verified || f != find.HasVerifiedEmail && !l.Has[lead.Field(f)]
	})
}

// shown are people as lookups show them, in a handful of statements. Nobody on the suppression
// list is among them.
func (svc *Service) shown(tx *store.Tx, s *account.Scope, book *credits.Book, meters Meters, ids []string) (list []*Lookup, err error) {
	people, err := svc.Directory.People(tx, ids)
	if err != nil {
		return nil, err
	}
	bad, err := tx.Reports().BadValues(s.Workspace.ID, ids...)
	if err != nil {
		return nil, err
	}
	reveals, err := tx.Reveals().Of(s.Workspace.ID, ids)
	if err != nil {
		return nil, err
	}
	leads, err := tx.Leads().Of(s.Workspace.ID, ids)
	for _, id := range ids {
		if m := people[id]; m.Person.ID == id && !m.Suppressed {
			l := svc.lookup(book, meters, without(m, bad), ownedOf(reveals[id]), s.Now)
			l.Lead = leads[id].ID
			list = append(list, l)
		}
	}
	return list, err
}

// facets counts people by what is free to see of them.
func facets(tx *store.Tx, kinds, ids []string) (map[string][]Facet, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	people, err := tx.People().ToSee(ids)
	if err != nil {
		return nil, err
	}
	type value struct {
		text  string
		count int
	}
	counts := map[string]map[string]*value{}
	for _, kind := range kinds {
		counts[kind] = map[string]*value{}
	}
	for _, p := range people {
		seniority, function := find.Title(p.Title)
		for kind, text := range map[string]string{
			"title": find.Mask(p.Title), "seniority": seniority, "function": function, "company": find.Mask(p.Company), "location": find.Mask(p.Location),
			"industry": find.Mask(p.Industry), "company_size": find.Size(p.CompanySize),
		} {
			key, of := lead.Fold(text), counts[kind]
			if of == nil || key == "" {
				continue
			}
			if of[key] == nil {
				of[key] = &value{text: text}
			}
			of[key].count++
			of[key].text = min(of[key].text, text) // of several spellings always the same
		}
	}
	all := map[string][]Facet{}
	for kind, of := range counts {
		list := []Facet{}
		for _, v := range of {
			list = append(list, Facet{v.text, v.count})
		}
		slices.SortFunc(list, func(a, b Facet) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Value, b.Value)) })
		all[kind] = list[:min(len(list), facetValues)]
	}
	return all, nil
}

// NewPeople is how many people a search finds who were added since an instant, at most
// CountedPeople. It shows nobody and counts on no meter.
func (svc *Service) NewPeople(ctx context.Context, s *account.Scope, w Wanted, since time.Time) (n int, err error) {
	cond, err := condition(w.Query)
	if err != nil {
		return 0, nil // a search of before a change of what can be asked finds nobody
	}
	v, err := svc.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return 0, account.FromRefusal(err)
	}
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		filter := w.filter(s, v.Book, cond)
		filter.After = since.UnixMicro()
		list, err := tx.People().Find(filter, CountedPeople)
		n = len(list)
		return err
	})
	return n, err
}

// pagesUsedUp says that the day's search pages are used up, or are fewer than were asked for, and
// when there are more.
func pagesUsedUp(v *credits.View, now time.Time, left int64) error {
	if left > 0 {
		return fairUse(v, now, fmt.Sprintf("This search asks for more people than are left today: ask for at most %d with limit. There are more from %%s.", left*PeoplePerPage))
	}
	return fairUse(v, now, "You have seen today's pages of search results. There are more from %s. Capturing people you know by name, profile or email continues.")
}

// Employers adds to leads what the directory knows of their employers and everybody may see: the
// industry and the size of the company.
func (svc *Service) Employers(ctx context.Context, leads []Lead) error {
	ids := make([]string, len(leads))
	for n, l := range leads {
		ids[n] = l.Person.ID
	}
	return svc.Store.View(ctx, func(tx *store.Tx) error {
		people, err := tx.People().ToSee(ids)
		of := make(map[string]store.PersonRow, len(people))
		for _, p := range people {
			of[p.ID] = p
		}
		for n := range leads {
			p := of[leads[n].Person.ID]
			leads[n].Person.Industry, leads[n].Person.CompanySize = find.Mask(p.Industry), find.Size(p.CompanySize)
		}
		return err
	})
}
