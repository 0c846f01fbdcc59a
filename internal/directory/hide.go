package directory

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// hideAtOnce is how many people are looked at in one transaction.
const hideAtOnce = 500

// Apply takes those whom a suppression means off every sheet: the second half of
// Suppress, whose row says until then that it is not done. It can be done again. Nobody
// new comes to be meant afterwards, as nobody is kept who is on the list.
func (d *Directory) Apply(ctx context.Context, s Suppression) error {
	marks := map[store.MarkRow]string{}
	err := d.store.View(ctx, func(tx *store.Tx) error { return d.resolve(tx, &s) })
	if err != nil {
		return err
	}
	kind, hash, err := d.mark(s)
	if err != nil {
		return err
	}
	mark := store.MarkRow{Kind: kind, Hash: string(hash)}
	if err := d.store.View(ctx, func(tx *store.Tx) error {
		names, _, err := tx.Suppressions().ByHash(kind, hash)
		marks[mark] = names
		return err
	}); err != nil {
		return err
	}
	if err := d.applyValues(ctx, marks, s.text()); err != nil {
		return err
	}
	if err := d.hide(ctx, s.text()); err != nil {
		return err
	}
	return d.store.Update(ctx, func(tx *store.Tx) error { return tx.Suppressions().Applied(kind, hash) })
}

// HideListed hides whom suppressions mean that were written and not applied: a server was
// stopped in between, or is of a version that hid nobody. The list holds hashes, so it
// looks at everybody. An earlier version left leads merged into ones that were erased: they
// are leads of their own again.
func (d *Directory) HideListed(ctx context.Context) error {
	if err := d.store.Update(ctx, func(tx *store.Tx) error { return tx.Merges().SplitStranded() }); err != nil {
		return err
	}
	var behind map[store.MarkRow]string
	err := d.store.View(ctx, func(tx *store.Tx) (err error) {
		behind, err = tx.Suppressions().Unapplied()
		return err
	})
	if err != nil || len(behind) == 0 {
		return err
	}
	if err := d.applyValues(ctx, behind, ""); err != nil {
		return err
	}
	if err := d.hide(ctx, ""); err != nil {
		return err
	}
	return d.store.Update(ctx, func(tx *store.Tx) error { return tx.Suppressions().Applied("", nil) })
}

// hide hides those among the people who may be meant by a text that are on the list. Whether
// they are is asked again where they are hidden: a suppression may be lifted meanwhile.
func (d *Directory) hide(ctx context.Context, text string) error {
	for after := ""; ; {
		var rows []store.PersonRow
		var on []string
		err := d.store.View(ctx, func(tx *store.Tx) (err error) {
			if rows, err = tx.People().With(text, false, after, hideAtOnce); err == nil {
				on, _, err = d.listed(tx, idsOf(rows))
			}
			return err
		})
		if err == nil && len(on) > 0 {
			err = d.store.Update(ctx, func(tx *store.Tx) error {
				if err := tx.People().Lock(); err != nil {
					return err
				}
				on, _, err := d.listed(tx, on)
				if err != nil {
					return err
				}
				return tx.Suppressions().Hide(leadsOf(on))
			})
		}
		if err != nil || len(rows) < hideAtOnce {
			return err
		}
		after = rows[len(rows)-1].ID
	}
}

func idsOf(rows []store.PersonRow) []string {
	ids := make([]string, len(rows))
	for n, r := range rows {
		ids[n] = r.ID
	}
	return ids
}

func leadsOf(people []string) []store.HiddenPerson {
	list := make([]store.HiddenPerson, len(people))
	for n, id := range people {
		list[n] = store.HiddenPerson{Person: id, Lead: ident.Lead(id)}
	}
	return list
}

// unhide brings those back who were hidden for a suppression that was lifted and are on
// the list for no other reason.
func (d *Directory) unhide(tx *store.Tx, text string) error {
	for after := ""; ; {
		rows, err := tx.People().With(text, true, after, hideAtOnce)
		if err != nil {
			return err
		}
		_, off, err := d.listed(tx, idsOf(rows))
		if err != nil {
			return err
		}
		if err := tx.Suppressions().Show(off); err != nil || len(rows) < hideAtOnce {
			return err
		}
		after = rows[len(rows)-1].ID
	}
}

// listed parts people into those who are on the suppression list and the others.
func (d *Directory) listed(tx *store.Tx, ids []string) (on, off []string, err error) {
	hidden, err := d.Hidden(tx, ids)
	for _, id := range ids {
		if hidden[id] {
			on = append(on, id)
		} else {
			off = append(off, id)
		}
	}
	return on, off, err
}

// text is what a suppression means, as the values of people are kept.
func (s Suppression) text() string {
	text := s.Person + s.Domain + s.Email + s.Phone // one of them is given
	switch {
	case s.Email != "":
		text, _ = lead.Email(s.Email) // mark refused a wrong one
	case s.Domain != "":
		text, _ = lead.Domain(s.Domain)
	case s.Phone != "":
		text, _ = lead.Phone(s.Phone, "")
	}
	kept, _ := json.Marshal(text) // texts always encode
	return strings.Trim(string(kept), `"`)
}
