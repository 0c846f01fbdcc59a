package spending

import (
	"net/http"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// historyShown is how many changes of the plan are listed.
const historyShown = 30

func (v *visit) planPage() error {
	view, err := v.Look()
	if err != nil {
		return err
	}
	p := PlanPage{
		Page: v.Page, Name: words.Capital(view.Current.Plan.Name), Status: WorkspaceStatus(view), Seats: words.Plural(view.Current.Seats, "seat", "seats"),
		Period: frame.PeriodText(view.Current.Period, view.Current.Zone()), Zone: view.Current.Zone().String(), Changes: frame.WaitingChanges(view),
	}
	for _, c := range view.Credits {
		one := CreditUsageOf(view, c)
		if one.Parts, err = v.AllowanceParts(view, c); err != nil {
			return err
		}
		p.Credits = append(p.Credits, one)
	}
	if p.Grants, err = v.grantLines(view); err != nil {
		return err
	}
	if p.History, _, err = v.entryRows(view, store.EntryFilter{Workspace: v.Scope.Workspace.ID, Kind: unit.KindGrant, Limit: historyShown}, false); err != nil {
		return err
	}
	for n := range p.History { // a year may lie between two
		at, err := time.Parse(time.RFC3339, p.History[n].AtISO)
		if err != nil {
			return err
		}
		p.History[n].At = frame.LongTime(at, view.Current.Zone())
	}
	if p.Cancel, err = CancelPreviewOf(v.Visit, view); err != nil {
		return err
	}
	p.Page.Title, p.Page.Nav = "Plan", "plan"
	return v.Show(http.StatusOK, Plan(p))
}

func (v *visit) grantLines(view *credits.View) ([]GrantLine, error) {
	grants, err := v.App.Accounts.Grants(v.Context(), v.Scope, view.Current)
	var list []GrantLine
	for _, g := range grants {
		line := GrantLine{ID: g.ID, Type: g.Credit, Amount: unit.Amount(g.Amount), Kind: g.Kind, Note: g.Note, Since: frame.LongTime(frame.MicroTime(g.CreatedAt), view.Current.Zone())}
		line.End(g, view)
		list = append(list, line)
	}
	return list, err
}

// End says when an add-on ends or ended.
func (l *GrantLine) End(g store.GrantRow, view *credits.View) {
	if g.EndsAt == 0 {
		return
	}
	at := frame.MicroTime(g.EndsAt)
	l.Until = frame.LongTime(at, view.Current.Zone())
	_, l.Cancelled = view.Current.GrantEnds(at)
}

// CancelPreviewOf is what a cancellation would do (rule G4); nil where there is
// nothing left to cancel. It only reads.
func CancelPreviewOf(v *frame.Visit, view *credits.View) (*CancelPreview, error) {
	if !view.Current.CancelsAt.IsZero() {
		return nil, nil
	}
	leads, err := leadCount(v)
	if err != nil {
		return nil, err
	}
	end := frame.LongTime(view.Current.Period.End, view.Current.Zone())
	p := &CancelPreview{End: end}
	add := func(what, now, later string) { p.Lines = append(p.Lines, CancelLine{what, now, later}) }
	for _, c := range view.Credits {
		left := words.Quota(c.Available) + " left"
		add(words.Capital(c.Credit)+" credits, "+left, "Gone at once; nothing is available.", "Can be used until "+end+", then gone. No new period begins.")
		if c.Held > 0 {
			add(words.Num(c.Held)+" "+c.Credit+" held", "A lookup that runs may still finish and be charged.", "Lookups finish as ever; one that runs then may still be charged.")
		}
		if c.Assigned > 0 {
			add(words.Num(c.Assigned)+" "+c.Credit+" assigned to members", "Nobody can use it; it is assigned again after a reactivation.", "Can be used until "+end+"; assigned again after a reactivation.")
		}
	}
	grants, err := v.App.Accounts.Grants(v.Context(), v.Scope, view.Current)
	if err != nil {
		return nil, err
	}
	running := 0
	for _, g := range grants {
		if frame.GrantCounts(g, view.Current.Period) {
			running++
		}
	}
	if running > 0 {
		add(words.Plural(running, "add-on", "add-ons"), "End, and do not come back with a reactivation.", "Count until "+end+", and do not come back with a reactivation.")
	}
	if view.Current.Next != nil {
		add("The change of plan that waits", "Does not happen.", "Does not happen.")
	}
	add("Captures, previews and unlocks", "Refused from then on: the subscription is cancelled.", "Go on until "+end+", then refused.")
	add(words.Plural(leads, "lead", "leads")+" on the sheet", "Stay readable and can be exported.", "Stay readable and can be exported.")
	add("The ledger, usage and the audit log", "Stay readable and can be exported.", "Stay readable and can be exported.")
	add("Reactivating", "Begins a fresh period with the plan’s allowance.", "Until "+end+" it only takes the cancellation back; later it begins a fresh period.")
	return p, nil
}

func leadCount(v *frame.Visit) (n int, err error) {
	err = v.App.Store.View(v.Context(), func(tx *store.Tx) error {
		n, err = tx.CountLeads(store.LeadFilter{Workspace: v.Scope.Workspace.ID})
		return err
	})
	return n, err
}

// WorkspaceStatus is active, cancelling or cancelled.
func WorkspaceStatus(view *credits.View) string {
	switch {
	case view.Current.Cancelled:
		return "cancelled"
	case !view.Current.CancelsAt.IsZero():
		return "cancelling"
	}
	return "active"
}
