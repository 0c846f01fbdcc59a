package directory

import (
	"encoding/json"
	"slices"

	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// keeper is the place of the one among several people, who were one, that stays the person whom
// workspaces know: of whom they were delivered most values. Of as many, the first.
func keeper(reveals []store.Reveal, people []lead.Person) (int, error) {
	counts := make([]int, len(people))
	for _, r := range reveals {
		values, err := valuesOf(r)
		if err != nil {
			return 0, err
		}
		for n, p := range people {
			for _, v := range values {
				if holds(p.ValuesOf(lead.Field(r.Field)), v.Value) {
					counts[n]++
				}
			}
		}
	}
	return slices.Index(counts, slices.Max(counts)), nil
}

func valuesOf(r store.Reveal) (values []lead.Value, err error) {
	if r.Values != "" {
		err = json.Unmarshal([]byte(r.Values), &values)
	}
	return values, err
}

// shareSold parts what workspaces were delivered of a person who proved to be several. What is
// one of the others' goes with them: the workspace owns that field of theirs since
// when it paid, and has them on its sheet where it had the person. The rest stays.
// Nothing that was paid for is lost, and nobody is charged again.
func (d *Directory) shareSold(tx *store.Tx, from lead.Person, others []lead.Person) error {
	reveals, err := tx.Reveals().OfPerson(from.ID)
	if err != nil {
		return err
	}
	for _, r := range reveals { // in the order of workspaces, as the ledger locks them
		if err := tx.Accounts().Lock(r.Workspace); err != nil {
			return err
		}
	}
	if reveals, err = tx.Reveals().OfPerson(from.ID); err != nil { // as they are under the locks
		return err
	}
	for _, r := range reveals {
		values, err := valuesOf(r)
		if err != nil {
			return err
		}
		before := len(values)
		for _, p := range others {
			theirs := func(v lead.Value) bool {
				f := lead.Field(r.Field)
				return holds(p.ValuesOf(f), v.Value) && !holds(from.ValuesOf(f), v.Value)
			}
			moved := slices.DeleteFunc(slices.Clone(values), func(v lead.Value) bool { return !theirs(v) })
			if len(moved) == 0 {
				continue
			}
			values = slices.DeleteFunc(values, theirs)
			if err := hand(tx, r, from.ID, p, moved); err != nil {
				return err
			}
		}
		if len(values) == before {
			continue
		}
		if r.Values, err = textOf(values); err != nil {
			return err
		}
		if err := tx.Reveals().Write(r); err != nil {
			return err
		}
		if err := tx.Leads().RecountHas(r.Workspace, from.ID); err != nil {
			return err
		}
	}
	return nil
}

// hand gives what a workspace owns of a person to another, with the lead.
func hand(tx *store.Tx, r store.Reveal, from string, to lead.Person, values []lead.Value) (err error) {
	r.Person = to.ID
	if r.Values, err = textOf(values); err != nil {
		return err
	}
	if err := tx.Reveals().Write(r); err != nil {
		return err
	}
	if err := tx.Reveals().MoveField(r.Workspace, from, r.Field, to.ID); err != nil {
		return err
	}
	l := store.LeadRow{
		Workspace: r.Workspace, ID: ident.Lead(to.ID), Person: to.ID,
		FullName: to.Name(), Title: to.Title, Company: to.Company, Domain: to.CompanyDomain, Location: to.Location, Profile: to.LinkedInURL,
	}
	if err := tx.Leads().Copy(from, l); err != nil {
		return err
	}
	return tx.Leads().RecountHas(r.Workspace, to.ID)
}

// textOf is values as a reveal keeps them; none are no reveal.
func textOf(values []lead.Value) (string, error) {
	if len(values) == 0 {
		return "", nil
	}
	text, err := json.Marshal(values)
	return string(text), err
}
