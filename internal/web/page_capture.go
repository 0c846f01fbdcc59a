package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
)

func (a *App) capturePage(v *visit) error {
	form, err := v.captureForm(v.URL.Query().Get("who"), nil)
	if err != nil {
		return err
	}
	return v.showCapture(http.StatusOK, form, nil)
}

func (v *visit) showCapture(status int, form CaptureForm, result *CaptureOutcome) error {
	v.page.Title, v.page.Nav = "Capture", "capture"
	return v.show(status, Capture(CapturePage{Page: v.page, Form: form, Result: result}))
}

// captureForm offers every field with its price; those of a plain capture are chosen.
func (v *visit) captureForm(who string, chosen []lead.Field) (CaptureForm, error) {
	form := CaptureForm{Key: newKey(), Who: who}
	view, err := v.look()
	if err != nil {
		return form, err
	}
	auto, err := v.app.Accounts.AutoUnlocks(v.Context(), v.scope, v.who.Member)
	if err != nil {
		return form, err
	}
	picked := map[lead.Field]bool{}
	for _, f := range chosen {
		picked[f] = true
	}
	for _, f := range lead.Fields {
		item := view.Book.Item(string(f))
		if item == nil {
			continue
		}
		one := CaptureField{Field: string(f), Label: fieldLabel(string(f)), Price: Cost{item.Credit, item.Price().Ceil()}}
		one.Checked = picked[f] || chosen == nil && (!item.Unlock || auto)
		if item.Unlock && auto {
			one.Note = "Unlocked at every capture by the setting."
		}
		form.Fields = append(form.Fields, one)
	}
	form.Preview, form.AllOrNothing = v.PostFormValue("preview") == "on", v.PostFormValue("all_or_nothing") == "on"
	var sold, checked []string
	for _, f := range form.Fields {
		sold = append(sold, f.Field)
		if f.Checked {
			checked = append(checked, f.Field)
		}
	}
	form.AtMost, form.Prices = costs(view.Book, view.Book.AtMost(checked)), priceTexts(view.Book, sold)
	form.Refills = view.Refill().At != nil
	lists, err := v.app.Desk.Lists(v.Context(), v.scope)
	if len(lists) > 0 {
		form.Lists = append(form.Lists, Option{"", "No list", v.PostFormValue("list") == ""})
	}
	for _, l := range lists {
		form.Lists = append(form.Lists, Option{l, l, v.PostFormValue("list") == l})
	}
	return form, err
}

// capture looks or captures, by the button that was pressed.
func (a *App) capture(v *visit) error {
	who := strings.TrimSpace(v.PostFormValue("who"))
	ref := whoText(who)
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
	view, err := v.look(v.who.Member)
	if err != nil {
		return err
	}
	v.page.Balance = headerBalance(view, v.who.Member)
	if !v.htmx() {
		if outcome.Captured != nil && v.PostFormValue("from") != "capture" {
			fields = nil // the next capture's own choice
		}
		form, err := v.captureForm(who, fields)
		if err != nil {
			return err
		}
		return v.showCapture(http.StatusOK, form, outcome)
	}
	answer := []templ.Component{CaptureAnswer(*outcome), Balance(v.page.Balance, true)}
	if outcome.Captured == nil || outcome.Captured.Lead == "" || v.PostFormValue("from") != "leads" {
		return v.show(http.StatusOK, templ.Join(answer...))
	}
	if v.PostFormValue("sheet") != "shown" { // the sheet was empty: there is no table to put the row in
		v.w.Header().Set("HX-Refresh", "true")
		v.say("success", "Captured "+outcome.Captured.Person.Name+": charged "+costText(outcome.Captured.Charged)+".")
		return v.show(http.StatusOK, CaptureAnswer(*outcome))
	}
	rows, err := v.firstRows()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, templ.Join(append(answer, rows...)...))
}

// lookUp is the free look.
func (v *visit) lookUp(ref lead.Reference, who string, fields []lead.Field) (*CaptureOutcome, error) {
	l, err := v.app.Desk.Lookup(v.Context(), v.scope, ref)
	if out, ok := v.noMatch(err, who); ok {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	view, err := v.look(v.who.Member)
	if err != nil {
		return nil, err
	}
	r := &LookupResult{Person: summary(l.Person), Key: newKey(), Who: who, Balance: headerBalance(view, v.who.Member), Carried: v.carried()}
	if l.Lead != "" {
		r.Lead = "/leads/" + l.Lead
	}
	owned := map[lead.Field]bool{}
	for _, f := range l.Owned {
		owned[f] = true
	}
	for _, f := range fields {
		r.InFields = append(r.InFields, string(f))
	}
	auto, err := v.app.Accounts.AutoUnlocks(v.Context(), v.scope, v.who.Member)
	if err != nil {
		return nil, err
	}
	if len(fields) == 0 {
		fields = capture.PlainFields(view.Book, auto)
	}
	for _, f := range lead.Fields {
		item := view.Book.Item(string(f))
		if item == nil {
			continue
		}
		one := LookupField{Label: fieldLabel(string(f)), Has: l.Has[f], Owned: owned[f], Price: Cost{item.Credit, l.Costs[f]}}
		r.Fields = append(r.Fields, one)
	}
	r.Cost = costs(view.Book, l.Cost(fields))
	if view.Current.Cancelled {
		r.Blocked = "The subscription is cancelled. What was captured stays readable; new captures need a plan."
	}
	return &CaptureOutcome{Lookup: r}, nil
}

// spend is the capture, or the preview.
func (v *visit) spend(ref lead.Reference, who string, fields []lead.Field) (*CaptureOutcome, error) {
	key, print := v.once()
	ask := capture.Ask{
		Member: v.who.Member, Person: ref, Fields: fields, Mode: capture.ModeCapture, List: v.PostFormValue("list"), AllOrNothing: v.PostFormValue("all_or_nothing") == "on",
		Channel: "page", Key: key, Fingerprint: print,
	}
	if v.PostFormValue("preview") == "on" {
		ask.Mode = capture.ModePreview
	}
	answer, err := v.app.Desk.Capture(v.Context(), v.scope, ask)
	if out, ok := v.noMatch(err, who); ok {
		return out, nil
	}
	if r := refusalOf(err, v); r != nil {
		return &CaptureOutcome{Refusal: r}, nil
	}
	if err != nil {
		return nil, err
	}
	view, err := v.look(v.who.Member)
	if err != nil {
		return nil, err
	}
	c := &CaptureResult{
		Preview: answer.Mode == capture.ModePreview, Person: summary(answer.Person), Charged: costs(view.Book, answer.Charged),
		Balance: headerBalance(view, v.who.Member), Replayed: answer.Replayed,
	}
	if answer.Lead != "" {
		c.Lead = "/leads/" + answer.Lead
	} else {
		c.Carried = v.carried()
		c.Save = &Unlock{Key: newKey()}
	}
	var unpaid []string
	for _, f := range answer.Fields {
		cell := FieldCell{Field: f.Field, Label: fieldLabel(f.Field), Outcome: string(f.Outcome), Type: f.Credit, Amount: f.Amount, Reason: f.Reason}
		cell.Values = fieldValues(f.Field, f.Values)
		c.Fields = append(c.Fields, cell)
		if f.Outcome == credits.InsufficientCredits {
			unpaid = append(unpaid, f.Field)
		}
	}
	if c.Save != nil {
		c.Save.Price = costs(view.Book, view.Book.AtMost(unpaid))
	}
	return &CaptureOutcome{Captured: c}, nil
}

// carried is what a result's own button sends along of the form that asked.
func (v *visit) carried() []Option {
	list := []Option{{Value: "result", Label: "from"}}
	if v.PostFormValue("from") == "leads" {
		list = []Option{{Value: "leads", Label: "from"}}
	}
	for _, name := range []string{"list", "all_or_nothing", "sheet"} {
		if value := v.PostFormValue(name); value != "" {
			list = append(list, Option{Value: value, Label: name})
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
