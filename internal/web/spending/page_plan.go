package spending

import (
	"net/http"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

func (v *visit) planPage() error {
	return v.showPlan(http.StatusOK, AskOperator{}, v.URL.Query().Get("credit"), "")
}

// showPlan shows the page, with the form that asks for an add-on as it was typed.
func (v *visit) showPlan(status int, form AskOperator, credit, kind string) error {
	of, err := v.App.Screens.Plan(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	p := PlanPage{
		Page: v.Page, Name: words.Capital(of.Plan), Status: of.Status, Seats: words.Plural(of.Seats, "seat", "seats"), Period: words.PeriodText(of.Period, v.Zone),
		Zone: v.Zone.String(), Changes: frame.WaitingChanges(of.Credits), Credits: CreditsUsed(of.Credits, v.Scope.Now), Grants: GrantLines(of), Prices: of.Prices, Cancels: of.Cancel != nil,
	}
	for _, e := range of.History {
		one := v.EntryOf(e)
		one.At = v.Time(e.At) // a year may lie between two
		p.History = append(p.History, one)
	}
	p.Ask, p.Asked = askOperatorForm(of.MayAsk, form, credit, kind), v.askedLines(of.Asked)
	p.Page.Title, p.Page.Nav = "Plan", "plan"
	return v.Show(status, Plan(p))
}

// askOperatorForm is the form with what there is to choose; nil where nothing may be asked for.
func askOperatorForm(of []screen.Askable, form AskOperator, credit, kind string) *AskOperator {
	if len(of) == 0 {
		return nil
	}
	form.Key = frame.NewKey()
	chosen := max(0, slices.IndexFunc(of, func(t screen.Askable) bool { return t.Type == credit }))
	for n, t := range of {
		form.Types = append(form.Types, frame.Option{Value: t.Type, Label: words.Capital(t.Type), Selected: n == chosen})
	}
	form.Kinds = []frame.Option{{Value: "once", Label: "This period", Selected: true}, {Value: "recurring", Label: "Every period", Selected: kind == "recurring"}}
	if form.Errors == nil && of[chosen].Suggest > 0 {
		form.Amount = of[chosen].Suggest.String()
	}
	return &form
}

func (v *visit) askedLines(list []screen.AddOnRequest) (lines []AskedLine) {
	for _, r := range list {
		line := AskedLine{
			ID: r.ID, Type: r.Type, Amount: r.Amount, Often: Often(r.Kind), Note: r.Note, When: v.Time(r.At),
			Status: r.Status, Said: "waits for the operator",
		}
		if r.Member != "" {
			line.When += ", " + r.Member
		}
		switch r.Status {
		case account.RequestGranted:
			line.Said = "granted " + words.Num(r.Granted)
		case account.RequestDeclined:
			line.Said = "declined"
		default:
			if v.Who.Can(account.AskAddOns) {
				line.Key = frame.NewKey()
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// Often says how often an add-on of a kind counts.
func Often(kind string) string {
	if kind == "recurring" {
		return "every period"
	}
	return "this period"
}

// askOperator asks the operator for an add-on (rule G7).
func (v *visit) askOperator() error {
	form := AskOperator{Amount: strings.TrimSpace(v.PostFormValue("amount")), Note: strings.TrimSpace(v.PostFormValue("note")), Errors: map[string]string{}}
	n := account.NewAddOnRequest{Credit: v.PostFormValue("credit"), Kind: v.PostFormValue("kind"), Note: form.Note}
	again := func() error { return v.showPlan(http.StatusUnprocessableEntity, form, n.Credit, n.Kind) }
	var err error
	if n.Amount, err = unit.ParseAmount(form.Amount); err != nil {
		form.Errors["amount"] = words.Capital(err.Error()) + "."
		return again()
	}
	err = v.App.Accounts.AskAddOn(v.Context(), v.Scope, v.Once(), n)
	switch {
	case fault.Is(err, fault.Invalid):
		for _, wrong := range fault.FieldsOf(err) {
			form.Errors[wrong.Field] = words.Capital(wrong.Message) + "."
		}
		return again()
	case fault.Is(err, fault.Cancelled):
		return v.To("/plan", "danger", frame.ErrorText(err))
	case err != nil:
		return err
	}
	return v.To("/plan", "success", "Asked. The operator sees it at once.")
}

// withdrawRequest takes a request for an add-on back.
func (v *visit) withdrawRequest() error {
	err := v.App.Accounts.WithdrawAddOn(v.Context(), v.Scope, v.PathValue("request"))
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
		return v.To("/plan", "danger", "Nothing was withdrawn: "+frame.ErrorText(err))
	}
	if err != nil {
		return err
	}
	return v.To("/plan", "success", "Withdrawn.")
}

// GrantLines are the add-ons.
func GrantLines(p screen.Plan) (list []GrantLine) {
	for _, g := range p.Grants {
		line := GrantLine{ID: g.ID, Type: g.Type, Amount: g.Amount, Kind: g.Kind, Note: g.Note, Since: words.DayTime(g.Since, p.Zone), Cancelled: g.Cancelled}
		if !g.Until.IsZero() {
			line.Until = words.DayTime(g.Until, p.Zone)
		}
		list = append(list, line)
	}
	return list
}
