package directory

import (
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// A mark on the suppression list is a keyed hash of a key or a value. Of a mark that was set
// for somebody whose name was known, words of that name are hashed beside it: it means
// people of that name, and nobody else who has the value too (rule C12).
const byWord = "of"

// anyName stands for the words of a mark as a whole: there are some.
const anyName = ""

// marked is somebody as the suppression list may mean them.
type marked struct {
	marks [][2]string
	who   []lead.Who // their names; a mark means them if it means one
}

func markedOf(p lead.Person, keys []lead.Key, names ...lead.Who) marked {
	if len(names) == 0 {
		names = []lead.Who{lead.WhoIs(p.Name())}
	}
	return marked{marksOf(p, keys), names}
}

func (d *Directory) markRow(kind, value string) store.MarkRow {
	return store.MarkRow{Kind: kind, Hash: string(d.hash(kind, value))}
}

func (d *Directory) wordRow(m [2]string, word string) store.MarkRow {
	return d.markRow(byWord, m[0]+":"+m[1]+"|"+word)
}

// named tells whether a mark may have words of a name.
func named(m [2]string) bool { return m[0] == byKey || m[0] == byEmail }

// nameKind is how strictly names are compared for a mark.
func nameKind(m [2]string) string {
	if m[0] == byEmail {
		return lead.KindEmail
	}
	kind, _, _ := strings.Cut(m[1], ":")
	return kind
}

// onList reads which of the marks of people are on the list, with the words beside them.
func (d *Directory) onList(tx *store.Tx, list []marked) (map[store.MarkRow]bool, error) {
	any, err := tx.AnySuppressed()
	if err != nil || !any {
		return nil, err
	}
	asked := map[store.MarkRow]bool{}
	var rows []store.MarkRow
	ask := func(r store.MarkRow) {
		if !asked[r] {
			asked[r] = true
			rows = append(rows, r)
		}
	}
	for _, s := range list {
		for _, m := range s.marks {
			ask(d.markRow(m[0], m[1]))
		}
	}
	hits, err := tx.SuppressedOf(rows)
	if err != nil || len(hits) == 0 {
		return nil, err
	}
	rows = nil
	for _, s := range list {
		for _, m := range s.marks {
			if !named(m) || !hits[d.markRow(m[0], m[1])] {
				continue
			}
			ask(d.wordRow(m, anyName))
			for _, w := range s.who {
				for _, word := range w.Words(nameKind(m)) {
					ask(d.wordRow(m, word))
				}
			}
		}
	}
	words, err := tx.SuppressedOf(rows)
	for r := range words {
		hits[r] = true
	}
	return hits, err
}

// means tells whether the list means somebody, by what onList read.
func (d *Directory) means(hits map[store.MarkRow]bool, s marked) bool {
	return len(hits) > 0 && slices.ContainsFunc(s.marks, func(m [2]string) bool {
		if !hits[d.markRow(m[0], m[1])] {
			return false
		}
		if !named(m) || !hits[d.wordRow(m, anyName)] {
			return true
		}
		return slices.ContainsFunc(s.who, func(w lead.Who) bool {
			words := w.Words(nameKind(m))
			return len(words) == 0 || slices.ContainsFunc(words, func(word string) bool { return hits[d.wordRow(m, word)] })
		})
	})
}

// suppress puts a mark on the list, for people of a name where there is one.
func (d *Directory) suppress(tx *store.Tx, kind, value string, names []lead.Who, applied bool) error {
	at := d.clock().UnixMicro()
	if err := tx.Suppress(kind, d.hash(kind, value), at, applied); err != nil {
		return err
	}
	m := [2]string{kind, value}
	var words []string
	for _, w := range names {
		of := w.Words(nameKind(m))
		if len(of) == 0 { // it means everybody
			words = nil
			break
		}
		words = append(words, of...)
	}
	flag := d.wordRow(m, anyName)
	if len(words) == 0 {
		_, err := tx.Unsuppress(flag.Kind, []byte(flag.Hash))
		return err
	}
	for _, word := range append(words, anyName) {
		row := d.wordRow(m, word)
		if err := tx.Suppress(row.Kind, []byte(row.Hash), at, true); err != nil {
			return err
		}
	}
	return nil
}
