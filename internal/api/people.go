package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/find"
	"github.com/leadmeter/leadmeter/internal/seal"
)

// searchPeople is a search of the directory. Of a list one is enough, of has all are needed.
type searchPeople struct {
	WS
	Page
	Query       string   `query:"q" maxLength:"200" doc:"Words, each a whole word of the name, title, company, industry, location or country; or a company's domain."`
	Title       string   `query:"title" maxLength:"200" doc:"Words of the title."`
	Company     string   `query:"company" maxLength:"200" doc:"Words of the company's name."`
	Domain      []string `query:"domain" maxItems:"50" doc:"Domains of companies, separated by commas."`
	Location    string   `query:"location" maxLength:"200" doc:"Words of the location or of the country's name, in English or in its main language; or the country's code."`
	Industry    string   `query:"industry" maxLength:"200" doc:"Words of the industry."`
	Seniority   []string `query:"seniority" maxItems:"20" enum:"founder,c_level,vp,director,manager,senior,junior" doc:"As the title says, in many languages."`
	Function    []string `query:"function" maxItems:"20" enum:"sales,marketing,product,design,engineering,data,it,finance,hr,legal,support,procurement,operations,research,education,healthcare,consulting,administration" doc:"As the title says, in many languages."`
	CompanySize []string `query:"company_size" maxItems:"20" enum:"1-10,11-50,51-200,201-500,501-1000,1001-5000,5001-10000,10001+" doc:"Employees of the company."`
	Has         []string `query:"has" maxItems:"10" enum:"work_email,work_phone,personal_email,mobile_phone,verified_email" doc:"Fields that must exist."`
	NotOwned    bool     `query:"not_owned" doc:"Only people of whom the workspace owns no field."`
	Facets      []string `query:"facets" maxItems:"10" enum:"title,seniority,function,company,location,industry,company_size" doc:"What to count the people by, separated by commas."`
	Prices      bool     `query:"prices" doc:"Also at_most and at_most_text of each person, as a lookup says them."`
}

// PersonFound is a person of the directory, without contact data.
type PersonFound struct {
	Person    PersonFacts               `json:"person"`
	Has       map[string]bool           `json:"has"`
	Owned     []string                  `json:"owned"`
	WouldCost map[string]credits.Amount `json:"would_cost" doc:"All fields together, at most."`
	Lead      *string                   `json:"lead" doc:"On the lead sheet already."`

	AtMost map[string]map[string]credits.Amount `json:"at_most,omitempty" doc:"With prices: what each combination of fields would cost at most, as a lookup says."`
	Texts  map[string]string                    `json:"at_most_text,omitempty" doc:"With prices: the same for reading."`
}

// PersonFacts are a person, with what a title says and what is known of the employer.
type PersonFacts struct {
	PersonOut
	Seniority   string `json:"seniority,omitempty"`
	Function    string `json:"function,omitempty"`
	Industry    string `json:"industry,omitempty"`
	CompanySize string `json:"company_size,omitempty"`
}

// FacetOut is how many of the people found have a value.
type FacetOut struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// PeopleOut is a page of people.
type PeopleOut struct {
	Data       []PersonFound         `json:"data"`
	Total      int                   `json:"total" doc:"How many people are found; more_than_total says that there are more."`
	More       bool                  `json:"more_than_total" doc:"More people are found than the 1,000 that are counted."`
	Facets     map[string][]FacetOut `json:"facets,omitempty" doc:"The ten most frequent values of each, of the newest 1,000 people at most."`
	Unfinished bool                  `json:"indexing,omitempty" doc:"The server is still making people searchable after an upgrade: some are missing."`
	NextCursor *string               `json:"next_cursor"`
}

func (a *API) people(h huma.API) {
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/people", "search-people", "Search the directory; free within fair use, 50 people a page, never contact data", 200, a.searchPeople)
}

func (a *API) searchPeople(ctx context.Context, in *searchPeople) (*Out[PeopleOut], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	w := capture.Wanted{
		Query: find.Query{
			Text: in.Query, Title: in.Title, Company: in.Company, Domains: in.Domain, Place: in.Location, Industry: in.Industry,
			Seniorities: in.Seniority, Functions: in.Function, Sizes: in.CompanySize, Has: in.Has,
		},
		NotOwned: in.NotOwned, Facets: in.Facets, Limit: in.Limit,
	}
	if w.Cursor, err = a.after(ctx, in.Page); err != nil {
		return nil, err
	}
	found, err := a.Captures.People(ctx, s, w)
	if err != nil {
		return nil, err
	}
	out := &Out[PeopleOut]{Body: PeopleOut{Data: []PersonFound{}, Total: found.Total, More: found.More, Unfinished: found.Unfinished}}
	for _, l := range found.People {
		p := personFound(l)
		if in.Prices {
			p.AtMost = l.AtMost()
			p.Texts = a.atMostTexts(p.AtMost)
		}
		out.Body.Data = append(out.Body.Data, p)
	}
	if found.Facets != nil {
		out.Body.Facets = map[string][]FacetOut{}
	}
	for kind, list := range found.Facets {
		out.Body.Facets[kind] = []FacetOut{}
		for _, f := range list {
			out.Body.Facets[kind] = append(out.Body.Facets[kind], FacetOut(f))
		}
	}
	if found.Next != "" {
		sealed, err := a.Cursors.Seal(askingOf(ctx).place(), seal.Hide(found.Next))
		if err != nil {
			return nil, err
		}
		out.Body.NextCursor = &sealed
	}
	return out, nil
}

func personFound(l *capture.Lookup) PersonFound {
	p := PersonFound{
		Person: PersonFacts{PersonOut: personOut(l.Person), Industry: l.Person.Industry, CompanySize: l.Person.CompanySize},
		Has:    hasOut(l), Owned: ownedOut(l), WouldCost: l.WouldCost, Lead: opt(l.Lead),
	}
	p.Person.Seniority, p.Person.Function = find.Title(l.Person.Title)
	return p
}
