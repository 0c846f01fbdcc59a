package contactfile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/leadmeter/leadmeter/internal/lead"
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
	second  bool // beside a column of ours that means the same: it counts where that is empty
	link    bool // only where a cell is a profile's address
	counts  *counts
	custom  int // of a Google custom field: the place of its label + 1; of the label: -1
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
	taken := map[column]bool{}
	for _, h := range header {
		if c := columnNamed(columnName(h)); c != extra {
			taken[c] = true
		}
	}
	if l.format != FormatDirectory && slices.ContainsFunc(header, func(h string) bool { return squash(h) == "jobtitle" }) {
		delete(taken, title) // Outlook's Title is Mr.
	}
	seen := map[string]bool{}
	var problems []Problem
	for i, cell := range header {
		p := place{written: strings.TrimSpace(strings.TrimPrefix(cell, "\ufeff")), name: columnName(cell), kind: -1}
		if p.name == "" { // what stands under it is kept all the same
			p.name = "column_" + strconv.Itoa(i+1)
		}
		if !isColumnName(p.name) {
			return nil, nil, formatError("the header of column %d is not the name of a column", i+1)
		}
		known := columnNamed(p.name)
		p.to = l.meaning(cell, known, taken)
		p.second = known == extra && taken[p.to] && !p.to.isList() && p.to != linkedInURL
		if known != extra && p.to == known {
			p.name = columnNames[known]
		}
		if seen[p.name] {
			problems = append(problems, p.again(seen))
		}
		seen[p.name] = true
		if reimport && i < 2 {
			p.to = left
		}
		l.places = append(l.places, p)
	}
	l.beside(taken)
	l.kinds()
	l.customs()
	l.follow(header, mapping)
	problems = append(problems, l.bound()...)
	if err := l.check(mapping); err != nil {
		return l, problems, err
	}
	if l.format != FormatDirectory && !slices.ContainsFunc(l.places, func(p place) bool { return slices.Contains(byName, p.to) }) {
		problems = append(problems, Problem{Message: "no column is read as people's names; map one to full_name, or two to first_name and last_name"})
	}
	return l, problems, nil
}

// byName are the columns of people's names.
var byName = []column{fullName, firstName, lastName}

// count has the file's columns counted.
func (l *layout) count(c *census) {
	for i := range l.places {
		if p := &l.places[i]; p.to != left {
			p.counts = c.column(cmp.Or(p.written, p.name), p.to)
		}
	}
}

// again names a column whose name the header has before.
func (p *place) again(seen map[string]bool) Problem {
	first, n := p.name, 2
	for seen[first+"_"+strconv.Itoa(n)] {
		n++
	}
	p.name = first + "_" + strconv.Itoa(n)
	if p.to.isList() || p.to == linkedInURL {
		return Problem{Column: first, Message: "stands more than once in the header; the values of all its columns are read"}
	}
	return Problem{Column: first, Message: "stands more than once in the header; the first that is filled is read, and another is kept as " + p.name}
}

// beside settles columns whose meaning depends on those beside them.
func (l *layout) beside(taken map[column]bool) {
	has := func(c column) bool { return slices.ContainsFunc(l.places, func(p place) bool { return p.to == c }) }
	first, last := has(firstName), has(lastName)
	for i := range l.places {
		p := &l.places[i]
		switch {
		case p.to == called && first && !last:
			p.to = lastName
		case p.to == given && last && !first:
			p.to = firstName
		case p.to == called || p.to == given:
			p.to, p.second = fullName, taken[fullName]
		case p.to == link:
			p.to, p.link = linkedInURL, true
		case p.to == salutation, p.to == title && p.name == "title" && !taken[title]:
			p.to = extra
			if p.name == "title" {
				p.name = "salutation"
			}
		}
	}
}

// follow obeys a mapping.
func (l *layout) follow(header []string, mapping map[string]column) {
	for i, cell := range header {
		if c, ok := mapping[columnName(cell)]; ok && c != l.places[i].to {
			p := &l.places[i]
			p.to, p.kind, p.link, p.second, p.custom = c, -1, false, false, 0
		}
	}
}

// bound leaves out columns beyond those that may be kept.
func (l *layout) bound() (problems []Problem) {
	extras := 0
	for i := range l.places {
		if p := &l.places[i]; p.to == extra {
			if extras++; extras > MaxExtras {
				problems = append(problems, Problem{Column: p.name, Message: tooManyExtras})
				p.to = left
			}
		}
	}
	return problems
}

// meaning is what a column's name says, where our own names come first and an
// alias of theirs does not stand beside them.
func (l *layout) meaning(cell string, known column, taken map[column]bool) column {
	if m := googleNumbered.FindStringSubmatch(strings.ToLower(strings.TrimSpace(cell))); m != nil && l.format == FormatGoogle {
		switch {
		case m[3] != "value":
			return left
		case m[1] == "phone":
			return phone
		case m[1] == "website":
			return website
		}
		return email
	}
	name := squash(cell)
	if c, ok := formatAliases[l.format][name]; ok && (known == extra || l.format != FormatDirectory && c != known) {
		return c
	}
	if known != extra {
		return known
	}
	c := aliased(cell)
	switch {
	case c == extra:
	case l.format == FormatDirectory && !ours(c, taken):
		return extra
	}
	return c
}

// ours tells whether another name for a column adds to a header of our own names.
func ours(c column, taken map[column]bool) bool {
	switch c {
	case email:
		return !taken[workEmail] && !taken[personalEmails]
	case phone, homePhone:
		return !taken[workPhones] && !taken[mobilePhones]
	case called, given:
		return !taken[fullName]
	case city, region, website, link, left, salutation:
		return false // a file of ours may have such columns of its own
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

// columns are what the header was understood as.
func (l *layout) columns() []UnderstoodColumn {
	list := make([]UnderstoodColumn, len(l.places))
	for i, p := range l.places {
		list[i] = UnderstoodColumn{Name: p.written, Field: p.to.name()}
	}
	return list
}

// row puts the cells of a row under their columns. What it lacks at its
// end a spreadsheet has left out; what it has beyond the header must be empty.
func (l *layout) row(raw *rawRow, cells []string) error {
	for n := len(l.places); len(cells) > n && strings.TrimSpace(cells[len(cells)-1]) == ""; {
		cells = cells[:len(cells)-1]
	}
	raw.cells = cells
	if len(cells) > len(l.places) {
		return badRow("the row has more than %d cells", len(l.places))
	}
	for len(cells) < len(l.places) {
		cells = append(cells, "")
	}
	return l.put(raw, cells)
}

// put lays a row's cells under their columns.
func (l *layout) put(raw *rawRow, cells []string) error {
	var later []int
	for i, cell := range cells {
		if len(cell) > maxCell {
			return badRow("the cell in column %d is longer than 64 KiB", i+1)
		}
		p := &l.places[i]
		p.counts.cell(cell)
		switch {
		case p.custom != 0 && ownField(cells[max(p.custom-1, 0)], p.custom, cell) != extra:
			if p.custom > 0 {
				raw.put(ownField(cells[p.custom-1], p.custom, cell), p.written, cell)
			}
		case p.second:
			later = append(later, i)
		case p.kind >= 0:
			typed := *p
			typed.to = kindOf(p.to, cells[p.kind])
			l.cell(raw, &typed, cell)
		default:
			l.cell(raw, p, cell)
		}
	}
	for _, i := range later {
		l.cell(raw, &l.places[i], cells[i])
	}
	return nil
}

// cell lays one cell where its column leads.
func (l *layout) cell(raw *rawRow, p *place, cell string) {
	switch {
	case p.to == left:
	case p.to == website && isProfile(cell): // Google's only place for one
		raw.put(linkedInURL, label(p), cell)
	case p.to == extra, p.link && !isProfile(cell):
		raw.keep(p.name, cellText(cell))
	case !raw.put(p.to, label(p), several(cell)):
		raw.keep(p.name, cellText(cell))
	}
}

// isProfile tells a cell of a column of any links that is a person's profile.
func isProfile(cell string) bool {
	if target, _, ok := hyperlink(cell); ok {
		cell = target
	}
	key, err := lead.ProfileURL(lead.Visible(cell))
	return err == nil && strings.HasPrefix(key, "linkedin.com/")
}

// label is a column's own name where it is not ours.
func label(p *place) string {
	if p.to < columnCount && p.to > extra && p.name == columnNames[p.to] {
		return ""
	}
	return p.written
}

// several parts what Google writes into one cell.
func several(cell string) string {
	if strings.Contains(cell, " ::: ") {
		return strings.ReplaceAll(cell, " ::: ", ";")
	}
	return cell
}
