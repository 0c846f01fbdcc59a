// Package contactfile reads people from the files that sources send: CSV, Excel
// workbooks, vCard and NDJSON, no matter who exported them.
//
// A Reader returns one row at a time, in bounded memory, however large or hostile
// the file. A row that cannot be read is reported with its number and reason, and
// so is each value that is left out of a row. It needs no database: the directory
// imports with it, and a bulk capture reads its list with it.
package contactfile

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"path"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// What a file may hold.
const (
	maxRow      = 1 << 20 // bytes of a row as it is written
	maxCell     = 64 << 10
	maxColumns  = 500
	maxName     = 128 // bytes of a column's name
	maxText     = 512 // bytes of a name, a title and the like
	maxURL      = 2048
	MaxValues   = 50 // numbers or addresses of one field of one person
	MaxExtras   = 50 // columns beyond those that the directory knows
	maxExtra    = 4 << 10
	maxProblems = 20 // told of one row
	maxKeptRow  = 64 << 10
)

// WorkbookType is the media type of an Excel workbook.
const WorkbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Types are the media types that are read.
var Types = []string{"text/csv", WorkbookType, "text/vcard", "application/x-ndjson"}

// Endings are those of files that are read, as a form asks for them.
const Endings = ".csv,.tsv,.txt,.xlsx,.xlsm,.vcf,.vcard,.ndjson,.jsonl"

// ErrContentType refuses a file of another kind.
var ErrContentType = errors.New("the content type must be one of " + strings.Join(Types, ", "))

// ContentTypeOf tells the kind of a file by its name; what has no known ending is
// taken for CSV.
func ContentTypeOf(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".ndjson", ".jsonl":
		return "application/x-ndjson"
	case ".vcf", ".vcard":
		return "text/vcard"
	case ".xlsx", ".xlsm":
		return WorkbookType
	}
	return "text/csv"
}

// IsWorkbook tells the content type of a file that can only be read when all of it is
// there.
func IsWorkbook(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == WorkbookType
}

// FormatError says why a file cannot be read at all, in words for the one who sent it.
type FormatError struct{ Message string }

func (e *FormatError) Error() string { return e.Message }

func formatError(format string, args ...any) error {
	return &FormatError{fmt.Sprintf(format, args...)}
}

// Problem is something wrong in one row. Column is empty where it is the row as
// a whole, and Row is 0 where it is the file. The message may quote the value
// that was sent, shortened: it belongs in the import's report, not in a log.
type Problem struct {
	Row             int
	Column, Message string
}

// String is the problem as a sentence: `mobile_phones: "12" is not a phone
// number in US`. The row's number is left to the one who shows it.
func (p Problem) String() string {
	if p.Column == "" {
		return p.Message
	}
	return p.Column + ": " + p.Message
}

// Error makes a Problem an error with that same sentence.
func (p Problem) Error() string { return p.String() }

// Record is one row as it was understood.
//
// In CSV and a sheet, Row is the number of the data row, from 1: the header is not
// counted, a blank row is, though none is returned, and a row whose cells hold line
// breaks is one. So row 7 is line 8 of the sheet that it was saved from. In NDJSON
// it is the number of the line, from 1.
//
// A Rejected record has no Person, and its last Problem says why: it could not
// be read, or nobody could ever find the person, for lack of a name with a
// company, an id, a profile and an email. Otherwise each Problem is a value that
// was left out, and the rest of the row stands.
type Record struct {
	Row      int
	Person   lead.Person
	Problems []Problem
	Rejected bool
	// Source is who supplied the row, as it says itself or the options do; empty: unknown.
	Source string
	// Cells is the row as it is in the file, for a table in the columns' order,
	// else as one text; of a row that could not be parted, its first line.
	Cells []string

	// Keys is what Person.Keys returns.
	Keys []lead.Key
}

// Reader reads people from one file. It is for one goroutine.
type Reader struct {
	rows       rows
	text       *text
	options    Options
	problems   []Problem
	row        int
	understood int // rows that were not rejected as they stand
	count      census
}

// rows is one format. next fills in the row's raw texts and the number of rows
// it went forward. A *rowError rejects the row; other errors end the file.
type rows interface {
	next(*rawRow) (advance int, err error)
	describe(*Understood)
}

// rowError is why a row could not be read.
type rowError struct{ message string }

func (e *rowError) Error() string { return e.message }

func badRow(format string, args ...any) error { return &rowError{fmt.Sprintf(format, args...)} }

// Options say how a file is to be read. The zero value reads it by itself.
type Options struct {
	Mapping Mapping   // nil: every column by its name
	Source  string    // who supplied the file, in the form of SourceName; may be empty
	Upload  string    // which upload it is: ids without a source are told by it; may be empty
	Now     time.Time // when it was supplied; zero: dates in the future are not noticed
	Mail    *MailCheck
	// Person: a row must name a person. Without it an id alone, which refers to somebody who
	// is known already, will do.
	Person  bool
	Lenient bool // read a header by which nobody could be found, for its columns to be mapped
	// NoHeader: the first row of a CSV is a person. Its columns are called Column 1 and so on, and
	// what they are is guessed from that row.
	NoHeader bool
}

// NewReader begins to read a file of the content type, which may have
// parameters. It reads a CSV's header. Errors: ErrContentType, a *FormatError
// for a file that is useless as a whole, or r's own.
func NewReader(r io.Reader, contentType string) (*Reader, error) {
	return Read(r, contentType, Options{})
}

// Read is NewReader with options. A mapping that cannot be followed is a
// *MappingError.
func Read(r io.Reader, contentType string, o Options) (*Reader, error) {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, ErrContentType
	}
	if err := o.Mapping.Validate(); err != nil {
		return nil, err
	}
	read := &Reader{options: o}
	mapping := o.Mapping.byName()
	switch media {
	case "text/csv":
		if read.text, err = newText(r, contentType); err != nil {
			return nil, err
		}
		csv, problems, err := newCSV(read.text, mapping, &read.count, o)
		if err != nil {
			return nil, err
		}
		read.rows, read.problems = csv, problems
	case "text/vcard", "text/x-vcard":
		if read.text, err = newText(r, contentType); err != nil {
			return nil, err
		}
		cards, err := newVCards(read.text, mapping)
		if err != nil {
			return nil, err
		}
		read.rows = cards
	case WorkbookType:
		read.text = &text{encoding: UTF8}
		sheet, problems, err := newXLSX(r, mapping, &read.count, o.Lenient)
		if err != nil {
			return nil, err
		}
		read.rows, read.problems = sheet, problems
	case "application/x-ndjson":
		if read.text, err = newJSONText(r, contentType); err != nil {
			return nil, err
		}
		if read.rows, err = newNDJSON(read.text, mapping, &read.count); err != nil {
			return nil, err
		}
	default:
		return nil, ErrContentType
	}
	return read, nil
}

// Unread is the part of Summary that the rows read so far show: columns that are not
// read and look as if they should be.
func (r *Reader) Unread() []Problem { return r.count.unread() }

// Understood is what the file was taken for. Its encoding is known for certain
// when the file has been read.
func (r *Reader) Understood() *Understood {
	u := &Understood{}
	u.Encoding, u.Guessed = r.Encoding()
	r.rows.describe(u)
	return u
}

// Encoding is Understood's, and whether it was guessed.
func (r *Reader) Encoding() (name string, guessed bool) { return r.text.read() }

// Summary is what can only be said of a file when it has been read: columns that are
// empty in every row, columns that are not read and look as if they should be, and
// numbers that many people of one company have.
func (r *Reader) Summary() []Problem { return r.count.problems(r.understood) }

// Problems is what is wrong with the file as a whole and yet does not keep it
// from being read, such as columns that are left out.
func (r *Reader) Problems() []Problem { return r.problems }

// Next is the next row. It returns io.EOF after the last, and any error of the
// reader it reads from; every other trouble is told in the Record.
func (r *Reader) Next() (Record, error) {
	var raw rawRow
	advance, err := r.rows.next(&raw)
	r.row += advance
	record := Record{Row: r.row}
	var bad *rowError
	if err != nil && !errors.As(err, &bad) {
		return Record{}, err
	}
	record.Cells = raw.cells
	if bad != nil {
		record.reject(bad.message)
		return record, nil
	}
	r.understood++
	record.fill(&raw, &r.options)
	return record, nil
}

// Skip moves past the next n rows that Next would return, without understanding
// them. It returns io.EOF where there are fewer.
func (r *Reader) Skip(n int64) error {
	for range n {
		var raw rawRow
		advance, err := r.rows.next(&raw)
		r.row += advance
		var bad *rowError
		if err != nil && !errors.As(err, &bad) {
			return err
		}
		if bad == nil {
			r.understood++
		}
	}
	return nil
}

func (r *Record) reject(message string) {
	r.Person, r.Rejected = lead.Person{}, true
	r.Problems = append(r.Problems, Problem{Row: r.Row, Message: message})
}

// say notes a value that is left out. A row's list of problems is bounded; its
// last place is kept for what ends it.
func (r *Record) say(column, message string) {
	switch n := len(r.Problems); {
	case n < maxProblems-2:
		r.Problems = append(r.Problems, Problem{r.Row, column, message})
	case n == maxProblems-2:
		r.Problems = append(r.Problems, Problem{Row: r.Row, Message: "there is more wrong in this row than is listed"})
	}
}
