package capturing

import (
	"net/url"
	"slices"

	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/find"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/sheet"
	"github.com/leadmeter/leadmeter/internal/words"
)

// facetFields are what the page counts people by.
var facetFields = []string{"seniority", "function", "company", "location", "industry", "company_size"}

var peopleLabels = map[string]string{
	"title": "Title", "seniority": "Seniority", "function": "Function", "company": "Company", "domain": "Domain", "industry": "Industry",
	"company_size": "Company size", "location": "Place", "has": "Has",
}

// peopleSearch is the search above the table, as an address says it.
func peopleSearch(q url.Values) PeopleSearch {
	s := PeopleSearch{Query: q.Get("q"), NotOwned: q.Get("not_owned") != ""}
	for _, name := range []string{"title", "company", "domain", "location", "industry"} {
		s.Texts = append(s.Texts, sheet.TextFilter{Field: name, Label: peopleLabels[name], Type: "text", Value: q.Get(name)})
	}
	for _, c := range capture.SearchChoices() {
		choice := PeopleChoice{Field: c.Field, Label: peopleLabels[c.Field], Options: []frame.Option{{Label: "Any"}}}
		if now := q.Get(c.Field); now != "" && !slices.Contains(c.Values, now) { // several, by the address
			choice.Options = append(choice.Options, frame.Option{Value: now, Label: now, Selected: true})
		}
		for _, value := range c.Values {
			choice.Options = append(choice.Options, frame.Option{Value: value, Label: valueLabel(c.Field, value), Selected: q.Get(c.Field) == value})
		}
		s.Selects = append(s.Selects, choice)
	}
	for _, name := range peopleParameters {
		value := q.Get(name)
		switch {
		case value == "":
			continue
		case name == "q":
			value = "“" + value + "”"
		case name == "not_owned":
			value = "not yours yet"
		default:
			value = peopleLabels[name] + ": " + valueLabel(name, value)
		}
		s.Chips = append(s.Chips, sheet.Chip{Text: value, Without: "/people?" + with(q, name, "")})
	}
	return s
}

// valueLabel is a filter's value as people read it.
func valueLabel(field, value string) string {
	switch {
	case (field == "seniority" || field == "function") && (slices.Contains(find.Seniorities, value) || slices.Contains(find.Functions, value)):
		return words.TitleKey(value)
	case field == "has" && value == find.HasVerifiedEmail:
		return "Verified work email"
	case field == "has":
		if f, ok := lead.ParseField(value); ok {
			return words.FieldLabel(string(f))
		}
	}
	return value
}

// facetGroups are the counts, each value the way to those people alone.
func facetGroups(q url.Values, counts map[string][]capture.Facet) (groups []FacetGroup) {
	const most = 6
	for _, field := range facetFields {
		if q.Get(field) != "" || len(counts[field]) < 2 { // it would narrow nothing
			continue
		}
		g, list := FacetGroup{Label: peopleLabels[field]}, counts[field]
		if field == "company_size" { // from the smallest, all of them
			list = slices.Clone(list)
			slices.SortFunc(list, func(a, b capture.Facet) int {
				return slices.Index(find.Sizes, a.Value) - slices.Index(find.Sizes, b.Value)
			})
		} else {
			list = list[:min(len(list), most)]
		}
		for _, f := range list {
			g.Links = append(g.Links, FacetLink{Text: valueLabel(field, f.Value), Link: "/people?" + with(q, field, f.Value), Count: f.Count})
		}
		groups = append(groups, g)
	}
	return groups
}
