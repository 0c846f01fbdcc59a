package capturing

import (
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/sheet"
	"github.com/leadmeter/leadmeter/internal/words"
)

// CapturePage is the capture form with the result of the last request.
type CapturePage struct {
	Page   frame.Page
	Form   CaptureForm
	Result *CaptureOutcome // nil before anything was asked
}

// CaptureForm is the larger form of the capture page.
type CaptureForm struct {
	Key          string // idempotency key
	Who          string // as typed
	WhoError     string
	Fields       []CaptureField
	Lists        []frame.Option // lists to save to; empty hides the choice
	Preview      bool
	AllOrNothing bool
	AtMost       []words.Cost // what the fields that are ticked at first cost at most
	// Prices is what each combination of fields costs at most, in words, by the fields
	// joined by commas: the script chooses among them.
	Prices  map[string]string
	Refills bool // there is a refill to wait for
}

// CaptureField is one field that can be asked for.
type CaptureField struct {
	Field   string     // work_email …
	Label   string     // "Work email"
	Price   words.Cost // what it costs at most
	Checked bool
	Note    string // when it is free, or who decides: "Unlocked automatically by your setting"
}

// CaptureOutcome is the answer to a lookup or a capture: exactly one member is
// set, or two when a capture was refused in part.
type CaptureOutcome struct {
	Lookup   *LookupResult
	Captured *CaptureResult
	Refusal  *Refusal
	NoMatch  *NoMatch
}

// PersonSummary is who was found.
type PersonSummary struct {
	ID       string
	Name     string
	Title    string
	Company  string
	Location string
}

// LookupResult says what exists, before anything is spent.
type LookupResult struct {
	Person   PersonSummary
	Fields   []LookupField
	Cost     []words.Cost // what capturing it would cost at most
	Key      string       // idempotency key of the capture button
	Who      string       // the words that were searched, sent along for the return
	Lead     string       // link when the person is in the sheet already
	Blocked  string       // a sentence instead of the button
	Balance  []frame.HeaderBalance
	InFields []string       // the fields that the button asks for
	Carried  []frame.Option // what else the button sends along: Label is the name
}

// LookupField is one field's answer.
type LookupField struct {
	Label string
	Has   bool
	// Graded says whether the values of the field are verified or not, which Verified tells.
	Graded, Verified bool
	Owned            bool       // the workspace has it already: free
	Price            words.Cost // what it would cost at most; 0 is said as free
}

// yes says that there is something and, where that is why it is free or not, its grade.
func (f LookupField) yes() string {
	switch {
	case !f.Graded:
		return "Yes"
	case f.Verified:
		return "Yes, verified"
	}
	return "Yes, not verified"
}

// CaptureResult says of each field its outcome.
type CaptureResult struct {
	Preview  bool
	Person   PersonSummary
	Lead     string // link to the lead; empty for a preview
	Fields   []sheet.FieldCell
	Charged  []words.Cost // per credit type, in the price book's order
	Balance  []frame.HeaderBalance
	Replayed bool           // the same request as before, charged once
	Short    []Refusal      // what was not revealed as credits were missing: which limit, per credit type
	Save     *sheet.Unlock  // after a preview: saves to the sheet; nil for none
	Carried  []frame.Option // what else its button sends along: Label is the name
}

// NoMatch says that nobody matched: nothing was charged.
type NoMatch struct {
	Who   string // the words that were searched
	Title string // empty: nobody matches
	Why   string // empty: nobody was found
}
