package directory

import (
	"context"

	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Learn keeps what a source said of a person: of the one with our id, or without
// one of whoever shares a strong key with it, else of somebody new. A suppressed
// person is not kept, and the match says so.
func (d *Directory) Learn(ctx context.Context, id string, fresh lead.Person) (m Match, err error) {
	err = d.store.Update(ctx, func(tx *store.Tx) error {
		m, err = d.learn(tx, id, fresh)
		return err
	})
	return m, err
}

func (d *Directory) learn(tx *store.Tx, id string, fresh lead.Person) (Match, error) {
	if id == "" {
		var err error
		if id, err = holder(tx, fresh.Keys(), ""); err != nil {
			return Match{}, err
		}
	}
	p := fresh
	if id != "" {
		row, found, err := tx.Person(id)
		if err != nil {
			return Match{}, err
		}
		if !found { // erased since the source was asked
			return Match{}, nobody()
		}
		known, err := fromRow(row)
		if err != nil {
			return Match{}, err
		}
		p = merge(known, fresh)
	} else {
		p.ID = ident.New("per")
	}
	if suppressed, err := d.suppressed(tx, p); err != nil || suppressed {
		return Match{Person: p, Suppressed: suppressed}, err
	}
	var keys []store.KeyRow
	for _, k := range p.Keys() {
		// What recognises somebody else already does not recognise this person too.
		if other, err := holder(tx, []lead.Key{k}, p.ID); err != nil {
			return Match{}, err
		} else if other == "" {
			keys = append(keys, store.KeyRow{Kind: k.Kind, Key: k.Value})
		}
	}
	row, err := toRow(p, d.clock())
	if err != nil {
		return Match{}, err
	}
	return Match{Person: p}, tx.PutPerson(row, keys)
}

// holder is who has one of the strong keys, but for one; empty: nobody.
func holder(tx *store.Tx, keys []lead.Key, but string) (string, error) {
	for _, k := range keys {
		if !k.Strong() {
			continue
		}
		ids, err := tx.PeopleByKey(store.KeyRow{Kind: k.Kind, Key: k.Value}, 2)
		if err != nil {
			return "", err
		}
		for _, id := range ids {
			if id != but {
				return id, nil
			}
		}
	}
	return "", nil
}

// Barred tells whether somebody whom the directory does not know is on the
// suppression list, by what a reference says of them: then nobody is asked
// (rule C12).
func (d *Directory) Barred(ctx context.Context, ref lead.Reference) (barred bool, err error) {
	p := lead.Person{FullName: ref.FullName, Company: ref.Company, LinkedInURL: ref.LinkedInURL}
	p.CompanyDomain, _ = lead.Domain(ref.CompanyDomain)
	if email, err := lead.Email(ref.Email); err == nil {
		p.Values = []lead.Value{{Field: lead.WorkEmail, Value: email}}
	}
	err = d.store.View(ctx, func(tx *store.Tx) error {
		barred, err = d.suppressed(tx, p)
		return err
	})
	return barred, err
}
