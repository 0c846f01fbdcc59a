package directory

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Kinds of suppressions.
const (
	byEmail  = "email"
	byDomain = "domain"
	byPerson = "person"
	byPhone  = "phone"
	byKey    = "key" // what an erased person was recognised by
)

func (d *Directory) hash(kind, value string) []byte {
	mac := hmac.New(sha256.New, d.key)
	fmt.Fprintf(mac, "%s\x00%s", kind, value)
	return mac.Sum(nil)
}

// marks is everything by which a person can be on the suppression list.
func marks(p lead.Person) [][2]string { return marksOf(p, p.Keys()) }

func marksOf(p lead.Person, keys []lead.Key) [][2]string {
	list := [][2]string{{byPerson, p.ID}}
	if p.CompanyDomain != "" {
		list = append(list, [2]string{byDomain, p.CompanyDomain})
	}
	for _, v := range p.Values {
		switch {
		case v.Field.IsEmail():
			list = append(list, [2]string{byEmail, v.Value})
			if _, domain, ok := strings.Cut(v.Value, "@"); ok && v.Field == lead.WorkEmail {
				list = append(list, [2]string{byDomain, domain})
			}
		case v.Field.IsPhone() && !p.IsMainLine(v.Value):
			list = append(list, [2]string{byPhone, v.Value})
		}
	}
	for _, k := range keys {
		if k.Strong() || k.Kind == byRow {
			list = append(list, [2]string{byKey, k.Kind + ":" + k.Value})
		}
	}
	return list
}

// suppressed tells whether somebody whom the directory does not know is on the list.
func (d *Directory) suppressed(tx *store.Tx, p lead.Person) (bool, error) {
	on, err := d.suppressedOf(tx, []lead.Person{p})
	return err == nil && on[0], err
}

// suppressedOf is suppressed for many.
func (d *Directory) suppressedOf(tx *store.Tx, people []lead.Person) ([]bool, error) {
	list, on := make([]marked, len(people)), make([]bool, len(people))
	arrivals := make([]arrival, len(people))
	for n, p := range people {
		arrivals[n] = arrive(p, p.Keys())
		list[n] = arrivals[n].marked()
	}
	hits, err := d.onList(tx, list)
	for n, a := range arrivals {
		on[n] = d.means(hits, list[n]) || nameless(a.strong) && d.anyOn(hits, nameMarks(a.keys))
	}
	return on, err
}

// Suppression names whom never to look up, show, charge for or export (rule
// C12): exactly one of the four.
type Suppression struct{ Email, Domain, Person, Phone string }

// Suppress puts one on the list, and Apply afterwards takes whom it means off every
// sheet. Only a keyed hash of it is kept.
//
// An address means one person: of those who have it the one whom it identifies, under
// their name. One that several people have names none of them, and is refused.
func (d *Directory) Suppress(tx *store.Tx, s Suppression) error {
	if err := tx.People().Lock(); err != nil { // an import that has read the list ends first
		return err
	}
	if err := d.resolve(tx, &s); err != nil {
		return err
	}
	kind, hash, err := d.mark(s)
	if err != nil {
		return err
	}
	switch kind {
	case byPhone:
		return d.suppressValue(tx, kind, hash)
	case byEmail:
	default:
		return tx.Suppressions().Put(kind, hash, d.clock().UnixMicro(), false)
	}
	address, _ := lead.Email(s.Email) // mark refused a wrong one
	ids, err := tx.People().ByKey(store.KeyRow{Kind: lead.KindEmail, Key: address})
	if err != nil {
		return err
	}
	if len(ids) > 1 {
		return fault.New(fault.Conflict, "Several people have this address. Suppress the person you mean by id, or the domain. Nothing was changed.")
	}
	if len(ids) == 0 && lead.MailboxOf(address).Shared() {
		return d.suppressValue(tx, kind, hash)
	}
	if len(ids) == 0 {
		return d.suppress(tx, kind, address, nil, false, false)
	}
	held, err := tx.People().Keys(ids)
	if err != nil {
		return err
	}
	units, _, err := d.unitsAt(tx, ids[0], held[ids[0]])
	if err != nil {
		return err
	}
	who, only := namesAt(units, store.KeyRow{Kind: lead.KindEmail, Key: address}, held[ids[0]])
	return d.suppress(tx, kind, address, who, only, false)
}

// ChangeList puts one on the list, with what that means for every sheet, or takes one off, once
// for an idempotency key. Not done: sheets show it until a part of the database is back (Apply), or
// what was to be taken off was not on the list.
func (d *Directory) ChangeList(ctx context.Context, key string, fingerprint []byte, s Suppression, remove bool) (done bool, err error) {
	if remove { // which is for every sheet at once
		if err := d.store.AllAnswer(ctx); err != nil {
			return false, err
		}
	}
	_, _, err = d.store.Once(ctx, "", key, fingerprint, d.clock().UnixMicro(), func(tx *store.Tx) (_ []byte, err error) {
		if remove {
			done, err = d.Unsuppress(tx, s)
			return nil, err
		}
		return nil, d.Suppress(tx, s)
	})
	if err == nil && !remove {
		return d.Apply(ctx, s)
	}
	return done, err
}

// suppressValue puts a value on the list that may be several people's: Apply finds out whom it
// means.
func (d *Directory) suppressValue(tx *store.Tx, kind string, hash []byte) error {
	if _, found, err := tx.Suppressions().ByHash(kind, hash); err != nil || found {
		return err
	}
	if err := tx.Suppressions().Put(kind, hash, d.clock().UnixMicro(), false); err != nil {
		return err
	}
	return tx.Suppressions().Name(store.MarkRow{Kind: kind, Hash: string(hash)}, nobodys)
}

// resolve brings the id of a person who proved to be another to who they are. Fault:
// NotFound for an id that is nobody's.
func (d *Directory) resolve(tx *store.Tx, s *Suppression) error {
	if s.Person == "" {
		return nil
	}
	m, err := d.get(tx, s.Person)
	s.Person = m.Person.ID
	return err
}

// Unsuppress takes one off the list, and brings the leads back of whom it meant; false:
// it was not on it. What was erased stays erased.
func (d *Directory) Unsuppress(tx *store.Tx, s Suppression) (bool, error) {
	if err := tx.People().Lock(); err != nil { // nobody is hidden meanwhile for what is lifted
		return false, err
	}
	if err := d.resolve(tx, &s); fault.Is(err, fault.NotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	kind, hash, err := d.mark(s)
	if err != nil {
		return false, err
	}
	found, err := tx.Suppressions().Drop(kind, hash)
	if err != nil || !found {
		return found, err
	}
	if err := d.bringBack(tx, store.MarkRow{Kind: kind, Hash: string(hash)}, s.text()); err != nil {
		return true, err
	}
	return true, d.unhide(tx, s.text())
}

// mark is how a suppression is kept.
func (d *Directory) mark(s Suppression) (of string, hash []byte, err error) {
	kind, value, given := "", "", 0
	for _, o := range []struct{ kind, value string }{{byEmail, s.Email}, {byDomain, s.Domain}, {byPerson, s.Person}, {byPhone, s.Phone}} {
		if o.value != "" {
			kind, value = o.kind, o.value
			given++
		}
	}
	if given != 1 {
		return "", nil, fault.New(fault.Invalid, "Name exactly one of email, domain, person and phone.")
	}
	switch kind {
	case byEmail:
		if value, err = lead.Email(value); err == nil && lead.MailboxOf(value) == lead.PlaceholderBox {
			err = fmt.Errorf("%q is a placeholder and nobody's address", value)
		}
	case byDomain:
		value, err = lead.Domain(value)
	case byPhone:
		value, err = lead.Phone(value, "")
	}
	if err != nil {
		return "", nil, fault.Wrong(kind, "%s", err)
	}
	return kind, d.hash(kind, value), nil
}

// Erase removes a person's data everywhere and keeps them from coming back: what
// they were recognised by stays on the suppression list, as keyed hashes. The
// ledger keeps amounts, which name nobody.
func (d *Directory) Erase(ctx context.Context, id string) error {
	if err := d.store.AllAnswer(ctx); err != nil {
		return err
	}
	return d.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.People().Lock(); err != nil {
			return err
		}
		m, err := d.get(tx, id)
		if err != nil {
			return err
		}
		held, err := tx.People().Keys([]string{m.Person.ID})
		if err != nil {
			return err
		}
		if err := d.bar(tx, m.Person.ID, held[m.Person.ID]); err != nil {
			return err
		}
		if _, err = tx.People().Erase(m.Person.ID); err != nil {
			return err
		}
		// A capture that is under way may still write their lead: it is shown to nobody.
		return tx.Suppressions().Hide([]store.HiddenPerson{{Person: m.Person.ID, Lead: ident.Lead(m.Person.ID)}})
	})
}

// bar keeps a person from coming back by any key that rows of theirs claimed, each under the
// names of those rows; where no key tells them from everybody else, by name and company.
func (d *Directory) bar(tx *store.Tx, id string, held []store.KeyRow) error {
	units, p, err := d.unitsAt(tx, id, held)
	if err != nil {
		return err
	}
	keys := slices.Clone(held)
	for _, k := range p.Keys() {
		keys = append(keys, store.KeyRow{Kind: k.Kind, Key: k.Value})
	}
	for _, k := range keys {
		if !tells(k) {
			continue
		}
		who, only := namesAt(units, k, held)
		if err := d.suppress(tx, byKey, k.Kind+":"+k.Key, who, only, true); err != nil {
			return err
		}
	}
	if !nameless(keys) {
		return nil
	}
	for _, m := range nameMarks(p.Keys()) {
		if err := d.suppress(tx, m[0], m[1], nil, false, true); err != nil {
			return err
		}
	}
	return nil
}

// unitsAt reads a person's units.
func (d *Directory) unitsAt(tx *store.Tx, id string, held []store.KeyRow) ([]*unit, lead.Person, error) {
	row, _, err := tx.People().ByID(id)
	if err != nil {
		return nil, lead.Person{}, err
	}
	p, err := fromRow(row)
	if err != nil {
		return nil, p, err
	}
	units, err := unitsOf(row, p, held)
	return units, p, err
}

// namesAt are the names under which somebody's rows claimed a key, and whether it joins nobody
// but people of these names, since others claim it too.
func namesAt(units []*unit, k store.KeyRow, held []store.KeyRow) (who []lead.Who, only bool) {
	for _, u := range units {
		if u.claims(k) {
			who = append(who, u.who)
		}
		only = only || slices.Contains(held, ofName(k, u.who))
	}
	if len(who) == 0 {
		for _, u := range units {
			who = append(who, u.who)
		}
	}
	return who, only
}
