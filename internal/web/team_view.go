package web

import "github.com/leadmeter/leadmeter/credits"

// TeamPage is the members and what each may use. Edit false draws it read-only.
type TeamPage struct {
	Page    Page
	Edit    bool
	Key     string   // idempotency key of the form over the table
	Seats   string   // "4 of 5 seats used"; empty leaves it out
	Types   []string // credit types, in the columns' order
	Free    []FreeAmount
	Error   string // why the last save was refused, such as rule D3's
	Members []TeamMember
	Add     AddMember
	Link    *SignInLink // the one-time link just made, shown once
}

// FreeAmount is how much of one credit type is not assigned to anyone.
type FreeAmount struct {
	Type      string
	Allowance credits.Quota
	Assigned  credits.Amount
	Free      credits.Quota // Allowance less Assigned, never less than none
	Over      bool          // a downgrade left more assigned than there is
}

// TeamMember is one row.
type TeamMember struct {
	ID          string
	Name        string
	Email       string
	You         bool
	Role        string   // admin, manager or member
	Roles       []Option // the roles to choose from; empty shows Role as text
	Allocations []MemberAllocation
	RemoveKey   string // idempotency key; empty hides the button
	LinkKey     string // idempotency key; empty hides the button
}

// MemberAllocation is one credit type of one member.
type MemberAllocation struct {
	Type      string
	Mode      string // pool, limit or assigned
	Amount    string // as typed or stored: "25"; empty for pool
	Used      credits.Amount
	Available credits.Quota
	Error     string // beside the amount
}

// AddMember is the form that invites somebody.
type AddMember struct {
	Key        string
	Email      string
	EmailError string
	Name       string
	NameError  string
	Roles      []Option
}

// SignInLink is a link that signs somebody in once. Its code stands behind the
// # of the URL, so that no server or log ever sees it.
type SignInLink struct {
	Name    string // for whom
	URL     string // https://…/sign-in#code=…
	Expires string // "in 24 hours"
}
