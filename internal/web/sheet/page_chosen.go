package sheet

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
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
func (v *visit) chosen() error {
	ids, err := v.chosenLeads()
	if err != nil {
		return err
	}
	query := localQuery(v.PostFormValue("query"))
	if len(ids) == 0 {
		return v.To("/leads?"+query, "warning", "Choose at least one lead first, by the boxes at the left.")
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
	return v.App.Captures.Choose(v.Context(), v.Scope, f)
}

func (v *visit) showChosen(status int, ids []string, query, wrong string) error {
	of, err := v.App.Screens.Chosen(v.Context(), v.Scope, ids)
	if err != nil {
		return err
	}
	p := ChosenPage{
		Page: v.Page, Key: frame.NewKey(), Leads: strings.Join(ids, " "), Count: len(ids), Query: query, Do: v.PostFormValue("do"), Error: wrong, Formats: exportFormats,
		Lists: labelOptions(of.Lists), Tags: labelOptions(of.Tags), Balance: v.Balances(of.Balances()),
	}
	for _, f := range of.Fields {
		p.Fields = append(p.Fields, ChosenField{ChosenField: f, Label: words.FieldLabel(f.Field), Checked: slices.Contains(v.PostForm["fields"], f.Field)})
	}
	p.Page.Title, p.Page.Nav = words.Plural(len(ids), "lead chosen", "leads chosen"), "leads"
	if p.Do == doDelete { // its button names those alone that it may
		may, others, err := v.App.Captures.Deletable(v.Context(), v.Scope, ids)
		if err != nil {
			return err
		}
		p.Leads, p.Deletes, p.Others = strings.Join(may, " "), len(may), others
	}
	return v.Show(status, Chosen(p))
}

// doChosen does it.
func (v *visit) doChosen() error {
	ids, err := v.chosenLeads()
	if err != nil {
		return err
	}
	query := localQuery(v.PostFormValue("query"))
	back := "/leads?" + query
	var n int
	switch v.PostFormValue("do") {
	case doUnlock:
		return v.unlockChosen(ids, query)
	case doExport:
		return v.exportAs(v.PostFormValue("format"), capture.Filter{IDs: ids, Sort: "captured", Down: true})
	case doList:
		n, err = v.App.Captures.Label(v.Context(), v.Scope, ids, capture.Labelling{List: v.PostFormValue("list")})
		if err == nil {
			return v.To(back, "success", words.Plural(n, "lead is", "leads are")+" on “"+strings.TrimSpace(v.PostFormValue("list"))+"”.")
		}
	case doTag:
		n, err = v.App.Captures.Label(v.Context(), v.Scope, ids, capture.Labelling{Tag: v.PostFormValue("tag")})
		if err == nil {
			return v.To(back, "success", words.Plural(n, "lead is", "leads are")+" tagged “"+strings.TrimSpace(v.PostFormValue("tag"))+"”.")
		}
	case doDelete:
		n, err = v.App.Captures.Delete(v.Context(), v.Scope, ids)
		if err == nil {
			return v.To(back, "success", words.Plural(n, "lead", "leads")+" deleted. What was paid for stays yours: capturing them again costs nothing for it.")
		}
	default:
		err = fault.Wrong("do", "must be one of the page's buttons")
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotAllowed) {
		return v.showChosen(http.StatusUnprocessableEntity, ids, query, words.Capital(frame.FaultText(err)))
	}
	return err
}

// unlockChosen begins a bulk capture of the chosen leads. What it may cost was
// shown on the page that its button stood on.
func (v *visit) unlockChosen(ids []string, query string) error {
	people, err := v.App.Captures.PeopleOf(v.Context(), v.Scope, ids, bulk.MaxRows)
	if err != nil {
		return err
	}
	once := v.Once()
	ask := bulk.Ask{Member: v.Who.Member, Key: once.Key, Fingerprint: once.Print, Confirmed: true, GoesOn: v.PostFormValue("goes_on") == "on"}
	gone := 0
	for _, person := range people {
		one := bulk.Person{Reference: lead.Reference{ID: person}}
		if person == "" {
			gone++
			one.Problem = "the lead is not on the sheet any more"
		}
		ask.People = append(ask.People, one)
	}
	if gone == len(people) {
		return v.notUnlocked("The chosen leads are not on the sheet any more: they were deleted or merged meanwhile. Nothing was unlocked.", query)
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
		return v.showChosen(http.StatusUnprocessableEntity, ids, query, words.Capital(frame.FaultText(err)))
	}
	job, err := v.App.Bulk.Begin(v.Context(), v.Scope, ask)
	if err != nil {
		return err
	}
	if v.HTMX() && v.PostFormValue("in_place") == "on" {
		j, err := v.App.Screens.Job(v.Context(), v.Scope, job.ID)
		if err != nil {
			return err
		}
		return v.Show(http.StatusOK, UnlockProgress(progressOf(j)))
	}
	return v.To(frame.BulkPath(job.ID), "", "")
}

// notUnlocked says where the button was pressed why nothing began.
func (v *visit) notUnlocked(why, query string) error {
	if v.HTMX() {
		return v.Show(http.StatusOK, frame.Notices([]frame.Notice{{Kind: "warning", Text: why}}, true))
	}
	return v.To("/leads?"+query, "warning", why)
}

// capOf reads how much the job may charge at most, per credit type.
func capOf(form url.Values) (map[string]unit.Amount, error) {
	limits := map[string]unit.Amount{}
	for name := range form {
		credit, ok := strings.CutPrefix(name, "cap_")
		text := strings.TrimSpace(form.Get(name))
		if !ok || text == "" {
			continue
		}
		amount, err := unit.ParseAmount(text)
		if err != nil || amount < 0 {
			return nil, fault.Wrong("cap", "must be an amount such as 50; leave it empty for none")
		}
		limits[credit] = amount
	}
	return limits, nil
}
