package browser_test

import "testing"

// What a colleague spends is in every open tab soon: the header, the rows of the sheet and usage,
// over one stream of the browser, which the next tab has once that one is closed.
func TestEveryTabIsLive(t *testing.T) {
	w := start(t, "pro")
	first := w.signedIn(w.admin)
	first.captured()
	usage, settings := w.tabOf(first.ctx), w.tabOf(first.ctx)
	usage.goTo("/usage")
	settings.goTo("/settings")
	const holders = `navigator.locks.query().then((l) => l.held.filter((k) => k.name.startsWith("leadmeter ")).length + " of " + (l.held.length + l.pending.length))`
	const premium = "#balance .premium b"
	settings.wait(holders + `.then((text) => text == "1 of 3")`)
	settings.has(premium, "100")

	mel := w.signedIn(w.member)
	mel.goTo("/leads")
	mel.wait(`document.querySelector(".lead-sheet[role=grid]")`)
	mel.click("#lead-rows tr:first-child .f-mobile_phone .unlock")
	mel.has("#lead-rows tr:first-child .f-mobile_phone", "+1 917")
	first.has("#lead-rows tr:first-child .f-mobile_phone", "+1 917")
	for _, open := range []*tab{first, usage, settings} {
		open.has(premium, "99")
	}
	usage.has("section[aria-labelledby=entries-title]", "Mel")
	usage.has(`[data-live-part=members]`, "Mel")
	usage.js(`document.querySelector("[data-live-part=entries] .capture-line").open = true`)

	// The tab that has the stream goes; the others hear on.
	first.goTo("/help")
	settings.wait(holders + `.then((text) => text == "1 of 3")`)
	// One answer is lost and one is an error: they are asked for again.
	usage.js(`(() => { const real = window.fetch; window.fetch = () => { window.fetch = real; return Promise.reject(new Error("the line is cut")); }; })()`)
	settings.js(`(() => { const real = window.fetch; window.fetch = () => { window.fetch = real; return Promise.resolve(new Response("", { status: 503 })); }; })()`)
	// Her row may be drawn again at this moment, for what she unlocked before: then a click is lost.
	mel.wait(`(() => {
		const cell = document.querySelector("#lead-rows tr:nth-child(3) .f-mobile_phone");
		if (cell.textContent.includes("+")) return true;
		cell.querySelector(".unlock:enabled")?.click();
		return false;
	})()`)
	for _, open := range []*tab{first, usage, settings} {
		open.has(premium, "98")
	}
	usage.wait(`document.querySelectorAll("[data-live-part=entries] .capture-line").length == 5`)
	usage.has("[data-live-part=entries] .capture-line[open] li", "Mobile") // what is open stays open
}
