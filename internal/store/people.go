package store

import "slices"

// PersonRow is a person as the directory holds one. Details, Extra and Parts are JSON
// that package directory reads and writes.
type PersonRow struct {
	ID, FullName, FirstName, LastName, Title, Company, CompanyDomain, CompanyPhone string
	LinkedInURL, Location, Country, SourceID, Extra, Details, Parts                string
	Industry, CompanySize                                                          string
	UpdatedAt, StatedAt                                                            int64
}

// KeyRow is one thing that a person is recognised by.
type KeyRow struct{ Kind, Key string }

const personColumns = `person_id, full_name, first_name, last_name, title, company, company_domain, company_phone, linkedin_url, location, country, source_id, extra, details, parts, industry, company_size, updated_at, stated_at`

func (p *PersonRow) columns() []any {
	return []any{&p.ID, &p.FullName, &p.FirstName, &p.LastName, &p.Title, &p.Company, &p.CompanyDomain, &p.CompanyPhone,
		&p.LinkedInURL, &p.Location, &p.Country, &p.SourceID, &p.Extra, &p.Details, &p.Parts, &p.Industry, &p.CompanySize, &p.UpdatedAt, &p.StatedAt}
}

// ByID reads one; false: there is none.
func (t People) ByID(id string) (p PersonRow, found bool, err error) {
	found, err = t.one(`SELECT `+personColumns+` FROM people WHERE person_id = $1`, p.columns(), id)
	return p, found, err
}

// Contested is the holder of a key that says of it that people of contradicting names
// claim it. Nobody has this id.
const Contested = ""

// ByKey lists the ids of those recognised by a key, in no order and at most
// three: more than one is no answer to who somebody is.
func (t People) ByKey(k KeyRow) ([]string, error) {
	ids, err := t.heldBy(k)
	return slices.DeleteFunc(ids, func(id string) bool { return id == Contested }), err
}

// heldBy is ByKey with Contested, which comes first.
func (t People) heldBy(k KeyRow) ([]string, error) {
	var ids []string
	// Neither ORDER BY nor a limit that is bound: with these SQLite plans the
	// statement again at every call, which costs ten times the search. Both read the
	// primary key in its order.
	err := t.q.query(`SELECT person_id FROM person_keys WHERE kind = $1 AND key = $2 LIMIT 4`, func(scan scanner) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, k.Kind, k.Key)
	slices.Sort(ids)
	return ids, err
}

// EverybodyWith lists those recognised by a key who are not suppressed, at most a hundred.
func (t People) EverybodyWith(k KeyRow) (ids []string, err error) {
	err = t.q.query(`SELECT person_id FROM person_keys WHERE kind = $1 AND key = $2 AND person_id <> ''
		AND NOT EXISTS (SELECT 1 FROM hidden_people h WHERE h.person_id = person_keys.person_id) LIMIT 100`, func(scan scanner) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, k.Kind, k.Key)
	return ids, err
}

// Erase removes a person's data everywhere but the ledger, which has none;
// false: there was no such person. Merges with them are taken apart.
func (t People) Erase(id string) (bool, error) {
	if err := t.tx().Undos().forget(id); err != nil {
		return false, err
	}
	if _, err := t.tx().Leads().sheetsWith([]string{id}); err != nil {
		return false, err
	}
	if _, err := t.tx().Merges().takeApart(id); err != nil {
		return false, err
	}
	if err := t.unindex(id); err != nil {
		return false, err
	}
	for _, sql := range []string{
		`DELETE FROM person_keys WHERE person_id = $1`,
		`DELETE FROM hidden_people WHERE person_id = $1`,
		`DELETE FROM reveals WHERE person_id = $1`,
		`DELETE FROM moved_fields WHERE person_id = $1`,
		`DELETE FROM withheld_values WHERE person_id = $1`,
		`DELETE FROM searches WHERE person_id = $1`,
		`DELETE FROM bad_values WHERE person_id = $1`,
		`UPDATE bulk_rows SET reference = '{}' WHERE person_id = $1`,
		`DELETE FROM lead_lists WHERE lead_id IN (SELECT lead_id FROM leads WHERE person_id = $1)`,
		`DELETE FROM lead_tags WHERE lead_id IN (SELECT lead_id FROM leads WHERE person_id = $1)`,
		`DELETE FROM lead_merges WHERE person_id = $1`,
		`DELETE FROM paused_merges WHERE person_id = $1`,
		`DELETE FROM paused_merges WHERE into_person = $1`,
		`DELETE FROM leads WHERE person_id = $1`,
	} {
		if _, err := t.q.exec(sql, id); err != nil {
			return false, err
		}
	}
	n, err := t.q.exec(`DELETE FROM people WHERE person_id = $1`, id)
	return n > 0, err
}

// Put puts a hash on the suppression list; applied says that nobody is to be hidden
// for it. One that is on it already may mean somebody more: it is not applied again.
func (t Suppressions) Put(kind string, hash []byte, at int64, applied bool) error {
	_, err := t.q.exec(`INSERT INTO suppressions (kind, hash, created_at, applied) VALUES ($1,$2,$3,$4)
		ON CONFLICT (kind, hash) DO UPDATE SET created_at = excluded.created_at, applied = 0 WHERE excluded.applied = 0`, kind, hash, at, number(applied))
	return err
}

// Name writes the names that a mark is for.
func (t Suppressions) Name(m MarkRow, names string) error {
	_, err := t.q.exec(`UPDATE suppressions SET names = $3 WHERE kind = $1 AND hash = $2`, m.Kind, []byte(m.Hash), names)
	return err
}

// ByIDs reads those of the ids that there are, in no order.
func (t People) ByIDs(ids []string) (people []PersonRow, err error) {
	err = t.q.query(`SELECT `+personColumns+` FROM people WHERE person_id `+t.anyOf(1), func(scan scanner) error {
		var p PersonRow
		err := scan(p.columns()...)
		people = append(people, p)
		return err
	}, t.texts(ids))
	return people, err
}

// Suppression is a row of the suppression list.
type Suppression struct {
	MarkRow
	Names string
	At    int64 // when it was put there last
}

// ByHash reads a row of the suppression list; false: it is not on it.
func (t Suppressions) ByHash(kind string, hash []byte) (s Suppression, found bool, err error) {
	s.MarkRow = MarkRow{kind, string(hash)}
	found, err = t.one(`SELECT names, created_at FROM suppressions WHERE kind = $1 AND hash = $2`, []any{&s.Names, &s.At}, kind, hash)
	return s, found, err
}

// Drop takes a hash off the list; false: it was not on it.
func (t Suppressions) Drop(kind string, hash []byte) (bool, error) {
	n, err := t.q.exec(`DELETE FROM suppressions WHERE kind = $1 AND hash = $2`, kind, hash)
	return n > 0, err
}

// Count counts the list by kind.
func (t Suppressions) Count() (counts map[string]int64, err error) {
	counts = map[string]int64{}
	err = t.q.query(`SELECT kind, COUNT(*) FROM suppressions GROUP BY kind`, func(scan scanner) error {
		var kind string
		var n int64
		err := scan(&kind, &n)
		counts[kind] = n
		return err
	})
	return counts, err
}
