package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/find"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// arrival is a person to be placed among those who are known.
type arrival struct {
	person lead.Person
	keys   []lead.Key     // as person.Keys() has them
	strong []store.KeyRow // those that tell who it is, the strongest first; never none
	roles  []roleAddress  // of those, the addresses that may be role addresses
	who    lead.Who
	terms  []string // that find the person; nil: not made yet
	row    int      // of the file; 0: of none
	into   string   // our id of the person that it is, whatever its keys are; empty: they say
}

// outcome is the outcome of an arrival.
type outcome struct {
	id         string // of the person that they are now; empty: suppressed
	suppressed bool
	came       arrivalKind
	problems   []string // what was left out, or joined nobody, as sentences
}

// arrivalKind is what an arrival was to the directory.
type arrivalKind int

const (
	added     arrivalKind = iota // nobody of this was known
	updated                      // somebody known, of whom it said something new
	unchanged                    // somebody known, of whom it said nothing new
	joined                       // several known people, who proved to be one
)

// cameAs compares a person with who they were before an arrival. When they were seen is
// nothing new.
func cameAs(known int, before, after lead.Person) arrivalKind {
	switch {
	case known == 0:
		return added
	case known > 1:
		return joined
	}
	same := slices.EqualFunc(before.Values, after.Values, func(x, y lead.Value) bool {
		x.LastSeen = y.LastSeen
		return x == y
	})
	b, a := before, after
	b.Values, a.Values, b.Extra, a.Extra = nil, nil, nil, nil
	b.AsOf = a.AsOf
	if same && maps.Equal(before.Extra, after.Extra) && reflect.DeepEqual(b, a) {
		return unchanged
	}
	return updated
}

// entry is a person while a set is placed.
type entry struct {
	person  lead.Person
	units   []*unit
	held    []store.KeyRow // what the database recognises them by
	terms   []string       // what the database finds them by
	was     []string       // ids of people who proved to be this one, and are kept no more
	finds   []store.KeyRow // by what else they are found, or a role is learnt: of this set
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
	hide      []string                 // parts of whom the suppression list means
	err       error                    // of the database, where none could be returned
	hits      map[store.MarkRow]string // what of the set is on the suppression list, and for whom; nil: nothing can be
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
	for i, a := range set { // a copy: a set that is written again says again what it said
		var err error
		if outcomes[i], err = p.one(&a); err != nil {
			return nil, err
		}
	}
	return outcomes, p.write()
}

// arrive finds out by which keys a person is to be told.
func arrive(p lead.Person, keys []lead.Key) arrival {
	a := arrival{person: p, keys: keys, who: lead.WhoIs(p.Name())}
	for _, k := range keys {
		if k.Strong() {
			a.strong = append(a.strong, store.KeyRow{Kind: k.Kind, Key: k.Value})
		}
	}
	a.roles = roleAddressesOf(a.strong, a.who)
	a.identify()
	return a
}

// identify adds the digest of what the row says, where no key outlasts its upload.
func (a *arrival) identify() {
	lasting := func(k store.KeyRow) bool { return k.Kind != lead.KindSource || !ofUpload(k.Key) }
	if !slices.ContainsFunc(a.strong, lasting) {
		a.strong = append(a.strong, a.digest())
	}
}

func (a *arrival) digest() store.KeyRow { return store.KeyRow{Kind: byRow, Key: rowKey(a.person)} }

// rowKey is a digest of what a row says of its person.
func rowKey(p lead.Person) string {
	p.Extra, p.Industry, p.CompanySize, p.AsOf = nil, "", "", time.Time{}
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
	if err := p.tx.People().Lock(); err != nil {
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
	rows, err := p.tx.People().ToChange(ids)
	if err != nil {
		return err
	}
	held, err := p.tx.People().Keys(ids)
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
	e := &entry{person: person, held: held, terms: find.Terms(person)}
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

// holders is whom the set's keys belong to. A contested one belongs to the one of its
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
		found, err := p.tx.People().FirstHolder(list)
		for k, id := range found {
			if id == store.Contested {
				p.contested[k] = true
			} else {
				owners[k] = id
			}
		}
		return err
	}
	if err := ask((*arrival).asked); err != nil || len(p.contested) == 0 {
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

// loadSuppressed reads what of the set, and of whom it means, is on the suppression list.
func (p *placing) loadSuppressed(set []arrival) (err error) {
	if any, err := p.tx.Suppressions().Any(); err != nil || !any {
		return err
	}
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

func (a *arrival) marked() marked {
	m := markedOf(a.person, withRows(a.keys, a.strong), a.who)
	if nameless(a.strong) {
		m.alone = append(m.alone, nameMarks(a.keys)...)
	}
	return m
}

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

// erased tells of an arrival who is nobody yet, and says nothing but a name and a company,
// that somebody was erased of whom no more was known.
func (p *placing) erased(a *arrival) bool {
	return nameless(a.strong) && p.directory.anyOn(p.hits, nameMarks(a.keys))
}
