package spending

import (
	"net/url"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// UsagePage is the team's usage.
type UsagePage struct {
	Page frame.Page
	// Meters are what is free today, and MetersFree when they start again.
	Meters     []MeterLine
	MetersFree string
	Period     string // "Nov 1 – 30, 2026"
	Refill     string // "refills Dec 1, 2026, 00:00"
	Zone       string // "Europe/Berlin"
	Whose      string // of whom the tables are; empty: of everybody
	Dates      Dates
	Over       bool // the period shown is over
	Types      []string
	Credits    []CreditUsage
	Members    []MemberUsage
	Totals     []screen.UsageTotal // in Types' order
	Before     string              // what the range is compared with: "Oct 1 – 10, 2026, the same days of the period before"; empty: nothing
	MemberSort string              // the credit type, or name, that they are sorted by
	SortLinks  map[string]string   // by what they can be sorted
	Days       []DaySeries
	Fields     []UsageLine
	Outcomes   []OutcomeLine
	Channels   []UsageLine
	Saved      []words.Cost // what the free rules saved in the range
	SavedOf    int          // over how many free answers
	Entries    []frame.EntryLine
	UsageCSV   string // link to the CSV of the tables
	EntryCSV   string // link to the CSV of the ledger
	More       string // link to all entries; empty where the newest are all
}

// EntriesPage is the ledger behind a number of the usage page.
type EntriesPage struct {
	Page    frame.Page
	Dates   Dates
	Days    url.Values // the parameters that ask for the days shown
	Count   string     // "1,204 answers, 300 standard"
	Partly  bool       // a capture may lack fields, because of what is asked for
	Members []frame.Option
	Credits []frame.Option
	Fields  []frame.Option
	Outcome []frame.Option
	Channel []frame.Option
	Kinds   []frame.Option
	Entries []frame.EntryLine
	Newest  string // link to the first page; empty on it
	Older   string // link to the next page; empty on the last
	CSV     string
	Back    string // link to the usage of the same days
}

// CreditUsage is one credit type's allowance and where it went. Allowance is
// Used and Held and Available together (rule S3).
type CreditUsage struct {
	Type      string
	Allowance unit.Quota
	Used      unit.Amount
	Held      unit.Amount
	Available unit.Quota
	Parts     []screen.Part
	Assigned  string // how much is set aside for members; empty for nothing
	Refill    string // "refills Dec 1"
	Note      string // a warning in a sentence, may be empty
	Pace      *Pace  // how the period is likely to continue; nil leaves it out
	Over      bool   // the period is over: what is available was left
}

// MemberUsage is one member's row, with a cell per credit type in UsagePage.Types' order.
type MemberUsage struct {
	Name    string
	Link    string // the entries behind it, may be empty
	Limit   string // link to where their limit is set; empty: the viewer may not
	Removed bool
	Credits []screen.MemberCredit
}

// DaySeries is one credit type's use, day by day.
type DaySeries struct {
	Type string
	Days []DayUsage
}

// DayUsage is one day. Link leads to the entries behind it and may be empty.
type DayUsage struct {
	Label string // "Nov 3"
	Used  unit.Amount
	Link  string
}

// UsageLine is one field's or one channel's row, Used in UsagePage.Types' order.
type UsageLine struct {
	Label string
	Link  string // the entries behind it, may be empty
	Count int    // how many answers
	Used  []unit.Amount
}

// OutcomeLine is one outcome's row.
type OutcomeLine struct {
	Outcome string // one of rule C10's
	Link    string // the entries behind it, may be empty
	Count   int
	Used    []unit.Amount // in UsagePage.Types' order
	Saved   []words.Cost  // what it would have cost
}

// MeterLine is one meter in words.
type MeterLine struct{ Name, Text string }
