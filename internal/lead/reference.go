package lead

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds every text of a reference, in bytes.
const maxText = 512

// Reference is how a caller names the person they mean. ID is ours; the rest is
// what they happen to know.
type Reference struct {
	ID            string `json:"id,omitempty"`
	SourceID      string `json:"source_id,omitempty"` // "crm:51", as a row of a file may name them
	LinkedInURL   string `json:"linkedin_url,omitempty"`
	Email         string `json:"email,omitempty"`
	FullName      string `json:"full_name,omitempty"`
	Company       string `json:"company,omitempty"`
	CompanyDomain string `json:"company_domain,omitempty"`

	// Own is whom the asking workspace was delivered the address of: among several who
	// claim it, that is who is meant. The product sets it, no caller.
	Own string `json:"-"`
}

// Typed reads what somebody typed: a profile URL, an email address, or a name and
// a company after a comma.
func Typed(text string) Reference {
	text = strings.TrimSpace(text)
	name, company, comma := strings.Cut(text, ",")
	switch {
	case strings.Contains(text, "@") && !strings.ContainsAny(text, " /"):
		return Reference{Email: text}
	case !comma && strings.Contains(text, "/"):
		return Reference{LinkedInURL: text}
	}
	name, company = strings.TrimSpace(name), strings.TrimSpace(company)
	if strings.Contains(company, ".") && !strings.Contains(company, " ") {
		if _, err := Domain(company); err == nil {
			return Reference{FullName: name, CompanyDomain: company}
		}
	}
	return Reference{FullName: name, Company: company}
}

// Problem says what is wrong with one member of a reference. An empty Field is
// the reference as a whole.
type Problem struct{ Field, Message string }

// Validate lists what keeps a reference from naming a person; nothing means
// that it does. One of an id, a profile's URL, an email, or a name with a
// company is needed.
func (r Reference) Validate() []Problem {
	var problems []Problem
	say := func(field, message string) { problems = append(problems, Problem{field, message}) }
	for _, text := range [...]struct{ field, value string }{
		{"id", r.ID}, {"source_id", r.SourceID}, {"linkedin_url", r.LinkedInURL}, {"email", r.Email},
		{"full_name", r.FullName}, {"company", r.Company}, {"company_domain", r.CompanyDomain},
	} {
		switch {
		case len(text.value) > maxText:
			say(text.field, fmt.Sprintf("must be at most %d bytes", maxText))
		case !isText(text.value):
			say(text.field, "must be text without control characters")
		}
	}
	if len(problems) > 0 {
		return problems
	}
	for _, form := range [...]struct {
		field, value string
		normalise    func(string) (string, error)
	}{
		{"linkedin_url", r.LinkedInURL, ProfileURL}, {"email", r.Email, Email}, {"company_domain", r.CompanyDomain, Domain},
	} {
		if form.value == "" {
			continue
		}
		if _, err := form.normalise(form.value); err != nil {
			say(form.field, err.Error())
		}
	}
	// A placeholder for an address is well formed, and finds nobody.
	if len(problems) > 0 || strings.TrimSpace(r.ID) != "" || r.Email != "" || len(r.Keys()) > 0 {
		return problems
	}
	switch {
	case NameKey(r.FullName) != "":
		say("company", "a name needs company or company_domain beside it")
	case r.FullName != "":
		say("full_name", "must have a letter")
	default:
		say("", "needs one of id, linkedin_url, email, or full_name with company or company_domain")
	}
	return problems
}

func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// The kinds of Key, in order of strength.
const (
	KindSource  = "source"
	KindProfile = "profile"
	KindEmail   = "email"
	KindName    = "name" // with a company's domain or, without a dot, its name
)

// Key is one thing by which a person is recognised. Two people with a strong
// key in common are the same person; a name and a company in common may be two.
type Key struct{ Kind, Value string }

// Strong tells whether the key belongs to one person alone. The address of a
// shared or disposable mailbox finds people and does not tell them apart.
func (k Key) Strong() bool {
	switch k.Kind {
	case KindSource, KindProfile:
		return true
	case KindEmail:
		return !MailboxOf(k.Value).Shared()
	}
	return false
}

// Keys is what the reference can be looked up by, the strongest first. The ID
// is not among them: it is the person's own, and needs no matching. A name
// alone is no key, and no address that stands for none. Members that are not well formed
// give none.
func (r Reference) Keys() []Key {
	var keys []Key
	if id := strings.TrimSpace(r.SourceID); id != "" {
		keys = append(keys, Key{KindSource, id})
	}
	if profile, err := ProfileURL(r.LinkedInURL); err == nil {
		keys = append(keys, Key{KindProfile, profile})
	}
	if email, err := Email(r.Email); err == nil && MailboxOf(email) != PlaceholderBox {
		keys = append(keys, Key{KindEmail, email})
	}
	return append(keys, nameKeys(r.FullName, r.Company, r.CompanyDomain)...)
}

// Keys is everything that the person can be recognised by, the strongest first
// and each once.
func (p Person) Keys() []Key {
	var keys []Key
	if id := strings.TrimSpace(p.SourceID); id != "" {
		keys = append(keys, Key{KindSource, id})
	}
	if profile, err := ProfileURL(p.LinkedInURL); err == nil {
		keys = append(keys, Key{KindProfile, profile})
	}
	for _, v := range p.Values {
		if !v.Field.IsEmail() {
			continue
		}
		if email, err := Email(v.Value); err == nil && !hasKey(keys, Key{KindEmail, email}) && MailboxOf(email) != PlaceholderBox {
			keys = append(keys, Key{KindEmail, email})
		}
	}
	return append(keys, nameKeys(p.Name(), p.Company, p.CompanyDomain)...)
}

// maxNamed bounds the keys that a name gives with a company.
const maxNamed = 16

// nameKeys is every form of a name with every form of its company, the plainest
// first. They only find: none of them tells who somebody is.
func nameKeys(name, company, domain string) []Key {
	names := NameKeys(name)
	if len(names) == 0 {
		return nil
	}
	var at []string
	if domain, err := Domain(domain); err == nil {
		at = append(at, domain)
	}
	at = append(at, CompanyKeys(company)...)
	var keys []Key
	for _, name := range names {
		for _, company := range at {
			if len(keys) < maxNamed {
				keys = append(keys, Key{KindName, name + "|" + company})
			}
		}
	}
	return keys
}

func hasKey(keys []Key, key Key) bool {
	for _, k := range keys {
		if k == key {
			return true
		}
	}
	return false
}
