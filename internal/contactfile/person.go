package contactfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// fill understands a row. What it cannot use it leaves out and says so.
func (r *Record) fill(raw *rawRow, o *Options) {
	for _, p := range raw.problems {
		r.say(p.Column, p.Message)
	}
	p := &r.Person
	p.Country = r.country(raw)
	p.SourceID = strings.TrimSpace(lead.Visible(r.text(raw, id)))
	p.FullName, p.FirstName, p.LastName = r.text(raw, fullName), r.text(raw, firstName), r.text(raw, lastName)
	p.Title, p.Company = r.text(raw, title), r.text(raw, company)
	p.Location = r.location(raw)
	p.Industry, p.CompanySize = r.text(raw, industry), r.text(raw, companySize)
	p.CompanyDomain = r.form(raw, companyDomain, lead.Domain)
	if s := cellText(raw.known[website]); p.CompanyDomain == "" && s != "" {
		// A site of whatever kind: no loss where it is none.
		if p.CompanyDomain, _ = lead.Domain(s); isPlatform(p.CompanyDomain) {
			p.CompanyDomain = ""
			raw.keep("website", s)
		}
	}
	p.CompanyPhone = r.mainLine(raw)
	profiles := r.profiles(raw)
	p.Extra = raw.extra
	if p.FullName == "" {
		p.FullName = p.Name()
	} else if p.FirstName == "" && p.LastName == "" {
		p.FirstName, p.LastName = lead.SplitName(p.FullName)
	}
	said := r.source(raw, o.Source)
	r.Source = said
	if from := cmp.Or(said, o.Upload); from != "" && p.SourceID != "" {
		p.SourceID = from + ":" + p.SourceID
	}

	emails, phones := reading{source: said, options: o}, reading{source: said, options: o}
	emails.read = readEmails
	phones.read = func(s string) ([]lead.Number, []error) { return lead.Phones(s, p.Country) }
	r.values(raw, workEmail, lead.WorkEmail, emails)
	r.values(raw, workPhones, lead.WorkPhone, phones)
	r.values(raw, personalEmails, lead.PersonalEmail, emails)
	r.values(raw, mobilePhones, lead.MobilePhone, phones)
	r.values(raw, email, "", emails)
	r.values(raw, phone, "", phones)
	r.values(raw, homePhone, "", phones)
	r.dropPlaceholders()
	p.AsOf = o.Now
	for _, v := range p.Values { // the row's own date
		if v.Field == lead.WorkEmail && !v.VerifiedAt.IsZero() {
			p.AsOf = v.VerifiedAt
			break
		}
	}
	if r.Keys = withProfiles(p.Keys(), profiles); len(r.Keys) == 0 {
		r.reject("the row does not say who it is about; fill in linkedin_url, work_email, personal_emails or id, or full_name together with company or company_domain")
	} else if o.Person && !r.namesPerson(profiles) {
		r.reject("the row names a company and no person; fill in full_name, linkedin_url or an email address of their own in work_email or personal_emails")
	}
}

// namesPerson tells that the row says who somebody is. An id, a company or the address of a
// desk does not.
func (r *Record) namesPerson(profiles []string) bool {
	p := &r.Person
	return len(lead.NameKeys(p.Name())) > 0 || p.LinkedInURL != "" || len(profiles) > 0 || slices.ContainsFunc(p.Values, func(v lead.Value) bool {
		return v.Field.IsEmail() && !v.Mailbox.Shared()
	})
}

// dropPlaceholders leaves addresses out that stand where there is none.
func (r *Record) dropPlaceholders() {
	r.Person.Values = slices.DeleteFunc(r.Person.Values, func(v lead.Value) bool {
		if v.Mailbox != lead.PlaceholderBox {
			return false
		}
		r.say("", fmt.Sprintf("%.64q is a placeholder and nobody's address; it is left out", v.Value))
		return true
	})
}

// source is who supplied the row: what it says itself, else what is said of the
// whole file.
func (r *Record) source(raw *rawRow, file string) string {
	s := cellText(raw.known[source])
	if s == "" {
		return file
	}
	name, err := SourceName(s)
	if err != nil {
		r.say(raw.label(source), err.Error())
		return file
	}
	return name
}

// maxSource bounds a source's name, in bytes.
const maxSource = 64

// SourceName brings the name of who supplied people into the form that is kept
// with their values: "CRM Export" is "crm-export".
func SourceName(raw string) (string, error) {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		case r == ' ':
			return '-'
		}
		return utf8.RuneError
	}, strings.ToLower(strings.TrimSpace(raw)))
	if len(name) > maxSource || strings.ContainsRune(name, utf8.RuneError) {
		return "", fmt.Errorf("%.64q is not a source's name: it has at most %d letters a to z, digits, dots and dashes", raw, maxSource)
	}
	return name, nil
}

// location puts a place together where only its parts are given.
func (r *Record) location(raw *rawRow) string {
	if s := r.text(raw, location); s != "" {
		return s
	}
	var parts []string
	for _, c := range []column{city, region, country} {
		if s := r.text(raw, c); s != "" && (c != country || len(parts) > 0) {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// text is a text of one line.
func (r *Record) text(raw *rawRow, c column) string {
	s := cellText(raw.known[c])
	if strings.ContainsFunc(s, unicode.IsControl) {
		s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	}
	if len(s) > maxText {
		r.say(raw.label(c), fmt.Sprintf("is longer than %d bytes", maxText))
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
		r.say(raw.label(c), err.Error())
		return ""
	}
	return s
}

func (r *Record) country(raw *rawRow) string {
	s := cellText(raw.known[country])
	code, ok := lead.CountryNamed(s)
	if !ok && s != "" {
		r.say(raw.label(country), fmt.Sprintf("%.64q is not an ISO 3166 country code", s))
	}
	return code
}

// profiles reads the addresses of the person's profiles. The first public one is kept
// as it was written, for its key would not always open, but always as one that a page
// may link to; the others are kept by their columns' names. The keys of all of them
// come back.
func (r *Record) profiles(raw *rawRow) (keys []string) {
	best := -1
	for i, a := range raw.profiles {
		s := lead.Visible(cellText(a.text))
		label := cmp.Or(a.label, columnNames[linkedInURL])
		key, err := lead.ProfileURL(s)
		if err != nil {
			r.say(label, err.Error())
			raw.profiles[i].text = ""
			continue
		}
		if raw.profiles[i].text = s; !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
		if best < 0 || strings.HasPrefix(key, "linkedin.com/in/") && !strings.HasPrefix(keys[0], "linkedin.com/in/") {
			best = i
			at := slices.Index(keys, key)
			keys[0], keys[at] = keys[at], keys[0]
		}
	}
	for i, a := range raw.profiles {
		switch {
		case a.text == "":
		case i == best:
			r.Person.LinkedInURL = linkable(a.text)
		default:
			raw.keep(columnName(cmp.Or(a.label, columnNames[linkedInURL])), linkable(a.text))
		}
	}
	return keys
}

func linkable(s string) string {
	s = lead.ProfileLink(s)
	if scheme, _, found := strings.Cut(s, "://"); found && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")) {
		return s
	}
	return "https://" + strings.TrimPrefix(s, "//")
}

// withProfiles adds the keys of further profiles behind that of the first.
func withProfiles(keys []lead.Key, profiles []string) []lead.Key {
	for _, profile := range profiles {
		key := lead.Key{Kind: lead.KindProfile, Value: profile}
		if slices.Contains(keys, key) {
			continue
		}
		at := slices.IndexFunc(keys, func(k lead.Key) bool { return k.Kind != lead.KindSource && k.Kind != lead.KindProfile })
		if at < 0 {
			at = len(keys)
		}
		keys = slices.Insert(keys, at, key)
	}
	return keys
}

// mainLine is the company's number, the first where there are several.
func (r *Record) mainLine(raw *rawRow) string {
	s := cellText(raw.known[companyPhone])
	if s == "" {
		return ""
	}
	numbers, left := lead.Phones(s, r.Person.Country)
	for _, err := range left {
		r.say(raw.label(companyPhone), err.Error())
	}
	if len(numbers) > 1 {
		r.say(raw.label(companyPhone), fmt.Sprintf("has %d numbers; the first is kept", len(numbers)))
	}
	if len(numbers) == 0 {
		return ""
	}
	return numbers[0].Value
}

// platforms are sites on which companies and people have pages. Their domains are
// nobody's company.
var platforms = wordSet("linkedin.com facebook.com fb.com twitter.com x.com instagram.com xing.com youtube.com github.com google.com sites.google.com " +
	"linktr.ee medium.com about.me t.me wa.me tiktok.com vk.com crunchbase.com angel.co wordpress.com blogspot.com calendly.com")

func isPlatform(domain string) bool {
	for ; domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		if platforms[domain] {
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
		case n == MaxValues:
			return parts, true
		default:
			parts = append(parts, part)
		}
	}
	return parts, false
}
