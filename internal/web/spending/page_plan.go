package spending

import (
	"net/http"

	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

func (v *visit) planPage() error {
	of, err := v.App.Screens.Plan(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	p := PlanPage{
		Page: v.Page, Name: words.Capital(of.Plan), Status: of.Status, Seats: words.Plural(of.Seats, "seat", "seats"), Period: frame.PeriodText(of.Period, v.Zone),
		Zone: v.Zone.String(), Changes: frame.WaitingChanges(of.Credits), Credits: CreditsUsed(of.Credits), Grants: GrantLines(of), History: v.EntriesOf(of.History), Cancel: CancelPreviewOf(of),
	}
	for n, e := range of.History { // a year may lie between two
		p.History[n].At = frame.LongTime(e.At, v.Zone)
	}
	p.Page.Title, p.Page.Nav = "Plan", "plan"
	return v.Show(http.StatusOK, Plan(p))
}

// GrantLines are the add-ons.
func GrantLines(p screen.Plan) (list []GrantLine) {
	for _, g := range p.Grants {
		line := GrantLine{ID: g.ID, Type: g.Type, Amount: g.Amount, Kind: g.Kind, Note: g.Note, Since: frame.LongTime(g.Since, p.Zone), Cancelled: g.Cancelled}
		if !g.Until.IsZero() {
			line.Until = frame.LongTime(g.Until, p.Zone)
		}
		list = append(list, line)
	}
	return list
}

// CancelPreviewOf is what a cancellation would do (rule G4); nil where there is
// nothing left to cancel.
func CancelPreviewOf(of screen.Plan) *CancelPreview {
	if of.Cancel == nil {
		return nil
	}
	end := frame.LongTime(of.Period.End, of.Zone)
	p := &CancelPreview{End: end}
	add := func(what, now, later string) { p.Lines = append(p.Lines, CancelLine{what, now, later}) }
	for _, c := range of.List {
		left := words.Quota(c.Available) + " left"
		add(words.Capital(c.Credit)+" credits, "+left, "Gone at once; nothing is available.", "Can be used until "+end+", then gone. No new period begins.")
		if c.Held > 0 {
			add(words.Num(c.Held)+" "+c.Credit+" held", "A lookup that runs may still finish and be charged.", "Lookups finish as ever; one that runs then may still be charged.")
		}
		if c.Assigned > 0 {
			add(words.Num(c.Assigned)+" "+c.Credit+" assigned to members", "Nobody can use it; it is assigned again after a reactivation.", "Can be used until "+end+"; assigned again after a reactivation.")
		}
	}
	if running := of.Cancel.AddOns; running > 0 {
		add(words.Plural(running, "add-on", "add-ons"), "End, and do not come back with a reactivation.", "Count until "+end+", and do not come back with a reactivation.")
	}
	if of.Next != nil {
		add("The change of plan that waits", "Does not happen.", "Does not happen.")
	}
	add("Captures, previews and unlocks", "Refused from then on: the subscription is cancelled.", "Go on until "+end+", then refused.")
	add(words.Plural(of.Cancel.Leads, "lead", "leads")+" on the sheet", "Stay readable and can be exported.", "Stay readable and can be exported.")
	add("The ledger, usage and the audit log", "Stay readable and can be exported.", "Stay readable and can be exported.")
	add("Reactivating", "Begins a fresh period with the plan’s allowance.", "Until "+end+" it only takes the cancellation back; later it begins a fresh period.")
	return p
}
