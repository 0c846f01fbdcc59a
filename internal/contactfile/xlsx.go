package contactfile

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// sheetRows reads the rows of a worksheet.
type sheetRows struct {
	book *workbook
	src  io.Closer
	tags *tags
	at   int // the row that was read last, from 1
}

// rows begins to read a sheet.
func (w *workbook) rows(s worksheet) (*sheetRows, error) {
	r, err := w.open(s.part)
	if err != nil {
		return nil, err
	}
	return &sheetRows{book: w, src: r, tags: newTags(r)}, nil
}

// next is the cells of the next row that the sheet has, whose number is at. It
// returns io.EOF after the last; a *rowError rejects the row.
func (s *sheetRows) next() (cells []string, err error) {
	for {
		tag, err := s.tags.next()
		if err == io.EOF {
			return nil, errNoBook // the sheet's end is missing
		}
		if err != nil {
			return nil, spoiled(err)
		}
		switch tag := tag.(type) {
		case xml.StartElement:
			if tag.Name.Local != "row" {
				continue
			}
			s.at = max(s.at+1, atoi(attribute(tag, "r")))
			if s.at > maxSheetRows {
				return nil, formatError("the sheet has more than %d rows", maxSheetRows)
			}
			return s.row()
		case xml.EndElement:
			if tag.Name.Local == "sheetData" || tag.Name.Local == "worksheet" {
				s.src.Close()
				return nil, io.EOF
			}
		}
	}
}

// row reads the cells of the row that began last.
func (s *sheetRows) row() (cells []string, err error) {
	column, size, bad := 0, 0, ""
	for depth := s.tags.depth; s.tags.depth >= depth; {
		tag, err := s.tags.next()
		if err != nil {
			return nil, spoiled(noEnd(err))
		}
		start, ok := tag.(xml.StartElement)
		if !ok || start.Name.Local != "c" {
			continue
		}
		if column++; attribute(start, "r") != "" {
			column = columnOf(attribute(start, "r"), column)
		}
		text, err := s.cell(start)
		if err != nil {
			return nil, spoiled(noEnd(err))
		}
		switch {
		case text == "" || bad != "":
		case column > maxColumns:
			bad = "the row has more than " + strconv.Itoa(maxColumns) + " cells"
		case size+len(text) > maxRow:
			bad = "the row is longer than 1 MiB"
		case strings.ContainsRune(text, 0):
			bad = "the row holds a NUL character"
		default:
			for size += len(text); len(cells) < column; {
				cells = append(cells, "")
			}
			cells[column-1] = text
		}
	}
	if bad != "" {
		return cells, badRow("%s", bad)
	}
	return cells, nil
}

// noEnd makes the end of a file within a row the end of a broken file.
func noEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return errNoBook
	}
	return err
}

// cell is the text of a cell: what people see, but every digit of a number, a date as
// YYYY-MM-DD, nothing for an error such as #N/A, and a link's formula as it is written,
// which is read as in CSV.
func (s *sheetRows) cell(c xml.StartElement) (string, error) {
	kind, style := attribute(c, "t"), atoi(attribute(c, "s"))
	var value, inline, formula string
	for depth := s.tags.depth; s.tags.depth >= depth; {
		tag, err := s.tags.next()
		if err != nil {
			return "", err
		}
		start, ok := tag.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "v":
			value, err = s.tags.content()
		case "f":
			formula, err = s.tags.content()
		case "is":
			inline, err = s.tags.text()
		}
		if err != nil {
			return "", err
		}
	}
	if _, _, ok := hyperlink("=" + formula); formula != "" && ok {
		return "=" + formula, nil
	}
	switch kind {
	case "s":
		if n := atoi(value); n < len(s.book.texts) && value != "" {
			return s.book.texts[n], nil
		}
		return "", nil
	case "inlineStr":
		return inline, nil
	case "str":
		return plainText(value), nil
	case "b":
		return map[string]string{"1": "TRUE", "0": "FALSE"}[value], nil
	case "e":
		return "", nil
	case "d":
		return value, nil
	}
	return s.book.number(value, style), nil
}

// content is the text of the element that began last, to its end.
func (t *tags) content() (string, error) {
	var text strings.Builder
	for depth := t.depth; t.depth >= depth; {
		tag, err := t.next()
		if err != nil {
			return "", err
		}
		if data, ok := tag.(xml.CharData); ok {
			text.Write(data[:min(len(data), max(0, maxCell+1-text.Len()))])
		}
	}
	return text.String(), nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// atoi is a number that is not negative; 0 for what is none.
func atoi(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// columnOf is the column of a cell's reference, BC12, from 1. What is no reference is
// the column that it would have without one.
func columnOf(reference string, next int) int {
	n := 0
	for _, c := range []byte(strings.ToUpper(reference)) {
		if c < 'A' || c > 'Z' || n > maxColumns {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	if n == 0 {
		return next
	}
	return n
}

// xlsxRows understands the rows of the one sheet of a workbook that holds people, by
// its header.
type xlsxRows struct {
	sheet  *sheetRows
	name   string
	header int // its row, from 1
	layout *layout
}

// newXLSX finds the first sheet with a header that names people, as newCSV finds the
// line: below a preamble with two columns that the directory knows. Without one it is
// the first row of the first sheet that is not empty.
func newXLSX(r io.Reader, mapping map[string]column, count *census, lenient bool) (*xlsxRows, []Problem, error) {
	book, err := openWorkbook(r)
	if err != nil {
		return nil, nil, err
	}
	sheet, at, err := book.people(mapping)
	if err != nil {
		return nil, nil, err
	}
	x := &xlsxRows{name: sheet.name}
	if x.sheet, err = book.rows(sheet); err != nil {
		return nil, nil, err
	}
	var header []string
	for x.header < at {
		if header, err = x.sheet.next(); err != nil && !isBadRow(err) {
			return nil, nil, err
		}
		x.header = x.sheet.at
	}
	l, problems, err := arrange(header, mapping)
	if lenient && err == errNobody {
		problems, err = append(problems, Problem{Message: errNobody.Error()}), nil
	}
	if err != nil {
		return nil, nil, err
	}
	x.layout = l
	l.count(count)
	return x, problems, nil
}

func isBadRow(err error) bool {
	var bad *rowError
	return errors.As(err, &bad)
}

// people is the sheet to be read and the row of its header.
func (w *workbook) people(mapping map[string]column) (sheet worksheet, at int, err error) {
	for _, s := range w.sheets {
		rows, err := w.rows(s)
		if err != nil {
			return sheet, 0, err
		}
		for n := 0; n <= maxPreamble; n++ {
			cells, err := rows.next()
			if err == io.EOF {
				break
			}
			if err != nil && !isBadRow(err) {
				return sheet, 0, err
			}
			if err == nil && isHeader(cells, mapping) {
				rows.src.Close()
				return s, rows.at, nil
			}
			if at == 0 && err == nil && !blank(cells) {
				sheet, at = s, rows.at
			}
		}
		rows.src.Close()
	}
	if at == 0 {
		return sheet, 0, formatError("the workbook is empty; the first row of a sheet must name the columns")
	}
	return sheet, at, nil
}

func (x *xlsxRows) next(raw *rawRow) (advance int, err error) {
	for before := x.sheet.at; ; {
		cells, err := x.sheet.next()
		if err == io.EOF {
			return 0, io.EOF
		}
		advance = x.sheet.at - before
		if err != nil {
			raw.cells = cells
			return advance, err
		}
		if blank(cells) {
			continue
		}
		return advance, x.layout.row(raw, cells)
	}
}

func (x *xlsxRows) describe(u *Understood) {
	u.Format, u.Sheet, u.HeaderRow, u.Columns = x.layout.format, x.name, x.header, x.layout.columns()
}
