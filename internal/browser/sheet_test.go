package browser_test

import (
	"context"
	"strings"
	"testing"
)

// captured fills the sheet with Ada, Alan and Grace, the newest first.
func (t *tab) captured() {
	t.Helper()
	for _, who := range []string{ada, alan, grace} {
		t.goTo("/leads")
		t.capture(who)
	}
	t.goTo("/leads")
	t.wait(`document.querySelectorAll("#lead-rows tr").length == 3 && document.querySelector(".lead-sheet[role=grid]")`)
}

const names = `[...document.querySelectorAll("#lead-rows .person")].map((a) => a.textContent).join(", ")`

func TestSortAndFilterTheSheet(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.captured()
	tab.wantJS(names, "Grace Yard, Alan Main, Ada Byron")
	tab.click(`th[data-column=person] a.head`)
	tab.wait(`document.querySelector("th[data-column=person]").ariaSort == "ascending" || document.querySelector("th[data-column=person]").getAttribute("aria-sort") == "ascending"`)
	tab.wantJS(names, "Ada Byron, Alan Main, Grace Yard")
	tab.click(`th[data-column=person] a.head`)
	tab.wait(`document.querySelector("th[data-column=person]").getAttribute("aria-sort") == "descending"`)
	tab.wantJS(names, "Grace Yard, Alan Main, Ada Byron")

	// The sort stays while the sheet is filtered; each filter can be taken off.
	tab.fill("#q", "ENGINES")
	tab.has(".chips", "“ENGINES”")
	tab.wantJS(names, "Alan Main, Ada Byron")
	tab.has("#lead-count", "2 leads")
	tab.click(".chips a")
	tab.has("#lead-count", "3 leads")

	// An address finds whose it is; one that was not paid for finds nobody.
	tab.goTo("/leads?q=ada%40engines.example")
	tab.wantJS(names, "Ada Byron")
	tab.goTo("/leads?q=mary%40harbor.example")
	tab.has(".empty h2", "No lead matches")
	tab.goTo("/leads?has=verified_email")
	tab.wantJS(names, "Alan Main, Ada Byron")
	tab.goTo("/leads?lacks=personal_email&from=2026-03-10")
	tab.wantJS(names, "Grace Yard, Alan Main")
	tab.expect(400, 422)
	tab.goTo("/leads?from=yesterday")
	tab.has("main", "must be a day such as 2026-03-01")
}

func TestViewsAreSavedAndShared(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.captured()
	tab.goTo("/leads?has=verified_email&sort=name")
	tab.click(".save-view summary")
	tab.fill("#view-name", "Ready to mail")
	tab.click(".save-view input[name=shared]")
	tab.click(".save-view button")
	tab.has(".views [aria-current]", "Ready to mail")
	mel := w.signedIn(w.member)
	mel.goTo("/leads")
	mel.click(`.views li:first-child a`)
	mel.has(".views [aria-current]", "Ready to mail")
	mel.wantJS(names, "Ada Byron, Alan Main")
	mel.lacks(".tools", "Delete view") // it is the admin's
	tab.click(`.drop-view button`)
	tab.has("#notices", "The view is gone")
	tab.lacks(".views", "Ready to mail")
}

func TestColumnsAreChosen(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.captured()
	const heads = `[...document.querySelectorAll("thead th[data-column]")].map((c) => c.dataset.column).join(" ")`
	tab.click(".columns-tool summary")
	tab.click(`.columns-tool input[value=location]`)
	tab.click(`.columns-tool input[value=personal_email]`)
	tab.fill(`input[name=place_location]`, "1")
	tab.fill(`input[name=width_location]`, "333")
	tab.js(`document.getElementById("frozen").value = "2"`)
	tab.click(".columns-tool button.primary")
	tab.wait(`document.querySelector("thead th[data-column=location]")`)
	tab.wantJS(heads, "person location title company work_email mobile_phone work_phone owner captured")
	tab.wantJS(`document.querySelector("col[data-column=location]").getAttribute("width")`, "333")
	tab.wantJS(`String(document.querySelectorAll("thead th.pin").length)`, "2")
	tab.wantJS(`String(getComputedStyle(document.querySelectorAll("thead th.pin")[1]).left != "auto")`, "true")

	// By mouse: the edge of a head widens its column, and a reload remembers it.
	tab.js(`(() => {
		const grip = document.querySelector("th[data-column=company] .grip"), at = grip.getBoundingClientRect();
		grip.setPointerCapture = () => {};
		const send = (type, x) => grip.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerId: 1, clientX: x, clientY: at.y }));
		send("pointerdown", at.x); send("pointermove", at.x + 80); send("pointerup", at.x + 80);
	})()`)
	width := tab.js(`document.querySelector("col[data-column=company]").getAttribute("width")`)
	tab.wait(`fetch("/leads", { credentials: "same-origin" }).then((r) => r.text()).then((text) => text.includes('width="` + width + `" data-column="company"'))`)

	// Somebody else sees the usual columns.
	mel := w.signedIn(w.member)
	mel.goTo("/leads")
	mel.wantJS(heads, "person title company work_email mobile_phone work_phone personal_email owner captured")
}

func TestKeyboardOnTheSheet(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.captured()
	tab.js(`document.querySelector(".lead-sheet [tabindex='0']").focus()`)
	const at = `document.activeElement.closest("tr").querySelector(".person").textContent + " / " + (document.activeElement.dataset.column || "pick")`
	tab.wantJS(at, "Grace Yard / person")
	tab.press("ArrowDown")
	tab.press("ArrowRight")
	tab.wantJS(at, "Alan Main / title")
	tab.press("End")
	tab.wantJS(at, "Alan Main / captured")
	tab.press("Home")
	tab.press(" ")
	tab.has("[data-count]", "1 lead chosen")
	tab.press("ArrowRight")
	tab.press("Enter") // opens the lead beside the sheet
	tab.has("#drawer h2", "Alan Main")
	tab.press("Escape")
	tab.wait(`document.getElementById("drawer").hidden`)
	tab.wantJS(at, "Alan Main / person")
}

func TestChosenLeads(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.captured()
	choose := func(n int) {
		tab.goTo("/leads")
		tab.wait(`document.querySelector(".lead-sheet[role=grid]")`)
		for i := 1; i <= n; i++ {
			tab.js(`document.querySelector("#lead-rows tr:nth-child(` + string(rune('0'+i)) + `) .pick input").click()`)
		}
	}
	tab.look(390, "light") // where the table has no head
	choose(0)
	tab.click(".pick-all input")
	tab.has("[data-count]", "3 leads chosen")
	tab.has("#chosen-price button", "mobiles") // the bar is as high as it gets, and may be over the box
	tab.js(`document.querySelector("#lead-rows tr:nth-child(2)").scrollIntoView({ block: "center" })`)
	tab.click("#lead-rows tr:nth-child(2) .pick input")
	tab.has("[data-count]", "2 leads chosen")
	tab.wait(`document.querySelector(".pick-all input").indeterminate`)
	tab.look(1280, "light")
	tab.wait(`!document.querySelector(".pick-all").checkVisibility()`)
	choose(2)
	tab.has("[data-count]", "2 leads chosen")
	tab.click(`.chosen-bar button[value=list]`)
	tab.has("h1", "2 leads chosen")
	tab.fill("#chosen-word", "Harbour fair")
	tab.click("form.card button.primary")
	tab.has("#notices", "2 leads are on “Harbour fair”.")
	tab.goTo("/leads?list=Harbour+fair")
	tab.has("#lead-count", "2 leads")

	// Unlocking says what it may cost, and charges what was found: Ada and Grace have
	// a mobile number, Alan has none.
	choose(3)
	tab.click(`.chosen-bar button[value=unlock]`)
	tab.has(`tr:has(input[value=mobile_phone])`, "2 premium 2 premium 2 premium")
	w.wantUsed(4, 0)
	tab.expect(422)
	tab.click("form.card button.primary")
	tab.has(".notice", "Choose at least one field")
	tab.click(`input[value=mobile_phone]`)
	tab.click("form.card button.primary")
	run, end := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); w.server.Bulk.Work(run) }()
	defer func() { end(); <-done }()
	tab.has("#bulk", "3 of 3 rows")
	tab.wait(`document.querySelector("#bulk-status").textContent.includes("done")`)
	w.wantUsed(4, 2)

	// Members delete what is theirs alone.
	mel := w.signedIn(w.member)
	mel.goTo("/leads")
	mel.wait(`document.querySelector(".lead-sheet[role=grid]")`)
	mel.js(`document.querySelector("table [data-pick-all]").click()`)
	mel.click(`.chosen-bar button[value=delete]`)
	mel.has(".notice", "3 of these leads were captured by others.")
	mel.wantJS(`document.querySelectorAll("form.card button.danger").length`, "0")
	choose(1)
	tab.click(`.chosen-bar button[value=delete]`)
	tab.click("form.card button.danger")
	tab.has("#notices", "1 lead deleted")
	tab.has("#lead-count", "2 leads")
	w.wantUsed(4, 2)
}

func TestDuplicatesAreMerged(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	for _, who := range []string{"https://www.linkedin.com/in/sam-twin-1", "https://www.linkedin.com/in/sam-twin-2"} {
		tab.goTo("/leads")
		tab.capture(who)
	}
	tab.goTo("/leads")
	tab.has("#lead-rows tr:first-child", "duplicate?")
	tab.click("#lead-rows tr:first-child .person")
	tab.has("#drawer", "The same person?")
	tab.click("#drawer .twin button")
	tab.has("#notices", "Merged.")
	tab.has("#lead-detail", "+1 212-555-0141")
	tab.has("#lead-detail", "+1 212-555-0142")
	w.wantUsed(2, 0)
	tab.goTo("/leads")
	tab.has("#lead-count", "1 lead")

	// Capturing the one who was merged again makes no second lead, and is free.
	tab.capture("https://www.linkedin.com/in/sam-twin-1")
	tab.goTo("/leads")
	tab.has("#lead-count", "1 lead")
	w.wantUsed(2, 0)
	tab.click("#lead-rows tr:first-child .person")
	tab.click("#drawer .twin button")
	tab.has("#notices", "two leads")
	tab.goTo("/leads")
	tab.has("#lead-count", "2 leads")
}

func TestColleaguesAreSeenAtOnce(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.captured()
	mel := w.signedIn(w.member)
	mel.goTo("/leads")
	mel.wait(`document.querySelector(".lead-sheet[role=grid]")`)
	tab.js(`document.querySelector("#lead-rows tr:nth-child(3) .pick input").click()`)
	mel.click("#lead-rows tr:nth-child(3) .f-mobile_phone button") // Ada's
	mel.has("#lead-rows tr:nth-child(3) .f-mobile_phone", "+1 917-555-0112")
	mel.capture(mary)
	tab.has("#lead-rows tr:nth-child(3) .f-mobile_phone", "+1 917-555-0112")
	tab.has("#sheet-news", "1 new lead · show")
	tab.wantLeft("995", "99")
	if tab.js(`String(document.querySelector("#lead-rows tr:nth-child(3) .pick input").checked)`) != "true" {
		t.Error("the choice was lost with the row")
	}
	tab.click("#sheet-news a")
	tab.wait(`document.querySelectorAll("#lead-rows tr").length == 4`)
	if got := tab.js(names); !strings.HasPrefix(got, "Mary Orbit") {
		t.Error(got)
	}
}

// The row of the open lead is marked, also after it was drawn again: by a colleague's unlock, and by
// what is saved in the drawer.
func TestOpenLeadIsMarkedInTheSheet(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.captured()
	const marked = `[...document.querySelectorAll("#lead-rows tr[aria-current=true] .person")].map((e) => e.textContent).join()`
	const looks = `["tr[aria-current]", "tr:not([aria-current])"].map((row) => getComputedStyle(document.querySelector("#lead-rows " + row + " td")).backgroundColor)`
	tab.wantJS(marked, "")
	tab.click("#lead-rows tr:nth-child(3) .person")
	tab.has("#drawer h2", "Ada Byron")
	tab.wantJS(marked, "Ada Byron")
	mel := w.signedIn(w.member)
	mel.goTo("/leads")
	mel.click("#lead-rows tr:nth-child(3) .f-mobile_phone button")
	tab.has("#lead-rows tr:nth-child(3) .f-mobile_phone", "+1 917-555-0112")
	tab.wantJS(marked, "Ada Byron")
	tab.js(`document.querySelector("tr[aria-current]").dataset.before = "1"`)
	tab.fill("#drawer [name=tags]", "fair")
	tab.click(`#drawer form:has([name=tags]) button[type=submit]`)
	tab.wait(`!document.querySelector("#lead-rows [data-before]")`)
	tab.wantJS(marked, "Ada Byron")
	for _, scheme := range []string{"light", "dark"} {
		tab.window(1440, 900, scheme)
		tab.wantJS(`String(new Set(`+looks+`).size)`, "2")
	}
	tab.click("#lead-rows tr:nth-child(1) .person")
	tab.has("#drawer h2", "Grace Yard")
	tab.wantJS(marked, "Grace Yard")
	tab.press("Escape")
	tab.wait(`document.getElementById("drawer").hidden`)
	tab.wantJS(marked, "")
}
