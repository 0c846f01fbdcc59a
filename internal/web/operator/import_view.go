package operator

import "github.com/leadmeter/leadmeter/internal/web/frame"

// ImportPage is a file that waits to be imported.
type ImportPage struct {
	Page     frame.Page
	ID       string
	Key      string
	Name     string   // the file's
	ReadAs   string   // format, encoding and where the header is
	Problems []string // of the file as a whole
	Columns  []frame.MappedColumn
	Rows     []ImportRow
}

// ImportRow is one of the first rows as it would go in.
type ImportRow struct {
	Row      int
	Name     string
	Work     string
	Company  string // its main line, and the country
	Emails   string
	Verified []string // status and date of each work email
	Phones   string
	Rejected bool
	Problems []string
}
