package capturing

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// capturePerson captures one of the people found: their row is answered, or the lead's page.
func (v *visit) capturePerson() error {
	id := v.PostFormValue("person")
	outcome, err := v.spend(lead.Reference{ID: id}, "", nil)
	if err != nil {
		return err
	}
	done := outcome.Captured
	switch {
	case done == nil && v.HTMX(): // what stopped it is said above the table
		v.W.Header().Set("HX-Retarget", "#capture-result")
		v.W.Header().Set("HX-Reswap", "innerHTML")
		return v.Show(http.StatusOK, CaptureAnswer(*outcome))
	case done == nil:
		form, err := v.captureForm("", nil)
		if err != nil {
			return err
		}
		return v.showCapture(http.StatusOK, form, outcome)
	case !v.HTMX():
		return v.To(done.Lead, "success", "Captured "+done.Person.Name+": "+chargedText(done.Charged)+".")
	}
	balance, err := v.BalanceNow()
	if err != nil {
		return err
	}
	row := PersonRow{ID: id, Name: done.Person.Name, Title: done.Person.Title, Company: done.Person.Company, Place: done.Person.Location, Lead: done.Lead, Charged: done.Charged, Captured: true}
	for _, cell := range done.Fields {
		if len(cell.Values) > 0 {
			row.Values = append(row.Values, cell)
		}
	}
	return v.Show(http.StatusOK, templ.Join(personFound(row), frame.Balance(balance, true)))
}

// capturesInPlace is how many people are captured at once while somebody waits; more are a bulk
// capture, which says what it costs before it begins.
const capturesInPlace = 10

// captureChosen captures those who are chosen, or all who are shown.
func (v *visit) captureChosen() error {
	ids := v.PostForm["person"]
	if v.PostFormValue("do") == "page" {
		ids = strings.Fields(v.PostFormValue("shown"))
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	switch {
	case len(ids) == 0:
		return fault.New(fault.Invalid, "Choose at least one person to capture.")
	case len(ids) > capture.PeoplePerPage:
		return fault.New(fault.Invalid, "Choose at most %d people at once: a page of results has no more. Nothing was captured.", capture.PeoplePerPage)
	}
	asked := len(ids)
	ids, err := v.there(ids)
	switch {
	case err != nil:
		return err
	case len(ids) == 0:
		return v.backToSearch("warning", "None of the people you chose is in the directory any more. Nothing was captured.")
	case len(ids) > capturesInPlace:
		return v.captureInBulk(ids)
	}
	once, charged, captured := v.Once(), map[string]unit.Amount{}, 0
	for _, id := range ids {
		answer, err := v.App.Desk.Capture(v.Context(), v.Scope, capture.Ask{
			Member: v.Who.Member, Person: lead.Reference{ID: id}, Mode: capture.ModeCapture, Channel: "page", Key: once.Key + " " + id, Fingerprint: once.Print,
		})
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
			continue // gone meanwhile
		}
		if err != nil {
			return v.stoppedAt(captured, asked, charged, err)
		}
		captured++
		for credit, amount := range answer.Charged {
			charged[credit] += amount
		}
	}
	text, err := v.capturedText(captured, asked, charged)
	if err != nil {
		return err
	}
	return v.backToSearch("success", text+".")
}

// there are those of ids that the directory has: a lookup is spent on nobody else.
func (v *visit) there(ids []string) (list []string, err error) {
	people, err := v.App.Desk.Show(v.Context(), v.Scope, ids)
	for _, id := range ids {
		if people[id] != nil {
			list = append(list, id)
		}
	}
	return list, err
}

func (v *visit) capturedText(captured, asked int, charged map[string]unit.Amount) (string, error) {
	of, err := v.App.Screens.Credits(v.Context(), v.Scope)
	text := fmt.Sprintf("Captured %s: %s", words.Plural(captured, "person", "people"), chargedText(of.Costs(charged)))
	if captured < asked {
		text = fmt.Sprintf("Captured %d of %s: %s", captured, words.Plural(asked, "person", "people"), chargedText(of.Costs(charged)))
	}
	return text, err
}

// stoppedAt says how far the captures came before they were refused.
func (v *visit) stoppedAt(captured, asked int, charged map[string]unit.Amount, refused error) error {
	why, is := frame.RefusalText(refused)
	if !is {
		return refused
	}
	text, err := v.capturedText(captured, asked, charged)
	if err != nil {
		return errors.Join(refused, err)
	}
	return v.backToSearch("warning", text+". "+why)
}

// backToSearch returns to the search that the people were chosen of, at the page they were on.
func (v *visit) backToSearch(kind, text string) error {
	n := v.Notice(kind, text)
	n.Link, n.Call = "/leads", "See your leads"
	v.SayWith(n)
	given, _ := url.ParseQuery(v.PostFormValue("search")) // what cannot be read is left out
	target := "/people"
	if q := peopleQuery(given); len(q) > 0 {
		target += "?" + with(q, "cursor", given.Get("cursor"))
	}
	if frame.LocalTarget(target) == "" { // too long to return to
		target = "/people"
	}
	return v.To(target, "", "")
}

// captureInBulk begins a bulk capture, which waits until its price is accepted.
func (v *visit) captureInBulk(ids []string) error {
	once := v.Once()
	ask := bulk.Ask{Member: v.Who.Member, Key: once.Key, Fingerprint: once.Print, ConfirmAbove: -1}
	form, err := v.App.Screens.CaptureForm(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	ask.Fields = form.Plain
	for _, id := range ids {
		ask.People = append(ask.People, bulk.Person{Reference: lead.Reference{ID: id}})
	}
	j, err := v.App.Bulk.Begin(v.Context(), v.Scope, ask)
	if err != nil {
		return err
	}
	return v.To(frame.BulkPath(j.ID), "", "")
}
