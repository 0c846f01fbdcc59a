package browser_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"
	"time"
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
	w := &world{T: t, base: site.URL, tabTime: 3 * time.Minute}
	tab := w.tab()
	for _, m := range states {
		state := m[1]
		for _, theme := range []string{"light", "dark"} {
			tab.look(400, theme)
			tab.goTo("/test/panel.html?state=" + state + "&theme=" + theme)
			tab.wait(`document.title == "shown ` + state + `"`)
			if theme == "light" {
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
