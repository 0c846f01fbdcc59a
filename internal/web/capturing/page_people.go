package capturing

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/find"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// peopleParameters are what the search's address may say, in the order in which it is written.
var peopleParameters = []string{"q", "title", "seniority", "function", "company", "domain", "industry", "company_size", "location", "has", "not_owned"}

// peopleQuery is what an address says of the search, without what means nothing and without the
// page: two addresses of one search are one text.
func peopleQuery(given url.Values) url.Values {
	q := url.Values{}
	for _, name := range peopleParameters {
		if value := strings.TrimSpace(given.Get(name)); value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// wanted is the search that an address asks for.
func wanted(q url.Values) capture.Wanted {
	list := func(name string) (values []string) {
		for value := range strings.SplitSeq(q.Get(name), ",") {
			if value = strings.TrimSpace(value); value != "" {
				values = append(values, value)
			}
		}
		return values
	}
	return capture.Wanted{
		Query: find.Query{
			Text: q.Get("q"), Title: q.Get("title"), Company: q.Get("company"), Domains: list("domain"), Industry: q.Get("industry"), Place: q.Get("location"),
			Seniorities: list("seniority"), Functions: list("function"), Sizes: list("company_size"), Has: list("has"),
		},
		NotOwned: q.Get("not_owned") != "", Facets: facetFields, Limit: capture.PeoplePerPage,
	}
}

func savedQuery(text string) capture.Wanted {
	q, _ := url.ParseQuery(text) // savePeople wrote it
	return wanted(q)
}

// peoplePage shows what an address asks for. A page of results counts on the day's meter, so that
// without a search there is only the way to one.
func (v *visit) peoplePage() error {
	q := peopleQuery(v.URL.Query())
	p := PeoplePage{Search: peopleSearch(q), Searched: len(q) > 0, Key: frame.NewKey(), Here: q.Encode()}
	status, seen := http.StatusOK, int64(0)
	if p.Searched {
		w := wanted(q)
		if sealed := v.URL.Query().Get("cursor"); sealed != "" {
			if w.Cursor = v.OpenCursor(searchName(q), sealed); w.Cursor == "" {
				w.Cursor = sealed // refused as none of this search
			}
			p.Here = with(q, "cursor", sealed)
		}
		of, err := v.App.Screens.People(v.Context(), v.Scope, w)
		var f *fault.Error
		switch {
		case errors.As(err, &f) && f.Kind == fault.FairUse:
			p.Problem, status = f.Message, f.Kind.Status()
		case errors.As(err, &f) && f.Kind == fault.Invalid:
			p.Problem, status = searchProblem(f), http.StatusUnprocessableEntity
		case err != nil:
			return err
		default:
			if err := v.found(&p, q, of); err != nil {
				return err
			}
			seen = 1 // the page is drawn over an instant before it
			if len(p.Rows) == 0 {
				if p.Instead, err = v.instead(q); err != nil {
					return err
				}
			}
		}
	}
	around, err := v.App.Screens.SearchFrame(v.Context(), v.Scope, savedQuery)
	if err != nil {
		return err
	}
	p.Each, p.May, p.Meter = around.Each, around.MayCapture, meterText(around, seen)
	if !p.May {
		for n := range p.Rows {
			p.Rows[n].Key = ""
		}
	}
	v.searches(&p, q, around)
	v.Page.Title, v.Page.Nav, v.Page.Wide = "People", "people", true
	p.Page = v.Page
	return v.Show(status, People(p))
}

// searchProblem is what is wrong with a search, by the label of the field instead of its parameter.
func searchProblem(f *fault.Error) string {
	if len(f.Fields) == 0 {
		return f.Message
	}
	label := peopleLabels[f.Fields[0].Field]
	for _, c := range capture.SearchChoices() {
		if c.Field == f.Fields[0].Field {
			var choices []string
			for _, value := range c.Values {
				choices = append(choices, valueLabel(c.Field, value))
			}
			return label + " must be one of " + strings.Join(choices, ", ") + "."
		}
	}
	switch {
	case f.Fields[0].Field == "cursor":
		return "This page of results is not of this search. Search again to see the first page."
	case label == "":
		label = "Your search"
	}
	return label + " " + f.Fields[0].Message + "."
}

// instead is a search that found nobody with the function and the seniority that its words say,
// where that finds somebody.
func (v *visit) instead(q url.Values) (l FacetLink, err error) {
	name := "title"
	if q.Get(name) == "" {
		name = "q"
	}
	seniority, function, rest := find.TitleIn(q.Get(name))
	changed, parts := with(q, name, rest), []string{}
	for _, of := range []struct{ name, value string }{{"function", function}, {"seniority", seniority}} {
		if of.value == "" || q.Get(of.name) != "" {
			continue
		}
		values, _ := url.ParseQuery(changed) // with wrote it
		changed = with(values, of.name, of.value)
		parts = append(parts, peopleLabels[of.name]+": "+valueLabel(of.name, of.value))
	}
	if len(parts) == 0 {
		return l, nil
	}
	n, err := v.App.Captures.NewPeople(v.Context(), v.Scope, savedQuery(changed), time.UnixMicro(0))
	if err != nil || n == 0 {
		return l, err
	}
	return FacetLink{Text: "Try " + strings.Join(parts, " and ") + " instead", Link: "/people?" + changed, Count: n}, nil
}

// meterText says how many pages of results were seen today, with those that were seen just now.
func meterText(d screen.SearchFrame, more int64) string {
	if d.Most == nil {
		return ""
	}
	return fmt.Sprintf("%s of %s pages of results today", words.Count(int(d.Used+more)), words.Count(int(*d.Most)))
}

// found puts in what a search found.
func (v *visit) found(p *PeoplePage, q url.Values, of screen.People) error {
	p.All = of.Page
	p.Count = words.Plural(of.Total, "person", "people")
	if of.More {
		p.Count = words.Count(of.Total) + "+ people"
	}
	if of.Unfinished {
		p.Note = "The server is still making people searchable: some are missing."
	}
	var shown []string
	for _, row := range of.Rows {
		p.Rows = append(p.Rows, personRow(row))
		if !row.Owned {
			shown = append(shown, row.Person.ID)
		}
	}
	p.Shown = strings.Join(shown, " ")
	p.Facets = facetGroups(q, of.Facets)
	if of.Next == "" {
		return nil
	}
	sealed, err := v.SealCursor(searchName(q), of.Next)
	p.Next = "/people?" + with(q, "cursor", sealed)
	return err
}

// searchName is the search that a cursor belongs to.
func searchName(q url.Values) string { return "people?" + q.Encode() }

// personRow is somebody as the table shows them.
func personRow(of screen.FoundPerson) PersonRow {
	p := of.Person
	r := PersonRow{ID: p.ID, Name: p.Name(), Title: p.Title, Company: p.Company, Domain: p.CompanyDomain, Place: p.Location, Cost: of.Cost}
	if names := lead.CountryNames(p.Country); r.Place == "" && len(names) > 0 {
		r.Place = names[0] // in English
	}
	if r.Name == "" {
		r.Name = "Somebody without a name"
	}
	r.Employer = strings.Join(slices.DeleteFunc([]string{p.Industry, p.CompanySize}, func(s string) bool { return s == "" }), " · ")
	if of.Lead != "" {
		r.Lead = "/leads/" + of.Lead
	}
	if !of.Owned {
		r.Key = frame.NewKey()
	}
	var price []string
	for _, c := range of.Cost {
		price = append(price, c.Type+":"+c.Amount.String())
	}
	r.Price = strings.Join(price, " ")
	for _, f := range of.Fields {
		r.Fields = append(r.Fields, fieldMark(f))
	}
	return r
}

var fieldIcons = map[string]string{string(lead.WorkEmail): "mail", string(lead.WorkPhone): "desk", string(lead.PersonalEmail): "home", string(lead.MobilePhone): "mobile"}

func fieldMark(f screen.KnownField) FieldMark {
	m := FieldMark{Field: f.Field, Icon: fieldIcons[f.Field], State: "none", Text: words.FieldLabel(f.Field) + ": not in the directory"}
	switch {
	case f.Owned:
		m.State, m.Text = "owned", words.FieldLabel(f.Field)+": yours already"
	case f.Has && f.Verified:
		m.State, m.Text = "known", words.FieldLabel(f.Field)+": known, verified"
	case f.Has:
		m.State, m.Text = "known", words.FieldLabel(f.Field)+": known"
	}
	return m
}

// searches are the saved ones, and whether this one may be saved.
func (v *visit) searches(p *PeoplePage, q url.Values, around screen.SearchFrame) {
	now, known := q.Encode(), false
	for _, s := range around.Searches {
		one := SavedSearch{ID: s.ID, Name: s.Name, Link: "/people?" + s.Query, Shared: s.Shared, Mine: s.Mine, Here: s.Query == now}
		switch {
		case s.New >= capture.CountedPeople:
			one.New = words.Count(s.New) + "+ new"
		case s.New > 0:
			one.New = words.Count(s.New) + " new"
		}
		known = known || one.Here
		p.Searches = append(p.Searches, one)
	}
	if p.Searched && !known && p.Problem == "" && v.Who.Can(account.EditSheet) {
		p.Save = now
	}
}

func (v *visit) saveSearch() error {
	q, _ := url.ParseQuery(v.PostFormValue("query")) // what cannot be read is left out
	query := peopleQuery(q).Encode()
	if query == "" {
		return fault.New(fault.Invalid, "Search for somebody first; then the search can be saved.")
	}
	if err := capture.CheckSearch(savedQuery(query).Query); err != nil {
		var f *fault.Error
		if errors.As(err, &f) {
			f.Message = searchProblem(f)
		}
		return err
	}
	if err := v.App.Captures.SaveView(v.Context(), v.Scope, capture.PeoplePage, v.PostFormValue("name"), query, v.PostFormValue("shared") == "on"); err != nil {
		return err
	}
	return v.To("/people?"+query, "success", "Saved. This page shows how many new people the search finds each day.")
}

func (v *visit) dropSearch() error {
	if err := v.App.Captures.DropView(v.Context(), v.Scope, capture.PeoplePage, v.PathValue("view")); err != nil {
		return err
	}
	return v.To("/people", "success", "The saved search is deleted.")
}

// with is a query with one parameter changed; an empty value takes it out.
func with(q url.Values, name, value string) string {
	changed := url.Values{}
	for k, values := range q {
		changed[k] = values
	}
	if changed.Set(name, value); value == "" {
		changed.Del(name)
	}
	return changed.Encode()
}
