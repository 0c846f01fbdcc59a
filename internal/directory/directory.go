// Package directory is the people that the server itself knows.
//
// An Import puts those of a file in by sets, in short transactions that leave the
// writer to charges, joins what is surely one person, and goes on where it was when
// the server comes back.
package directory

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Directory is the people in the database: how they are found, added, kept off
// by suppression, and erased.
type Directory struct {
	store *store.Store
	clock func() time.Time
	// key makes the suppression list unreadable without the server's own secret.
	key []byte

	// Spools is where files wait while they are imported, and across a restart of
	// the server: a directory that is made when it is needed, readable by nobody else.
	// Open sets it beside a SQLite database, else to the system's temporary files.
	Spools string
	// Mail, when set, asks of every address whether its domain takes mail.
	Mail *contactfile.MailCheck

	resumed sync.WaitGroup
}

// Open makes the directory of a server; the first opening makes its secret.
func Open(ctx context.Context, st *store.Store, clock func() time.Time) (*Directory, error) {
	d := &Directory{store: st, clock: clock, Spools: filepath.Join(os.TempDir(), "leadmeter-imports")}
	if dir := st.Dir(); dir != "" {
		d.Spools = filepath.Join(dir, "imports")
	}
	err := st.Update(ctx, func(tx *store.Tx) error {
		const name = "suppression_key"
		value, err := tx.Setting(name)
		if err != nil {
			return err
		}
		if value == "" {
			fresh := make([]byte, 32)
			_, _ = rand.Read(fresh) // never fails
			value = hex.EncodeToString(fresh)
			if err := tx.PutSetting(name, value); err != nil {
				return err
			}
		}
		d.key, err = hex.DecodeString(value)
		return err
	})
	return d, err
}

// Match is a person that a reference named, and whether they may be shown.
type Match struct {
	Person     lead.Person
	Suppressed bool
}

// Find looks up the person that a reference names. No match is a NotFound fault;
// a name that several people share is a Conflict, and nobody is picked.
func (d *Directory) Find(ctx context.Context, ref lead.Reference) (m Match, err error) {
	if wrong := ref.Validate(); len(wrong) > 0 {
		e := &fault.Error{Kind: fault.Invalid}
		for _, p := range wrong {
			field := "person"
			if p.Field != "" {
				field += "." + p.Field
			}
			e.Fields = append(e.Fields, fault.Field{Field: field, Message: p.Message})
		}
		e.Message = e.Fields[0].Field + " " + e.Fields[0].Message
		return m, e
	}
	err = d.store.View(ctx, func(tx *store.Tx) error {
		id, err := d.find(tx, ref)
		if err == nil {
			m, err = d.get(tx, id)
		}
		return err
	})
	return m, err
}

// Get reads a person by our id.
func (d *Directory) Get(ctx context.Context, id string) (m Match, err error) {
	err = d.store.View(ctx, func(tx *store.Tx) error {
		m, err = d.get(tx, id)
		return err
	})
	return m, err
}

// Nobody is the one answer to a reference that finds nobody who may be shown: suppressed
// and unknown people are the same to whoever asks (rule C12).
func Nobody() error {
	return fault.New(fault.NotFound, "Nobody in the directory matches. Nothing was charged.")
}

func nobody() error { return Nobody() }

func (d *Directory) get(tx *store.Tx, id string) (Match, error) {
	row, found, err := tx.Person(id)
	if err != nil {
		return Match{}, err
	}
	if !found { // they may have proved to be another
		ids, err := tx.PeopleByKey(store.KeyRow{Kind: byID, Key: id})
		if err != nil || len(ids) != 1 {
			return Match{}, errors.Join(err, nobody())
		}
		return d.get(tx, ids[0])
	}
	p, err := fromRow(row)
	if err != nil {
		return Match{}, err
	}
	suppressed, err := d.suppressed(tx, p)
	return Match{Person: p, Suppressed: suppressed}, err
}

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

func (d *Directory) suppressed(tx *store.Tx, p lead.Person) (bool, error) {
	s := markedOf(p, p.Keys())
	hits, err := d.onList(tx, []marked{s})
	return d.means(hits, s), err
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
	if err := d.resolve(tx, &s); err != nil {
		return err
	}
	kind, hash, err := d.mark(s)
	if err != nil {
		return err
	}
	if kind != byEmail {
		return tx.Suppress(kind, hash, d.clock().UnixMicro(), false)
	}
	address, _ := lead.Email(s.Email) // mark refused a wrong one
	ids, err := tx.PeopleByKey(store.KeyRow{Kind: lead.KindEmail, Key: address})
	if err != nil {
		return err
	}
	if len(ids) > 1 {
		return fault.New(fault.Conflict, "Several people have this address. Suppress the person you mean by id, or the domain. Nothing was changed.")
	}
	if len(ids) == 0 {
		return d.suppress(tx, kind, address, nil, false, false)
	}
	held, err := tx.KeysOfPeople(ids)
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
	if err := d.resolve(tx, &s); fault.Is(err, fault.NotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	kind, hash, err := d.mark(s)
	if err != nil {
		return false, err
	}
	found, err := tx.Unsuppress(kind, hash)
	if err != nil || !found {
		return found, err
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
	return d.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.LockDirectory(); err != nil {
			return err
		}
		m, err := d.get(tx, id)
		if err != nil {
			return err
		}
		held, err := tx.KeysOfPeople([]string{m.Person.ID})
		if err != nil {
			return err
		}
		if err := d.bar(tx, m.Person.ID, held[m.Person.ID]); err != nil {
			return err
		}
		if _, err = tx.ErasePerson(m.Person.ID); err != nil {
			return err
		}
		// A capture that is under way may still write their lead: it is shown to nobody.
		return tx.Hide([]store.HiddenPerson{{Person: m.Person.ID, Lead: ident.Lead(m.Person.ID)}})
	})
}

// bar keeps a person from coming back by any key that rows of theirs claimed, each under the
// names of those rows.
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
	return nil
}

// unitsAt reads a person's units.
func (d *Directory) unitsAt(tx *store.Tx, id string, held []store.KeyRow) ([]*unit, lead.Person, error) {
	row, _, err := tx.Person(id)
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

func toRow(p lead.Person, now time.Time) (store.PersonRow, error) {
	details, err := json.Marshal(p.Values)
	if err != nil {
		return store.PersonRow{}, err
	}
	extra, err := json.Marshal(p.Extra)
	if err != nil {
		return store.PersonRow{}, err
	}
	stated := int64(0)
	if !p.AsOf.IsZero() {
		stated = p.AsOf.UnixMicro()
	}
	return store.PersonRow{
		ID: p.ID, FullName: p.Name(), FirstName: p.FirstName, LastName: p.LastName, Title: p.Title, Company: p.Company,
		CompanyDomain: p.CompanyDomain, CompanyPhone: p.CompanyPhone, LinkedInURL: p.LinkedInURL, Location: p.Location,
		Country: p.Country, SourceID: p.SourceID, Extra: string(extra), Details: string(details), UpdatedAt: now.UnixMicro(), StatedAt: stated,
	}, nil
}

func fromRow(r store.PersonRow) (lead.Person, error) {
	p := lead.Person{
		ID: r.ID, FullName: r.FullName, FirstName: r.FirstName, LastName: r.LastName, Title: r.Title, Company: r.Company,
		CompanyDomain: r.CompanyDomain, CompanyPhone: r.CompanyPhone, LinkedInURL: r.LinkedInURL, Location: r.Location,
		Country: r.Country, SourceID: r.SourceID,
	}
	if p.AsOf = time.UnixMicro(r.StatedAt).UTC(); r.StatedAt == 0 {
		p.AsOf = time.UnixMicro(r.UpdatedAt).UTC() // of a version that did not note it
	}
	if err := json.Unmarshal([]byte(r.Details), &p.Values); err != nil {
		return p, fmt.Errorf("directory: values of %s: %w", r.ID, err)
	}
	if err := json.Unmarshal([]byte(r.Extra), &p.Extra); err != nil {
		return p, fmt.Errorf("directory: extra columns of %s: %w", r.ID, err)
	}
	return p, nil
}

// People are those of the ids whom the directory holds, by id, in two readings
// however many they are.
func (d *Directory) People(tx *store.Tx, ids []string) (map[string]Match, error) {
	people := map[string]Match{}
	if len(ids) == 0 {
		return people, nil
	}
	rows, err := tx.People(ids)
	if err != nil {
		return nil, err
	}
	list := make([]marked, len(rows))
	for n, row := range rows {
		p, err := fromRow(row)
		if err != nil {
			return nil, err
		}
		people[p.ID] = Match{Person: p}
		list[n] = markedOf(p, p.Keys())
	}
	hits, err := d.onList(tx, list)
	if err != nil {
		return nil, err
	}
	for n, row := range rows {
		if len(hits) == 0 {
			break
		}
		m := people[row.ID]
		m.Suppressed = d.means(hits, list[n])
		people[row.ID] = m
	}
	return people, d.joined(tx, ids, people)
}

// joined adds people under the ids that they had before they proved to be another.
func (d *Directory) joined(tx *store.Tx, ids []string, people map[string]Match) error {
	for _, id := range ids {
		if _, there := people[id]; there || id == "" {
			continue
		}
		m, err := d.get(tx, id)
		switch {
		case err == nil:
			people[id] = m
		case !fault.Is(err, fault.NotFound):
			return err
		}
	}
	return nil
}

// Hidden says who of the ids is on the suppression list (rule C12).
func (d *Directory) Hidden(tx *store.Tx, ids []string) (map[string]bool, error) {
	people, err := d.People(tx, ids)
	hidden := map[string]bool{}
	for id, m := range people {
		hidden[id] = m.Suppressed
	}
	return hidden, err
}
