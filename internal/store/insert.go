package store

import (
	"strconv"
	"strings"
	"sync"
)

// together is how many rows one statement inserts. A statement costs about as much as
// the rows in it, so a batch's rows go in sixteens, and what is left over one by one.
const together = 16

// inserts remembers the statements: by what they insert into, for one row and for many.
var inserts sync.Map

type insertText struct{ one, many string }

// insertRows adds n rows to what into names, "table (column, …)" with so many columns;
// row appends the parameters of the nth to args.
func insertRows(q querier, into string, columns, n int, row func(args []any, n int) []any) error {
	if n == 0 {
		return nil
	}
	text := insertsInto(into, columns)
	for at := 0; at < n; {
		size, sql := 1, text.one
		if n-at >= together {
			size, sql = together, text.many
		}
		args := make([]any, 0, columns*size) // a querier may keep them until its round trip
		for i := at; i < at+size; i++ {
			args = row(args, i)
		}
		if _, err := q.exec(sql, args...); err != nil {
			return err
		}
		at += size
	}
	return nil
}

func insertsInto(into string, columns int) insertText {
	if t, ok := inserts.Load(into); ok {
		return t.(insertText)
	}
	t := insertText{"INSERT INTO " + into + " VALUES " + places(columns, 1), "INSERT INTO " + into + " VALUES " + places(columns, together)}
	inserts.Store(into, t)
	return t
}

// places are the parameters of so many rows: ($1,$2),($3,$4).
func places(columns, rows int) string {
	var b strings.Builder
	for n := range columns * rows {
		switch {
		case n == 0:
			b.WriteByte('(')
		case n%columns == 0:
			b.WriteString("),(")
		default:
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n + 1))
	}
	return b.String() + ")"
}
