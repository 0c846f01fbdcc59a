package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// readers is how many connections serve reads; the writer has its own.
const readers = 4

// sqliteDB is the embedded database: one writer, a few readers, durable after a
// power loss (WAL with synchronous=FULL).
type sqliteDB struct {
	writer chan *sqlite.Conn
	reads  chan *sqlite.Conn
	opened int // connections that the two lend
	path   string

	numbers    numbers
	statements atomic.Int64 // that ran, of all connections
	prepared   sync.Map     // *sqlite.Conn to prepared
}

func openSQLite(ctx context.Context, path string) (engine, error) {
	if dir := filepath.Dir(path); dir != "." {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("database file %s: %w", path, err)
		}
	}
	if err := migrateSQLite(ctx, path); err != nil {
		return nil, err
	}
	db := &sqliteDB{writer: make(chan *sqlite.Conn, 1), reads: make(chan *sqlite.Conn, readers), path: path}
	for n := range readers + 1 {
		conn, err := openConn(path)
		if err != nil {
			db.close()
			return nil, fmt.Errorf("database file %s: %w", path, err)
		}
		if n == 0 {
			db.writer <- conn
		} else {
			db.reads <- conn
		}
		db.opened++
	}
	return db, nil
}

func openConn(path string) (*sqlite.Conn, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenWAL)
	if err != nil {
		return nil, err
	}
	conn.SetBlockOnBusy() // another process may write: an import, a backup
	if err := pragmas(conn); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func pragmas(conn *sqlite.Conn) error {
	for _, pragma := range []string{
		"PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON", "PRAGMA cache_size=-65536",
		"PRAGMA temp_store=MEMORY", "PRAGMA wal_autocheckpoint=4000",
	} {
		if err := sqlitex.ExecuteTransient(conn, pragma, nil); err != nil {
			return err
		}
	}
	return nil
}

// openSQLiteAlone opens a file on one connection and locks it. The lock must be asked for before
// anything is read: in WAL mode every connection, however idle, holds one that is in its way.
func openSQLiteAlone(path string) (engine, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, fmt.Errorf("database file %s: %w", path, err)
	}
	conn.SetBusyTimeout(0)
	for _, sql := range []string{"PRAGMA locking_mode=EXCLUSIVE", "BEGIN IMMEDIATE", "COMMIT"} {
		if err = sqlitex.ExecuteTransient(conn, sql, nil); err != nil {
			break
		}
	}
	if err == nil {
		err = pragmas(conn)
	}
	if err != nil {
		conn.Close()
		if code := sqlite.ErrCode(err).ToPrimary(); code == sqlite.ResultBusy || code == sqlite.ResultLocked {
			return nil, fmt.Errorf("another process has the database file %s open; stop it first", path)
		}
		return nil, fmt.Errorf("database file %s: %w", path, err)
	}
	one := make(chan *sqlite.Conn, 1)
	one <- conn
	return &sqliteDB{writer: one, reads: one, opened: 1, path: path}, nil
}

func (db *sqliteDB) view(ctx context.Context, fn func(q querier) error) error {
	return db.with(ctx, db.reads, "BEGIN", func(q querier) error {
		q.(*sqliteQuerier).committed = true
		return fn(q)
	})
}

func (db *sqliteDB) update(ctx context.Context, fn func(q querier) error) error {
	return db.with(ctx, db.writer, "BEGIN IMMEDIATE", fn)
}

// with lends a connection for one transaction.
func (db *sqliteDB) with(ctx context.Context, pool chan *sqlite.Conn, begin string, fn func(q querier) error) (err error) {
	var conn *sqlite.Conn
	select {
	case conn = <-pool:
	case <-ctx.Done():
		return ctx.Err()
	}
	if conn == nil {
		return fault.New(fault.Overloaded, "The database is closed.")
	}
	defer func() { pool <- conn }()
	q := db.on(conn)
	if _, err := q.exec(begin); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			_, _ = q.exec("ROLLBACK")
			panic(p)
		}
	}()
	if err = fn(q); err == nil {
		_, err = q.exec("COMMIT")
	}
	if err != nil && !conn.AutocommitEnabled() {
		_, _ = q.exec("ROLLBACK")
	}
	return err
}

func (db *sqliteDB) ledger(ctx context.Context, _ string, fn func(tx LedgerTx) (*Writes, error), with func(q querier, w *Writes) error) error {
	return db.update(ctx, func(q querier) error {
		tx := sqliteLedger{q.(*sqliteQuerier)}
		tx.q.committed = true // nothing is written before it is decided
		w, err := fn(tx)
		tx.q.committed = false
		if err != nil || w.Empty() {
			return err
		}
		if err := with(q, w); err != nil {
			return err
		}
		return writeRows(q, w)
	})
}

func (db *sqliteDB) look(ctx context.Context, _ string, fn func(tx LedgerTx) error) error {
	return db.view(ctx, func(q querier) error { return db.lookIn(ctx, q, fn) })
}

func (db *sqliteDB) lookIn(_ context.Context, q querier, fn func(tx LedgerTx) error) error {
	return fn(sqliteLedger{q.(*sqliteQuerier)})
}

func (db *sqliteDB) backup(ctx context.Context, file string) error {
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("%s exists already; a backup never overwrites", file)
	}
	conn, err := openConn(db.path)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetInterrupt(ctx.Done())
	return sqlitex.ExecuteTransient(conn, "VACUUM INTO ?", &sqlitex.ExecOptions{Args: []any{file}})
}

// close waits for each connection to be given back.
func (db *sqliteDB) close() (first error) {
	for n := range db.opened {
		lent := db.reads
		if n == 0 {
			lent = db.writer
		}
		first = errorOf(first, (<-lent).Close())
	}
	close(db.writer)
	if db.reads != db.writer { // of a database that is open alone they are one
		close(db.reads)
	}
	return first
}

func errorOf(first, next error) error {
	if first != nil {
		return first
	}
	return next
}
