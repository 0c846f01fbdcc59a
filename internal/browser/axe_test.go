package browser_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// axeRules is what a page is asked: every rule of WCAG 2.0 to 2.2, A and AA, and
// axe-core's best practices, none left out. axe-core itself leaves target-size off.
const axeRules = `{resultTypes: ["violations"], preload: false, runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}, rules: {"target-size": {enabled: true}}}`

// axeColours are the rules whose answer a colour scheme can change. What else a
// page is asked depends on its elements and its width, and these are the same in
// both schemes.
const axeColours = `{resultTypes: ["violations"], preload: false, runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}}`

// axePlaced adds the rules whose answer depends on where things stand. From 641 pixels
// on a page shows the same elements at every width, placed otherwise.
const axePlaced = `{resultTypes: ["violations"], preload: false, runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]}, rules: {"target-size": {enabled: true}}}`

// axe reads axe-core out of the package that `make setup` fetched, once.
var axe = sync.OnceValues(func() (string, error) {
	lock, err := os.ReadFile("axe.lock")
	if err != nil {
		return "", err
	}
	var name, version, want string
	if _, err := fmt.Sscan(string(lock), &name, &version, &want); err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	file := filepath.Join(cache, "leadmeter", name+"-"+version+".tgz")
	pack, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("%s %s is not here; `make setup` fetches it", name, version)
	}
	if err != nil {
		return "", err
	}
	if sum := sha512.Sum512(pack); hex.EncodeToString(sum[:]) != want {
		return "", fmt.Errorf("%s is not what axe.lock says; remove it and run `make setup`", file)
	}
	z, err := gzip.NewReader(bytes.NewReader(pack))
	if err != nil {
		return "", err
	}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if err != nil {
			return "", err
		}
		if h.Name == "package/axe.min.js" {
			text, err := io.ReadAll(files)
			return string(text), err
		}
	}
})

// needAxe fails the test where axe-core is missing.
func needAxe(t *testing.T) {
	t.Helper()
	if _, err := axe(); err != nil {
		t.Fatal(err)
	}
}

// bringAxe puts axe-core into the page that the tab shows.
func (t *tab) bringAxe() {
	t.Helper()
	script, err := axe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(t.ctx, chromedp.Evaluate[string](script+`; "ready"`)); err != nil {
		t.Fatal(err)
	}
}

// violations are what axe-core has against the page as it stands.
func (t *tab) violations(rules string) []string {
	t.Helper()
	text, err := chromedp.Run(t.ctx, chromedp.Evaluate[string](`axe.run(document, `+rules+`).then((r) => JSON.stringify(r.violations.flatMap((v) =>
		v.nodes.slice(0, 3).map((n) => v.id + ": " + n.target.join(" ") + ": " + n.failureSummary.replace(/\s+/g, " ")))))`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// outline are the faults of a page's frame: one title, heading and main part, and
// nothing to press that is not made to be pressed.
func (t *tab) outline() []string {
	t.Helper()
	text := t.js(`(() => {
		const bad = [], all = (css) => [...document.querySelectorAll(css)], seen = (e) => e.checkVisibility();
		const one = (what, list) => { if (list.length != 1) bad.push(list.length + " " + what); };
		one("h1 with a text", all("h1").filter((e) => seen(e) && e.innerText.trim()));
		one("main", all("main"));
		if (!/^\S.* · leadmeter$/.test(document.title)) bad.push("the title is " + document.title);
		if (document.documentElement.lang != "en") bad.push("no language");
		const press = "a[href], button, input, select, textarea, summary, label, option";
		const name = (e) => e.tagName.toLowerCase() + (e.id && "#" + e.id) + (e.className && "." + e.className) + " " + e.textContent.trim().slice(0, 30);
		for (const e of all("body *")) {
			if (!seen(e) || e.closest(press)) continue;
			const made = e.matches("[hx-get], [hx-post]") && !e.matches("form, [hx-trigger]");
			if (made || e.onclick || getComputedStyle(e).cursor == "pointer") bad.push("is pressed and is no button: " + name(e));
		}
		return bad.join("\n");
	})()`)
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
