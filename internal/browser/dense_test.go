package browser_test

import (
	"context"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// rowsInSight counts the rows that are whole in the table and in the window.
const rowsInSight = `(() => {
	const within = document.querySelector(".lead-scroll").getBoundingClientRect(), head = document.querySelector(".lead-sheet thead th").getBoundingClientRect().bottom;
	return [...document.querySelectorAll("#lead-rows tr")].map((r) => r.getBoundingClientRect()).filter((r) => r.top >= head - 1 && r.bottom <= Math.min(within.bottom, innerHeight) + 1).length;
})()`

func (t *tab) number(expression string) int {
	t.Helper()
	n, err := strconv.Atoi(t.js(expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return n
}

// A screen shows many leads, the table takes the window, and it alone moves.
func TestRowsOnAScreen(t *testing.T) {
	k := startSampled(t)
	tab := k.signedIn(k.admin)
	for _, c := range []struct{ width, height, least int64 }{{1440, 900, 18}, {1280, 800, 14}, {1920, 1080, 22}} {
		tab.window(c.width, c.height, "light")
		tab.goTo("/leads")
		tab.wait(`document.querySelector(".lead-sheet[role=grid]")`)
		got := tab.number(rowsInSight)
		t.Logf("%d by %d: %d rows", c.width, c.height, got)
		if got < int(c.least) {
			t.Errorf("%d by %d: %d rows, want %d", c.width, c.height, got, c.least)
		}
		tab.wantJS(`document.querySelector("#lead-rows tr").offsetHeight`, "36")
		tab.wantJS(`Math.round(document.querySelector(".lead-scroll").getBoundingClientRect().right)`, strconv.Itoa(int(c.width)))
		tab.wantJS(`document.documentElement.scrollHeight <= innerHeight && document.querySelector(".lead-scroll").scrollHeight > innerHeight`, "true")
	}
	// A higher row is kept, and the head and the person stay in sight.
	tab.click(".columns-tool summary")
	tab.click(".columns-tool [value=comfortable]")
	tab.follow(".columns-tool button.primary")
	tab.wantJS(`document.querySelector("#lead-rows tr").offsetHeight`, "46")
	tab.js(`document.querySelector(".lead-scroll").scrollTo(400, 900)`)
	tab.wait(`(() => {
		const s = document.querySelector(".lead-scroll").getBoundingClientRect(), head = document.querySelector("thead th.pin").getBoundingClientRect(), name = document.querySelector("#lead-rows tr:nth-child(25) .who-cell").getBoundingClientRect();
		return Math.abs(head.top - s.top) < 2 && name.left >= s.left && name.left < s.left + 60;
	})()`)
	// The side bar folds, and stays folded.
	tab.click("[data-fold]")
	tab.wait(`document.querySelector(".places").offsetWidth < 60`)
	tab.goTo("/usage")
	tab.wait(`document.querySelector(".places").offsetWidth < 60`)
	tab.has(".places .badge", "3")
}

// The capture field is two presses of the Tab key away from the top, and the sheet one stop.
func TestTabsToTheCaptureField(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.captured()
	for range 2 {
		tab.tabKey()
	}
	tab.wantJS(`document.activeElement.id`, "bar-who")
	tab.js(`document.querySelector(".lead-sheet [tabindex='0']").focus()`)
	tab.tabKey()
	tab.wantJS(`!!document.activeElement.closest(".lead-sheet")`, "false")
	if n := tab.number(`[...document.querySelectorAll(".lead-sheet *")].filter((e) => e.tabIndex >= 0).length`); n != 1 {
		t.Errorf("%d stops in the sheet, want 1", n)
	}
}

// Twenty mobiles are unlocked with three clicks, at most at the price that was said, and the
// sheet is where it was.
func TestUnlockTwentyInPlace(t *testing.T) {
	k := startSampled(t)
	run, end := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer func() { end(); working.Wait() }()
	tab := k.signedIn(k.admin)
	tab.begins("/leads?lacks=mobile_phone")
	tab.wait(`document.querySelector(".lead-sheet[role=grid]")`)
	tab.js(`window.stays = true`)
	before := k.used("premium")
	tab.click("#lead-rows tr:nth-child(1) .pick input")
	tab.js(`document.querySelector("#lead-rows tr:nth-child(20) .pick input").dispatchEvent(new MouseEvent("click", { shiftKey: true, bubbles: true, cancelable: true }))`)
	tab.clicks++
	tab.has("[data-count]", "20 leads chosen")
	const button = "#chosen-price button"
	tab.has(button, "mobiles · at most")
	said := regexp.MustCompile(`^Unlock (\d+) mobiles · at most \d+ premium$`).FindStringSubmatch(tab.text(button)) // of those who have one
	if said == nil {
		t.Fatalf("the button says %q", tab.text(button))
	}
	tab.click(button)
	tab.has(".chosen-run", "Unlocking 0 of 20")
	tab.took(3, "unlocking 20 in place")
	tab.has(".chosen-run", "Stop")
	working.Go(func() { k.server.Bulk.Work(run) })
	tab.has(".chosen-run", "Unlocked 20 of 20")
	tab.has(".chosen-run", "charged "+said[1]+" premium")
	tab.wait(`window.stays && location.pathname == "/leads"`)
	tab.wait(`document.querySelectorAll("#lead-rows tr:nth-child(-n+20) .f-mobile_phone:has(.value)").length == ` + said[1])
	was, _ := strconv.Atoi(before)
	most, _ := strconv.Atoi(said[1])
	if got := k.used("premium"); got != strconv.Itoa(was+most) {
		t.Errorf("%s premium used after %s, at most %d more", got, before, most)
	}
}

// What is running can be stopped where it is.
func TestUnlockingIsStopped(t *testing.T) {
	w := start(t, "pro") // nothing works on its jobs
	tab := w.signedIn(w.admin)
	tab.captured()
	tab.click("#lead-rows tr:nth-child(1) .pick input")
	tab.click("#chosen-price button")
	tab.has(".chosen-run", "Unlocking 0 of 1")
	tab.click(".chosen-run form button")
	tab.has(".chosen-run", "Stopped 0 of 1 · charged nothing")
	tab.wait(`!document.querySelector(".chosen-bar form#chosen").checkVisibility()`)
	tab.click("[data-run-close]")
	tab.wait(`!document.querySelector(".chosen-bar").checkVisibility()`)
	w.wantUsed(4, 0)
}

// One number says how many are chosen: all that match, or those whose box is ticked.
func TestAllAreChosen(t *testing.T) {
	k := startSampled(t)
	tab := k.signedIn(k.admin)
	tab.goTo("/leads")
	tab.wait(`document.querySelector(".lead-sheet[role=grid]")`)
	total := tab.text("#lead-count")
	tab.click("table [data-pick-all]")
	tab.has("[data-count]", total+" chosen")
	tab.wantJS(`document.querySelector(".all-match").checkVisibility()`, "false")
	tab.has("#chosen-price button", " mobiles · at most ")
	tab.click("#lead-rows tr:nth-child(2) .pick input")
	tab.wait(`!document.querySelector("[data-count]").innerText.startsWith(` + strconv.Quote(total) + `)`)
	tab.wait(`document.querySelector("[data-count]").innerText == leadRows.count() - 1 + " leads chosen"`) // of those that are loaded
}

// Every key of the list that "?" shows does what it says, and none while somebody types.
func TestKeysOfTheSheet(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.captured()
	const at = `document.activeElement.closest("tr")?.querySelector(".person").textContent`
	tab.press("j")
	tab.wantJS(at, "Grace Yard")
	tab.press("j")
	tab.press("j")
	tab.wantJS(at, "Ada Byron")
	tab.press("k")
	tab.wantJS(at, "Alan Main")
	tab.press("x")
	tab.has("[data-count]", "1 lead chosen")
	tab.press("x")
	tab.wait(`!document.querySelector(".chosen-bar").checkVisibility()`)
	tab.press("k")
	tab.press("u") // the price is in sight
	tab.has("#lead-rows tr:first-child .f-mobile_phone", "+1 917-555-0122")
	w.wantUsed(4, 1)
	tab.wantJS(at, "Grace Yard") // where the keyboard was
	tab.has(".cell-card", "Found. Charged 1 premium")
	tab.press("Escape")
	tab.wait(`document.querySelector(".cell-card").hidden`)

	tab.press("e")
	tab.has("#edit-dialog", "Grace Yard")
	tab.fill("#edit-notes", "Met in Boston")
	tab.fill("#edit-tags", "fair, navy")
	tab.click("#edit-dialog button.primary")
	tab.wait(`!document.querySelector("#edit-dialog").open`)
	tab.has("#notices", "Saved.")
	tab.wantJS(at, "Grace Yard")
	tab.press("o")
	tab.has("#drawer h2", "Grace Yard")
	tab.wantJS(`document.querySelector("#notes").value + " / " + document.querySelector("#tags").value`, "Met in Boston / fair, navy")
	tab.press("Escape")
	tab.wait(`document.querySelector("#drawer").hidden`)

	tab.press("?")
	tab.has("#keys[open]", "Choose the lead")
	tab.press("j") // of a dialog's own
	tab.press("Escape")
	tab.wait(`!document.querySelector("#keys").open`)
	tab.wantJS(at, "Grace Yard")

	tab.keyDown("/", "")
	tab.wantJS(`document.activeElement.id`, "q")
	for _, key := range []string{"x", "?", "j"} {
		tab.press(key)
	}
	tab.wantJS(`document.querySelector("#q").value`, "x?j")
	tab.has(".empty", "No lead matches")
	tab.wait(`!document.querySelector("#keys").open`)
	tab.click(".chips .quiet-link")
	tab.wait(`document.querySelectorAll("#lead-rows tr").length == 3`)
	tab.js(`document.activeElement.blur()`)
	tab.keyDown("c", "")
	tab.wantJS(`document.activeElement.id`, "bar-who")

	// The palette finds people, pages and actions, from anywhere.
	tab.goTo("/usage")
	tab.keyDown("k", "ctrlKey")
	tab.wait(`document.querySelector("#palette").open && document.activeElement.matches("#palette input[role=combobox]")`)
	for _, key := range []string{"a", "l", "a", "n"} {
		tab.press(key)
	}
	tab.has("#palette [aria-selected=true]", "Alan Main")
	tab.wantJS(`document.getElementById(document.activeElement.getAttribute("aria-activedescendant")).textContent.includes("Alan Main")`, "true")
	tab.press("Enter")
	tab.has("h1", "Alan Main")
	tab.keyDown("k", "ctrlKey")
	for _, key := range []string{"a", "u", "d", "i"} {
		tab.press(key)
	}
	tab.has("#palette [aria-selected=true]", "Audit log")
	tab.press("Enter")
	tab.has("h1", "Audit log")
}

// More rows come as one scrolls; after a lead, an unlock and a reload one is where one was.
func TestMoreRowsComeAsOneScrolls(t *testing.T) {
	k := startSampled(t)
	tab := k.signedIn(k.admin)
	tab.goTo("/leads")
	tab.wait(`document.querySelector(".lead-sheet[role=grid]")`)
	for _, rows := range []int{100, 150, 200} {
		tab.js(`document.querySelector(".lead-scroll").scrollTo(0, 1e6)`)
		tab.wait(loadedRows + ` >= ` + strconv.Itoa(rows))
	}
	if n := tab.number(`new Set([...document.querySelectorAll(".lead-sheet tbody tr")].map((r) => r.id)).size - document.querySelectorAll(".lead-sheet tbody tr").length`); n != 0 {
		t.Errorf("%d rows are there twice", -n)
	}
	tab.js(`document.querySelector(".lead-scroll").scrollTo(0, 5000)`)
	const top = `Math.round(document.querySelector(".lead-scroll").scrollTop)`
	tab.wantJS(top, "5000")
	tab.wait(inSight)
	tab.js(inSight + `.querySelector(".person").click()`)
	tab.wait(`!document.querySelector("#drawer").hidden`)
	tab.js(`document.querySelector("[data-close-drawer]").click()`)
	tab.wantJS(top, "5000")
	tab.js(`[...document.querySelectorAll(".lead-sheet tbody tr[aria-rowindex]")].filter((r) => r.getAttribute("aria-rowindex") > 110).map((r) => r.querySelector(".f-mobile_phone .unlock")).find(Boolean).click()`)
	tab.has("#notices", "Mobile:")
	tab.wantJS(top, "5000")
	// Each page of rows is skipped while it is out of sight, and has its rows' height.
	tab.wantJS(`[...document.querySelectorAll(".lead-sheet tbody:not(.gap)")].every((b) => getComputedStyle(b).contentVisibility == "auto" && b.offsetHeight == 36 * b.children.length)`, "true")
	tab.js(`window.before = true, location.reload()`)
	tab.wait(`!window.before && ` + loadedRows + ` >= 200`)
	tab.wantJS(top, "5000")
}

// loadedRows counts the rows of the sheet, in the page or out of it.
const loadedRows = `[...document.querySelectorAll(".lead-sheet tbody")].reduce((n, b) => n + Number(b.dataset.rows || b.rows.length), 0)`

// inSight is a row in the middle of the table.
const inSight = `[...document.querySelectorAll(".lead-sheet tbody tr[id]")].find((r) => r.getBoundingClientRect().top > 450)`

// Without scripts there are pages, forward and back.
func TestPagesWithoutJavaScript(t *testing.T) {
	k := startSampled(t)
	tab := k.signedIn(k.admin)
	if _, err := chromedp.Call(tab.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	const whole = `document.readyState == "complete" && document.querySelectorAll("#lead-rows tr").length == 50`
	tab.goTo("/leads?sort=name")
	tab.wait(whole)
	first := tab.js(names)
	tab.click(".pager [rel=next]")
	tab.wait(`location.search.includes("cursor") && ` + whole)
	second := tab.js(names)
	tab.click(".pager [rel=next]")
	tab.wait(whole + ` && document.querySelector("#lead-rows .person").textContent != ` + strconv.Quote(regexp.MustCompile(`^[^,]*`).FindString(second)))
	tab.click(".pager [rel=prev]")
	tab.wait(`location.search.includes("before")`)
	tab.wantJS(names, second)
	tab.click(".pager [rel=prev]")
	tab.wantJS(names, first)
	tab.wantJS(`!document.querySelector(".pager [rel=prev]")`, "true")
	tab.wantJS(`document.querySelector(".all-match").checkVisibility()`, "false") // nothing is chosen
	tab.fill("#q", "sierra")
	tab.click(".filters .pop summary")
	tab.click(".filter-end .primary")
	tab.has(".chips", "“sierra”")
}
