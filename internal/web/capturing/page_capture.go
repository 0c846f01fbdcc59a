package capturing

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/sheet"
	"github.com/leadmeter/leadmeter/internal/words"
)

func (v *visit) capturePage() error {
	form, err := v.captureForm(v.URL.Query().Get("who"), nil)
	if err != nil {
		return err
	}
	return v.showCapture(http.StatusOK, form, nil)
}

func (v *visit) showCapture(status int, form CaptureForm, result *CaptureOutcome) error {
	v.Page.Title, v.Page.Nav = "Capture", "capture"
	return v.Show(status, Capture(CapturePage{Page: v.Page, Form: form, Result: result}))
}

// captureForm offers every field with its price; those of a plain capture are chosen.
func (v *visit) captureForm(who string, chosen []lead.Field) (CaptureForm, error) {
	form := CaptureForm{Key: frame.NewKey(), Who: who}
	of, err := v.App.Screens.CaptureForm(v.Context(), v.Scope)
	if err != nil {
		return form, err
	}
	var checked []string
	for _, f := range of.Fields {
		one := CaptureField{Field: f.Field, Label: words.FieldLabel(f.Field), Price: f.AtMost, Checked: f.Plain}
		if chosen != nil {
			one.Checked = slices.Contains(chosen, lead.Field(f.Field))
		}
		if one.Checked {
			checked = append(checked, f.Field)
		}
		if f.Auto {
			one.Note = "Unlocked at every capture by the setting."
		}
		form.Fields = append(form.Fields, one)
	}
	form.Preview, form.AllOrNothing = v.PostFormValue("preview") == "on", v.PostFormValue("all_or_nothing") == "on"
	form.AtMost, form.Refills, form.Prices = of.AtMost(checked), of.Refill.At != nil, map[string]string{}
	for fields, price := range of.Prices {
		form.Prices[fields] = words.AtMost(price)
	}
	if len(of.Lists) > 0 {
		form.Lists = append(form.Lists, frame.Option{Value: "", Label: "No list", Selected: v.PostFormValue("list") == ""})
	}
	for _, l := range of.Lists {
		form.Lists = append(form.Lists, frame.Option{Value: l, Label: l, Selected: v.PostFormValue("list") == l})
	}
	return form, nil
}

// capture looks or captures, by the button that was pressed.
func (v *visit) capture() error {
	who := strings.TrimSpace(v.PostFormValue("who"))
	ref := lead.Typed(who)
	if id := v.PostFormValue("person"); id != "" {
		ref = lead.Reference{ID: id}
	}
	var fields []lead.Field
	for _, name := range v.PostForm["fields"] {
		if f, ok := lead.ParseField(name); ok {
			fields = append(fields, f)
		}
	}
	if who == "" && ref.ID == "" {
		return v.answerCapture(who, fields, &CaptureOutcome{NoMatch: &NoMatch{Why: "Say who you are looking for."}})
	}
	if v.PostFormValue("from") == "capture" && len(fields) == 0 {
		return v.answerCapture(who, fields, &CaptureOutcome{NoMatch: &NoMatch{Who: who, Why: "Choose at least one field to ask for."}})
	}
	var outcome *CaptureOutcome
	var err error
	if v.PostFormValue("action") == "look" {
		outcome, err = v.lookUp(ref, who, fields)
	} else {
		outcome, err = v.spend(ref, who, fields)
	}
	if err != nil {
		return err
	}
	return v.answerCapture(who, fields, outcome)
}

// answerCapture answers htmx with the panel, and a plain form with the page.
func (v *visit) answerCapture(who string, fields []lead.Field, outcome *CaptureOutcome) error {
	var err error
	if v.Page.Balance, err = v.BalanceNow(); err != nil {
		return err
	}
	if !v.HTMX() {
		if outcome.Captured != nil && v.PostFormValue("from") != "capture" {
			fields = nil // the next capture's own choice
		}
		form, err := v.captureForm(who, fields)
		if err != nil {
			return err
		}
		return v.showCapture(http.StatusOK, form, outcome)
	}
	answer := []templ.Component{CaptureAnswer(*outcome), frame.Balance(v.Page.Balance, true)}
	if outcome.Captured == nil || outcome.Captured.Lead == "" || v.PostFormValue("from") != "leads" {
		return v.Show(http.StatusOK, templ.Join(answer...))
	}
	if v.PostFormValue("sheet") != "shown" { // the sheet was empty: there is no table to put the row in
		v.W.Header().Set("HX-Refresh", "true")
		v.Say("success", "Captured "+outcome.Captured.Person.Name+": "+words.ChargedText(outcome.Captured.Charged)+".")
		return v.Show(http.StatusOK, CaptureAnswer(*outcome))
	}
	rows, err := sheet.FirstRows(v.Visit)
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, templ.Join(append(answer, rows...)...))
}

// lookUp is the free look.
func (v *visit) lookUp(ref lead.Reference, who string, fields []lead.Field) (*CaptureOutcome, error) {
	l, err := v.App.Captures.Lookup(v.Context(), v.Scope, ref)
	if out, ok := v.noMatch(err, who); ok {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	of, err := v.App.Screens.CaptureForm(v.Context(), v.Scope)
	if err != nil {
		return nil, err
	}
	r := &LookupResult{Person: summary(l.Person), Key: frame.NewKey(), Who: who, Balance: v.Balances(of.Balances()), Carried: v.carried()}
	if l.Lead != "" {
		r.Lead = "/leads/" + l.Lead
	}
	for _, f := range fields {
		r.InFields = append(r.InFields, string(f))
	}
	if len(fields) == 0 {
		fields = of.Plain
	}
	for _, sold := range of.Fields {
		f := lead.Field(sold.Field)
		r.Fields = append(r.Fields, LookupField{
			Label: words.FieldLabel(sold.Field), Has: l.Has[f], Graded: f == lead.WorkEmail, Verified: l.Verified, Owned: slices.Contains(l.Owned, f),
			Price: words.Cost{Type: sold.AtMost.Type, Amount: l.Costs[f]},
		})
	}
	r.Cost = of.Costs(l.Cost(fields))
	if of.Status == screen.Cancelled {
		r.Blocked = words.CancelledNote
	}
	return &CaptureOutcome{Lookup: r}, nil
}

// spend is the capture, or the preview.
func (v *visit) spend(ref lead.Reference, who string, fields []lead.Field) (*CaptureOutcome, error) {
	once := v.Once()
	ask := capture.Ask{
		Member: v.Who.Member, Person: ref, Fields: fields, Mode: capture.ModeCapture, List: v.PostFormValue("list"), AllOrNothing: v.PostFormValue("all_or_nothing") == "on",
		Channel: "page", Key: once.Key, Fingerprint: once.Print,
	}
	if v.PostFormValue("preview") == "on" {
		ask.Mode = capture.ModePreview
	}
	answer, err := v.App.Captures.Capture(v.Context(), v.Scope, ask)
	if out, ok := v.noMatch(err, who); ok {
		return out, nil
	}
	if err != nil {
		stopped := screen.StoppedBy(err)
		if stopped == nil {
			return nil, err
		}
		return &CaptureOutcome{Refusal: v.refusal(stopped)}, nil
	}
	of, err := v.App.Screens.CaptureForm(v.Context(), v.Scope)
	if err != nil {
		return nil, err
	}
	c := &CaptureResult{
		Preview: answer.Mode == capture.ModePreview, Person: summary(answer.Person), Charged: of.Costs(answer.Charged),
		Balance: v.Balances(of.Balances()), Replayed: answer.Replayed,
	}
	if answer.Lead != "" {
		c.Lead = "/leads/" + answer.Lead
	} else {
		c.Carried = v.carried()
		c.Save = &sheet.Unlock{Key: frame.NewKey()}
	}
	var unpaid []string
	for _, f := range answer.Fields {
		cell := sheet.FieldCell{Field: f.Field, Label: words.FieldLabel(f.Field), Outcome: string(f.Outcome), Type: f.Credit, Amount: f.Amount, Reason: unit.Reason{Code: f.Reason, VerifiedAt: f.VerifiedAt}}
		cell.Values, cell.Hidden, cell.Days = sheet.FieldValues(f.Field, f.Values), f.Hidden, of.Items.FreeDays(f.Field)
		c.Fields = append(c.Fields, cell)
		if f.Outcome == unit.InsufficientCredits {
			unpaid = append(unpaid, f.Field)
		}
	}
	for _, short := range of.Stopped(of.AtMost(unpaid)) {
		c.Short = append(c.Short, *v.refusal(&short))
	}
	if c.Save != nil {
		c.Save.Price = of.AtMost(unpaid)
	}
	return &CaptureOutcome{Captured: c}, nil
}

// carried is what a result's own button sends along of the form that asked.
func (v *visit) carried() []frame.Option {
	list := []frame.Option{{Value: "result", Label: "from"}}
	if v.PostFormValue("from") == "leads" {
		list = []frame.Option{{Value: "leads", Label: "from"}}
	}
	for _, name := range []string{"list", "all_or_nothing", "sheet"} {
		if value := v.PostFormValue(name); value != "" {
			list = append(list, frame.Option{Value: value, Label: name})
		}
	}
	return list
}

func summary(p lead.Person) PersonSummary {
	name := p.Name()
	if name == "" {
		name = "This person"
	}
	return PersonSummary{ID: p.ID, Name: name, Title: p.Title, Company: p.Company, Location: p.Location}
}

// noMatch is an answer, not an error: nobody was found, nothing is charged. So is
// a reference that names nobody, which says what would.
func (v *visit) noMatch(err error, who string) (*CaptureOutcome, bool) {
	var f *fault.Error
	if !errors.As(err, &f) {
		return nil, false
	}
	switch f.Kind {
	case fault.NotFound:
		out := &NoMatch{Who: who}
		if strings.Contains(who, "@") && v.PostFormValue("action") == "look" {
			out.Title, out.Why = "Capture to find out", f.Message
		}
		return &CaptureOutcome{NoMatch: out}, true
	case fault.FairUse:
		return &CaptureOutcome{NoMatch: &NoMatch{Who: who, Title: "No more lookups today", Why: f.Message}}, true
	case fault.Conflict: // several people
		return &CaptureOutcome{NoMatch: &NoMatch{Who: who, Title: "Several people match", Why: f.Message}}, true
	case fault.Invalid:
		return &CaptureOutcome{NoMatch: &NoMatch{Who: who, Title: "That names nobody", Why: "“" + who + "” cannot be looked up. Nothing is charged."}}, true
	}
	return nil, false
}
