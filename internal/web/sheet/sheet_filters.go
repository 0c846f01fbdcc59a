package sheet

import (
	"net/url"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// searchOf is the search above the sheet, as an address says it.
func searchOf(q url.Values, of screen.Sheet) LeadSearch {
	s := LeadSearch{Query: q.Get("q"), Columns: q.Get("columns")}
	has := []frame.Option{{Value: capture.HasVerifiedEmail, Label: "Verified work email"}}
	var lacks []frame.Option
	for _, field := range lead.Fields {
		one := frame.Option{Value: string(field), Label: words.FieldLabel(string(field))}
		has, lacks = append(has, one), append(lacks, one)
	}
	var members []frame.Option
	for _, m := range of.Members {
		members = append(members, frame.Option{Value: m.Key, Label: m.Name})
	}
	s.Selects = []Filter{
		{Field: "has", Label: "Has", All: "Any field", Chip: "has ", Options: has},
		{Field: "lacks", Label: "Lacks", All: "No field", Chip: "lacks ", Options: lacks},
		{Field: "status", Label: "Email status", All: "Any status", Chip: "email ", Options: statusOptions},
		{Field: "cost", Label: "Cost", All: "Any cost", Chip: "", Options: costOptions(of.Types)},
		{Field: "member", Label: "Owner", All: "Anyone", Chip: "owner ", Options: members},
		{Field: "list", Label: "List", All: "Any list", Chip: "list ", Options: labelOptions(of.Lists)},
		{Field: "tag", Label: "Tag", All: "Any tag", Chip: "tag ", Options: labelOptions(of.Tags)},
		{Field: "sort", Label: "Sort by", All: "Newest first", Options: sortOptions},
	}
	s.Texts = []TextFilter{
		{Field: "title", Label: "Title", Type: "text", Chip: "title: "}, {Field: "company", Label: "Company or domain", Type: "text", Chip: "company: "}, {Field: "place", Label: "Place", Type: "text", Chip: "place: "},
		{Field: "from", Label: "Captured from", Type: "date", Chip: "captured from "}, {Field: "to", Label: "Captured until", Type: "date", Chip: "captured until "},
	}
	for n := range s.Texts {
		s.Texts[n].Value = q.Get(s.Texts[n].Field)
	}
	for n := range s.Selects {
		f := &s.Selects[n]
		f.Options = slices.Clone(f.Options)
		for i := range f.Options {
			f.Options[i].Selected = f.Options[i].Value == q.Get(f.Field)
		}
	}
	s.chips(q)
	return s
}

// The grades of a work email, and the orders, that the sheet can be asked for.
var (
	statusOptions = []frame.Option{{Value: capture.StatusVerified, Label: "Verified"}, {Value: capture.StatusUnverified, Label: "Not verified"}}
	sortOptions   = []frame.Option{
		{Value: "captured", Label: "Oldest first"}, {Value: "name", Label: "Person, A–Z"}, {Value: "-name", Label: "Person, Z–A"},
		{Value: "company", Label: "Company, A–Z"}, {Value: "-company", Label: "Company, Z–A"}, {Value: "title", Label: "Title, A–Z"}, {Value: "-title", Label: "Title, Z–A"},
		{Value: "owner", Label: "Owner, A–Z"}, {Value: "-owner", Label: "Owner, Z–A"},
	}
)

// costOptions are what a lead may have cost: a credit type, or nothing.
func costOptions(types []string) (list []frame.Option) {
	for _, t := range types {
		list = append(list, frame.Option{Value: t, Label: "Paid with " + t})
	}
	return append(list, frame.Option{Value: capture.CostFree, Label: "Free"})
}

// labelOptions are words of the team.
func labelOptions(names []string) (list []frame.Option) {
	for _, name := range names {
		list = append(list, frame.Option{Value: name, Label: name})
	}
	return list
}

// chips are the filters that are set, each with the way to take it off.
func (s *LeadSearch) chips(q url.Values) {
	add := func(name, text string) {
		s.Chips = append(s.Chips, Chip{Text: text, Without: "/leads?" + withParameter(q, name, "")})
	}
	if s.Query != "" {
		add("q", "“"+s.Query+"”")
	}
	for _, f := range s.Texts {
		if f.Value != "" {
			add(f.Field, f.Chip+f.Value)
		}
	}
	for _, f := range s.Selects {
		if value := q.Get(f.Field); value != "" && f.Field != "sort" { // the head of its column shows it
			add(f.Field, f.Chip+picked(f.Options, f.Chip == "", value))
		}
	}
}

// picked is what was chosen, or what the address says where nothing like it can be.
func picked(options []frame.Option, begins bool, value string) string {
	for _, o := range options {
		if o.Selected && begins {
			return o.Label
		}
		if o.Selected && !strings.Contains(o.Label, " ") {
			return o.Label
		}
		if o.Selected {
			return strings.ToLower(o.Label[:1]) + o.Label[1:]
		}
	}
	return value
}
