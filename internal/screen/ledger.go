package screen

import (
	"context"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/words"
)

// Ledger is a page of entries, with what the range has to choose from.
type Ledger struct {
	Credits
	Range
	Periods                             []unit.Period // that can be chosen
	Entries                             []EntryLine
	Older                               int64 // the number before which the next page begins; 0: none
	Members, Fields, Outcomes, Channels []Choice
	Answers                             int          // how many answers match, whatever their kind
	Spent                               []words.Cost // what was spent on them
}

// Choice is a value that entries can be chosen by.
type Choice struct{ Key, Name string }

// Entries reads a page of the ledger.
func (s *Screens) Entries(ctx context.Context, sc *account.Scope, days RangeAsk, ask EntryAsk) (l Ledger, err error) {
	view, err := s.look(ctx, sc)
	if err != nil {
		return l, err
	}
	periods, _, err := s.periods(ctx, sc, view.Current)
	if err != nil {
		return l, err
	}
	l = Ledger{Credits: creditsOf(view, ""), Periods: periods, Range: rangeOf(sc, days, view.Current, periods)}
	ask.From, ask.To = l.From, l.To
	if l.Entries, l.Older, err = s.entries(ctx, sc, view, ask, true); err != nil {
		return l, err
	}
	cube, err := s.Reports.Cube(ctx, sc, usage.Ask{From: l.From, To: l.To})
	if err != nil {
		return l, err
	}
	names, err := s.Accounts.MemberNames(ctx, sc)
	if err != nil {
		return l, err
	}
	names[""] = "The workspace itself"
	l.Members = choices(cube, "member", func(key string) string { return names[key] })
	l.Fields = choices(cube, "field", FieldName)
	l.Outcomes = choices(cube, "outcome", words.OutcomeName)
	l.Channels = choices(cube, "channel", ChannelName)
	answers, amounts := cube.Count(ask.Member, ask.Credit, ask.Field, ask.Outcome, ask.Channel)
	l.Answers, l.Spent = int(answers), l.Costs(amounts)
	return l, nil
}

func choices(cube *usage.Cube, by string, name func(key string) string) (list []Choice) {
	for _, g := range cube.Report(by, nil).Data {
		list = append(list, Choice{g.Key, name(g.Key)})
	}
	return list
}

// FieldName is a field of a table of usage; what is charged without one is no field's.
func FieldName(key string) string {
	if key == "" {
		return "Other charges"
	}
	return words.FieldLabel(key)
}

// ChannelName is a channel of a table of usage.
func ChannelName(key string) string {
	if key == "" {
		return "None"
	}
	return words.ChannelName(key)
}
