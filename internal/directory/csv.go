package directory

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// csvRows understands the rows of a CSV file by its header.
type csvRows struct {
	text    *csvText
	columns []column // by place
	names   []string // empty where the column is left out
}

// newCSV reads the header: which columns there are, and what parts the cells.
func newCSV(r io.Reader) (*csvRows, []Problem, error) {
	text := &csvText{window: window{src: r}}
	if err := text.begin(); err != nil {
		return nil, nil, err
	}
	header, err := text.record(1, maxColumns)
	var bad *rowError
	switch {
	case err == io.EOF:
		return nil, nil, formatError("the file is empty; its first line must name the columns")
	case errors.As(err, &bad):
		return nil, nil, formatError("the header cannot be read: %s", bad.message)
	case err != nil:
		return nil, nil, err
	}
	c := &csvRows{text: text}
	problems, err := c.head(header)
	return c, problems, err
}

// head takes the header's cells for the columns.
func (c *csvRows) head(header []string) ([]Problem, error) {
	seen := make(map[string]bool)
	var problems []Problem
	extras := 0
	for i, cell := range header {
		name := columnName(cell)
		if name == "" { // what stands under it is kept all the same
			name = "column_" + strconv.Itoa(i+1)
		}
		if !isColumnName(name) {
			return nil, formatError("the header of column %d is not the name of a column", i+1)
		}
		known := columnNamed(name)
		if known != extra {
			name = columnNames[known]
		}
		if seen[name] {
			return nil, formatError("the header names the column %s twice", name)
		}
		seen[name] = true
		if known == extra {
			if extras++; extras > maxExtras {
				problems = append(problems, Problem{Column: name, Message: tooManyExtras})
				name = ""
			}
		}
		c.columns, c.names = append(c.columns, known), append(c.names, name)
	}
	for _, naming := range []column{id, fullName, firstName, lastName, linkedInURL, workEmail, personalEmails} {
		if seen[columnNames[naming]] {
			return problems, nil
		}
	}
	return nil, formatError("the header has no column that says who a row is about; it needs one of id, full_name " +
		"(or first_name and last_name), linkedin_url, work_email, personal_emails")
}

func (c *csvRows) next(raw *rawRow) (advance int, err error) {
	for {
		cells, err := c.text.record(len(c.columns), len(c.columns))
		if err == io.EOF {
			return advance, io.EOF
		}
		advance++
		if err != nil {
			return advance, err
		}
		if blank(cells) {
			continue
		}
		return advance, c.place(raw, cells)
	}
}

// place puts the cells under their columns.
func (c *csvRows) place(raw *rawRow, cells []string) error {
	for i, cell := range cells {
		if len(cell) > maxCell {
			return badRow("the cell in column %d is longer than 64 KiB", i+1)
		}
		if known := c.columns[i]; known != extra {
			raw.known[known] = cell
		} else if c.names[i] != "" {
			raw.keep(c.names[i], cellText(cell))
		}
	}
	return nil
}

// blank tells a line of nothing, or of nothing but delimiters, such as sheets
// end with.
func blank(cells []string) bool {
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

func isColumnName(s string) bool {
	return len(s) <= maxName && !strings.ContainsFunc(s, unicode.IsControl)
}
