package frame

import (
	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/words"
)

// AllowancePart is one thing the allowance is made of.
type AllowancePart struct {
	Kind   string // plan, recurring, once or rollover
	Label  string // "Pro, 5 seats × 50"
	Note   string // the operator's note on an add-on
	Amount unit.Quota
}

// AllowanceParts is what an allowance is made of, with the operator's notes.
func (v *Visit) AllowanceParts(view *credits.View, c credits.CreditView) ([]AllowancePart, error) {
	if view.Current.Cancelled {
		return nil, nil
	}
	label := words.Capital(view.Current.Plan.Name)
	if in := view.Current.Plan.Credits[c.Credit]; in.PerSeat && !in.Amount.Unlimited {
		label += ", " + words.Plural(view.Current.Seats, "seat", "seats") + " × " + words.Quota(in.Amount)
	}
	list := []AllowancePart{{Kind: "plan", Label: label, Amount: c.Granted.Plan}}
	grants, err := v.App.Accounts.Grants(v.Context(), v.Scope, view.Current)
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		if g.Credit == c.Credit && GrantCounts(g, view.Current.Period) {
			list = append(list, AllowancePart{Kind: g.Kind, Note: g.Note, Amount: unit.Of(unit.Amount(g.Amount))})
		}
	}
	if c.Granted.Rollover > 0 {
		list = append(list, AllowancePart{Kind: "rollover", Amount: unit.Of(c.Granted.Rollover)})
	}
	return list, nil
}

// GrantCounts reports whether an add-on is part of the period's allowance, for
// showing it; what it adds the ledger says.
func GrantCounts(g store.GrantRow, p unit.Period) bool {
	if g.Kind == credits.Once {
		return g.PeriodStart == p.Start.UnixMicro()
	}
	return g.EndsAt == 0 || g.EndsAt > p.Start.UnixMicro()
}

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
