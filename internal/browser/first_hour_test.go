package browser_test

import (
	"strings"
	"testing"
)

// From an empty server to the first captured lead, in the browser alone: the link that serve
// prints, and at most 12 clicks.
func TestFirstHour(t *testing.T) {
	w := start(t, "")
	w.firstHour(w.code(""))
	again := w.signedIn("")
	again.goTo("/operator")
	again.has("main", "Set up this server: 1 step left.")
}

// firstHour begins with the code of the link that serve printed.
func (w *world) firstHour(code string) {
	w.Helper()
	tab := w.tab()
	tab.goTo("/sign-in")
	tab.has("main", "This server has no workspace yet.")
	clicks := 0
	follow := func(css string) {
		w.Helper()
		clicks++
		tab.follow(css)
	}
	tab.js(`location.hash = "#code=` + code + `"`) // the link, opened where the page is open
	tab.wait(`document.querySelector('form[action="/sign-in/code"]')`)
	follow(`form[action="/sign-in/code"] button`)
	tab.wait(`location.pathname == "/operator/set-up"`)
	tab.everyLook([]string{"/operator/set-up"})

	tab.fill("#operator-email", "op@first.example")
	tab.fill("#new-password", "password123") // too many people have it
	tab.expect(422)
	tab.follow(`form[action="/settings/password"] button`)
	tab.has("#password .problem", "guessed first")
	if email := tab.js(`document.querySelector("#operator-email").value`); email != "op@first.example" {
		w.Errorf("after a password was refused the email is %q", email)
	}
	tab.fill("#new-password", "a long enough one 7")
	follow(`form[action="/settings/password"] button`)
	tab.wait(`location.pathname == "/operator/set-up"`)
	tab.has(".steps li:nth-child(1)", "Done")
	tab.has("h1 + .tag", "1 of 6 done")
	tab.fill("#organization", "First Inc.")
	follow(`form[action="/operator/set-up/organization"] button`)
	tab.has(".steps li:nth-child(2)", "Done")

	if zone := tab.js(`document.querySelector("#ws-zone").value`); zone == "" {
		w.Error("the workspace's time zone is empty")
	}
	tab.fill("#ws-name", "First")
	tab.fill("#ws-admin-email", "ada@first.example")
	tab.fill("#ws-admin-name", "Ada First")
	follow(`form[action="/operator/workspaces"] button.primary`)
	tab.has("#notices", "First was created, and Ada First is its admin.")
	follow(`form[action="/operator/set-up/people"] button`)
	tab.has("#notices", "200 made-up people")
	tab.everyLook([]string{"/operator/set-up"})
	tab.goTo("/operator/set-up")
	example := tab.js(`document.querySelector("#example").value`)
	if !strings.HasPrefix(example, "https://www.linkedin.com/in/") {
		w.Fatalf("the example is %q", example)
	}
	follow(`form[action="/operator/set-up/admin"] button`)
	tab.wait(`document.querySelector('form[action="/sign-in/code"]')`)
	follow(`form[action="/sign-in/code"] button`)
	tab.wait(`location.pathname == "/leads"`)
	tab.capture(example)
	clicks++
	tab.wait(`document.querySelector("#lead-rows .person")`)
	if clicks > 12 {
		w.Errorf("the first lead took %d clicks", clicks)
	}
	w.Logf("%d clicks", clicks)
	out := w.tab()
	out.goTo("/sign-in")
	out.has("main", "First Inc.")
}
