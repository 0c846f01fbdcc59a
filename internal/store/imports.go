package store

import (
	"context"
	"path/filepath"
)

// Import is how far an import is.
type Import struct {
	ID, Status               string // draft, running, done or failed
	Rows, Imported, Rejected int64
	Added, Updated, Joined   int64  // rows of Imported: of people new, of people known, and of several who proved to be one; the others said nothing new
	Problems                 int64  // all that were found, of which the first are kept
	Rejects, RejectsSize     int64  // pieces of import_rejects and the bytes in them
	Message                  string // why it failed
	Name, Source             string
	Plan                     string // JSON: how the file is to be read
	ReadAs                   string // JSON: what the file was understood as
	Host, Spool              string // where the file is kept; empty: nowhere
	LeaseUntil               int64  // until when its reader surely lives; past it another may continue
	CreatedAt, UpdatedAt     int64
}

// ImportProblem is something wrong in one row of an import.
type ImportProblem struct {
	Row     int64
	Message string
}

const importColumns = `import_id, status, rows_read, imported, rejected, problems, rejects, rejects_size, message, name, source, plan, read_as, host, spool, lease_until, created_at, updated_at,
	added, updated, joined`

func (i *Import) columns() []any {
	return []any{&i.ID, &i.Status, &i.Rows, &i.Imported, &i.Rejected, &i.Problems, &i.Rejects, &i.RejectsSize, &i.Message, &i.Name, &i.Source, &i.Plan, &i.ReadAs,
		&i.Host, &i.Spool, &i.LeaseUntil, &i.CreatedAt, &i.UpdatedAt, &i.Added, &i.Updated, &i.Joined}
}

// Put writes how far an import is.
func (t Imports) Put(i Import) error {
	_, err := t.q.exec(`INSERT INTO imports (`+importColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21)
		ON CONFLICT (import_id) DO UPDATE SET status = excluded.status, rows_read = excluded.rows_read, imported = excluded.imported,
		rejected = excluded.rejected, problems = excluded.problems, rejects = excluded.rejects, rejects_size = excluded.rejects_size, message = excluded.message,
		name = excluded.name, source = excluded.source, plan = excluded.plan, read_as = excluded.read_as, host = excluded.host, spool = excluded.spool,
		lease_until = excluded.lease_until, updated_at = excluded.updated_at, added = excluded.added, updated = excluded.updated, joined = excluded.joined`,
		i.ID, i.Status, i.Rows, i.Imported, i.Rejected, i.Problems, i.Rejects, i.RejectsSize, i.Message, i.Name, i.Source, i.Plan, i.ReadAs,
		i.Host, i.Spool, i.LeaseUntil, i.CreatedAt, i.UpdatedAt, i.Added, i.Updated, i.Joined)
	return err
}

// Hold extends a reader's lease; false: another has taken the import over.
func (t Imports) Hold(id string, lease, until int64) (bool, error) {
	n, err := t.q.exec(`UPDATE imports SET lease_until = $3 WHERE import_id = $1 AND lease_until = $2 AND status = 'running'`, id, lease, until)
	return n == 1, err
}

// AddProblem keeps the n-th problem of an import.
func (t Imports) AddProblem(id string, n int64, p ImportProblem) error {
	_, err := t.q.exec(`INSERT INTO import_problems (import_id, n, row_no, message) VALUES ($1,$2,$3,$4)`, id, n, p.Row, p.Message)
	return err
}

// Problems lists an import's problems in the order of its rows.
func (t Imports) Problems(id string, limit int) ([]ImportProblem, error) {
	var list []ImportProblem
	err := t.q.query(`SELECT row_no, message FROM import_problems WHERE import_id = $1 ORDER BY n LIMIT $2`, func(scan scanner) error {
		var p ImportProblem
		err := scan(&p.Row, &p.Message)
		list = append(list, p)
		return err
	}, id, limit)
	return list, err
}

// AddRejects keeps the n-th piece of an import's rejected rows.
func (t Imports) AddRejects(id string, n int64, data string, at int64) error {
	_, err := t.q.exec(`INSERT INTO import_rejects (import_id, n, data, created_at) VALUES ($1,$2,$3,$4)`, id, n, data, at)
	return err
}

// Rejects is the first piece after the n-th; false: there is none.
func (t Imports) Rejects(id string, after int64) (n int64, data string, found bool, err error) {
	found, err = t.one(`SELECT n, data FROM import_rejects WHERE import_id = $1 AND n > $2 ORDER BY n LIMIT 1`, []any{&n, &data}, id, after)
	return n, data, found, err
}

// DropRejects drops a few pieces that are older than an instant, and reports
// whether there may be more.
func (t Imports) DropRejects(before int64) (bool, error) {
	n, err := t.q.exec(`DELETE FROM import_rejects WHERE (import_id, n) IN (SELECT import_id, n FROM import_rejects WHERE created_at < $1 LIMIT 50)`, before)
	return n > 0, err
}

// BeginDraft makes a draft a running import; false: it is none any more.
func (t Imports) BeginDraft(id string) (bool, error) {
	n, err := t.q.exec(`UPDATE imports SET status = 'running' WHERE import_id = $1 AND status = 'draft'`, id)
	return n == 1, err
}

// Drop forgets an import that was never begun.
func (t Imports) Drop(id string) error {
	_, err := t.q.exec(`DELETE FROM imports WHERE import_id = $1 AND status = 'draft'`, id)
	return err
}

// ByID reads one; false: there is none.
func (t Imports) ByID(id string) (i Import, found bool, err error) {
	found, err = t.one(`SELECT `+importColumns+` FROM imports WHERE import_id = $1`, i.columns(), id)
	return i, found, err
}

// List lists imports that were begun, newest first.
func (t Imports) List(limit int) ([]Import, error) {
	return t.list(`SELECT `+importColumns+` FROM imports WHERE status <> 'draft' ORDER BY import_id DESC LIMIT $1`, limit)
}

// InStatus lists imports of a status, oldest first.
func (t Imports) InStatus(status string) ([]Import, error) {
	return t.list(`SELECT `+importColumns+` FROM imports WHERE status = $1 ORDER BY import_id LIMIT 1000`, status)
}

func (t Imports) list(sql string, arg any) ([]Import, error) {
	var list []Import
	err := t.q.query(sql, func(scan scanner) error {
		var i Import
		err := scan(i.columns()...)
		list = append(list, i)
		return err
	}, arg)
	return list, err
}

// Dir is the directory that the database file is in; empty: it is no file.
func (s *Store) Dir() string {
	if db, ok := s.engine.(*sqliteDB); ok {
		return filepath.Dir(db.path)
	}
	return ""
}

// Checkpoint brings what was committed from the log into the database file, beside
// the writer and without holding it up. Postgres does so by itself.
func (s *Store) Checkpoint(ctx context.Context) error {
	db, ok := s.engine.(*sqliteDB)
	if !ok {
		return nil
	}
	select {
	case conn := <-db.reads:
		if conn == nil {
			return nil
		}
		defer func() { db.reads <- conn }()
		q := db.on(conn)
		return q.query("PRAGMA wal_checkpoint(PASSIVE)", func(scanner) error { return nil })
	case <-ctx.Done():
		return ctx.Err()
	}
}
