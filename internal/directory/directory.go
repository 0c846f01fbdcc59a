// Package directory is the people that the server itself knows.
//
// An Import puts those of a file in by sets, in short transactions that leave the
// writer to charges, joins what is surely one person, and continues where it was when
// the server comes back.
package directory

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/job"
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

	stopped *job.Queue[stopped]
}

// Open makes the directory of a server; the first opening makes its secret.
func Open(ctx context.Context, st *store.Store, clock func() time.Time) (*Directory, error) {
	d := &Directory{store: st, clock: clock, Spools: filepath.Join(os.TempDir(), "leadmeter-imports")}
	d.stopped = &job.Queue[stopped]{
		Name: "stopped imports", Store: st, Rows: stoppedImports{d}, Clock: clock, Lease: lease, Every: lease / 3, AtOnce: resumedAtOnce,
	}
	if dir := st.Dir(); dir != "" {
		d.Spools = filepath.Join(dir, "imports")
	}
	err := st.Update(ctx, func(tx *store.Tx) error {
		const name = "suppression_key"
		value, err := tx.Settings().Get(name)
		if err != nil {
			return err
		}
		if value == "" {
			fresh := make([]byte, 32)
			_, _ = rand.Read(fresh) // never fails
			value = hex.EncodeToString(fresh)
			if err := tx.Settings().Put(name, value); err != nil {
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
	// Several are those whom a reference may mean, where that is more than one; Refused says
	// that a capture of it is, for that reason or because its parts contradict each other.
	// FindMany sets them.
	Several []string
	Refused bool
}

// Find looks up the person that a reference names. No match is a NotFound fault;
// a name that several people share is a Conflict, and nobody is picked. So is a name that
// contradicts whom another key of the reference finds; these come with the fault.
func (d *Directory) Find(ctx context.Context, ref lead.Reference) (Match, error) {
	return d.findBut(ctx, ref, "")
}

// FindBeside is Find as if nobody had the reference's address.
func (d *Directory) FindBeside(ctx context.Context, ref lead.Reference) (Match, error) {
	return d.findBut(ctx, ref, lead.KindEmail)
}

func (d *Directory) findBut(ctx context.Context, ref lead.Reference, nobodys string) (m Match, err error) {
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
		id, by, err := d.find(tx, ref, nobodys)
		if err == nil {
			m, err = d.get(tx, id)
		}
		if err != nil || m.Suppressed {
			return err
		}
		misnamed, err := d.misnamed(tx, ref, by, m.Person)
		if misnamed {
			err = otherName(by.Kind)
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
// and unknown people get the same answer, no matter who asks (rule C12).
func Nobody() error {
	return fault.New(fault.NotFound, "Nobody in the directory matches. Nothing was charged.")
}

func nobody() error { return Nobody() }

func (d *Directory) get(tx *store.Tx, id string) (Match, error) {
	row, found, err := tx.People().ByID(id)
	if err != nil {
		return Match{}, err
	}
	if !found { // they may have proved to be another
		ids, err := tx.People().ByKey(store.KeyRow{Kind: byID, Key: id})
		if err != nil || len(ids) != 1 {
			return Match{}, errors.Join(err, nobody())
		}
		return d.get(tx, ids[0])
	}
	p, err := fromRow(row)
	if err != nil {
		return Match{}, err
	}
	s := markedOf(p, p.Keys())
	hits, err := d.onList(tx, []marked{s})
	if err != nil {
		return Match{}, err
	}
	d.withhold(hits, &p)
	return Match{Person: p, Suppressed: d.means(hits, s)}, nil
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
		Country: p.Country, Industry: p.Industry, CompanySize: p.CompanySize, SourceID: p.SourceID, Extra: string(extra), Details: string(details), UpdatedAt: now.UnixMicro(), StatedAt: stated,
	}, nil
}

func fromRow(r store.PersonRow) (lead.Person, error) {
	p := lead.Person{
		ID: r.ID, FullName: r.FullName, FirstName: r.FirstName, LastName: r.LastName, Title: r.Title, Company: r.Company,
		CompanyDomain: r.CompanyDomain, CompanyPhone: r.CompanyPhone, LinkedInURL: r.LinkedInURL, Location: r.Location,
		Country: r.Country, Industry: r.Industry, CompanySize: r.CompanySize, SourceID: r.SourceID,
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
	promote(&p)
	return p, nil
}

// People are those of the ids whom the directory holds, by id, in two readings
// however many they are.
func (d *Directory) People(tx *store.Tx, ids []string) (map[string]Match, error) {
	people := map[string]Match{}
	if len(ids) == 0 {
		return people, nil
	}
	rows, err := tx.People().ByIDs(ids)
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
		d.withhold(hits, &m.Person)
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
