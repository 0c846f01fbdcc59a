package team

import (
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// TeamPage is the members and what each may use. Edit false draws it read-only.
type TeamPage struct {
	Page     frame.Page
	Edit     bool
	Key      string   // idempotency key of the form over the table
	Seats    string   // "4 of 5 seats used"; empty leaves it out
	Types    []string // credit types, in the columns' order
	Free     []FreeAmount
	Error    string // why the last save was refused, such as rule D3's
	Members  []TeamMember
	Limit    bool // the visitor may set something in the table
	Bulk     BulkEdit
	Check    *WhatIf // what last period would have looked like; nil leaves it out
	Filled   string  // what was filled in and is not saved yet; empty for nothing
	Groups   []GroupLine
	NewGroup *GroupForm // nil hides it
	Requests []RequestLine
	Add      AddMember
	Link     *frame.SignInLink // the one-time link just made, shown once
	Mail     bool              // invitations go by mail
}

// FreeAmount is how much of one credit type is not assigned to anyone.
type FreeAmount struct {
	Type      string
	Allowance unit.Quota
	Assigned  unit.Amount
	Free      unit.Quota // Allowance less Assigned, never less than none
	Unspent   unit.Quota // of Free
	Over      bool       // a downgrade left more assigned than there is
}

// TeamMember is one row.
type TeamMember struct {
	ID          string
	Name        string
	Email       string
	You         bool
	Chosen      bool           // ticked for a change of several
	Role        string         // admin, manager or member
	Roles       []frame.Option // the roles to choose from; empty shows Role as text
	Allocations []MemberAllocation
	RemoveKey   string // idempotency key; empty hides the button
	LinkKey     string // idempotency key; empty hides the button
	Invited     string // until when their invitation is good, in a sentence; empty: they came
	InviteKey   string // idempotency keys of a new invitation, and of taking it back
	WithdrawKey string
}

// MemberAllocation is one credit type of one member.
type MemberAllocation struct {
	Type      string
	Mode      string // pool, limit or assigned
	Amount    string // as typed or stored: "25"; empty for pool
	Used      unit.Amount
	Available unit.Quota
	Error     string // beside the amount
	May       string // all, limit or empty: what the visitor may set
}

// BulkEdit sets one amount for the members that are ticked.
type BulkEdit struct {
	Types  []frame.Option
	Credit string
	Mode   string
	Amount string
}

// WhatIf is how last period would have gone with the amounts as typed.
type WhatIf struct {
	Period  string
	Note    string // in a sentence, may be empty
	Now     int    // refusals with the amounts of today
	Then    int    // refusals with those typed
	Members []WhatIfLine
	Stops   []WhatIfStop
	More    int // refusals beyond those listed
}

// WhatIfLine is one member who would have been stopped.
type WhatIfLine struct {
	Name  string
	Times int
	First string
}

// WhatIfStop is one spending that would have been refused.
type WhatIfStop struct {
	When   string
	Name   string
	Why    string
	Needed string
}

// GroupLine is a part of the team.
type GroupLine struct {
	ID       string
	Name     string
	Managers string // their names
	Members  string
	Budgets  []screen.Budget
	Yours    bool // the visitor looks after it
	Form     *GroupForm
	DropKey  string
}

// GroupForm makes or changes a group.
type GroupForm struct {
	ID       string // empty for a new one
	Key      string
	Name     string
	Members  []frame.Option
	Managers []frame.Option
	Budgets  []BudgetInput
}

// RequestLine is a wish for more credits.
type RequestLine struct {
	ID     string
	Key    string // idempotency key; empty hides the buttons
	Name   string
	Type   string
	Amount unit.Amount
	Reason string
	When   string
	Status string // open, granted or declined
	Said   string // its outcome
	Now    string // what the member may use now: "Limit 5"
	Pool   bool   // the member draws on the pool, so nothing can be raised
}

// AskPage is where a member asks for more.
type AskPage struct {
	Page     frame.Page
	Key      string
	Types    []frame.Option
	Amount   string
	Reason   string
	Error    string
	Now      []string // what the member may use, a line a type
	Requests []RequestLine
}

// AddMember is the form that invites somebody.
type AddMember struct {
	Key        string
	Email      string
	EmailError string
	Name       string
	NameError  string
	Roles      []frame.Option
}

// BudgetInput is what a group's manager may give out of one credit type, as typed.
type BudgetInput struct{ Type, Amount string }
