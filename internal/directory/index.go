package directory

import (
	"context"
	"log/slog"
	"time"

	"github.com/leadmeter/leadmeter/internal/find"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Columns that were kept among the further ones before the directory knew them.
const (
	extraIndustry    = "industry"
	extraCompanySize = "company_size"
)

// promote gives a person of an earlier version the columns that the directory knows since.
func promote(p *lead.Person) {
	for _, of := range []struct {
		name string
		into *string
	}{{extraIndustry, &p.Industry}, {extraCompanySize, &p.CompanySize}} {
		text, kept := p.Extra[of.name]
		if !kept {
			continue
		}
		if delete(p.Extra, of.name); *of.into == "" {
			*of.into = text
		}
	}
}

// Any reports whether the directory holds anybody.
func (d *Directory) Any(ctx context.Context) (some bool, err error) {
	err = d.store.View(ctx, func(tx *store.Tx) (err error) {
		some, err = tx.People().Any()
		return err
	})
	return some, err
}

// indexPause is how long the writer is left to others for each time that it was held.
const indexPause = 2

// Index makes people searchable who came into the database before the index did: by an earlier
// version, or by a copy. It works in short turns and continues where it was.
func (d *Directory) Index(ctx context.Context) error {
	rows, done, told := firstRows, 0, d.clock()
	for {
		var n int
		began := time.Now()
		err := d.store.Update(ctx, func(tx *store.Tx) (err error) {
			n, err = d.index(tx, rows)
			return err
		})
		if err != nil {
			return err
		}
		if done += n; n < rows {
			if done > 0 {
				d.settle(ctx)
				slog.Info("people are searchable", "added", done)
			}
			return nil
		}
		if now := d.clock(); now.Sub(told) > time.Minute {
			told = now
			slog.Info("people are being made searchable", "so far", done)
		}
		if took := time.Since(began); sleep(ctx, indexPause*took) != nil {
			return ctx.Err()
		}
	}
}

// settle readies the index after many people came into it at once.
func (d *Directory) settle(ctx context.Context) {
	d.logged(ctx, "the search index was not settled", d.store.Update(ctx, func(tx *store.Tx) error { return tx.People().Settle() }))
}

func (d *Directory) index(tx *store.Tx, limit int) (int, error) {
	if some, err := tx.People().Unfinished(); err != nil || !some {
		return 0, err
	}
	if err := tx.People().Lock(); err != nil {
		return 0, err
	}
	rows, err := tx.People().Unnumbered(limit)
	if err != nil {
		return 0, err
	}
	puts := make([]store.PersonPut, len(rows))
	for n, row := range rows {
		p, err := fromRow(row)
		if err != nil {
			return 0, err
		}
		if puts[n].PersonRow, err = toRow(p, time.UnixMicro(row.UpdatedAt)); err != nil {
			return 0, err
		}
		puts[n].Terms = find.Terms(p)
	}
	return len(rows), tx.People().Number(puts)
}
