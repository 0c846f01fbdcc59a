package directory

import (
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// FindMany looks up whom references name, in a handful of statements. Nobody, and a name
// that several share, are an empty match; barred also says of nobody whether the
// reference itself is on the suppression list. References must be valid.
func (d *Directory) FindMany(tx *store.Tx, refs []lead.Reference, barred bool) ([]Match, error) {
	var keys []store.KeyRow
	named := map[store.KeyRow]bool{}
	for _, ref := range refs {
		for _, k := range ref.Keys() {
			key := store.KeyRow{Kind: k.Kind, Key: k.Value}
			if !named[key] { // or its owner would seem to be two, where rows are joined
				named[key] = true
				keys = append(keys, key)
			}
		}
	}
	owners, err := tx.PeopleByKeys(keys)
	if err != nil {
		return nil, err
	}
	matches, ids := make([]Match, len(refs)), make([]string, len(refs))
	for n, ref := range refs {
		ids[n] = ref.ID
		for _, k := range ref.Keys() {
			of := owners[store.KeyRow{Kind: k.Kind, Key: k.Value}]
			if ids[n] != "" || len(of) > 1 {
				matches[n].Suppressed = ids[n] == "" // a capture refuses to choose
				break
			}
			if len(of) == 1 {
				ids[n] = of[0]
			}
		}
	}
	people, err := d.People(tx, ids)
	if err != nil {
		return nil, err
	}
	any, err := tx.AnySuppressed()
	for n := range refs {
		m, found := people[ids[n]]
		switch {
		case err != nil:
			return nil, err
		case found:
			matches[n] = m
		case any && barred && !matches[n].Suppressed:
			matches[n].Suppressed, err = d.suppressed(tx, personOf(refs[n]))
		}
	}
	return matches, err
}
