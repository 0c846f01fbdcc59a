package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// The page of people searches without JavaScript, says what a capture costs at most before it is
// pressed (rule U3), captures one and shows it, and captures several in place.
func TestPeoplePage(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", employees(60))
		ws := w.workspace("pro", 5, nil)
		v := w.signedInAs(ws, w.newMember(ws, "ada@acme.example", "Ada", "member"))
		v.get("/people").has("Who do you want to reach?")
		v.has("0 of 100 pages of results today")
		v.get("/people?q=ann&title=sales").has("15 people")
		v.has("Ann A0")
		v.has("Capture everybody on this page · at most 15 standard")
		v.has("Work email: known, verified")
		v.has("1 of 100 pages of results today")
		for _, secret := range []string{"@acme.example<", "+1202", "linkedin.com"} {
			v.lacks(secret)
		}
		v.get("/people?q=ann").has("60 people")
		v.has("Next page")
		v.has("Seniority")
		next := strings.ReplaceAll(v.found(`href="(/people[^"]*cursor=[^"]*)"`), "&amp;", "&")
		v.get(next).has("Ann A0")
		v.lacks("Ann A59")

		// One, then what it costs now.
		v.get("/people?q=ann+a8")
		person := v.found(`name="person" value="(per_[^"]*)"`)
		v.post("/people/capture", "person", person)
		v.at("/leads/lead_" + strings.TrimPrefix(person, "per_"))
		v.has("Captured Ann A8: charged 1 standard.")
		v.get("/people?q=ann+a8").has("On your sheet")
		v.has("Work email: yours already")
		v.lacks("Capture · 1 standard")
		v.get("/people?q=ann+a8&not_owned=true").has("Nobody matches")

		// Several in place, and more in a bulk capture that waits.
		ids := func(query string) (pairs []string) {
			for _, p := range w.people(w.operator, ws, query)["data"].([]any) {
				pairs = append(pairs, "person", p.(is)["person"].(is)["id"].(string))
			}
			return pairs
		}
		v.post("/people/chosen", append(ids("q=otto"), "do", "chosen")...)
		v.at("/leads")
		v.has("Captured 3 people: charged")
		v.post("/people/chosen", append(ids("title=sales&company=acme"), "do", "chosen")...)
		v.has("15 people")
		if !strings.HasPrefix(v.where, "/bulk/") {
			t.Errorf("fifteen people lead to %s", v.where)
		}
		v.post("/people/chosen", "do", "chosen")
		v.has("Choose at least one person to capture.")

		// What cannot be asked is said in words.
		v.get("/people?q=ann1@acme.example").has("A search finds people by name, title, company and place")
	})
}

// A saved search says how many people came within a day, to those who may see it.
func TestSearchesAreSaved(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", employees(4))
		ws := w.workspace("pro", 5, nil)
		v := w.signedInAs(ws, w.newMember(ws, "ada@acme.example", "Ada", "member"))
		v.get("/people?title=sales&company=other").has("Save search")
		v.post("/people/searches", "query", "company=other&title=sales&cursor=x&made=up", "name", "Sales at Other")
		v.at("/people")
		v.has("Sales at Other")
		v.has("3 new")
		v.get("/leads").lacks("Sales at Other")
		v.post("/leads/views", "query", "q=x", "name", "Sales at Other") // names are of their page
		v.at("/leads")
		colleague := w.signedInAs(ws, w.newMember(ws, "bob@acme.example", "Bob", "member"))
		colleague.get("/people").lacks("Sales at Other")
		w.load("text/csv", "id,full_name,title,company,linkedin_url\nx,New One,Sales Lead,Other,https://linkedin.com/in/new-one\n")
		v.get("/people").has("4 new")
		view := v.get("/people?company=other&title=sales").found(`/people/searches/(view_[^/]*)/delete`)
		colleague.post("/people/searches/" + view + "/delete").has("There is no such view.")
		v.post("/people/searches/" + view + "/delete").has("The saved search is deleted.")
		v.lacks("4 new")
		if used := w.get(w.operator, client.In(ws, "fair-use"))["workspace"].(is)["search_pages"].(is)["used"]; used != 2.0 {
			t.Errorf("%v pages were counted, want the two that showed people", used)
		}
	})
}

// Past the day's pages the page says when there are more.
func TestPeoplePageMetered(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", employees(4))
		ws := w.workspace("free", 1, nil)
		v := w.signedInAs(ws, w.newMember(ws, "ada@acme.example", "Ada", "member"))
		for range 20 {
			v.get("/people?q=ann").has("4 people")
		}
		v.send(http.MethodGet, "/people?q=ann", nil)
		if v.status != http.StatusTooManyRequests {
			t.Errorf("the 21st page was answered with %d", v.status)
		}
		v.has("You have seen today's pages of search results.")
	})
}
