package browser_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestOperatorMakesAWorkspace(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn("")
	tab.expect(http.StatusUnprocessableEntity)
	tab.wait(`location.pathname == "/operator"`)
	tab.has("main tr", "Acme Pro 2 active Mar 1 – 31, 2026")
	create := `form[action="/operator/workspaces"] .primary`
	tab.fill("#ws-name", "Globex")
	tab.fill("#ws-seats", "3")
	tab.fill("#ws-zone", "Mars/Olympus")
	tab.fill("#ws-admin-email", "not an address@")
	tab.fill("#ws-admin-name", "Hank")
	tab.js(`(() => { document.querySelector("#ws-admin-email").type = "text"; })()`)
	tab.follow(create)
	tab.has("#ws-zone-problem", "Must be an IANA time zone such as Europe/Berlin.")
	if got := tab.js(`document.querySelector("#ws-name").value + document.querySelector("#ws-seats").value`); got != "Globex3" {
		t.Errorf("what was typed is now %q", got)
	}
	tab.fill("#ws-zone", "America/Chicago")
	tab.js(`(() => { document.querySelector("#ws-admin-email").type = "text"; })()`)
	tab.follow(create)
	tab.has("#ws-admin-email-problem", "Must be an email address.")
	tab.fill("#ws-admin-email", "hank@globex.example")
	tab.follow(create)
	tab.has("h1", "Globex")
	tab.has("main", "Starter · Mar 1 – 31, 2026 · America/Chicago")
	tab.has(".pane.standard", "750 left of 750")
	link := tab.js(`document.querySelector("#sign-in-link").value`)
	hank := w.tab()
	hank.goTo(strings.TrimPrefix(link, w.base))
	hank.follow(`form[action="/sign-in/code"] button`)
	hank.wait(`location.pathname == "/leads"`)
	hank.has(".who", "Hank admin")
	hank.wantLeft("750", "75")
	tab.goTo("/operator")
	tab.has("main tr", "Globex Starter 3 active")
}

func TestOperatorSells(t *testing.T) {
	w := start(t, "starter")
	mel := w.signedIn(w.member)
	mel.wantLeft("500", "50")
	tab := w.signedIn("")
	tab.expect(http.StatusUnprocessableEntity)
	tab.goTo("/operator/workspaces/" + w.ws)
	tab.fill("#grant-amount", "none")
	give := `form[action$="/grants"] button`
	tab.follow(give)
	tab.wait(`document.querySelector("#grant-amount-problem")`)
	tab.fill("#grant-credit", "premium")
	tab.fill("#grant-amount", "12.5")
	tab.fill("#grant-note", "Agreed on the phone")
	tab.follow(give)
	tab.has("#notices", "Given. The workspace can use it now.")
	tab.has(".pane.premium", "62.5 left of 62.5")
	mel.goTo("/usage")
	mel.has(".pane.premium .parts", "Add-on, every period “Agreed on the phone” 12.5")
	mel.wantLeft("500", "62.5")

	// An upgrade counts at once, a downgrade from the next period.
	plan := `form[action$="/plan"] button`
	tab.fill("#plan", "pro")
	tab.fill("#seats", "4")
	tab.follow(plan)
	tab.has(".pane.standard", "2,000 left of 2,000")
	tab.fill("#plan", "free")
	tab.fill("#seats", "1")
	tab.follow(plan)
	tab.has(".pane.standard", "2,000 left of 2,000")
	tab.has("main .notice.warning", "From Apr 1, 2026, 00:00 the plan is Free with 1 seat.")
	tab.fill("#seats", "many")
	tab.follow(plan)
	tab.has("#seats-problem", "Must be a whole number, 1 or more.")

	tab.goTo("/operator/workspaces/" + w.ws)
	tab.follow(`form[action$="/end"] button`)
	tab.has("#notices", "Ended. The next period no longer includes it.")
	tab.has("main tr", "12.5 premium Add-on, every period Agreed on the phone")
	tab.has(".pane.premium", "212.5 left of 212.5")
}

func TestOperatorCancelsAndReactivates(t *testing.T) {
	w := start(t, "pro")
	mel := w.signedIn(w.member)
	mel.capture(ada)
	mel.has("#lead-rows", "Ada Byron")
	tab := w.signedIn("")
	tab.goTo("/operator/workspaces/" + w.ws)
	tab.follow(`main a[href$="/cancel"]`)
	tab.has("h1", "Cancel the subscription of Acme")
	tab.has(".preview tr", "Standard credits, 997 left Gone at once")
	// Nothing is cancelled without the name, or by another one.
	tab.click("input[name=at][value=now]")
	tab.fill("#confirm", "acme inc")
	tab.expect(http.StatusUnprocessableEntity)
	tab.follow(`form[action$="/cancel"] button`)
	tab.has("#confirm-problem", "This is not the workspace’s name. Nothing was cancelled.")
	tab.wait(`document.querySelector("input[name=at][value=now]").checked`)
	tab.fill("#confirm", " Acme ")
	tab.follow(`form[action$="/cancel"] button`)
	tab.has("h1 + .tag", "cancelled")
	tab.has("main .notice.warning", "What was captured stays readable.")
	tab.has(".pane.standard", "0 left")
	tab.lacks("main a, main button", "Cancel subscription")

	mel.goTo("/capture")
	mel.wantLeft("0", "0")
	mel.fill("#who", grace)
	mel.click("form.card button[value=look]")
	mel.has("#capture-result", "The subscription is cancelled.")
	mel.click("form.card button[value=capture]")
	mel.has(".panel.stop h2", "The subscription is cancelled")
	mel.has(".panel.stop", "Ask your admin to reactivate the subscription.")
	mel.goTo("/settings")
	mel.has("main", "Pro cancelled")

	tab.fill("#revive-plan", "starter")
	tab.follow(`form[action$="/reactivate"] button`)
	tab.has("#notices", "Active again.")
	tab.has("h1 + .tag", "active")
	mel.goTo("/leads")
	mel.wait(`document.querySelector("#balance .standard b").textContent != "0"`)
	mel.capture(grace)
	mel.has("#capture-result .receipt", "Charged 1 standard")
}

func TestOperatorImports(t *testing.T) {
	w := start(t, "pro")
	file := filepath.Join(t.TempDir(), "people.csv")
	text := "full_name,company,linkedin_url,work_email,work_email_status\n" +
		"Nora New,Labs,https://www.linkedin.com/in/nora-new,nora@labs.example,verified\n" +
		"Bad Row,Labs,https://www.linkedin.com/in/bad-row,not-an-address,verified\n" +
		",Labs,,,\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	tab := w.signedIn("")
	tab.goTo("/operator")
	tab.follow(`#places a[href="/operator/imports"]`)
	if err := chromedp.Do(tab.ctx, chromedp.SetUploadFiles(chromedp.ID("import-file"), []string{file})); err != nil {
		t.Fatal(err)
	}
	tab.follow(`form[action="/operator/imports"] button`)
	tab.has("h1", "people.csv")
	tab.has("#read-as", "Read as directory, UTF-8")
	tab.has("tbody", "Nora New")
	tab.follow(`button[value="import"]`)
	tab.has("#notices", "The import runs.")
	tab.has("#imports tbody tr:first-child", "done 3 2 2 new 1 2 problems")
	tab.click("#imports tbody tr:first-child summary")
	tab.has("#imports li", "Row 3")
	tab.has("#imports li", "work_email")
	mel := w.signedIn(w.member)
	mel.fill("#bar-who", "https://www.linkedin.com/in/nora-new")
	mel.click(bar + ` button[value=look]`)
	mel.has("#capture-result h2", "Nora New")
}
