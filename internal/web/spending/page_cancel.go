package spending

import (
	"net/http"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// cancelPage says to an admin what a cancellation would mean; only the operator can cancel.
func (v *visit) cancelPage() error {
	of, err := v.App.Screens.Plan(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	p := CancelPage{Page: v.Page, Plan: words.Capital(of.Plan), Changes: frame.WaitingChanges(of.Credits), Cancel: CancelPreviewOf(of), Exports: v.exports()}
	p.Page.Title, p.Page.Nav = "Cancelling", "plan"
	return v.Show(http.StatusOK, Cancel(p))
}

// exports are the files of all that a workspace has, as far back as one of usage goes.
func (v *visit) exports() []frame.Option {
	first := unit.DayStart(v.Scope.Now, 1-screen.MaxDays, v.Zone)
	days := v.daysQuery(screen.Range{From: first, To: unit.DayEnds(v.Scope.Now, v.Zone)})
	last := ", last " + words.Count(screen.MaxDays) + " days"
	return []frame.Option{
		{Label: "Leads CSV", Value: "/leads.csv"}, {Label: "Ledger CSV" + last, Value: frame.WithQuery("/entries.csv", days)},
		{Label: "Usage CSV" + last, Value: frame.WithQuery("/usage.csv", days)}, {Label: "Audit log CSV", Value: "/audit.csv"},
	}
}

// CancelPreviewOf is what a cancellation would do (rule G4); nil where there is nothing left to
// cancel.
func CancelPreviewOf(of screen.Plan) *CancelPreview {
	if of.Cancel == nil {
		return nil
	}
	end := words.DayTime(of.Period.End, of.Zone)
	return &CancelPreview{End: end, Groups: []CancelGroup{
		{Title: "What is lost", Lines: lostLines(of, end)},
		{Title: "What ends", Lines: []CancelLine{
			{"Captures, previews and unlocks", "Refused from then on: the subscription is cancelled.", "Possible until " + end + ", then refused."},
			{"Refills", "No new period begins.", "No period begins after " + end + "."},
		}},
		{Title: "What stays", Lines: []CancelLine{
			{words.Plural(of.Cancel.Leads, "lead", "leads") + " on the sheet", "Stay readable and can be exported.", "Stay readable and can be exported."},
			{"The ledger, usage and the audit log", "Stay readable and can be exported.", "Stay readable and can be exported."},
			{"Members and their roles", "Stay, and can sign in.", "Stay, and can sign in."},
		}},
		{Title: "What a reactivation brings back", Lines: []CancelLine{
			{"The plan", "A fresh period with the plan’s allowance.", "Until " + end + " it takes the cancellation back and nothing is lost; later it begins a fresh period."},
		}},
	}}
}

// lostLines are what does not outlive a cancellation.
func lostLines(of screen.Plan, end string) (lines []CancelLine) {
	add := func(what, now, later string) { lines = append(lines, CancelLine{what, now, later}) }
	for _, c := range of.List {
		add(words.Capital(c.Credit)+" credits, "+words.Quota(c.Available)+" left", "Gone at once; nothing is available.", "Can be used until "+end+", then gone.")
		if c.Held > 0 {
			add(words.Num(c.Held)+" "+c.Credit+" held", "A lookup that runs may still finish and be charged.", "A lookup that runs then may still finish and be charged.")
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
	open := 0
	for _, r := range of.Asked {
		if r.Status == account.RequestOpen {
			open++
		}
	}
	if open > 0 {
		add(words.Plural(open, "open request", "open requests")+" for add-ons", "Can only be declined, until a reactivation.", "Can be granted until "+end+".")
	}
	return lines
}
