package bulk

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
)

// ReadFile reads people as the directory reads them, at most one more than a job
// may have; a row that means nobody keeps its reason. The content type is one that
// the directory imports.
func ReadFile(body []byte, contentType string) ([]Person, error) {
	reader, err := contactfile.NewReader(bytes.NewReader(body), contentType)
	var format *contactfile.FormatError
	if errors.As(err, &format) {
		return nil, fault.Wrong("body", "%s", format.Message)
	}
	if err != nil {
		return nil, err
	}
	var people []Person
	for len(people) <= MaxRows {
		r, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.Wrong("body", "breaks off after row %d", len(people))
		}
		p := Person{Reference: lead.Reference{
			SourceID: sourceID(r.Person), LinkedInURL: r.Person.LinkedInURL, FullName: r.Person.Name(), Company: r.Person.Company, CompanyDomain: r.Person.CompanyDomain,
		}}
		for _, v := range r.Person.Values {
			if v.Field.IsEmail() && p.Reference.Email == "" {
				p.Reference.Email = v.Value
			}
		}
		if r.Person.SourceID != "" && p.Reference.SourceID == "" && len(p.Reference.Keys()) == 0 {
			p.Problem = "an id needs its source beside it, in a column source; or give a linkedin_url, an email, or a name with a company"
		}
		if r.Rejected && len(r.Problems) > 0 {
			p.Problem = r.Problems[len(r.Problems)-1].String()
		}
		people = append(people, p)
	}
	return people, nil // what is more than may be Begin refuses
}

// sourceID is a person's id with its source; empty: the row names none, and an id alone is
// anybody's.
func sourceID(p lead.Person) string {
	if !strings.Contains(p.SourceID, ":") {
		return ""
	}
	return p.SourceID
}
