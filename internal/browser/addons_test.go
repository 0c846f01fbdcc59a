package browser_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
)

const askOperator = `form[action="/plan/ask"] button.primary`

// An admin asks for an add-on with at most two clicks: from any page, and where a limit stops
// them, with no other work than a note. The operator grants it with two on their pages.
func TestAskForAnAddOnWithTwoClicks(t *testing.T) {
	w := start(t, "pro")
	w.do(func(r credits.Request) credits.Command {
		return &credits.Charge{Request: r, Credit: "premium", Amount: 100 * credits.Credit}
	})
	boss, ops := w.signedIn(w.admin), w.signedIn("")
	boss.begins("/leads")
	boss.wantJS(`document.querySelector("#balance .ask a").getAttribute("href")`, "/plan?credit=premium#ask") // what ran out is asked for beside the balance
	boss.follow(`nav.places a[href="/plan"]`)
	boss.follow(askOperator)
	boss.has("#notices", "Asked. The operator sees it at once.")
	boss.has(".requests", "50 premium this period") // the type with the least left, a seat's worth
	boss.took(2, "asking from the lead sheet")

	boss.goTo("/capture")
	boss.fill("#who", ada)
	boss.js(`document.querySelectorAll("input[name=fields]").forEach((e) => { e.checked = e.value == "mobile_phone"; })`)
	boss.click(`form.card button[value=capture]`)
	boss.has("#capture-result .panel.stop", "Ask the operator for an add-on")
	boss.clicks = 0
	boss.follow(`.panel.stop a[href="/plan?credit=premium#ask"]`)
	boss.fill("#ask-amount", "80")
	boss.fill("#ask-kind", "recurring")
	boss.fill("#ask-note", "A big quarter")
	boss.follow(askOperator)
	boss.has(".requests li:first-child", "80 premium every period")
	boss.lacks(".requests", "50 premium")
	boss.took(2, "asking where a limit stopped the capture")

	ops.begins("/operator")
	ops.has(`a[href="/operator/addon-requests"]`, "1")
	ops.follow(`a[href="/operator/addon-requests"]`)
	ops.has(".requests li", "A big quarter")
	ops.has(".requests li", "0 of 100 premium left until")
	ops.follow(`.requests button[value=grant]`)
	ops.has("#notices", "Granted 80 premium to Acme.")
	ops.took(2, "granting from the operator's pages")
	boss.goTo("/plan")
	boss.has(".requests", "granted 80")
	boss.wantLeft("1,000", "80")

	boss.fill("#ask-amount", "0")
	boss.expect(http.StatusUnprocessableEntity)
	boss.follow(askOperator)
	boss.has("#ask-amount-problem", "more than 0")
	if amount := boss.js(`document.querySelector("#ask-amount").value`); amount != "0" {
		t.Errorf("what was typed became %s", amount)
	}
	boss.fill("#ask-amount", "5")
	boss.js(`document.querySelector("#ask-amount").focus()`)
	boss.js(`window.before = true`)
	boss.press("Enter") // by keyboard alone
	boss.wait(`!window.before && document.readyState == "complete" && document.querySelector(".requests")`)
	boss.has(".requests li:first-child", "5 ")
	ops.goTo("/operator/addon-requests")
	for _, width := range []int64{390, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			ops.look(width, scheme)
			ops.fits(fmt.Sprintf("/operator/addon-requests at %d", width))
			boss.look(width, scheme)
			boss.fits(fmt.Sprintf("/plan at %d", width))
		}
	}
	mel := w.signedIn(w.member)
	mel.goTo("/leads")
	mel.lacks("#balance", "Ask for more") // there is some again
	mel.lacks("nav.places", "Plan")
	if got := mel.post("/plan/ask", "credit=premium&amount=1&kind=once").StatusCode; got != http.StatusForbidden {
		t.Errorf("a member asks the operator, answered with %d", got)
	}
}
