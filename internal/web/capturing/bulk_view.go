package capturing

import (
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// BulkPage is where bulk captures are begun, and the list of them.
type BulkPage struct {
	Page  frame.Page
	Form  CaptureForm // its fields and lists; Who is what was pasted
	Error string
	Jobs  []BulkLine
}

// BulkLine is a bulk capture in a line.
type BulkLine struct {
	Link, When, Who, Status string
	Rows, Done              int
	Charged                 []words.Cost
}

// BulkJobPage is one bulk capture.
type BulkJobPage struct {
	Page frame.Page
	Job  BulkJob
}

// BulkJob is a bulk capture as it is now.
type BulkJob struct {
	Path, When, Who, Status, Message, List string
	Rows, Done                             int
	Min, Likely, Most, Charged, Cap        []words.Cost
	Outcomes, Left                         []BulkOutcome // of fields; of rows that captured nobody
	Refills                                string        // when a refill would let it continue
	GoesOn                                 bool
	MayOrder                               bool   // who looks may start and stop it
	Key                                    string // idempotency key of the next order
}

// BulkOutcome is how many fields, or rows, came to something.
type BulkOutcome struct {
	Name  string
	Count int
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
	return text + "."
}

func bulkLook(status string) string {
	switch status {
	case "done":
		return "ok"
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
