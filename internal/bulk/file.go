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

// ReadFile reads people as the directory's import reads them, of the same formats and
// by the same columns, at most one more than a job may have; a row that means nobody
// keeps its reason.
func ReadFile(body []byte, contentType string) ([]Person, error) {
	reader, err := contactfile.NewReader(bytes.NewReader(body), contentType)
	if err != nil {
		return nil, refusal(err)
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
		people = append(people, person(r))
	}
	return people, nil // what is more than may be Begin refuses
}

func refusal(err error) error {
	var format *contactfile.FormatError
	switch {
	case errors.Is(err, contactfile.ErrContentType):
		return fault.Wrong("Content-Type", "must be application/json, or for a file one of %s", strings.Join(contactfile.Types, ", "))
	case errors.As(err, &format):
		return fault.Wrong("body", "%s", format.Message)
	}
	return err
}

// person is whom a row means.
func person(r contactfile.Record) Person {
	p := Person{Reference: lead.Reference{
		LinkedInURL: r.Person.LinkedInURL, FullName: r.Person.Name(), Company: r.Person.Company, CompanyDomain: r.Person.CompanyDomain,
	}}
	for _, v := range r.Person.Values {
		if v.Field.IsEmail() && p.Reference.Email == "" {
			p.Reference.Email = v.Value
		}
	}
	if r.Source != "" { // without its source an id is anybody's
		p.Reference.SourceID = r.Person.SourceID
	}
	switch {
	case r.Rejected && len(r.Problems) > 0:
		p.Problem = r.Problems[len(r.Problems)-1].String()
	case r.Person.SourceID != "" && len(p.Reference.Keys()) == 0:
		p.Problem = "an id needs its source beside it, in a column source; or give a linkedin_url, an email, or a name with a company"
	}
	return p
}
