package operator

import (
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// BooksPage is the price books of the server, and what another one would mean.
type BooksPage struct {
	Page  frame.Page
	Books []frame.Option // which one is shown
	Name  string
	Parts []screen.BookPart
	Form  BookForm
	// Diff is what another book has differently; nil: none was compared.
	Diff *BookDiff
}

// BookForm asks for the book to compare with.
type BookForm struct {
	Key   string
	Text  string         // as it was typed; empty: a book of the server's
	With  []frame.Option // those
	Error string
}

// BookDiff is two books side by side, and the past under both.
type BookDiff struct {
	Other string
	Lines []screen.BookChange
	// Past is what was charged in the days before, and what would have been.
	Past    string // which days
	Totals  []PastTotal
	Rows    []PastLine
	Stopped int // workspaces in which somebody would have been stopped
	Checked int
	// More says that not every workspace is listed, or was reached in time.
	More string
}

// PastTotal is one credit type of all workspaces.
type PastTotal struct {
	Credit    string
	Was, Is   string
	WasW, IsW int // in units of the wider bar
	Change    string
}

// PastLine is one workspace of one credit type.
type PastLine struct {
	Workspace, Name string // id and name
	Credit          string
	Was, Would      string
	Stops           int
	First           string // who was stopped first, when and by what
}
