package browser_test

import (
	"net/http"
	"strings"
	"testing"
)

// amount is a field of the table on the team page.
func amount(what, member, credit string) string {
	return `[name="` + what + "." + member + "." + credit + `"]`
}

const saveTeam = `#allocations .buttons .primary`

func TestTeamLimitsAndAssigns(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.goTo("/team")
	tab.has(".free-list", "Premium 100 free to assign of 100")
	tab.fill(amount("mode", w.member, "standard"), "limit")
	tab.fill(amount("amount", w.member, "standard"), "5")
	tab.fill(amount("mode", w.member, "premium"), "assigned")
	tab.fill(amount("amount", w.member, "premium"), "40.5")
	tab.has(".free-list", "Premium 59.5 free to assign of 100") // before it is saved
	tab.follow(saveTeam)
	tab.has("#notices", "Saved.")
	tab.has(".free-list", "Premium 59.5 free to assign of 100")
	tab.wantLeft("1,000", "59.5") // what is assigned to others is not the admin's
	tab.has("#allocations", "0 used · 40.5 available")

	mel := w.signedIn(w.member)
	mel.wantLeft("5", "40.5")
	mel.goTo("/team")
	mel.has("main", "Limit 5")
	mel.has("main", "Assigned 40.5")

	// Credits are moved from one member to another in one save.
	tab.fill(amount("mode", w.admin, "premium"), "assigned")
	tab.fill(amount("amount", w.admin, "premium"), "100")
	tab.fill(amount("mode", w.member, "premium"), "pool")
	tab.follow(saveTeam)
	tab.has("#notices", "Saved.")
	tab.has(".free-list", "Premium 0 free to assign of 100")
}

func TestTeamRefusesTooMuch(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.expect(http.StatusUnprocessableEntity)
	tab.goTo("/team")
	tab.fill(amount("mode", w.member, "premium"), "assigned")
	tab.fill(amount("amount", w.member, "premium"), "101")
	tab.wait(`document.querySelector(".premium[data-over=true]")`)
	tab.has(".premium .over", "More is assigned than there is.")
	tab.follow(saveTeam)
	tab.has("[role=alert]", "Mel Member: The assigned amounts would exceed the allowance: 100 premium credits are free to assign. Nothing was saved.")
	if got := tab.js(`document.querySelector('` + amount("amount", w.member, "premium") + `').value`); got != "101" {
		t.Errorf("what was typed is now %q", got)
	}
	tab.has("td .problem", "100 premium credits are free to assign.")
	tab.fill(amount("amount", w.member, "premium"), "lots")
	tab.follow(saveTeam)
	tab.has("td .problem", "Must be a number of credits; 0 is none.")
	if got := w.view().Members[w.member][1].Mode; got != "pool" {
		t.Errorf("the member's mode is %s", got)
	}
}

func TestTeamMembersComeAndGo(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.expect(http.StatusUnprocessableEntity)
	tab.goTo("/team")
	tab.fill("#add-email", "mel@acme.example")
	tab.fill("#add-name", "Mel Again")
	tab.follow(`form[action="/team"] button`)
	tab.has("#add-email-problem", "There is a member with this email address already.")
	if got := tab.js(`document.querySelector("#add-name").value`); got != "Mel Again" {
		t.Errorf("what was typed is now %q", got)
	}
	tab.fill("#add-email", "nia@acme.example")
	tab.fill("#add-name", "Nia New")
	tab.follow(`form[action="/team"] button`)
	tab.has("#notices", "Nia New is a member now.")
	tab.has("#allocations", "nia@acme.example")

	// A link for them, shown once.
	tab.follow(tab.mark("#allocations tbody tr", "Nia New", "button[form^=link-]"))
	tab.has(".panel h2", "Sign-in link for Nia New")
	link := tab.js(`document.querySelector("#sign-in-link").value`)
	if !strings.HasPrefix(link, w.base+"/sign-in#code=") {
		t.Fatalf("the link is %q", link)
	}
	nia := w.tab()
	nia.goTo(strings.TrimPrefix(link, w.base))
	nia.wait(`location.pathname == "/leads"`)
	nia.has(".who", "Nia New member")
	tab.goTo("/team")
	tab.lacks("main", "Sign-in link for Nia New")

	// A role counts at once.
	tab.js(`(() => { const s = [...document.querySelectorAll("#allocations tbody tr")].find((r) => r.innerText.includes("Nia New")).querySelector("[name^=role]"); s.value = "admin"; })()`)
	tab.follow(saveTeam)
	nia.goTo("/team")
	nia.wait(`document.querySelector("#allocations")`)

	// Who is removed is signed out; what they used stays.
	nia.goTo("/leads")
	nia.capture(ada)
	nia.has("#lead-rows", "Nia New")
	tab.goTo("/team")
	tab.follow(tab.mark("#allocations tbody tr", "Nia New", "button[form^=remove-]"))
	if got := tab.asked(); !strings.Contains(got, "Remove Nia New?") {
		t.Errorf("asked %q", got)
	}
	tab.has("#notices", "Removed.")
	tab.lacks("#allocations", "Nia New")
	nia.goTo("/leads")
	nia.wait(`location.pathname == "/sign-in"`)
	tab.goTo("/usage")
	tab.has("main", "Nia New removed 3")
	// The last admin stays.
	if n := tab.js(`fetch("/team/` + w.admin + `/remove", {method: "POST"}).then((r) => r.text()).then((s) => { window.answer = s; }) && ""`); n != "" {
		t.Error(n)
	}
	tab.wait(`window.answer?.includes("This is the last admin")`)
}
