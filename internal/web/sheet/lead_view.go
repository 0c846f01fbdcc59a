package sheet

import (
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// LeadsPage is the lead sheet.
type LeadsPage struct {
	Page     frame.Page
	Bar      CaptureBar
	Search   LeadSearch
	Views    ViewBar
	Layout   SheetLayout
	Sort     string // captured, name, title or company
	Down     bool
	Rows     []LeadRow
	Total    int            // how many leads match
	Filtered bool           // whether the search leaves anything out
	First    string         // link to the first page
	Previous string         // link to the page before; empty on the first
	Next     string         // link to the next page, with its cursor; empty on the last
	Query    string         // what stands behind the ? of the address, without the page
	Exports  []frame.Option // files that what matches can be had as
	Filter   []frame.Option // what an export carries of the filter: name as Label, value
	Seq      int64          // newest entry of the ledger that the page knows of
	Since    int64          // when it was drawn, in microseconds
}

// ViewBar is what can be done with saved views.
type ViewBar struct {
	Query   string // what would be saved, with the columns
	Columns string // as they are shown now
	Key     string
	MaySave bool
	Drop    string // the view that is shown, if the viewer may delete it
}

// Chip is a filter that is set, with the way to take it off.
type Chip struct{ Text, Without string }

// CaptureBar is the one-line capture on top of the lead sheet.
type CaptureBar struct {
	Key     string       // idempotency key
	Who     string       // as typed
	Preview bool         // show without saving
	AtMost  []words.Cost // what capture costs at most
	Error   string       // beside the input
	Shown   bool         // the sheet has rows to put a new one above
}

// LeadSearch is the search above the sheet with its filters.
type LeadSearch struct {
	Query   string
	Selects []Filter
	Texts   []TextFilter
	Columns string // kept while filtering
	Chips   []Chip
}

// Filter is one that is chosen from a list.
type Filter struct {
	Field, Label string // Field is the parameter of the address
	All          string // what choosing nothing is called
	Chip         string // what stands before the choice on its chip
	Options      []frame.Option
}

// TextFilter is one that is typed.
type TextFilter struct{ Field, Label, Type, Value, Chip string }

// LeadRow is one row of the sheet.
type LeadRow struct {
	ID       string
	Name     string
	Title    string
	Company  string
	Domain   string
	Location string
	Owner    string // who captured it
	Captured string // "Nov 12"
	ISO      string // the same instant in RFC 3339
	Lists    []string
	Tags     []string
	Notes    string
	Twin     bool        // another lead has its name and company
	Fields   []FieldCell // see fieldOf
	Layout   SheetLayout
}

// FieldCell is one field of one person: its values, or why there are none.
type FieldCell struct {
	Field   string       // work_email, work_phone, personal_email or mobile_phone
	Label   string       // "Work email"
	Values  []FieldValue // empty when nothing may be shown
	Outcome string       // one of rule C10's; empty when nobody asked yet
	Type    string       // credit type it was charged in
	Amount  unit.Amount  // what it cost; 0 when free
	Unlock  *Unlock      // how to get it, nil when there is nothing to unlock
	Reason  unit.Reason  // why it was charged, though it could have been free
	Hidden  bool         // more was delivered, which is on the suppression list
	Report  *frame.Entry // what was charged for it and may be reported; nil for none
	Days    int          // for how long a verified value in the directory is free
}

// FieldValue is one address or number.
type FieldValue struct {
	Value  string
	Status string // of an email: verified, likely or unverified; empty for none
	Bad    bool   // reported bad by this workspace
}

// Unlock is the button that reveals one field, or why it cannot be pressed.
type Unlock struct {
	Key     string       // idempotency key
	Price   []words.Cost // what it costs at most
	Left    string       // what is left, where it is blocked: "none left"
	Blocked string       // a sentence instead of the button: "Needs 1 premium, 0 left. Refills Dec 1."
}

// LeadPage is one lead with its history.
type LeadPage struct {
	Page frame.Page
	Lead LeadDetail
}

// LeadDetail is what is known of one lead and what was spent on it.
type LeadDetail struct {
	Partly   bool // what others spent is not shown
	Others   bool // and there is nothing else
	ID       string
	Name     string
	Title    string
	Company  string
	Domain   string // the company's, may be empty
	Location string
	Profile  string // the profile's URL, may be empty
	Owner    string
	Captured string // "Nov 12, 2026, 14:03"
	ISO      string
	Fields   []FieldCell
	Spent    []words.Cost      // all that was ever charged for it
	Entries  []frame.EntryLine // newest first
	Notes    string
	Tags     string         // separated by commas
	Twins    []Twin         // leads that may be the same person
	Merged   []Twin         // who was merged into it; their IDs are the directory's
	Lists    []frame.Option // every list of the workspace, the lead's own selected
	Key      string         // idempotency key of the form for notes, tags and lists
	Deeds    []LeadDeed     // what was done to it and can be undone
	ReadOnly bool           // hides that form and the unlock buttons
}

// LeadDeed is what was done to a lead and can be undone.
type LeadDeed struct{ ID, What, Who, When, ISO string }

// Twin is a lead that may be the same person as another.
type Twin struct {
	ID, Name, Title, Company, Owner string
	Key                             string // idempotency key of the form beside it
	May                             bool   // merge it
}

// ChosenPage is what may be done with leads that were chosen on the sheet.
type ChosenPage struct {
	Page    frame.Page
	Key     string
	Leads   string // their ids
	Count   int
	Deletes int    // how many of them the viewer may delete
	Others  int    // how many were captured by others, and are not the viewer's to delete
	Query   string // of the sheet, for the way back
	Do      string // the part of the page that was asked for
	Error   string
	Fields  []ChosenField
	Lists   []frame.Option
	Tags    []frame.Option
	Formats []frame.Option
	Balance []frame.HeaderBalance
}

// ChosenField is a field that may be unlocked for all of them.
type ChosenField struct {
	screen.ChosenField
	Label   string
	Checked bool
}

// Found is somebody whom the palette found.
type Found struct{ Name, About, Link string }

// UnlockMany is a button that unlocks a field of all chosen leads.
type UnlockMany struct{ Field, Text, Type string }

// Progress is the unlocking of chosen leads in a line.
type Progress struct {
	ID, Key          string
	Done, Rows       int
	Charged          string
	Message          string // why it paused
	Status           string
	Running, MayStop bool
}

func (p Progress) heading() string {
	switch p.Status {
	case "done":
		return "Unlocked"
	case "cancelled":
		return "Stopped"
	case "paused":
		return "Paused"
	}
	return "Unlocking"
}
