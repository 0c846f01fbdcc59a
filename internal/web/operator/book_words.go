package operator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// bookParts is a price book in words, in the book's order.
func bookParts(b *credits.Book) []BookPart {
	prices := BookPart{Title: "Prices"}
	for n := range b.Prices {
		i := &b.Prices[n]
		for _, f := range i.Fields {
			prices.Lines = append(prices.Lines, BookLine{frame.Capital(frame.FieldLabel(f)), priceWords(i)})
		}
	}
	free := BookPart{Title: "What is free, and for how long", Lines: []BookLine{
		{"Owned after a charge", daysOr(b.OwnedDays, "not at all")},
		{"Bad data can be reported for", daysOr(b.Reports.Days, "not at all")},
		{"Reports a member and period, before the operator looks", frame.Count(b.Reports.PerMember)},
		{"Reports a workspace and period, before the operator looks", fmt.Sprintf("%d %% of its charges, at least %d", b.Reports.SharePercent, b.Reports.AtLeast)},
	}}
	plans := BookPart{Title: "Plans"}
	for _, name := range b.PlanNames() {
		plans.Lines = append(plans.Lines, BookLine{frame.Capital(name), planWords(b, b.Plans[name])})
	}
	return []BookPart{prices, free, plans}
}

// priceWords is an item as "1 standard, once per person with Mobile; free …".
func priceWords(i *credits.Item) string {
	words := []string{i.Amount + " " + i.Credit}
	if others := len(i.Fields); i.PerPerson() && others > 1 {
		var names []string
		for _, f := range i.Fields {
			names = append(names, frame.FieldLabel(f))
		}
		words = append(words, "once for "+strings.Join(names, " and "))
	}
	if i.Unlock {
		words = append(words, "has its own button")
	}
	if i.VerifiedFreeDays > 0 {
		words = append(words, "free where the directory held it verified, "+daysOr(i.VerifiedFreeDays, ""))
	}
	return strings.Join(words, "; ")
}

func planWords(b *credits.Book, p *credits.Plan) string {
	var words []string
	for _, credit := range b.Credits {
		in, has := p.Credits[credit]
		switch {
		case !has:
			words = append(words, "no "+credit)
		case in.Amount.Unlimited:
			words = append(words, "unlimited "+credit)
		case in.PerSeat:
			words = append(words, frame.Num(in.Amount.Amount)+" "+credit+" a seat")
		default:
			words = append(words, frame.Num(in.Amount.Amount)+" "+credit)
		}
		if in.RolloverCap > 0 {
			words[len(words)-1] += ", of which " + frame.Num(in.RolloverCap) + " may roll over"
		}
	}
	return strings.Join(words, ", ") + " each " + string(p.Interval)
}

func daysOr(days int, none string) string {
	if days == 0 {
		return none
	}
	return frame.Plural(days, "day", "days")
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
