package directory

import (
	"context"
	"encoding/json"

	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Report is an import with what was wrong in its rows.
type Report struct {
	store.Import
	Understood contactfile.Understood
	Problems   []store.ImportProblem // the first of them; Import.Problems counts all
}

// Report reads how far an import is.
func (d *Directory) Report(ctx context.Context, id string) (r Report, err error) {
	err = d.store.View(ctx, func(tx *store.Tx) error {
		i, found, err := tx.Import(id)
		if err != nil {
			return err
		}
		if !found || i.Status == Draft {
			return fault.New(fault.NotFound, "There is no such import.")
		}
		r.Import = i
		if i.ReadAs != "" {
			if err := json.Unmarshal([]byte(i.ReadAs), &r.Understood); err != nil {
				return err
			}
		}
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
