package store

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// What the engines keep differently is here and nowhere else: entries and receipts, which SQLite
// finds by an account's number (see place). A Table shows them as Postgres has them.

// asShared gives a table of SQLite the columns and the key that Postgres has.
func (t *Table) asShared() {
	workspace := Column{Name: "workspace_id", Kind: Text}
	switch t.Name {
	case "entries":
		t.Columns, t.key = append(t.Columns, workspace), []string{"workspace_id", "seq"}
	case "receipts":
		for n := range t.Columns {
			if t.Columns[n].Name == workspace.Name {
				t.Columns[n] = workspace
			}
		}
	}
}

// reading is how rows of a table are read in the order of its key.
type reading struct {
	list  []string // what is read for each column
	from  string
	where string   // empty: all rows
	key   []string // what rows are ordered by
	kinds []Kind   // of key
	owner int      // the column that a join finds the workspace for; -1: there is no join
}

func (t *Table) reading(sqlite bool) reading {
	r := reading{from: t.Name, key: t.key, owner: -1}
	for _, c := range t.Columns {
		r.list = append(r.list, c.Name)
	}
	for _, name := range t.key {
		r.kinds = append(r.kinds, t.Columns[t.index(name)].Kind)
	}
	switch {
	case t.Name == "server_settings":
		r.where = "name NOT IN ('" + SettingMovedTo + "', '" + SettingCopiedFrom + "')"
	case sqlite && t.Name == "entries":
		r.list[t.index("workspace_id")], r.list[t.index("seq")] = "n.workspace_id", fmt.Sprintf("seq & %d", int64(1)<<ownBits-1)
		r.from = fmt.Sprintf("entries LEFT JOIN account_numbers n ON n.number = seq >> %d", ownBits)
		r.key, r.kinds, r.owner = []string{"seq"}, []Kind{Number}, t.Workspace()
	case sqlite && t.Name == "receipts":
		r.list[t.index("workspace_id")] = "n.workspace_id"
		r.from = "receipts r LEFT JOIN account_numbers n ON n.number = r.workspace_id"
		r.key, r.kinds, r.owner = []string{"r.key", "r.workspace_id"}, []Kind{Bytes, Number}, t.Workspace()
	}
	return r
}

func (t *Table) index(column string) int {
	for n, c := range t.Columns {
		if c.Name == column {
			return n
		}
	}
	panic("store: table " + t.Name + " has no column " + column)
}

// Workspace is the place in a row of the workspace that owns it; -1: the table is the server's.
func (t *Table) Workspace() int {
	for n, c := range t.Columns {
		if c.Name == "workspace_id" {
			return n
		}
	}
	return -1
}

// Position is the last row that was read, by the key of the database that it was read from.
// A nil Position is before the first row.
type Position []any

// Read hands over at most limit rows that are after a position, in the order of the key, each with
// its own position. It ends early when each returns false.
func (t Tables) Read(table Table, after Position, limit int, each func(row []any, at Position) bool) error {
	r := table.reading(t.sqlite)
	where, args := r.where, []any(nil)
	if after != nil {
		if where != "" {
			where += " AND "
		}
		where += "(" + strings.Join(r.key, ", ") + ") > " + places(len(r.key), 1)
		args = after
	}
	sql := "SELECT " + strings.Join(r.list, ", ") + ", " + strings.Join(r.key, ", ") + " FROM " + r.from
	if where != "" {
		sql += " WHERE " + where
	}
	sql += " ORDER BY " + strings.Join(r.key, ", ") + " LIMIT $" + strconv.Itoa(len(args)+1)
	dst := pointers(table.Columns, r.kinds)
	err := t.q.query(sql, func(scan scanner) error {
		if err := scan(dst...); err != nil {
			return err
		}
		values := make([]any, len(dst))
		for n := range dst {
			values[n] = pointed(dst[n])
		}
		row, at := values[:len(table.Columns)], Position(values[len(table.Columns):])
		if r.owner >= 0 && row[r.owner] == "" {
			return fmt.Errorf("store: %s %v belongs to no account", table.Name, at)
		}
		if !each(row, at) {
			return errEnough
		}
		return nil
	}, append(args, limit)...)
	if err == errEnough {
		return nil
	}
	return err
}

// pointers are what a row's columns, and after them the columns of its key, are copied to.
func pointers(columns []Column, key []Kind) (dst []any) {
	for _, c := range columns {
		switch {
		case c.Kind == Text && c.Null:
			dst = append(dst, new(*string))
		case c.Kind == Text:
			dst = append(dst, new(string))
		case c.Kind == Bytes && c.Null:
			dst = append(dst, new(*[]byte))
		case c.Kind == Bytes:
			dst = append(dst, new([]byte))
		case c.Null:
			dst = append(dst, new(*int64))
		default:
			dst = append(dst, new(int64))
		}
	}
	for _, kind := range key {
		dst = append(dst, pointers([]Column{{Kind: kind}}, nil)...)
	}
	return dst
}

// pointed is the value that a pointer leads to; nil: null.
func pointed(dst any) any {
	switch v := dst.(type) {
	case *string:
		return *v
	case *int64:
		return *v
	case *[]byte:
		return *v
	case **string:
		if *v != nil {
			return **v
		}
	case **int64:
		if *v != nil {
			return **v
		}
	case **[]byte:
		if *v != nil {
			return **v
		}
	}
	return nil
}

var errEnough = errors.New("store: enough rows")

// Insert adds rows to a table.
func (t Tables) Insert(table Table, rows [][]any) error {
	if lite, ok := t.q.(*sqliteQuerier); ok {
		return lite.insertInto(table, rows)
	}
	q := t.q.(*postgresQuerier)
	names := make([]string, len(table.Columns))
	for n, c := range table.Columns {
		names[n] = c.Name
	}
	for _, row := range rows {
		for n, v := range row {
			if text, ok := v.(string); ok && (strings.ContainsRune(text, 0) || !utf8.ValidString(text)) {
				return fmt.Errorf("a value in column %s of table %s has a zero byte or is not UTF-8, and Postgres refuses both; correct it in the source", names[n], table.Name)
			}
		}
	}
	_, err := q.tx.CopyFrom(q.ctx, pgx.Identifier{table.Name}, names, pgx.CopyFromRows(rows))
	return postgresError(err)
}

// insertInto adds rows as SQLite keeps them.
func (q *sqliteQuerier) insertInto(table Table, rows [][]any) error {
	names := make([]string, 0, len(table.Columns))
	for _, c := range table.Columns {
		names = append(names, c.Name)
	}
	ws, seq := table.Workspace(), -1
	if table.Name == "entries" {
		seq = table.index("seq")
		names = slices.Delete(names, ws, ws+1)
	}
	numbered := seq >= 0 || table.Name == "receipts"
	var at []place
	if numbered {
		var err error
		if at, err = q.places(len(rows), func(n int) string { return rows[n][ws].(string) }); err != nil {
			return err
		}
	}
	err := insertRows(q, table.Name+" ("+strings.Join(names, ", ")+")", len(names), len(rows), func(args []any, n int) []any {
		for c, v := range rows[n] {
			switch {
			case seq >= 0 && c == ws:
				continue
			case c == seq:
				v = at[n].seq(v.(int64))
			case numbered && c == ws:
				v = at[n].number
			}
			args = append(args, v)
		}
		return args
	})
	if table.Name == "accounts" {
		for n := 0; n < len(rows) && err == nil; n++ {
			err = q.number(rows[n][ws].(string))
		}
	}
	return err
}
