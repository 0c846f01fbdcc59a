package browser_test

import (
	"net/http"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
)

// Admins see their plan and what it costs, and on a page of its own what a cancellation would
// mean; neither page changes anything.
func TestPlanSaysWhatCancellingMeans(t *testing.T) {
	w := start(t, "pro")
	w.do(func(r credits.Request) credits.Command {
		return &credits.GiveGrant{Request: r, ID: "grant_fair", Credit: "premium", Amount: 30 * credits.Credit, Kind: credits.Once, Note: "Trade fair"}
	})
	w.allocate("premium", "assigned", 40)
	tab := w.signedIn(w.admin)
	tab.capture(ada)
	tab.goTo("/plan")
	tab.has("main .title-row", "Pro · 2 seats")
	tab.has("section[aria-labelledby=prices-title]", "Mobile 1 premium")
	tab.has("section[aria-labelledby=addons-title]", "Trade fair")
	tab.has("section[aria-labelledby=history-title]", "An add-on was given")
	tab.lacks("main", "Gone at once")
	forms := func() string {
		return tab.js(`Array.from(document.querySelectorAll("main form"), (f) => f.getAttribute("action")).join()`)
	}
	if got := forms(); got != "/plan/ask" {
		t.Errorf("the page has the forms %s: it asks, and changes nothing", got)
	}
	tab.follow(`main a[href="/plan/cancel"]`)
	tab.has("main", "Only the operator of this server can cancel. Nothing on this page cancels anything.")
	for _, line := range []string{
		"Standard credits, 997 left Gone at once; nothing is available. Can be used until Apr 1, 2026, 00:00, then gone.",
		"Premium credits, 130 left Gone at once", "40 premium assigned to members Nobody can use it", "1 add-on End, and do not come back",
		"1 lead on the sheet Stay readable and can be exported.", "Captures, previews and unlocks Refused from then on",
	} {
		tab.has(".preview tr", line)
	}
	if got := forms(); got != "" {
		t.Errorf("the page has the forms %s: it changes nothing", got)
	}
	tab.js(`Promise.all([...document.querySelectorAll("section[aria-labelledby=export-title] a")].map((a) => fetch(a.href).then((r) => r.text().then((s) => r.status + " " + s.trim().split("\n").length)))).then((all) => { window.files = all.join(); }) && ""`)
	tab.wait(`window.files?.match(/^200 2,200 \d+,200 \d+,200 \d+$/)`)
	tab.everyLook([]string{"/plan", "/plan/cancel"})
	mel := w.signedIn(w.member)
	mel.expect(http.StatusForbidden)
	for _, path := range []string{"/plan", "/plan/cancel", "/audit"} {
		mel.goTo(path)
		mel.has("h1", "You may not do this")
	}
	mel.lacks("nav.places", "Audit log")
}

// Who changed what stands in the audit log, and can be filtered and taken out.
func TestAuditLogTellsWhoChangedWhat(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.goTo("/team")
	tab.fill(amount("mode", w.member, "premium"), "limit")
	tab.fill(amount("amount", w.member, "premium"), "7")
	tab.follow(saveTeam)
	tab.goTo("/settings")
	tab.click(`input[name=auto_unlock][value=on]`)
	tab.follow(savePolicy)
	tab.goTo("/audit")
	tab.has("tbody tr", "Bo Boss Set what a member may use premium limit 7 Mel Member Page")
	tab.has("tbody tr", "Bo Boss Changed the settings automatic unlock on")
	tab.has("tbody tr", "Operator Added a member")
	tab.fill("#audit-kind", "allocation")
	tab.follow(`form[action="/audit"] button`)
	tab.has("tbody tr", "Set what a member may use")
	tab.lacks("tbody", "Changed the settings")
	tab.js(`fetch(document.querySelector("a[href^='/audit.csv']").href).then((r) => r.text()).then((s) => { window.csv = s; }) && ""`)
	tab.wait(`window.csv?.includes("allocation.set,` + w.member + `,Mel Member,premium limit 7")`)
	tab.goTo("/audit?kind=export")
	tab.has("tbody tr", "Exported the audit log")
	tab.everyLook([]string{"/audit"})
}
