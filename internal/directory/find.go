package directory

import (
	"maps"
	"slices"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// severalMatch refuses to choose among people. The words are the same no matter who they are.
func severalMatch(ids ...string) error {
	return fault.Wrap(fault.Conflict, severalPeople(ids), "Several people match. Name the one you mean by profile URL, email or id. Nothing was charged.")
}

// severalPeople are the ids of those who match.
type severalPeople []string

func (s severalPeople) Error() string { return "several people match" }

// contradicted refuses a person found by name whose own key is another than the one that
// was given. It names the kind of key, and no value (rule C13).
func contradicted(kind string) error {
	return fault.New(fault.Conflict, "A person of this name and company has another %s than the one you gave. Correct it or leave it out. Nothing was charged.", kindName(kind))
}

// otherName refuses a person found by a key whose name contradicts the one that was given with
// it: which of the two is meant nobody knows. It names the kind of key, and no value.
func otherName(kind string) error {
	return fault.New(fault.Conflict, "The %s you gave belongs to somebody of another name. Correct it or leave one of them out. Nothing was charged.", kindName(kind))
}

// misnamed tells that a reference names somebody else than whom its key found. Names in two
// scripts say nothing; relatives share addresses, so there the given names must agree.
func (d *Directory) misnamed(tx *store.Tx, ref lead.Reference, by store.KeyRow, found lead.Person) (bool, error) {
	asked := lead.WhoIs(ref.FullName)
	differs := func(w lead.Who) bool {
		return !asked.Agrees(w) || by.Kind == lead.KindEmail && asked.Sibling(w)
	}
	if by.Kind == "" || asked.Nobody() || found.ID == "" || !differs(lead.WhoIs(found.Name())) {
		return false, nil
	}
	held, err := tx.People().Keys([]string{found.ID})
	if err != nil {
		return false, err
	}
	units, _, err := d.unitsAt(tx, found.ID, held[found.ID]) // they may have another name
	for _, u := range units {
		if !differs(u.who) {
			return false, nil
		}
	}
	return err == nil, err
}

func kindName(kind string) string {
	switch kind {
	case lead.KindProfile:
		return "linkedin_url"
	case lead.KindSource:
		return "source_id"
	}
	return kind
}

// find is the id of whom a reference names, and the key by which it is found that is no name.
// Keys of the kind nobodys count as nobody's. Anyone who is on the suppression list is nobody:
// they are chosen only where nobody else is, so that no answer tells that they are there,
// and no source is asked for them (rule C12).
func (d *Directory) find(tx *store.Tx, ref lead.Reference, nobodys string) (string, store.KeyRow, error) {
	none := store.KeyRow{}
	if ref.ID != "" {
		return ref.ID, none, nil
	}
	keys := ref.Keys()
	owners, err := tx.People().ByKeys(lookedUp(ref))
	if err != nil {
		return "", none, err
	}
	hidden, err := d.withoutHidden(tx, owners)
	if err != nil {
		return "", none, err
	}
	barred := ""
	for _, id := range hidden {
		barred = id
	}
	for k := range owners {
		if k.Kind == nobodys {
			owners[k] = nil
		}
	}
	id, by, unknown, err := whom(ref, keys, owners)
	if barred != "" && fault.Is(err, fault.NotFound) {
		return barred, none, nil
	}
	if err != nil || len(unknown) == 0 {
		return id, by, err
	}
	held, err := tx.People().Keys([]string{id})
	if err != nil {
		return "", none, err
	}
	if kind := otherKey(unknown, held[id]); kind != "" {
		return "", none, contradicted(kind)
	}
	return id, by, nil
}

// withoutHidden takes people on the suppression list out of the owners of keys, and says for
// each key one of those who were taken out. Owners are read a few of each key: where one of them
// goes, the others of the key are read, or somebody would seem to be the only one.
func (d *Directory) withoutHidden(tx *store.Tx, owners map[store.KeyRow][]string) (hidden map[store.KeyRow]string, err error) {
	if any, err := tx.Suppressions().Any(); err != nil || !any {
		return nil, err
	}
	hidden = map[store.KeyRow]string{}
	var ids []string
	for _, list := range owners {
		ids = append(ids, list...)
	}
	of, err := d.Hidden(tx, compact(ids))
	if err != nil {
		return nil, err
	}
	for k, list := range owners {
		gone := slices.IndexFunc(list, func(id string) bool { return of[id] })
		if gone < 0 {
			continue
		}
		hidden[k] = list[gone]
		if len(list) >= store.FewOwners {
			if list, err = tx.People().EverybodyWith(k); err != nil {
				return nil, err
			}
			more, err := d.Hidden(tx, list)
			if err != nil {
				return nil, err
			}
			maps.Copy(of, more)
		}
		owners[k] = slices.DeleteFunc(slices.Clone(list), func(id string) bool { return of[id] })
	}
	return hidden, nil
}

func compact(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// lookedUp are the keys by which a reference is looked up: its own, and those under its
// name, which tell people apart who share a key.
func lookedUp(ref lead.Reference) []store.KeyRow {
	var list []store.KeyRow
	who := lead.WhoIs(ref.FullName)
	for _, k := range ref.Keys() {
		row := store.KeyRow{Kind: k.Kind, Key: k.Value}
		list = append(list, row)
		if k.Strong() && !who.Nobody() {
			list = append(list, ofName(row, who))
		}
	}
	return list
}

// whom is who owns the keys of a reference: the one of the strongest key that anybody
// has, by that key; none of a name. Of somebody found by less, unknown are the kinds of the
// stronger keys that nobody has.
func whom(ref lead.Reference, keys []lead.Key, owners map[store.KeyRow][]string) (id string, by store.KeyRow, unknown []string, err error) {
	hits := map[string]int{} // of the forms of the name
	for _, k := range keys {
		row := store.KeyRow{Kind: k.Kind, Key: k.Value}
		ids := owners[row]
		if k.Kind == lead.KindName {
			for _, id := range ids {
				hits[id]++
			}
			continue
		}
		if len(ids) > 1 && k.Strong() {
			if own := owners[ofName(row, lead.WhoIs(ref.FullName))]; len(own) == 1 {
				ids = own
			}
		}
		if len(ids) > 1 && k.Kind == lead.KindEmail && slices.Contains(ids, ref.Own) {
			ids = []string{ref.Own}
		}
		switch {
		case len(ids) > 1 && k.Kind == lead.KindEmail: // of nobody knows whom, as one that nobody has
			unknown = append(unknown, k.Kind)
		case len(ids) > 1:
			return "", by, nil, severalMatch(ids...)
		case len(ids) == 1:
			return ids[0], row, nil, nil
		case k.Strong():
			unknown = append(unknown, k.Kind)
		}
	}
	id, err = byForms(hits)
	return id, by, unknown, err
}

// byForms is who has more forms of a name than anybody else: "Robert (Bob) Quill" is the one
// who is called both, and nobody where there are a Robert and a Bob.
func byForms(hits map[string]int) (id string, err error) {
	most := 0
	var first []string
	for _, one := range slices.Sorted(maps.Keys(hits)) {
		if n := hits[one]; n > most {
			first, most = []string{one}, n
		} else if n == most {
			first = append(first, one)
		}
	}
	switch len(first) {
	case 0:
		return "", nobody()
	case 1:
		return first[0], nil
	}
	return "", severalMatch(first...)
}

// otherKey is the first of the kinds of which somebody holds a key; empty: none.
func otherKey(unknown []string, held []store.KeyRow) string {
	for _, kind := range unknown {
		if kind == lead.KindSource { // another source's says nothing
			continue
		}
		for _, k := range held {
			if k.Kind == kind && tells(k) {
				return kind
			}
		}
	}
	return ""
}
