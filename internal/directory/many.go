package directory

import (
	"maps"
	"slices"

	"github.com/leadmeter/leadmeter/internal/fault"
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
		for _, key := range lookedUp(ref) {
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
	matches, ids, by, err := d.choose(tx, refs, owners)
	if err != nil {
		return nil, err
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
			misnamed := false
			if misnamed, err = d.misnamed(tx, refs[n], by[n], m.Person); misnamed && !m.Suppressed {
				m = Match{Suppressed: true} // a capture refuses
			}
			matches[n] = m
		case any && barred && !matches[n].Suppressed:
			matches[n].Suppressed, err = d.suppressed(tx, personOf(refs[n]))
		}
	}
	return matches, err
}

// choose is find for many. Where a capture refuses, the match is suppressed.
func (d *Directory) choose(tx *store.Tx, refs []lead.Reference, owners map[store.KeyRow][]string) (matches []Match, ids []string, by []store.KeyRow, err error) {
	matches, ids, by = make([]Match, len(refs)), make([]string, len(refs)), make([]store.KeyRow, len(refs))
	unknown := make([][]string, len(refs))
	var doubtful []string
	hidden := map[store.KeyRow]bool{} // keys of people on the suppression list
	if any, err := tx.AnySuppressed(); err != nil {
		return nil, nil, nil, err
	} else if any {
		all := maps.Clone(owners)
		if _, err := d.withoutHidden(tx, owners); err != nil {
			return nil, nil, nil, err
		}
		for k, list := range all {
			hidden[k] = len(list) > len(owners[k])
		}
	}
	for n, ref := range refs {
		if ids[n] = ref.ID; ref.ID != "" {
			continue
		}
		var err error
		ids[n], by[n], unknown[n], err = whom(ref, ref.Keys(), owners)
		matches[n].Suppressed = fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) && slices.ContainsFunc(lookedUp(ref), func(k store.KeyRow) bool { return hidden[k] })
		if len(unknown[n]) > 0 {
			doubtful = append(doubtful, ids[n])
		}
	}
	if len(doubtful) == 0 {
		return matches, ids, by, nil
	}
	held, err := tx.KeysOfPeople(doubtful)
	for n := range refs {
		if otherKey(unknown[n], held[ids[n]]) != "" {
			matches[n].Suppressed, ids[n] = true, ""
		}
	}
	return matches, ids, by, err
}
