package directory

import (
	"fmt"
	"slices"

	"github.com/leadmeter/leadmeter/internal/find"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// parting is a person of the database who proved to be several: the one who keeps their
// id, and the others.
type parting struct {
	from   *entry
	others []*entry
}

// maxKeys bounds what one person is recognised by.
const maxKeys = 200

// write writes everybody whom the set changed.
func (p *placing) write() error {
	var fresh, changed []store.PersonPut
	var gone []store.Joined
	for _, e := range p.order {
		if e.gone {
			continue
		}
		p.findRoles(e)
		row, err := toRow(e.person, p.now)
		if err != nil {
			return err
		}
		if row.Parts, err = partsOf(e.units); err != nil {
			return err
		}
		put := store.PersonPut{PersonRow: row}
		put.Terms = p.terms(e)
		put.Gained, put.Lost = p.difference(e)
		for _, id := range e.was {
			if joined := p.byID[id]; joined != nil {
				put.Gained = append(put.Gained, store.KeyRow{Kind: byID, Key: id})
				gone = append(gone, store.Joined{Person: id, Into: e.person.ID})
			}
		}
		if e.fresh {
			fresh = append(fresh, put)
		} else {
			changed = append(changed, put)
		}
	}
	if err := p.tx.People().DropJoined(gone); err != nil {
		return err
	}
	if err := p.tx.People().Add(fresh, p.now.UnixMicro()); err != nil {
		return err
	}
	if err := p.tx.People().Change(changed); err != nil {
		return err
	}
	if err := p.tx.People().Contest(p.marked); err != nil {
		return err
	}
	for _, part := range p.parted {
		var others []lead.Person
		for _, e := range part.others {
			others = append(others, e.person)
		}
		if err := p.directory.shareSold(p.tx, part.from.person, others); err != nil {
			return err
		}
	}
	if len(p.hide) > 0 {
		return p.tx.Suppressions().Hide(leadsOf(p.hide))
	}
	return nil
}

// terms are what finds somebody from now on; nil: what did before.
func (p *placing) terms(e *entry) []string {
	if e.fresh && len(e.units) == 1 && e.units[0].terms != nil && len(p.contested) == 0 {
		return e.units[0].terms
	}
	terms := find.Terms(e.person)
	if !e.fresh && slices.Equal(terms, e.terms) {
		return nil
	}
	return terms
}

// findRoles takes addresses for role addresses that people of contradicting names claim: which of
// them an address is of nobody knows, so it is sold as nobody's own (rule C5).
func (p *placing) findRoles(e *entry) {
	if len(p.contested) == 0 {
		return
	}
	doubted := func(values []lead.Value) {
		for i := range values {
			v := &values[i]
			if v.Field.IsEmail() && !v.Mailbox.Shared() && p.contested[store.KeyRow{Kind: lead.KindEmail, Key: v.Value}] {
				v.Mailbox = lead.SharedBox
			}
		}
	}
	doubted(e.person.Values)
	for _, u := range e.units {
		doubted(u.person.Values)
	}
}

// difference is how what a person is recognised by changes. A strong key stays
// theirs even when a newer row says another: an old profile or a second source's
// id still names them. A name and a company that they no longer have do not, nor what
// proved to be another's.
func (p *placing) difference(e *entry) (gained, lost []store.KeyRow) {
	var now []store.KeyRow
	add := func(k store.KeyRow) {
		if !slices.Contains(now, k) {
			now = append(now, k)
		}
	}
	for _, u := range e.units {
		for _, k := range u.keys {
			add(k)
			if p.contested[k] {
				add(ofName(k, u.who))
			}
		}
		for _, k := range u.ownKeys() {
			if row := (store.KeyRow{Kind: k.Kind, Key: k.Value}); !tells(row) {
				add(row)
			}
		}
	}
	for _, k := range e.finds {
		if k.Kind != byRoleWord || !p.contested[k] {
			add(k)
		}
	}
	if len(e.units) > 1 {
		for _, k := range e.person.Keys() {
			if row := (store.KeyRow{Kind: k.Kind, Key: k.Value}); !tells(row) {
				add(row)
			}
		}
	}
	for _, k := range now {
		if !slices.Contains(e.held, k) && len(e.held)+len(gained) < maxKeys {
			gained = append(gained, k)
		}
	}
	for _, k := range e.held {
		_, passing := uploadOf(k)
		keeps := k.Kind == byID || !e.split && !passing && (tells(k) || k.Kind == byName || k.Kind == byRoleWord && !p.contested[k])
		if !keeps && !slices.Contains(now, k) {
			lost = append(lost, k)
		}
	}
	return gained, lost
}

// claimed says that a key is claimed by contradicting names, and by which rows.
func claimed(k store.KeyRow, u *unit, who lead.Who) string {
	where := ""
	if u.row > 0 {
		where = fmt.Sprintf(" in row %d", u.row)
	}
	why := "of a contradicting name"
	switch {
	case u.who.Incomparable(who):
		why = "whose name is in another script"
	case u.who.Agrees(who):
		why = "of another given name"
	}
	return keyLabel(k) + " is also that of a person " + why + where + "; it joins neither of them to anybody, but for rows of the same name"
}

// tell says which keys of a row are contested since another row.
func (p *placing) tell(a *arrival, o *outcome) {
	if len(o.problems) > 0 || len(p.contested) == 0 {
		return
	}
	for _, k := range a.strong {
		if p.contested[k] && k.Kind != byRow {
			o.problems = append(o.problems, keyLabel(k)+" belongs to people of contradicting names; it joins only rows of the same name")
		}
	}
}

// keyLabel is a key as a problem names it.
func keyLabel(k store.KeyRow) string {
	switch k.Kind {
	case lead.KindSource:
		return "id"
	case lead.KindProfile:
		return fmt.Sprintf("linkedin_url: %.128q", k.Key)
	case byRow:
		return "this row"
	}
	return fmt.Sprintf("email: %.128q", k.Key)
}

// sold tells whether a workspace was delivered anything of a person, or keeps them.
func (p *placing) sold(e *entry) (bool, error) {
	if e.sold == nil {
		is := false
		if !e.fresh {
			var err error
			if is, err = p.tx.People().IsSold(append([]string{e.person.ID}, e.was...)); err != nil {
				return false, err
			}
		}
		e.sold = &is
	}
	return *e.sold, nil
}
