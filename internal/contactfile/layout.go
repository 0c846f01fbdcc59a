package contactfile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Mapping says what the columns of a file are: a column's name in the file to a
// name of Columns, to "extra", which keeps the column as it is, or to "", which
// leaves it out. What it is silent about is understood by its name.
type Mapping map[string]string

// MappingError says which entry of a mapping cannot be followed.
type MappingError struct{ Column, Message string }

func (e *MappingError) Error() string { return "the mapping of " + e.Column + " " + e.Message }

// Validate holds that every entry leads somewhere.
func (m Mapping) Validate() error {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if _, ok := target(m[name]); !ok {
			return &MappingError{name, fmt.Sprintf("leads to %.64q; it must be one of %s, extra, or empty to leave the column out", m[name], strings.Join(Columns(), ", "))}
		}
	}
	if len(m) > maxColumns {
		return &MappingError{"the file", fmt.Sprintf("names more than %d columns", maxColumns)}
	}
	return nil
}

func target(name string) (column, bool) {
	switch name = columnName(name); name {
	case "":
		return left, true
	case "extra":
		return extra, true
	}
	if c := columnNamed(name); c != extra {
		return c, true
	}
	c := column(slices.Index(columnNames[:], name))
	return c, c != extra
}

// byName is the mapping by the names of columns as columnName has them.
func (m Mapping) byName() map[string]column {
	if len(m) == 0 {
		return nil
	}
	named := make(map[string]column, len(m))
	for name, to := range m {
		if c, ok := target(to); ok {
			named[columnName(name)] = c
		}
	}
	return named
}

// place is where the cells of one column go.
type place struct {
	written string // the column's name as the file has it
	name    string // in our manner; of an extra column its key
	to      column
	kind    int // of the column that says what kind of value this one is; -1: none
}

// layout is what a header was understood as.
type layout struct {
	format string
	places []place
}

// errNobody refuses a header by which nobody could be found. Its layout is whole.
var errNobody = formatError("the header has no column that says who a row is about; it needs one of id, full_name " +
	"(or first_name and last_name), linkedin_url, work_email, personal_emails")

// arrange understands a header.
func arrange(header []string, mapping map[string]column) (*layout, []Problem, error) {
	// Our own list of rejected rows, put right and sent again.
	reimport := len(header) > 2 && columnName(header[0]) == "row" && columnName(header[1]) == "reason"
	l := &layout{format: formatOf(header)}
	if reimport {
		l.format = formatOf(header[2:])
	}
	kinds := map[string]int{} // "phone 2" to the column of its type
	for i, h := range header {
		if m := googleNumbered.FindStringSubmatch(strings.ToLower(strings.TrimSpace(h))); m != nil && m[3] != "value" {
			kinds[m[1]+" "+m[2]] = i
		}
	}
	taken := map[column]bool{}
	for _, h := range header {
		if c := columnNamed(columnName(h)); c != extra {
			taken[c] = true
		}
	}
	seen := map[string]bool{}
	var problems []Problem
	extras := 0
	for i, cell := range header {
		p := place{written: strings.TrimSpace(strings.TrimPrefix(cell, "\ufeff")), name: columnName(cell), kind: -1}
		if p.name == "" { // what stands under it is kept all the same
			p.name = "column_" + strconv.Itoa(i+1)
		}
		if !isColumnName(p.name) {
			return nil, nil, formatError("the header of column %d is not the name of a column", i+1)
		}
		known := columnNamed(p.name)
		if known != extra {
			p.name = columnNames[known]
		}
		if seen[p.name] {
			return nil, nil, formatError("the header names the column %s twice", p.name)
		}
		seen[p.name] = true
		p.to = l.meaning(cell, known, taken)
		l.numbered(&p, kinds)
		if reimport && i < 2 {
			p.to = left
		}
		if c, ok := mapping[columnName(cell)]; ok && c != p.to {
			p.to, p.kind = c, -1
		}
		if p.to == extra {
			if extras++; extras > MaxExtras {
				problems = append(problems, Problem{Column: p.name, Message: tooManyExtras})
				p.to = left
			}
		}
		l.places = append(l.places, p)
	}
	return l, problems, l.check(mapping)
}

// meaning is what a column's name says, where our own names come first and an
// alias of theirs does not stand beside them.
func (l *layout) meaning(cell string, known column, taken map[column]bool) column {
	name := squash(cell)
	if c, ok := formatAliases[l.format][name]; ok && (known == extra || l.format != FormatDirectory && c != known) {
		return c
	}
	if known != extra {
		return known
	}
	c, ok := aliases[name]
	if !ok || taken[c] || l.format == FormatDirectory && !ours(c, taken) {
		return extra
	}
	return c
}

// numbered gives Google's numbered columns their places.
func (l *layout) numbered(p *place, kinds map[string]int) {
	m := googleNumbered.FindStringSubmatch(strings.ToLower(p.written))
	if m == nil || l.format != FormatGoogle {
		return
	}
	switch {
	case m[3] != "value":
		p.to = left
		return
	case m[1] == "phone":
		p.to = phone
	case m[1] == "website":
		p.to = website
	default:
		p.to = email
	}
	if k, ok := kinds[m[1]+" "+m[2]]; ok {
		p.kind = k
	}
}

// ours tells whether another name for a column adds to a header of our own names.
func ours(c column, taken map[column]bool) bool {
	switch c {
	case email:
		return !taken[workEmail] && !taken[personalEmails]
	case phone, homePhone:
		return !taken[workPhones] && !taken[mobilePhones]
	}
	return true
}

// naming are the columns of which a file needs one.
var naming = []column{id, fullName, firstName, lastName, linkedInURL, workEmail, personalEmails, email}

func (l *layout) check(mapping map[string]column) error {
	for name := range mapping {
		if !slices.ContainsFunc(l.places, func(p place) bool { return columnName(p.written) == name }) {
			return &MappingError{name, "names no column of the file"}
		}
	}
	if l.names() {
		return nil
	}
	return errNobody
}

func (l *layout) names() bool {
	return slices.ContainsFunc(l.places, func(p place) bool { return slices.Contains(naming, p.to) })
}

// written are the columns' names as the file has them.
func (l *layout) written() []string {
	names := make([]string, len(l.places))
	for i, p := range l.places {
		names[i] = p.written
	}
	return names
}

// put lays a row's cells under their columns.
func (l *layout) put(raw *rawRow, cells []string) error {
	for i, cell := range cells {
		if len(cell) > maxCell {
			return badRow("the cell in column %d is longer than 64 KiB", i+1)
		}
		p := &l.places[i]
		switch {
		case p.to == left:
		case p.to == extra:
			raw.keep(p.name, cellText(cell))
		case p.kind >= 0:
			raw.typed(p, cells[p.kind], cell)
		default:
			raw.put(p.to, label(p), several(l.format, cell))
		}
	}
	return nil
}

// label is a column's own name where it is not ours.
func label(p *place) string {
	if p.name == columnNames[p.to] {
		return ""
	}
	return p.written
}

// several parts what Google writes into one cell.
func several(format, cell string) string {
	if format == FormatGoogle && strings.Contains(cell, ":::") {
		return strings.ReplaceAll(cell, " ::: ", ";")
	}
	return cell
}

// typed lays a value where the word beside it says: "Mobile", "* Work", "Home Fax".
func (r *rawRow) typed(p *place, kind, cell string) {
	r.put(kindOf(p.to, kind), p.written, strings.ReplaceAll(cell, " ::: ", ";"))
}

// kindOf is the column for a number or address that is said to be of a kind.
func kindOf(c column, kind string) column {
	words := strings.FieldsFunc(strings.ToLower(kind), func(r rune) bool { return r < 'a' || r > 'z' })
	is := func(some ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(some, w) })
	}
	switch {
	case c == phone && is("fax", "workfax", "homefax", "otherfax", "pager", "telex", "modem", "bbs"):
		return left
	case c == phone && is("mobile", "cell", "cellular", "iphone", "handy"):
		return mobilePhones
	case c == phone && is("main", "company", "switchboard"):
		return companyPhone
	case c == phone && is("home", "private"):
		return homePhone
	case c == phone && is("work", "office", "business", "direct"):
		return workPhones
	case c == email && is("work", "office", "business"):
		return workEmail
	case c == email && is("home", "private", "personal"):
		return personalEmails
	}
	return c
}
