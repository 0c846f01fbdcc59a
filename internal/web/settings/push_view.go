package settings

import "github.com/leadmeter/leadmeter/internal/web/frame"

// PushPage is where leads can be pushed to, and what was.
type PushPage struct {
	Page   frame.Page
	NoKey  bool   // the server cannot keep tokens
	Secret string // of a webhook just connected, shown this once
	Forms  []ConnectionForm
	Key    string
	To     []frame.Option
	Lists  []frame.Option
	Error  string
	Pushes []PushLine
}

// ConnectionForm connects one kind of program.
type ConnectionForm struct {
	Kind      string // hubspot, salesforce or webhook
	Name      string
	State     string // "connected", "not connected", "token refused"
	Mode      string // good, stop or empty
	Connected bool
	Address   string
	Error     string
	Key       string
	EndKey    string
}

// PushLine is one push.
type PushLine struct {
	To     string
	When   string
	ISO    string
	Mode   string
	State  string // "done", "120 of 300"
	Counts string // "created 80, failed 2"
	Why    []string
}
