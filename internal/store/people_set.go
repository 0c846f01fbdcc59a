package store

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// PersonPut is a person to be written: with every key of one who is new, else with
// the keys that they gained and lost. Terms are what they are found by (package find); nil: the
// same as before.
type PersonPut struct {
	PersonRow
	Gained, Lost []KeyRow
	Terms        []string

	number int64
}

// MarkRow is one thing by which somebody may be on the suppression list.
type MarkRow struct {
	Kind string
	Hash string // its bytes
}

// Lock keeps other writers of people out until the transaction ends, and
// Postgres on its indexes whatever it thinks of a table's size. What it must read whole all the same
// looks so dear to it then that it would compile the statement, for 10 ms each time.
//
// On a Citus it locks the coordinator's own copy of the row: people are there alone, and a node that
// is gone stops nobody who writes them. A server of before, which locks the row on every node, locks
// this one too.
func (t People) Lock() error {
	if t.sqlite {
		return nil // there is one writer
	}
	q := t.q.(*postgresQuerier)
	if q.coordinator != nil {
		return fault.New(fault.Internal, "People are written on the coordinator, and this transaction is on another node.")
	}
	var value string
	_, err := t.one(q.here.in(`SELECT value || set_config('enable_hashjoin', 'off', true) || set_config('enable_mergejoin', 'off', true) || set_config('enable_seqscan', 'off', true) || set_config('jit', 'off', true)
		FROM server_settings WHERE name = 'suppression_key' FOR UPDATE`), []any{&value})
	return err
}

// ToChange reads people and keeps others from changing them until the
// transaction ends.
func (t People) ToChange(ids []string) ([]PersonRow, error) {
	var people []PersonRow
	each := func(scan scanner) error {
		var p PersonRow
		err := scan(p.columns()...)
		people = append(people, p)
		return err
	}
	if !t.sqlite {
		return people, orNone(len(ids), func() error {
			return t.q.query(`SELECT `+personColumns+` FROM people WHERE person_id = ANY($1::text[]) ORDER BY person_id FOR UPDATE`, each, ids)
		})
	}
	for _, id := range ids {
		if err := t.q.query(`SELECT `+personColumns+` FROM people WHERE person_id = $1`, each, id); err != nil {
			return nil, err
		}
	}
	return people, nil
}

func orNone(n int, do func() error) error {
	if n == 0 {
		return nil
	}
	return do()
}

// Changes grows with every row that this process writes into a SQLite database, so
// that a writer sees whether another wrote since. On Postgres it stays 0.
func (t People) Changes() (n int64, err error) {
	if !t.sqlite {
		return 0, nil
	}
	_, err = t.one(`SELECT total_changes()`, []any{&n})
	return n, err
}

// Any reports whether anything is on the suppression list at all.
func (t Suppressions) Any() (bool, error) {
	var at int64
	return t.one(`SELECT created_at FROM suppressions LIMIT 1`, []any{&at})
}

// Among are those of marks that are on the suppression list, with the names that each is
// for; empty: for everybody.
func (t Suppressions) Among(marks []MarkRow) (map[MarkRow]string, error) {
	found := make(map[MarkRow]string)
	if !t.sqlite {
		kinds, hashes := make([]string, len(marks)), make([][]byte, len(marks))
		for i, m := range marks {
			kinds[i], hashes[i] = m.Kind, []byte(m.Hash)
		}
		return found, t.q.query(`SELECT s.kind, s.hash, s.names FROM unnest($1::text[], $2::bytea[]) AS w (kind, hash) JOIN suppressions s ON s.kind = w.kind AND s.hash = w.hash`, func(scan scanner) error {
			var kind, names string
			var hash []byte
			err := scan(&kind, &hash, &names)
			found[MarkRow{kind, string(hash)}] = names
			return err
		}, kinds, hashes)
	}
	for _, m := range marks {
		s, on, err := t.ByHash(m.Kind, []byte(m.Hash))
		if err != nil {
			return nil, err
		}
		if on {
			found[m] = s.Names
		}
	}
	return found, nil
}

// Add writes people who are new at an instant, in microseconds, with their keys. Nobody else
// writes people meanwhile (Lock).
func (t People) Add(people []PersonPut, at int64) error {
	if len(people) == 0 {
		return nil
	}
	if err := t.number(people, at); err != nil {
		return err
	}
	if err := t.add(people); err != nil {
		return err
	}
	return t.index(people)
}

func (t People) add(people []PersonPut) error {
	if !t.sqlite {
		return t.copy(people)
	}
	for i := range people {
		p := &people[i]
		if _, err := t.q.exec(`INSERT INTO people (`+personColumns+`, number) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)`, append(p.values(), p.number)...); err != nil {
			return err
		}
	}
	return t.addAllKeys(people)
}

func (p *PersonRow) values() []any {
	return append(make([]any, 0, 20), p.ID, p.FullName, p.FirstName, p.LastName, p.Title, p.Company, p.CompanyDomain, p.CompanyPhone,
		p.LinkedInURL, p.Location, p.Country, p.SourceID, p.Extra, p.Details, p.Parts, p.Industry, p.CompanySize, p.UpdatedAt, p.StatedAt)
}

// copy is Add by COPY, which costs the server least.
func (t People) copy(people []PersonPut) error {
	tx := t.q.(*postgresQuerier).tx
	_, err := tx.CopyFrom(t.ctx, pgx.Identifier{"people"}, strings.Split(personColumns+", number", ", "), pgx.CopyFromSlice(len(people), func(i int) ([]any, error) {
		return append(people[i].values(), people[i].number), nil
	}))
	if err != nil {
		return postgresError(err)
	}
	person, key, row := 0, -1, make([]any, 3) // written as it comes: no slice a key
	_, err = tx.CopyFrom(t.ctx, pgx.Identifier{"person_keys"}, []string{"kind", "key", "person_id"}, pgx.CopyFromFunc(func() ([]any, error) {
		for key++; person < len(people) && key == len(people[person].Gained); key = 0 {
			person++
		}
		if person == len(people) {
			return nil, nil
		}
		k := people[person].Gained[key]
		row[0], row[1], row[2] = k.Kind, k.Key, people[person].ID
		return row, nil
	}))
	return postgresError(err)
}

const changePerson = `UPDATE people SET full_name = $2, first_name = $3, last_name = $4, title = $5, company = $6, company_domain = $7, company_phone = $8,
	linkedin_url = $9, location = $10, country = $11, source_id = $12, extra = $13, details = $14, parts = $15, industry = $16, company_size = $17, updated_at = $18, stated_at = $19 WHERE person_id = $1`

const changePeople = `UPDATE people p SET full_name = w.a, first_name = w.b, last_name = w.c, title = w.d, company = w.e, company_domain = w.f, company_phone = w.g,
	linkedin_url = w.h, location = w.i, country = w.j, source_id = w.k, extra = w.l, details = w.m, parts = w.n, industry = w.o, company_size = w.p, updated_at = w.q, stated_at = w.r
	FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
	$13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::bigint[], $19::bigint[]) AS w (id, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r) WHERE p.person_id = w.id`

// Change writes people who were read by ToChange.
func (t People) Change(people []PersonPut) error {
	if len(people) == 0 {
		return nil
	}
	if t.sqlite {
		for i := range people {
			p := &people[i]
			if n, err := t.q.exec(changePerson, p.values()...); err != nil || n != 1 {
				return cmpError(err, p.ID)
			}
			for _, k := range p.Lost {
				if _, err := t.q.exec(`DELETE FROM person_keys WHERE kind = $1 AND key = $2 AND person_id = $3`, k.Kind, k.Key, p.ID); err != nil {
					return err
				}
			}
			if err := t.addKeys(p.ID, p.Gained); err != nil {
				return err
			}
		}
		return t.reindex(people)
	}
	texts, times, stated := make([][]string, 17), make([]int64, len(people)), make([]int64, len(people))
	for i := range people {
		for c, v := range people[i].values()[:17] {
			texts[c] = append(texts[c], v.(string))
		}
		times[i], stated[i] = people[i].UpdatedAt, people[i].StatedAt
	}
	var args []any
	for _, column := range texts {
		args = append(args, column)
	}
	n, err := t.q.exec(changePeople, append(args, times, stated)...)
	if err != nil || n != int64(len(people)) {
		return cmpError(err, people[0].ID)
	}
	if err := t.changeKeys(people); err != nil {
		return err
	}
	return t.reindex(people)
}

func cmpError(err error, id string) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Internal, "The database lost a person that it had locked (%s).", id)
}

func (t People) changeKeys(people []PersonPut) error {
	for _, o := range []struct {
		sql  string
		keys func(p *PersonPut) []KeyRow
	}{
		{`DELETE FROM person_keys k USING unnest($1::text[], $2::text[], $3::text[]) AS w (kind, key, id) WHERE k.kind = w.kind AND k.key = w.key AND k.person_id = w.id`,
			func(p *PersonPut) []KeyRow { return p.Lost }},
		{`INSERT INTO person_keys (kind, key, person_id) SELECT w.kind, w.key, w.id FROM unnest($1::text[], $2::text[], $3::text[]) AS w (kind, key, id) ON CONFLICT DO NOTHING`,
			func(p *PersonPut) []KeyRow { return p.Gained }},
	} {
		var kinds, keys, ids []string
		for i := range people {
			for _, k := range o.keys(&people[i]) {
				kinds, keys, ids = append(kinds, k.Kind), append(keys, k.Key), append(ids, people[i].ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		if _, err := t.q.exec(o.sql, kinds, keys, ids); err != nil {
			return err
		}
	}
	return nil
}
