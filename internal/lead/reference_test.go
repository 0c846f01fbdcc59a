package lead

import (
	"slices"
	"strings"
	"testing"
)

func TestReferenceValidate(t *testing.T) {
	long := strings.Repeat("x", 513)
	for _, c := range []struct {
		name string
		ref  Reference
		want []string // "field: message"
	}{
		{"an id", Reference{ID: "per_1"}, nil},
		{"a profile", Reference{LinkedInURL: "https://www.linkedin.com/in/ada"}, nil},
		{"an email", Reference{Email: "ada@example.com"}, nil},
		{"a name and a company", Reference{FullName: "Ada Lovelace", Company: "Acme"}, nil},
		{"a name and a domain", Reference{FullName: "Ada Lovelace", CompanyDomain: "acme.example"}, nil},
		{"nothing", Reference{}, []string{": needs one of id, linkedin_url, email, or full_name with company or company_domain"}},
		{"blanks", Reference{ID: "  "}, []string{": needs one of id, linkedin_url, email, or full_name with company or company_domain"}},
		{"a company alone", Reference{Company: "Acme"}, []string{": needs one of id, linkedin_url, email, or full_name with company or company_domain"}},
		{"a name alone", Reference{FullName: "Ada Lovelace"}, []string{"company: a name needs company or company_domain beside it"}},
		{"a name of no letters", Reference{FullName: "?!", Company: "Acme"}, []string{"full_name: must have a letter"}},
		{"an email that is none", Reference{Email: "ada"}, []string{`email: "ada" is not an email address`}},
		{"a bad URL beside a good email", Reference{LinkedInURL: "ada", Email: "ada@example.com"},
			[]string{`linkedin_url: "ada" is not the URL of a person's profile`}},
		{"too long", Reference{ID: long, Company: long}, []string{"id: must be at most 512 bytes", "company: must be at most 512 bytes"}},
		{"a control character", Reference{ID: "per\x00"}, []string{"id: must be text without control characters"}},
		{"not UTF-8", Reference{FullName: "\xff", Company: "Acme"}, []string{"full_name: must be text without control characters"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, p := range c.ref.Validate() {
				got = append(got, p.Field+": "+p.Message)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestReferenceKeys(t *testing.T) {
	ref := Reference{ID: "per_1", LinkedInURL: "https://de.linkedin.com/in/Ada/", Email: "Ada@Example.com",
		FullName: "Dr. Ada Lovelace", Company: "Acme Inc.", CompanyDomain: "www.acme.example"}
	want := []Key{{"profile", "linkedin.com/in/ada"}, {"email", "ada@example.com"},
		{"name", "ada lovelace|acme.example"}, {"name", "ada lovelace|acme"}}
	if got := ref.Keys(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, ref := range []Reference{{FullName: "Ada Lovelace"}, {Company: "Acme"}, {ID: "per_1"}, {FullName: "!", Company: "Acme"}} {
		if got := ref.Keys(); len(got) != 0 {
			t.Errorf("%+v has keys %v", ref, got)
		}
	}
}

func TestPersonKeys(t *testing.T) {
	p := Person{ID: "per_1", SourceID: " C000127 ", LinkedInURL: "https://www.linkedin.com/in/ada", FirstName: "Ada", LastName: "Lovelace",
		Company: "Acme LLC", Values: []Value{
			{Field: WorkEmail, Value: "ada@acme.example"}, {Field: PersonalEmail, Value: "ada@home.example"},
			{Field: PersonalEmail, Value: "ADA@acme.example"}, {Field: MobilePhone, Value: "+14155550123"}}}
	want := []Key{{"source", "C000127"}, {"profile", "linkedin.com/in/ada"}, {"email", "ada@acme.example"},
		{"email", "ada@home.example"}, {"name", "ada lovelace|acme"}}
	got := p.Keys()
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, k := range got {
		if k.Strong() != (k.Kind != "name") {
			t.Errorf("%v: Strong = %v", k, k.Strong())
		}
	}
}
