package frame

import (
	"net/url"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/contactfile"
)

// MappedColumn is a column of a file and where it may lead.
type MappedColumn struct {
	Name   string
	Fields []Option
	Sample string // what the first rows hold
}

// MappedColumns are the columns of a file with what the first rows hold. options are the fields
// that a column may lead to, the one that it is taken for selected.
func MappedColumns(columns []contactfile.UnderstoodColumn, rows [][]string, options func(chosen string) []Option) (list []MappedColumn) {
	for n, c := range columns {
		list = append(list, MappedColumn{Name: c.Name, Fields: options(c.Field), Sample: sampleOf(rows, n)})
	}
	return list
}

// sampleOf is what the first rows hold in a column.
func sampleOf(rows [][]string, column int) string {
	const most = 60
	var seen []string
	for _, cells := range rows {
		if column < len(cells) && cells[column] != "" && !slices.Contains(seen, cells[column]) && len(seen) < 3 {
			cell := []rune(cells[column])
			if len(cell) > most {
				cell = append(cell[:most-1:most-1], '…')
			}
			seen = append(seen, string(cell))
		}
	}
	return strings.Join(seen, " · ")
}

// MappingOf is what the form around Mapping says. A column without a name is kept as it is.
func MappingOf(form url.Values) contactfile.Mapping {
	names, fields := form["column"], form["field"]
	mapping := contactfile.Mapping{}
	for n, name := range names {
		if n < len(fields) && strings.TrimSpace(name) != "" {
			mapping[name] = fields[n]
		}
	}
	return mapping
}
