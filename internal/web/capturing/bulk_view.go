package capturing

import (
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// BulkPage is where bulk captures are begun, and the list of them.
type BulkPage struct {
	Page   frame.Page
	Key    string // idempotency key
	Pasted string
	Error  string
	Jobs   []BulkLine
}

// BulkLine is a bulk capture in a line.
type BulkLine struct {
	Link, When, Who, Status string
	Rows, Done              int
	Charged                 []words.Cost
}

// BulkColumnsPage is an upload before it is estimated.
type BulkColumnsPage struct {
	Page                  frame.Page
	Path, Key             string
	Name, Expires, ReadAs string
	Problems              []string       // of the upload, and no row of it
	As                    []frame.Option // how it may be read; empty: in one way only
	Columns               []frame.MappedColumn
	Named                 bool // a column says who a row is about
	Fields                []CaptureField
	FieldsError           string
	List                  string
	GoesOn, Refills       bool
	Lookups               string // what estimating counts as
	Rows                  []BulkReadRow
	Total, Usable         int // rows; those that say who is meant
	Addresses             int // rows that name an address
	Bad                   []BulkProblem
	WithBad               int // rows with problems
	ProblemsCSV           string
}

// BulkReadRow is one of the first rows as it is read.
type BulkReadRow struct {
	Row                               int
	Name, Company, Profile, Email, By string
	LeftOut                           bool
}

// BulkProblem is something wrong in one row.
type BulkProblem struct {
	Row             int
	Column, Message string
	LeftOut         bool // the row is, for this
}

func (v BulkColumnsPage) rowsText() string {
	return "Shown: " + words.Count(len(v.Rows)) + " of " + words.Plural(v.Total, "row", "rows") + ". " + words.Plural(v.Usable, "row says", "rows say") + " who is meant."
}

func (v BulkColumnsPage) problemsText() string {
	text := words.Plural(v.WithBad, "row has", "rows have") + " problems. "
	if left := v.Total - v.Usable; left > 0 {
		text += words.Plural(left, "of them is", "of them are") + " left out, because it is not known who is meant."
	} else {
		text += "None is left out."
	}
	shown := map[int]bool{}
	for _, p := range v.Bad {
		shown[p.Row] = true
	}
	if len(shown) < v.WithBad {
		text += " The first " + words.Count(len(shown)) + " are listed."
	}
	return text
}

// BulkJobPage is one bulk capture.
type BulkJobPage struct {
	Page      frame.Page
	Job       BulkJob
	RowsTitle string
	RowsHelp  string
	Rows      []BulkRow
	MayChoose bool
	Here      string // this page
	All       string // the page of all rows; empty: this one
	First     string // the first page of these rows; empty: this one
	Next      string // the next page; empty: none
	CSV       string
}

// BulkRow is a row of a bulk capture.
type BulkRow struct {
	No                 int
	Given              string // as the row names them
	Name, About, Lead  string // whom it means; the lead's path, where it is one
	Several            []BulkPerson
	TooMany            bool // more match than are listed
	Outcome, Look, Why string
	Fields             []BulkFieldOutcome
}

// severalFirst is how many of those whom a row may mean are in sight; the others are behind a
// line that says how many they are.
const severalFirst = 4

// split are those in sight, and the others. Somebody who was chosen is in sight.
func (r BulkRow) split() (first, rest []BulkPerson) {
	n := min(len(r.Several), severalFirst)
	rest = slices.DeleteFunc(slices.Clone(r.Several[n:]), func(p BulkPerson) bool { return p.Chosen })
	first = slices.Clone(r.Several[:n])
	for _, p := range r.Several[n:] {
		if p.Chosen {
			first = append(first, p)
		}
	}
	return first, rest
}

// BulkPerson is one of several whom a row may mean.
type BulkPerson struct {
	ID, Name, About string
	Chosen          bool
}

// BulkFieldOutcome is what came of one field of a row.
type BulkFieldOutcome struct{ Label, Outcome, Look string }

func (r BulkRow) chosen() bool {
	return slices.ContainsFunc(r.Several, func(p BulkPerson) bool { return p.Chosen })
}

// BulkJob is a bulk capture as it is now.
type BulkJob struct {
	Path, When, Who, Status, Message, List string
	Fields                                 string // what it asks for, in words
	Columns                                string // where its columns can be changed; empty: nowhere
	Expires                                string // until when an estimate is kept
	Rows, Done                             int
	Min, Likely, Most, Charged, Cap        []words.Cost
	Counts, Outcomes                       []BulkCount // of rows, and of fields
	Repeated                               int
	Refills                                string // when a refill would let it continue
	Stops                                  []Refusal
	Left                                   []words.Cost // of what it may need more of than there is
	MayOrder                               bool         // who looks may start and stop it
	Key                                    string       // idempotency key of the next order
	free                                   bool         // somebody is to be captured
}

// BulkCount is how many rows, or fields, are something; Link leads to those rows.
type BulkCount struct {
	Name, About, Link string
	Count             int
	Here              bool // these rows are shown
}

// heading is how far a job is, beside its status.
func (j BulkJob) heading() string {
	if j.Status != "waiting" {
		return words.Count(j.Done) + " of " + words.Count(j.Rows) + " rows"
	}
	text := words.Plural(j.Rows-j.Done, "person", "people") + " to capture"
	if j.Done > 0 {
		text += ", " + words.Plural(j.Done, "row", "rows") + " left out"
	}
	return text
}

// oneCost tells that at least, likely and at most are the same.
func (j BulkJob) oneCost() bool {
	return slices.Equal(j.Min, j.Likely) && slices.Equal(j.Likely, j.Most)
}

// mayGo tells that it can be started, or continued.
func (j BulkJob) mayGo() bool {
	return j.Status == "paused" || j.Status == "waiting" && len(j.Stops) == 0 && j.free
}

func (j BulkJob) leftText() string {
	var left []string
	some := false
	for _, c := range j.Left {
		left, some = append(left, words.Num(c.Amount)+" "+c.Type), some || c.Amount > 0
	}
	text := "It may need more than the " + strings.Join(left, " and ") + " left. "
	if !some {
		return text + "What is free is captured; at the first field that must be paid for it pauses and says when there is more."
	}
	return text + "When that is used up, it pauses and says when there is more."
}

func bulkLook(status string) string {
	switch status {
	case "done":
		return "good"
	case "paused", "waiting":
		return "warn"
	}
	return ""
}

// bulkWord is a status as people say it.
func bulkWord(status string) string {
	switch status {
	case "waiting":
		return "not started"
	case "cancelled":
		return "stopped"
	}
	return status
}

// said is how something is said that rows are counted by.
type said struct{ word, name, about, look string }

// foundSaid are what an estimate finds, in the order of the page.
var foundSaid = []said{
	{capture.FoundKnown, "Known", "The directory has them.", "good"},
	{capture.FoundOwned, "Already yours", "Nothing more is to be paid.", "good"},
	{capture.FoundAmbiguous, "Several match", "Choose who is meant.", "warn"},
	{capture.FoundAtCapture, "Decided at capture", "An email your workspace does not own decides.", ""},
	{capture.FoundUnlooked, "Not looked up", "Today's lookups are used up.", "warn"},
	{capture.FoundContradictory, "Contradictory", "The row's parts name different people.", "stop"},
	{capture.FoundNobody, "Nobody", "Nobody in the directory matches.", ""},
}

// rowSaid are the statuses of a row.
var rowSaid = []said{
	{bulk.RowWaiting, "To capture", "Not captured yet.", ""},
	{bulk.RowCaptured, "Captured", "On the lead sheet.", "good"},
	{bulk.RowNobody, "Nobody matches", "Nothing was charged.", ""},
	{bulk.RowFailed, "Left out", "Each row says why.", "stop"},
}

func saidOf(list []said, word string) said {
	for _, s := range list {
		if s.word == word {
			return s
		}
	}
	return said{word: word, name: words.OutcomeName(word)}
}
