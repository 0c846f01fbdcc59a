package frame

import (
	"time"

	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/words"
)

// EntriesOf writes ledger entries for reading.
func (v *Visit) EntriesOf(list []screen.Entry) []Entry {
	var rows []Entry
	for _, e := range list {
		one := Entry{
			ID: e.ID, At: e.At.In(v.Zone).Format("2 Jan, 15:04"), AtISO: e.At.Format(time.RFC3339), Member: e.Member, Person: e.Person, Kind: e.Kind,
			Channel: words.ChannelName(e.Channel), Type: e.Type, Amount: e.Amount, Rule: e.Rule, After: &e.After, Reported: e.Reported,
		}
		if e.Field != "" {
			one.Field = words.FieldLabel(e.Field)
		}
		if e.Lead != "" {
			one.Lead = "/leads/" + e.Lead
		}
		if e.MayReport {
			one.ReportKey, one.ReportGives = NewKey(), e.Gives
			for n, r := range e.Reasons {
				one.Reasons = append(one.Reasons, Option{Value: r, Label: reasonNames[r], Selected: n == 0})
			}
		}
		rows = append(rows, one)
	}
	return rows
}

// reasonNames are the reasons of a report, by what they are sent as.
var reasonNames = map[string]string{capture.Bounced: "It bounced", capture.WrongNumber: "Wrong number", capture.WrongPerson: "Another person’s"}

// PartName says what a part of an allowance is.
func PartName(kind string) string {
	switch kind {
	case "plan":
		return "Plan"
	case "recurring":
		return "Add-on, every period"
	case "once":
		return "Add-on, this period"
	case "rollover":
		return "Carried over"
	}
	return kind
}
