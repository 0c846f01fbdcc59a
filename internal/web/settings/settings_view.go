package settings

import (
	"fmt"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// SettingsPage is the workspace's settings and the person's own.
type SettingsPage struct {
	Page       frame.Page
	Workspace  WorkspaceFacts
	Policy     *UnlockPolicy // nil for members who may not change it
	Own        OwnUnlock
	SignIn     frame.SignInFacts
	Keys       *KeyList    // nil for members who may not see them
	Appearance *Appearance // nil leaves the choice out
	Extensions Extensions
}

// WorkspaceFacts is what was bought.
type WorkspaceFacts struct {
	Name    string
	Plan    string
	Seats   int
	Period  string // "Nov 1 – 30, 2026"
	Refill  string // "Refills Dec 1, 2026, 00:00"
	Zone    string
	Status  string         // active or cancelled
	Changes []frame.Notice // pending downgrade, cancellation at the period's end …
	Parts   []PlanPart
}

// PlanPart is the plan's own amount or an add-on of one credit type.
type PlanPart struct {
	Type   string
	Kind   string // plan, recurring, once or rollover
	Amount unit.Quota
	Label  string // "Pro, 5 seats × 50"
	Note   string
	Until  string // when it ends, in words; empty while it continues
}

// UnlockPolicy is who decides whether captures unlock premium fields by themselves (rule U2).
type UnlockPolicy struct {
	Key      string
	Mode     string // on, off or member
	DailyCap string // as typed or stored; empty for no cap
	CapType  string // the credit type it is counted in
	CapError string
	AtMost   []words.Cost // what one capture may spend by the setting
	Visible  UsageVisibility
}

// UsageVisibility is who sees the team's usage (rule S5).
type UsageVisibility struct {
	Key      string
	Everyone bool
}

// OwnUnlock is the person's own switch.
type OwnUnlock struct {
	Key     string
	On      bool
	Managed bool         // the policy is on or off: the switch is not theirs
	AtMost  []words.Cost // what it may spend at each capture
}

// KeyList is the workspace's API keys.
type KeyList struct {
	Key   string // idempotency key of the create form
	New   *NewKey
	Keys  []APIKey
	Error string // beside the name
	Roles []frame.Option
}

// NewKey is a key just made, shown this once.
type NewKey struct {
	Name   string
	Secret string
}

// APIKey is one key, without its secret.
type APIKey struct {
	ID        string
	Name      string
	Role      string // "admin", "member", "read-only member"
	Hint      string // its last characters, "lm_…4f2a"; may be empty
	Created   string
	RevokeKey string // idempotency key of its revoke button
}

// Appearance is the choice of theme.
type Appearance struct {
	Key   string
	Theme string // light, dark or empty for the system's own
}

// HelpPage answers the questions about credits from the workspace's own numbers.
type HelpPage struct {
	Page   frame.Page
	Intro  string
	Topics []HelpTopic
	Prices []PriceLine
	Guides GuideList
}

// GuideList links to the pages of the documentation.
type GuideList struct{ Guides, More []frame.PageLink }

// GuidePage is a page of the documentation.
type GuidePage struct {
	Page     frame.Page
	Title    string
	HTML     string // the program's own
	Sections []frame.PageLink
	Others   GuideList
}

// HelpSearch is what a search of the help found.
type HelpSearch struct {
	Page    frame.Page
	Query   string
	Found   int // of which Results are the first
	Results []HelpResult
	Guides  GuideList
}

// FoundText says how much was found.
func (s HelpSearch) FoundText() string {
	text := words.Plural(s.Found, "result", "results")
	if s.Found > len(s.Results) {
		text += fmt.Sprintf("; the first %d are shown", len(s.Results))
	}
	return text
}

// HelpResult is a question or a section.
type HelpResult struct{ Page, Title, Text, Link string }

// HelpTopic is one question with its answer.
type HelpTopic struct {
	ID       string // for links: "not-found"
	Question string
	Answer   []string   // paragraphs
	Head     []string   // a table's head; empty for no table
	Rows     [][]string // its rows
}

// PriceLine is one field's price.
type PriceLine struct {
	Field string // "Mobile phone"
	Type  string // credit type
	Price string // as the price book writes it: "1", "0.1", "1/3"
	Free  string // when it costs nothing
}
