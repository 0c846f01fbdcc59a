package export

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Dialect is a CSV that another program imports: its own columns, in its own words.
type Dialect struct {
	columns []string
	cells   func(l capture.Lead, captured string) []string
	// mark begins the file with a byte order mark, by which Excel knows UTF-8.
	mark bool
}

// Dialects are the CSVs of the lead sheet, by the program that they are for. The
// column names are those that each documents for its import of people.
var Dialects = map[string]Dialect{
	"excel": {columns: leadColumns, mark: true},
	// Salesforce's import of leads needs a last name and a company.
	"salesforce": {columns: []string{"First Name", "Last Name", "Company", "Title", "Email", "Phone", "Mobile Phone", "Website", "Lead Source", "Description", "Additional Emails", "Additional Phones", "Additional Mobile Phones"}, cells: salesforce},
	"hubspot":    {columns: []string{"First name", "Last name", "Email address", "Phone number", "Mobile phone number", "Job title", "Company name", "Website URL", "LinkedIn URL", "Lead source", "Additional email addresses", "Additional phone numbers", "Additional mobile phone numbers"}, cells: hubspot},
	"google":     {columns: googleColumns(), cells: google},
}

// Mark is what a dialect's file begins with: nothing, or a byte order mark.
func Mark(dialect string) string {
	if Dialects[dialect].mark {
		return "\ufeff"
	}
	return ""
}

// LeadsFor writes the leads that a filter chooses as a dialect's rows; the empty
// dialect is our own.
func (e *Export) LeadsFor(ctx context.Context, s *account.Scope, dialect string, f store.LeadFilter, write Row) error {
	d := Dialects[dialect]
	switch {
	case d.mark:
		return e.leads(ctx, s, f, forExcel, write)
	case d.cells == nil:
		return e.Leads(ctx, s, f, write)
	}
	if err := e.begun(ctx, s, "leads"); err != nil {
		return err
	}
	if err := write(d.columns); err != nil {
		return err
	}
	return e.each(ctx, s, f, func(l capture.Lead) error { return write(d.cells(l, "leadmeter")) })
}

// each hands over the leads that a filter chooses, in its order.
func (e *Export) each(ctx context.Context, s *account.Scope, f store.LeadFilter, fn func(l capture.Lead) error) error {
	f.Limit = 500
	for {
		rows, err := e.Captures.Leads(ctx, s, f)
		if err != nil {
			return err
		}
		if err := e.Captures.Employers(ctx, rows); err != nil {
			return err
		}
		for _, l := range rows {
			if err := fn(l); err != nil {
				return err
			}
		}
		if len(rows) < f.Limit {
			return nil
		}
		capture.Continue(&f, rows[len(rows)-1])
	}
}

// contact is a lead as address books have people: one value a place, and what is left.
type contact struct {
	first, last           string
	work, personal        string // emails
	phone, mobile         string
	company, title, site  string
	profile, notes, lists string
	others                []string // emails, work phones and mobiles beyond one of each, three cells
}

func contactOf(l capture.Lead) contact {
	one := func(f lead.Field) string {
		if values := l.Fields[f].Values; len(values) > 0 {
			return values[0].Value
		}
		return ""
	}
	c := contact{
		work: one(lead.WorkEmail), personal: one(lead.PersonalEmail), phone: one(lead.WorkPhone), mobile: one(lead.MobilePhone),
		company: l.Person.Company, title: l.Person.Title, profile: l.Person.LinkedInURL, notes: l.Notes, lists: strings.Join(l.Lists, " ::: "),
	}
	c.first, c.last = lead.SplitName(l.Person.FullName)
	if c.last == "" {
		c.first, c.last = "", c.first
	}
	if l.Person.CompanyDomain != "" {
		c.site = "https://" + l.Person.CompanyDomain
	}
	c.others = []string{others(l, c.email(), lead.WorkEmail, lead.PersonalEmail), others(l, c.phone, lead.WorkPhone), others(l, c.mobile, lead.MobilePhone)}
	return c
}

// others are the values of fields but the one that has a column of its own.
func others(l capture.Lead, one string, fields ...lead.Field) string {
	var list []string
	for _, f := range fields {
		for _, v := range l.Fields[f].Values {
			if v.Value != one {
				list = append(list, v.Value)
			}
		}
	}
	return strings.Join(list, ";")
}

// email is the address that a program with room for one is given.
func (c contact) email() string {
	if c.work != "" {
		return c.work
	}
	return c.personal
}

func salesforce(l capture.Lead, source string) []string {
	c := contactOf(l)
	if c.company == "" {
		c.company = "[not provided]" // what Salesforce itself writes there
	}
	if c.last == "" {
		c.last = "[not provided]"
	}
	return append([]string{c.first, c.last, c.company, c.title, c.email(), c.phone, c.mobile, c.site, source, strings.TrimSpace(c.profile + "\n" + c.notes)}, c.others...)
}

func hubspot(l capture.Lead, source string) []string {
	c := contactOf(l)
	return append([]string{c.first, c.last, c.email(), c.phone, c.mobile, c.title, c.company, c.site, c.profile, source}, c.others...)
}

// perKind is how many addresses, and how many numbers, Google is given of a person.
const perKind = 6

func googleColumns() []string {
	columns := []string{"First Name", "Last Name", "Organization Name", "Organization Title", "Notes", "Labels"}
	for _, kind := range []string{"E-mail", "Phone"} {
		for n := range perKind {
			columns = append(columns, fmt.Sprintf("%s %d - Label", kind, n+1), fmt.Sprintf("%s %d - Value", kind, n+1))
		}
	}
	columns = append(columns, "Website 1 - Label", "Website 1 - Value")
	for n := range googleCustom {
		columns = append(columns, fmt.Sprintf("Custom Field %d - Label", n+1), fmt.Sprintf("Custom Field %d - Value", n+1))
	}
	return columns
}

func google(l capture.Lead, _ string) []string {
	c := contactOf(l)
	cells := []string{c.first, c.last, c.company, c.title, c.notes, c.lists}
	add := func(most int, labels map[lead.Field]string, fields ...lead.Field) {
		for _, f := range fields {
			for _, v := range l.Fields[f].Values[:min(len(l.Fields[f].Values), most)] {
				cells = append(cells, labels[f], v.Value)
				most--
			}
		}
		cells = append(cells, make([]string, 2*most)...)
	}
	add(perKind, map[lead.Field]string{lead.WorkEmail: "Work", lead.PersonalEmail: "Home"}, lead.WorkEmail, lead.PersonalEmail)
	add(perKind, map[lead.Field]string{lead.WorkPhone: "Work", lead.MobilePhone: "Mobile"}, lead.WorkPhone, lead.MobilePhone)
	profile := []string{"Profile", c.profile}
	if c.profile == "" {
		profile[0] = ""
	}
	return slices.Concat(cells, profile, googleStatus(l.Fields[lead.WorkEmail].Values))
}

// googleCustom are the custom fields: the status of each work email and when it was verified,
// for which Google has no column of its own. Imports read them back.
var googleCustom = [...]string{"Email status", "Email verified at"}

func googleStatus(emails []lead.Value) []string {
	statuses, dates := make([]string, 0, perKind), make([]string, 0, perKind)
	for _, v := range emails[:min(len(emails), perKind)] {
		at := ""
		if !v.VerifiedAt.IsZero() {
			at = v.VerifiedAt.UTC().Format(time.DateOnly)
		}
		statuses, dates = append(statuses, v.Status), append(dates, at)
	}
	var cells []string
	for n, said := range [][]string{statuses, dates} {
		if text := strings.Join(said, ";"); strings.Trim(text, ";") != "" {
			cells = append(cells, googleCustom[n], text)
		} else {
			cells = append(cells, "", "")
		}
	}
	return cells
}

// Contact is a lead as other programs have people: one value a place.
type Contact struct {
	First, Last, Email, Phone, Mobile, Title, Company, Site string
}

// ContactOf is a lead's; what the workspace does not own is empty.
func ContactOf(l capture.Lead) Contact {
	c := contactOf(l)
	return Contact{First: c.first, Last: c.last, Email: c.email(), Phone: c.phone, Mobile: c.mobile, Title: c.title, Company: c.company, Site: c.site}
}
