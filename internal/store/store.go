// Package store is all of leadmeter's SQL. One concrete Store works over SQLite
// and over Postgres, from one text wherever the engines agree. It knows rows and
// transactions; what a row means is said by the packages above it.
//
// Exported methods of Store own their transaction; those of the nouns are given one, a Tx.
// Errors of the drivers are translated here, by code and never by text, into the
// kinds of package fault.
package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Store is an open database.
type Store struct {
	engine engine
	name   string
	closed sync.Once
	// admissions counts this process's changes of who may do what.
	admissions atomic.Int64
	// reads and updates count this process's views and its transactions beside the ledger's.
	reads, updates atomic.Int64
	// longestView and longestUpdate are of this process's views and updates.
	longestView, longestUpdate longest
	// turn is which part was looked at first last.
	turn atomic.Uint32
	// effects holds a token while effects were committed that nobody looked for.
	effects chan struct{}
}

// engine is what the two databases do differently.
type engine interface {
	view(ctx context.Context, fn func(q querier) error) error
	update(ctx context.Context, fn func(q querier) error) error
	ledger(ctx context.Context, ws string, fn func(tx LedgerTx) (*Writes, error), with func(q querier, w *Writes) error) error
	commitAhead(ctx context.Context, from []Account, w *Writes) error
	look(ctx context.Context, ws string, fn func(tx LedgerTx) error) error
	lookIn(ctx context.Context, q querier, fn func(tx LedgerTx) error) error
	backup(ctx context.Context, file string) error
	close() error
}

// querier runs statements in one transaction. Parameters are written $1, $2 …
type querier interface {
	exec(sql string, args ...any) (int64, error)
	query(sql string, each func(scan scanner) error, args ...any) error
	// place is where a workspace's entries and receipts are.
	place(ws string) (place, error)
}

// scanner copies the columns of the present row.
type scanner func(dst ...any) error

// LedgerTx is a transaction of the ledger's committer: it may load several times,
// and what its function returns is written and committed.
type LedgerTx interface {
	Load(w *Want) (*Rows, error)
}

// Tx is a transaction, or a consistent view, of everything that is not a batch of the
// ledger. What is done to the tables is reached by what they are about: tx.Leads().
type Tx transaction

// transaction is what the nouns share; it is in each of them, and has nothing exported.
type transaction struct {
	ctx       context.Context
	q         querier
	sqlite    bool
	admission bool // a workspace, a member, a key or a connection was changed
	effects   bool // an effect was added
}

// Context is that of the caller who began the transaction.
func (t *Tx) Context() context.Context { return t.ctx }

// tx is the transaction again, for a noun whose work is another's too.
func (t *transaction) tx() *Tx { return (*Tx)(t) }

// Open opens the database that the address names, sqlite:PATH or postgres://…,
// and brings its schema up to date.
func Open(ctx context.Context, address string) (*Store, error) {
	return open(address, func(path string) (engine, error) { return openSQLite(ctx, path) },
		func() (engine, error) { return openPostgres(ctx, address) })
}

// Migrate brings the schema of a database up to date. On a Citus it divides the workspaces into so
// many shards; 0: none, or those that there are.
func Migrate(ctx context.Context, address string, shards int) error {
	st, err := open(address, func(path string) (engine, error) {
		if shards != 0 {
			return nil, fmt.Errorf("only a Postgres with Citus has shards")
		}
		return openSQLite(ctx, path)
	}, func() (engine, error) {
		if err := migratePostgres(ctx, address, shards); err != nil {
			return nil, fmt.Errorf("database: %w", redacted(err))
		}
		return connectPostgres(ctx, address, applicationName)
	})
	if err != nil {
		return err
	}
	return st.Close()
}

// OpenAlone opens a database that exists as it is, without migrations, for one goroutine that copies
// it. A SQLite file is locked: nobody else has it open meanwhile, for reading neither.
func OpenAlone(ctx context.Context, address string) (*Store, error) {
	return open(address, func(path string) (engine, error) { return openSQLiteAlone(path) },
		func() (engine, error) { return connectPostgres(ctx, address, "copy of "+applicationName) })
}

// Serve says that a server serves the database from now on, which is not marked as moved: it gets
// no connection to one that is.
func (s *Store) Serve() {
	if db, is := s.engine.(*postgresDB); is {
		db.served.Store(true)
	}
}

func open(address string, sqlite func(path string) (engine, error), postgres func() (engine, error)) (*Store, error) {
	s := &Store{effects: make(chan struct{}, 1)}
	var err error
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if path == "" {
			return nil, fmt.Errorf("database %q names no file; write sqlite:PATH", address)
		}
		s.name = "sqlite"
		s.engine, err = sqlite(path)
	} else if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		s.name = "postgres"
		s.engine, err = postgres()
	} else {
		err = fmt.Errorf("database must be sqlite:PATH or postgres://…")
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Engine is "sqlite" or "postgres".
func (s *Store) Engine() string { return s.name }

// Close waits for what is under way and closes the database; again, it does nothing.
func (s *Store) Close() (err error) {
	s.closed.Do(func() { err = s.engine.close() })
	return err
}

// View runs fn over one consistent state of the database.
func (s *Store) View(ctx context.Context, fn func(tx *Tx) error) error {
	if q := s.snapshotOf(ctx); q != nil {
		return fn(&Tx{ctx: ctx, q: q, sqlite: s.name == "sqlite"})
	}
	s.reads.Add(1)
	return s.engine.view(ctx, func(q querier) error {
		defer s.longestView.since(time.Now())
		return fn(&Tx{ctx: ctx, q: q, sqlite: s.name == "sqlite"})
	})
}

// Update runs fn in one transaction, which commits when fn returns nil.
func (s *Store) Update(ctx context.Context, fn func(tx *Tx) error) error {
	s.updates.Add(1)
	admission, effects := false, false
	var began time.Time
	err := s.engine.update(ctx, func(q querier) error {
		began = time.Now() // waiting for the writer is not holding it
		tx := &Tx{ctx: ctx, q: q, sqlite: s.name == "sqlite"}
		err := fn(tx)
		admission, effects = tx.admission, tx.effects
		return err
	})
	if !began.IsZero() {
		s.longestUpdate.since(began)
	}
	s.announce(admission, effects)
	return err
}

// Longest are the longest view and the longest update, its commit included, since it was
// asked last. The ledger's own transactions are not counted.
func (s *Store) Longest() (view, update time.Duration) {
	return time.Duration(s.longestView.Swap(0)), time.Duration(s.longestUpdate.Swap(0))
}

// longest is the longest of several times, in nanoseconds.
type longest struct{ atomic.Int64 }

func (l *longest) since(began time.Time) {
	took := int64(time.Since(began))
	for {
		most := l.Load()
		if took <= most || l.CompareAndSwap(most, took) {
			return
		}
	}
}

// announce tells this process what a transaction changed that others wait for.
func (s *Store) announce(admission, effects bool) {
	if admission { // also when it is not known whether it was committed
		s.admissions.Add(1)
	}
	if effects {
		select {
		case s.effects <- struct{}{}:
		default:
		}
	}
}

// Effects is ready to be read after this process committed effects.
func (s *Store) Effects() <-chan struct{} { return s.effects }

// Admissions is a number that grows after this process changed a workspace, a
// member or a key: what was read before it grew may be out of date.
func (s *Store) Admissions() int64 { return s.admissions.Load() }

// Reads is how many views there were: what a page or a scrape costs.
func (s *Store) Reads() int64 { return s.reads.Load() }

// Updates is how many transactions Update began; the ledger's batches are its Commits.
func (s *Store) Updates() int64 { return s.updates.Load() }

// Statements is how many statements ran on a SQLite file, those that begin and end transactions
// included; 0 on Postgres.
func (s *Store) Statements() int64 {
	if db, is := s.engine.(*sqliteDB); is {
		return db.statements.Load()
	}
	return 0
}

// Parts is how many parts the workspaces are in, of which each has its place in the database and
// transactions of its own; 0: every transaction may have any workspace.
func (s *Store) Parts() int {
	if db, is := s.engine.(*postgresDB); is && db.citus != nil {
		return len(db.citus.at.Load().groups)
	}
	return 0
}

// Part is which of the Parts a workspace is in.
func (s *Store) Part(ws string) int {
	if db, is := s.engine.(*postgresDB); is && db.citus != nil {
		return db.citus.at.Load().group(ws)
	}
	return 0
}

// Ledger runs one batch of the ledger: fn loads and decides, and what it returns
// is written in the same transaction. When Ledger returns nil it is on disk. Every workspace
// of the batch is in the Part of ws.
func (s *Store) Ledger(ctx context.Context, ws string, fn func(tx LedgerTx) (*Writes, error)) error {
	var with *Tx
	err := s.engine.ledger(ctx, ws, fn, func(q querier, w *Writes) error {
		if len(w.With) == 0 {
			return nil
		}
		with = &Tx{ctx: ctx, q: q, sqlite: s.name == "sqlite"}
		for _, change := range w.With {
			if err := change(with); err != nil {
				return &WithError{err}
			}
		}
		return nil
	})
	if with != nil {
		s.announce(with.admission, with.effects)
	}
	return err
}

// WithError is an error of what was to be changed together with a batch of the ledger.
// Nothing of the batch was written.
type WithError struct{ err error }

func (e *WithError) Error() string { return e.err.Error() }

func (e *WithError) Unwrap() error { return e.err }

// ErrMoved says that a batch decided ahead was decided from what is no more, or
// that a key or a number in it is taken. Nothing of it was written.
var ErrMoved = errors.New("store: the ledger has moved on")

// CommitAhead writes a batch that was decided from remembered rows. In the same
// transaction it holds that the accounts are what they were decided from: From
// and the batch's own accounts name the same workspaces in the same, ascending
// order. A batch that changes nothing is checked alone. ErrMoved, or another
// error of the database's own, means that nothing was written; an error of the
// connection, that this is not known.
func (s *Store) CommitAhead(ctx context.Context, from []Account, w *Writes) error {
	if w.Empty() {
		return s.unmoved(ctx, from)
	}
	return s.engine.commitAhead(ctx, from, w)
}

// unmoved holds that accounts are what they were.
func (s *Store) unmoved(ctx context.Context, from []Account) error {
	want := Want{}
	was := make(map[string]Account, len(from))
	for _, a := range from {
		want.Accounts = append(want.Accounts, AccountKey{a.Workspace, a.TermsVersion})
		was[a.Workspace] = a
	}
	return s.Look(ctx, from[0].Workspace, func(tx LedgerTx) error {
		rows, err := tx.Load(&want)
		if err != nil {
			return err
		}
		if len(rows.Accounts) != len(from) {
			return ErrMoved
		}
		for _, a := range rows.Accounts {
			if b := was[a.Workspace]; a.Seq != b.Seq || a.TermsVersion != b.TermsVersion || a.LastAt != b.LastAt || a.NextExpiry != b.NextExpiry {
				return ErrMoved
			}
		}
		return nil
	})
}

// Look loads rows of the ledger as they stand, without holding up any batch. Every workspace
// that is looked at is in the Part of ws.
func (s *Store) Look(ctx context.Context, ws string, fn func(tx LedgerTx) error) error {
	if q := s.snapshotOf(ctx); q != nil {
		return s.engine.lookIn(ctx, q, fn)
	}
	return s.engine.look(ctx, ws, fn)
}

// Backup writes a consistent copy of a SQLite database to a new file.
func (s *Store) Backup(ctx context.Context, file string) error { return s.engine.backup(ctx, file) }

// one reads a single row; false: there is none.
func (t *transaction) one(sql string, dst []any, args ...any) (bool, error) {
	found := false
	err := t.q.query(sql, func(scan scanner) error {
		found = true
		return scan(dst...)
	}, args...)
	return found, err
}
