package browser_test

import (
	"net/http"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
)

// The operator sees a workspace as its admin does: everything, changing nothing, and
// the workspace sees that they looked.
func TestOperatorLooksAsTheAdmin(t *testing.T) {
	w := start(t, "pro")
	boss := w.signedIn(w.admin)
	boss.capture(ada)
	boss.has("#lead-rows", "Ada Byron")
	tab := w.signedIn("")
	tab.goTo("/operator/workspaces/" + w.ws + "/cancel")
	tab.has("main", "Captures, previews and unlocks")
	tab.goTo("/operator/workspaces/" + w.ws)
	tab.follow(`form[action$="/watch"] button`)
	tab.wait(`location.pathname == "/usage"`)
	tab.has(".watching", "You see Acme as its admin does")
	for _, path := range []string{"/leads", "/team", "/plan", "/audit", "/help", "/settings", "/usage/entries"} {
		tab.goTo(path)
		tab.has(".watching", "Nothing can be changed")
	}
	tab.goTo("/leads")
	tab.has("#lead-rows", "Ada Byron")
	for _, path := range []string{"/capture", "/team", "/settings/auto-unlock", "/settings/keys", "/settings/theme", "/leads/columns"} {
		if got := tab.post(path, "who="+mary+"&action=capture&name=x&role=admin").StatusCode; got != http.StatusForbidden {
			t.Errorf("POST %s while looking is answered with %d", path, got)
		}
	}
	w.wantUsed(3, 0)
	tab.everyLook([]string{"/usage", "/plan", "/team"})
	tab.follow(".watching button")
	tab.has("#notices", "You stopped looking.")
	tab.goTo("/usage")
	tab.wait(`location.pathname == "/operator"`)
	boss.goTo("/audit?kind=operator")
	boss.has("tbody tr", "Operator Looked at the workspace as its admin")
	boss.has("tbody tr", "Operator Stopped looking")
	if got := boss.post("/operator/workspaces/"+w.ws+"/watch", "").StatusCode; got != http.StatusForbidden {
		t.Errorf("an admin looks, answered with %d", got)
	}
}

// The operator's list is searched; what belongs to no workspace has its own page.
func TestOperatorFindsAndReviews(t *testing.T) {
	w := start(t, "pro")
	mel := w.signedIn(w.member)
	mel.capture(ada)
	mel.has("#lead-rows", "Ada Byron")
	tab := w.signedIn("")
	tab.goTo("/operator?q=acM")
	tab.has("section[aria-labelledby=workspaces-title] tbody", "Acme")
	tab.goTo("/operator?q=100%25")
	tab.has("section[aria-labelledby=workspaces-title]", "No workspace has that name.")

	w.review()
	tab.goTo("/operator")
	tab.has(`a[href="/operator/reviews"]`, "1")
	tab.follow(`a[href="/operator/reviews"]`)
	tab.has(".requests", "Mel Member says of a")
	tab.everyLook([]string{"/operator/reviews", "/operator/server", "/operator?q=acme", "/operator/workspaces/" + w.ws})
	tab.goTo("/operator/reviews")
	tab.follow(`.requests button[value=accept]`)
	tab.has("#notices", "Accepted. 1 standard went back.")
	tab.has("main", "Nothing waits.")
	w.wantUsed(2, 0)

	tab.goTo("/operator/server")
	tab.fill("#kind-add", "domain")
	tab.fill("#value-add", "harbor.example")
	tab.follow(`form[aria-label=Suppress] button`)
	tab.has("#notices", "On the list.")
	tab.has("main dl", "Domain 1")
	mel.goTo("/capture")
	tab.fill("#kind-remove", "domain")
	tab.fill("#value-remove", "harbor.example")
	tab.follow(`form[aria-label="Take off the list"] button`)
	tab.has("#notices", "Taken off the list.")
	tab.has("main dl", "Domain 0")
}

// review makes the newest charge wait for the operator, as a member's twenty-first
// report does.
func (w *world) review() {
	w.Helper()
	for _, e := range w.entries() {
		if e.Kind != credits.KindCharge {
			continue
		}
		err := w.server.Store.Ledger(ctx, w.ws, func(store.LedgerTx) (*store.Writes, error) {
			return &store.Writes{Reports: []store.Report{{Workspace: w.ws, Seq: e.Seq, Member: e.Member, Person: e.Person, Field: e.Field, Reason: "wrong_number", Status: credits.Review, PeriodStart: e.PeriodStart, At: e.At}}}, nil
		})
		if err != nil {
			w.Fatal(err)
		}
		return
	}
	w.Fatal("nothing was charged")
}
