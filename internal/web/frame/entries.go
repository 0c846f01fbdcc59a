package frame

import (
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/words"
)

// EntryLinesOf writes lines of the ledger for reading.
func (v *Visit) EntryLinesOf(list []screen.EntryLine) (lines []EntryLine) {
	for _, l := range list {
		line := EntryLine{Entry: v.EntryOf(l.Entry), Spent: l.Spent}
		for _, f := range l.Fields {
			line.Fields = append(line.Fields, v.EntryOf(f))
		}
		if len(l.Fields) > 0 {
			line.What, line.Rule, line.Reported = fieldNames(line.Fields), captureRule(l.Fields), reportedFields(l.Fields)
		}
		lines = append(lines, line)
	}
	return lines
}

// EntryOf writes a ledger entry for reading.
func (v *Visit) EntryOf(e screen.Entry) Entry {
	one := Entry{
		ID: e.ID, At: words.ShortTime(e.At, v.Scope.Now, v.Zone), AtISO: e.At.Format(time.RFC3339), Member: e.Member, Person: e.Person, Kind: e.Kind,
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
	return one
}

func fieldNames(fields []Entry) string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Field)
	}
	return strings.Join(names, ", ")
}

// captureRule sums up the outcomes of a capture's fields: "2 charged, 1 not found". Of one
// field it is the field's own.
func captureRule(fields []screen.Entry) string {
	if len(fields) == 1 {
		return fields[0].Rule
	}
	var outcomes []string
	counts := map[string]int{}
	for _, f := range fields {
		if counts[f.Outcome]++; counts[f.Outcome] == 1 {
			outcomes = append(outcomes, f.Outcome)
		}
	}
	for n, o := range outcomes {
		outcomes[n] = words.Count(counts[o]) + " " + strings.ToLower(words.OutcomeName(o))
	}
	return strings.Join(outcomes, ", ")
}

// reportedFields says how many fields were reported bad; of one the outcome.
func reportedFields(fields []screen.Entry) string {
	reported := slices.DeleteFunc(slices.Clone(fields), func(f screen.Entry) bool { return f.Reported == "" })
	switch {
	case len(reported) == 0:
		return ""
	case len(fields) == 1:
		return reported[0].Reported
	}
	return words.Count(len(reported)) + " reported bad"
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
