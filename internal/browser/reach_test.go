package browser_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
)

// An admin adds a webhook, sees its secret this once, tests, pauses, rotates and
// deletes it; a member may do none of it.
func TestWebhookPages(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.expect(http.StatusUnprocessableEntity)
	tab.goTo("/settings")
	tab.follow(`a[href="/settings/webhooks"]`)
	tab.has("main", "No webhooks yet.")
	const add = `form[action="/settings/webhooks"] button[type=submit]`
	tab.fill("#hook-url", "http://10.0.0.1/in")
	tab.click("input[value='lead.captured']")
	tab.follow(add)
	tab.has("#hook-url-problem", "Must be an https:// address on the public internet")
	tab.wait(`document.querySelector("input[value='lead.captured']").checked`)
	tab.fill("#hook-url", "https://hooks.example.com/in")
	tab.click("input[value='lead.captured']")
	tab.follow(add)
	tab.has("#hook-events-problem", "Choose at least one.")
	tab.click("input[value='charge.created']")
	tab.follow(add)
	tab.has(".panel h2", "The signing secret")
	secret := tab.js(`document.querySelector("#hook-secret").value`)
	if !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("the secret reads %q", secret)
	}
	tab.goTo("/settings/webhooks")
	tab.has("main table", "1 event")
	tab.follow("main table a")
	if tab.js(`document.body.innerHTML.includes("whsec_")`) == "true" {
		t.Error("the secret is shown again")
	}
	tab.follow(`form[action$="/test"] button`)
	tab.has("#deliveries", "webhook.test")
	tab.follow(`form[action$="/pause"] button`)
	tab.has("main", "Paused by an admin.")
	tab.has("#deliveries", "waits, paused")
	tab.follow(`form[action$="/pause"] button`)
	tab.has(".title-row", "active")
	tab.follow(`form[action$="/rotate"] button`)
	if again := tab.js(`document.querySelector("#hook-secret").value`); again == secret || !strings.HasPrefix(again, "whsec_") {
		t.Errorf("after a rotation the secret reads %q", again)
	}
	tab.has("main", "The one before signs until")
	path := tab.js(`location.pathname`)

	mel := w.signedIn(w.member)
	mel.expect(http.StatusForbidden)
	mel.goTo("/settings")
	mel.lacks("main", "Webhooks")
	for _, page := range []string{"/settings/webhooks", "/settings/alerts"} {
		mel.goTo(page)
		mel.has("main", "You may not do this")
	}
	tab.goTo(strings.TrimSuffix(path, "/rotate"))
	tab.follow(`form[action$="/delete"] button`)
	tab.has("main", "No webhooks yet.")
}

// An admin chooses the marks and the mail of the usage; what was reached is listed.
func TestAlertsPage(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.expect(http.StatusUnprocessableEntity)
	tab.goTo("/settings/alerts")
	tab.has("main", "This server sends no mail.")
	const save = `form[action="/settings/alerts"] button`
	tab.fill("#percents-premium", "half")
	tab.follow(save)
	tab.has("#percents-premium-problem", "whole percentages from 1 to 100")
	if got := tab.js(`document.querySelector("#percents-premium").value`); got != "half" {
		t.Errorf("what was typed is now %q", got)
	}
	tab.fill("#percents-premium", "120")
	tab.follow(save)
	tab.has("#percents-premium-problem", "from 1 to 100")
	tab.fill("#percents-premium", "2, 50%")
	tab.follow(save)
	tab.has("#notices", "Saved.")
	if got := tab.js(`document.querySelector("#percents-premium").value`); got != "2, 50" {
		t.Errorf("the marks are %q", got)
	}
	tab.js(`document.querySelector("#every").value = "week"`)
	tab.follow(`form[action="/settings/alerts/usage-mail"] button`)
	tab.has("#notices", "The first mail comes at the next turn.")
	tab.wait(`document.querySelector("#every").value == "week"`)
	tab.has("#main", "None yet. Alerts that were sent are listed here.")
	w.do(func(r credits.Request) credits.Command {
		return &credits.Charge{Request: r, Credit: "premium", Amount: 3 * credits.Credit}
	})
	if err := w.server.Alerts.Look(t.Context(), w.ws); err != nil {
		t.Fatal(err)
	}
	tab.goTo("/settings/alerts")
	tab.has("main table", "2% of 100")
}
