package contactfile

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"strconv"
	"strings"
	"unicode"
)

// csvRows understands the rows of a CSV file by its header.
type csvRows struct {
	text   *csvText
	layout *layout
	header int      // its line, from 1; 0: there is none
	first  []string // the first row, where it was read in place of a header
}

// newCSV finds the header and reads it: which columns there are, and what parts
// the cells. Without a header the columns are numbered, and the first row says what they are.
func newCSV(r *text, mapping map[string]column, count *census, o Options) (*csvRows, []Problem, error) {
	text := &csvText{window: window{src: r}, decoded: func() bool { name, _ := r.read(); return name != UTF8 }}
	if err := text.begin(); err != nil {
		return nil, nil, err
	}
	c := &csvRows{text: text}
	if !o.NoHeader {
		c.header = 1 + text.preamble(mapping)
	}
	header, err := text.record(1, maxColumns)
	var bad *rowError
	switch {
	case err == io.EOF && o.NoHeader:
		return nil, nil, formatError("the file is empty")
	case err == io.EOF:
		return nil, nil, formatError("the file is empty; its first line must name the columns")
	case errors.As(err, &bad):
		return nil, nil, formatError("the header cannot be read: %s", bad.message)
	case err != nil:
		return nil, nil, err
	}
	if o.NoHeader {
		c.first = header
		header, mapping = numbered(header, mapping)
	}
	l, problems, err := arrange(header, mapping)
	if o.Lenient && err == errNobody {
		problems, err = append(problems, Problem{Message: errNobody.Error()}), nil
	}
	if err != nil {
		return nil, nil, err
	}
	c.layout = l
	l.count(count)
	return c, problems, nil
}

// maxPreamble is how many lines may stand before the header.
const maxPreamble = 20

// preamble moves past what exports write above their header, such as LinkedIn's
// notes, and returns how many lines that is. Where no line of the first few is a
// header the first one is left to be told what is wrong with it.
func (t *csvText) preamble(mapping map[string]column) int {
	first := t.start
	rest := t.left()
	rest = rest[:min(len(rest), maxCell)]
	for n := 0; n <= maxPreamble && len(rest) > 0; n++ {
		end := bytes.IndexAny(rest, lineEnds)
		line := rest
		if end >= 0 {
			line = rest[:end]
		}
		if comma := headerComma(line, t.comma, mapping); comma != 0 {
			t.comma = comma
			t.start = first + cap(t.buf[first:]) - cap(rest)
			return n
		}
		if end < 0 {
			break
		}
		next := end + 1
		if rest[end] == '\r' && next < len(rest) && rest[next] == '\n' {
			next++
		}
		rest = rest[next:]
	}
	return 0
}

// headerComma is what parts a line's cells if it is a header: one that names
// people and, below a preamble, at least two columns that the directory knows.
// 0: it is none.
func headerComma(line []byte, likely byte, mapping map[string]column) byte {
	for _, comma := range []byte{likely, ',', ';', '\t', '|'} {
		if bytes.IndexByte(line, comma) < 0 {
			continue
		}
		text := &csvText{window: window{src: bytes.NewReader(line)}, comma: comma}
		cells, err := text.record(2, maxColumns)
		if err != nil {
			continue
		}
		if isHeader(cells, mapping) {
			return comma
		}
	}
	return 0
}

// isHeader tells a row that names people and has at least two columns that the
// directory knows.
func isHeader(cells []string, mapping map[string]column) bool {
	l, _, err := arrange(cells, nil)
	if err != nil {
		if l, _, err = arrange(cells, only(mapping, cells)); err != nil {
			return false
		}
	}
	known := 0
	for _, p := range l.places {
		if p.to != extra && p.to != left {
			known++
		}
	}
	return known >= 2
}

// only is the part of a mapping that speaks of a line's cells.
func only(mapping map[string]column, cells []string) map[string]column {
	part := map[string]column{}
	for _, cell := range cells {
		if c, ok := mapping[columnName(cell)]; ok {
			part[columnName(cell)] = c
		}
	}
	return part
}

func (c *csvRows) next(raw *rawRow) (advance int, err error) {
	if cells := c.first; cells != nil {
		c.first = nil
		return 1, c.layout.row(raw, cells)
	}
	for {
		cells, err := c.text.record(len(c.layout.places), len(c.layout.places))
		if err == io.EOF {
			return advance, io.EOF
		}
		advance++
		if err != nil {
			raw.cells = []string{c.text.broken}
			return advance, err
		}
		if blank(cells) {
			continue
		}
		return advance, c.layout.row(raw, cells)
	}
}

func (c *csvRows) describe(u *Understood) {
	u.Format, u.Delimiter, u.HeaderRow, u.Columns = c.layout.format, string(c.text.comma), c.header, c.layout.columns()
}

// numbered are the columns of a table without a header, each by its number, and what they are:
// as the mapping says, and else as the first row's cells look.
func numbered(first []string, mapping map[string]column) (header []string, guessed map[string]column) {
	guessed = map[string]column{}
	texts := []column{company, fullName} // of the columns that are neither, the last comes first
	for n, cell := range first {
		name := "Column " + strconv.Itoa(n+1)
		header = append(header, name)
		to := extra
		switch {
		case isProfile(cell):
			to = linkedInURL
		case strings.Contains(cell, "@"):
			to = email
		case len(texts) > 0 && strings.ContainsFunc(cell, unicode.IsLetter):
			to, texts = texts[len(texts)-1], texts[:len(texts)-1]
		}
		if to != extra {
			guessed[columnName(name)] = to
		}
	}
	maps.Copy(guessed, mapping)
	return header, guessed
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
