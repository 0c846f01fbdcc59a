package browser_test

import (
	"net/http"
	"strings"
	"testing"
)

const savePolicy = `form[action="/settings/auto-unlock"] button`

func TestPolicyUnlocksAtEveryCapture(t *testing.T) {
	w := start(t, "pro")
	tab, mel := w.signedIn(w.admin), w.signedIn(w.member)
	tab.goTo("/settings")
	tab.click(`input[name=auto_unlock][value=on]`)
	tab.fill("#daily-cap", "2")
	tab.follow(savePolicy)
	tab.has("#notices", "The policy counts from the next capture on.")
	if got := tab.js(`document.querySelector("#daily-cap").value`); got != "2" {
		t.Errorf("the cap is %q", got)
	}
	mel.goTo("/settings")
	mel.has("main", "Managed by your admin.")
	mel.wait(`document.querySelector("input[type=checkbox][name=auto_unlock]").disabled && document.querySelector("input[type=checkbox][name=auto_unlock]").checked`)

	mel.goTo("/leads")
	mel.has(bar+" .primary", "Capture · at most 3 standard + 1 premium")
	mel.capture(ada)
	mel.has("#lead-rows", "+1 917-555-0112")
	w.wantUsed(3, 1)
	mel.capture(grace)
	mel.has("#capture-result .receipt", "1 premium")
	w.wantUsed(4, 2)
	// The cap is reached: the rest is captured, the mobile keeps its button.
	mel.capture(mary)
	mel.has("#capture-result", "daily cap")
	mel.has("#lead-rows tr:first-child .f-mobile_phone button", "Unlock · 1 premium")
	w.wantUsed(5, 2)

	tab.click(`input[name=auto_unlock][value=off]`)
	tab.follow(savePolicy)
	mel.goTo("/settings")
	mel.wait(`document.querySelector("input[type=checkbox][name=auto_unlock]").disabled && !document.querySelector("input[type=checkbox][name=auto_unlock]").checked`)
}

func TestOwnSwitch(t *testing.T) {
	w := start(t, "pro")
	mel := w.signedIn(w.member)
	mel.goTo("/settings")
	mel.has("main", "Spends at most 1 premium more")
	mel.click("input[type=checkbox][name=auto_unlock]")
	mel.follow(`form[action="/settings/my-auto-unlock"] button`)
	mel.has("#notices", "Saved.")
	mel.wait(`document.querySelector("input[type=checkbox][name=auto_unlock]").checked`)
	mel.goTo("/capture")
	mel.wait(`document.querySelector("[value=mobile_phone]").checked`)
	mel.goTo("/leads")
	mel.capture(ada)
	mel.has("#lead-rows", "+1 917-555-0112")
	w.wantUsed(3, 1)
	boss := w.signedIn(w.admin) // whose own switch is off
	boss.has(bar+" .primary", "Capture · at most 3 standard")
	boss.lacks(bar+" .primary", "premium")
}

func TestPolicyFormSaysWhatIsWrong(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.expect(http.StatusUnprocessableEntity)
	tab.goTo("/settings")
	tab.fill("#daily-cap", "a few")
	tab.follow(savePolicy)
	tab.has("#daily-cap-problem", "Must be a number of credits, or empty for no cap.")
	if got := tab.js(`document.querySelector("#daily-cap").value`); got != "a few" {
		t.Errorf("what was typed is now %q", got)
	}
}

func TestAPIKeyIsShownOnce(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.goTo("/settings")
	tab.has("main", "No keys yet.")
	tab.fill("#key-name", "CRM sync")
	tab.follow(`form[action="/settings/keys"] button`)
	tab.has(".panel h2", "Your new key “CRM sync”")
	key := tab.js(`document.querySelector("#new-key").value`)
	if got := w.apiStatus(key); got != http.StatusOK {
		t.Errorf("the key is answered with %d", got)
	}
	tab.click(`[data-copy=new-key]`)
	tab.has("#new-key-copied", "Copied")
	tab.goTo("/settings")
	tab.has("main", "CRM sync service key of Bo Boss lm_…"+key[len(key)-4:])
	if strings.Contains(tab.js(`document.documentElement.outerHTML`), key) {
		t.Error("the key is shown again")
	}
	tab.follow(tab.mark("tbody tr", "CRM sync", "button"))
	tab.has("#notices", "Revoked.")
	if got := w.apiStatus(key); got != http.StatusUnauthorized {
		t.Errorf("the revoked key is answered with %d", got)
	}
	if got := tab.asked(); !strings.Contains(got, "Revoke CRM sync?") {
		t.Errorf("asked %q", got)
	}
}

func (w *world) apiStatus(key string) int {
	w.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base+"/v1/workspaces/"+w.ws+"/balance", nil)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestThemeIsKept(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.goTo("/settings")
	tab.fill("#theme", "dark")
	tab.follow(`form[action="/settings/theme"] button`)
	tab.goTo("/usage")
	tab.wait(`document.documentElement.dataset.theme == "dark" && getComputedStyle(document.documentElement).colorScheme == "dark"`)
}
