package browser_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// What Firefox calls our extension in this profile; it would choose at random.
const firefoxID = "6f1c7a52-1f0b-4f6e-9a53-2f0e8a1d7c11"

// firefox is a running Firefox, driven by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/).
type firefox struct {
	*testing.T
	socket *websocket.Conn
	last   int
}

// startFirefox starts Firefox with a profile of its own in which nothing is asked
// of the network by itself.
func startFirefox(t *testing.T) *firefox {
	t.Helper()
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		path, err = exec.LookPath("firefox")
	}
	if err != nil {
		t.Fatal("There is no Firefox. `make setup` installs it.")
	}
	profile := t.TempDir()
	prefs := ""
	for name, value := range map[string]string{
		"extensions.webextensions.uuids":                    `"{\"extension@leadmeter.example\":\"` + firefoxID + `\"}"`,
		"datareporting.policy.dataSubmissionEnabled":        "false",
		"app.update.enabled":                                "false",
		"network.captive-portal-service.enabled":            "false",
		"network.connectivity-service.enabled":              "false",
		"services.settings.server":                          `"data:,"`,
		"browser.safebrowsing.provider.mozilla.updateURL":   `""`,
		"extensions.systemAddon.update.enabled":             "false",
		"browser.newtabpage.activity-stream.feeds.topsites": "false",
	} {
		prefs += fmt.Sprintf("user_pref(%q, %s);\n", name, value)
	}
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(prefs), 0o600); err != nil {
		t.Fatal(err)
	}
	c, stop := context.WithCancel(ctx)
	cmd := exec.CommandContext(c, path, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0", "--remote-allow-system-access", "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+profile, "MOZ_CRASHREPORTER_DISABLE=1")
	said := &lineWaiter{pattern: regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`), found: make(chan string, 1)}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	f := &firefox{T: t}
	t.Cleanup(func() {
		if f.socket != nil {
			f.socket.CloseNow() //nolint:errcheck // it goes with the browser
		}
		stop()
		cmd.Wait() //nolint:errcheck // it was killed
	})
	select {
	case address := <-said.found:
		if f.socket, _, err = websocket.Dial(ctx, address+"/session", nil); err != nil {
			t.Fatal(err)
		}
	case <-time.After(time.Minute):
		t.Fatalf("Firefox does not start:\n%s", said.text())
	}
	f.socket.SetReadLimit(32 << 20)
	f.call("session.new", map[string]any{"capabilities": map[string]any{}}, nil)
	return f
}

// lineWaiter waits for a line of a program's output.
type lineWaiter struct {
	mu      sync.Mutex
	all     []byte
	pattern *regexp.Regexp
	found   chan string
}

func (t *lineWaiter) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, p...)
	if m := t.pattern.FindSubmatch(t.all); m != nil {
		select {
		case t.found <- string(m[1]):
		default:
		}
	}
	return len(p), nil
}

func (t *lineWaiter) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.all)
}

// call sends a command and reads its answer.
func (f *firefox) call(method string, params, answer any) {
	f.Helper()
	if err := f.try(method, params, answer); err != nil {
		f.Fatalf("%s: %v", method, err)
	}
}

func (f *firefox) try(method string, params, answer any) error {
	c, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	f.last++
	if err := wsjson.Write(c, f.socket, map[string]any{"id": f.last, "method": method, "params": params}); err != nil {
		return err
	}
	for {
		var m struct {
			ID             int
			Error, Message string
			Result         json.RawMessage
		}
		if err := wsjson.Read(c, f.socket, &m); err != nil {
			return err
		}
		switch {
		case m.ID != f.last: // an event
		case m.Error != "":
			return errors.New(m.Error + ": " + m.Message)
		case answer == nil:
			return nil
		default:
			return json.Unmarshal(m.Result, answer)
		}
	}
}

// window opens a tab and returns its id.
func (f *firefox) window(address string) string {
	f.Helper()
	var made struct{ Context string }
	f.call("browsingContext.create", map[string]any{"type": "tab"}, &made)
	f.call("browsingContext.navigate", map[string]any{"context": made.Context, "url": address, "wait": "complete"}, nil)
	return made.Context
}

// js gives an expression's or a promise's text in a tab.
func (f *firefox) js(tab, expression string) string {
	f.Helper()
	text, err := f.eval(tab, expression)
	if err != nil {
		f.Fatalf("%s: %v", expression, err)
	}
	return text
}

func (f *firefox) eval(tab, expression string) (string, error) {
	var said struct {
		Type             string
		Result           struct{ Value any }
		ExceptionDetails struct{ Text string }
	}
	err := f.try("script.evaluate", map[string]any{"expression": expression, "target": map[string]any{"context": tab}, "awaitPromise": true}, &said)
	if err == nil && said.Type != "success" {
		err = errors.New(said.ExceptionDetails.Text)
	}
	return fmt.Sprint(said.Result.Value), err
}

// wait looks until an expression is true.
func (f *firefox) wait(tab, expression string) {
	f.Helper()
	var said string
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		if said, err = f.eval(tab, "!!("+expression+")"); said == "true" {
			return
		}
	}
	f.Fatalf("never became true: %s (%v)\n%s", expression, err, f.js(tab, `location.href + "\n" + document.body.innerText`))
}

// press presses an element with the mouse as soon as it is there, by an expression.
func (f *firefox) press(tab, expression string) {
	f.Helper()
	f.wait(tab, "("+expression+") && !("+expression+").disabled")
	where := map[string]any{"context": tab}
	f.call("browsingContext.activate", where, nil)
	err := errors.New("not tried")
	for n := 0; n < 3 && err != nil; n++ { // it may be drawn again between the look and the press
		var said struct{ Result struct{ SharedID string } }
		f.call("script.evaluate", map[string]any{"expression": "(() => { const e = " + expression + `; e.scrollIntoView({block: "center"}); return e; })()`, "target": where, "awaitPromise": false}, &said)
		err = f.try("input.performActions", map[string]any{"context": tab, "actions": []any{map[string]any{"type": "pointer", "id": "mouse", "actions": []any{
			map[string]any{"type": "pointerMove", "x": 0, "y": 0, "origin": map[string]any{"type": "element", "element": map[string]any{"sharedId": said.Result.SharedID}}},
			map[string]any{"type": "pointerDown", "button": 0}, map[string]any{"type": "pointerUp", "button": 0},
		}}}}, nil)
	}
	if err != nil {
		f.Fatalf("press %s: %v", expression, err)
	}
}

// row waits until a person's row in the panel says something.
func (f *firefox) row(tab, name, text string) {
	f.Helper()
	f.wait(tab, fmt.Sprintf(`[...document.querySelectorAll("li.person")].some((e) => e.innerText.includes(%q) && e.innerText.replace(/\s+/g, " ").includes(%q))`, name, text))
}

// The same extension with its other manifest, in Firefox: connect, read a page, capture, unlock.
func TestExtensionInFirefox(t *testing.T) {
	w := start(t, "pro")
	w.beforeServer()
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { fmt.Fprint(rw, team) }))
	t.Cleanup(site.Close)
	f := startFirefox(t)
	f.call("webExtension.install", map[string]any{"extensionData": map[string]any{"type": "path", "path": unpack(t, "manifest.firefox.json")}}, nil)

	signed := f.window(w.base + "/sign-in#code=" + w.code(w.member))
	f.wait(signed, `document.querySelector('form[action="/sign-in/code"]')`)
	f.press(signed, `document.querySelector('form[action="/sign-in/code"] button')`)
	f.wait(signed, `location.pathname != "/sign-in" && document.querySelector("nav.places")`)
	f.window(site.URL + teamURL)
	extension := "moz-extension://" + firefoxID + "/panel/panel.html"
	p := f.window(extension)
	f.wait(p, `document.querySelector("#server")`)
	tab := f.js(p, `browser.tabs.query({url: "http://127.0.0.1/*"}).then((list) => String(list.find((t) => t.url.endsWith("`+teamURL+`")).id))`)
	f.call("browsingContext.navigate", map[string]any{"context": p, "url": extension + "?tab=" + tab, "wait": "complete"}, nil)

	f.wait(p, `document.querySelector("#server")`)
	f.js(p, fmt.Sprintf(`(() => { const e = document.querySelector("#server"); e.value = %q; e.dispatchEvent(new Event("input", {bubbles: true})); })()`, w.base))
	f.press(p, `document.querySelector("form button.primary")`)
	approve := f.opened("/connect/extension")
	f.press(approve, `document.querySelector("button[value=approve]")`)
	f.row(p, "Ada Byron", "Capture at most 3 standard")
	f.row(p, "Nobody Atall", "Nobody in the directory matches")
	w.wantUsed(0, 0)
	f.press(p, inRow("Ada Byron", captureButton))
	f.row(p, "Ada Byron", "ada@engines.example")
	w.wantUsed(3, 0)
	f.press(p, inRow("Ada Byron", unlockButton))
	f.row(p, "Ada Byron", "+1 917-555-0112")
	w.wantUsed(3, 1)
}

// opened waits for a tab that was opened on a path.
func (f *firefox) opened(path string) string {
	f.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		var tree struct {
			Contexts []struct{ Context, URL string }
		}
		f.call("browsingContext.getTree", map[string]any{}, &tree)
		for _, c := range tree.Contexts {
			if regexp.MustCompile(`^http://[^/]+` + path).MatchString(c.URL) {
				return c.Context
			}
		}
	}
	f.Fatalf("no tab of %s was opened", path)
	return ""
}

// inRow names a button in a person's row.
func inRow(name, button string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("li.person")].find((r) => r.textContent.includes(%q))?.querySelector(%q)`, name, button)
}
