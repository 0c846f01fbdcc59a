package browser_test

import (
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
)

const bar = `form[aria-label="Capture a lead"]`

// capture sends somebody through the bar above the sheet and returns the way to
// the lead.
func (t *tab) capture(who string) string {
	t.Helper()
	t.fill("#bar-who", who)
	t.js(`document.querySelectorAll("#lead-rows tr, #capture-result .panel").forEach((e) => e.setAttribute("data-before", ""))`)
	t.click(bar + ` button[value=capture]`)
	const answer = `document.querySelector("#capture-result .panel.good:not([data-before]) h2 a, #lead-rows tr:not([data-before]) .person")`
	t.wait(answer)
	return t.js(answer + `.getAttribute("href")`)
}

func TestLookIsFree(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.has(".empty h2", "Your sheet is empty")
	tab.has(bar+" .primary", "Capture · at most 3 standard")
	tab.fill("#bar-who", ada)
	tab.click(bar + ` button[value=look]`)
	tab.has("#capture-result h2", "Ada Byron")
	tab.has("#capture-result .panel", "Mobile Yes 1 premium")
	tab.has("#capture-result .primary", "Capture · at most 3 standard")
	tab.lacks("#capture-result", "ada@engines.example")
	tab.wantLeft("1,000", "100")
	w.wantUsed(0, 0)
	// The panel's own button captures what was looked at.
	tab.js(`window.before = true`)
	tab.click("#capture-result .primary")
	tab.has("#lead-rows", "Ada Byron")
	tab.wantLeft("997", "100")
	w.wantUsed(3, 0)
}

func TestCaptureFromTheSheet(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.capture(alan) // the first lead: there was no table before
	tab.has("#lead-rows", "Alan Main")
	tab.wait(`document.readyState == "complete" && document.querySelector("#lead-count")`)
	tab.has("#lead-rows", "free · main line")
	tab.has("#lead-rows", "free · verified in directory")
	w.wantUsed(0, 0)

	tab.capture(ada)
	tab.has("#capture-result .receipt", "Charged 3 standard 997 standard left 100 premium left")
	tab.has("#lead-rows tr:first-child", "Ada Byron")
	tab.has("#lead-count", "2 leads")
	tab.wantLeft("997", "100")
	w.wantUsed(3, 0)

	// Again, by anybody: the workspace owns it.
	mel := w.signedIn(w.member)
	mel.capture(ada)
	mel.has("#capture-result .receipt", "Free ")
	mel.has("#capture-result", "free · already owned")
	w.wantUsed(3, 0)

	// Nobody, and two of a name.
	tab.fill("#bar-who", "Nobody Atall, Nowhere")
	tab.click(bar + ` button[value=capture]`)
	tab.has("#capture-result h2", "Nobody matches")
	tab.fill("#bar-who", "Sam Twin, Harbor")
	tab.click(bar + ` button[value=capture]`)
	tab.has("#capture-result h2", "Several people match")
	w.wantUsed(3, 0)
}

func TestPreviewSavesNothing(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.capture(alan)
	tab.wait(`document.querySelector("#lead-rows")`)
	tab.click(bar + ` input[name=preview]`)
	tab.fill("#bar-who", ada)
	tab.click(bar + ` button[value=capture]`)
	tab.has("#capture-result", "Preview · not saved")
	tab.has("#capture-result", "ada@engines.example")
	tab.wantLeft("997", "100")
	tab.lacks("#lead-rows", "Ada Byron")
	tab.has("#capture-result .primary", "Save to the sheet · free")
	tab.click("#capture-result .primary")
	tab.has("#lead-rows", "Ada Byron")
	w.wantUsed(3, 0)
}

func TestUnlockInTheSheet(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.capture(grace)
	tab.wait(`document.querySelector("#lead-rows .f-mobile_phone button")`)
	tab.has("#lead-rows .f-mobile_phone button", "Unlock · 1 premium")
	tab.click("#lead-rows .f-mobile_phone button")
	tab.has("#lead-rows .f-mobile_phone", "+1 917-555-0122")
	tab.has("#notices", "Mobile: Found. Charged 1 premium, once for this person.")
	tab.wantLeft("999", "99")
	w.wantUsed(1, 1)
}

// A second press of one button is the first request again (rule C9).
func TestOneFormIsChargedOnce(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.capture(grace)
	tab.wait(`document.querySelector("#lead-rows .f-mobile_phone button")`)
	tab.js(`(() => { const b = document.querySelector("#lead-rows .f-mobile_phone button"); b.click(); b.click(); })()`)
	tab.has("#lead-rows .f-mobile_phone", "+1 917-555-0122")
	tab.wantLeft("999", "99")
	w.wantUsed(1, 1)

	// The same by hand: one key, sent twice, is answered twice and charged once.
	form := "idempotency_key=form-1&from=leads&action=capture&who=" + mary
	for range 2 {
		if got := tab.post("/capture", form).StatusCode; got != 200 {
			t.Fatal(got)
		}
	}
	w.wantUsed(2, 1)
	charges := 0
	for _, e := range w.entries() {
		if e.Kind == credits.KindCharge && e.Credit == "standard" {
			charges++
		}
	}
	if charges != 2 {
		t.Errorf("%d charges of standard credits, want 2", charges)
	}
}

func TestUnlockWithNoneLeft(t *testing.T) {
	w := start(t, "pro")
	w.allocate("premium", "limit", 1)
	tab := w.signedIn(w.member)
	tab.wantLeft("1,000", "1")
	lead := tab.capture(grace)
	tab.wait(`document.querySelector("#lead-rows .f-mobile_phone button")`)
	tab.capture(mary)
	tab.has("#lead-rows", "Mary Orbit")
	// Two tabs: the second's button still offers what the first has spent.
	second := w.signedIn(w.member)
	second.wait(`document.querySelectorAll("#lead-rows .f-mobile_phone button").length == 2`)
	tab.click(tab.mark("#lead-rows tr", "Mary Orbit", ".f-mobile_phone button"))
	tab.has("#lead-rows", "+1 917-555-0132")
	tab.wantLeft("998", "0")
	second.click(second.mark("#lead-rows tr", "Grace Yard", ".f-mobile_phone button"))
	second.has("#notices .warning", "premium")
	second.has("#lead-rows", "Needs 1 premium, 0 left. Refills Apr 1.")
	second.wantLeft("998", "0")
	tab.goTo(lead)
	tab.has("#lead-detail .why.stop", "Needs 1 premium, 0 left. Refills Apr 1.")
	w.wantUsed(2, 1)
}

func TestSearchAndFilter(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.capture(ada)
	tab.wait(`document.querySelector("#lead-rows") && document.readyState == "complete"`)
	tab.capture(grace)
	tab.has("#lead-count", "2 leads")
	mel := w.signedIn(w.member)
	mel.capture(alan)
	mel.has("#lead-count", "3 leads")

	tab.fill("#q", "harbor")
	tab.has("#lead-count", "1 lead")
	tab.has("#lead-rows", "Grace Yard")
	tab.click(".chips .quiet-link")
	tab.has("#lead-count", "3 leads")
	tab.fill("#filter-member", w.member)
	tab.has("#lead-count", "1 lead")
	tab.has("#lead-rows", "Alan Main")
	tab.lacks("#lead-rows", "Ada Byron")
	tab.goTo("/leads?has=personal_email")
	tab.has("#lead-rows", "Ada Byron")
	tab.has("#lead-count", "1 lead")
	tab.goTo("/leads?q=nobody")
	tab.has(".empty h2", "No lead matches")
	tab.follow(".empty .button")
	tab.has("#lead-count", "3 leads")
}

func TestLeadShowsItsLedger(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.goTo(tab.capture(ada))
	tab.has("h1", "Ada Byron")
	tab.has(".lead-sum", "Total 3 standard")
	if n := tab.js(`document.querySelectorAll("#lead-detail :is(.capture-line li, tbody tr:not(:has(.capture-line)))").length`); n != "3" {
		t.Errorf("%s entries, want 3", n)
	}
	tab.has("#lead-detail form .unlock", "Unlock · 1 premium")
	tab.click("#lead-detail form .unlock")
	tab.has("#lead-detail", "+1 917-555-0113")
	tab.has(".lead-sum", "Total 3 standard 1 premium")
	tab.has("#lead-detail tbody tr:first-child", "Bo Boss Mobile Found and charged, once for this person Lead sheet 1 premium 99")
	tab.wantLeft("997", "99")

	tab.fill("#notes", "Met in <London> & liked it")
	tab.fill("#tags", "fair, hot")
	tab.click(`form.stack[action^="/leads/"] button`)
	tab.has("#notices", "Saved.")
	tab.wait(`document.querySelector("#notes").value`)
	if got := tab.js(`document.querySelector("#notes").value + "|" + document.querySelector("#tags").value`); got != "Met in <London> & liked it|fair, hot" {
		t.Errorf("kept %q", got)
	}
	tab.js(`fetch("/leads.csv").then((r) => r.text()).then((s) => { window.csv = s; }) && ""`)
	tab.wait(`window.csv`)
	if body := tab.js(`window.csv`); !strings.Contains(body, "ada@engines.example") {
		t.Errorf("the export lacks the email: %s", body)
	}
}
