package server_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// The sheet continues where it was when the leads are gone that it ended with, by scrolling and
// by its links, in every order; a page leaves nobody out.
func TestTheSheetContinuesAfterALeadThatIsGone(t *testing.T) {
	start(t, func(w *world) {
		const people = 60
		w.load("text/csv", crowdOf(people))
		ws := w.workspace("pro", 1, nil)
		boss, _ := w.member(ws, "Bo")
		w.call(w.operator, "PATCH", client.In(ws, "members", boss), is{"role": "admin"}, 200)
		page := w.signedInAs(ws, boss)
		row := regexp.MustCompile(`id="row-([^"]+)"`)
		rows := func() (ids []string) {
			for _, m := range row.FindAllStringSubmatch(page.page, -1) {
				ids = append(ids, m[1])
			}
			return ids
		}
		capture := func() {
			for n := range people {
				w.post(w.operator, client.In(ws, "captures"), is{"person": profile(fmt.Sprint("fair-", n)), "fields": []string{"work_phone"}}, 200)
			}
		}
		for _, sort := range []string{"", "name", "-name", "company", "title", "owner"} {
			capture()
			before := rows()
			page.get("/leads?sort=" + sort)
			first := rows()
			next := page.found(`<a class="button small" href="/leads\?([^"]+)" rel="next"`)
			if strings.Contains(next, first[49]) || len(first) != 50 || slices.Equal(first, before) {
				t.Fatalf("by %q: %d rows, then %s", sort, len(first), next)
			}
			page.get("/leads?" + next)
			want := rows()
			if len(want) != 10 {
				t.Fatalf("by %q: %d rows on the second page", sort, len(want))
			}
			// The last three, and then all of the page.
			for _, gone := range [][]string{first[47:], first[:47]} {
				page.post("/leads/chosen/do", "do", "delete", "leads", strings.Join(gone, " "))
				for _, path := range []string{"/leads?", "/leads/rows?"} {
					if page.get(path + next); page.status != 200 || !slices.Equal(rows(), want) {
						t.Errorf("by %q: %s after %d are gone: %d, %d rows, want %d", sort, path, len(gone), page.status, len(rows()), len(want))
					}
				}
			}
			page.post("/leads/chosen/do", "do", "delete", "leads", strings.Join(want, " "))
		}
	})
}

// What a page's address says that cannot be read or is not known is left out.
func TestBrokenAddressesOfPages(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", crowdOf(2))
		ws := w.workspace("pro", 1, nil)
		boss, _ := w.member(ws, "Bo")
		for n := range 2 {
			w.post(w.operator, client.In(ws, "captures"), is{"person": profile(fmt.Sprint("fair-", n)), "fields": []string{"work_phone"}}, 200)
		}
		page := w.signedInAs(ws, boss)
		for _, query := range []string{"title=%", "columns=a;b", "q=%ff", "q=a%00b", "nobody=knows", "cursor=lead_1", "before=x", "cursor=seal1.AAAA", "sort=phone", "%zz=%zz&has=nothing"} {
			page.get("/leads?" + query)
			if page.status != 200 || !strings.Contains(page.text(), "2 leads") {
				t.Errorf("?%s: %d %.300s", query, page.status, page.text())
			}
		}
		if page.get("/leads?title=%&q=nobody-is-called-so").has("No lead matches"); page.status != 200 {
			t.Error("what can be read is not used")
		}
	})
}

// Leads that are gone when they are unlocked are said to be, and nothing begins.
func TestUnlockingLeadsThatAreGone(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", halPeople)
		ws := w.workspace("pro", 1, nil)
		boss, _ := w.member(ws, "Bo")
		var ids []string
		for _, who := range []string{"hal-1", "hal-2", "hal-3"} {
			ids = append(ids, w.post(w.operator, client.In(ws, "captures"), is{"person": profile(who), "fields": []string{"work_phone"}}, 200)["lead"].(string))
		}
		page := w.signedInAs(ws, boss)
		chosen := strings.Join(ids, " ")
		page.post("/leads/chosen/price", "leads", chosen)
		if !strings.Contains(page.text(), "Unlock 1 mobile · at most 1 premium") { // Hal One alone has a number
			t.Errorf("the button says %q", page.text())
		}
		for _, id := range ids {
			w.call(w.operator, "DELETE", client.In(ws, "leads", id), nil, 204)
		}
		page.post("/leads/chosen/do", "do", "unlock", "fields", "mobile_phone", "leads", chosen)
		page.at("/leads")
		page.has("The chosen leads are not on the sheet any more")
		w.same("jobs", len(w.get(w.operator, client.In(ws, "bulk-captures"))["data"].([]any)), 0)
	})
}

// The made-up people are imported once, whole, however often the button is pressed; a test
// mail that cannot be sent says why.
func TestSetUpSaysAndDoesOnce(t *testing.T) {
	start(t, func(w *world) {
		page := w.visitor()
		page.byCode("", "")
		page.get("/operator/set-up")
		for n := range 4 {
			page.post("/operator/set-up/people", "idempotency_key", []string{"one", "one", "two", ""}[n])
			page.has("200 made-up people")
		}
		page.get("/operator/imports")
		if n := strings.Count(page.text(), "Sample people"); n != 1 {
			t.Errorf("%d imports", n)
		}
		page.has("done 200 200 200 new 0 leadmeter")
		page.lacks("problem")
		page.post("/operator/set-up/mail", "to", "ops@acme.example")
		w.same("status", page.status, 422)
		page.has("The mail was not sent: this server has no mail server yet.")
	})
}
