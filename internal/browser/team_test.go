package browser_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
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
	tab.has(".premium .over", "You assigned more than the plan gives.")
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
	tab.has("#allocations", "nia@acme.example")
	tab.has("#allocations", "invited Mar 10, good until Mar 17")

	// Without mail a link for them, shown once; another takes its place.
	tab.has(".panel h2", "Invitation for Nia New")
	first := tab.js(`document.querySelector("#sign-in-link").value`)
	tab.goTo("/team")
	tab.lacks("main", "Invitation for Nia New")
	tab.follow(tab.mark("#allocations tbody tr", "Nia New", "button[form^=invite-]"))
	link := tab.js(`document.querySelector("#sign-in-link").value`)
	if !strings.HasPrefix(link, w.base+"/join?token=") || link == first {
		t.Fatalf("the link is %q", link)
	}
	nia := w.tab()
	nia.expect(http.StatusGone, http.StatusUnauthorized) // her open page hears of her removal, and asks once more
	nia.goTo(strings.TrimPrefix(first, w.base))
	nia.has("h1", "This invitation is over")
	nia.goTo(strings.TrimPrefix(link, w.base))
	nia.has("h1", "Join Acme")
	nia.fill("#join-password", "correct horse battery")
	nia.follow(`form:has(#join-password) button`)
	nia.wait(`location.pathname == "/leads"`)
	nia.has(".who", "Nia New member")
	tab.goTo("/team")
	tab.lacks("#allocations", "invited")

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
	tab.wait(`window.answer !== undefined`)
	if got := tab.js(`new DOMParser().parseFromString(window.answer, "text/html").querySelector("main")?.innerText ?? window.answer`); !strings.Contains(got, "This is the last admin") {
		t.Errorf("the last admin was answered:\n%s", got)
	}
}

// What is typed is checked against last period before it is saved.
func TestTeamChecksBeforeItSaves(t *testing.T) {
	w := start(t, "starter")
	w.old("starter", 40)
	for back := 39; back > 20; back-- {
		w.chargeAt(w.now().AddDate(0, 0, -back), "standard", 10)
	}
	tab := w.signedIn(w.admin)
	tab.expect(http.StatusUnprocessableEntity)
	tab.goTo("/team")
	tab.follow(`[formaction="/team/allocations/fill"]`)
	tab.has("[role=alert]", "tick the members first")
	tab.click(`[name=chosen]`)
	tab.fill("#bulk-mode", "assigned")
	tab.fill("#bulk-amount", "450")
	tab.follow(`[formaction="/team/allocations/fill"]`)
	tab.has("[role=status]", "Filled in for 1 member. Nothing is saved yet")
	tab.has(".free-list", "Standard 50 free to assign of 500")
	tab.follow(`[formaction="/team/allocations/check"]`)
	tab.has("#check", "Nothing is saved yet")
	tab.has("#check", "Feb 1 – 28, 2026: 12 spendings would have been refused.") // 50 of 170 are left to others
	tab.has("#check", "With the amounts as they are saved, 0 spendings would have been.")
	tab.has("#check tbody", "The workspace itself")
	if mode := w.adminView()[0].Mode; mode != "pool" {
		t.Errorf("a check saved %s", mode)
	}
	tab.follow(saveTeam)
	tab.has("#notices", "Saved.")
	if mode := w.adminView()[0].Mode; mode != "assigned" {
		t.Errorf("after saving the mode is %s", mode)
	}
	tab.everyLook([]string{"/team"})
}

func (w *world) adminView() []credits.MemberView {
	w.Helper()
	v, err := w.server.Ledger.Look(ctx, w.ws, []string{w.admin}, w.now())
	if err != nil {
		w.Fatal(err)
	}
	return v.Members[w.admin]
}

// Who has none left asks; an admin grants a part with one press (rule D6).
func TestTeamAsksForMore(t *testing.T) {
	w := start(t, "pro")
	w.allocate("premium", "limit", 1)
	mel, boss := w.signedIn(w.member), w.signedIn(w.admin)
	mel.expect(http.StatusUnprocessableEntity)
	mel.goTo("/team")
	mel.follow(`main a[href="/ask"]`)
	mel.has("main", "Premium: you have at most 1 from the pool")
	mel.fill("#ask-credit", "premium")
	mel.fill("#ask-amount", "lots")
	mel.follow(`form[action="/ask"] button`)
	mel.has("#ask-amount-problem", "Must be a number of credits")
	mel.fill("#ask-amount", "20")
	mel.fill("#ask-reason", "A fair in Lyon")
	mel.follow(`form[action="/ask"] button`)
	mel.has("#notices", "Asked.")
	mel.has(".requests", "20 premium")
	mel.has(".requests", "waits for an admin")

	boss.goTo("/team")
	boss.has(".requests", "Mel Member asks for 20 premium")
	boss.has(".requests", "A fair in Lyon")
	boss.fill(".requests [name=amount]", "5")
	boss.follow(`.requests button[value=part]`)
	boss.has("#notices", "Granted 5 premium. It counts at once.")
	boss.lacks("main", "asks for")
	mel.goTo("/ask")
	mel.has(".requests", "granted 5")
	mel.has("main", "Premium: you have at most 6 from the pool; 6 available now.")

	// From the pool there is nothing to raise: both pages say what an admin can do instead.
	mel.has("main", "Standard: you draw on the pool; 1,000 available now. An admin can assign you credits of your own, or ask the operator for an add-on to the pool.")
	if got := mel.post("/ask", "credit=standard&amount=3&reason=x").StatusCode; got != http.StatusSeeOther {
		t.Errorf("asked, answered with %d", got)
	}
	boss.goTo("/team")
	boss.has(".requests", "draws on the pool, so there is no limit to raise")
	boss.has(`.requests a[href="/plan?credit=standard#ask"]`, "Ask the operator for an add-on")
	boss.everyLook([]string{"/team"})
	boss.goTo("/team")
	boss.fill(".requests [name=amount]", "2")
	boss.follow(`.requests button[value=assign]`)
	boss.has("#notices", "Granted 2 standard. It counts at once.")
	boss.lacks("main", "asks for")
	mel.goTo("/ask")
	mel.has("main", "Standard: you have 2 assigned; 2 available now. An admin can raise it.")
	mel.everyLook([]string{"/ask"})
	boss.everyLook([]string{"/team"})
}

// A manager sets limits of the members that they look after, within the budget (rule D8).
func TestManagerLooksAfterAGroup(t *testing.T) {
	w := start(t, "pro")
	boss := w.signedIn(w.admin)
	boss.goTo("/team")
	boss.fill("#add-email", "max@acme.example")
	boss.fill("#add-name", "Max Manager")
	boss.fill("#add-role", "manager")
	boss.follow(`form[action="/team"] button`)
	boss.click(boss.mark("details.group", "Make a group", "summary"))
	boss.fill("#group-name", "North")
	boss.js(`(() => { const f = document.querySelector('form[action="/groups"]'); for (const l of f.querySelectorAll("label.check")) { const i = l.querySelector("input"); i.checked = i.name == "member" && l.textContent.includes("Mel") || i.name == "manager" && l.textContent.includes("Max"); } })()`)
	boss.fill("#group-budget-standard", "40")
	boss.follow(`form[action="/groups"] > button`)
	boss.has("#notices", "The group is saved.")
	boss.has(".group", "North")
	boss.has(".group", "0 of 40")

	max := w.signedIn(w.memberNamed("Max Manager"))
	max.expect(http.StatusUnprocessableEntity)
	max.goTo("/team")
	max.has(".group", "you look after it")
	if n := max.js(`document.querySelectorAll("[data-alloc]").length`); n != "1" {
		t.Errorf("%s amounts can be changed by the manager", n)
	}
	max.fill(amount("mode", w.member, "standard"), "limit")
	max.fill(amount("amount", w.member, "standard"), "41")
	max.follow(saveTeam)
	max.has("[role=alert]", "its budget is 40, so 40 is free")
	max.fill(amount("amount", w.member, "standard"), "40")
	max.follow(saveTeam)
	max.has("#notices", "Saved.")
	max.has(".group", "40 of 40")
	for form, status := range map[string]int{
		"mode." + w.member + ".standard=assigned&amount." + w.member + ".standard=5": http.StatusForbidden,
		"mode." + w.member + ".premium=limit&amount." + w.member + ".premium=5":      http.StatusForbidden,
		"mode." + w.admin + ".standard=limit&amount." + w.admin + ".standard=5":      http.StatusSeeOther, // whose limits are not seen is not there

		"role." + w.member + "=admin": http.StatusForbidden,
	} {
		if got := max.post("/team/allocations", form).StatusCode; got != status {
			t.Errorf("%s: answered with %d", form, got)
		}
	}
	for _, path := range []string{"/groups", "/team/allocations/check", "/team/allocations/fill", "/team"} {
		if got := max.post(path, "name=South&email=a@b.example&role=admin").StatusCode; got != http.StatusForbidden {
			t.Errorf("POST %s is answered with %d", path, got)
		}
	}
	max.everyLook([]string{"/team"})
}

// memberNamed finds a member by name.
func (w *world) memberNamed(name string) string {
	w.Helper()
	scope, err := w.server.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, w.ws)
	if err != nil {
		w.Fatal(err)
	}
	list, err := w.server.Accounts.Members(ctx, scope, "", 100)
	if err != nil {
		w.Fatal(err)
	}
	for _, m := range list {
		if m.Name == name {
			return m.ID
		}
	}
	w.Fatalf("nobody is called %s", name)
	return ""
}
