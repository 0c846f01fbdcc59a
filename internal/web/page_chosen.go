package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// What can be done with leads that were chosen on the sheet.
const (
	doUnlock = "unlock"
	doExport = "export"
	doList   = "list"
	doTag    = "tag"
	doDelete = "delete"
)

// chosen is the one page between choosing leads and doing something with them: it
// says how many there are and what it costs.
func (a *App) chosen(v *visit) error {
	ids, err := v.chosenLeads()
	if err != nil {
		return err
	}
	query := localQuery(v.PostFormValue("query"))
	if len(ids) == 0 {
		return v.to("/leads?"+query, "warning", "Choose at least one lead first, by the boxes at the left.")
	}
	return v.showChosen(http.StatusOK, ids, query, "")
}

// chosenLeads are the ids that a form names, or all that match its filter.
func (v *visit) chosenLeads() ([]string, error) {
	if v.PostFormValue("all") != "on" {
		ids := append(v.PostForm["lead"], strings.Fields(v.PostFormValue("leads"))...)
		slices.Sort(ids)
		return slices.Compact(ids), nil
	}
	values, err := url.ParseQuery(v.PostFormValue("query"))
	if err != nil {
		return nil, fault.Wrong("query", "must be what stands behind the ? of the sheet's address")
	}
	f, err := v.leadFilter(sheetQuery(values))
	if err != nil {
		return nil, err
	}
	return v.app.Desk.Choose(v.Context(), v.scope, f)
}

func (v *visit) showChosen(status int, ids []string, query, wrong string) error {
	view, err := v.look(v.who.Member)
	if err != nil {
		return err
	}
	p := ChosenPage{Page: v.page, Key: newKey(), Leads: strings.Join(ids, " "), Count: len(ids), Query: query, Do: v.PostFormValue("do"), Error: wrong, Formats: exportFormats}
	if p.Lists, err = v.labels(v.app.Desk.Lists, ""); err != nil {
		return err
	}
	if p.Tags, err = v.labels(v.app.Desk.Tags, ""); err != nil {
		return err
	}
	people, err := v.app.Desk.PeopleOf(v.Context(), v.scope, ids, capture.MaxChosen)
	if err != nil {
		return err
	}
	var refs []lead.Reference
	for _, person := range people {
		if person != "" {
			refs = append(refs, lead.Reference{ID: person})
		}
	}
	for _, f := range lead.Fields {
		item := view.Book.Item(string(f))
		if item == nil || !v.who.Can(account.CaptureMany) {
			continue
		}
		estimate, err := v.app.Desk.Estimate(v.Context(), v.scope, v.who.Member, refs, []lead.Field{f})
		if err != nil {
			return err
		}
		e := estimate[item.Credit]
		p.Fields = append(p.Fields, ChosenField{Field: string(f), Label: fieldLabel(string(f)), Checked: slices.Contains(v.PostForm["fields"], string(f)),
			Min: Cost{item.Credit, e.Min}, Likely: Cost{item.Credit, e.Likely}, Most: Cost{item.Credit, e.Max}})
	}
	p.Balance = headerBalance(view, v.who.Member)
	p.Page.Title, p.Page.Nav = plural(len(ids), "lead chosen", "leads chosen"), "leads"
	return v.show(status, Chosen(p))
}

// doChosen does it.
func (a *App) doChosen(v *visit) error {
	ids := strings.Fields(v.PostFormValue("leads"))
	query := localQuery(v.PostFormValue("query"))
	back := "/leads?" + query
	var n int
	var err error
	switch v.PostFormValue("do") {
	case doUnlock:
		return v.unlockChosen(ids, query)
	case doExport:
		return v.exportAs(v.PostFormValue("format"), store.LeadFilter{IDs: ids, Sort: "captured", Down: true})
	case doList:
		n, err = a.Desk.Label(v.Context(), v.scope, ids, capture.Labelling{List: v.PostFormValue("list")})
		if err == nil {
			return v.to(back, "success", plural(n, "lead is", "leads are")+" on “"+strings.TrimSpace(v.PostFormValue("list"))+"”.")
		}
	case doTag:
		n, err = a.Desk.Label(v.Context(), v.scope, ids, capture.Labelling{Tag: v.PostFormValue("tag")})
		if err == nil {
			return v.to(back, "success", plural(n, "lead is", "leads are")+" tagged “"+strings.TrimSpace(v.PostFormValue("tag"))+"”.")
		}
	case doDelete:
		n, err = a.Desk.Delete(v.Context(), v.scope, ids)
		if err == nil {
			return v.to(back, "success", plural(n, "lead", "leads")+" deleted. What was paid for stays yours: capturing them again costs nothing for it.")
		}
	default:
		err = fault.Wrong("do", "must be one of the page's buttons")
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotAllowed) {
		return v.showChosen(http.StatusUnprocessableEntity, ids, query, capital(faultText(err)))
	}
	return err
}

// unlockChosen begins a bulk capture of the chosen leads. What it may cost was
// shown on the page that its button stood on.
func (v *visit) unlockChosen(ids []string, query string) error {
	people, err := v.app.Desk.PeopleOf(v.Context(), v.scope, ids, bulk.MaxRows)
	if err != nil {
		return err
	}
	key, print := v.once()
	ask := bulk.Ask{Member: v.who.Member, Key: key, Fingerprint: print, Confirmed: true, GoesOn: v.PostFormValue("goes_on") == "on"}
	for _, person := range people {
		if person != "" {
			ask.People = append(ask.People, bulk.Person{Reference: lead.Reference{ID: person}})
		}
	}
	for _, name := range v.PostForm["fields"] {
		if f, ok := lead.ParseField(name); ok {
			ask.Fields = append(ask.Fields, f)
		}
	}
	if len(ask.Fields) == 0 {
		return v.showChosen(http.StatusUnprocessableEntity, ids, query, "Choose at least one field to unlock.")
	}
	if ask.Cap, err = capOf(v.PostForm); err != nil {
		return v.showChosen(http.StatusUnprocessableEntity, ids, query, capital(faultText(err)))
	}
	job, err := v.app.Bulk.Begin(v.Context(), v.scope, ask)
	if err != nil {
		return err
	}
	return v.to(bulkPath(job.ID), "", "")
}

// capOf reads how much the job may charge at most, per credit type.
func capOf(form url.Values) (map[string]credits.Amount, error) {
	limits := map[string]credits.Amount{}
	for name := range form {
		credit, ok := strings.CutPrefix(name, "cap_")
		text := strings.TrimSpace(form.Get(name))
		if !ok || text == "" {
			continue
		}
		amount, err := credits.ParseAmount(text)
		if err != nil || amount < 0 {
			return nil, fault.Wrong("cap", "must be an amount such as 50; leave it empty for none")
		}
		limits[credit] = amount
	}
	return limits, nil
}
