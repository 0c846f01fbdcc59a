package directory

import (
	"context"
	"slices"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Asked is a person as they were when a source was asked about them: by which of their names
// and keys. Without an ID the directory knew nobody.
type Asked struct {
	ID   string     `json:"id,omitempty"`
	Name string     `json:"name,omitempty"`
	Keys []lead.Key `json:"keys,omitempty"`
}

// AskedBy is a person as a source is asked about them by a reference's profile and address:
// only by those that are theirs.
func AskedBy(p lead.Person, ref lead.Reference) Asked {
	theirs := p.Keys()
	a := Asked{ID: p.ID, Name: p.Name()}
	for _, k := range (lead.Reference{LinkedInURL: ref.LinkedInURL, Email: ref.Email}).Keys() {
		if slices.Contains(theirs, k) {
			a.Keys = append(a.Keys, k)
		}
	}
	return a
}

// isNot tells that a person is not the one who was asked about any more: the name is another, or
// a key that the source was asked by went to somebody else.
func (a Asked) isNot(now lead.Person) bool {
	theirs := now.Keys()
	return lead.Contradict(lead.KindProfile, lead.WhoIs(now.Name()), lead.WhoIs(a.Name)) ||
		slices.ContainsFunc(a.Keys, func(k lead.Key) bool { return !slices.Contains(theirs, k) })
}

// ErrTakenApart refuses what was found of somebody who proved to be several people.
var ErrTakenApart error = fault.New(fault.Overloaded, "This person proved to be several people meanwhile. Send the request again; nothing was charged.")

// Learn keeps what a source said of a person who was asked about: of the one with that id, or
// without one of anyone who shares a strong key with it, else of somebody new. A suppressed
// person is not kept, and the match says so. Where the person was taken apart since, nothing is
// kept, as nobody knows of whom it is: ErrTakenApart (rule C8).
func (d *Directory) Learn(ctx context.Context, asked Asked, fresh lead.Person) (m Match, err error) {
	err = d.store.Update(ctx, func(tx *store.Tx) error {
		m, err = d.learn(tx, asked, fresh)
		return err
	})
	return m, err
}

func (d *Directory) learn(tx *store.Tx, asked Asked, fresh lead.Person) (Match, error) {
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
		if asked.isNot(known.Person) {
			return Match{}, ErrTakenApart
		}
		if lead.Contradict(lead.KindProfile, lead.WhoIs(known.Person.Name()), a.who) {
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
