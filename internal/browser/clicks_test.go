package browser_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// begins opens the page where a task starts. The tab counts the clicks from there.
func (t *tab) begins(path string) {
	t.Helper()
	t.goTo(path)
	t.clicks = 0
}

// took fails the test when the task took more clicks than it may, or none.
func (t *tab) took(most int, task string) {
	t.Helper()
	t.Logf("%s: %d clicks of %d", task, t.clicks, most)
	if t.clicks == 0 || t.clicks > most {
		t.Errorf("%s takes %d clicks, want at most %d", task, t.clicks, most)
	}
}

// What is done every day takes few clicks: capturing one takes one, and seeing who used the
// premium credits takes one, without scrolling at 1440 by 900.
func TestDailyTasksTakeFewClicks(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.window(1440, 900, "light")
	tab.begins("/leads")
	tab.fill("#bar-who", grace)
	tab.click(`.capture-bar button[value=capture]`)
	tab.wait(`document.querySelector("#lead-rows .person")`)
	tab.took(2, "capturing one")
	tab.click(`#lead-rows tr:first-child .f-mobile_phone .unlock`)
	tab.has("#lead-rows tr:first-child .f-mobile_phone", "+1 917")

	tab.begins("/leads")
	tab.follow(`.places a[href="/usage"]`)
	tab.wait(`(() => {
		const row = [...document.querySelectorAll("main tbody tr")].find((r) => r.textContent.includes("Bo Boss"));
		return row && scrollY == 0 && row.getBoundingClientRect().bottom <= innerHeight && row.textContent.includes("1");
	})()`)
	tab.took(1, "seeing who used premium")
}

// Fifty people are pasted and captured from the lead sheet with four clicks. The field to paste
// into has the focus.
func TestFiftyPeopleFromAPasteTakeFourClicks(t *testing.T) {
	w := start(t, "pro")
	file, paste := strings.Builder{}, strings.Builder{}
	file.WriteString("id,full_name,company,company_domain,linkedin_url,work_email,work_email_status,work_email_verified_at\n")
	for n := range 50 {
		url := fmt.Sprintf("https://www.linkedin.com/in/paste-%d", n)
		fmt.Fprintf(&file, "f%d,Person %d,Fleet,fleet.example,%s,p%d@fleet.example,verified,2025-06-01\n", n, n, url, n)
		fmt.Fprintln(&paste, url)
	}
	w.imports(file.String())
	run, end := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer func() { end(); working.Wait() }()
	working.Go(func() { w.server.Bulk.Work(run) })
	tab := w.signedIn(w.admin)
	tab.begins("/leads")
	tab.follow(`.capture-bar a[href="/bulk"]`)
	tab.wantJS(`document.activeElement.id`, "people")
	tab.fill("#people", paste.String())
	tab.follow("form.card button.primary")
	tab.follow("button[value=estimate]")
	tab.follow("#bulk button.primary")
	tab.has("#bulk h2", "50 of 50 rows")
	tab.has("#bulk .counts", "50 Charged")
	tab.took(4, "50 leads from a paste")
	tab.goTo("/leads")
	tab.has("#lead-count", "50 leads")
}

// Each of five people gets a limit of 100 credits in one save: an amount that is typed beside
// "Pool" is a limit. Only the first field is clicked; the Tab key leads to the others.
func TestLimitsOfFivePeopleTakeSixClicks(t *testing.T) {
	w := start(t, "pro")
	five := []string{w.member}
	for _, name := range []string{"Ann", "Ben", "Cat", "Dan"} {
		w.joins(name)
		five = append(five, w.memberNamed(name))
	}
	tab := w.signedIn(w.admin)
	tab.begins("/leads")
	tab.follow(`.places a[href="/team"]`)
	tab.click(amount("amount", five[0], "standard"))
	for _, member := range five {
		tab.wantJS(`document.querySelector('`+amount("amount", member, "standard")+`').checkVisibility({ visibilityProperty: true })`, "true")
		tab.fill(amount("amount", member, "standard"), "100")
		tab.wantJS(`document.querySelector('`+amount("mode", member, "standard")+`').value`, "limit")
	}
	tab.follow(saveTeam)
	tab.has("#notices", "Saved.")
	tab.took(6, "100 credits for each of five people")
	v, err := w.server.Ledger.Look(ctx, w.ws, five, w.now())
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range five {
		if got := v.Members[member][0]; got.Mode != "limit" || got.Amount.String() != "100" {
			t.Errorf("%s has %s %s", member, got.Mode, got.Amount)
		}
	}
}

// joins adds a member to the workspace.
func (w *world) joins(name string) {
	w.Helper()
	scope, err := w.server.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, w.ws)
	if err != nil {
		w.Fatal(err)
	}
	err = w.server.Store.Update(ctx, func(tx *store.Tx) error {
		_, err := w.server.Accounts.AddMember(tx, scope, account.NewMember{Email: strings.ToLower(name) + "@acme.example", Name: name, Role: account.Regular})
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
}

// A member whose credits ran out asks with two clicks from the lead sheet, and an admin grants it
// with two from theirs.
func TestAskingAndGrantingTakeTwoClicksEach(t *testing.T) {
	w := start(t, "pro")
	w.allocate("premium", "limit", 0)
	mel, boss := w.signedIn(w.member), w.signedIn(w.admin)
	mel.begins("/leads")
	mel.follow(`#balance .ask a`)
	mel.fill("#ask-credit", "premium")
	mel.fill("#ask-amount", "20")
	mel.follow(`form[action="/ask"] button.primary`)
	mel.has(".requests", "waits for an admin")
	mel.took(2, "asking for more")

	boss.begins("/leads")
	boss.has(`.places a[href="/team"] .badge`, "1")
	boss.follow(`.places a[href="/team"]`)
	boss.follow(`.requests button[value=all]`)
	boss.has("#notices", "Granted 20 premium.")
	boss.took(2, "granting it")
	mel.goTo("/leads")
	mel.wantLeft("1,000", "20")
}

// Leads are exported with two clicks, one chosen lead with three, and the audit log has the files.
func TestExportTakesThreeClicks(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.captured()
	exported := func(files int) {
		t.Helper()
		tab.wait(fmt.Sprintf(`(() => {
			window.asking ??= fetch("/audit?kind=export").then((r) => r.text()).then((text) => { window.log = text; window.asking = undefined; });
			return new DOMParser().parseFromString(window.log ?? "", "text/html").querySelectorAll("main tbody tr").length == %d;
		})()`, files))
	}
	tab.begins("/leads")
	tab.click(`.tools summary[title=Export]`)
	tab.click(`.tools form[action="/leads/export"] button`)
	tab.took(3, "exporting the sheet")
	exported(1)

	tab.begins("/leads")
	tab.wait(`document.querySelector(".lead-sheet[role=grid]")`)
	tab.click("#lead-rows tr:nth-child(1) .pick input")
	tab.follow(`.chosen-bar button[value=export]`)
	tab.click("form.card button.primary")
	tab.took(3, "exporting a chosen lead")
	exported(2)
}

// A colleague is invited with two clicks from the lead sheet.
func TestInvitingTakesTwoClicks(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.begins("/leads")
	tab.follow(`.places a[href="/team"]`)
	tab.fill("#add-email", "nia@acme.example")
	tab.fill("#add-name", "Nia New")
	tab.follow(`form[action="/team"] button`)
	tab.has(".panel h2", "Invitation for Nia New")
	tab.took(2, "inviting a colleague")
}

// A value that is wrong is reported beside it, and the report leads back to the lead.
func TestAWrongValueIsReportedInPlace(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.goTo("/leads")
	lead := tab.capture(ada)
	tab.goTo(lead)
	tab.has(`#fields-title + dl > div:nth-child(1)`, "Report bad data")
	tab.click(`#fields-title + dl > div:nth-child(1) .report summary`)
	tab.follow(`#fields-title + dl > div:nth-child(1) .report button`)
	tab.wait(`location.pathname == "` + lead + `"`)
	tab.has("#notices", "Reported.")
	tab.has(`#fields-title + dl > div:nth-child(1)`, "bad")
	tab.lacks(`#fields-title + dl > div:nth-child(1)`, "Report bad data")
}
