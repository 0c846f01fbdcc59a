package browser_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// everyLook opens pages in every look.
func (t *tab) everyLook(paths []string) {
	t.Helper()
	for _, path := range paths {
		t.look(390, "light")
		t.goTo(path)
		t.fits(path)
		t.look(1280, "dark")
		t.fits(path)
		if got := t.js(`getComputedStyle(document.documentElement).colorScheme`); got != "dark" {
			t.Errorf("%s is %s in the dark", path, got)
		}
	}
	t.look(1280, "light")
	t.clean()
}

// The tests would see it: what these pages never do is noticed where it happens.
func TestTabNotices(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.js(`console.error("one")`)
	tab.js(`setTimeout(() => { throw new Error("two"); })`)
	tab.js(`document.body.insertAdjacentHTML("beforeend", '<p style="color: red">three</p><img src="https://elsewhere.example/four.png">')`)
	tab.js(`fetch("/leads/lead_five")`)
	want := []string{"console.error", "exception", "inline style", "elsewhere.example/four.png", "404"}
	missing := func() (list []string) {
		tab.mu.Lock()
		defer tab.mu.Unlock()
		for _, part := range want {
			if !strings.Contains(strings.Join(tab.problems, "\n"), part) {
				list = append(list, part)
			}
		}
		return list
	}
	for deadline := time.Now().Add(patience); len(missing()) > 0 && time.Now().Before(deadline); {
		tab.js(`""`)
	}
	if list := missing(); len(list) > 0 {
		t.Errorf("not noticed: %q in %q", list, tab.problems)
	}
	tab.mu.Lock()
	tab.problems = nil
	tab.mu.Unlock()
	if tab.wide() != "" {
		t.Error("the page is too wide already")
	}
	tab.js(`document.querySelector("main").style.minWidth = "3000px"`)
	if tab.wide() == "" {
		t.Error("a page that is too wide fits")
	}
}

// fits: nothing but what scrolls by itself is wider than the window.
func (t *tab) fits(path string) {
	t.Helper()
	if wide := t.wide(); wide != "" {
		t.Errorf("%s scrolls sideways at %s pixels: %s", path, t.js(`innerWidth`), wide)
	}
}

// wide is what sticks out of the window; empty: nothing. A phone's window widens
// with what is in it, and its innerWidth too; the width that the page is laid out for
// does not.
func (t *tab) wide() string {
	t.Helper()
	return t.js(`document.documentElement.scrollWidth > document.documentElement.clientWidth ? [...document.querySelectorAll("main *, header *, nav *")].filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth && !e.closest(".scroll, .places")).map((e) => e.tagName + "." + e.className).slice(0, 5).join(" ") || "something" : ""`)
}

func (t *tab) look(width int64, scheme string) {
	t.Helper()
	t.window(width, 844, scheme)
}

// window is as wide and high as it says, in pixels.
func (t *tab) window(width, height int64, scheme string) {
	t.Helper()
	_, err1 := chromedp.Call(t.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600})
	_, err2 := chromedp.Call(t.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}, // no colour on its way to another
	}})
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
}

// paper shows the page as it is printed, by somebody who looks at it in the dark.
func (t *tab) paper() {
	t.Helper()
	_, err := chromedp.Call(t.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	if err != nil {
		t.Fatal(err)
	}
}

// A member who is not an admin sees the team and the settings, and changes nothing.
func TestMemberCannotManage(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.member)
	tab.goTo("/team")
	tab.has("main", "Only an admin can change these.")
	if n := tab.js(`document.querySelectorAll("main form, main input, main select, main button").length`); n != "0" {
		t.Errorf("%s things to change on the team page", n)
	}
	tab.goTo("/settings")
	for _, form := range []string{"/settings/auto-unlock", "/settings/keys"} {
		if tab.js(`!!document.querySelector('form[action="`+form+`"]')`) == "true" {
			t.Errorf("the form %s is shown", form)
		}
	}
	for path, form := range map[string]string{
		"/team/allocations": "mode." + w.member + ".premium=assigned&amount." + w.member + ".premium=50", "/team": "email=x@acme.example&name=X&role=admin",
		"/team/" + w.admin + "/remove": "", "/team/" + w.admin + "/sign-in-link": "", "/settings/auto-unlock": "auto_unlock=on", "/settings/keys": "name=x&role=admin",
	} {
		if got := tab.post(path, form).StatusCode; got != http.StatusForbidden {
			t.Errorf("POST %s is answered with %d", path, got)
		}
	}
	for _, path := range []string{"/operator", "/operator/workspaces/" + w.ws} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(tab.cookie())
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("GET %s is answered with %d", path, answer.StatusCode)
		}
	}
	tab.expect(http.StatusForbidden)
	tab.goTo("/operator")
	tab.has("h1", "You may not do this")
}

// Another site cannot send a form, whatever it knows.
func TestCrossOriginIsRefused(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	form := "who=" + ada + "&action=capture&from=leads"
	for _, header := range [][]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "null"}} {
		if got := tab.post("/capture", form, header...).StatusCode; got != http.StatusForbidden {
			t.Errorf("%v: answered with %d", header, got)
		}
	}
	w.wantUsed(0, 0)
	if got := tab.post("/capture", form, "Origin", w.base).StatusCode; got != http.StatusOK {
		t.Errorf("the page's own origin is answered with %d", got)
	}
	w.wantUsed(3, 0)
}
