package store

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"zombiezen.com/go/sqlite"

	"github.com/leadmeter/leadmeter/internal/fault"
)

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
	case *string:
		stmt.BindText(n, *v)
	case *int64:
		if v == nil {
			stmt.BindNull(n)
		} else {
			stmt.BindInt64(n, *v)
		}
	case *int:
		stmt.BindInt64(n, int64(*v))
	case *[]byte:
		stmt.BindBytes(n, *v)
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
