package directory

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// MixedPerson is a person whose rows contradict each other, so that they are rather several.
type MixedPerson struct{ ID, Name, Because string }

// MixedPeople finds everybody whose rows contradict each other. Of people whom earlier versions
// joined the rows are not kept; there the names in addresses and profiles speak, and keys that
// identify nobody.
func (d *Directory) MixedPeople(ctx context.Context, found func(MixedPerson) error) error {
	for after := ""; ; {
		var rows []store.PersonRow
		held := map[string][]store.KeyRow{}
		err := d.store.View(ctx, func(tx *store.Tx) (err error) {
			if rows, err = tx.People().With("", false, after, hideAtOnce); err != nil {
				return err
			}
			ids := make([]string, len(rows))
			for n, r := range rows {
				ids[n] = r.ID
			}
			held, err = tx.People().Keys(ids)
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range rows {
			because, err := contradictions(r, held[r.ID])
			if err == nil && because != "" {
				err = found(MixedPerson{r.ID, r.FullName, because})
			}
			if err != nil {
				return err
			}
		}
		if len(rows) < hideAtOnce {
			return nil
		}
		after = rows[len(rows)-1].ID
	}
}

// contradictions is why a person is rather several; empty: nothing says so.
func contradictions(r store.PersonRow, held []store.KeyRow) (string, error) {
	p, err := fromRow(r)
	if err != nil {
		return "", err
	}
	units, err := unitsOf(r, p, held)
	if err != nil {
		return "", err
	}
	for i, u := range units {
		for _, o := range units[:i] {
			if lead.Contradict(lead.KindProfile, u.who, o.who) {
				return "rows name " + u.person.Name() + " and " + o.person.Name(), nil
			}
		}
	}
	if len(units) > 1 {
		return "", nil
	}
	spoken := spokenNames(p, held)
	for i, a := range spoken {
		for _, b := range spoken[:i] {
			if lead.Contradict(lead.KindProfile, a.who, b.who) {
				return b.key.Key + " and " + a.key.Key + " name different people", nil
			}
		}
	}
	for _, k := range held {
		if nobodysKey(k) && severalValues(p) {
			return "it is known by " + k.Key + ", which identifies nobody", nil
		}
	}
	return "", nil
}

// spokenName is a name that a key carries.
type spokenName struct {
	key  store.KeyRow
	name string
	who  lead.Who
}

// spokenNames are the names in somebody's addresses and profiles, and their own.
func spokenNames(p lead.Person, held []store.KeyRow) (list []spokenName) {
	list = append(list, spokenName{store.KeyRow{Kind: "name", Key: p.Name()}, p.Name(), lead.WhoIs(p.Name())})
	for _, k := range held {
		text := ""
		switch k.Kind {
		case lead.KindEmail:
			if !(lead.Key{Kind: k.Kind, Value: k.Key}).Strong() {
				continue
			}
			text, _, _ = strings.Cut(k.Key, "@")
		case lead.KindProfile:
			slug, found := strings.CutPrefix(k.Key, "linkedin.com/in/")
			if !found {
				continue
			}
			text = slug
		}
		words := strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == '-' || r == '_' })
		words = slices.DeleteFunc(words, func(w string) bool {
			return len(w) < 3 || strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) })
		})
		if len(words) != 2 {
			continue // more or less may be anything
		}
		name := capital(words[0]) + " " + capital(words[1])
		list = append(list, spokenName{k, name, lead.WhoIs(name)})
	}
	return list
}

func capital(word string) string {
	for i, r := range word {
		return word[:i] + string(unicode.ToUpper(r)) + word[i+len(string(r)):]
	}
	return word
}

// nobodysKey tells a key of an earlier version that identifies nobody.
func nobodysKey(k store.KeyRow) bool {
	switch k.Kind {
	case lead.KindProfile:
		now, err := lead.ProfileURL(k.Key)
		return err != nil || now != k.Key && strings.HasPrefix(k.Key, "linkedin.com/")
	case lead.KindEmail:
		return lead.MailboxOf(k.Key) == lead.PlaceholderBox
	}
	return false
}

func severalValues(p lead.Person) bool {
	return slices.ContainsFunc(lead.Fields, func(f lead.Field) bool { return len(p.ValuesOf(f)) > 1 })
}

// Split is the outcome of a person who was taken apart.
type Split struct {
	People  []lead.Person // whom they are now; the first keeps the id
	LeftOut int           // values of which nothing says whose they are: in no record any more
}

// Split takes a person apart: by the names of the rows that they were made of or, where those
// are not kept, by the names in their addresses and profiles. What workspaces were sold stays
// theirs; see shareSold.
func (d *Directory) Split(ctx context.Context, id string) (s Split, err error) {
	err = d.store.Update(ctx, func(tx *store.Tx) error {
		s = Split{}
		if err := tx.People().Lock(); err != nil {
			return err
		}
		row, found, err := tx.People().ByID(id)
		if err != nil || !found {
			return firstOf(err, fault.New(fault.NotFound, "There is no person %s.", id))
		}
		held, err := tx.People().Keys([]string{id})
		if err != nil {
			return err
		}
		p := &placing{directory: d, tx: tx, since: date(d.clock()), now: d.clock(), owner: map[store.KeyRow]*entry{}, contested: map[store.KeyRow]bool{}, byID: map[string]*entry{}}
		if err := p.know(row, held[id]); err != nil {
			return err
		}
		if err := p.loadSuppressed(nil); err != nil {
			return err
		}
		e := p.byID[id]
		whole := len(e.person.Values)
		if len(e.units) > 1 {
			p.contestAll(e.units)
		} else if e.units = spokenUnits(e.person, held[id]); len(e.units) > 1 || severalValues(e.person) {
			p.change(e)
			e.person = assemble(id, e.units)
			e.split = true
			p.part(e)
		}
		if p.err != nil {
			return p.err
		}
		for _, o := range p.order {
			s.People = append(s.People, o.person)
			whole -= len(o.person.Values)
		}
		if s.LeftOut = max(0, whole); len(s.People) == 0 {
			return fault.New(fault.Conflict, "Nothing says how to take %s apart: their rows, addresses and profiles name one person. Nothing was changed.", id)
		}
		return p.write()
	})
	return s, err
}

func firstOf(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// spokenUnits parts a person, whose rows are not kept, by the names that keys carry. A value
// goes to whom its own key names, and to the only person there is for it; else to nobody,
// since it would be sold under a name that it may not belong to.
func spokenUnits(p lead.Person, held []store.KeyRow) []*unit {
	var units []*unit
	for _, s := range spokenNames(p, held) {
		at := slices.IndexFunc(units, func(u *unit) bool { return !lead.Contradict(lead.KindProfile, u.who, s.who) })
		if at < 0 {
			other := lead.Person{FullName: s.name, AsOf: p.AsOf}
			other.FirstName, other.LastName = lead.SplitName(s.name)
			if len(units) == 0 {
				other = p
				other.Values = nil
			}
			units = append(units, &unit{who: s.who, person: other})
			at = len(units) - 1
		}
		if u := units[at]; tells(s.key) {
			u.keys = append(u.keys, s.key)
			if s.key.Kind == lead.KindEmail {
				u.person.Values = append(u.person.Values, valuesWith(p, s.key.Key)...)
			} else if now, err := lead.ProfileURL(p.LinkedInURL); at > 0 && err == nil && now == s.key.Key {
				u.person.LinkedInURL, units[0].person.LinkedInURL = p.LinkedInURL, ""
			} else if at > 0 {
				u.person.LinkedInURL = "https://" + s.key.Key
			}
		}
	}
	first := units[0]
	for _, k := range held { // what names nobody stays with the name that is known
		if tells(k) && !nobodysKey(k) && !slices.ContainsFunc(units, func(u *unit) bool { return u.claims(k) }) {
			first.keys = append(first.keys, k)
			if k.Kind == lead.KindEmail {
				first.person.Values = append(first.person.Values, valuesWith(p, k.Key)...)
			}
		}
	}
	if _, err := lead.ProfileURL(first.person.LinkedInURL); err != nil {
		first.person.LinkedInURL = ""
	}
	for _, f := range lead.Fields {
		if values := p.ValuesOf(f); f.IsPhone() && len(units) == 1 && len(values) == 1 {
			first.person.Values = append(first.person.Values, values...)
		}
	}
	if len(first.keys) == 0 {
		first.keys = append(first.keys, store.KeyRow{Kind: byRow, Key: rowKey(first.person)})
	}
	return units
}

func valuesWith(p lead.Person, value string) (values []lead.Value) {
	for _, v := range p.Values {
		if v.Value == value {
			values = append(values, v)
		}
	}
	return values
}
