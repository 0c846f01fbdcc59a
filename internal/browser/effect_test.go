package browser_test

import "testing"

// A limit below what somebody used says what it comes to before it is saved, and is undone after.
func TestALimitSaysItsEffect(t *testing.T) {
	w := start(t, "pro")
	mel := w.signedIn(w.member)
	mel.goTo("/leads")
	mel.capture(ada)
	tab := w.signedIn(w.admin)
	tab.goTo("/team")
	const field = `[name="amount.MEL.standard"]`
	of := func(css string) string { return css[:len(`[name="amount.`)] + w.member + `.standard"]` }
	tab.js(`(() => { const s = document.querySelector('[name="mode.` + w.member + `.standard"]'); s.value = "limit"; s.dispatchEvent(new Event("input", { bubbles: true })); })()`)
	tab.fill(of(field), "1")
	tab.has(".alloc .effect", "used of 1, so nothing is left.")
	tab.fill(of(field), "1x")
	tab.wait(`![...document.querySelectorAll(".alloc .effect")].some((e) => e.textContent)`)
	tab.fill(of(field), "100")
	tab.wait(`![...document.querySelectorAll(".alloc .effect")].some((e) => e.textContent)`)
	tab.fill(of(field), "1")
	tab.follow(`form#allocations button.primary, form:has(#allocations) button.primary, #allocations button.primary`)
	tab.has(".toast", "Undo")
	tab.follow(".toast button")
	tab.has("#notices", "The limit is what it was.")
	tab.wantJS(`document.querySelector('[name="mode.`+w.member+`.standard"]').value`, "pool")
}
