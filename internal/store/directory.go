package store

// PersonRow is a person as the directory holds one. Details and Extra are JSON
// that package directory reads and writes.
type PersonRow struct {
	ID, FullName, FirstName, LastName, Title, Company, CompanyDomain, CompanyPhone string
	LinkedInURL, Location, Country, SourceID, Extra, Details                       string
	UpdatedAt                                                                      int64
}

// KeyRow is one thing that a person is recognised by.
type KeyRow struct{ Kind, Key string }

const personColumns = `person_id, full_name, first_name, last_name, title, company, company_domain, company_phone, linkedin_url, location, country, source_id, extra, details, updated_at`

func (p *PersonRow) columns() []any {
	return []any{&p.ID, &p.FullName, &p.FirstName, &p.LastName, &p.Title, &p.Company, &p.CompanyDomain, &p.CompanyPhone,
		&p.LinkedInURL, &p.Location, &p.Country, &p.SourceID, &p.Extra, &p.Details, &p.UpdatedAt}
}

// Person reads one; false: there is none.
func (t *Tx) Person(id string) (p PersonRow, found bool, err error) {
	found, err = t.one(`SELECT `+personColumns+` FROM people WHERE person_id = $1`, p.columns(), id)
	return p, found, err
}

// PeopleByKey lists the ids of those recognised by a key.
func (t *Tx) PeopleByKey(k KeyRow, limit int) ([]string, error) {
	var ids []string
	err := t.q.query(`SELECT person_id FROM person_keys WHERE kind = $1 AND key = $2 ORDER BY person_id LIMIT $3`, func(scan scanner) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, k.Kind, k.Key, limit)
	return ids, err
}

// PutPerson writes a person and everything that they are recognised by.
func (t *Tx) PutPerson(p PersonRow, keys []KeyRow) error {
	_, err := t.q.exec(`INSERT INTO people (`+personColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)
		ON CONFLICT (person_id) DO UPDATE SET full_name = excluded.full_name, first_name = excluded.first_name, last_name = excluded.last_name,
		title = excluded.title, company = excluded.company, company_domain = excluded.company_domain, company_phone = excluded.company_phone,
		linkedin_url = excluded.linkedin_url, location = excluded.location, country = excluded.country, source_id = excluded.source_id,
		extra = excluded.extra, details = excluded.details, updated_at = excluded.updated_at`,
		p.ID, p.FullName, p.FirstName, p.LastName, p.Title, p.Company, p.CompanyDomain, p.CompanyPhone,
		p.LinkedInURL, p.Location, p.Country, p.SourceID, p.Extra, p.Details, p.UpdatedAt)
	if err != nil {
		return err
	}
	if _, err := t.q.exec(`DELETE FROM person_keys WHERE person_id = $1`, p.ID); err != nil {
		return err
	}
	for _, k := range keys {
		if _, err := t.q.exec(`INSERT INTO person_keys (kind, key, person_id) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING`, k.Kind, k.Key, p.ID); err != nil {
			return err
		}
	}
	return nil
}

// ErasePerson removes a person's data everywhere but the ledger, which has none;
// false: there was no such person.
func (t *Tx) ErasePerson(id string) (bool, error) {
	for _, sql := range []string{
		`DELETE FROM person_keys WHERE person_id = $1`,
		`DELETE FROM reveals WHERE person_id = $1`,
		`DELETE FROM lead_lists WHERE lead_id IN (SELECT lead_id FROM leads WHERE person_id = $1)`,
		`DELETE FROM leads WHERE person_id = $1`,
	} {
		if _, err := t.q.exec(sql, id); err != nil {
			return false, err
		}
	}
	n, err := t.q.exec(`DELETE FROM people WHERE person_id = $1`, id)
	return n > 0, err
}

// CountPeople is how many people the directory holds.
func (t *Tx) CountPeople() (n int64, err error) {
	_, err = t.one(`SELECT count(*) FROM people`, []any{&n})
	return n, err
}

// Suppress puts a hash on the suppression list.
func (t *Tx) Suppress(kind string, hash []byte, at int64) error {
	_, err := t.q.exec(`INSERT INTO suppressions (kind, hash, created_at) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING`, kind, hash, at)
	return err
}

// Suppressed reports whether a hash is on the suppression list.
func (t *Tx) Suppressed(kind string, hash []byte) (bool, error) {
	var at int64
	return t.one(`SELECT created_at FROM suppressions WHERE kind = $1 AND hash = $2`, []any{&at}, kind, hash)
}

// Import is how far an import is.
type Import struct {
	ID, Status               string // running, done or failed
	Rows, Imported, Rejected int64
	Message                  string // why it failed
	CreatedAt, UpdatedAt     int64
}

// ImportProblem is something wrong in one row of an import.
type ImportProblem struct {
	Row     int64
	Message string
}

// PutImport writes how far an import is.
func (t *Tx) PutImport(i Import) error {
	_, err := t.q.exec(`INSERT INTO imports (import_id, status, rows_read, imported, rejected, message, created_at, updated_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)
		ON CONFLICT (import_id) DO UPDATE SET status = excluded.status, rows_read = excluded.rows_read, imported = excluded.imported,
		rejected = excluded.rejected, message = excluded.message, updated_at = excluded.updated_at`,
		i.ID, i.Status, i.Rows, i.Imported, i.Rejected, i.Message, i.CreatedAt, i.UpdatedAt)
	return err
}

// AddImportProblem keeps the n-th problem of an import.
func (t *Tx) AddImportProblem(id string, n int, p ImportProblem) error {
	_, err := t.q.exec(`INSERT INTO import_problems (import_id, n, row_no, message) VALUES ($1,$2,$3,$4)`, id, n, p.Row, p.Message)
	return err
}

// ImportProblems lists an import's problems in the order of its rows.
func (t *Tx) ImportProblems(id string, limit int) ([]ImportProblem, error) {
	var list []ImportProblem
	err := t.q.query(`SELECT row_no, message FROM import_problems WHERE import_id = $1 ORDER BY n LIMIT $2`, func(scan scanner) error {
		var p ImportProblem
		err := scan(&p.Row, &p.Message)
		list = append(list, p)
		return err
	}, id, limit)
	return list, err
}

const importColumns = `import_id, status, rows_read, imported, rejected, message, created_at, updated_at`

func (i *Import) columns() []any {
	return []any{&i.ID, &i.Status, &i.Rows, &i.Imported, &i.Rejected, &i.Message, &i.CreatedAt, &i.UpdatedAt}
}

// Import reads one; false: there is none.
func (t *Tx) Import(id string) (i Import, found bool, err error) {
	found, err = t.one(`SELECT `+importColumns+` FROM imports WHERE import_id = $1`, i.columns(), id)
	return i, found, err
}

// Imports lists imports, newest first.
func (t *Tx) Imports(limit int) ([]Import, error) {
	var list []Import
	err := t.q.query(`SELECT `+importColumns+` FROM imports ORDER BY import_id DESC LIMIT $1`, func(scan scanner) error {
		var i Import
		err := scan(i.columns()...)
		list = append(list, i)
		return err
	}, limit)
	return list, err
}

// FailImports marks imports that ran when the server stopped.
func (t *Tx) FailImports(message string, at int64) error {
	_, err := t.q.exec(`UPDATE imports SET status = 'failed', message = $1, updated_at = $2 WHERE status = 'running'`, message, at)
	return err
}
