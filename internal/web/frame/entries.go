package frame

import (
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/words"
)

// EntriesOf writes ledger entries in words.
func (v *Visit) EntriesOf(rows []store.Entry, view *credits.View, names map[string]string, people map[string]string) []Entry {
	var list []Entry
	for _, e := range rows {
		at := time.UnixMicro(e.At).UTC()
		one := Entry{
			ID: unit.EntryID(e.Seq), At: at.In(view.Current.Zone()).Format("2 Jan, 15:04"), AtISO: at.Format(time.RFC3339),
			Member: names[e.Member], Person: people[e.Person], Kind: e.Kind, Channel: words.ChannelName(e.Channel), Type: e.Credit, Amount: unit.Amount(e.Amount),
			Rule: ruleText(e),
		}
		if one.Member == "" {
			one.Member = "Workspace"
		}
		if e.Field != "" {
			one.Field = words.FieldLabel(e.Field)
		}
		if e.Person != "" {
			if one.Person == "" {
				one.Person = "a person not on the sheet"
			} else {
				one.Lead = "/leads/" + LeadID(e.Person)
			}
		}
		after := unit.Unlimited
		if e.BalanceAfter != nil {
			after = unit.Of(unit.Amount(*e.BalanceAfter))
		}
		one.After = &after
		list = append(list, one)
	}
	return list
}

// ruleText is why an entry is there, in words.
func ruleText(e store.Entry) string {
	switch e.Kind {
	case unit.KindCharge:
		switch description, reason := credits.Noted(e.Kind, e.Field, e.Note); {
		case description != "":
			return description
		case reason.Code != "":
			return "Found and charged: " + words.ChargedBecause(reason)
		}
		return "Found and charged, once for this person"
	case unit.KindFree:
		return words.OutcomeName(e.Outcome)
	case unit.KindHold:
		return "Set aside while a lookup runs"
	case unit.KindRelease:
		if e.Outcome == credits.HoldExpired {
			return "Given back: the hold ran out"
		}
		return "Given back from a hold"
	case unit.KindRefund:
		return "Given back"
	}
	switch e.Outcome {
	case "plan_changed":
		return "The plan changed"
	case "cancelled":
		return "The subscription was cancelled"
	case "reactivated":
		return "The subscription began again"
	case "add_on":
		return "An add-on was given"
	}
	return "The allowance changed"
}
