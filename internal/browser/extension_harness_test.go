package browser_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/leadmeter/leadmeter/internal/browser/chrome"
)

// What stands before the server may fail as networks and servers do.
const (
	up      = int32(iota)
	down    // nothing answers
	cut     // what is asked for is done, and the answer is lost
	once    // one capture is answered, then nothing
	teamURL = "/team"
)

// team is a page of the web: Ada, Grace and Mary, a stranger, and one whose name
// is an attack.
const team = `<!doctype html><meta charset="utf-8"><title>Our team</title><h1>Our team</h1>
<script type="application/ld+json">{"@context":"https://schema.org","@graph":[
{"@type":"Person","name":"Ada Byron","jobTitle":"Chief Analyst","sameAs":"https://www.linkedin.com/in/ada-byron","worksFor":{"@type":"Organization","name":"Engines"}},
{"@type":"Person","name":"Grace Yard","jobTitle":"Admiral","email":"grace@harbor.example","worksFor":{"@type":"Organization","name":"Harbor"}},
{"@type":"Person","name":"Mary Orbit","jobTitle":"Engineer","sameAs":"https://www.linkedin.com/in/mary-orbit","worksFor":{"@type":"Organization","name":"Harbor"}},
{"@type":"Person","name":"Nobody Atall","jobTitle":"Ghost","worksFor":{"@type":"Organization","name":"Nowhere"}}
]}</script>`

// panel is the extension's panel, opened as a tab beside a page and a server.
type panel struct {
	*tab
	browser context.Context
	id      string // the extension's
	front   *atomic.Int32
	cuts    *atomic.Int32 // answers that were lost
}

// unpack copies the extension with the manifest of a browser and the permissions that
// a user gives by pressing its button, and returns the directory.
func unpack(t *testing.T, browser string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS("../../extension")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, browser))
	if err != nil {
		t.Fatal(err)
	}
	manifest := map[string]any{}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest["host_permissions"] != nil || manifest["content_scripts"] != nil {
		t.Error("the extension takes access to sites at its installation")
	}
	manifest["host_permissions"] = []string{"http://127.0.0.1/*"}
	if text, err = json.Marshal(manifest); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// extensionID is how Chromium names an unpacked extension: by its directory.
func extensionID(dir string) string {
	hash := sha256.Sum256([]byte(dir))
	return strings.Map(func(r rune) rune {
		if r >= 'a' {
			return r - 'a' + 'k'
		}
		return r - '0' + 'a'
	}, fmt.Sprintf("%x", hash[:16]))
}

// beforeServer puts what may fail before the world's server.
func (w *world) beforeServer() (front, cuts *atomic.Int32) {
	front, cuts = &atomic.Int32{}, &atomic.Int32{}
	h := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mode := front.Load()
		if mode == cut && strings.HasSuffix(r.URL.Path, "/captures") {
			w.server.Handler.ServeHTTP(httptest.NewRecorder(), r)
			cuts.Add(1)
		}
		if mode == once && strings.HasSuffix(r.URL.Path, "/captures") {
			front.Store(down)
			mode = up
		}
		if mode != up && mode != once {
			panic(http.ErrAbortHandler)
		}
		w.server.Handler.ServeHTTP(rw, r)
	}))
	w.Cleanup(h.Close)
	w.base = h.URL
	return front, cuts
}

// openPanel starts a browser with the extension, signs a member in and opens the
// panel on the team's page.
func (w *world) openPanel(member string) *panel {
	w.Helper()
	front, cuts := w.beforeServer()
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != teamURL {
			rw.WriteHeader(http.StatusNoContent)
			return
		}
		fmt.Fprint(rw, team)
	}))
	w.Cleanup(site.Close)
	dir := unpack(w.T, "manifest.json")
	browser, end, err := chrome.Start(ctx, chrome.WithExtension(dir)...)
	if err != nil {
		w.Fatalf("Chromium does not start: %v", err)
	}
	w.Cleanup(end)
	signed := w.tabOf(browser)
	signed.useCode(w.code(member))
	signed.wait(`location.pathname != "/sign-in" && document.querySelector("nav.places")`)
	shown := w.tabOf(browser)
	if err := chromedp.Do(shown.ctx, chromedp.Navigate(site.URL+teamURL)); err != nil {
		w.Fatal(err)
	}
	p := &panel{tab: w.tabOf(browser), browser: browser, id: extensionID(dir), front: front, cuts: cuts}
	p.open("")
	p.wait(`document.querySelector("#server")`)
	tab := p.eval(`chrome.tabs.query({url: "http://127.0.0.1/*"}).then((list) => String(list.find((t) => t.url.endsWith("` + teamURL + `")).id))`)
	p.open("?tab=" + tab)
	return p
}

func (p *panel) open(query string) {
	p.Helper()
	if err := chromedp.Do(p.ctx, chromedp.Navigate("chrome-extension://"+p.id+"/panel/panel.html"+query)); err != nil {
		p.Fatal(err)
	}
}

// eval waits for a promise of a string.
func (p *panel) eval(expression string) string {
	p.Helper()
	p.js(`(() => { window.answer = undefined; (` + expression + `).then((v) => { window.answer = v; }); })()`)
	p.wait(`window.answer !== undefined`)
	return p.js(`window.answer`)
}

// connect presses Connect, and answers in the tab that opens.
func (p *panel) connect(answer string) {
	p.Helper()
	p.fill("#server", p.base)
	p.click("form button.primary")
	p.has("h1", "Waiting for your approval")
	approve := p.opened("/connect/extension")
	approve.has("h1", "Connect a browser extension?")
	approve.has(".facts", "Chrom")
	for _, width := range []int64{390, 1280} {
		approve.look(width, "dark")
		approve.fits("/connect/extension")
	}
	approve.follow(`button[value=` + answer + `]`)
	approve.clean()
	if err := chromedp.Do(approve.ctx, chromedp.Navigate("about:blank")); err != nil { // nobody listens there, when the server stops
		p.Fatal(err)
	}
	if _, err := chromedp.Call(p.ctx, page.BringToFront, struct{}{}); err != nil {
		p.Fatal(err)
	}
}

// opened is the tab that something opened.
func (p *panel) opened(part string) *tab {
	p.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		list, err := chromedp.Targets(p.browser)
		if err != nil {
			p.Fatal(err)
		}
		for _, one := range list {
			if one.Type == "page" && strings.Contains(one.URL, part) {
				return p.tabOf(p.browser, chromedp.WithTargetID(one.TargetID))
			}
		}
	}
	p.Fatalf("no tab of %s was opened", part)
	return nil
}

// row waits until a person's row has a text.
func (p *panel) row(name, text string) {
	p.Helper()
	p.wait(fmt.Sprintf(`[...document.querySelectorAll("li.person")].some((e) => e.innerText.includes(%q) && e.innerText.replace(/\s+/g, " ").includes(%q))`, name, text))
}

// press presses a button in a person's row when it stands still, as a person would; the button is
// named again whenever the panel is drawn again.
func (p *panel) press(name, button string) {
	p.Helper()
	p.js(fmt.Sprintf(`(() => {
		window.found = () => [...document.querySelectorAll("li.person")].find((r) => r.textContent.includes(%q))?.querySelector(%q);
		const named = () => {
			document.querySelector("[data-test=press]")?.removeAttribute("data-test");
			found()?.setAttribute("data-test", "press");
		};
		window.naming?.disconnect();
		window.naming = new MutationObserver(named);
		naming.observe(document.body, { childList: true, subtree: true });
		named();
		window.still = {times: 0};
	})()`, name, button))
	p.wait(`(() => {
		const e = found(), at = e && JSON.stringify(e.getBoundingClientRect());
		window.still = {e, at, times: e && still.e === e && still.at === at ? still.times + 1 : 0};
		return still.times >= 4;
	})()`)
	p.click(`[data-test=press]`)
}

// openMenu opens the menu of a person's row.
func (p *panel) openMenu(name string) {
	p.Helper()
	p.press(name, `[data-focus^="menu-"]`)
	p.wait(`document.querySelector("[role=menu]")`)
}

// menu: a person's menu has these items, and Escape closes it.
func (p *panel) menu(name string, items ...string) {
	p.Helper()
	p.openMenu(name)
	p.wantJS(`[...document.querySelectorAll("[role=menuitem]")].map((e) => e.innerText.replace(/\s+/g, " ").trim()).join("\n")`, strings.Join(items, "\n"))
	p.tab.press("Escape")
	p.wait(`!document.querySelector("[role=menu]")`)
}

// choose presses an item in a person's menu.
func (p *panel) choose(name, item string) {
	p.Helper()
	p.openMenu(name)
	p.click(`[data-item="` + item + `"]`)
}

// copies: the button beside a value puts it on the clipboard.
func (p *panel) copies(name, value string) {
	p.Helper()
	p.js(`navigator.clipboard.writeText = async (text) => { window.copied = text; }`)
	p.press(name, fmt.Sprintf(`[aria-label="Copy %s"]`, value))
	p.wantJS(`window.copied`, value)
}

// killWorker ends the extension's worker, as browsers do when they want its memory.
func (p *panel) killWorker() {
	p.Helper()
	list, err := chromedp.Targets(p.browser)
	if err != nil {
		p.Fatal(err)
	}
	killed := 0
	for _, one := range list {
		if one.Type == "service_worker" {
			if _, err := chromedp.CallBrowser(p.browser, target.CloseTarget, target.CloseTargetParams{TargetID: one.TargetID}); err != nil {
				p.Fatal(err)
			}
			killed++
		}
	}
	if killed != 1 {
		p.Errorf("%d workers were ended", killed)
	}
}

// tolerate forgets what a server that is away writes to the console.
func (p *panel) tolerate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = nil
}
