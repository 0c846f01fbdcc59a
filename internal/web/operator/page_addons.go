package operator

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/spending"
	"github.com/leadmeter/leadmeter/internal/words"
)

const addOnRequests = "/operator/addon-requests"

// addOnRequestsPage lists what workspaces ask for beyond their plans (rule G7).
func (v *visit) addOnRequestsPage() error {
	v.Page.Notices = v.Notices()
	list, full, err := v.App.Screens.AddOnRequests(v.Context())
	if err != nil {
		return err
	}
	p := AddOnRequestsPage{Page: v.Page, Full: full}
	for _, r := range list {
		p.Rows = append(p.Rows, addOnRequestLine(r))
	}
	decided, err := v.App.Screens.DecidedAddOns(v.Context())
	if err != nil {
		return err
	}
	for _, r := range decided {
		line := DecidedAddOnLine{
			Workspace: r.Workspace, Name: r.Name, Status: r.Status, Who: cmp.Or(r.Member, "A key"), Note: r.Note, Often: spending.Often(r.Kind),
			Asked: words.Cost{Type: r.Type, Amount: r.Amount}, When: unit.InstantText(r.DecidedAt, time.UTC),
		}
		if r.Granted > 0 {
			line.Granted = []words.Cost{{Type: r.Type, Amount: r.Granted}}
		}
		p.Decided = append(p.Decided, line)
	}
	p.Page.Title, p.Page.Nav = "Add-on requests", "addons"
	return v.Show(http.StatusOK, AddOnRequests(p))
}

func addOnRequestLine(r screen.AskedAddOn) AddOnRequestLine {
	line := AddOnRequestLine{
		ID: r.ID, Key: frame.NewKey(), Workspace: r.Workspace, Name: r.Name, Status: r.Status, Who: cmp.Or(r.Member, "A key"),
		When: words.DayTime(r.At, r.Zone), Note: r.Note, Type: r.Type, Often: spending.Often(r.Kind), Amount: r.Amount,
	}
	switch r.Status {
	case "":
		line.Status, line.Left = "unreadable", "The credits of this workspace cannot be read."
		return line
	case screen.Cancelled:
		line.Left = words.Cancelled + " Reactivate it before you grant."
	default:
		line.Grants = true
		line.Left = words.Quota(r.Left) + " of " + words.Quota(r.Allowance) + " " + r.Type + " left until " + words.DayTime(r.Until, r.Zone) + "."
	}
	line.Plan = words.Capital(r.Plan) + ", " + words.Plural(r.Seats, "seat", "seats")
	return line
}

// decideAddOn gives an add-on for a request, or declines.
func (v *visit) decideAddOn() error {
	var grant unit.Amount
	switch v.PostFormValue("answer") {
	case "grant":
		var err error
		if grant, err = unit.ParseAmount(strings.TrimSpace(v.PostFormValue("amount"))); err != nil || grant <= 0 {
			return v.To(addOnRequests, "danger", "Nothing was granted: the amount must be a number of credits, more than 0.")
		}
	case "decline":
	default:
		return fault.Wrong("answer", "must be grant or decline")
	}
	s, r, err := v.App.Accounts.AddOnRequest(v.Context(), v.Who, v.PathValue("request"))
	if err == nil {
		r, err = v.App.Accounts.DecideAddOn(v.Context(), s, r, grant, s.Request(v.Once()))
	}
	var changed = fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) || fault.Is(err, fault.Cancelled) || fault.Is(err, fault.Invalid)
	switch {
	case changed:
		return v.To(addOnRequests, "danger", "Nothing was decided: "+frame.ErrorText(err))
	case err != nil:
		return err
	case r.Status == account.RequestDeclined:
		return v.To(addOnRequests, "success", "Declined. "+s.Workspace.Name+" sees it on its plan page.")
	}
	return v.To(addOnRequests, "success", "Granted "+words.Num(unit.Amount(r.Granted))+" "+r.Credit+" to "+s.Workspace.Name+". It counts at once.")
}
