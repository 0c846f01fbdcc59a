package browser_test

import "testing"

// Hours after the message is gone, what was done is undone on its own page; Ctrl Z leads there.
func TestRecentChangesAreUndone(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.goTo("/leads")
	tab.capture(ada)
	tab.goTo("/team")
	tab.js(`window.confirm = () => true`)
	tab.follow(`[aria-label="Remove Mel Member"]`)
	tab.has("#notices", "Undo")
	tab.goTo("/usage")
	tab.js(`document.dispatchEvent(new KeyboardEvent("keydown", { key: "z", ctrlKey: true, bubbles: true, cancelable: true }))`)
	tab.wait(`location.pathname === "/changes"`)
	tab.has(".deeds", "Removed: Mel Member")
	tab.follow(".deeds button")
	tab.has("#notices", "The member is back.")
	tab.has("#main", "Nothing within the last day.")
	tab.goTo("/team")
	tab.has("#main", "Mel Member")
	tab.everyLook([]string{"/changes"})
}
