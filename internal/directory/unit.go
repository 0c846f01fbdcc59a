package directory

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// unit is what rows of one name say of one person. Rows of the same name that share a
// strong key are one unit, whatever else the key is shared by; what may be taken apart
// again are units of different names.
type unit struct {
	who    lead.Who
	keys   []store.KeyRow // strong ones that its rows claim
	person lead.Person
	row    int        // the newest of the file that is read; 0: none
	own    []lead.Key // the person's keys, as long as one arrival alone tells of it
	terms  []string   // the person's, likewise; nil: not made yet
}

// ownKeys are the keys of what the unit says.
func (u *unit) ownKeys() []lead.Key {
	if u.own == nil {
		u.own = u.person.Keys()
	}
	return u.own
}

func (u *unit) claims(k store.KeyRow) bool { return slices.Contains(u.keys, k) }

func (u *unit) claim(keys []store.KeyRow) {
	for _, k := range keys {
		if !slices.Contains(u.keys, k) && len(u.keys) < maxKeys {
			u.keys = append(u.keys, k)
		}
	}
}

// fuse adds a unit to others, as one with those of its name that share a key with it, in
// their place. Nil: only the names and keys count.
func fuse(units []*unit, u *unit, merge func(known, fresh lead.Person) lead.Person) []*unit {
	var list []*unit
	at := -1
	for _, o := range units {
		if o.who.Same() != u.who.Same() || !slices.ContainsFunc(o.keys, u.claims) {
			list = append(list, o)
			continue
		}
		if merge != nil {
			o.person = merge(o.person, u.person)
		}
		o.own, o.terms = nil, nil
		o.leaveUploads(u.keys)
		o.claim(u.keys)
		if o.row = max(o.row, u.row); at < 0 {
			at = len(list)
			list = append(list, o)
		} else {
			list[at] = o
		}
		u = o
	}
	if at < 0 {
		list = append(list, u)
	}
	return list
}

// mergeInOrder merges what two say, the older first.
func mergeInOrder(a, b lead.Person) lead.Person {
	if b.AsOf.Before(a.AsOf) {
		a, b = b, a
	}
	return merge(a, b, time.Time{})
}

// leaveUploads forgets ids of earlier uploads where a row brings one of another.
func (u *unit) leaveUploads(fresh []store.KeyRow) {
	for _, f := range fresh {
		if upload, found := uploadOf(f); found {
			u.keys = slices.DeleteFunc(u.keys, func(k store.KeyRow) bool {
				of, found := uploadOf(k)
				return found && of != upload
			})
		}
	}
}

// part is a unit as it is kept with its person, where there is more than one.
type part struct {
	Keys   [][2]string `json:"keys"`
	Person lead.Person `json:"person"`
	AsOf   time.Time   `json:"as_of"`
}

func partsOf(units []*unit) (string, error) {
	if len(units) < 2 {
		return "", nil
	}
	var list []part
	for _, u := range units {
		p := part{Person: u.person, AsOf: u.person.AsOf}
		p.Person.ID = ""
		for _, k := range u.keys {
			p.Keys = append(p.Keys, [2]string{k.Kind, k.Key})
		}
		list = append(list, p)
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// unitsOf are the units of a person who is kept; of one whom one name tells of, the
// person as a whole.
func unitsOf(row store.PersonRow, person lead.Person, held []store.KeyRow) ([]*unit, error) {
	if row.Parts == "" {
		u := &unit{who: lead.WhoIs(person.Name()), person: person}
		for _, k := range held {
			if tells(k) {
				u.keys = append(u.keys, k)
			}
		}
		return []*unit{u}, nil
	}
	var list []part
	if err := json.Unmarshal([]byte(row.Parts), &list); err != nil {
		return nil, fmt.Errorf("directory: parts of %s: %w", row.ID, err)
	}
	var units []*unit
	for _, p := range list {
		p.Person.AsOf = p.AsOf
		promote(&p.Person)
		u := &unit{who: lead.WhoIs(p.Person.Name()), person: p.Person}
		for _, k := range p.Keys {
			u.keys = append(u.keys, store.KeyRow{Kind: k[0], Key: k[1]})
		}
		units = append(units, u)
	}
	return units, nil
}

// tells reports whether a key tells its person from everybody else: a strong key, or the
// digest of a row that has none.
func tells(k store.KeyRow) bool {
	return k.Kind == byRow || (lead.Key{Kind: k.Kind, Value: k.Key}).Strong()
}

// Kinds of keys that are not a row's own.
const (
	byRow      = "row"  // the digest of a row that no source identifies
	byName     = "same" // a contested key, for people of one name alone
	byID       = "was"  // the id of somebody who proved to be this person
	byRoleWord = "desk" // a word that an address of theirs may name a role by; contested: it does
)

// ofName is the key by which people of one name are told where a key is contested.
func ofName(k store.KeyRow, who lead.Who) store.KeyRow {
	return store.KeyRow{Kind: byName, Key: k.Kind + ":" + k.Key + "|" + who.Same()}
}

// groups parts units into those that keys still connect: keys that are not contested, and
// contested ones for the same name.
func groups(units []*unit, contested func(store.KeyRow) bool) [][]*unit {
	var list [][]*unit
	for _, u := range units {
		joined := []*unit{u}
		var rest [][]*unit
		for _, g := range list {
			if slices.ContainsFunc(g, func(o *unit) bool { return connected(u, o, contested) }) {
				joined = append(slices.Clone(g), joined...)
			} else {
				rest = append(rest, g)
			}
		}
		list = append(rest, joined)
	}
	return list
}

// contradict tells that a key cannot be of both: by their names, and for a number that is
// known within one file by whatever differs.
func contradict(k store.KeyRow, a, b lead.Who) bool {
	if _, passing := uploadOf(k); passing {
		return !a.Like(b)
	}
	return lead.Contradict(k.Kind, a, b) || k.Kind == lead.KindEmail && !lead.Vouches(k.Key, a, b)
}

func connected(u, o *unit, contested func(store.KeyRow) bool) bool {
	same := u.who.Same() == o.who.Same()
	return slices.ContainsFunc(u.keys, func(k store.KeyRow) bool { return o.claims(k) && (same || !contested(k)) })
}

// compatible tells that units may be one person's: where two share no profile and no id,
// their names must agree as strictly as for an address, which relatives share.
func compatible(units []*unit, contested func(store.KeyRow) bool) bool {
	for i, u := range units {
		for _, o := range units[:i] {
			kind := lead.KindEmail
			if slices.ContainsFunc(u.keys, func(k store.KeyRow) bool { return k.Kind != lead.KindEmail && o.claims(k) && !contested(k) }) {
				kind = lead.KindProfile
			}
			if lead.Contradict(kind, u.who, o.who) {
				return false
			}
		}
	}
	return true
}

// assemble is the person that units tell of, in the order of what they say of their
// employer.
func assemble(id string, units []*unit) lead.Person {
	units = slices.Clone(units)
	slices.SortStableFunc(units, func(a, b *unit) int { return a.person.AsOf.Compare(b.person.AsOf) })
	whole := units[0].person
	for _, u := range units[1:] {
		whole = merge(whole, u.person, time.Time{})
	}
	if whole.ID = id; id == "" {
		whole.ID = ident.New("per")
	}
	return whole
}
