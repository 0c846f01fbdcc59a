package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// arrival is a person to be placed among those who are known.
type arrival struct {
	person lead.Person
	keys   []lead.Key     // as person.Keys() has them
	strong []store.KeyRow // those that tell who it is, the strongest first; never none
	who    lead.Who
	row    int    // of the file; 0: of none
	into   string // our id of the person that it is, whatever its keys are; empty: they say
}

// outcome is what became of an arrival.
type outcome struct {
	id         string // of the person that they are now; empty: suppressed
	suppressed bool
	problems   []string // what was left out, or joined nobody, as sentences
}

// entry is a person while a set is placed.
type entry struct {
	person  lead.Person
	units   []*unit
	held    []store.KeyRow // what the database recognises them by
	was     []string       // ids of people who proved to be this one, and are kept no more
	fresh   bool           // not in the database yet
	changed bool
	split   bool // some of what it held is another's now
	gone    bool // it proved to be another
	sold    *bool
}

// placing puts a set of people among those who are known, with a handful of
// statements whatever the set's size.
type placing struct {
	directory *Directory
	tx        *store.Tx
	since     time.Time // when the import began
	now       time.Time

	owner     map[store.KeyRow]*entry // by strong keys, and by contested ones with a name
	contested map[store.KeyRow]bool
	marked    []store.KeyRow // keys that are contested since this set
	byID      map[string]*entry
	order     []*entry
	parted    []parting
	err       error                  // of the database, where none could be returned
	hits      map[store.MarkRow]bool // what of the set is on the suppression list; nil: nothing can be
}

// Put adds people, or brings those who are recognised by a strong key up to date,
// in the caller's transaction. It returns their ids in order; an empty one is a
// person on the suppression list, who is not kept. Values without a date of when
// they were seen were seen now.
func (d *Directory) Put(tx *store.Tx, people []lead.Person) ([]string, error) {
	now := date(d.clock())
	set := make([]arrival, len(people))
	for i, p := range people {
		p.Values = slices.Clone(p.Values)
		for n := range p.Values {
			if p.Values[n].LastSeen.IsZero() {
				p.Values[n].LastSeen = now
			}
		}
		if p.AsOf.IsZero() {
			p.AsOf = now
		}
		set[i] = arrive(p, p.Keys())
	}
	outcomes, err := d.place(tx, set, now)
	ids := make([]string, len(outcomes))
	for i, o := range outcomes {
		ids[i] = o.id
	}
	return ids, err
}

// place decides for each of a set, in order, who they are, and writes the result.
func (d *Directory) place(tx *store.Tx, set []arrival, since time.Time) ([]outcome, error) {
	p := &placing{directory: d, tx: tx, since: since, now: d.clock(), owner: map[store.KeyRow]*entry{}, contested: map[store.KeyRow]bool{}, byID: map[string]*entry{}}
	if err := p.load(set); err != nil {
		return nil, err
	}
	outcomes := make([]outcome, len(set))
	for i := range set {
		var err error
		if outcomes[i], err = p.one(&set[i]); err != nil {
			return nil, err
		}
	}
	return outcomes, p.write()
}

// arrive finds out by which keys a person is to be told.
func arrive(p lead.Person, keys []lead.Key) arrival {
	a := arrival{person: p, keys: keys, who: lead.WhoIs(p.Name())}
	lasting := false
	for _, k := range keys {
		if k.Strong() {
			a.strong = append(a.strong, store.KeyRow{Kind: k.Kind, Key: k.Value})
			lasting = lasting || k.Kind != lead.KindSource || !ofUpload(k.Value)
		}
	}
	if !lasting {
		a.strong = append(a.strong, store.KeyRow{Kind: byRow, Key: rowKey(p)})
	}
	return a
}

// rowKey is a digest of what a row says of its person.
func rowKey(p lead.Person) string {
	p.Extra, p.AsOf = nil, time.Time{}
	p.SourceID = withoutUpload(p.SourceID)
	p.Values = slices.Clone(p.Values)
	for i := range p.Values {
		v := &p.Values[i]
		*v = lead.Value{Field: v.Field, Value: v.Value}
	}
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // texts
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// load reads whom the set's keys belong to, and which marks are suppressed.
func (p *placing) load(set []arrival) error {
	if err := p.tx.LockDirectory(); err != nil {
		return err
	}
	owners, err := p.holders(set)
	if err != nil {
		return err
	}
	var ids []string
	for _, id := range owners {
		ids = append(ids, id)
	}
	for i := range set {
		if set[i].into != "" {
			ids = append(ids, set[i].into)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	rows, err := p.tx.PeopleToChange(ids)
	if err != nil {
		return err
	}
	held, err := p.tx.KeysOfPeople(ids)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := p.know(row, held[row.ID]); err != nil {
			return err
		}
	}
	for key, id := range owners {
		if e := p.byID[id]; e != nil {
			p.owner[key] = e
		}
	}
	return p.loadSuppressed(set)
}

// know takes a person of the database in.
func (p *placing) know(row store.PersonRow, held []store.KeyRow) error {
	person, err := fromRow(row)
	if err != nil {
		return err
	}
	e := &entry{person: person, held: held}
	if e.units, err = unitsOf(row, person, held); err != nil {
		return err
	}
	p.byID[row.ID] = e
	named := slices.ContainsFunc(held, func(k store.KeyRow) bool { return k.Kind == byName })
	for _, u := range e.units {
		for _, k := range u.keys {
			if !named {
				p.owner[k] = e
			} else if of := ofName(k, u.who); slices.Contains(held, of) { // the name counts too: it is contested
				p.contested[k], p.owner[of] = true, e
			} else {
				p.owner[k] = e
			}
		}
	}
	return nil
}

// holders is whom the set's keys belong to. A contested one belongs to whoever of its
// name is known by it.
func (p *placing) holders(set []arrival) (map[store.KeyRow]string, error) {
	owners, asked := map[store.KeyRow]string{}, map[store.KeyRow]bool{}
	ask := func(keys func(a *arrival) []store.KeyRow) error {
		var list []store.KeyRow
		for i := range set {
			for _, k := range keys(&set[i]) {
				if !asked[k] {
					asked[k] = true
					list = append(list, k)
				}
			}
		}
		if len(list) == 0 {
			return nil
		}
		found, err := p.tx.Holders(list)
		for k, ids := range found {
			if ids[0] == store.Contested {
				p.contested[k] = true
			} else {
				owners[k] = ids[0]
			}
		}
		return err
	}
	if err := ask(func(a *arrival) []store.KeyRow { return a.strong }); err != nil || len(p.contested) == 0 {
		return owners, err
	}
	err := ask(func(a *arrival) (named []store.KeyRow) {
		for _, k := range a.strong {
			if p.contested[k] {
				named = append(named, ofName(k, a.who))
			}
		}
		return named
	})
	return owners, err
}

// one places one arrival.
func (p *placing) one(a *arrival) (o outcome, err error) {
	for {
		found := p.found(a)
		if p.barred(a) {
			return outcome{suppressed: true}, nil
		}
		doubted, err := p.doubt(a, found, &o)
		if err == nil {
			err = p.err
		}
		if err != nil {
			return o, err
		}
		if doubted {
			continue
		}
		if slices.ContainsFunc(found, func(e *entry) bool { return len(p.hits) > 0 && p.directory.means(p.hits, e.marked()) }) {
			return outcome{suppressed: true}, nil
		}
		p.tell(a, &o)
		o.id = p.join(a, found).person.ID
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

// doubt finds out which keys of an arrival contradict what is known, and contests them:
// those that another name claims; where the names of those who would be joined
// contradict each other by a detour, all that connect them; and where workspaces
// were sold data of two of them, those that would join the two.
// False: none of them does.
func (p *placing) doubt(a *arrival, found []*entry, o *outcome) (contested bool, err error) {
	if len(found) == 0 || a.into != "" || len(found) == 1 && len(found[0].units) == 1 && found[0].units[0].who.Same() == a.who.Same() {
		return false, nil
	}
	for _, k := range a.strong {
		if p.contested[k] {
			continue
		}
		for _, e := range found {
			for _, u := range e.units {
				if !p.contested[k] && u.claims(k) && (contradict(k, u.who, a.who) || p.sameFile(k, u) && !u.who.Like(a.who)) {
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
}

// keeps is which of the groups that an entry falls into keeps its id.
func (p *placing) keeps(e *entry, list [][]*unit) (int, error) {
	if e.fresh {
		return 0, nil
	}
	reveals, err := p.tx.RevealsOfPerson(e.person.ID)
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
	u := &unit{who: a.who, keys: slices.Clone(a.strong), person: a.person, row: a.row, own: a.keys}
	e.units = fuse(e.units, u, func(known, fresh lead.Person) lead.Person { return merge(known, fresh, p.since) })
	if len(e.units) == 1 {
		e.units[0].person = e.person
	}
	for _, k := range a.strong {
		p.owner[p.link(k, a.who)] = e
	}
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
		e.held = slices.Clip(e.held)
		e.person = assemble(e.person.ID, e.units)
	}
	return e
}

// loadSuppressed reads what of the set, and of whom it means, is on the suppression list.
func (p *placing) loadSuppressed(set []arrival) (err error) {
	list := make([]marked, 0, len(set)+len(p.byID))
	for i := range set {
		list = append(list, set[i].marked())
	}
	for _, e := range p.byID {
		list = append(list, e.marked())
	}
	p.hits, err = p.directory.onList(p.tx, list)
	return err
}

func (a *arrival) marked() marked { return markedOf(a.person, withRows(a.keys, a.strong), a.who) }

func (e *entry) marked() marked {
	names := make([]lead.Who, len(e.units))
	for i, u := range e.units {
		names[i] = u.who
	}
	return markedOf(e.person, e.person.Keys(), names...)
}

// withRows is keys and those of rows, which are nobody's own.
func withRows(keys []lead.Key, strong []store.KeyRow) []lead.Key {
	keys = slices.Clone(keys)
	for _, k := range strong {
		if k.Kind == byRow {
			keys = append(keys, lead.Key{Kind: k.Kind, Value: k.Key})
		}
	}
	return keys
}

// barred tells whether the suppression list means an arrival.
func (p *placing) barred(a *arrival) bool {
	return len(p.hits) > 0 && p.directory.means(p.hits, a.marked())
}
