package directory

import (
	"maps"
	"slices"

	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// one places one arrival.
func (p *placing) one(a *arrival) (o outcome, err error) {
	p.dropRoleAddresses(a, &o)
	for {
		found := p.found(a)
		if p.barred(a) || len(found) == 0 && p.erased(a) {
			return outcome{suppressed: true}, nil
		}
		again, err := p.contestDoubtful(a, found, &o)
		if err == nil {
			err = p.err
		}
		if err != nil {
			return o, err
		}
		if again {
			continue
		}
		if slices.ContainsFunc(found, func(e *entry) bool { return len(p.hits) > 0 && p.directory.means(p.hits, e.marked()) }) {
			return outcome{suppressed: true}, nil
		}
		p.tell(a, &o)
		var before lead.Person
		if len(found) == 1 {
			before = found[0].person
			before.Extra = maps.Clone(before.Extra)
		}
		after := p.join(a, found).person
		o.id, o.came = after.ID, cameAs(len(found), before, after)
		return o, nil
	}
}

// link is the key by which an arrival may find who it is.
func (p *placing) link(k store.KeyRow, who lead.Who) store.KeyRow {
	if p.contested[k] {
		return ofName(k, who)
	}
	return k
}

// found are those whom an arrival's keys mean, in the order of the keys.
func (p *placing) found(a *arrival) []*entry {
	var list []*entry
	if e := p.byID[a.into]; e != nil {
		return []*entry{e}
	}
	for _, k := range a.strong {
		if e := p.owner[p.link(k, a.who)]; e != nil && !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	return list
}

// contestDoubtful finds out which keys of an arrival contradict what is known, and contests them:
// those that another name claims; where the names of those who would be joined
// contradict each other by a detour, all that connect them; and where workspaces
// were sold data of two of them, those that would join the two.
// False: none of them does.
func (p *placing) contestDoubtful(a *arrival, found []*entry, o *outcome) (contested bool, err error) {
	if len(found) == 0 || a.into != "" || len(found) == 1 && len(found[0].units) == 1 && found[0].units[0].who.Same() == a.who.Same() {
		return false, nil
	}
	for _, k := range a.strong {
		if p.contested[k] {
			continue
		}
		for _, e := range found {
			for _, u := range e.units {
				if !p.contested[k] && u.claims(k) && !p.vouched(k, u, a) && (contradict(k, u.who, a.who) || p.sameFile(k, u) && !u.who.Like(a.who)) {
					o.problems = append(o.problems, claimed(k, u, a.who))
					p.contest(k)
					contested = true
				}
			}
		}
	}
	if contested {
		return true, nil
	}
	units := []*unit{{who: a.who, keys: slices.Clone(a.strong)}}
	for _, e := range found {
		for _, u := range e.units {
			units = fuse(units, &unit{who: u.who, keys: slices.Clone(u.keys)}, nil)
		}
	}
	if !compatible(units, p.isContested) {
		if contested = p.contestAll(units); contested {
			o.problems = append(o.problems, "this row's keys belong to people whose names contradict each other; it joins none of them")
			return true, nil
		}
	}
	return p.keepSold(a, found, o)
}

// vouched tells that a profile or an id says that an address is of both: of names in two
// scripts, which nothing compares, it is the only witness.
func (p *placing) vouched(k store.KeyRow, u *unit, a *arrival) bool {
	return k.Kind == lead.KindEmail && u.who.Incomparable(a.who) && slices.ContainsFunc(a.strong, func(o store.KeyRow) bool {
		return witnesses(o) && u.claims(o) && !p.contested[o]
	})
}

// witnesses tells a profile, or an id of a source.
func witnesses(k store.KeyRow) bool {
	_, passing := uploadOf(k)
	return !passing && (k.Kind == lead.KindProfile || k.Kind == lead.KindSource)
}

// sameFile tells that a row of the file that is read claimed an address for a unit: a file has
// a person once, so two of its rows with one address and two names are two people.
func (p *placing) sameFile(k store.KeyRow, u *unit) bool {
	return k.Kind == lead.KindEmail && slices.ContainsFunc(u.person.Values, func(v lead.Value) bool {
		return v.Value == k.Key && v.LastSeen.Equal(p.since)
	})
}

func (p *placing) isContested(k store.KeyRow) bool { return p.contested[k] }

// contestAll contests every key that connects units of different names.
func (p *placing) contestAll(units []*unit) (contested bool) {
	for i, u := range units {
		for _, v := range units[:i] {
			for _, k := range u.keys {
				if u.who.Same() != v.who.Same() && v.claims(k) && !p.contested[k] {
					p.contest(k)
					contested = true
				}
			}
		}
	}
	return contested
}

// keepSold holds people apart of whom workspaces were sold data each: what they own
// stays as it is.
func (p *placing) keepSold(a *arrival, found []*entry, o *outcome) (contested bool, err error) {
	if len(found) < 2 {
		return false, nil
	}
	var first *entry
	for _, e := range found {
		sold, err := p.sold(e)
		if err != nil {
			return false, err
		}
		if !sold {
			continue
		}
		if first == nil {
			first = e
			continue
		}
		for _, k := range a.strong {
			if p.owner[k] == e {
				o.problems = append(o.problems, keyLabel(k)+" belongs to another person of whom a workspace was sold data; the two are kept apart")
				p.contest(k)
				contested = true
			}
			if named := ofName(k, a.who); p.contested[k] && p.owner[named] == e {
				delete(p.owner, named)
				contested = true
			}
		}
	}
	return contested, nil
}

// contest notes that a key joins only people of the same name from now on, and takes
// those apart whom it joined alone.
func (p *placing) contest(k store.KeyRow) {
	p.contested[k] = true
	p.marked = append(p.marked, k)
	e := p.owner[k]
	delete(p.owner, k)
	if e == nil {
		return
	}
	p.change(e)
	for _, u := range e.units {
		if u.claims(k) {
			p.owner[ofName(k, u.who)] = e
		}
	}
	p.part(e)
}

// part takes an entry apart where its units are connected no longer.
func (p *placing) part(e *entry) {
	list := groups(e.units, p.isContested)
	if len(list) < 2 {
		return
	}
	at, err := p.keeps(e, list)
	if err != nil {
		p.err = err
		return
	}
	listed := len(p.hits) > 0 && p.directory.means(p.hits, e.marked())
	list[0], list[at] = list[at], list[0]
	e.units, e.split = list[0], true
	e.person = assemble(e.person.ID, e.units)
	apart := parting{from: e}
	for _, units := range list[1:] {
		other := &entry{units: units, person: assemble("", units), fresh: true}
		p.change(other)
		apart.others = append(apart.others, other)
		for _, u := range units {
			for _, k := range u.keys {
				p.owner[p.link(k, u.who)] = other
			}
		}
	}
	if !e.fresh {
		p.parted = append(p.parted, apart)
	}
	if listed {
		p.keepListed(append(apart.others, e))
	}
}

// keepListed keeps on the suppression list who was one person on it: each by an id of their own.
func (p *placing) keepListed(parts []*entry) {
	for _, e := range parts {
		row := p.directory.markRow(byPerson, e.person.ID)
		if err := p.tx.Suppressions().Put(row.Kind, []byte(row.Hash), p.now.UnixMicro(), true); err != nil {
			p.err = err
		}
		p.hits[row] = ""
		p.hide = append(p.hide, e.person.ID)
	}
}

// keeps is which of the groups that an entry falls into keeps its id.
func (p *placing) keeps(e *entry, list [][]*unit) (int, error) {
	if e.fresh {
		return 0, nil
	}
	reveals, err := p.tx.Reveals().OfPerson(e.person.ID)
	if err != nil || len(reveals) == 0 {
		return 0, err
	}
	var people []lead.Person
	for _, units := range list {
		people = append(people, assemble(e.person.ID, units))
	}
	return keeper(reveals, people)
}

func (p *placing) change(e *entry) {
	if !e.changed {
		e.changed = true
		p.order = append(p.order, e)
	}
}

// join makes an arrival and those whom it means one person.
func (p *placing) join(a *arrival, found []*entry) *entry {
	e := p.united(found)
	if e == nil {
		e = &entry{fresh: true, person: a.person}
		e.person.ID = ident.New("per")
		e.person.Values = mergeValues(nil, e.person.Values, p.since)
	} else {
		e.person = merge(e.person, a.person, p.since)
	}
	p.change(e)
	u := &unit{who: a.who, keys: slices.Clone(a.strong), person: a.person, row: a.row, own: a.keys, terms: a.terms}
	e.units = fuse(e.units, u, func(known, fresh lead.Person) lead.Person { return merge(known, fresh, p.since) })
	if len(e.units) == 1 {
		e.units[0].person = e.person
	}
	for _, k := range a.strong {
		p.owner[p.link(k, a.who)] = e
	}
	p.keepRoleWords(a, e)
	return e
}

// united makes one person of several; nil: there are none.
func (p *placing) united(found []*entry) *entry {
	if len(found) == 0 {
		return nil
	}
	at := max(0, slices.IndexFunc(found, func(e *entry) bool { return e.sold != nil && *e.sold }))
	e := found[at]
	for _, other := range found {
		if other == e {
			continue
		}
		for _, u := range other.units {
			e.units = fuse(e.units, u, mergeInOrder)
			for _, k := range u.keys {
				p.owner[p.link(k, u.who)] = e
			}
		}
		other.gone = true
		p.change(other)
		e.was = append(append(e.was, other.was...), other.person.ID)
		e.finds = append(e.finds, other.finds...)
		e.held = slices.Clip(e.held)
		e.person = assemble(e.person.ID, e.units)
	}
	return e
}
