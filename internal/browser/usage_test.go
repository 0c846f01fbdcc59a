package browser_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/usage"
)

// report asks what the API answers from.
func (w *world) report(by string) *usage.Report {
	w.Helper()
	reports := &usage.Reports{Store: w.server.Store, Ledger: w.server.Ledger, Accounts: w.server.Accounts}
	scope, err := w.server.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, w.ws)
	if err != nil {
		w.Fatal(err)
	}
	r, err := reports.Report(ctx, scope, usage.Ask{GroupBy: by})
	if err != nil {
		w.Fatal(err)
	}
	return r
}

func TestUsageIsTheLedgers(t *testing.T) {
	w := start(t, "pro")
	w.allocate("premium", "assigned", 30)
	boss, mel := w.signedIn(w.admin), w.signedIn(w.member)
	boss.capture(ada)
	boss.has("#lead-rows", "Ada Byron")
	mel.capture(grace) // on a sheet that was empty when it was opened
	mel.has("#lead-rows", "Grace Yard")
	mel.click(mel.mark("#lead-rows tr", "Grace Yard", ".f-mobile_phone button"))
	mel.has("#lead-rows", "+1 917-555-0122")
	mel.capture(alan)
	mel.has("#capture-result .receipt", "Free ")
	w.wantUsed(4, 1)

	boss.goTo("/usage")
	view := w.view()
	for _, c := range view.Credits {
		pane := ".pane." + c.Credit
		boss.has(pane+" .l-used", "Used "+c.Used.String())
		boss.has(pane+" .l-held", "Held "+c.Held.String())
		boss.has(pane+" .l-left", "Available "+c.Available.Amount.String())
		boss.has(pane+" .l-sum", "Allowance "+thousands(c.Allowance.Amount.String()))
		boss.has(pane+" .parts", "Plan Pro, 2 seats × ")
	}
	saved := 0
	for _, g := range w.report("outcome").Data {
		name := map[string]string{"charged": "Charged", "not_found": "Not found", "same_as_main_line": "Same as the company's main line", "verified_in_directory": "Verified in the directory already", "not_verified": "Email not verified"}[g.Key]
		n := int64(0)
		for _, count := range g.Outcomes {
			n += count
		}
		want := []string{name, itoa(n), g.Credits["standard"].String(), g.Credits["premium"].String()}
		boss.wantRow("by-outcome", want)
		if g.Saved["standard"] > 0 {
			saved += int(n)
		}
	}
	boss.has(".saved", "2 standard over 2 free answers")
	if saved != 2 {
		t.Errorf("the report counts %d saved answers", saved)
	}
	for _, g := range w.report("member").Data {
		boss.has("section[aria-labelledby=members-title] tr", g.Name+" "+g.Credits["standard"].String())
	}
	boss.has("section[aria-labelledby=members-title]", "of 30 assigned")
	for _, g := range w.report("field").Data {
		name := map[string]string{"work_email": "Work email", "work_phone": "Work phone", "personal_email": "Personal email", "mobile_phone": "Mobile"}[g.Key]
		n := int64(0)
		for _, count := range g.Outcomes {
			n += count
		}
		boss.wantRow("by-field", []string{name, itoa(n), g.Credits["standard"].String(), g.Credits["premium"].String()})
	}
	// A capture is a line, and its entries are in it.
	if got, want := boss.js(`document.querySelectorAll("section[aria-labelledby=entries-title] :is(.capture-line li, tbody tr:not(:has(.capture-line)))").length`), itoa(int64(len(w.entries()))); got != want {
		t.Errorf("%s entries are shown, the ledger has %s", got, want)
	}
	// A day by itself, and one without use.
	boss.goTo("/usage?from=2026-03-10&to=2026-03-10")
	boss.has(".saved", "2 standard over 2 free answers, Mar 10, 2026")
	boss.goTo("/usage?from=2026-03-11&to=2026-03-12")
	boss.has(".saved", "Nothing was free yet, Mar 11 – 12, 2026.")
	boss.has("section[aria-labelledby=entries-title]", "No entries yet.")
	boss.goTo("/usage?from=2026-03-12&to=2026-03-11")
	boss.has("#from-problem", "The first day must not be after the last.")

	boss.js(`fetch("/entries.csv").then((r) => r.text()).then((s) => { window.csv = s.trim().split("\n").length - 1; }) && ""`)
	boss.wait(`window.csv == ` + itoa(int64(len(w.entries()))))
}

// wantRow: the table of a section has this row.
func (t *tab) wantRow(section string, cells []string) {
	t.Helper()
	t.has("section[aria-labelledby="+section+"] tbody tr", strings.Join(cells, " "))
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func thousands(s string) string {
	if len(s) > 3 {
		return s[:len(s)-3] + "," + s[len(s)-3:]
	}
	return s
}

func TestHelpAnswersFromTheWorkspace(t *testing.T) {
	w := start(t, "starter")
	tab := w.signedIn(w.admin)
	tab.capture(ada)
	tab.has("#lead-rows", "Ada Byron")
	tab.goTo("/help")
	tab.has(".intro", "Your plan is Starter; this period runs Mar 1 – 31, 2026 (Europe/Berlin).")
	tab.has("main", "They refill on Apr 1, 2026, 00:00.")
	tab.has("main tr", "Standard 500 3 0 497")
	tab.has("main tr", "Premium 50 0 0 50")
	tab.has("main", "A mobile phone costs 1 premium, once for the person, however many numbers are found.")
	tab.has("main", "A capture does not ask for it unless you switched that on in Settings")
	tab.has("main", "verified within the last 90 days, is free")
	tab.has("main", "your workspace’s own for 365 days")
	tab.goTo("/settings")
	tab.click(`input[name=auto_unlock][value=on]`)
	tab.follow(savePolicy)
	tab.goTo("/help")
	tab.has("main", "Your workspace unlocks it at every capture.")
	tab.has("main", "What is left then is not carried over; now that would be 497 standard and 50 premium.")
	tab.has("main", "No daily cap is set")
	tab.has("main", "Report it within 30 days of the charge")
	tab.has("main", "Managers also see their groups’, admins everybody’s.")
	tab.goTo("/help#q-free")
	tab.wait(`document.querySelector(":target")?.innerText.includes("Why was this free?")`)
	tab.lacks("main tbody", "Reported as bad")
}

// Behind every number are its entries, and they add up to it.
func TestUsageLeadsToItsEntries(t *testing.T) {
	w := start(t, "pro")
	boss, mel := w.signedIn(w.admin), w.signedIn(w.member)
	boss.capture(ada)
	boss.has("#lead-rows", "Ada Byron")
	mel.capture(grace)
	mel.has("#lead-rows", "Grace Yard")
	mel.click(mel.mark("#lead-rows tr", "Grace Yard", ".f-mobile_phone button"))
	mel.has("#lead-rows", "+1 917-555-0122")

	boss.goTo("/usage")
	boss.has(".pace .says", "Not enough history for a forecast.")
	boss.follow(boss.mark("section[aria-labelledby=members-title] tr", "Mel Member", "a"))
	boss.has("main", "Ledger entries Export CSV This period Last 7 days Last 30 days Other days Mar 1 – 31, 2026")
	boss.has("section[aria-labelledby=entries-title] .title-row", "4 answers, 1 standard + 1 premium")
	boss.lacks("section[aria-labelledby=entries-title]", "Bo Boss")
	boss.goTo("/usage")
	boss.follow(boss.mark("section[aria-labelledby=by-field] tr", "Mobile", "a"))
	boss.has("section[aria-labelledby=entries-title] .title-row", "1 premium")
	boss.has("section[aria-labelledby=entries-title] tbody", "Grace Yard")
	if n := boss.js(`document.querySelectorAll("section[aria-labelledby=entries-title] tbody tr").length`); n != "1" && n != "2" {
		t.Errorf("%s rows for one mobile", n)
	}
	boss.goTo("/usage/entries?outcome=not_found&field=work_email")
	boss.wait(`document.querySelector("select[name=outcome]").selectedOptions[0].textContent == "Not found"`)
	boss.has("section[aria-labelledby=entries-title]", "No entries yet.")

	// A row leads to where its member's limit is set; who may set none is led to entries alone.
	boss.goTo("/usage")
	boss.follow(`.row-links a[aria-label="Set limit of Mel Member"]`)
	boss.wait(`location.pathname == "/team" && document.querySelector(":target")?.textContent.includes("Mel Member")`)
	mel.goTo("/usage")
	mel.wait(`document.querySelector('.row-links a[aria-label="Entries of Mel Member"]') && !document.querySelector('.row-links a[aria-label^="Set limit"]')`)
	// On paper there is what was spent, on white, and nothing to press.
	boss.goTo("/usage")
	boss.paper()
	boss.wantJS(`getComputedStyle(document.body).backgroundColor + " " + [".segments", ".places", ".row-links", "main .button"].filter((css) => document.querySelector(css)?.checkVisibility())`, "rgb(255, 255, 255) ")
	boss.has("section[aria-labelledby=members-title] tr", "Mel Member 1")
	boss.look(1280, "light")

	// A capture is a line, which the keyboard opens into its fields.
	boss.has("#balance", "left · refills Apr 1 · in the pool")
	boss.goTo("/usage/entries")
	boss.has("tbody tr", "Bo Boss Ada Byron Work email, Work phone, Personal email 3 charged Capture page 3 standard 997")
	boss.lacks("tbody", "Found and charged: last verified on Jun 1, 2025")
	boss.js(`document.querySelector("tbody tr:last-of-type .capture-line summary").focus()`)
	boss.press(kb.Enter)
	boss.has(".capture-line[open] li", "Work email Found and charged: last verified on Jun 1, 2025, too long ago to be free Report bad data 1 standard balance 999")
	boss.has(".capture-line[open] li", "Personal email Found and charged, once for this person Report bad data 1 standard balance 997")
	boss.everyLook([]string{"/usage/entries"})

	// Data that was charged for is reported bad, once.
	mel.goTo("/usage/entries?kind=charge&field=mobile_phone")
	mel.click(".capture-line > summary")
	mel.click(".report summary")
	mel.follow(".report button")
	mel.has("#notices", "Reported. 1 premium came back.")
	mel.has("section[aria-labelledby=entries-title]", "Reported bad: the credit came back.")
	w.wantUsed(4, 0)
	mel.everyLook([]string{"/usage/entries", "/usage"})
}

// A team with a history sees when its credits run out; an earlier period as it ended.
func TestUsageForecastsAndLooksBack(t *testing.T) {
	w := start(t, "starter")
	w.old("starter", 45)
	for back := 45; back > 0; back-- {
		w.chargeAt(w.now().AddDate(0, 0, -back), "standard", 21)
	}
	tab := w.signedIn(w.admin)
	tab.goTo("/usage")
	tab.has(".pane.standard .says", "Runs out on Mar 24.")
	tab.has(".pane.standard .pace", "80 % of simulations end")
	tab.has(".pane.premium .says", "Not enough history for a forecast.")
	tab.has("section[aria-labelledby=members-title]", "Before: Feb 1 – 10, 2026, the same days of the period before")
	tab.has("section[aria-labelledby=members-title] tr", "Total 189 210 before, 21 fewer")
	tab.wait(`document.querySelector(".pane.standard .fan") && document.querySelector(".pane.standard .limit")`)
	tab.js(`document.querySelector(".dates-more summary").focus()`)
	tab.press(kb.Enter) // the keyboard reaches the other days
	tab.wait(`document.querySelector(".dates-more").open`)
	tab.fill("#period", "2026-02-01")
	tab.follow(`form[aria-label="Earlier period"] button`)
	tab.has(".segments [aria-current]", "Last period")
	tab.has("main .title-row", "Feb 1 – 28, 2026")
	tab.has(".pane.standard .l-left", "Left over 17")
	tab.has(".pane.standard .l-used", "Used 483")
	tab.lacks("main", "Forecast")
	tab.js(`fetch(document.querySelector("a[href^='/usage.csv']").href).then((r) => r.text()).then((s) => { window.csv = s; }) && ""`)
	tab.wait(`window.csv?.includes(",day,2026-02-02,,credits,standard,21\n")`)
	tab.everyLook([]string{"/usage", "/usage?period=2026-02-01"})
	tab.goTo("/usage?period=2026-02-02")
	tab.has("#from-problem", "No period that was used began on that day.")
}

// The same control chooses the days of usage and of its entries; what else is chosen stays.
func TestDaysAreChosenByPreset(t *testing.T) {
	w := start(t, "starter")
	w.old("starter", 45)
	for _, days := range []int{40, 12, 9, 3, 0} {
		w.chargeAt(w.now().AddDate(0, 0, -days), "standard", int64(100+days))
	}
	tab := w.signedIn(w.admin)
	tab.goTo("/usage?sort=name")
	for _, c := range []struct{ link, name, used, days string }{
		{"?range=last-period&sort=name", "Last period", "112", "Feb 1 – 28, 2026"}, {"?range=7-days&sort=name", "Last 7 days", "203", "Mar 4 – 10, 2026"},
		{"?range=30-days&sort=name", "Last 30 days", "424", "Feb 9 – Mar 10, 2026"}, {"?sort=name", "This period", "312", "Mar 1 – 31, 2026"},
	} {
		tab.follow(`.segments a[href="/usage` + c.link + `"]`)
		tab.has(".segments [aria-current]", c.name)
		tab.has(".dates-shown", c.days)
		tab.has("section[aria-labelledby=members-title] tr", "Total "+c.used+" ")
		tab.wait(`document.querySelector("th[aria-sort=ascending]")`) // by name, as asked before
	}
	tab.click(".dates-more summary")
	tab.fill("#from", "2026-03-01")
	tab.fill("#to", "2026-03-07")
	tab.follow(`form[aria-label="Other days"] button`)
	tab.has(".segments summary.current", "Mar 1 – 7, 2026")
	tab.has("section[aria-labelledby=members-title] tr", "Total 212 112 before, 100 more")
	tab.wait(`document.querySelector("th[aria-sort=ascending]") && !document.querySelector(".segments [aria-current]")`)
	tab.follow(tab.mark("section[aria-labelledby=members-title] tr", "The workspace itself", "a"))
	tab.has(".segments summary.current", "Mar 1 – 7, 2026")
	tab.has("section[aria-labelledby=entries-title]", "212 standard")

	tab.follow(`.segments a[href="/usage/entries?member=-&range=7-days"]`)
	tab.has("section[aria-labelledby=entries-title]", "203 standard")
	tab.fill("#kind", "hold")
	tab.follow(`form[aria-label="Entries shown"] button`)
	tab.has(".segments [aria-current]", "Last 7 days") // the filter keeps the days
	tab.has("section[aria-labelledby=entries-title]", "No entries yet.")
	tab.goTo("/usage/entries?from=2026-03-12&to=2026-03-11")
	tab.wait(`document.querySelector(".dates-more").open`)
	tab.has("#from-problem", "The first day must not be after the last.")
	tab.everyLook([]string{"/usage?range=7-days", "/usage/entries?from=2026-03-12&to=2026-03-11"})
}

// old gives the test a workspace that was made days ago, with its own admin.
func (w *world) old(plan string, days int) {
	w.Helper()
	made := w.now().AddDate(0, 0, -days-1)
	err := w.server.Store.Update(ctx, func(tx *store.Tx) error {
		then := account.New(w.server.Store, w.server.Ledger, func() time.Time { return made })
		one, err := then.CreateWorkspace(tx, account.NewWorkspace{Name: "Old Acme", Plan: plan, TimeZone: "Europe/Berlin", PriceBook: "classic", Seats: 2, Anchor: 1})
		if err != nil {
			return err
		}
		m, err := then.AddMember(tx, &account.Scope{Workspace: one, Now: made}, account.NewMember{Email: "old@acme.example", Name: "Olga Old", Role: account.Admin})
		w.ws, w.admin = one.ID, m.ID
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
}

// chargeAt spends as the workspace itself, at an earlier time.
func (w *world) chargeAt(at time.Time, credit string, amount int64) {
	w.Helper()
	_, err := w.server.Ledger.Do(ctx, &credits.Charge{Request: credits.Request{Workspace: w.ws, At: at}, Credit: credit, Amount: credits.Amount(amount) * credits.Credit})
	if err != nil && !strings.Contains(err.Error(), "are needed") {
		w.Fatalf("%s: %v", at, err)
	}
}
