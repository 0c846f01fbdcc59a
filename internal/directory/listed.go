package directory

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// A mark on the suppression list is a keyed hash of a key or a value. Of a mark that was set
// for somebody whose name was known, hashes of that name are kept beside it: it means anyone who
// would be joined to that person by the key, and nobody else who has it too (rule C12).

// names are those of one person, for whom a mark is.
type names struct {
	Of   []lead.Mark `json:"of"`
	Only bool        `json:"only,omitempty"` // the key was contested: it means these names alone
}

// marked is somebody as the suppression list may mean them.
type marked struct {
	marks [][2]string
	who   []lead.Who  // their names; a mark means them if it means one
	alone [][2]string // what of theirs may be on the list and does not mean them
}

func markedOf(p lead.Person, keys []lead.Key, names ...lead.Who) marked {
	if len(names) == 0 {
		names = []lead.Who{lead.WhoIs(p.Name())}
	}
	s := marked{marks: marksOf(p, keys), who: names}
	for _, v := range p.Values {
		s.alone = append(s.alone, valueMark(v))
	}
	return s
}

// nameMarks is by what somebody who was erased is known of whom nothing but a name and a
// company were: the forms of both, as they find people.
func nameMarks(keys []lead.Key) (list [][2]string) {
	for _, k := range keys {
		if k.Kind == lead.KindName {
			list = append(list, [2]string{byKey, k.Kind + ":" + k.Value})
		}
	}
	return list
}

// nameless tells keys none of which lasts longer than an upload and tells whom it is of.
func nameless(keys []store.KeyRow) bool {
	return !slices.ContainsFunc(keys, func(k store.KeyRow) bool {
		_, passing := uploadOf(k)
		return tells(k) && k.Kind != byRow && !passing
	})
}

// anyOn tells whether one of the marks is on the list.
func (d *Directory) anyOn(hits map[store.MarkRow]string, marks [][2]string) bool {
	return len(hits) > 0 && slices.ContainsFunc(marks, func(m [2]string) bool {
		_, on := hits[d.markRow(m[0], m[1])]
		return on
	})
}

func (d *Directory) markRow(kind, value string) store.MarkRow {
	return store.MarkRow{Kind: kind, Hash: string(d.hash(kind, value))}
}

// named tells whether a mark may have words of a name.
func named(m [2]string) bool { return m[0] == byKey || m[0] == byEmail || m[0] == byPhone }

// keyOf is the key by which a mark's people would be joined.
func keyOf(m [2]string) store.KeyRow {
	if m[0] == byEmail || m[0] == byPhone { // relatives share either
		return store.KeyRow{Kind: lead.KindEmail, Key: m[1]}
	}
	kind, key, _ := strings.Cut(m[1], ":")
	return store.KeyRow{Kind: kind, Key: key}
}

// nameHash hashes what is kept of names beside a mark, so that it says nothing beside another.
func (d *Directory) nameHash(m [2]string) func(string) string {
	return func(word string) string { return string(d.hash("name", m[0]+":"+m[1]+"|"+word)[:12]) }
}

// onList reads which of the marks of people are on the list, and for whom.
func (d *Directory) onList(tx *store.Tx, list []marked) (map[store.MarkRow]string, error) {
	any, err := tx.Suppressions().Any()
	if err != nil || !any {
		return nil, err
	}
	asked := map[store.MarkRow]bool{}
	var rows []store.MarkRow
	for _, s := range list {
		for _, m := range slices.Concat(s.marks, s.alone) {
			if r := d.markRow(m[0], m[1]); !asked[r] {
				asked[r] = true
				rows = append(rows, r)
			}
		}
	}
	return tx.Suppressions().Among(rows)
}

// means tells whether the list means somebody, by what onList read.
func (d *Directory) means(hits map[store.MarkRow]string, s marked) bool {
	return len(hits) > 0 && slices.ContainsFunc(s.marks, func(m [2]string) bool {
		text, on := hits[d.markRow(m[0], m[1])]
		if !on || !named(m) || text == "" {
			return on
		}
		var list []names
		if json.Unmarshal([]byte(text), &list) != nil {
			return true
		}
		return slices.ContainsFunc(list, func(of names) bool {
			return slices.ContainsFunc(s.who, func(w lead.Who) bool { return of.mean(keyOf(m), w, d.nameHash(m)) })
		})
	})
}

// mean tells that somebody of a name would be joined, by a key, to whom the names are of.
func (n names) mean(k store.KeyRow, w lead.Who, hash func(string) string) bool {
	joins := !n.Only
	for _, of := range n.Of {
		known := of.Facing(w, hash)
		if known.Same() == w.Same() {
			return true
		}
		joins = joins && !contradict(k, known, w)
	}
	return joins
}

// suppress puts a mark on the list, for a person of names where there are some.
func (d *Directory) suppress(tx *store.Tx, kind, value string, who []lead.Who, only, applied bool) error {
	m, row := [2]string{kind, value}, d.markRow(kind, value)
	on, found, err := tx.Suppressions().ByHash(row.Kind, []byte(row.Hash))
	if err != nil || found && on.Names == "" { // it means everybody
		return err
	}
	if err := tx.Suppressions().Put(row.Kind, []byte(row.Hash), d.clock().UnixMicro(), applied); err != nil {
		return err
	}
	return d.nameMark(tx, m, on.Names, who, only)
}

// nameMark adds a person of names to those for whom a mark is; without names it means everybody.
func (d *Directory) nameMark(tx *store.Tx, m [2]string, text string, who []lead.Who, only bool) error {
	row := d.markRow(m[0], m[1])
	if len(who) == 0 || slices.ContainsFunc(who, lead.Who.Nobody) {
		return tx.Suppressions().Name(row, "")
	}
	var list []names
	if text != "" {
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			return err
		}
	}
	one := names{Only: only}
	for _, w := range who {
		one.Of = append(one.Of, w.Mark(keyOf(m).Key, d.nameHash(m)))
	}
	kept, err := json.Marshal(append(list, one))
	if err != nil {
		return err
	}
	return tx.Suppressions().Name(row, string(kept))
}
