package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// Who deletes chosen leads reads before the click how many of them others captured, and the button
// deletes their own.
func TestDeletingChosenLeadsSaysWhoseTheyAre(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", twins)
		ws := w.workspace("pro", 2, nil)
		mia, hers := w.member(ws, "Mia")
		_, his := w.member(ws, "Max")
		lead := func(c *client.Client, who string) string {
			return w.post(c, client.In(ws, "captures"), is{"person": profile(who), "fields": []string{"mobile_phone"}}, 200)["lead"].(string)
		}
		own, one, two := lead(hers, "bulk-ada"), lead(his, "bulk-ed"), lead(his, "bulk-pat-1")
		page := w.signedInAs(ws, mia)
		page.post("/leads/chosen", "do", "delete", "lead", own, "lead", one, "lead", two)
		page.has("2 of these leads were captured by others.")
		page.has("Delete your 1 lead")
		page.post("/leads/chosen/do", "do", "delete", "leads", page.found(`name="leads" value="([^"]*)"`))
		page.has("1 lead deleted.")
		page.post("/leads/chosen", "do", "delete", "lead", one)
		page.has("1 of these leads was captured by others.")
		if strings.Contains(page.page, `class="danger"`) {
			t.Error("there is a button to delete what is not hers")
		}
		page.post("/leads/chosen/do", "do", "delete", "leads", one) // as if there was one
		w.same("others' leads", page.status, 422)
		page.has("Nothing was deleted.")
		w.call(his, http.MethodGet, client.In(ws, "leads", one), nil, 200)
	})
}

// Ids that nobody has cost none of the day's lookups, one alone or a page of them; more than a page
// are refused.
func TestInventedPeopleCostNoLookups(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", employees(20))
		ws := w.workspace("pro", 1, nil)
		mia, hers := w.member(ws, "Mia")
		page := w.signedInAs(ws, mia)
		chosen := func(invented int, more ...string) {
			pairs := []string{"do", "chosen"}
			for n := range invented {
				pairs = append(pairs, "person", fmt.Sprint("per_invented", n))
			}
			for _, id := range more {
				pairs = append(pairs, "person", id)
			}
			page.post("/people/chosen", pairs...)
		}
		used := func(want int) {
			w.Helper()
			w.same("lookups", meter(w.get(hers, client.In(ws, "fair-use")), "lookups"), want)
		}
		chosen(3)
		page.has("None of the people you chose is in the directory any more.")
		chosen(50)
		page.has("None of the people you chose is in the directory any more.")
		chosen(5000)
		w.same("more than a page", page.status, 400)
		used(0)
		var real []string
		for _, p := range w.people(w.operator, ws, "q=ann")["data"].([]any)[:12] {
			real = append(real, p.(is)["person"].(is)["id"].(string))
		}
		chosen(30, real...)
		page.has("12 people to capture")
		used(12)
	})
}

// The sizes of companies narrow a search in their own order, and the icons are explained.
func TestPeopleFacetsAndLegend(t *testing.T) {
	start(t, func(w *world) {
		var file strings.Builder
		file.WriteString("full_name,company,company_size,linkedin_url\n")
		for n, size := range []string{"10001+", "10001+", "10001+", "11-50", "11-50", "1-10", "501-1000"} {
			fmt.Fprintf(&file, "Sue S%s,Sizes,%s,https://linkedin.com/in/size-%d\n", letters(n+1), size, n)
		}
		w.load("text/csv", file.String())
		ws := w.workspace("pro", 1, nil)
		page := w.signedInAs(ws, w.newMember(ws, "mia@acme.example", "Mia", "member"))
		page.get("/people?q=sue").has("Company size 1-10 1 11-50 2 501-1000 1 10001+ 3")
		page.has("Work email Work phone Personal email Mobile ■ known ■ yours already ■ not in the directory")
	})
}

// Recent changes name who made them: a key by its name for an admin, and never by its id.
func TestRecentChangesNameTheirActors(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", twins)
		ws := w.workspace("pro", 1, nil)
		crm := w.as(w.post(w.operator, client.In(ws, "keys"), is{"name": "CRM sync", "role": "admin"}, 201)["key"].(string))
		lead := w.post(crm, client.In(ws, "captures"), is{"person": profile("bulk-ada"), "fields": []string{"mobile_phone"}}, 200)["lead"].(string)
		w.call(crm, http.MethodPatch, client.In(ws, "leads", lead), is{"tags": []string{"fair"}}, 200)
		page := w.signedInAs(ws, w.newMember(ws, "bo@acme.example", "Bo", "admin"))
		page.get("/changes").has("Key “CRM sync”")
		member := w.signedInAs(ws, w.newMember(ws, "mia@acme.example", "Mia", "member"))
		for _, v := range []*visitor{page, member} {
			v.get("/changes").lacks("key_")
		}
	})
}

// The operator sees the requests that were decided, with the answer, beside those that wait.
func TestDecidedAddOnRequestsAreListed(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("starter", 1, nil)
		admin := w.as(w.post(w.operator, client.In(ws, "keys"), is{"role": "admin"}, 201)["key"].(string))
		at := client.In(ws, "addon-requests")
		desk := w.visitor()
		desk.byCode("", "")
		desk.get("/operator/addon-requests").has("None yet.")
		w.decide(w.post(admin, at, premium(10, is{"note": "Trade fair"}), 201)["id"].(string), 7, 200)
		w.decide(w.post(admin, at, premium(90, nil), 201)["id"].(string), 0, 200)
		desk.get("/operator/addon-requests").has("No open requests.")
		desk.has("10 premium this period granted 7 premium A key “Trade fair”")
		desk.has("90 premium this period declined")
	})
}

// The help says what a search of people shows and costs, in the plan's own numbers.
func TestHelpExplainsPeople(t *testing.T) {
	start(t, func(w *world) {
		for plan, pages := range map[string]string{"pro": "100", "free": "20"} {
			ws := w.workspace(plan, 1, nil)
			page := w.signedInAs(ws, w.newMember(ws, "mia@"+plan+".example", "Mia", "member"))
			page.get("/help").has("Does searching under People cost anything?")
			page.has("You can see " + pages + " pages of results a day")
		}
	})
}

// The guides are under Help: each person's own first, the operator's for the operator too, and a
// search finds what is written in them and in the answers with the workspace's own numbers.
func TestGuidesUnderHelp(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		rep := w.signedInAs(ws, w.newMember(ws, "mia@example.com", "Mia", "member"))
		first := regexp.MustCompile(`(?s)id="guides-title">Guides</h2>\s*<ul>\s*<li><a href="([^"]*)"`)
		firstOf := func(v *visitor) string {
			if m := first.FindStringSubmatch(v.raw); m != nil {
				return m[1]
			}
			return ""
		}
		rep.get("/help")
		w.same("a rep's first guide", firstOf(rep), "/help/rep")
		page := rep.get("/help/rep")
		page.has("A rep's daily work")
		page.has("Keyboard shortcuts")
		w.same("a link to another page", strings.Contains(page.raw, `href="/help/extension"`), true)
		rep.get("/help/search?q=mobile+premium")
		for _, text := range []string{"Your workspace", "What happens when I capture a mobile phone?", "Unlock a mobile", "results"} {
			rep.has(text)
		}
		for question, answer := range map[string]string{
			"Why was I charged for this?":   "Why was I charged for this?",
			"When do my credits refill?":    "How many credits do we have, and when do they refill?",
			"What happens when I “cancel”?": "What happens when the subscription is cancelled?",
			"Why?":                          "Why was this free?",
		} {
			rep.get("/help/search?q=" + url.QueryEscape(question)).has(answer)
		}
		rep.get("/help/search?q=%3Cscript%3Ealert").has("No question and no guide has these words.")
		rep.get("/help/search?q=").has("Type what you look for")
		for path, status := range map[string]int{"/help/search?q=" + strings.Repeat("a", 201): 400, "/help/nothing": 404, "/help/..%2foperating.md": 404} {
			rep.get(path)
			w.same(path, rep.status, status)
		}
		desk := w.visitor()
		desk.byCode("", "")
		desk.get("/help/operator").has("The operator's first hour")
		w.same("the operator's first guide", firstOf(desk), "/help/operator")
		desk.get("/help/search?q=backup").has("Backup")
	})
}
