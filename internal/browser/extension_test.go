package browser_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
)

// policy sets who decides about premium at every capture.
func (w *world) policy(mode string) {
	w.Helper()
	s, err := w.server.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, w.ws)
	if err == nil {
		err = w.server.Accounts.SetSettings(ctx, s, account.Settings{AutoUnlock: mode})
	}
	if err != nil {
		w.Fatal(err)
	}
}

const (
	captureButton = `[data-focus^="capture-"]`
	unlockButton  = `[data-focus^="unlock-"]`
)

// The extension's own tests of its readers and units, in the browser they run in.
func TestExtensionReaders(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out the browser")
	}
	t.Parallel()
	site := httptest.NewServer(http.FileServer(http.Dir("../../extension")))
	t.Cleanup(site.Close)
	w := &world{T: t, base: site.URL}
	c, end := chromedp.NewContext(browser(t), chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	tab := &tab{world: w, ctx: c}
	tab.goTo("/test/index.html")
	tab.wait(`document.title != "running"`)
	t.Log(tab.js(`document.querySelector(".time").innerText`))
	if title := tab.js(`document.title`); title[:3] != "ok " {
		t.Errorf("%s\n%s", title, tab.js(`[...document.querySelectorAll(".bad")].map((e) => e.innerText).join("\n")`))
	}
}

// A member connects by approving, reads a page, previews, captures and unlocks;
// each says before what it costs, and the connection is ended in the settings.
func TestExtensionCaptures(t *testing.T) {
	w := start(t, "pro")
	p := w.openPanel(w.member)
	p.connect("approve")
	p.has("header", "Acme")
	p.has("header", "standard 1,000")
	p.row("Ada Byron", "Capture at most 3 standard")
	p.menu("Ada Byron", "Preview without saving at most 3 standard", "Unlock mobile at most 1 premium", "People at Engines")
	p.row("Grace Yard", "Capture at most 1 standard")
	p.row("Nobody Atall", "Nobody in the directory matches")
	p.lacks("main", "engines.example") // nothing is shown before it is asked for
	w.wantUsed(0, 0)

	p.choose("Grace Yard", "preview")
	p.row("Grace Yard", "Preview · not saved")
	p.row("Grace Yard", "+1 212-555-0121")
	w.wantUsed(1, 0)
	p.press("Ada Byron", captureButton)
	p.row("Ada Byron", "ada@engines.example")
	w.wantUsed(4, 0)
	p.row("Ada Byron", "Unlock mobile at most 1 premium")
	p.press("Ada Byron", unlockButton)
	p.row("Ada Byron", "+1 917-555-0112")
	w.wantUsed(4, 1)
	p.copies("Ada Byron", "ada@engines.example")
	p.has("header", "standard 996")

	p.fill(`[data-focus=list]`, "Fair")
	p.has(".bar", "Capture all")
	p.click(`[data-focus=capture-all]`)
	p.row("Mary Orbit", "In your lead sheet")
	p.has(".progress", "charged 1 standard")
	w.wantUsed(5, 1)
	for _, e := range w.entries() {
		if e.Channel != "extension" || e.Member != w.member {
			t.Errorf("an entry of %s by %s", e.Channel, e.Member)
		}
	}
	p.clean()

	settings := w.tabOf(p.browser)
	settings.goTo("/settings")
	settings.has("#extensions", "Disconnect")
	settings.fits("/settings")
	settings.follow(`#extensions form button`)
	settings.has("#extensions", "None.")
	p.expect(http.StatusUnauthorized)
	p.click(`[data-focus=gear]`)
	p.click(`[data-focus=auto-unlock]`)
	p.has(".notice", "The connection was ended on the server.")
}

func TestExtensionIsDenied(t *testing.T) {
	w := start(t, "pro")
	p := w.openPanel(w.member)
	p.connect("deny")
	p.expect(http.StatusForbidden)
	p.has(".notice", "The connection was refused on the server.")
	p.wait(`document.querySelector("#server")`)
	page := w.tabOf(p.browser)
	page.expect(http.StatusNotFound)
	page.goTo("/connect/extension?id=ext_none")
	page.has("h1", "This request is over")
}

// The workspace's policy unlocks premium at every capture, and the switch says so.
func TestExtensionUnlocksByPolicy(t *testing.T) {
	w := start(t, "pro")
	p := w.openPanel(w.member)
	p.connect("approve")
	p.row("Mary Orbit", "Capture at most 1 standard")
	p.click(`[data-focus=gear]`)
	p.click(`[data-focus=auto-unlock]`)
	p.wait(`document.querySelector("[data-focus=auto-unlock]").checked`)
	p.click(`[data-focus=done]`)
	p.row("Mary Orbit", "Capture at most 1 standard + 1 premium")
	p.press("Mary Orbit", captureButton)
	p.row("Mary Orbit", "+1 917-555-0132")
	w.wantUsed(1, 1)

	w.policy("off")
	p.js(`location.reload()`)
	p.row("Ada Byron", "Capture at most 3 standard")
	p.click(`[data-focus=gear]`)
	p.has("main", "Managed: your workspace has switched this off for everybody.")
	p.wait(`document.querySelector("[data-focus=auto-unlock]").disabled`)
	p.click(`[data-focus=done]`)
	p.press("Ada Byron", captureButton)
	p.row("Ada Byron", "ada@engines.example")
	w.wantUsed(4, 1)
	w.policy("on")
	p.js(`location.reload()`)
	p.row("Grace Yard", "Capture at most 1 standard + 1 premium")
}

// Out of credits: what stopped it, when there will be more.
func TestExtensionRunsOut(t *testing.T) {
	w := start(t, "pro")
	w.allocate("premium", credits.Limited, 0)
	p := w.openPanel(w.member)
	p.connect("approve")
	p.expect(http.StatusPaymentRequired)
	p.choose("Ada Byron", "unlock")
	p.has(".panel.stop h2", "Not enough premium credits")
	p.has(".panel.stop", "your own limit")
	p.has(".panel.stop", "Ask your admin for a higher limit")
	w.wantUsed(0, 0)

	// A capture in part says the same of what was not revealed.
	p.click(".panel.stop .quiet")
	w.policy("on")
	p.js(`location.reload()`)
	p.row("Ada Byron", "Capture at most 3 standard + 1 premium")
	p.has(".bar", "needed, and 0 of your own limit is left") // before it is pressed
	p.press("Ada Byron", captureButton)
	p.row("Ada Byron", "There were not enough credits")
	p.press("Ada Byron", "button.link.why")
	p.has(".panel.stop h2", "Not enough premium credits")
	p.has(".panel.stop", "Stopped by your own limit")
	p.has(".panel.stop", "Ask your admin for a higher limit")
	w.wantUsed(3, 0)
}

// Out of credits, a member asks for more without leaving the panel; the admin grants
// in the web app, and the same button then works (rule D6).
func TestExtensionAsksForMore(t *testing.T) {
	w := start(t, "pro")
	w.allocate("premium", credits.Limited, 0)
	p := w.openPanel(w.member)
	p.connect("approve")
	p.expect(http.StatusPaymentRequired)
	p.choose("Ada Byron", "unlock")
	p.has(".panel.stop h2", "Not enough premium credits")
	p.fill(`[data-focus=ask-amount]`, "0") // refused beside the field
	p.click(`[data-focus=ask-send]`)
	p.has(".panel.stop [role=alert]", "Say how many credits.")
	p.fill(`[data-focus=ask-amount]`, "3")
	p.fill(`[data-focus=ask-reason]`, "<b>Two</b> calls today")
	p.click(`[data-focus=ask-send]`)
	p.has(".panel.stop", "You asked for 3 premium. An admin decides")

	admin := w.signedIn(w.admin)
	admin.goTo("/team")
	admin.has("main", "<b>Two</b> calls today")
	admin.follow(`form[action^="/requests/"] button.primary`)
	admin.clean()

	p.js(`location.reload()`)
	p.has("header", "premium 3 of 3")
	p.choose("Ada Byron", "unlock")
	p.row("Ada Byron", "+1 917-555-0112")
	w.wantUsed(0, 1)
}

// A server that goes away, one whose answers are lost, and a worker that dies in
// between: what was pressed is sent when all are back, and is charged once.
func TestExtensionWaitsForTheServer(t *testing.T) {
	w := start(t, "pro")
	p := w.openPanel(w.member)
	p.connect("approve")
	p.row("Ada Byron", "Capture at most 3 standard")
	p.row("Mary Orbit", "Capture at most 1 standard")
	p.front.Store(cut)
	p.press("Ada Byron", captureButton)
	p.row("Ada Byron", "Waits for the server. It is sent once.")
	p.wait(`document.querySelector("#banner").innerText.includes("1 capture waits")`)
	if p.cuts.Load() == 0 {
		t.Error("nothing reached the server")
	}
	w.wantUsed(3, 0)
	p.front.Store(down)
	p.press("Mary Orbit", captureButton)
	p.wait(`document.querySelector("#banner").innerText.includes("2 captures wait")`)
	w.wantUsed(3, 0)
	p.killWorker() // what waits is on disk, and the next one sends it
	p.front.Store(up)
	p.click(`[data-focus=retry]`)
	p.row("Ada Byron", "ada@engines.example")
	p.row("Mary Orbit", "In your lead sheet")
	w.wantUsed(4, 0)
	p.tolerate()
}

// The server is stopped in the middle of many captures and started again on the same
// database: what was asked for is done, once each.
func TestExtensionOutlivesTheServer(t *testing.T) {
	w := start(t, "pro")
	p := w.openPanel(w.member)
	p.connect("approve")
	for _, name := range []string{"Ada Byron", "Grace Yard", "Mary Orbit"} {
		p.row(name, "Capture at most")
	}
	p.front.Store(once) // the first capture is answered, and the server goes down
	p.click(`[data-focus=capture-all]`)
	p.wait(`document.querySelector("#banner").innerText.includes("2 captures wait")`)
	if err := w.server.Close(); err != nil {
		t.Fatal(err)
	}
	w.open()
	p.front.Store(up)
	p.click(`[data-focus=retry]`)
	p.row("Ada Byron", "ada@engines.example")
	p.row("Grace Yard", "+1 212-555-0121")
	p.row("Mary Orbit", "In your lead sheet")
	p.has(".progress", "3 of 3 · charged 5 standard")
	w.wantUsed(5, 0)
	p.tolerate()
}
