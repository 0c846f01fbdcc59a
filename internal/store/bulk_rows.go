package store

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"
)

// bulkRows is a statement that writes many rows of a table in one go: an array for each column.
// Columns that mostly have one value in all rows of a batch are in parts; a part in which all rows
// are alike is sent once, without an array. Of an insert of entries that saves the server 40 %.
type bulkRows[T any] struct {
	each  []column[T]
	parts [][]column[T]
	// texts are the statement in all its forms: bit n says that part n is sent once.
	texts []string
}

// column is one of T's values; one of the functions is set.
type column[T any] struct {
	name  string
	text  func(*T) string
	num   func(*T) int64
	maybe func(*T) *int64
	data  func(*T) []byte
}

// newBulkRows makes the statement; text is told the columns and a SELECT of rows with them.
func newBulkRows[T any](text func(columns, rows string) string, each []column[T], parts ...[]column[T]) *bulkRows[T] {
	b := &bulkRows[T]{each: each, parts: parts}
	for form := range 1 << len(parts) {
		arrays, once := b.split(form)
		var names, values, params []string
		for n, c := range once {
			names, values = append(names, c.name), append(values, fmt.Sprintf("$%d::%s", n+1, c.kind()))
		}
		for n, c := range arrays {
			names, params = append(names, c.name), append(params, fmt.Sprintf("$%d::%s[]", len(once)+n+1, c.kind()))
		}
		columns := strings.Join(names, ", ")
		b.texts = append(b.texts, text(columns, "SELECT "+strings.Join(append(values, "u.*"), ", ")+" FROM unnest("+strings.Join(params, ", ")+") AS u"))
	}
	return b
}

// insertInto is the text of an insert; after says what to do with rows that are there.
func insertInto(table, after string) func(columns, rows string) string {
	return func(columns, rows string) string {
		return "INSERT INTO " + table + " (" + columns + ") " + rows + after
	}
}

// split is what a form sends as arrays and what once.
func (b *bulkRows[T]) split(form int) (arrays, once []column[T]) {
	arrays = append(arrays, b.each...)
	for n, part := range b.parts {
		if form&(1<<n) != 0 {
			once = append(once, part...)
		} else {
			arrays = append(arrays, part...)
		}
	}
	return arrays, once
}

// queue adds the statement for the rows to a group; without rows there is none.
func (b *bulkRows[T]) queue(g *group, rows []T) {
	if len(rows) == 0 {
		return
	}
	form := 0
	for n, part := range b.parts {
		if alike(part, rows) {
			form |= 1 << n
		}
	}
	args := make([]any, 0, len(b.each)+6*len(b.parts))
	for n, part := range b.parts {
		for _, c := range part {
			if form&(1<<n) != 0 {
				args = append(args, c.of(&rows[0]))
			}
		}
	}
	for _, c := range b.each {
		args = append(args, c.array(rows))
	}
	for n, part := range b.parts {
		for _, c := range part {
			if form&(1<<n) == 0 {
				args = append(args, c.array(rows))
			}
		}
	}
	g.queue(b.texts[form], nil, args...)
}

func alike[T any](part []column[T], rows []T) bool {
	for _, c := range part {
		if !c.alike(rows) {
			return false
		}
	}
	return true
}

func (c *column[T]) kind() string {
	switch {
	case c.text != nil:
		return "text"
	case c.data != nil:
		return "bytea"
	}
	return "bigint"
}

// alike tells of the columns that parts have: texts and numbers.
func (c *column[T]) alike(rows []T) bool {
	if c.text != nil {
		first := c.text(&rows[0])
		for n := range rows {
			if c.text(&rows[n]) != first {
				return false
			}
		}
		return true
	}
	first := c.num(&rows[0])
	for n := range rows {
		if c.num(&rows[n]) != first {
			return false
		}
	}
	return true
}

func (c *column[T]) of(row *T) any {
	if c.text != nil {
		return c.text(row)
	}
	return c.num(row)
}

func (c *column[T]) array(rows []T) any {
	switch {
	case c.text != nil:
		return each(rows, c.text)
	case c.num != nil:
		return each(rows, c.num)
	case c.maybe != nil:
		return each(rows, c.maybe)
	}
	return each(rows, c.data)
}

// each is a column as an array that pgx encodes without reflection.
func each[T, V any](rows []T, of func(*T) V) pgtype.FlatArray[V] {
	list := make(pgtype.FlatArray[V], len(rows))
	for n := range rows {
		list[n] = of(&rows[n])
	}
	return list
}
