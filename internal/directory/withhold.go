package directory

import (
	"context"
	"maps"
	"slices"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// A number is often several people's: a reception's, a family's. A mark of one on the suppression
// list means the number itself, which nobody is shown or sold, and a person only while no
// other has it (rule C12). So does a mark of a shared mailbox that nobody had.

// nobodys are the names of a mark that means a value and no person.
const nobodys = "[]"

// valueMark is the mark by which a value alone may be on the list.
func valueMark(v lead.Value) [2]string {
	if v.Field.IsPhone() {
		return [2]string{byPhone, v.Value}
	}
	return [2]string{byEmail, v.Value}
}

// withhold takes the values out of somebody that are on the list.
func (d *Directory) withhold(hits map[store.MarkRow]string, p *lead.Person) {
	if len(hits) > 0 {
		p.Values = slices.DeleteFunc(p.Values, func(v lead.Value) bool { return d.withheld(hits, v) })
	}
}

func (d *Directory) withheld(hits map[store.MarkRow]string, v lead.Value) bool {
	m := valueMark(v)
	names, on := hits[d.markRow(m[0], m[1])]
	return on && (m[0] == byPhone || names == nobodys)
}

// applyValues takes the values that new marks mean out of what workspaces were delivered, and
// finds out whom a number means. text is what the values contain; empty: it isn't known.
func (d *Directory) applyValues(ctx context.Context, marks map[store.MarkRow]string, text string) error {
	values := map[store.MarkRow]string{}
	for m, names := range marks {
		if m.Kind == byPhone || m.Kind == byEmail && names == nobodys {
			values[m] = names
		}
	}
	if len(values) == 0 {
		return nil
	}
	if err := d.nameNumbers(ctx, values, text); err != nil {
		return err
	}
	for after := (store.Reveal{}); ; {
		var list []store.Reveal
		if err := d.store.View(ctx, func(tx *store.Tx) (err error) {
			list, err = tx.Reveals().With(text, after, hideAtOnce)
			return err
		}); err != nil {
			return err
		}
		for _, r := range list {
			if err := d.takeOut(ctx, values, r); err != nil {
				return err
			}
		}
		if len(list) < hideAtOnce {
			return nil
		}
		after = list[len(list)-1]
	}
}

// takeOut puts the values of one delivery aside that are on the list.
func (d *Directory) takeOut(ctx context.Context, marks map[store.MarkRow]string, r store.Reveal) error {
	out := func(r store.Reveal) (kept, aside []lead.Value, err error) {
		values, err := valuesOf(r)
		for _, v := range values {
			if d.withheld(marks, v) {
				aside = append(aside, v)
			} else {
				kept = append(kept, v)
			}
		}
		return kept, aside, err
	}
	if _, aside, err := out(r); err != nil || len(aside) == 0 {
		return err
	}
	return d.store.Update(ctx, func(tx *store.Tx) error {
		marks, err := stillOn(tx, marks)
		if err != nil {
			return err
		}
		return changeReveal(tx, r, func(now, before []lead.Value) (values, apart []lead.Value) {
			for _, v := range now {
				if d.withheld(marks, v) {
					before = joinValue(before, 0, v)
				} else {
					values = append(values, v)
				}
			}
			return values, before
		})
	})
}

// stillOn are those of the marks that nobody has lifted, under the directory's lock.
func stillOn(tx *store.Tx, marks map[store.MarkRow]string) (map[store.MarkRow]string, error) {
	if err := tx.People().Lock(); err != nil {
		return nil, err
	}
	return tx.Suppressions().Among(slices.Collect(maps.Keys(marks)))
}

// changeReveal changes the values of a delivery, and those of it that are kept aside, under
// the lock of its workspace's ledger.
func changeReveal(tx *store.Tx, r store.Reveal, change func(now, aside []lead.Value) (values, apart []lead.Value)) error {
	if err := tx.Accounts().Lock(r.Workspace); err != nil {
		return err
	}
	now, err := tx.Reveals().ByField(r.Workspace, r.Person, r.Field)
	if err != nil || now.Person == "" {
		return err
	}
	kept := now
	if kept.Values, err = tx.Reveals().WithheldOf(r.Workspace, r.Person, r.Field); err != nil {
		return err
	}
	values, err := valuesOf(now)
	if err != nil {
		return err
	}
	aside, err := valuesOf(kept)
	if err != nil {
		return err
	}
	values, aside = change(values, aside)
	if now.Values, err = textOf(values); err == nil {
		kept.Values, err = textOf(aside)
	}
	if err != nil {
		return err
	}
	if now.Values == "" { // delivered still, of which nothing is shown
		now.Values = "[]"
	}
	for _, write := range []func() error{
		func() error { return tx.Reveals().Write(now) },
		func() error { return tx.Reveals().Withhold(kept) },
		func() error { return tx.Leads().RecountHas(r.Workspace, r.Person) },
	} {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

// bringBack puts values back into deliveries that no mark means any more.
func (d *Directory) bringBack(tx *store.Tx, mark store.MarkRow, text string) error {
	list, err := tx.Reveals().Withheld(text)
	if err != nil {
		return err
	}
	lifted := map[store.MarkRow]string{mark: nobodys}
	for _, r := range list {
		if err := changeReveal(tx, r, func(now, aside []lead.Value) (values, apart []lead.Value) {
			for _, v := range aside {
				if d.withheld(lifted, v) {
					now = joinValue(now, 0, v)
				} else {
					apart = append(apart, v)
				}
			}
			return now, apart
		}); err != nil {
			return err
		}
	}
	return nil
}

// nameNumbers notes whom numbers mean: everybody who has one, where their names are of one
// person. The line of somebody's company is nobody's.
func (d *Directory) nameNumbers(ctx context.Context, marks map[store.MarkRow]string, text string) error {
	of := map[store.MarkRow][]lead.Who{}
	number := map[store.MarkRow]string{}
	for after := ""; ; {
		var rows []store.PersonRow
		var held map[string][]store.KeyRow
		if err := d.store.View(ctx, func(tx *store.Tx) (err error) {
			if rows, err = tx.People().With(text, false, after, hideAtOnce); err != nil {
				return err
			}
			held, err = tx.People().Keys(idsOf(rows))
			return err
		}); err != nil {
			return err
		}
		for _, row := range rows {
			p, err := fromRow(row)
			if err != nil {
				return err
			}
			for _, v := range p.Values {
				m := d.markRow(byPhone, v.Value)
				if names, on := marks[m]; !v.Field.IsPhone() || !on || names != nobodys || p.IsMainLine(v.Value) {
					continue
				}
				units, err := unitsOf(row, p, held[row.ID])
				if err != nil {
					return err
				}
				for _, u := range units {
					of[m] = append(of[m], u.who)
				}
				number[m] = v.Value
			}
		}
		if len(rows) < hideAtOnce {
			break
		}
		after = rows[len(rows)-1].ID
	}
	return d.store.Update(ctx, func(tx *store.Tx) error {
		marks, err := stillOn(tx, marks)
		if err != nil {
			return err
		}
		for m, who := range of {
			text, on := marks[m]
			if !on || text == "" || !onePersons(number[m], who) { // lifted, or it means everybody
				continue
			}
			if err := d.nameMark(tx, [2]string{byPhone, number[m]}, text, who, false); err != nil {
				return err
			}
		}
		return nil
	})
}

// onePersons tells that names are of one person, as far as a number that they share says so.
func onePersons(number string, who []lead.Who) bool {
	for i, a := range who {
		for _, b := range who[:i] {
			if contradict(store.KeyRow{Kind: lead.KindEmail, Key: number}, a, b) {
				return false
			}
		}
	}
	return len(who) > 0
}
