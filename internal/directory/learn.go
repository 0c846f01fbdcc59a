package directory

import (
	"context"
	"slices"

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
	now := date(d.clock())
	fresh.Values = slices.Clone(fresh.Values)
	for n := range fresh.Values {
		fresh.Values[n].LastSeen = now
	}
	a := arrive(fresh, fresh.Keys())
	if id != "" {
		own, err := ownKey(tx, id)
		if err != nil {
			return Match{}, err
		}
		// First, so that it is this person, whomever the source's keys point at.
		a.strong = append([]store.KeyRow{own}, slices.DeleteFunc(a.strong, func(k store.KeyRow) bool { return k.Kind == byRow })...)
	}
	outcomes, err := d.place(tx, []arrival{a}, now)
	switch {
	case err != nil:
		return Match{}, err
	case outcomes[0].suppressed:
		fresh.ID = id
		return Match{Person: fresh, Suppressed: true}, nil
	}
	return d.get(tx, outcomes[0].id)
}

// ownKey is a key that tells a person from everybody else. An erased one has none.
func ownKey(tx *store.Tx, id string) (store.KeyRow, error) {
	held, err := tx.KeysOfPeople([]string{id})
	if err != nil {
		return store.KeyRow{}, err
	}
	for _, k := range held[id] {
		if k.Kind == byRow || (lead.Key{Kind: k.Kind, Value: k.Key}).Strong() {
			return k, nil
		}
	}
	return store.KeyRow{}, nobody()
}

// personOf is what a reference says of its person.
func personOf(ref lead.Reference) lead.Person {
	p := lead.Person{FullName: ref.FullName, Company: ref.Company, LinkedInURL: ref.LinkedInURL}
	p.CompanyDomain, _ = lead.Domain(ref.CompanyDomain)
	if email, err := lead.Email(ref.Email); err == nil {
		p.Values = []lead.Value{{Field: lead.WorkEmail, Value: email}}
	}
	return p
}

// Barred tells whether somebody whom the directory does not know is on the
// suppression list, by what a reference says of them: then nobody is asked
// (rule C12).
func (d *Directory) Barred(ctx context.Context, ref lead.Reference) (barred bool, err error) {
	p := personOf(ref)
	err = d.store.View(ctx, func(tx *store.Tx) error {
		barred, err = d.suppressed(tx, p)
		return err
	})
	return barred, err
}
