package provider

import (
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// maxValues bounds the values of one field in one answer.
const maxValues = 10

// Draft gathers what one answer says of a person and keeps what is well formed.
// Its texts are set through its methods; a source's word is never taken as it is.
type Draft struct {
	source   string
	query    Query
	person   lead.Person
	withheld []lead.Field
}

// NewDraft begins an answer of a source to a query.
func NewDraft(source string, q Query) *Draft { return &Draft{source: source, query: q} }

// Name says how the person is called.
func (d *Draft) Name(full, first, last string) {
	d.person.FullName, d.person.FirstName, d.person.LastName = full, first, last
}

// Job says where the person works, and as what.
func (d *Draft) Job(title, company, domain string) {
	d.person.Title, d.person.Company = title, company
	d.person.CompanyDomain, _ = lead.Domain(domain)
}

// Profile says which profile is the person's.
func (d *Draft) Profile(url string) {
	if key, err := lead.ProfileURL(url); err == nil {
		d.person.LinkedInURL = "https://" + key
	}
}

// Place says where the person is. Country is an ISO 3166 code; a name of one is
// left out.
func (d *Draft) Place(location, country string) {
	d.person.Location = location
	d.person.Country, _ = lead.Country(country)
}

// Email adds an address, marked where it is nobody's own as in imports. Verified is for what the source itself verified, at a
// time that is zero where it does not say.
func (d *Draft) Email(f lead.Field, raw, status string, at time.Time) {
	email, err := lead.Email(raw)
	if err != nil {
		return
	}
	if status != lead.Verified {
		at = time.Time{}
	}
	v := lead.InMailbox(lead.Value{Field: f, Value: email, Status: status, VerifiedAt: at.UTC(), Source: d.source})
	if v.Mailbox == lead.PlaceholderBox {
		return
	}
	d.add(v)
}

// Phone adds a number. The numbering plan decides what it is where it can: a
// number from a fixed range is a work phone though the source calls it mobile,
// as the dearer field must not be sold on a source's word; one from a mobile
// range is a mobile phone. Where the plan does not tell them apart, the source's
// word counts. Toll-free, premium-rate and suchlike numbers are nobody's own and
// are left out.
func (d *Draft) Phone(called lead.Field, raw string) {
	country := d.person.Country
	if country == "" {
		country = d.query.Country
	}
	number, err := lead.Phone(raw, country)
	if err != nil {
		return
	}
	switch lead.LineOf(number) {
	case lead.LineShared:
		return
	case lead.LineMobile:
		called = lead.MobilePhone
	case lead.LineFixed:
		called = lead.WorkPhone
	}
	d.add(lead.Value{Field: called, Value: number, Source: d.source})
}

// CompanyPhone says which number is the company's main line.
func (d *Draft) CompanyPhone(raw string) {
	d.person.CompanyPhone, _ = lead.Phone(raw, d.query.Country)
}

// Withhold says that the source has the field and does not show it to us.
func (d *Draft) Withhold(f lead.Field) {
	if d.query.Wants(f) && !slices.Contains(d.withheld, f) {
		d.withheld = append(d.withheld, f)
	}
}

func (d *Draft) add(v lead.Value) {
	if !d.query.Wants(v.Field) {
		return
	}
	of := d.person.ValuesOf(v.Field)
	if len(of) < maxValues && !slices.ContainsFunc(of, func(w lead.Value) bool { return w.Value == v.Value }) {
		d.person.Values = append(d.person.Values, v)
	}
}

// Answer is what the draft comes to: Found with a value, Forbidden where all
// that there is was withheld, else NotFound.
func (d *Draft) Answer() Answer {
	a := Answer{Outcome: NotFound, Person: d.person, Withheld: d.withheld}
	if len(d.withheld) > 0 {
		labels := make([]string, len(d.withheld))
		for i, f := range d.withheld {
			labels[i] = f.Label()
		}
		a.Outcome, a.Detail = Forbidden, "our plan with it does not show: "+strings.Join(labels, ", ")
	}
	if len(d.person.Values) > 0 {
		a.Outcome = Found
	}
	return a
}

// ParseTime reads a date or an instant as sources write it; anything else, and
// what lies in the future, is the zero time.
func ParseTime(text string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil && at.Before(time.Now().Add(time.Minute)) {
			return at.UTC()
		}
	}
	return time.Time{}
}
