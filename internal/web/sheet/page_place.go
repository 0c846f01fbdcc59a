package sheet

import (
	"net/http"
	"strings"

	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// What the sheet asks for where it is: each is a fragment, for scripts alone. Without them the
// sheet's links and forms lead to pages that do the same.

// found bounds the people that the palette shows.
const found = 8

// moreRows are the rows after a cursor, with the link to those after them.
func (v *visit) moreRows() error {
	p, err := v.sheetPage()
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, MoreRows(p.Rows, p.Next))
}

// find lists the people of the sheet that a text finds, for the palette.
func (v *visit) find() error {
	var list []capture.Lead
	if q := v.URL.Query().Get("q"); q != "" {
		var err error
		if list, err = v.App.Captures.Leads(v.Context(), v.Scope, capture.Filter{Query: q, Sort: "captured", Down: true, Limit: found}); err != nil {
			return err
		}
	}
	var people []Found
	for _, l := range list {
		people = append(people, Found{Name: l.Person.FullName, About: about(l.Person.Title, l.Person.Company), Link: leadPath(l.ID)})
	}
	return v.Show(http.StatusOK, FoundPeople(people))
}

// about is somebody's title and company in a line.
func about(title, company string) string {
	if title != "" && company != "" {
		return title + ", " + company
	}
	return title + company
}

// edit is the form of a lead's notes, tags and lists, in the dialog of the sheet.
func (v *visit) edit() error {
	p, err := v.leadDetail(v.PathValue("lead"))
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, EditLead(p.Lead))
}

// chosenPrice is the button that unlocks what was chosen, with what it costs at most.
func (v *visit) chosenPrice() error {
	ids, err := v.chosenLeads()
	if err != nil {
		return err
	}
	fields, err := v.App.Screens.Unlocks(v.Context(), v.Scope, ids)
	if err != nil {
		return err
	}
	var buttons []UnlockMany
	for _, f := range fields {
		if f.Most.Amount == 0 {
			continue // nothing is there to be paid for
		}
		name := strings.ToLower(words.FieldLabel(f.Field))
		buttons = append(buttons, UnlockMany{Field: f.Field, Type: f.Most.Type, Text: "Unlock " + words.Plural(f.Leads, name, name+"s") + " · " + words.AtMost([]words.Cost{f.Most})})
	}
	return v.Show(http.StatusOK, UnlockButtons(buttons))
}

// unlocking is how far the unlocking of chosen leads is.
func (v *visit) unlocking() error {
	j, err := v.App.Screens.Job(v.Context(), v.Scope, v.PathValue("bulk"))
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, UnlockProgress(progressOf(j)))
}

// progressOf is a bulk capture in a line.
func progressOf(j screen.Job) Progress {
	p := Progress{
		ID: j.ID, Key: frame.NewKey(), Done: int(j.Done), Rows: int(j.Rows), Charged: words.CostText(j.Charged), Message: j.Message,
		Running: j.Status == bulk.Running || j.Status == bulk.Waiting, Status: j.Status, MayStop: j.MayOrder,
	}
	if p.Charged == "free" {
		p.Charged = "nothing"
	}
	return p
}

// stopUnlocking stops it; what was unlocked until then stays.
func (v *visit) stopUnlocking() error {
	once, id := v.Once(), v.PathValue("bulk")
	_, err := v.App.Bulk.Cancel(v.Context(), v.Scope, id, bulk.Order{Key: once.Key, Fingerprint: once.Print})
	if err != nil && !fault.Is(err, fault.Conflict) { // it ended meanwhile
		return err
	}
	if !v.HTMX() {
		return v.To(frame.BulkPath(id), "", "")
	}
	return v.unlocking()
}
