package capturing

import (
	"errors"
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
		return v.To(done.Lead, "success", "Captured "+done.Person.Name+": "+words.ChargedText(done.Charged)+".")
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
	// Each person has a key of their own, so the form's says that it names these people.
	once := v.Once()
	if err := v.App.Accounts.KeepForm(v.Context(), v.Scope, once); err != nil {
		return err
	}
	var charged []map[string]unit.Amount // of each who was captured
	for _, id := range ids {
		answer, err := v.App.Captures.Capture(v.Context(), v.Scope, capture.Ask{
			Member: v.Who.Member, Person: lead.Reference{ID: id}, Mode: capture.ModeCapture, Channel: "page", Key: once.Key + " " + id, Fingerprint: once.Print,
		})
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
			continue // gone meanwhile
		}
		if err != nil {
			return v.stoppedAt(charged, asked, err)
		}
		charged = append(charged, answer.Charged)
	}
	text, err := v.capturedText(charged, asked)
	if err != nil {
		return err
	}
	return v.backToSearch("success", text+".")
}

// there are those of ids that the directory has: a lookup is spent on nobody else.
func (v *visit) there(ids []string) (list []string, err error) {
	people, err := v.App.Captures.Show(v.Context(), v.Scope, ids)
	for _, id := range ids {
		if people[id] != nil {
			list = append(list, id)
		}
	}
	return list, err
}

func (v *visit) capturedText(charged []map[string]unit.Amount, asked int) (string, error) {
	sum, err := v.App.Screens.Sum(v.Context(), v.Scope, charged)
	captured := words.Plural(len(charged), "person", "people")
	if len(charged) < asked {
		captured = words.Count(len(charged)) + " of " + words.Plural(asked, "person", "people")
	}
	return "Captured " + captured + ": " + words.ChargedText(sum.Costs), err
}

// stoppedAt says how far the captures came before they were refused.
func (v *visit) stoppedAt(charged []map[string]unit.Amount, asked int, refused error) error {
	why, is := frame.RefusalText(refused)
	if !is {
		return refused
	}
	text, err := v.capturedText(charged, asked)
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

// chosenTotal says on the button what those who are chosen cost together at most. The prices come
// from the boxes: their people were found, and are not looked up again.
func (v *visit) chosenTotal() error {
	var prices []map[string]unit.Amount
	for _, price := range v.PostForm["price"] {
		amounts := map[string]unit.Amount{}
		for _, part := range strings.Fields(price) {
			credit, amount, _ := strings.Cut(part, ":")
			a, err := unit.ParseAmount(amount)
			if err != nil || a < 0 {
				return fault.Wrong("price", "must be amounts such as standard:1")
			}
			amounts[credit] = a
		}
		prices = append(prices, amounts)
	}
	sum, err := v.App.Screens.Sum(v.Context(), v.Scope, prices)
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, chosenPrice(len(prices), sum.Costs))
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
