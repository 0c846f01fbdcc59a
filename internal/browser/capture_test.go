package browser_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/leadmeter/leadmeter/credits"
)

func TestCapturePageTellsAndCharges(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.goTo("/capture")
	tab.has("[data-cost]", "at most 3 standard")
	tab.click("[value=mobile_phone]")
	tab.has("[data-cost]", "at most 3 standard + 1 premium")
	tab.click("[value=work_phone]")
	tab.has("[data-cost]", "at most 2 standard + 1 premium")
	tab.fill("#who", ada)
	tab.click(`form.card button[value=look]`)
	tab.has("#capture-result .primary", "Capture · at most 2 standard + 1 premium")
	w.wantUsed(0, 0)
	tab.click("#capture-result .primary")
	tab.has("#capture-result .receipt", "Charged 2 standard 1 premium 998 standard left 99 premium left")
	tab.lacks("#capture-result", "212-555-0111")
	tab.wantLeft("998", "99")
	w.wantUsed(2, 1)
	for _, box := range []string{"work_email", "personal_email", "mobile_phone"} {
		tab.click(`[value=` + box + `]`)
	}
	tab.has("[data-cost]", "choose a field")
	tab.click(`form.card button[value=capture]`)
	tab.has("#capture-result", "Choose at least one field to ask for.")
	tab.fill("#who", "!!!@")
	tab.click("[value=work_email]")
	tab.click(`form.card button[value=look]`)
	tab.has("#capture-result h2", "That names nobody")
	tab.fill("#who", "Nobody Atall, Nowhere")
	tab.click(`form.card button[value=look]`)
	tab.has("#capture-result h2", "Nobody matches")
	tab.has("#capture-result", "Nobody was found for “Nobody Atall, Nowhere”. Nothing is charged.")
}

// A refusal says which limit, what it needed, what was there and when it refills (rule D7).
func TestCaptureRefused(t *testing.T) {
	w := start(t, "pro")
	w.allocate("standard", "limit", 0)
	mel := w.signedIn(w.member)
	mel.goTo("/capture")
	mel.fill("#who", ada)
	mel.click(`form.card button[value=capture]`)
	mel.has(".panel.stop h2", "Not enough standard credits")
	mel.has(".panel.stop", "Needed 1 standard")
	mel.has(".panel.stop", "Available 0 standard")
	mel.has(".panel.stop", "Stopped by your own limit")
	mel.has(".panel.stop", "Ask your admin for a higher limit.") // waiting does not help
	mel.lacks("#capture-result", "engines.example")
	w.wantUsed(0, 0)

	mel.click("[name=all_or_nothing]")
	mel.click(`form.card button[value=capture]`)
	mel.has(".panel.stop", "Needed 3 standard")

	// Two of three: what can be paid for is, or nothing, as was asked.
	w.allocate("standard", "limit", 3)
	mel.goTo("/capture")
	mel.fill("#who", mary)
	mel.click(`form.card button[value=capture]`)
	mel.has("#capture-result .receipt", "Charged 1 standard 2 standard left")
	mel.fill("#who", ada)
	mel.click("[name=all_or_nothing]")
	mel.click(`form.card button[value=capture]`)
	mel.has(".panel.stop h2", "Not enough standard credits")
	mel.has(".panel.stop", "Needed 3 standard")
	mel.has(".panel.stop", "Available 2 standard")
	mel.has(".panel.stop", "Refills Apr 1, 2026, 00:00")
	mel.has(".panel.stop", "or wait for the refill.")
	w.wantUsed(1, 0)
	mel.click("[name=all_or_nothing]")
	mel.click(`form.card button[value=capture]`)
	mel.has("#capture-result .receipt", "Charged 2 standard")
	mel.has("#capture-result", "not enough credits")
	mel.lacks("#capture-result", "ada@mail.example")
	mel.wantLeft("0", "100")
	w.wantUsed(3, 0)
}

func TestCaptureRefusedAfterCancellation(t *testing.T) {
	w := start(t, "pro")
	mel := w.signedIn(w.member)
	mel.capture(ada)
	mel.has("#lead-rows", "ada@engines.example")
	w.do(func(r credits.Request) credits.Command { return &credits.Cancel{Request: r, Now: true} })
	mel.fill("#bar-who", grace)
	mel.click(bar + ` button[value=capture]`)
	mel.has(".panel.stop h2", "The subscription is cancelled")
	mel.has(".panel.stop", "What was captured stays readable.")
	mel.goTo("/leads")
	mel.has("#lead-rows", "ada@engines.example")
	mel.has("#lead-rows .f-mobile_phone", "The subscription is cancelled.")
	mel.wantLeft("0", "0")
	mel.goTo("/help")
	mel.has("main", "The subscription is cancelled, so nothing refills.")
	w.wantUsed(3, 0)
}

// Without JavaScript every form is a plain form.
func TestWithoutJavaScript(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	if _, err := chromedp.Call(tab.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	tab.goTo("/leads")
	tab.fill("#bar-who", grace)
	tab.click(bar + ` button[value=look]`)
	tab.wait(`location.pathname == "/capture"`)
	tab.has("#capture-result h2", "Grace Yard")
	tab.click("#capture-result .primary")
	tab.has("#capture-result .receipt", "Charged 1 standard")
	tab.wantLeft("999", "100")
	tab.goTo("/leads?q=grace")
	tab.click("#lead-rows .f-mobile_phone button")
	tab.has("#notices", "Mobile: Found. Charged 1 premium")
	tab.wait(`location.pathname + location.search == "/leads?q=grace"`)
	tab.has("#lead-rows", "+1 917-555-0122")
	tab.wantLeft("999", "99")
	w.wantUsed(1, 1)

	tab.goTo("/capture")
	tab.fill("#who", mary)
	tab.click("[value=work_email]")
	tab.click(`form.card button[value=capture]`)
	tab.has("#capture-result .receipt", "Charged 1 standard")
	tab.wait(`!document.querySelector("[value=work_email]").checked && document.querySelector("#who").value.endsWith("mary-orbit")`)
	w.wantUsed(2, 1)
}
