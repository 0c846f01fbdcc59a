package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/words"
)

// bookParts is a price book in words, in the book's order.
func bookParts(b *credits.Book) []BookPart {
	prices := BookPart{Title: "Prices"}
	for n := range b.Prices {
		i := &b.Prices[n]
		for _, f := range i.Fields {
			prices.Lines = append(prices.Lines, BookLine{words.Capital(words.FieldLabel(f)), priceWords(i)})
		}
	}
	free := BookPart{Title: "What is free, and for how long", Lines: []BookLine{
		{"Owned after a charge", daysOr(b.OwnedDays, "not at all")},
		{"Bad data can be reported for", daysOr(b.Reports.Days, "not at all")},
		{"Reports a member and period, before the operator looks", words.Count(b.Reports.PerMember)},
		{"Reports a workspace and period, before the operator looks", fmt.Sprintf("%d %% of its charges, at least %d", b.Reports.SharePercent, b.Reports.AtLeast)},
	}}
	plans := BookPart{Title: "Plans"}
	for _, name := range b.PlanNames() {
		plans.Lines = append(plans.Lines, BookLine{words.Capital(name), planWords(b, b.Plans[name])})
	}
	return []BookPart{prices, free, plans}
}

// priceWords is an item as "1 standard, once per person with Mobile; free …".
func priceWords(i *credits.Item) string {
	parts := []string{i.Amount + " " + i.Credit}
	if others := len(i.Fields); i.PerPerson() && others > 1 {
		var names []string
		for _, f := range i.Fields {
			names = append(names, words.FieldLabel(f))
		}
		parts = append(parts, "once for "+strings.Join(names, " and "))
	}
	if i.Unlock {
		parts = append(parts, "unlocked with its own button")
	}
	if i.VerifiedFreeDays > 0 {
		parts = append(parts, "free if already in the directory, verified in the last "+daysOr(i.VerifiedFreeDays, ""))
	}
	return strings.Join(parts, "; ")
}

func planWords(b *credits.Book, p *credits.Plan) string {
	var parts []string
	for _, credit := range b.Credits {
		in, has := p.Credits[credit]
		switch {
		case !has:
			parts = append(parts, "no "+credit)
		case in.Amount.Unlimited:
			parts = append(parts, "unlimited "+credit)
		case in.PerSeat:
			parts = append(parts, words.Num(in.Amount.Amount)+" "+credit+" a seat")
		default:
			parts = append(parts, words.Num(in.Amount.Amount)+" "+credit)
		}
		if in.RolloverCap > 0 {
			parts[len(parts)-1] += ", of which " + words.Num(in.RolloverCap) + " may roll over"
		}
	}
	return strings.Join(parts, ", ") + " each " + string(p.Interval)
}

func daysOr(days int, none string) string {
	if days == 0 {
		return none
	}
	return words.Plural(days, "day", "days")
}

// diffBooks is every line that two books do not have in the same words: those of
// the first in its order, then what only the second has.
func diffBooks(now, then *credits.Book) (list []BookChange) {
	before, after := bookParts(now), bookParts(then)
	for n := range before {
		for _, l := range before[n].Lines {
			if other := lineOf(after[n].Lines, l.What); other != l.Text {
				list = append(list, BookChange{l.What, l.Text, other})
			}
		}
		for _, l := range after[n].Lines {
			if lineOf(before[n].Lines, l.What) == "" {
				list = append(list, BookChange{l.What, "", l.Text})
			}
		}
	}
	return list
}

func lineOf(lines []BookLine, what string) string {
	if n := slices.IndexFunc(lines, func(l BookLine) bool { return l.What == what }); n >= 0 {
		return lines[n].Text
	}
	return ""
}
