package contactfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxReread bounds, in bytes, what is read a second time over a whole file, so
// that a file made of nothing but broken quotes still takes linear time.
const maxReread = 64 << 20

// maxWritten bounds the cells of a row as it is written, empty ones included: what a
// spreadsheet has columns.
const maxWritten = 16 << 10

// lineEnds end a line in CSV: LF, CR, or both together.
const lineEnds = "\r\n"

// csvText splits CSV text into rows of cells.
//
// encoding/csv is not used, for what it does at a bad quote: an opened quote
// that nobody closed takes the rest of the file for one cell, all in memory, and
// one typing mistake in row 5 costs every row after it. Its LazyQuotes hide the
// mistake and swallow the rows all the same. This reader holds at most one row,
// of maxRow bytes, and where a row that spans lines turns out to be broken it
// goes back and reads on at that row's second line. The price is that a broken
// row's further lines are taken for rows: mostly they have too few cells, and
// are rejected in turn.
//
// A quote within a cell that did not begin with one is an ordinary character
// (5" screen). Within quotes so is a line end.
type csvText struct {
	window
	comma   byte
	reread  int
	suspect int         // bytes ahead that were read as part of a broken row before
	decoded func() bool // whether the text was written in another encoding; nil: not

	text  []byte // the cells of the row that was split last, without their quotes
	ends  []int  // where each ends in text
	size  int    // what was read of the row, in bytes as it is written
	whole bool   // whether that is all of it

	broken string // the beginning of the row that was refused last, as it is written
}

// record is the cells of the next row. There must be no more than most of them
// that are not empty at its end, and at least: what a row lacks is nothing, as
// spreadsheets leave out the empty cells at its end, but for a row of one cell alone,
// and for one that may be the rest of a broken row. A *rowError rejects the row, and
// the next one can be read. A blank line is one empty cell.
func (t *csvText) record(least, most int) ([]string, error) {
	if !t.have(1) {
		return nil, t.err
	}
	message := t.split()
	if !t.whole && t.err != nil && t.err != io.EOF {
		return nil, t.err
	}
	if message == "" {
		message = t.fits(least, most)
	}
	t.suspect = max(0, t.suspect-t.size)
	if message != "" {
		t.keepBroken(true)
		t.resume()
		return nil, badRow("%s", message)
	}
	switch {
	case bytes.IndexByte(t.text, 0) >= 0:
		message = "the row holds a NUL character"
	case !utf8.Valid(t.text):
		message = notUTF8
	case t.decoded != nil && bytes.Contains(t.text, []byte("\ufffd")) && t.decoded():
		message = notUTF8
	}
	if message != "" {
		t.keepBroken(false)
		t.start += t.size
		return nil, badRow("%s", message)
	}
	t.start += t.size
	all := string(t.text)
	cells := make([]string, len(t.ends))
	begin := 0
	for i, end := range t.ends {
		cells[i] = all[begin:end]
		begin = end
	}
	return cells, nil
}

const notUTF8 = "the row is not UTF-8 text; save the file as CSV UTF-8"

// fits is what is wrong with the number of a row's cells. Empty cells beyond most are
// taken off.
func (t *csvText) fits(least, most int) string {
	n := len(t.ends)
	if n < least && (n > 1 || len(t.text) > 0) && (t.suspect > 0 || n == 1 && least > 2) {
		return fmt.Sprintf("the row has %d of %d cells", n, least)
	}
	for n > most && len(bytes.TrimSpace(t.text[t.ends[n-2]:t.ends[n-1]])) == 0 {
		n--
	}
	if t.ends = t.ends[:n]; n > most {
		return fmt.Sprintf("the row has more than %d cells", most)
	}
	return ""
}

// keepBroken keeps the row, or of one that is read on at its second line the first,
// to be put right by the one who sent it.
func (t *csvText) keepBroken(line bool) {
	row := t.left()[:min(t.size, len(t.left()), maxKeptRow)]
	if i := bytes.IndexAny(row, lineEnds); i > 0 && line {
		row = row[:i]
	}
	t.broken = plain(row)
}

// plain is text that a database takes, whatever the bytes.
func plain(b []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(strings.TrimRight(string(b), lineEnds), "\ufffd"), "\x00", "\ufffd")
}

// Where in a row the splitter is.
const (
	atStart = iota // of a cell
	inPlain
	inQuotes
	afterQuote // which may prove to be the first of two
	closed     // after a quoted cell and a space
)

// split reads one row into text and ends, without moving start. It returns what
// is wrong with it.
func (t *csvText) split() string {
	t.text, t.ends, t.size, t.whole = t.text[:0], t.ends[:0], 0, false
	for state := atStart; ; t.size++ {
		if t.size >= maxRow {
			return "the row is longer than 1 MiB, or a quote in it is never closed"
		}
		if !t.have(t.size + 1) {
			t.whole = t.err == io.EOF
			t.ends = append(t.ends, len(t.text))
			if state == inQuotes {
				return "a quote in the row is never closed"
			}
			return ""
		}
		b := t.buf[t.start+t.size]
		switch {
		case state == inQuotes && b == '"':
			state = afterQuote
		case state == inQuotes:
			t.text = append(t.text, b)
		case b == '"' && state == atStart:
			state = inQuotes
		case b == '"' && state == afterQuote:
			state = inQuotes
			t.text = append(t.text, b)
		case b == t.comma:
			t.ends = append(t.ends, len(t.text))
			if len(t.ends) >= maxWritten {
				return fmt.Sprintf("the row has more than %d cells", maxWritten)
			}
			state = atStart
		case b == '\n' || b == '\r':
			t.ends = append(t.ends, len(t.text))
			t.size++
			if b == '\r' && t.have(t.size+1) && t.buf[t.start+t.size] == '\n' {
				t.size++
			}
			t.whole = true
			return ""
		case b == ' ' && state == atStart:
		case b == ' ' && (state == afterQuote || state == closed):
			state = closed
		case state == afterQuote || state == closed:
			return "a quote in the row is closed before its cell ends"
		default:
			state = inPlain
			t.text = append(t.text, b)
		}
	}
}

// resume moves on from a row that is broken: to its second line, so that a
// quote left open costs no other row, or past what was read of it where too
// much has been read twice already.
func (t *csvText) resume() {
	first := bytes.IndexAny(t.left()[:t.size], lineEnds)
	if first < 0 {
		t.skipLine(lineEnds)
		return
	}
	if again := t.size - first; t.reread+again <= maxReread {
		t.reread += again
		if t.suspect = again - 1; t.buf[t.start+first] == '\r' && again > 1 && t.buf[t.start+first+1] == '\n' {
			t.suspect--
		}
		t.skipLine(lineEnds)
		return
	}
	t.start += t.size
	if !t.whole {
		t.skipLine(lineEnds)
	}
}

// begin finds out what parts the cells: the one of comma, semicolon and tab
// that the first line has most of, outside quotes. A spreadsheet's own "sep=;"
// line says it outright.
func (t *csvText) begin() error {
	t.comma = ','
	t.have(maxCell)
	if t.err != nil && t.err != io.EOF {
		return t.err
	}
	for bytes.HasPrefix(t.left(), []byte("\ufeff")) { // programs add theirs to one that is there
		t.start += len("\ufeff")
	}
	line := t.left()
	if i := bytes.IndexAny(line, lineEnds); i >= 0 {
		line = line[:i]
	}
	if len(line) == 5 && bytes.EqualFold(line[:4], []byte("sep=")) && bytes.IndexByte([]byte(",;\t"), line[4]) >= 0 {
		t.comma = line[4]
		t.skipLine(lineEnds)
		return nil
	}
	var counts [256]int
	quoted := false
	for _, b := range line {
		if b == '"' {
			quoted = !quoted
		} else if !quoted {
			counts[b]++
		}
	}
	for _, b := range []byte{';', '\t'} {
		if counts[b] > counts[t.comma] {
			t.comma = b
		}
	}
	return nil
}
