package settings

import "github.com/leadmeter/leadmeter/internal/web/frame"

// WebhooksPage is the workspace's webhooks.
type WebhooksPage struct {
	Page  frame.Page
	Hooks []HookLine
	Add   HookForm
}

// HookLine is one webhook in the list.
type HookLine struct {
	ID     string
	URL    string
	Events string // "3 events"
	Mode   string // good, warn or stop: how State looks
	State  string // "works", "failing since …", "paused"
}

// HookForm adds or changes a webhook.
type HookForm struct {
	Key         string
	Action      string
	URL         string
	URLError    string
	EventsError string
	Events      []frame.Option
	Private     bool // http and private addresses are let through
}

// WebhookPage is one webhook with its deliveries.
type WebhookPage struct {
	Page       frame.Page
	ID         string
	Title      string
	Mode       string
	State      string
	Paused     bool
	Why        string // why it is paused, or since when it fails; empty: neither
	OldUntil   string // until when the old secret signs too
	Secret     string // just made, shown this once
	Change     HookForm
	PauseKey   string
	TestKey    string
	RotateKey  string
	DeleteKey  string
	Deliveries []DeliveryLine
	Older      string // link to older ones; empty: there are none
}

// DeliveryLine is one message to a webhook.
type DeliveryLine struct {
	ID       string
	Event    string
	When     string
	ISO      string
	Mode     string // good, warn, stop or empty
	State    string // "sent", "waits until …", "given up"
	Attempts int
	Answer   string // "200", "it did not answer in time"
	Key      string // of its button; empty: it is under way
}

// AlertsPage is when admins are told how much is used.
type AlertsPage struct {
	Page     frame.Page
	MailOff  bool // the server sends no mail
	Key      string
	Marks    []AlertMark
	Mails    string // who is told: "2 admins"
	UsageKey string
	Every    []frame.Option
	Email    string // where the usage is mailed
	Recent   []CrossingLine
}

// AlertMark are the percentages of one credit type.
type AlertMark struct {
	Type     string
	Percents string // "80, 100"
	Error    string
	Now      string // "212 of 250 used"
}

// CrossingLine is one time when admins were told.
type CrossingLine struct {
	Type   string
	When   string
	ISO    string
	What   string // "80% of 250"
	Period string // "Nov 1 – 30, 2026"
}
