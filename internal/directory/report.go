package directory

import (
	"context"
	"encoding/json"
	"slices"

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

// Advice is what would make the next import of the file a better one.
func (r *Report) Advice() (advice []string) {
	has := func(field string) bool {
		return slices.ContainsFunc(r.Understood.Columns, func(c contactfile.UnderstoodColumn) bool { return c.Field == field })
	}
	if r.Source == "" && has("id") && !has("source") {
		advice = append(advice, "The file has ids and no source, so its ids tell its rows apart and nothing more. Name its source, such as crm-export, and importing it again updates the same people.")
	}
	return advice
}

// Report reads how far an import is.
func (d *Directory) Report(ctx context.Context, id string) (r Report, err error) {
	err = d.store.View(ctx, func(tx *store.Tx) error {
		i, found, err := tx.Imports().ByID(id)
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
		r.Problems, err = tx.Imports().Problems(id, maxProblemsKept)
		return err
	})
	return r, err
}

// Imports lists imports, newest first.
func (d *Directory) Imports(ctx context.Context, limit int) (list []store.Import, err error) {
	err = d.store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.Imports().List(limit)
		return err
	})
	return list, err
}
