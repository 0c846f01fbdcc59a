package directory

import (
	"context"
	"errors"
	"slices"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// FindMany looks up whom references name, in a handful of statements. Nobody, and a name
// that several share, are an empty match; barred also says of nobody whether the
// reference itself is on the suppression list. References must be valid.
func (d *Directory) FindMany(tx *store.Tx, refs []lead.Reference, barred bool) ([]Match, error) {
	chosen, people, err := d.choose(tx, refs)
	if err != nil {
		return nil, err
	}
	matches := make([]Match, len(refs))
	var nobody []lead.Person
	var at []int // their places in refs
	for n, c := range chosen {
		m, found := people[c.id]
		if !found {
			matches[n] = Match{Suppressed: c.refused || c.hidden, Refused: c.refused, Several: c.several}
			if barred && !matches[n].Suppressed {
				nobody, at = append(nobody, personOf(refs[n])), append(at, n)
			}
			continue
		}
		misnamed, err := d.misnamed(tx, refs[n], c.by, m.Person)
		if err != nil {
			return nil, err
		}
		if misnamed && !m.Suppressed {
			m = Match{Suppressed: true, Refused: true}
		}
		matches[n] = m
	}
	on, err := d.suppressedOf(tx, nobody)
	for i, n := range at {
		matches[n].Suppressed = err == nil && on[i]
	}
	return matches, err
}

// BarredMany tells of references, in a handful of statements, whether whom they mean is on the
// suppression list. References must be valid.
func (d *Directory) BarredMany(ctx context.Context, refs []lead.Reference) (barred []bool, err error) {
	meant := make([]lead.Person, len(refs))
	for n, ref := range refs {
		meant[n] = personOf(ref)
	}
	err = d.store.View(ctx, func(tx *store.Tx) error {
		chosen, people, err := d.choose(tx, refs)
		if err != nil {
			return err
		}
		barred, err = d.suppressedOf(tx, meant)
		for n := range barred {
			barred[n] = barred[n] || chosen[n].hidden || people[chosen[n].id].Suppressed
		}
		return err
	})
	return barred, err
}

// choice is whom a reference names, and by which key. Refused: a capture of it is, as it may mean
// several, or contradicts itself. Hidden: all whom it means are on the suppression list.
type choice struct {
	id              string
	by              store.KeyRow
	several         []string
	refused, hidden bool
}

// choose is find for many, with the people who were found.
func (d *Directory) choose(tx *store.Tx, refs []lead.Reference) ([]choice, map[string]Match, error) {
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
	owners, err := tx.People().ByKeys(keys)
	if err != nil {
		return nil, nil, err
	}
	chosen, err := d.chooseOf(tx, refs, owners)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]string, len(chosen))
	for n, c := range chosen {
		ids[n] = c.id
	}
	people, err := d.People(tx, ids)
	return chosen, people, err
}

// everyone is all whom a reference may mean: owners of its keys are read a few of each.
func everyone(tx *store.Tx, ref lead.Reference, several []string, owners map[store.KeyRow][]string) ([]string, error) {
	if len(several) < store.FewOwners {
		return several, nil
	}
	for _, k := range ref.Keys() {
		row := store.KeyRow{Kind: k.Kind, Key: k.Value}
		if !slices.ContainsFunc(several, func(id string) bool { return !slices.Contains(owners[row], id) }) {
			all, err := tx.People().EverybodyWith(row)
			return compact(all), err
		}
	}
	return several, nil
}

func (d *Directory) chooseOf(tx *store.Tx, refs []lead.Reference, owners map[store.KeyRow][]string) ([]choice, error) {
	chosen, unknown := make([]choice, len(refs)), make([][]string, len(refs))
	var doubtful []string
	hidden, err := d.withoutHidden(tx, owners)
	if err != nil {
		return nil, err
	}
	for n, ref := range refs {
		c := &chosen[n]
		if c.id = ref.ID; ref.ID != "" {
			continue
		}
		c.id, c.by, unknown[n], err = whom(ref, ref.Keys(), owners)
		if c.refused = fault.Is(err, fault.Conflict); c.refused {
			var several severalPeople
			errors.As(err, &several)
			if c.several, err = everyone(tx, ref, several, owners); err != nil {
				return nil, err
			}
		}
		c.hidden = fault.Is(err, fault.NotFound) && slices.ContainsFunc(lookedUp(ref), func(k store.KeyRow) bool { return hidden[k] != "" })
		if len(unknown[n]) > 0 {
			doubtful = append(doubtful, c.id)
		}
	}
	if len(doubtful) == 0 {
		return chosen, nil
	}
	held, err := tx.People().Keys(doubtful)
	for n := range chosen {
		if otherKey(unknown[n], held[chosen[n].id]) != "" {
			chosen[n].refused, chosen[n].id = true, ""
		}
	}
	return chosen, err
}
