package contactfile

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// The members by which sources print one value of several: Apollo, RocketReach, Lusha, Hunter,
// People Data Labs. The first that is filled counts. Names are as squash has them.
var (
	valueMembers = map[column][]string{
		email:       {"email", "emailaddress", "value", "address", "mail"},
		phone:       {"sanitizednumber", "e164", "internationalnumber", "number", "value", "phone", "phonenumber", "rawnumber", "localizednumber"},
		linkedInURL: {"url", "profileurl", "link", "value"},
	}
	kindMembers   = []string{"type", "emailtype", "phonetype", "typecd", "kind", "label", "category"}
	statusMembers = []string{"emailstatus", "status", "verificationstatus", "smtpvalid", "validity", "result", "deliverability"}
	dateMembers   = []string{"verifiedat", "lastverifiedat", "lastvalidationcheck", "verificationdate", "date", "updatedate"}

	// wrappers are members that hold the person.
	wrappers = wordSet("person contact lead prospect people member candidate employee data attributes properties result record")
	// employers are members that hold where the person works, with what of them is read.
	employers       = wordSet("company organization organisation employer currentemployer account currentcompany")
	employerMembers = map[column][]string{
		company: {"name", "companyname", "organizationname"}, companyDomain: {"primarydomain", "domain", "websiteurl", "website"},
		companyPhone: {"sanitizedphone", "primaryphone", "phone", "phonenumber"},
	}
	nameMembers = map[column][]string{fullName: {"full", "fullname", "display"}, firstName: {"first", "firstname", "given"}, lastName: {"last", "lastname", "family"}}
)

// mostNested bounds how deep a person is looked for.
const mostNested = 4

// object is the members of a JSON object by their names as squash has them.
type object map[string]json.RawMessage

func objectOf(value json.RawMessage) object {
	var named map[string]json.RawMessage
	if len(value) == 0 || value[0] != '{' || json.Unmarshal(value, &named) != nil {
		return nil
	}
	o := make(object, len(named))
	for name, v := range named {
		o[squash(name)] = v
	}
	return o
}

// text is the first of the members that has a text; empty: none.
func (o object) text(members []string) string {
	for _, m := range members {
		if v, there := o[m]; there && len(v) > 0 {
			if s, ok := scalar(v); ok && strings.TrimSpace(s) != "" {
				return s
			}
		}
	}
	return ""
}

// flat is an object's members as a CSV would have them as columns.
type flat struct {
	names  []string
	values []json.RawMessage
	texts  map[column][]string // of lists of objects
	status []string            // of each of the texts that are addresses
	dates  []string
}

// flatten lays what is nested in an object beside its other members, where it is understood:
// lists of addresses, numbers and profiles that say of what kind they are, the person within
// "contact", and the employer. The rest stays as it is.
func flatten(names []string, values []json.RawMessage) ([]string, []json.RawMessage) {
	if !slices.ContainsFunc(values, nested) {
		return names, values
	}
	f := &flat{texts: map[column][]string{}}
	taken := f.meanings(names, values)
	f.members(names, values, 0, taken)
	f.lists(taken)
	return f.names, f.values
}

// nested tells an object, and a list that may hold one.
func nested(v json.RawMessage) bool {
	return v[0] == '{' || v[0] == '[' && bytes.IndexByte(v, '{') >= 0
}

func meaningOf(name string) column {
	if c := columnNamed(columnName(name)); c != extra {
		return c
	}
	return aliased(name)
}

// meanings are the columns that an object's own members give.
func (f *flat) meanings(names []string, values []json.RawMessage) map[column]bool {
	taken := map[column]bool{}
	for i, name := range names {
		if v := values[i]; v[0] != '{' && v[0] != 'n' {
			taken[meaningOf(name)] = true
		}
	}
	return taken
}

func (f *flat) add(name string, value json.RawMessage) {
	f.names, f.values = append(f.names, name), append(f.values, value)
}

// column adds a text under one of our own names, unless the object has such a column.
func (f *flat) column(c column, text string, taken map[column]bool) {
	if text == "" || taken[c] {
		return
	}
	taken[c] = true
	value, _ := json.Marshal(text) // texts always encode
	f.add(columnNames[c], value)
}

func (f *flat) members(names []string, values []json.RawMessage, depth int, taken map[column]bool) {
	for i, name := range names {
		if value := values[i]; !f.member(name, value, depth, taken) {
			if depth == 0 || !f.named(name) {
				f.add(name, value)
			}
		}
	}
}

func (f *flat) named(name string) bool {
	return slices.ContainsFunc(f.names, func(n string) bool { return columnName(n) == columnName(name) })
}

// member lays a nested member where it belongs; false: it is not understood, or not nested.
func (f *flat) member(name string, value json.RawMessage, depth int, taken map[column]bool) bool {
	o, plain := objectOf(value), squash(name)
	texts := func(members map[column][]string) bool {
		found := false
		for _, c := range []column{company, companyDomain, companyPhone, fullName, firstName, lastName} {
			if text := o.text(members[c]); text != "" {
				f.column(c, text, taken)
				found = true
			}
		}
		return found
	}
	switch {
	case o != nil && employers[plain]:
		return texts(employerMembers)
	case o != nil && (plain == "name" || plain == "fullname"):
		return texts(nameMembers)
	case o != nil && (plain == "verification" || plain == "emailverification") && o.text(statusMembers) != "":
		f.column(workEmailStatus, o.text(statusMembers), taken)
		f.column(workEmailVerifiedAt, o.text(dateMembers), taken)
		return true
	case o != nil && wrappers[plain] && depth < mostNested:
		var names []string
		var values []json.RawMessage
		var named map[string]json.RawMessage
		_ = json.Unmarshal(value, &named) // objectOf read it
		for name := range named {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			values = append(values, named[name])
		}
		f.members(names, values, depth+1, taken)
		return true
	}
	return f.list(meaningOf(name), name, value)
}

// list takes a list of objects, or one, that are values of a field; false: it is none.
func (f *flat) list(c column, name string, value json.RawMessage) bool {
	if !nested(value) {
		return false
	}
	base, parts := c, []json.RawMessage{value}
	switch {
	case c == workEmail || c == personalEmails:
		base = email
	case c == workPhones || c == mobilePhones || c == homePhone || c == companyPhone:
		base = phone
	case squash(name) == "profiles" || c == link:
		base = linkedInURL
	}
	members := valueMembers[base]
	if members == nil || value[0] == '[' && json.Unmarshal(value, &parts) != nil {
		return false
	}
	type one struct {
		to         column
		text       string
		status, at string
	}
	var all []one
	for _, part := range parts {
		if o := objectOf(part); o != nil {
			v := one{to: c, text: o.text(members), status: o.text(statusMembers), at: o.text(dateMembers)}
			if checked := objectOf(o["verification"]); checked != nil {
				v.status, v.at = checked.text(statusMembers), checked.text(dateMembers)
			}
			if v.to == base || base == linkedInURL {
				v.to = kindOf(base, kindWords(o.text(kindMembers)))
			}
			if v.text != "" && (base != linkedInURL || isProfile(v.text)) {
				all = append(all, v)
			}
		} else if text, ok := scalar(part); ok && base != linkedInURL {
			all = append(all, one{to: c, text: text})
		} else {
			return false
		}
	}
	if len(all) == 0 {
		return base == linkedInURL && c != linkedInURL && len(parts) > 0 // none of them is a profile
	}
	for _, v := range all {
		if v.to == left || strings.Contains(v.text, ";") {
			continue // a fax
		}
		if f.texts[v.to] = append(f.texts[v.to], v.text); v.to == workEmail {
			f.status, f.dates = append(f.status, v.status), append(f.dates, v.at)
		}
	}
	return true
}

// kindWords is how a source calls a kind, in words that columns have.
func kindWords(kind string) string {
	switch squash(kind) {
	case "professional", "business", "corporate", "currentprofessional":
		return "work"
	case "personal", "private":
		return "home"
	}
	return kind
}

// lists adds what the lists came to. A status beside the object's own address is of that one.
func (f *flat) lists(taken map[column]bool) {
	for _, c := range []column{workEmail, personalEmails, email, workPhones, mobilePhones, homePhone, phone, companyPhone, linkedInURL} {
		texts := f.texts[c]
		if len(texts) == 0 {
			continue
		}
		to := c
		if c == workEmail && taken[workEmailStatus] && !taken[workEmail] {
			to = email
		}
		if c == companyPhone {
			f.column(c, texts[0], taken)
			continue
		}
		value, _ := json.Marshal(texts) // texts always encode
		f.add(columnNames[to], value)
		if c == workEmail && !taken[workEmail] && strings.Join(f.status, "") != "" {
			f.column(workEmailStatus, strings.Join(f.status, ";"), taken)
			f.column(workEmailVerifiedAt, strings.Join(f.dates, ";"), taken)
		}
	}
}
