package bulk

import (
	"context"
	"strconv"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/lead"
)

const (
	// previewRows are the first rows that a preview shows, and previewProblems the rows with
	// problems.
	previewRows     = 10
	previewProblems = 100
)

// Preview is an upload as it is read. Nobody was looked up for it.
type Preview struct {
	Upload
	Understood contactfile.Understood // empty for lines
	First      []Row
	Bad        []Row                 // rows with problems, the first ones
	Problems   []contactfile.Problem // of the file, and no row of it
	Rows       int                   // at most MaxRows + 1, which are too many
	Rejected   int                   // of them name nobody
	WithBad    int                   // of them have problems
	Addresses  int                   // of them name an address
}

// Preview reads an upload.
func (b *Bulk) Preview(ctx context.Context, s *account.Scope, id string) (*Preview, error) {
	f, body, err := b.upload(ctx, s, id)
	if err != nil {
		return nil, err
	}
	p := &Preview{}
	if p.Upload, err = uploadOf(f); err != nil {
		return nil, err
	}
	how := p.Reading
	how.Lenient = true
	reader, err := rowsIn(body, f.ContentType, how, p.add)
	if err != nil {
		return nil, err
	}
	if reader != nil {
		p.Understood, p.Problems = *reader.Understood(), append(reader.Problems(), reader.Unread()...)
	}
	for _, list := range []*[]Row{&p.First, &p.Bad} {
		if *list, err = b.unbarred(ctx, *list); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// unbarred leaves out rows about people who are on the suppression list, also since the file
// came (rule C12).
func (b *Bulk) unbarred(ctx context.Context, rows []Row) ([]Row, error) {
	refs := make([]lead.Reference, len(rows))
	for n, r := range rows {
		refs[n] = r.Reference
	}
	barred, err := b.Captures.Barred(ctx, refs)
	var shown []Row
	for n, r := range rows {
		if err == nil && !barred[n] {
			shown = append(shown, r)
		}
	}
	return shown, err
}

func (p *Preview) add(r Row) {
	p.Rows++
	if len(p.First) < previewRows {
		p.First = append(p.First, r)
	}
	if r.Rejected {
		p.Rejected++
	}
	if r.Reference.Email != "" && !r.Rejected {
		p.Addresses++
	}
	if len(r.Problems) == 0 {
		return
	}
	if p.WithBad++; len(p.Bad) < previewProblems {
		p.Bad = append(p.Bad, r)
	}
}

// Problems writes every problem of an upload's rows, with the row as it is in the file.
func (b *Bulk) Problems(ctx context.Context, s *account.Scope, id string, write func(cells []string) error) error {
	f, body, err := b.upload(ctx, s, id)
	if err != nil {
		return err
	}
	u, err := uploadOf(f)
	if err != nil {
		return err
	}
	how := u.Reading
	how.Lenient = true
	var bad []Row
	reader, err := rowsIn(body, f.ContentType, how, func(r Row) {
		if len(r.Problems) > 0 {
			bad = append(bad, r)
		}
	})
	if err != nil {
		return err
	}
	if bad, err = b.unbarred(ctx, bad); err != nil {
		return err
	}
	header := []string{"row", "reason"}
	if reader != nil {
		header = append(header, reader.Understood().Header()...)
	} else {
		header = append(header, "line")
	}
	if err := write(header); err != nil {
		return err
	}
	for _, r := range bad {
		reason := ""
		for _, p := range r.Problems {
			if reason != "" {
				reason += "; "
			}
			reason += p.String()
		}
		if err := write(append([]string{strconv.Itoa(r.No), reason}, r.Cells...)); err != nil {
			return err
		}
	}
	return nil
}
