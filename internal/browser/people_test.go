package browser_test

import (
	"testing"
)

const foundNames = `[...document.querySelectorAll(".people-found .person")].map((a) => a.textContent).join(", ")`

// The example that the empty search offers finds people of the demo.
func TestExampleSearchFindsPeople(t *testing.T) {
	w := startSampled(t)
	tab := w.signedIn(w.admin)
	tab.goTo("/people")
	fits := `(() => { const a = document.querySelector(".empty a.primary").getBoundingClientRect(); return a.left >= 0 && a.right <= innerWidth; })()`
	tab.look(390, "light")
	tab.wantJS(fits, "true")
	tab.goTo("/people?q=heads+of+marketing+in+germany")
	tab.has(".empty a.primary", "Try Function: Marketing and Seniority: Director or head instead")
	tab.wantJS(fits, "true")
	tab.look(1440, "light")
	tab.goTo("/people")
	tab.follow(`.empty a.primary`)
	tab.wantJS(`document.querySelectorAll(".people-found .person").length > 5`, "true")
	tab.wantJS(`[...document.querySelectorAll(".people-found .sub")].every((t) => t.textContent == "Head of Marketing")`, "true")
}

// People are found, chosen and captured by keyboard; a row becomes what was captured, the price
// of those who are chosen is on the button, and the keyboard stays where it was.
func TestPeopleByKeyboard(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.goTo("/people")
	tab.has(".empty h2", "Who do you want to reach?")
	tab.keyDown("/", "")
	tab.wantJS(`document.activeElement.id`, "q")
	tab.fill("#q", "engines")
	tab.follow(`#filters > button[type=submit]`)
	tab.wait(`document.querySelector(".lead-sheet[role=grid]")`)
	tab.wantJS(foundNames, "Alan Main, Ada Byron")
	tab.wantJS(`location.search`, "?q=engines") // filters that say nothing are no part of it
	tab.wantJS(`getComputedStyle(document.querySelector("[data-chosen]")).display == "none"`, "true")

	tab.keyDown("j", "")
	tab.keyDown("x", "")
	tab.keyDown("j", "")
	tab.keyDown("x", "")
	tab.has("[data-chosen]", "Capture 2 chosen · at most")
	tab.keyDown("x", "")
	tab.has("[data-chosen]", "Capture 1 chosen · free")

	tab.keyDown("c", "") // the price is in sight
	tab.wait(`document.querySelector(".people-found tr.fresh")`)
	tab.has(".people-found tr.fresh", "charged")
	tab.has(".people-found tr.fresh", "ada@engines.example")
	tab.wantJS(`document.activeElement.closest("tr").id == document.querySelector("tr.fresh").id`, "true")
	tab.keyDown("k", "")
	tab.wantJS(`document.activeElement.closest("tr").rowIndex`, "1")

	tab.goTo("/people?q=ada+byron")
	tab.has(".people-found td.field", "On your sheet")
	tab.keyDown("k", "ctrlKey")
	tab.fill("#palette input", "find new")
	tab.has("#palette [role=option]", "Find new people")
	tab.fill("#palette input", "main operator")
	tab.wait(`[...document.querySelectorAll("#palette [role=option]")].some((o) => o.dataset.href == "/people?q=main%20operator")`)
}

// At 1280 pixels the price of each person is in sight beside the facets.
func TestPeoplePricesAreInSight(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.look(1280, "light")
	tab.goTo("/people?has=work_phone")
	tab.wait(`document.querySelector(".facets li")`)
	tab.wait(`document.querySelector(".people-found .unlock")`)
	tab.wantJS(`[...document.querySelectorAll(".people-found .unlock")].every((b) => b.getBoundingClientRect().right <= document.documentElement.clientWidth)`, "true")
	tab.wantJS(`getComputedStyle(document.querySelector(".mark-legend")).display != "none"`, "true")
	tab.wantJS(`(() => { const mark = document.querySelector(".people-found td.marks .mark:last-child").getBoundingClientRect(), price = document.querySelector(".people-found td.field").getBoundingClientRect(); return mark.right <= price.left; })()`, "true")
	tab.standsUp("people with facets")
}
