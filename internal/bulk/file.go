package bulk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
)

// How a file is read.
const (
	ReadTable = "table" // by its columns, or by the form of a vCard or NDJSON
	ReadRows  = "rows"  // a CSV without a header
	ReadLines = "lines" // each line is somebody as they are typed: lead.Typed
)

// Pasted is the content type of what was pasted: people a line, or cells of a spreadsheet.
const Pasted = "text/plain"

// Row is one row of a file as it is read.
type Row struct {
	No        int
	Reference lead.Reference
	Problems  []contactfile.Problem
	Rejected  bool // it names nobody; the last problem says why
	Cells     []string
}

// rowsIn reads the rows of a file, at most one more than a job may have. The reader knows what
// the file was understood as; it is nil for lines.
func rowsIn(body []byte, contentType string, how Reading, each func(Row)) (*contactfile.Reader, error) {
	if how.As == ReadLines {
		lines(string(body), each)
		return nil, nil
	}
	if contentType == Pasted {
		contentType = "text/csv"
	}
	reader, err := contactfile.Read(bytes.NewReader(body), contentType, contactfile.Options{Mapping: how.Mapping, NoHeader: how.As == ReadRows, Lenient: how.Lenient})
	if err != nil {
		return nil, refusal(err)
	}
	for n := 0; n <= MaxRows; n++ {
		r, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.Wrong("body", "breaks off after row %d", n)
		}
		each(rowOf(r))
	}
	return reader, nil
}

// lines reads people as they are typed, one a line.
func lines(text string, each func(Row)) {
	no, read := 0, 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		no++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if read++; read > MaxRows+1 {
			return
		}
		r := Row{No: no, Reference: lead.Typed(line), Cells: []string{line}}
		if problems := r.Reference.Validate(); len(problems) > 0 {
			message := "write a profile URL, an email address, or a name and a company: Ada Lovelace, Analytical Engines"
			if f := problems[0].Field; f == "email" || f == "linkedin_url" || f == "company_domain" {
				message = fmt.Sprintf("%.64q %s", line, problems[0].Message)
			}
			r.reject("", message)
		}
		each(r)
	}
}

// ReadFile reads people as the directory's import reads them, of the same formats and
// by the same columns, at most one more than a job may have; a row that means nobody
// keeps its reason.
func ReadFile(body []byte, contentType string, mapping contactfile.Mapping) ([]Person, error) {
	return peopleIn(body, contentType, Reading{As: ReadTable, Mapping: mapping})
}

func peopleIn(body []byte, contentType string, how Reading) (people []Person, err error) {
	_, err = rowsIn(body, contentType, how, func(r Row) {
		p := Person{Reference: r.Reference}
		if r.Rejected {
			p.Problem = r.Problems[len(r.Problems)-1].String()
		}
		people = append(people, p)
	})
	return people, err // what is more than may be Begin refuses
}

func refusal(err error) error {
	var format *contactfile.FormatError
	var mapping *contactfile.MappingError
	switch {
	case errors.Is(err, contactfile.ErrContentType):
		return fault.Wrong("Content-Type", "must be application/json, or for a file one of %s", strings.Join(contactfile.Types, ", "))
	case errors.As(err, &mapping):
		return fault.Wrong("mapping", "%s", strings.TrimPrefix(mapping.Error(), "the mapping "))
	case errors.As(err, &format):
		return fault.Wrong("body", "%s", format.Message)
	}
	return err
}

// rowOf is whom a record means.
func rowOf(r contactfile.Record) Row {
	row := Row{No: r.Row, Problems: r.Problems, Rejected: r.Rejected, Cells: r.Cells, Reference: lead.Reference{
		LinkedInURL: r.Person.LinkedInURL, FullName: r.Person.Name(), Company: r.Person.Company, CompanyDomain: r.Person.CompanyDomain,
	}}
	for _, v := range r.Person.Values {
		if v.Field.IsEmail() && row.Reference.Email == "" {
			row.Reference.Email = v.Value
		}
	}
	if r.Source != "" { // without its source an id is anybody's
		row.Reference.SourceID = r.Person.SourceID
	}
	switch {
	case r.Rejected:
	case r.Person.SourceID != "" && len(row.Reference.Keys()) == 0:
		row.reject("id", "an id needs its source beside it, in a column source; or give a linkedin_url, an email, or a name with a company")
	case problem(row.Reference) != "":
		row.reject("", problem(row.Reference))
	}
	return row
}

func (r *Row) reject(column, message string) {
	r.Rejected = true
	r.Problems = append(r.Problems, contactfile.Problem{Row: r.No, Column: column, Message: message})
}
