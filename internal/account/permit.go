package account

import "github.com/leadmeter/leadmeter/internal/fault"

// Verb is what somebody wants to do. Every operation of the API (api/routes.go), every page
// (web/PART/routes.go) and every service names one; the table below is the only place that says
// who may. What only some who have a verb should do needs a verb of its own.
type Verb string

// The verbs, from what everybody may do to what only the operator may. A verb says
// what may be tried; whose lead or view it may be about says whose.go, whose usage
// Accounts.Visible.
const (
	SeeWorkspace   Verb = "see the workspace" // its plan, settings and members
	SeePrices      Verb = "see prices"        // and what is left
	SeeUsage       Verb = "see usage"         // one's own; what else, says usage visibility (rule S5)
	SeeSheet       Verb = "see the lead sheet"
	ExportSheet    Verb = "export"
	LookUp         Verb = "look people up" // metered by fair use (rule C13)
	SeeOwn         Verb = "see one's own account"
	CaptureLeads   Verb = "capture"
	CaptureMany    Verb = "capture from the sheet" // many at once, or more of a lead
	Charge         Verb = "charge"
	EditSheet      Verb = "edit the lead sheet"
	DeleteLeads    Verb = "delete leads" // one's own; admins and managers any
	Undo           Verb = "undo"         // what one may do
	ReportData     Verb = "report bad data"
	AskCredits     Verb = "ask for credits"
	AskAddOns      Verb = "ask for add-ons"
	ChangeOwn      Verb = "change one's own settings"
	SignInOwn      Verb = "change how one signs in"
	Approve        Verb = "connect an extension"
	EndConnection  Verb = "end an extension's connection"
	SetLimits      Verb = "set limits" // of one's groups; an admin anybody's
	SeeSetup       Verb = "see how the workspace is set up"
	ManageTeam     Verb = "manage members"
	ManageCredits  Verb = "manage credits"
	ManageKeys     Verb = "manage keys"
	ManageSetup    Verb = "manage the workspace's settings"
	SeeAlerts      Verb = "see alerts"
	ManageAlerts   Verb = "manage alerts and usage mails"
	SeeWebhooks    Verb = "see webhooks"
	ManageWebhooks Verb = "manage webhooks"
	SeePushes      Verb = "see pushes to a CRM"
	ManagePushes   Verb = "push leads to a CRM"
	SeeServer      Verb = "see the server"
	Operate        Verb = "operate the server"
	ManagePlan     Verb = "sell plans and credits"
)

// right is who may use a verb.
type right struct {
	least     string // the lowest role that may
	writes    bool   // not with a read-only key, nor while the operator only looks
	extension bool   // also with a browser extension's token
}

// rights is the permission table (rule A1).
var rights = map[Verb]right{
	SeeWorkspace:   {least: Regular},
	SeePrices:      {least: Regular, extension: true},
	SeeUsage:       {least: Regular},
	SeeSheet:       {least: Regular},
	ExportSheet:    {least: Regular},
	LookUp:         {least: Regular, extension: true},
	SeeOwn:         {least: Regular, extension: true},
	CaptureLeads:   {least: Regular, writes: true, extension: true},
	CaptureMany:    {least: Regular, writes: true},
	Charge:         {least: Regular, writes: true},
	EditSheet:      {least: Regular, writes: true},
	DeleteLeads:    {least: Regular, writes: true},
	Undo:           {least: Regular, writes: true},
	ReportData:     {least: Regular, writes: true},
	AskCredits:     {least: Regular, writes: true, extension: true},
	ChangeOwn:      {least: Regular, writes: true, extension: true},
	SignInOwn:      {least: Regular, writes: true},
	Approve:        {least: Regular, writes: true},
	EndConnection:  {least: Regular, writes: true, extension: true},
	SetLimits:      {least: Manager, writes: true},
	SeeSetup:       {least: Admin},
	AskAddOns:      {least: Admin, writes: true},
	ManageTeam:     {least: Admin, writes: true},
	ManageCredits:  {least: Admin, writes: true},
	ManageKeys:     {least: Admin, writes: true},
	ManageSetup:    {least: Admin, writes: true},
	SeeAlerts:      {least: Admin},
	ManageAlerts:   {least: Admin, writes: true},
	SeeWebhooks:    {least: Admin},
	ManageWebhooks: {least: Admin, writes: true},
	SeePushes:      {least: Admin},
	ManagePushes:   {least: Admin, writes: true},
	SeeServer:      {least: Operator},
	Operate:        {least: Operator, writes: true},
	ManagePlan:     {least: Operator, writes: true},
}

// ranks orders the roles. A role that is not among them has no rights.
var ranks = map[string]int{Regular: 1, Manager: 2, Admin: 3, Operator: 4}

// refusals say who may, by the least role.
var refusals = map[string]string{
	Manager: "Only a manager or an admin of the workspace may do this.", Admin: "Only an admin of the workspace may do this.", Operator: "Only the operator may do this.",
}

// May refuses what the principal may not do, with a sentence. Fault: NotAllowed.
func (p Principal) May(v Verb) error {
	r, known := rights[v]
	switch {
	case !known, ranks[p.Role] == 0:
		return fault.New(fault.NotAllowed, "You may not do this.")
	case p.Extension != "" && !r.extension:
		return fault.New(fault.NotAllowed, "A browser extension may not do this.")
	case ranks[p.Role] < ranks[r.least]:
		return fault.New(fault.NotAllowed, "%s", refusals[r.least])
	case r.writes && p.Watching:
		return fault.New(fault.NotAllowed, "You are looking at this workspace as its admin does, and change nothing in it.")
	case r.writes && p.ReadOnly:
		return fault.New(fault.NotAllowed, "This key may only read.")
	}
	return nil
}

// Can reports whether the principal may: for what a page shows or leaves out.
func (p Principal) Can(v Verb) bool { return p.May(v) == nil }

// Who says who may, for a reader of the API's document.
func (v Verb) Who() string {
	r := rights[v]
	who := map[string]string{Regular: "every member", Manager: "managers and admins", Admin: "admins", Operator: "the operator"}[r.least]
	if !r.writes {
		who += ", also with a read-only key"
	}
	if r.extension {
		who += ", also a browser extension"
	}
	return who
}

// Known reports whether the permission table has the verb.
func (v Verb) Known() bool {
	_, known := rights[v]
	return known
}

// Lesser is the lower of two roles.
func Lesser(a, b string) string {
	if ranks[a] < ranks[b] {
		return a
	}
	return b
}
