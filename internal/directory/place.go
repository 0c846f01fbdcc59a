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

// byRow is the kind of key of a row that has no strong one: what it says as a
// whole, so that the same row is the same person again and any other is another.
const byRow = "row"

// arrival is a person to be placed among those who are known.
type arrival struct {
	person lead.Person
	keys   []lead.Key     // as person.Keys() has them
	strong []store.KeyRow // those that tell who it is, the strongest first; never none
}

// outcome is what became of an arrival.
type outcome struct {
	id         string // of the person that they are now; empty: suppressed
	suppressed bool
	problems   []string // values that were left out, as sentences
}

// entry is a person while a set is placed.
type entry struct {
	person  lead.Person
	held    []store.KeyRow // what the database recognises them by
	keys    []lead.Key     // the person's own, as long as they are one arrival's
	strong  []store.KeyRow // what the set's arrivals were recognised by
	fresh   bool           // not in the database yet
	changed bool
}

// placing puts a set of people among those who are known, with a handful of
// statements whatever the set's size.
type placing struct {
	directory *Directory
	tx        *store.Tx
	since     time.Time // when the import began
	now       time.Time

	owner map[store.KeyRow]*entry // by strong keys
	order []*entry
	hits  map[store.MarkRow]bool // what of the set is on the suppression list; nil: nothing can be
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
	p := &placing{directory: d, tx: tx, since: since, now: d.clock(), owner: map[store.KeyRow]*entry{}}
	if err := p.load(set); err != nil {
		return nil, err
	}
	outcomes := make([]outcome, len(set))
	for i := range set {
		outcomes[i] = p.one(&set[i])
	}
	return outcomes, p.write()
}

// arrive finds out by which keys a person is to be told.
func arrive(p lead.Person, keys []lead.Key) arrival {
	a := arrival{person: p, keys: keys}
	for _, k := range keys {
		if k.Strong() {
			a.strong = append(a.strong, store.KeyRow{Kind: k.Kind, Key: k.Value})
		}
	}
	if len(a.strong) == 0 {
		a.strong = append(a.strong, store.KeyRow{Kind: byRow, Key: rowKey(p)})
	}
	return a
}

// rowKey is a digest of what a row says of its person.
func rowKey(p lead.Person) string {
	p.Extra = nil
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
	asked := map[store.KeyRow]bool{}
	var keys []store.KeyRow
	for i := range set {
		for _, k := range set[i].strong {
			if !asked[k] {
				asked[k] = true
				keys = append(keys, k)
			}
		}
	}
	owners, err := p.tx.PeopleByKeys(keys)
	if err != nil {
		return err
	}
	var ids []string
	for _, list := range owners {
		ids = append(ids, list[0])
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
	known := make(map[string]*entry, len(rows))
	for _, row := range rows {
		person, err := fromRow(row)
		if err != nil {
			return err
		}
		known[row.ID] = &entry{person: person, held: held[row.ID]}
	}
	for key, list := range owners {
		if e := known[list[0]]; e != nil {
			p.owner[key] = e
		}
	}
	return p.loadSuppressed(set, known)
}

func (p *placing) loadSuppressed(set []arrival, known map[string]*entry) error {
	any, err := p.tx.AnySuppressed()
	if err != nil || !any {
		return err
	}
	asked := map[store.MarkRow]bool{}
	var list []store.MarkRow
	add := func(person lead.Person, keys []lead.Key) {
		for _, m := range p.directory.markRows(person, keys) {
			if !asked[m] {
				asked[m] = true
				list = append(list, m)
			}
		}
	}
	for i := range set {
		add(set[i].person, withRows(set[i].keys, set[i].strong))
	}
	for _, e := range known {
		add(e.person, e.person.Keys())
	}
	p.hits, err = p.tx.SuppressedOf(list)
	return err
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

func (d *Directory) markRows(person lead.Person, keys []lead.Key) []store.MarkRow {
	var rows []store.MarkRow
	for _, m := range marksOf(person, keys) {
		rows = append(rows, store.MarkRow{Kind: m[0], Hash: string(d.hash(m[0], m[1]))})
	}
	return rows
}

// one places one arrival.
func (p *placing) one(a *arrival) outcome {
	var o outcome
	keys := slices.Clone(a.strong)
	var e *entry
	for i := 0; i < len(keys); i++ {
		owner := p.owner[keys[i]]
		switch {
		case owner == nil:
		case e == nil:
			e = owner
		case e != owner:
			// Joining two people whom everybody held apart is not for a row to decide.
			o.problems = append(o.problems, a.without(keys[i]))
			keys = slices.Delete(keys, i, i+1)
			i--
		}
	}
	if len(o.problems) > 0 {
		a.keys = a.person.Keys()
	}
	merged, whole := a.person, a.keys
	if e != nil {
		merged = merge(e.person, a.person, p.since)
		whole = nil
	}
	if p.suppressed(merged, whole, keys) {
		return outcome{suppressed: true}
	}
	if e == nil {
		merged.ID = ident.New("per")
		merged.Values = mergeValues(nil, merged.Values, p.since)
		e = &entry{fresh: true}
	}
	if !e.changed {
		e.changed = true
		p.order = append(p.order, e)
	}
	e.person, e.keys = merged, whole
	for _, k := range keys {
		p.owner[k] = e
		if !slices.Contains(e.strong, k) {
			e.strong = append(e.strong, k)
		}
	}
	o.id = e.person.ID
	return o
}

func (p *placing) suppressed(person lead.Person, keys []lead.Key, strong []store.KeyRow) bool {
	if len(p.hits) == 0 {
		return false
	}
	if keys == nil {
		keys = person.Keys()
	}
	return slices.ContainsFunc(p.directory.markRows(person, withRows(keys, strong)), func(m store.MarkRow) bool { return p.hits[m] })
}

// without leaves out of an arrival what another person is recognised by, and says so.
func (a *arrival) without(k store.KeyRow) string {
	const belongs = " belongs to another person than this row's "
	switch k.Kind {
	case lead.KindSource:
		a.person.SourceID = ""
		return "id" + belongs + "other keys; it is left out"
	case lead.KindProfile:
		a.person.LinkedInURL = ""
		return "linkedin_url" + belongs + "id; it is left out"
	}
	a.person.Values = slices.DeleteFunc(slices.Clone(a.person.Values), func(v lead.Value) bool { return v.Field.IsEmail() && v.Value == k.Key })
	return "an email" + belongs + "profile, id or first email; it is left out"
}

// maxKeys bounds what one person is recognised by.
const maxKeys = 200

// write writes everybody whom the set changed.
func (p *placing) write() error {
	var fresh, changed []store.PersonPut
	for _, e := range p.order {
		row, err := toRow(e.person, p.now)
		if err != nil {
			return err
		}
		put := store.PersonPut{PersonRow: row}
		put.Gained, put.Lost = e.difference()
		if e.fresh {
			fresh = append(fresh, put)
		} else {
			changed = append(changed, put)
		}
	}
	if err := p.tx.AddPeople(fresh); err != nil {
		return err
	}
	return p.tx.ChangePeople(changed)
}

// difference is how what a person is recognised by changes. A strong key stays
// theirs even when a newer row says another: an old profile or a second source's
// id still names them. A name and a company that they no longer have do not.
func (e *entry) difference() (gained, lost []store.KeyRow) {
	if e.keys == nil {
		e.keys = e.person.Keys()
	}
	now := slices.Clone(e.strong)
	for _, k := range e.keys {
		if row := (store.KeyRow{Kind: k.Kind, Key: k.Value}); !slices.Contains(now, row) {
			now = append(now, row)
		}
	}
	for _, k := range now {
		if !slices.Contains(e.held, k) && len(e.held)+len(gained) < maxKeys {
			gained = append(gained, k)
		}
	}
	for _, k := range e.held {
		if k.Kind != byRow && !(lead.Key{Kind: k.Kind, Value: k.Key}).Strong() && !slices.Contains(now, k) {
			lost = append(lost, k)
		}
	}
	return gained, lost
}
