package directory

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// fill understands a row. What it cannot use it leaves out and says so.
func (r *Record) fill(raw *rawRow) {
	for _, p := range raw.problems {
		r.say(p.Column, p.Message)
	}
	p := &r.Person
	p.Country = r.country(raw)
	p.SourceID = r.text(raw, id)
	p.FullName, p.FirstName, p.LastName = r.text(raw, fullName), r.text(raw, firstName), r.text(raw, lastName)
	p.Title, p.Company, p.Location = r.text(raw, title), r.text(raw, company), r.text(raw, location)
	p.CompanyDomain = r.form(raw, companyDomain, lead.Domain)
	p.CompanyPhone = r.form(raw, companyPhone, func(s string) (string, error) { return lead.Phone(s, p.Country) })
	p.LinkedInURL = r.profile(raw)
	p.Extra = raw.extra
	if p.FullName == "" {
		p.FullName = p.Name()
	} else if p.FirstName == "" && p.LastName == "" {
		p.FirstName, p.LastName = lead.SplitName(p.FullName)
	}

	phone := func(s string) (string, error) { return lead.Phone(s, p.Country) }
	r.values(raw, workEmail, lead.WorkEmail, lead.Email)
	r.values(raw, workPhones, lead.WorkPhone, phone)
	r.values(raw, personalEmails, lead.PersonalEmail, lead.Email)
	r.values(raw, mobilePhones, lead.MobilePhone, phone)
	if len(p.Keys()) == 0 {
		r.reject("nobody could find this person: a row needs an id, a linkedin_url, an email, or a name with a company or company_domain")
	}
}

// text is a text of one line.
func (r *Record) text(raw *rawRow, c column) string {
	s := cellText(raw.known[c])
	if strings.ContainsFunc(s, unicode.IsControl) {
		s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	}
	if len(s) > maxText {
		r.say(columnNames[c], fmt.Sprintf("is longer than %d bytes", maxText))
		return ""
	}
	return s
}

// form is a text that has a normal form.
func (r *Record) form(raw *rawRow, c column, normalise func(string) (string, error)) string {
	s := cellText(raw.known[c])
	if s == "" {
		return ""
	}
	s, err := normalise(s)
	if err != nil {
		r.say(columnNames[c], err.Error())
		return ""
	}
	return s
}

func (r *Record) country(raw *rawRow) string {
	s := cellText(raw.known[country])
	code, ok := lead.Country(s)
	if !ok && s != "" {
		r.say(columnNames[country], fmt.Sprintf("%.64q is not an ISO 3166 country code", s))
	}
	return code
}

// profile keeps the URL as it was written, for its key would not always open,
// but always as one that a page may link to.
func (r *Record) profile(raw *rawRow) string {
	s := cellText(raw.known[linkedInURL])
	if s == "" {
		return ""
	}
	if _, err := lead.ProfileURL(s); err != nil {
		r.say(columnNames[linkedInURL], err.Error())
		return ""
	}
	if scheme, _, found := strings.Cut(s, "://"); found && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")) {
		return s
	}
	return "https://" + strings.TrimPrefix(s, "//")
}

// values reads the values of a field, each once.
func (r *Record) values(raw *rawRow, c column, f lead.Field, normalise func(string) (string, error)) {
	cell := cellText(raw.known[c])
	if cell == "" {
		return
	}
	parts, more := listed(cell)
	if more {
		r.say(columnNames[c], fmt.Sprintf("has more than %d values; the others are left out", maxValues))
	}
	before := len(r.Person.Values)
	for i, part := range parts {
		normal, err := normalise(part)
		if err != nil {
			r.say(columnNames[c], err.Error())
			continue
		}
		v := lead.Value{Field: f, Value: normal}
		if f.IsEmail() {
			v.Status = lead.Unverified
		}
		if f == lead.WorkEmail && i == 0 {
			// The columns beside it speak of one address. Should there be more, it
			// is the first: to call another one verified would be to sell a guess.
			r.verification(raw, &v)
		}
		if !has(r.Person.Values[before:], normal) {
			r.Person.Values = append(r.Person.Values, v)
		}
	}
}

func (r *Record) verification(raw *rawRow, v *lead.Value) {
	if s := cellText(raw.known[workEmailStatus]); s != "" {
		status, ok := lead.EmailStatus(s)
		if !ok {
			r.say(columnNames[workEmailStatus], fmt.Sprintf("%.64q is not one of verified, likely, unverified, bounced", s))
			status = lead.Unverified
		}
		v.Status = status
	}
	if s := cellText(raw.known[workEmailVerifiedAt]); s != "" {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			at, err = time.Parse(time.DateOnly, s)
		}
		if err != nil {
			r.say(columnNames[workEmailVerifiedAt], fmt.Sprintf("%.64q is not a date such as 2026-03-01 or 2026-03-01T05:00:00Z", s))
			return
		}
		v.VerifiedAt = at.UTC()
	}
}

func has(values []lead.Value, value string) bool {
	for _, v := range values {
		if v.Value == value {
			return true
		}
	}
	return false
}

// listed splits a cell at its semicolons, but not at the one by which a number's
// extension is written (";ext=12"), so that our own numbers can be read back.
// More tells that there were too many.
func listed(cell string) (parts []string, more bool) {
	const ext = "ext="
	for part := range strings.SplitSeq(cell, ";") {
		part = cellText(part)
		switch n := len(parts); {
		case part == "":
		case n > 0 && len(part) > len(ext) && strings.EqualFold(part[:len(ext)], ext):
			parts[n-1] += ";" + part
		case n == maxValues:
			return parts, true
		default:
			parts = append(parts, part)
		}
	}
	return parts, false
}
