package directory

import (
	"context"
	"encoding/json"
	"math"
	"strings"

	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// hideAtOnce is how many people are looked at in one transaction.
const hideAtOnce = 500

// Apply takes those whom a suppression means off every sheet: the second half of
// Suppress, whose row says until then that it is not done. It can be done again. Nobody
// new comes to be meant afterwards, as nobody is kept who is on the list. Not done, without an
// error: a part of the database does not answer, and a server does it when that is back (Recover).
func (d *Directory) Apply(ctx context.Context, s Suppression) (done bool, err error) {
	err = d.apply(ctx, s)
	if unreached(ctx, err) {
		d.logged(ctx, "a suppression is applied later", err)
		return false, nil
	}
	return err == nil, err
}

func (d *Directory) apply(ctx context.Context, s Suppression) error {
	if err := d.store.AllAnswer(ctx); err != nil {
		return err
	}
	if err := d.store.View(ctx, func(tx *store.Tx) error { return d.resolve(tx, &s) }); err != nil {
		return err
	}
	kind, hash, err := d.mark(s)
	if err != nil {
		return err
	}
	var row store.Suppression
	if err := d.store.View(ctx, func(tx *store.Tx) (err error) {
		row, _, err = tx.Suppressions().ByHash(kind, hash)
		return err
	}); err != nil {
		return err
	}
	return d.applyRows(ctx, []store.Suppression{row}, s.text())
}

// HideListed hides whom suppressions mean that were written and not applied: a part of the
// database was gone, a server was stopped in between, or is of a version that hid nobody. The list
// holds hashes, so it looks at everybody. An earlier version left leads merged into ones that were
// erased: they are leads of their own again.
func (d *Directory) HideListed(ctx context.Context) error {
	if err := d.store.Update(ctx, func(tx *store.Tx) error { return tx.Merges().SplitStranded() }); err != nil {
		return err
	}
	return d.hideBefore(ctx, math.MaxInt64)
}

// hideBefore hides whom suppressions mean that were written before an instant and not applied.
func (d *Directory) hideBefore(ctx context.Context, before int64) error {
	var rows []store.Suppression
	err := d.store.View(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.Suppressions().Unapplied(before)
		return err
	})
	if err != nil || len(rows) == 0 {
		return err
	}
	return d.applyRows(ctx, rows, "")
}

// applyRows hides whom rows of the list mean. text is what the values of those contain; empty: it
// isn't known.
func (d *Directory) applyRows(ctx context.Context, rows []store.Suppression, text string) error {
	marks := map[store.MarkRow]string{}
	for _, r := range rows {
		marks[r.MarkRow] = r.Names
	}
	if err := d.applyValues(ctx, marks, text); err != nil {
		return err
	}
	if err := d.hide(ctx, text); err != nil {
		return err
	}
	return d.store.Update(ctx, func(tx *store.Tx) error {
		for _, r := range rows {
			if err := tx.Suppressions().Applied(r); err != nil {
				return err
			}
		}
		return nil
	})
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
