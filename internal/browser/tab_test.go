package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	logs "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a condition may take to become true.
const patience = 30 * time.Second

// tab is one person's browser. It fails its test for every error on the console,
// request that failed and thing that the Content-Security-Policy stopped.
type tab struct {
	*world
	ctx context.Context

	clicks int // since the task began

	mu       sync.Mutex
	expected []int // statuses of 400 and above that the test asks for
	problems []string
	dialogs  []string
}

// tab opens one with no one signed in.
func (w *world) tab() *tab {
	w.Helper()
	return w.tabOf(browser(w.T), chromedp.WithNewBrowserContext())
}

// tabOf opens one in a browser.
func (w *world) tabOf(browser context.Context, options ...chromedp.ContextOption) *tab {
	w.Helper()
	c, end := chromedp.NewContext(browser, options...)
	c, cancel := context.WithTimeout(c, max(w.tabTime, 3*time.Minute))
	t := &tab{world: w, ctx: c}
	w.Cleanup(func() {
		t.clean()
		cancel()
		end()
	})
	if err := chromedp.Listen(c, t.notice); err != nil {
		w.Fatal(err)
	}
	_, err1 := chromedp.Call(c, network.Enable, network.EnableParams{})
	_, err2 := chromedp.Call(c, logs.Enable, cdp.Empty{})
	_, err3 := chromedp.Call(c, runtime.Enable, cdp.Empty{})
	_, err4 := chromedp.Call(c, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1280, Height: 900, DeviceScaleFactor: 1})
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			w.Fatal(err)
		}
	}
	return t
}

// signedIn opens a tab of a member, or with "" of the operator.
func (w *world) signedIn(member string) *tab {
	w.Helper()
	t := w.tab()
	t.useCode(w.code(member))
	t.wait(`location.pathname != "/sign-in" && document.querySelector("nav.places")`)
	return t
}

// useCode opens a sign-in link, and presses the button that says where it leads.
func (t *tab) useCode(code string) {
	t.Helper()
	t.goTo("/sign-in#code=" + code)
	t.wait(`document.querySelector('form[action="/sign-in/code"]')`)
	t.follow(`form[action="/sign-in/code"] button`)
}

// notice collects what went wrong in the browser.
func (t *tab) notice(ev any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	problem := func(format string, args ...any) { t.problems = append(t.problems, fmt.Sprintf(format, args...)) }
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		problem("exception: %s", e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			text := ""
			for _, a := range e.Args {
				text += " " + string(a.Value) + a.Description
			}
			problem("console.%s%s", e.Type, text)
		}
	case *logs.EventEntryAdded:
		status := strings.Contains(e.Entry.Text, "the server responded with a status of")
		if (e.Entry.Level == "error" || e.Entry.Level == "warning") && !status {
			problem("log: %s %s: %s", e.Entry.Source, e.Entry.URL, e.Entry.Text)
		}
	case *network.EventLoadingFailed:
		// What the browser itself gives up for going somewhere else is no failure.
		if !e.Canceled && e.ErrorText != "net::ERR_ABORTED" {
			problem("request failed: %s %s", e.ErrorText, e.BlockedReason)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 && !slices.Contains(t.expected, int(e.Response.Status)) {
			problem("%d %s", e.Response.Status, e.Response.URL)
		}
	case *page.EventJavascriptDialogOpening:
		t.dialogs = append(t.dialogs, e.Message)
		go chromedp.Call(t.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true}) //nolint:errcheck // the test fails by waiting
	}
}

// expect lets answers of these statuses come.
func (t *tab) expect(statuses ...int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expected = append(t.expected, statuses...)
}

// clean fails the test for what was noticed.
func (t *tab) clean() {
	t.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.problems {
		t.Errorf("in the browser: %s", p)
	}
	t.problems = nil
}

func (t *tab) asked() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.dialogs, "\n")
}

func (t *tab) goTo(path string) {
	t.Helper()
	if err := chromedp.Do(t.ctx, chromedp.Navigate(t.base+path)); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// js evaluates an expression to a string.
func (t *tab) js(expression string) string {
	t.Helper()
	v, err := chromedp.Run(t.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// wait until an expression is true. A page that is on its way is asked again.
func (t *tab) wait(expression string) {
	t.Helper()
	var last error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		ok, err := chromedp.Run(t.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if ok {
			return
		}
		if last = err; t.ctx.Err() != nil {
			break
		}
		select { // between two looks
		case <-time.After(15 * time.Millisecond):
		case <-t.ctx.Done():
		}
	}
	t.Fatalf("never became true: %s (%v)\n%s", expression, last, t.seen())
}

// seen is the page's text, for a failure.
func (t *tab) seen() string {
	text, err := chromedp.Run(t.ctx, chromedp.Evaluate[string](`location.href + "\nlast seen: " + window.wanted + "\nfocus: " + document.activeElement?.outerHTML.slice(0, 200) + "\n" + document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

// has waits until an element has a text in it, spaces and lines joined.
func (t *tab) has(css, text string) {
	t.Helper()
	t.wait(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.innerText.replace(/\s+/g, " ").includes(%q))`, css, text))
}

// lacks: the text is in no such element, now.
func (t *tab) lacks(css, text string) {
	t.Helper()
	if t.js(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.innerText.replace(/\s+/g, " ").includes(%q))`, css, text)) == "true" {
		t.Errorf("%s has %q", css, text)
	}
}

// text of an element, spaces and lines joined.
func (t *tab) text(css string) string {
	t.Helper()
	return t.js(fmt.Sprintf(`document.querySelector(%q)?.innerText.replace(/\s+/g, " ").trim()`, css))
}

// fill types into a field as a person would have, in one go.
func (t *tab) fill(css, text string) {
	t.Helper()
	t.wait(fmt.Sprintf(`document.querySelector(%q)`, css))
	t.js(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.focus(); e.value = %q; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); })()`, css, text))
}

// click presses the first such element, when it can be seen and stands still.
func (t *tab) click(css string) {
	t.Helper()
	t.wait(fmt.Sprintf(`(() => {
		const e = document.querySelector(%q), at = e && JSON.stringify(e.getBoundingClientRect());
		const still = e && e.checkVisibility() && window.stillAt === at;
		window.stillAt = at;
		return still;
	})()`, css))
	c, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	err := chromedp.Do(c, chromedp.Click(chromedp.CSS(css), chromedp.NodeVisible))
	for n := 0; n < 3 && err != nil && strings.Contains(err.Error(), "Could not find node"); n++ { // drawn again between the look and the press
		err = chromedp.Do(c, chromedp.Click(chromedp.CSS(css), chromedp.NodeVisible))
	}
	if err != nil {
		t.Fatalf("click %s: %v\n%s", css, err, t.seen())
	}
	t.clicks++
}

// follow presses an element and waits for the page that comes after.
func (t *tab) follow(css string) {
	t.Helper()
	t.js(`window.before = true`)
	t.click(css)
	t.wait(`!window.before && document.readyState == "complete" && document.querySelector("main")`)
}

// mark names an element in the row of a table that has a text, again whenever the table is
// drawn again.
func (t *tab) mark(row, text, inside string) string {
	t.Helper()
	mark := "m" + strconv.FormatInt(time.Now().UnixNano(), 36)
	t.wait(fmt.Sprintf(`(() => {
		const named = () => {
			const r = [...document.querySelectorAll(%q)].find((e) => e.textContent.includes(%q)), e = r && r.querySelector(%q);
			e?.setAttribute("data-test", %q);
			return e;
		};
		if (!named()) return false;
		new MutationObserver(named).observe(document.body, { childList: true, subtree: true });
		return true;
	})()`, row, text, inside, mark))
	return `[data-test="` + mark + `"]`
}

func (t *tab) wantLeft(standard, premium string) {
	t.Helper()
	t.wait(fmt.Sprintf(`document.querySelector("#balance .standard b").textContent == %q && document.querySelector("#balance .premium b").textContent == %q`, standard, premium))
}

// cookie is the browser's session for a client without a browser.
func (t *tab) cookie() *http.Cookie {
	t.Helper()
	list, err := chromedp.Call(t.ctx, network.GetCookies, network.GetCookiesParams{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list.Cookies {
		if strings.HasSuffix(c.Name, "leadmeter") {
			if !c.HTTPOnly {
				t.Error("scripts can read the session's cookie")
			}
			return &http.Cookie{Name: c.Name, Value: c.Value}
		}
	}
	t.Fatal("no session")
	return nil
}

// post sends a form without a browser, as the person who is signed in here.
func (t *tab) post(path, form string, header ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.base+path, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(t.cookie())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for n := 0; n+1 < len(header); n += 2 {
		r.Header.Set(header[n], header[n+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

// wantJS waits until an expression has a value.
func (t *tab) wantJS(expression, want string) {
	t.Helper()
	t.wait(fmt.Sprintf(`(window.wanted = String(%s)) == %q`, expression, want))
}

// press sends one key to what has the focus.
func (t *tab) press(key string) {
	t.Helper()
	keys := map[string]string{"ArrowDown": kb.ArrowDown, "ArrowUp": kb.ArrowUp, "ArrowRight": kb.ArrowRight, "ArrowLeft": kb.ArrowLeft, "Home": kb.Home, "End": kb.End, "Enter": kb.Enter, "Escape": kb.Escape, "Tab": kb.Tab}
	text, named := keys[key]
	if !named {
		text = key
	}
	if err := chromedp.Do(t.ctx, chromedp.KeyEvent(text)); err != nil {
		t.Fatal(err)
	}
	if key == "Enter" {
		t.clicks++ // in place of the button
	}
}

// keyDown presses a key as the page's scripts hear it, with a modifier or none.
func (t *tab) keyDown(key, modifier string) {
	t.Helper()
	t.wait(`document.readyState == "complete"`)
	t.js(fmt.Sprintf(`(document.activeElement || document.body).dispatchEvent(new KeyboardEvent("keydown", { key: %q, [%q]: true, bubbles: true, cancelable: true }))`, key, modifier))
}
