package browser_test

import "testing"

// What was done is undone by one click, or by Ctrl Z, and on the lead's own page after that.
func TestUndoIsOneClick(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.captured()
	tab.click("#lead-rows tr:nth-child(1) .pick input")
	tab.click("#lead-rows tr:nth-child(2) .pick input")
	tab.click(`.chosen-bar button[value=delete]`)
	tab.click("form.card button.danger")
	tab.has(".toast", "2 leads deleted")
	tab.wantJS(names, "Ada Byron")
	tab.wantJS(`getComputedStyle(document.querySelector(".toast")).position`, "fixed")
	tab.clicks = 0
	tab.follow(".toast button")
	tab.has("#notices", "2 leads are back on the sheet.")
	tab.took(1, "undoing it")
	tab.wantJS(names, "Grace Yard, Alan Main, Ada Byron")
	tab.lacks("#notices", "Undo")

	// In the sheet's own dialog, by the keyboard.
	tab.wait(`document.querySelector(".lead-sheet[role=grid]")`)
	tab.press("j")
	tab.press("e")
	tab.fill("#edit-tags", "fair")
	tab.click("#edit-dialog button.primary")
	tab.has(".toast", "Saved.")
	tab.js(`window.before = true`)
	tab.keyDown("z", "ctrlKey")
	tab.wait(`!window.before`)
	tab.has("#notices", "Notes, tags and lists are what they were.")

	// Once the toast is gone, on the lead's page.
	tab.click("#lead-rows tr:nth-child(1) .person")
	tab.follow("#drawer .drawer-head a.button")
	tab.fill("#notes", "Met in Boston")
	tab.click("#lead-detail form.stack button")
	tab.has(".toast", "Saved.")
	tab.js(`document.querySelector(".toast").remove()`)
	tab.has("section[aria-labelledby=deeds-title]", "Notes, tags or lists changed Bo Boss")
	tab.follow("section[aria-labelledby=deeds-title] button")
	tab.wantJS(`document.querySelector("#notes").value`, "")
	tab.standsUp(tab.js(`location.pathname`))
}
