package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
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
	closed sync.Once
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

func (db *sqliteDB) ledger(ctx context.Context, fn func(tx LedgerTx) (*Writes, error), with func(q querier, w *Writes) error) error {
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

func (db *sqliteDB) look(ctx context.Context, fn func(tx LedgerTx) error) error {
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

// close waits for each connection to be given back; a second call does nothing.
func (db *sqliteDB) close() (first error) {
	db.closed.Do(func() {
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
	})
	return first
}

func errorOf(first, next error) error {
	if first != nil {
		return first
	}
	return next
}

// sqliteQuerier runs statements on one connection.
type sqliteQuerier struct {
	conn       *sqlite.Conn
	numbers    *numbers
	statements *atomic.Int64
	prepared   prepared
	// committed: what is read is committed, not this transaction's own.
	committed bool
}

// sqliteWords turns $1 into ?1, which SQLite binds by its number, and leaves out of a
// statement over entries what their number says there (see place).
var sqliteWords = strings.NewReplacer("entries WHERE workspace_id = $1 AND ", "entries WHERE ", "$", "?")

// numbered remembers the statements in SQLite's words.
var numbered sync.Map

func sqliteText(sql string) string {
	if t, ok := numbered.Load(sql); ok {
		return t.(string)
	}
	t := sqliteWords.Replace(sql)
	numbered.Store(sql, t)
	return t
}

func (q *sqliteQuerier) prepare(sql string, args []any) (*sqlite.Stmt, error) {
	q.statements.Add(1)
	stmt, err := q.statement(sqliteText(sql))
	if err != nil {
		return nil, sqliteError(err)
	}
	if len(args) != stmt.BindParamCount() {
		if err := stmt.ClearBindings(); err != nil {
			return nil, sqliteError(err)
		}
	}
	for n, arg := range args {
		bind(stmt, n+1, arg)
	}
	return stmt, nil
}

// prepared are the statements of one connection, which one transaction has at a time.
type prepared map[string]*sqlite.Stmt

// on runs statements on a connection that is lent.
func (db *sqliteDB) on(conn *sqlite.Conn) *sqliteQuerier {
	of, known := db.prepared.Load(conn)
	if !known {
		of, _ = db.prepared.LoadOrStore(conn, prepared{})
	}
	return &sqliteQuerier{conn: conn, numbers: &db.numbers, statements: &db.statements, prepared: of.(prepared)}
}

// statement is one that was prepared before, with the parameters of its last use: each is bound
// again. Conn.Prepare clears them, and SQLite then plans every statement with a join once more,
// since a parameter that is null now could want another plan. That cost a capture three quarters
// of its time.
func (q *sqliteQuerier) statement(text string) (*sqlite.Stmt, error) {
	if stmt := q.prepared[text]; stmt != nil {
		return stmt, stmt.Reset()
	}
	stmt, err := q.conn.Prepare(text)
	if err == nil {
		q.prepared[text] = stmt
	}
	return stmt, err
}

func bind(stmt *sqlite.Stmt, n int, arg any) {
	switch v := arg.(type) {
	case nil:
		stmt.BindNull(n)
	case string:
		stmt.BindText(n, v)
	case int64:
		stmt.BindInt64(n, v)
	case int:
		stmt.BindInt64(n, int64(v))
	case bool:
		stmt.BindBool(n, v)
	case []byte:
		stmt.BindBytes(n, v)
	case *int64:
		if v == nil {
			stmt.BindNull(n)
		} else {
			stmt.BindInt64(n, *v)
		}
	default:
		r := reflect.ValueOf(arg)
		switch r.Kind() {
		case reflect.String:
			stmt.BindText(n, r.String())
		case reflect.Int, reflect.Int64:
			stmt.BindInt64(n, r.Int())
		default:
			panic(fmt.Sprintf("store: a parameter of type %T", arg))
		}
	}
}

func (q *sqliteQuerier) exec(sql string, args ...any) (int64, error) {
	stmt, err := q.prepare(sql, args)
	if err != nil {
		return 0, err
	}
	for {
		more, err := stmt.Step()
		if err != nil {
			_ = stmt.Reset()
			return 0, sqliteError(err)
		}
		if !more {
			break
		}
	}
	if err := stmt.Reset(); err != nil {
		return 0, sqliteError(err)
	}
	return int64(q.conn.Changes()), nil
}

func (q *sqliteQuerier) query(sql string, each func(scan scanner) error, args ...any) error {
	stmt, err := q.prepare(sql, args)
	if err != nil {
		return err
	}
	defer stmt.Reset()
	scan := func(dst ...any) error { return scanRow(stmt, dst) }
	for {
		more, err := stmt.Step()
		if err != nil {
			return sqliteError(err)
		}
		if !more {
			return nil
		}
		if err := each(scan); err != nil {
			return err
		}
	}
}

func scanRow(stmt *sqlite.Stmt, dst []any) error {
	for n, d := range dst {
		switch v := d.(type) {
		case *string:
			*v = stmt.ColumnText(n)
		case *int64:
			*v = stmt.ColumnInt64(n)
		case *int:
			*v = int(stmt.ColumnInt64(n))
		case *bool:
			*v = stmt.ColumnInt64(n) != 0
		case *[]byte:
			b := make([]byte, stmt.ColumnLen(n))
			stmt.ColumnBytes(n, b)
			*v = b
		case **string:
			*v = nil
			if stmt.ColumnType(n) != sqlite.TypeNull {
				text := stmt.ColumnText(n)
				*v = &text
			}
		case **[]byte:
			*v = nil
			if stmt.ColumnType(n) != sqlite.TypeNull {
				b := make([]byte, stmt.ColumnLen(n))
				stmt.ColumnBytes(n, b)
				*v = &b
			}
		case **int64:
			*v = nil
			if stmt.ColumnType(n) != sqlite.TypeNull {
				i := stmt.ColumnInt64(n)
				*v = &i
			}
		default:
			return fmt.Errorf("store: a column into a %T", d)
		}
	}
	return nil
}

// sqliteError translates by result code.
func sqliteError(err error) error {
	switch code := sqlite.ErrCode(err); code.ToPrimary() {
	case sqlite.ResultConstraint:
		if code == sqlite.ResultConstraintUnique || code == sqlite.ResultConstraintPrimaryKey {
			return fault.Wrap(fault.Conflict, err, "There is one like this already.")
		}
		return fault.Wrap(fault.Internal, err, "The database refused an impossible state.")
	case sqlite.ResultFull:
		return fault.Wrap(fault.Overloaded, err, "The server's disk is full; nothing was changed.")
	case sqlite.ResultIOErr:
		return fault.Wrap(fault.Overloaded, err, "The server's disk failed; nothing was changed.")
	case sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultInterrupt:
		return fault.Wrap(fault.Overloaded, err, "The database is busy; nothing was changed.")
	}
	return fault.Wrap(fault.Internal, err, "The database failed.")
}
