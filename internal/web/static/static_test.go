package static

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(path, encoding, match string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	r.Header.Set("If-None-Match", match)
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestStaticFiles(t *testing.T) {
	for name, kind := range map[string]string{"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8", "htmx.min.js": "text/javascript; charset=utf-8", "favicon.svg": "image/svg+xml"} {
		url := URL(name)
		plain := get(url, "", "")
		if plain.Code != 200 || plain.Header().Get("Content-Type") != kind || plain.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", url, plain.Code, plain.Header())
		}
		if cache := plain.Header().Get("Cache-Control"); !strings.Contains(cache, "immutable") {
			t.Errorf("%s is kept as %q", url, cache)
		}
		if cache := get("/static/"+name, "", "").Header().Get("Cache-Control"); cache != "no-cache" {
			t.Errorf("the plain name of %s is kept as %q", name, cache)
		}
		if w := get(url, "", plain.Header().Get("ETag")); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("%s again: %d", url, w.Code)
		}
		packed := get(url, "br, gzip;q=0.8", "")
		if packed.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not compressed", url)
			continue
		}
		r, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(r); err != nil || string(body) != plain.Body.String() {
			t.Errorf("%s: the compressed file differs: %v", url, err)
		}
	}
	if w := get(URL("app.css"), "gzip;q=0", ""); w.Header().Get("Content-Encoding") != "" {
		t.Error("compressed although refused")
	}
	for _, path := range []string{"/static/", "/static/nothing.css", "/static/../static.go", "/static/app.000000000000.css"} {
		if w := get(path, "", ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/static/app.css", nil)
	w := httptest.NewRecorder()
	if Handler().ServeHTTP(w, r); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

// TestFirstLoadIsSmall keeps the budget of what every page needs, and of the lead sheet.
func TestFirstLoadIsSmall(t *testing.T) {
	size := func(names ...string) (total int) {
		for _, name := range names {
			total += get(URL(name), "gzip", "").Body.Len()
		}
		return total
	}
	every := size("app.css", "app.js", "htmx.min.js", "favicon.svg")
	sheet := every + size("shell.css", "shell.js", "sheet.css", "rows.js", "sheet.js", "grid.js", "team.css", "signin.css")
	if every > 40_000 || sheet > 60_000 {
		t.Errorf("%d bytes compressed for every page, %d for the sheet", every, sheet)
	}
	if n := len(assets()["app.css"].plain); n > 32_000 {
		t.Errorf("app.css has %d bytes", n)
	}
}

// Who chooses the dark and whose system is dark see the same colours.
func TestBothDarksAreOne(t *testing.T) {
	css := string(assets()["app.css"].plain)
	colours := func(after string) string {
		_, rest, found := strings.Cut(css, after)
		block, _, closed := strings.Cut(rest, "}")
		if !found || !closed || !strings.Contains(block, "--accent:") {
			t.Fatalf("no colours after %q", after)
		}
		return strings.Join(strings.Fields(block), " ")
	}
	if chosen, system := colours(`[data-theme="dark"] {`), colours(`:root:not([data-theme="light"]) {`); chosen != system {
		t.Errorf("the dark that is chosen is\n%s\nand the system's\n%s", chosen, system)
	}
}
