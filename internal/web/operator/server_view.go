package operator

import (
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// ReviewsPage is the reports of bad data that wait for the operator.
type ReviewsPage struct {
	Page frame.Page
	Rows []ReviewLine
	Full bool // there may be more than are listed
}

// ReviewLine is one report.
type ReviewLine struct {
	Workspace, Name string // id and name
	Entry           string // that charged
	Key             string // idempotency key
	Member          string
	Field           string
	Reason          string
	At              string
}

// AddOnRequestsPage is what workspaces ask the operator for.
type AddOnRequestsPage struct {
	Page    frame.Page
	Rows    []AddOnRequestLine
	Decided []DecidedAddOnLine // the newest
	Full    bool               // there may be more than are listed
}

// DecidedAddOnLine is a request that was answered.
type DecidedAddOnLine struct {
	Workspace, Name, Status, Who, When, Note, Often string
	Asked                                           words.Cost
	Granted                                         []words.Cost // empty: declined
}

// AddOnRequestLine is one request.
type AddOnRequestLine struct {
	ID, Key         string // Key is an idempotency key
	Workspace, Name string // id and name
	Plan            string // "Pro, 5 seats"; empty: its credits cannot be read
	Status          string // of the subscription: active, cancelling or cancelled
	Who, When, Note string
	Type, Often     string
	Amount          unit.Amount
	Left            string // "120 of 2,500 left until Dec 1"
	Grants          bool   // an add-on can be given
}

// ServerPage is what belongs to no workspace.
type ServerPage struct {
	Page       frame.Page
	Sources    []SourceLine
	Suppressed []SuppressedCount
	AddKey     string
	RemoveKey  string
	Typed      Suppressing // what was typed and refused
}

// Suppressing is a form of the suppression list as it was sent, and what is wrong with it.
type Suppressing struct{ Do, Kind, Value, Error string }

// of is what was typed into one of the two forms.
func (s Suppressing) of(do string) Suppressing {
	if s.Do != do {
		return Suppressing{}
	}
	return s
}

// SuppressedCount is how many of a kind are on the list. Who, nobody can read: the
// list holds hashes.
type SuppressedCount struct {
	Kind  string
	Count int
}
