package spending

import (
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// PlanPage is the workspace's subscription, for its admins.
type PlanPage struct {
	Page    frame.Page
	Name    string // the plan's
	Status  string // active, cancelling or cancelled
	Seats   string
	Period  string
	Zone    string
	Changes []frame.Notice
	Credits []CreditUsage
	Grants  []GrantLine
	History []frame.Entry
	Prices  []screen.BookLine // what each field costs
	Cancels bool              // it can be cancelled
	Ask     *AskOperator      // nil: the viewer asks for nothing
	Asked   []AskedLine
}

// AskOperator is the form that asks for an add-on, as typed.
type AskOperator struct {
	Key          string
	Types, Kinds []frame.Option
	Amount, Note string
	Errors       map[string]string // by field name
}

// AskedLine is a request for an add-on.
type AskedLine struct {
	ID     string
	Type   string
	Amount unit.Amount
	Often  string // every period, or this period
	Note   string
	When   string // and by whom
	Status string // open, granted or declined
	Said   string // the status, in words
	Key    string // idempotency key of the button that withdraws it; empty: there is none
}

// CancelPage is what a cancellation would mean, for the workspace's admins.
type CancelPage struct {
	Page    frame.Page
	Plan    string
	Changes []frame.Notice
	Cancel  *CancelPreview // nil where it is cancelled already
	Exports []frame.Option // files, by their links
}

// CancelPreview is what a cancellation would do.
type CancelPreview struct {
	End    string // when the period ends
	Groups []CancelGroup
}

// CancelGroup is what shares an outcome: what is lost, what ends, what stays.
type CancelGroup struct {
	Title string
	Lines []CancelLine
}

// CancelLine is one thing and its outcome, cancelled now or at the period's end.
type CancelLine struct{ What, Now, Later string }

// GrantLine is one add-on.
type GrantLine struct {
	ID     string
	Type   string
	Amount unit.Amount
	Kind   string // recurring or once
	Note   string
	Since  string
	Until  string // empty while it continues
	// Cancelled: it ended with the cancellation.
	Cancelled bool
	EndKey    string // idempotency key of its end button; empty when it ended
}
