package directory

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/fault"
)

// What a preview reads of a file.
const (
	// MaxPreview is how much of a file is enough to preview it, in bytes.
	MaxPreview  = 1 << 20
	previewRows = 20
)

// Preview is what a file would be imported as. Nothing was written for it.
type Preview struct {
	contactfile.Understood
	Rows     []contactfile.Record  // the first few, as they were understood
	Problems []contactfile.Problem // of the file as a whole
}

// PreviewFile reads the beginning of a file, as Begin would. What makes a file
// useless is the fault that Begin would answer with, but that a header names
// nobody is a problem among others: a mapping may mend it.
func (d *Directory) PreviewFile(f File) (*Preview, error) {
	limited := &io.LimitedReader{R: f.Content, N: MaxPreview}
	if contactfile.IsWorkbook(f.ContentType) { // what is in it stands at its end
		limited.N = contactfile.MaxWorkbook + 1
	}
	r, err := contactfile.Read(limited, f.ContentType, contactfile.Options{Mapping: f.Mapping, Source: f.Source, Now: date(d.clock()), Person: true, Lenient: true})
	if err != nil {
		return nil, refusal(err)
	}
	p := &Preview{}
	for len(p.Rows) < previewRows {
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			if limited.N <= 0 && len(p.Rows) > 1 { // the last one may have been cut
				p.Rows = p.Rows[:len(p.Rows)-1]
			}
			break
		}
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The file was incomplete.")
		}
		p.Rows = append(p.Rows, record)
	}
	p.Understood, p.Problems = *r.Understood(), append(r.Problems(), r.Unread()...)
	return p, nil
}

// File is a file as it is sent.
type File struct {
	Content     io.Reader
	ContentType string
	Name        string              // as its owner calls it; may be empty
	Mapping     contactfile.Mapping // nil: every column by its name
	Source      string              // who supplied it, in the form of contactfile.SourceName; may be empty
	Key         string              // idempotency key; may be empty
	Print       []byte              // of the request that the key is for
}

// refusal is why a file cannot be imported, in the words for the one who sent it.
func refusal(err error) error {
	var format *contactfile.FormatError
	var mapping *contactfile.MappingError
	switch {
	case errors.Is(err, contactfile.ErrContentType):
		return fault.Wrong("Content-Type", "must be one of %s", strings.Join(contactfile.Types, ", "))
	case errors.As(err, &mapping):
		return &fault.Error{Kind: fault.Invalid, Message: fmt.Sprintf("mapping: the column %.64q %s", mapping.Column, mapping.Message),
			Fields: []fault.Field{{Field: "mapping", Message: mapping.Message}}}
	case errors.As(err, &format):
		return &fault.Error{Kind: fault.Invalid, Message: format.Message, Fields: []fault.Field{{Field: "body", Message: format.Message}}}
	}
	return err
}

// date is an instant as it is kept: to the microsecond, in UTC.
func date(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }
