package provider

import (
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// same tells whether an answer may be about the person that is searched for. A
// name proves nothing either way. An answer is dropped when it contradicts a
// strong key of the query, or the profile that an earlier answer gave:
//
//   - its profile is another page of the same form on the same site;
//   - or, where no profile agrees, it gives addresses at the domain of the email
//     that was asked about, and that email is not among them.
func (s *search) same(p lead.Person) bool {
	known := s.q.LinkedInURL
	if known == "" {
		known = s.person.LinkedInURL
	}
	switch compare(known, p.LinkedInURL) {
	case agrees:
		return true
	case contradicts:
		return false
	}
	_, domain, _ := strings.Cut(s.q.Email, "@")
	there, hit := false, false
	for _, v := range p.Values {
		if v.Field != lead.WorkEmail || domain == "" {
			continue
		}
		hit = hit || v.Value == s.q.Email
		there = there || strings.HasSuffix(v.Value, "@"+domain)
	}
	return hit || !there
}

type likeness int

const (
	unrelated likeness = iota
	agrees
	contradicts
)

// compare compares two profiles. Pages of different forms, such as a public
// profile and a sales page, say nothing of each other.
func compare(one, other string) likeness {
	a, errA := lead.ProfileURL(one)
	b, errB := lead.ProfileURL(other)
	if errA != nil || errB != nil {
		return unrelated
	}
	if a == b {
		return agrees
	}
	if form(a) == form(b) {
		return contradicts
	}
	return unrelated
}

func form(profile string) string { return profile[:strings.LastIndexByte(profile, '/')] }

// ranks orders what is known of an email address, the best first.
var ranks = []string{lead.Verified, lead.Likely, lead.Unverified, lead.Bounced}

// merge adds a source's values to a field: the best first, each once, under the
// best that is said of it.
func merge(r *FieldResult, values []lead.Value) {
	rank := func(v lead.Value) int { return slices.Index(ranks, v.Status) }
	for _, v := range values {
		at := slices.IndexFunc(r.Values, func(w lead.Value) bool { return w.Value == v.Value })
		switch {
		case at < 0:
			r.Values = append(r.Values, v)
		case rank(v) < rank(r.Values[at]):
			r.Values[at] = v
		}
	}
	slices.SortStableFunc(r.Values, func(a, b lead.Value) int { return rank(a) - rank(b) })
}

// learn keeps what an answer says of the person beside the values; what an
// earlier source said stays.
func (s *search) learn(p lead.Person) {
	keep := func(to *string, from string) {
		if *to == "" {
			*to = from
		}
	}
	keep(&s.person.FullName, p.Name())
	if s.person.FirstName == "" && s.person.LastName == "" {
		s.person.FirstName, s.person.LastName = p.FirstName, p.LastName
	}
	keep(&s.person.Title, p.Title)
	keep(&s.person.Company, p.Company)
	keep(&s.person.CompanyDomain, p.CompanyDomain)
	keep(&s.person.CompanyPhone, p.CompanyPhone)
	keep(&s.person.LinkedInURL, p.LinkedInURL)
	keep(&s.person.Location, p.Location)
	keep(&s.person.Country, p.Country)
}
