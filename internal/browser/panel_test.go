package browser_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"
)

// Every state of the extension's panel, read from the extension's own table of them:
// narrow and wide, light and dark, axe-core has nothing against it, nothing scrolls
// sideways, and all of it is reached by keyboard.
func TestPanelForEverybody(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out the browser")
	}
	needAxe(t)
	t.Parallel()
	table, err := os.ReadFile("../../extension/test/states.js")
	if err != nil {
		t.Fatal(err)
	}
	states := regexp.MustCompile(`(?m)^  "?([a-z-]+)"?: scene\(`).FindAllStringSubmatch(string(table), -1)
	if len(states) < 20 {
		t.Fatalf("only %d states were found", len(states))
	}
	site := httptest.NewServer(http.FileServer(http.Dir("../../extension")))
	t.Cleanup(site.Close)
	w := &world{T: t, base: site.URL}
	tab := w.tab()
	for _, m := range states {
		state := m[1]
		for _, theme := range []string{"light", "dark"} {
			tab.look(400, theme)
			tab.goTo("/test/panel.html?state=" + state + "&theme=" + theme)
			tab.wait(`document.title == "shown ` + state + `"`)
			if theme == "light" && state != "menu" { // TestPanelMenuByKeyboard: arrows lead through it
				for _, fault := range tab.keys() {
					t.Errorf("%s by keyboard: %s", state, fault)
				}
				tab.js(`scrollTo(0, 0)`)
			}
			tab.bringAxe()
			for _, width := range []int64{320, 400} {
				tab.window(width, 4000, theme) // so tall that nothing has slid under the bars
				rules := axeRules
				if theme == "dark" {
					rules = axeColours
				}
				for _, fault := range tab.violations(rules) {
					t.Errorf("%s at %d, %s: %s", state, width, theme, fault)
				}
				if wide := tab.wide(); wide != "" {
					t.Errorf("%s scrolls sideways at %d: %s", state, width, wide)
				}
			}
		}
	}
}

// peopleInSight counts the people whose row is in sight between the panel's two bars, as
// far as it has anything to read or press.
const peopleInSight = `(() => {
	const top = document.querySelector("#head").getBoundingClientRect().bottom, bottom = document.querySelector(".bar")?.getBoundingClientRect().top ?? innerHeight;
	return [...document.querySelectorAll("li.person")].map((e) => e.getBoundingClientRect()).filter((r) => r.height > 0 && r.top >= top && r.bottom <= bottom + 1).length;
})()`

// At the panel's usual size more than three people are in sight, with premium in the price
// and out of credits too.
func TestPeopleInThePanel(t *testing.T) {
	tab := panelTab(t)
	for _, c := range []struct {
		state string
		least int
	}{{"people", 4}, {"unlocks-all", 4}, {"no-credits", 3}, {"like", 2}} {
		tab.window(400, 600, "light")
		tab.goTo("/test/panel.html?state=" + c.state + "&theme=light")
		tab.wait(`document.title == "shown ` + c.state + `"`)
		tab.wait(`![...document.querySelectorAll(".has.loading")].length`)
		got := tab.number(peopleInSight)
		t.Logf("%s: %d people", c.state, got)
		if got < c.least {
			t.Errorf("%s: %d people in sight at 400 by 600, want %d", c.state, got, c.least)
		}
	}
	tab.clean()
}

// A person's menu works by keyboard: it opens on its first item, arrows go round, Escape
// gives the focus back, and a press elsewhere closes it.
func TestPanelMenuByKeyboard(t *testing.T) {
	tab := panelTab(t)
	tab.window(400, 600, "light")
	tab.goTo("/test/panel.html?state=people&theme=light")
	tab.wait(`document.title == "shown people" && document.querySelector("[data-focus=menu-1]")`)
	focus := `document.activeElement.dataset.item || document.activeElement.dataset.focus`
	tab.js(`document.querySelector("[data-focus=menu-1]").focus()`)
	tab.press("Enter")
	tab.wantJS(focus, "preview")
	tab.wantJS(`document.querySelector("[data-focus=menu-1]").getAttribute("aria-expanded")`, "true")
	for _, step := range [][2]string{{"ArrowDown", "unlock"}, {"ArrowDown", "like"}, {"ArrowDown", "preview"}, {"ArrowUp", "like"}, {"Home", "preview"}, {"End", "like"}} {
		tab.press(step[0])
		tab.wantJS(focus, step[1])
	}
	tab.press("Escape")
	tab.wantJS(focus, "menu-1")
	tab.wantJS(`document.querySelector("[role=menu]")`, "null")
	tab.press("ArrowDown")
	tab.wantJS(focus, "preview")
	tab.click("h1")
	tab.wantJS(`document.querySelector("[role=menu]")`, "null")
	// People like these: the focus is on the heading, and Back returns it to the menu's button.
	tab.js(`document.querySelector("[data-focus=menu-1]").focus()`)
	tab.press("Enter")
	tab.press("End")
	tab.press("Enter")
	tab.has("h1", "3 people in the directory")
	tab.wantJS(`document.activeElement.tagName`, "H1")
	tab.click("[data-focus=like-more]")
	tab.wantJS(`document.activeElement.querySelector("h2").innerText`, "Nils Aakre")
	tab.click("[data-focus=back]")
	tab.wantJS(focus, "menu-1")
	tab.clean()
}

// Without credits nothing that costs is the main thing to do, and more can be asked for.
func TestPanelWithoutCredits(t *testing.T) {
	tab := panelTab(t)
	tab.goTo("/test/panel.html?state=no-credits&theme=light")
	tab.wait(`document.title == "shown no-credits"`)
	tab.has(".bar", "Capture all 4 · at most 6 standard")
	tab.wantJS(`document.querySelectorAll(".bar .primary, [data-focus=capture-1].primary").length`, "0")
	tab.wantJS(`document.querySelectorAll("[data-focus=capture-4].primary").length`, "1") // free
	tab.click("[data-focus=short-standard]")
	tab.has(".panel.stop h2", "Not enough standard credits")
	tab.wantJS(`document.activeElement.id`, "short-title")
	tab.clean()
}

// panelTab is a tab on the extension's files, without a server.
func panelTab(t *testing.T) *tab {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves out the browser")
	}
	t.Parallel()
	site := httptest.NewServer(http.FileServer(http.Dir("../../extension")))
	t.Cleanup(site.Close)
	return (&world{T: t, base: site.URL}).tab()
}

// Credits that a busy server could not tell are asked for again until they are there.
func TestPanelReadsCreditsAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out the browser")
	}
	t.Parallel()
	site := httptest.NewServer(http.FileServer(http.Dir("../../extension")))
	t.Cleanup(site.Close)
	w := &world{T: t, base: site.URL}
	tab := w.tab()
	tab.goTo("/test/panel.html?state=unread")
	tab.has(".balance", "Your credits could not be read. Trying again …")
	tab.has(".balance", "241")
	tab.lacks(".balance", "could not be read")
}
