package operator

import (
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/spending"
)

// OperatorPage lists the workspaces.
type OperatorPage struct {
	Page       frame.Page
	Types      []string // credit types, in the columns' order
	Workspaces []WorkspaceLine
	Search     string // as typed
	Next       string // link to the next page; empty on the last
	Create     CreateWorkspace
	Left       int // steps of the set-up that are left
}

// DirectoryPage imports people.
type DirectoryPage struct {
	Page    frame.Page
	Import  ImportForm
	Imports ImportList
}

// SetUpPage leads through a new server, step by step.
type SetUpPage struct {
	Page              frame.Page
	SetUp             screen.SetUp
	Create            CreateWorkspace
	Key               string
	MailTo, MailError string // as typed, and what was wrong
	Organization      frame.Input
	Import            ImportForm
	NoPasskey         string // why the operator can have no passkey; empty: they can
	Example           string // the profile of somebody to capture; empty: nobody is known
}

// WorkspaceLine is one workspace, Credits in OperatorPage.Types' order.
type WorkspaceLine struct {
	ID      string
	Name    string
	Plan    string
	Status  string // active, cancelling or cancelled
	Seats   int
	Period  string
	Last    string // when its ledger last changed
	Credits []screen.WorkspaceBalance
}

// CreateWorkspace is the form for a new workspace, as typed.
type CreateWorkspace struct {
	Key        string
	Name       string
	Plan       string
	Plans      []frame.Option
	Seats      string
	Zone       string
	Anchor     string
	AdminEmail string
	AdminName  string
	Errors     map[string]string // by field name: name, plan, seats, time_zone, anchor, admin_email, admin_name
}

// ImportForm uploads a directory.
type ImportForm struct {
	Key   string
	Error string
	Limit string // "at most 64 MB"
}

// ImportList is what was imported, newest first. While one is running the list
// asks for itself again at GET /operator/imports.
type ImportList struct {
	Imports []ImportLine
}

// ImportLine is one import.
type ImportLine struct {
	ID       string
	Name     string // the file's, or when it began
	When     string // it began; empty where that is the name
	Status   string // running, done or failed
	Rows     int
	Imported int
	Came     string // "120 new · 3 updated"
	Rejected int
	Problems []ImportProblem
	More     int // problems beyond those listed
}

// ImportProblem is one rejected row.
type ImportProblem struct {
	Row     int
	Message string
}

// OperatorWorkspacePage is one workspace on the operator's pages.
type OperatorWorkspacePage struct {
	Page      frame.Page
	ID        string
	Name      string
	Status    string // active, cancelling or cancelled
	Plan      string
	Seats     string // as typed or stored
	Period    string
	Zone      string
	Changes   []frame.Notice // pending changes
	Credits   []spending.CreditUsage
	Plans     []frame.Option
	PlanKey   string // idempotency key of the plan form
	Grants    []spending.GrantLine
	Asked     []spending.AskedLine // requests for add-ons that wait
	Types     []frame.Option       // credit types to give
	GrantKey  string               // idempotency key of the grant form
	Cancel    string               // link to the page that cancels; empty where there is nothing to cancel
	WatchKey  string               // idempotency key of the form that looks as an admin
	ReviveKey string               // idempotency key of the reactivate form; empty hides it
	Revives   string               // what that form does now
	Errors    map[string]string    // by field name: plan, seats, amount, note
	Link      *frame.SignInLink    // the first admin's link, right after creating
}

// CancelWorkspacePage cancels a workspace's subscription.
type CancelWorkspacePage struct {
	Page          frame.Page
	ID, Name      string
	Plan          string
	Changes       []frame.Notice          // where it is cancelled, or will be
	Cancel        *spending.CancelPreview // nil where it is cancelled already
	Key, WatchKey string                  // idempotency keys of the forms
	Now           bool                    // it was to be cancelled now
	Typed         string                  // as the name
	Errors        map[string]string       // by field name: at, confirm
}
