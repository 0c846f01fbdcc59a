package contactfile

import (
	"fmt"
	"slices"
)

// Understood is what a file was taken for, and what its columns are.
type Understood struct {
	Format    string             // one of the Format constants
	Encoding  string             // by its usual name: UTF-8, UTF-16 LE, Windows-1252, Shift_JIS …
	Guessed   bool               `json:",omitempty"` // whether the encoding was told by the bytes alone
	Delimiter string             // what parts the cells of a CSV; else empty
	Sheet     string             `json:",omitempty"` // the sheet of a workbook that was read
	HeaderRow int                // the line of the header, from 1; 0: the format has none
	Columns   []UnderstoodColumn // of a table; other formats name their values row by row
}

// UnderstoodColumn is one column of a file and where it leads: a name of Columns,
// "extra", or "" for one that is left out.
type UnderstoodColumn struct{ Name, Field string }

// Place is where the header is, and what separates the cells, in words; empty: the
// format has no header.
func (u *Understood) Place() string {
	switch {
	case u.HeaderRow == 0:
		return ""
	case u.Sheet != "":
		return fmt.Sprintf("header in row %d of the sheet %q", u.HeaderRow, u.Sheet)
	}
	by := fmt.Sprintf("%q", u.Delimiter)
	if u.Delimiter == "\t" {
		by = "tabs"
	}
	return fmt.Sprintf("header in line %d, cells separated by %s", u.HeaderRow, by)
}

// Header is the columns' names as they are written in the file.
func (u *Understood) Header() []string {
	names := make([]string, len(u.Columns))
	for i, c := range u.Columns {
		names[i] = c.Name
	}
	return names
}

// Names tells that a column says who a row is about. A format without columns says it row by row.
func (u *Understood) Names() bool {
	return len(u.Columns) == 0 || slices.ContainsFunc(u.Columns, func(c UnderstoodColumn) bool {
		return slices.ContainsFunc(naming, func(of column) bool { return of.name() == c.Field })
	})
}
