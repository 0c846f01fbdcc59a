package directory

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// importChunk is how many rows go into one transaction: few enough that
	// charges never wait long for the writer.
	importChunk = 200
	// maxProblemsKept is how many problems of one import are kept to be shown.
	maxProblemsKept = 1000
)

// Import is an import of one file while it runs.
type Import struct {
	directory *Directory
	state     store.Import
	reader    *Reader
	problems  int
}

// Begin opens an import: a file that cannot be read at all is refused here,
// before anything is written.
func (d *Directory) Begin(ctx context.Context, r io.Reader, contentType string) (*Import, error) {
	i, _, err := d.begin(ctx, r, contentType, "", nil)
	return i, err
}

// begin is Begin under an idempotency key: first is the id of the import that the
// same request began before.
func (d *Directory) begin(ctx context.Context, r io.Reader, contentType, key string, fingerprint []byte) (begun *Import, first string, err error) {
	reader, err := NewReader(r, contentType)
	var format *FormatError
	switch {
	case errors.Is(err, ErrContentType):
		return nil, "", fault.Wrong("Content-Type", "must be text/csv or application/x-ndjson")
	case errors.As(err, &format):
		return nil, "", &fault.Error{Kind: fault.Invalid, Message: format.Message, Fields: []fault.Field{{Field: "body", Message: format.Message}}}
	case err != nil:
		return nil, "", err
	}
	now := d.clock().UnixMicro()
	i := &Import{directory: d, reader: reader, state: store.Import{ID: ident.New("imp"), Status: "running", CreatedAt: now, UpdatedAt: now}}
	id, replayed, err := d.store.Once(ctx, "", key, fingerprint, now, func(tx *store.Tx) ([]byte, error) {
		i.problems = 0
		for _, p := range reader.Problems() {
			if err := i.problem(tx, p); err != nil {
				return nil, err
			}
		}
		return []byte(i.ID()), tx.PutImport(i.state)
	})
	if err != nil || replayed {
		return nil, string(id), err
	}
	return i, "", nil
}

// ID is the import's id.
func (i *Import) ID() string { return i.state.ID }

// State is how far the import is.
func (i *Import) State() store.Import { return i.state }

// Run reads the file to its end. A bad row is reported with its number while the
// rest goes in; rows that are in stay in when the file breaks off.
func (i *Import) Run(ctx context.Context) (store.Import, error) {
	err := i.run(ctx)
	i.state.Status = "done"
	if err != nil {
		i.state.Status = "failed"
		i.state.Message = fmt.Sprintf("The file broke off after row %d; the rows before it are in. Import it again: nobody is added twice.", i.state.Rows)
	}
	// The outcome is written even when the caller has gone.
	if err2 := i.save(context.WithoutCancel(ctx)); err == nil {
		err = err2
	}
	return i.state, err
}

func (i *Import) run(ctx context.Context) error {
	for {
		chunk, end, err := i.next()
		if err2 := i.write(ctx, chunk); err2 != nil {
			return err2
		}
		if err != nil || end {
			return err
		}
	}
}

func (i *Import) next() (chunk []Record, end bool, err error) {
	for len(chunk) < importChunk {
		r, err := i.reader.Next()
		if errors.Is(err, io.EOF) {
			return chunk, true, nil
		}
		if err != nil {
			return chunk, false, err
		}
		chunk = append(chunk, r)
	}
	return chunk, false, nil
}

func (i *Import) write(ctx context.Context, chunk []Record) error {
	before, problems := i.state, i.problems
	err := i.directory.store.Update(ctx, func(tx *store.Tx) error {
		for _, r := range chunk {
			if err := i.row(tx, r); err != nil {
				return err
			}
		}
		i.state.UpdatedAt = i.directory.clock().UnixMicro()
		return tx.PutImport(i.state)
	})
	if err != nil {
		i.state, i.problems = before, problems
	}
	return err
}

func (i *Import) row(tx *store.Tx, r Record) error {
	i.state.Rows++
	for _, p := range r.Problems {
		if err := i.problem(tx, p); err != nil {
			return err
		}
	}
	if r.Rejected {
		i.state.Rejected++
		return nil
	}
	kept, err := i.directory.put(tx, r.Person)
	if err != nil {
		return err
	}
	if kept {
		i.state.Imported++
		return nil
	}
	i.state.Rejected++
	return i.problem(tx, Problem{Row: r.Row, Message: "is on the suppression list"})
}

func (i *Import) problem(tx *store.Tx, p Problem) error {
	if i.problems >= maxProblemsKept {
		return nil
	}
	i.problems++
	return tx.AddImportProblem(i.state.ID, i.problems, store.ImportProblem{Row: int64(p.Row), Message: p.String()})
}

func (i *Import) save(ctx context.Context) error {
	i.state.UpdatedAt = i.directory.clock().UnixMicro()
	return i.directory.store.Update(ctx, func(tx *store.Tx) error { return tx.PutImport(i.state) })
}

// Report is an import with what was wrong in its rows.
type Report struct {
	store.Import
	Problems []store.ImportProblem
}

// Report reads how far an import is.
func (d *Directory) Report(ctx context.Context, id string) (r Report, err error) {
	err = d.store.View(ctx, func(tx *store.Tx) error {
		i, found, err := tx.Import(id)
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "There is no such import.")
		}
		r.Import = i
		r.Problems, err = tx.ImportProblems(id, maxProblemsKept)
		return err
	})
	return r, err
}

// Imports lists imports, newest first.
func (d *Directory) Imports(ctx context.Context, limit int) (list []store.Import, err error) {
	err = d.store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.Imports(limit)
		return err
	})
	return list, err
}

// Recover marks imports that a stopped server left running.
func (d *Directory) Recover(ctx context.Context) error {
	return d.store.Update(ctx, func(tx *store.Tx) error {
		return tx.FailImports("The server stopped while this ran; the rows counted are in. Import the file again: nobody is added twice.", d.clock().UnixMicro())
	})
}
