package capturing

import (
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/sheet"
	"github.com/leadmeter/leadmeter/internal/words"
)

// PeoplePage is the search for people with what it found.
type PeoplePage struct {
	Page     frame.Page
	Search   PeopleSearch
	Searched bool // something was asked for
	Problem  string
	Rows     []PersonRow
	Count    string    // "1,000+ people"
	Here     string    // the query of this page
	Instead  FacetLink // the search by function and seniority that finds somebody where this one does not; may be empty
	Note     string    // what is missing from it; may be empty
	Facets   []FacetGroup
	Next     string
	Key      string       // idempotency key of the form that captures those who are chosen
	Each     []words.Cost // what one of them costs at most
	All      []words.Cost // what all on the page cost at most
	Shown    string       // their ids
	May      bool         // capture
	Meter    string       // "12 of 100 pages of results today"
	Searches []SavedSearch
	Save     string // the query that may be saved; empty: none
}

// PeopleSearch is the search above the table.
type PeopleSearch struct {
	Query    string
	Selects  []PeopleChoice
	Texts    []sheet.TextFilter
	NotOwned bool
	Chips    []sheet.Chip
}

// PeopleChoice is a filter with a few choices.
type PeopleChoice struct {
	Field, Label string
	Options      []frame.Option
}

// FacetGroup is what the people found are counted by.
type FacetGroup struct {
	Label string
	Links []FacetLink
}

// FacetLink narrows the search to one value.
type FacetLink struct {
	Text, Link string
	Count      int
}

// SavedSearch leads to a saved search.
type SavedSearch struct {
	ID, Name, Link     string
	New                string // "12 new"; empty: none
	Here, Shared, Mine bool
}

// PersonRow is somebody who was found, or was captured just now.
type PersonRow struct {
	ID, Name, Title, Company, Domain, Place, Employer string
	Lead                                              string // the path of the lead; empty: none
	Fields                                            []FieldMark
	Cost                                              []words.Cost
	Price                                             string // the same by credit type, as the script sends it back to have it added up
	Key                                               string // of the button; empty: it has none
	Values                                            []sheet.FieldCell
	Charged                                           []words.Cost
	Captured                                          bool
}

// FieldMark is a field as far as it is free to know.
type FieldMark struct {
	Field, Icon, Text string
	State             string // owned, known or none
}
