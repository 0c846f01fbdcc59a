package server_test

import (
	"net/http"
	"net/url"
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
		v.post("/people/chosen", append(ids("q=otto"), "do", "chosen", "search", "q=otto&made=up")...)
		v.at("/people")
		v.has("“otto”")
		v.has("Captured 3 people: charged")
		v.has("See your leads")
		v.has("On your sheet")
		v.post("/people/chosen", append(ids("q=otto"), "do", "chosen", "search", "q=%zz//other.example")...)
		v.at("/people")
		v.has("Captured 3 people: free.")
		v.post("/people/chosen", append(ids("title=sales&company=acme"), "do", "chosen")...)
		v.has("15 people")
		if !strings.HasPrefix(v.where, "/bulk/") {
			t.Errorf("fifteen people lead to %s", v.where)
		}
		// A form that was sent before names those people alone (rule C9).
		for _, query := range []string{"q=ann+a9", "title=sales&company=acme"} {
			entries := 0
			for n, who := range [][]string{ids("q=otto"), ids("q=otto"), ids(query)} {
				form := url.Values{"do": {"chosen"}, "idempotency_key": {"form of " + query}}
				for n := 1; n < len(who); n += 2 {
					form.Add("person", who[n])
				}
				v.send(http.MethodPost, "/people/chosen", form)
				if now := len(w.get(w.operator, client.In(ws, "entries")+"?limit=500")["data"].([]any)); n == 0 {
					entries = now
				} else if now != entries {
					t.Errorf("%d entries after %d", now, entries)
				}
				if want := []int{200, 200, 422}[n]; v.status != want {
					t.Errorf("a form's %d. time, then with %s, is answered with %d, want %d", n+1, query, v.status, want)
				}
			}
			v.has("The same form was sent before with other choices.")
		}
		v.post("/people/chosen", "do", "chosen")
		v.has("Choose at least one person to capture.")

		// What cannot be asked is said in words.
		v.get("/people?q=ann1@acme.example").has("A search finds people by name, title, company and place")
	})
}

// What is chosen on a further page returns there.
func TestCapturesReturnToTheirPage(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", employees(60))
		ws := w.workspace("pro", 5, nil)
		v := w.signedInAs(ws, w.newMember(ws, "ada@acme.example", "Ada", "member"))
		next := strings.ReplaceAll(v.get("/people?q=ann").found(`href="(/people[^"]*cursor=[^"]*)"`), "&amp;", "&")
		v.get(strings.Replace(next, "q=ann", "q=otto", 1)).has("This page of results is not of this search.")
		path := client.In(ws, "people")
		cursor, _ := w.people(w.operator, ws, "q=ann&limit=5")["next_cursor"].(string)
		w.call(w.operator, http.MethodGet, path+"?q=otto&cursor="+cursor, nil, 400)
		w.call(w.operator, http.MethodGet, path+"?q=ann&facets=title&limit=9&cursor="+cursor, nil, 200)
		v.get(next)
		v.post("/people/chosen", "do", "chosen", "person", v.found(`name="person" value="(per_[^"]*)"`), "search", v.found(`name="search" value="([^"]*)"`))
		v.has("Captured 1 person: charged 1 standard.")
		v.has("Ann A0")
		v.lacks("Ann A59")
	})
}

// A search that cannot be asked says which field is wrong, counts no page and is not saved.
func TestWrongSearchesSayTheField(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", employees(4))
		ws := w.workspace("pro", 5, nil)
		v := w.signedInAs(ws, w.newMember(ws, "ada@acme.example", "Ada", "member"))
		for query, want := range map[string]string{
			"seniority=boss":                    "Seniority must be one of Founder or owner, C-level",
			"function=magic":                    "Function must be one of Sales, Marketing",
			"company_size=many":                 "Company size must be one of 1-10",
			"has=fax":                           "Has must be one of Verified work email, Work email",
			"domain=acme":                       "Domain must be the domain of a company",
			"title=" + strings.Repeat("x", 201): "Title must have at most 200 characters",
			"q=ann1@acme.example":               "Your search is an email address",
			"q=%2B12025550000":                  "Your search is an email address",
			"not_owned=true":                    "Your search is missing",
		} {
			v.send(http.MethodGet, "/people?"+query, nil)
			if v.has(want); v.status != http.StatusUnprocessableEntity {
				t.Errorf("%s is answered with %d", query, v.status)
			}
			v.post("/people/searches", "query", query, "name", "Wrong").has(want)
		}
		v.send(http.MethodGet, "/people?q=ann&cursor=made-up", nil)
		if v.has("This page of results is not of this search."); v.status != http.StatusUnprocessableEntity {
			t.Errorf("a made-up cursor is answered with %d", v.status)
		}
		for _, query := range []string{"q=ann%00", "q=ann%ff", "location=%00", "domain=acme.com%00"} {
			v.post("/people/searches", "query", query, "name", "Wrong").has("must be valid UTF-8 without NUL characters")
		}
		v.get("/people").lacks("Wrong")
		v.has("0 of 100 pages of results today")
		v.get("/people?seniority=vp,+manager&domain=acme.example,").has("2 people")
	})
}

// A search that finds nobody offers the filters that its words mean, where these find somebody.
func TestNobodyFoundOffersFilters(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", "id,full_name,title,company,country,linkedin_url\n1,Ada Quill,Head of Sales,Acme,DE,https://linkedin.com/in/ada\n2,Bo Reed,VP Marketing,Acme,FR,https://linkedin.com/in/bo\n")
		ws := w.workspace("pro", 5, nil)
		v := w.signedInAs(ws, w.newMember(ws, "ada@acme.example", "Ada", "member"))
		v.get("/people?q=heads+of+sales+in+Germany").has("Try Function: Sales and Seniority: Director or head instead · 1")
		v.has("Words are found as whole words")
		v.get(strings.ReplaceAll(v.found(`href="(/people[^"]*)"[^>]*>Try`), "&amp;", "&")).has("1 person")
		v.has("Ada Quill Head of Sales Acme Germany")
		v.get("/people?title=marketing+vice+president&location=France").has("Try Function: Marketing and Seniority: VP instead · 1")
		v.get("/people?title=marketing+vice+president&location=Germany").lacks("Try Function")
		v.get("/people?q=nobody").lacks("Try ")
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
		v.has("3 people")
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
		if used := w.get(w.operator, client.In(ws, "fair-use"))["workspace"].(is)["search_pages"].(is)["used"]; used != 3.0 {
			t.Errorf("%v pages were counted, want the three that showed people", used)
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
