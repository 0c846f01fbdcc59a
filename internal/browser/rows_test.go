package browser_test

import (
	"strconv"
	"testing"
)

const (
	rowsInPage = `document.querySelectorAll(".lead-sheet tbody tr").length`
	scrollTo   = `document.querySelector(".lead-scroll").scrollTo(0, `
	topOfSheet = `Math.round(document.querySelector(".lead-scroll").scrollTop)`
)

// loaded scrolls down until so many rows were loaded.
func (t *tab) loaded(rows int) {
	t.Helper()
	for n := 100; n <= rows; n += 50 {
		t.js(scrollTo + `1e6)`)
		t.wait(loadedRows + ` >= ` + strconv.Itoa(n))
	}
}

// Rows far from the window leave the page. They come back as they were, chosen where they were
// chosen, and what is done to many leads is done to them too.
func TestFarRowsLeaveThePage(t *testing.T) {
	k := startSampled(t)
	tab := k.signedIn(k.admin)
	tab.window(1440, 900, "light")
	tab.goTo("/leads")
	tab.wait(`document.querySelector(".lead-sheet[role=grid]")`)
	first := tab.js(`document.querySelector("#lead-rows tr:nth-child(3)").id`)
	tab.js(`document.querySelector("#lead-rows tr:nth-child(3) .pick input").click()`)
	tab.js(`document.querySelector("#lead-rows tr:nth-child(5) .pick input").click()`)
	high := tab.js(`document.querySelector("#lead-rows").offsetHeight`)
	tab.loaded(300)
	tab.wait(`!document.getElementById("` + first + `") && ` + rowsInPage + ` < 200`)
	tab.wantJS(`[...document.querySelectorAll(".lead-sheet tbody")].reduce((n, b) => n + b.offsetHeight, 0) == 36 * `+loadedRows, "true")
	tab.wantJS(`document.querySelector(".lead-sheet tr[id]:last-child").getAttribute("aria-rowindex") - 1 <= `+loadedRows, "true")
	tab.has("[data-count]", "2 leads chosen")
	tab.wantJS(`new FormData(document.querySelector("#chosen")).getAll("lead").length`, "2")

	// A range between a row that is away and one in sight has all rows between them.
	tab.js(scrollTo + `7200)`)
	tab.wait(inSight)
	tab.js(`document.querySelector(".lead-scroll").scrollTop = 7200`)
	at := tab.number(inSight + `.getAttribute("aria-rowindex")`)
	tab.js(inSight + `.querySelector(".pick input").dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: true }))`)
	tab.has("[data-count]", strconv.Itoa(at-6+1+1)+" leads chosen") // from the 5th row, and the 3rd

	tab.js(scrollTo + `0)`)
	tab.wait(`document.getElementById("` + first + `")`)
	tab.wantJS(`document.querySelector("#lead-rows").offsetHeight`, high)
	tab.wantJS(`[1, 3, 4, 5, 6].map((n) => document.querySelector("#lead-rows tr:nth-child(" + n + ") .pick input").checked).join()`, "false,true,false,true,true")
	tab.js(`document.querySelector("[data-pick-none]").click()`)
	tab.js(scrollTo + `7200)`)
	tab.wait(inSight)
	tab.wantJS(`document.querySelectorAll(".lead-sheet .pick input:checked").length`, "0")
}

// The keyboard's row stays in the page, and its neighbors come back with it.
func TestKeyboardReachesFarRows(t *testing.T) {
	k := startSampled(t)
	tab := k.signedIn(k.admin)
	tab.window(1440, 900, "light")
	tab.goTo("/leads")
	tab.wait(`document.querySelector(".lead-sheet[role=grid]")`)
	const at = `document.activeElement.parentElement.getAttribute("aria-rowindex")`
	tab.js(`document.querySelector("#lead-rows tr:nth-child(50) .who-cell").focus({ preventScroll: true })`)
	tab.wantJS(at, "51")
	tab.loaded(300)
	tab.wait(rowsInPage + ` < 250`)
	tab.wantJS(at, "51")
	tab.press("j") // the block after it was away
	tab.wantJS(at, "52")
	tab.wait(`Math.abs(` + topOfSheet + ` - 51 * 36) < 900`)
	tab.keyDown("End", "ctrlKey")
	tab.wantJS(at, tab.js(loadedRows+` + 1`))
	tab.keyDown("Home", "ctrlKey")
	tab.wantJS(`document.activeElement.closest("thead") != null`, "true")
	tab.press("ArrowDown")
	tab.wantJS(at, "2")

	// The drawer gives the keyboard back to a row that left the page meanwhile.
	tab.press("o")
	tab.wait(`!document.querySelector("#drawer").hidden && document.activeElement.closest("#drawer")`)
	tab.js(scrollTo + `9000)`)
	tab.wait(`!document.querySelector("#lead-rows")`)
	tab.press("Escape")
	tab.wantJS(at, "2")
	tab.wait(topOfSheet + ` < 200`)
}

// What a colleague does to a row that is away is in it when it comes back, and a capture begins
// the sheet again, with every row once.
func TestFarRowsHearOfChanges(t *testing.T) {
	k := startSampled(t)
	open := func() *tab {
		one := k.signedIn(k.admin)
		one.window(1440, 900, "light")
		one.goTo("/leads")
		one.wait(`document.querySelector(".lead-sheet[role=grid]")`)
		return one
	}
	tab, other := open(), open()
	row := tab.js(`document.querySelector("#lead-rows .f-mobile_phone .unlock").closest("tr").id`)
	tab.loaded(200)
	tab.wait(`!document.getElementById("` + row + `")`)
	other.js(`document.querySelector("#` + row + ` .f-mobile_phone .unlock").click()`)
	other.wait(`!document.querySelector("#` + row + ` .f-mobile_phone .unlock")`)
	tab.wait(`document.querySelector("#sheet-news").dataset.seq == ` + other.js(`document.querySelector("#sheet-news").dataset.seq`))
	tab.js(scrollTo + `0)`)
	tab.wait(`document.querySelector("#` + row + `") && !document.querySelector("#` + row + ` .f-mobile_phone .unlock")`)

	// A row that the sheet has no more, because another filter was set meanwhile, is left out of an
	// answer, and two rows that are far apart are both in the page for theirs.
	tab.js(scrollTo + `0)`)
	tab.wantJS(`(() => {
		const ids = leadRows.ids(), far = "row-" + ids[100], last = "row-" + ids[ids.length - 1], row = (id) => '<template><tr id="' + id + '" hx-swap-oob="true"><td>x</td></tr></template>';
		const detail = { target: document.querySelector("#sheet-news"), serverResponse: row(far) + row("row-gone") + row(last), requestConfig: { elt: document.body }, xhr: { status: 200 } };
		const before = [far, last].filter((id) => document.getElementById(id)).length;
		document.dispatchEvent(new CustomEvent("htmx:beforeSwap", { detail }));
		return [before, [far, last].filter((id) => document.getElementById(id)).length, detail.serverResponse.includes("row-gone"), detail.serverResponse.includes(far) && detail.serverResponse.includes(last)].join();
	})()`, "0,2,false,true")

	// Captured far down: the first page alone, and the pages after it come again, each row once.
	tab.loaded(200)
	tab.js(scrollTo + `9000)`)
	tab.wait(`!document.querySelector("#lead-rows")`)
	tab.capture(k.profile)
	tab.wait(`document.querySelector("#lead-rows")`)
	for tab.js(`String(!!document.querySelector(".sheet-foot [rel=next]"))`) == "true" {
		tab.js(scrollTo + `1e6)`)
	}
	tab.wantJS(loadedRows+` - document.querySelector("#lead-count").textContent.replace(/\D/g, "")`, "0")
}

// News of a row arrive while another filter has replaced the sheet that asked for them: the row is
// left out, and nothing is an error.
func TestNewsOfASheetThatIsReplaced(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.captured()
	tab.wait(`document.querySelector(".lead-sheet[role=grid]")`)
	other := w.signedIn(w.admin)
	other.goTo("/leads")
	tab.js(`(() => {
		const send = XMLHttpRequest.prototype.send, open = XMLHttpRequest.prototype.open;
		XMLHttpRequest.prototype.open = function (verb, path, ...rest) { this.news = path.includes("/leads/news"); return open.call(this, verb, path, ...rest); };
		XMLHttpRequest.prototype.send = function (body) {
			if (!this.news || window.held) return send.call(this, body);
			window.held = true; // the first asks at once and is heard when the test says so
			const heard = this.onload;
			Object.defineProperty(this, "onload", { configurable: true, get: () => null, set: () => {} });
			this.addEventListener("load", () => { window.hear = () => heard.call(this); });
			send.call(this, body);
			this.onload = null;
		};
	})()`)
	other.js(`document.querySelector("#lead-rows .f-mobile_phone .unlock").click()`)
	other.wait(`!document.querySelector("#lead-rows tr:first-child .f-mobile_phone .unlock")`)
	tab.wait(`window.hear`)
	tab.fill("#q", "nobody at all")
	tab.has(".empty", "No lead matches")
	tab.js(`window.hear()`)
	tab.wait(`!document.querySelector(".htmx-request")`)
	tab.has(".empty", "No lead matches")
}
