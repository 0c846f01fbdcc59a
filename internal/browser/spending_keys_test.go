package browser_test

import "testing"

// A key that is held, or pressed again while an unlock is under way, spends nothing more: not on
// the same lead, and not on another one.
func TestKeysThatSpendActOnce(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.captured() // Grace and Ada have a mobile, Alan has none
	const at = `document.activeElement.closest("tr")?.querySelector(".person").textContent + " / " + document.activeElement.dataset.column`
	held := func(key string) {
		tab.js(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "` + key + `", repeat: true, bubbles: true, cancelable: true }))`)
	}

	// Without a row that has the focus nothing is spent, and the keyboard stays where it is.
	for range 3 {
		tab.press("u")
	}
	tab.press("x")
	tab.wantJS(`document.activeElement === document.body`, "true")
	tab.press("j")
	tab.wantJS(at, "Grace Yard / person")
	held("u")
	held("x")
	held("e")
	tab.wait(`!document.querySelector(".htmx-request") && !document.querySelector("#edit-dialog").open && !document.querySelector(".pick input:checked")`)
	w.wantUsed(4, 0)

	// Two presses while the answer is on its way, and more while the row is replaced.
	tab.js(`(() => {
		const press = () => (document.activeElement || document.body).dispatchEvent(new KeyboardEvent("keydown", { key: "u", bubbles: true, cancelable: true }));
		for (const moment of ["htmx:beforeSwap", "htmx:afterSwap", "htmx:afterSettle"]) document.addEventListener(moment, press);
		press(); press(); press();
	})()`)
	tab.has("#lead-rows tr:first-child .f-mobile_phone", "+1 917-555-0122")
	tab.wantJS(at, "Grace Yard / mobile_phone")
	tab.has("#notices", "There is nothing to unlock in this cell.")
	tab.press("j")
	tab.press("u") // Alan has no mobile: the cell says so and costs nothing
	w.wantUsed(4, 1)

	// Enter that is held presses a button once.
	tab.js(`document.querySelector("#lead-rows tr:nth-child(3) .f-mobile_phone").focus()`)
	held("Enter")
	tab.js(`document.querySelector("#lead-rows tr:nth-child(3) .f-mobile_phone .unlock").focus()`)
	tab.wantJS(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", repeat: true, bubbles: true, cancelable: true }))`, "false")
	w.wantUsed(4, 1)
	tab.press("Escape")
	tab.press("u")
	tab.has("#lead-rows tr:nth-child(3) .f-mobile_phone", "+1 917-555-0112")
	w.wantUsed(4, 2)
}
