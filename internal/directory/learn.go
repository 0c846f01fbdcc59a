package directory

import (
	"context"
	"slices"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Learn keeps what a source said of a person who was asked about: of the one with that id, or
// without one of anyone who shares a strong key with it, else of somebody new. A suppressed
// person is not kept, and the match says so. Nothing is kept where the id is somebody else's
// since, because the person was taken apart.
func (d *Directory) Learn(ctx context.Context, asked, fresh lead.Person) (m Match, err error) {
	err = d.store.Update(ctx, func(tx *store.Tx) error {
		m, err = d.learn(tx, asked, fresh)
		return err
	})
	return m, err
}

func (d *Directory) learn(tx *store.Tx, asked, fresh lead.Person) (Match, error) {
	now := date(d.clock())
	fresh.Values = slices.DeleteFunc(slices.Clone(fresh.Values), func(v lead.Value) bool {
		return v.Field.IsEmail() && lead.MailboxOf(v.Value) == lead.PlaceholderBox
	})
	for n := range fresh.Values {
		fresh.Values[n].LastSeen = now
	}
	fresh.AsOf = now
	a := arrive(fresh, fresh.Keys())
	id := asked.ID
	if id != "" {
		known, err := d.get(tx, id)
		if err != nil {
			return Match{}, err
		}
		id = known.Person.ID
		now := lead.WhoIs(known.Person.Name())
		if lead.Contradict(lead.KindProfile, now, a.who) || lead.Contradict(lead.KindProfile, now, lead.WhoIs(asked.Name())) {
			return known, nil // the source speaks of somebody else
		}
		a.into = id
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
