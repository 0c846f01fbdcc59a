package web

import (
	"net/http"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
)

// historyShown is how many changes of the plan are listed.
const historyShown = 30

func (a *App) planPage(v *visit) error {
	view, err := v.look()
	if err != nil {
		return err
	}
	p := PlanPage{
		Page: v.page, Name: capital(view.Current.Plan.Name), Status: deskStatus(view), Seats: plural(view.Current.Seats, "seat", "seats"),
		Period: periodText(view.Current.Period, view.Current.Zone()), Zone: view.Current.Zone().String(), Changes: waiting(view),
	}
	for _, c := range view.Credits {
		one := creditUsage(view, c)
		if one.Parts, err = v.parts(view, c); err != nil {
			return err
		}
		p.Credits = append(p.Credits, one)
	}
	if p.Grants, err = v.grantLines(view); err != nil {
		return err
	}
	if p.History, _, err = v.entryRows(view, store.EntryFilter{Workspace: v.scope.Workspace.ID, Kind: credits.KindGrant, Limit: historyShown}, false); err != nil {
		return err
	}
	for n := range p.History { // a year may lie between two
		at, err := time.Parse(time.RFC3339, p.History[n].AtISO)
		if err != nil {
			return err
		}
		p.History[n].At = longTime(at, view)
	}
	if p.Cancel, err = v.cancelPreview(view); err != nil {
		return err
	}
	p.Page.Title, p.Page.Nav = "Plan", "plan"
	return v.show(http.StatusOK, Plan(p))
}

func (v *visit) grantLines(view *credits.View) ([]GrantLine, error) {
	grants, err := v.app.Accounts.Grants(v.Context(), v.scope)
	var list []GrantLine
	for _, g := range grants {
		line := GrantLine{ID: g.ID, Type: g.Credit, Amount: credits.Amount(g.Amount), Kind: g.Kind, Note: g.Note, Since: longTime(microTime(g.CreatedAt), view)}
		if g.EndsAt != 0 {
			line.Until = longTime(microTime(g.EndsAt), view)
		}
		list = append(list, line)
	}
	return list, err
}

// cancelPreview is what a cancellation would do (rule G4); nil where there is
// nothing left to cancel. It only reads.
func (v *visit) cancelPreview(view *credits.View) (*CancelPreview, error) {
	if !view.Current.CancelsAt.IsZero() {
		return nil, nil
	}
	leads, err := v.leadCount()
	if err != nil {
		return nil, err
	}
	end := longTime(view.Current.Period.End, view)
	p := &CancelPreview{End: end}
	add := func(what, now, later string) { p.Lines = append(p.Lines, CancelLine{what, now, later}) }
	for _, c := range view.Credits {
		left := quota(c.Available) + " left"
		add(capital(c.Credit)+" credits, "+left, "Gone at once; nothing is available.", "Can be used until "+end+", then gone. No new period begins.")
		if c.Held > 0 {
			add(num(c.Held)+" "+c.Credit+" held", "A lookup that runs may still finish and be charged.", "Lookups finish as ever; one that runs then may still be charged.")
		}
		if c.Assigned > 0 {
			add(num(c.Assigned)+" "+c.Credit+" assigned to members", "Nobody can use it; it is assigned again after a reactivation.", "Can be used until "+end+"; assigned again after a reactivation.")
		}
	}
	grants, err := v.app.Accounts.Grants(v.Context(), v.scope)
	if err != nil {
		return nil, err
	}
	running := 0
	for _, g := range grants {
		if grantCounts(g, view.Current.Period) {
			running++
		}
	}
	if running > 0 {
		add(plural(running, "add-on", "add-ons"), "End, and do not come back with a reactivation.", "Count until "+end+", and do not come back with a reactivation.")
	}
	if view.Current.Next != nil {
		add("The change of plan that waits", "Does not happen.", "Does not happen.")
	}
	add("Captures, previews and unlocks", "Refused from then on: the subscription is cancelled.", "Go on until "+end+", then refused.")
	add(plural(leads, "lead", "leads")+" on the sheet", "Stay readable and can be exported.", "Stay readable and can be exported.")
	add("The ledger, usage and the audit log", "Stay readable and can be exported.", "Stay readable and can be exported.")
	add("Reactivating", "Begins a fresh period with the plan’s allowance.", "Until "+end+" it only takes the cancellation back; later it begins a fresh period.")
	return p, nil
}

func (v *visit) leadCount() (n int, err error) {
	err = v.app.Store.View(v.Context(), func(tx *store.Tx) error {
		n, err = tx.CountLeads(store.LeadFilter{Workspace: v.scope.Workspace.ID})
		return err
	})
	return n, err
}

func deskStatus(view *credits.View) string {
	switch {
	case view.Current.Cancelled:
		return "cancelled"
	case !view.Current.CancelsAt.IsZero():
		return "cancelling"
	}
	return "active"
}
