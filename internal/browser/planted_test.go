package browser_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// planted is a page with one of everything that no page may have.
const planted = `<!doctype html><html><head><title>Planted</title><meta name="viewport" content="width=device-width, initial-scale=1"><style>
	.pale { color: #999; background: #fff } @media (prefers-color-scheme: dark) { .dim { color: #222; background: #111 } }
	.ringless:focus { outline: none } .wide { width: 900px } .press { cursor: pointer }
	.cover { position: fixed; inset: 300px 0 0 0; background: #fff; z-index: 9 } .under { position: fixed; top: 400px; left: 10px }
</style></head><body>
<header>one</header><main><h1>One</h1><h1>Two</h1>
<p class="pale">Pale.</p><p class="dim">Dim.</p><input name="unlabelled"><p class="wide">Wide.</p>
<div class="press">A button that is none</div><button tabindex="-1">Passed over</button><button class="ringless">No ring</button>
<button class="under">Covered</button><div class="cover"></div>
<textarea id="trap" aria-label="Trap"></textarea><button>Never</button>
</main><script>
	document.getElementById("trap").addEventListener("keydown", (e) => { if (e.key == "Tab") e.preventDefault(); });
	console.error("noise");
</script></body></html>`

// What the walk looks for it finds, where it is.
func TestTheWalkFindsWhatIsPlanted(t *testing.T) {
	needAxe(t)
	w := start(t, "pro")
	h := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = out.Write([]byte(planted))
	}))
	t.Cleanup(h.Close)
	own := *w
	own.base = h.URL
	tab := own.tab()
	tab.look(1440, "light")
	tab.goTo("/")
	wants := func(what string, got []string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(strings.Join(got, "\n"), part) {
				t.Errorf("%s: %q is not found in %q", what, part, got)
			}
		}
	}
	wants("outline", tab.outline(), "2 h1", "the title is Planted", "no language", "is pressed and is no button: div.press")
	wants("keyboard", tab.keys(), "passes over button Passed over", "cannot be seen on button No ring", "out of sight on button Covered", "does not leave textarea#trap", "never comes to button Never")
	tab.bringAxe()
	light := tab.violations(axeRules)
	wants("light", light, "color-contrast: .pale", "label: input", "html-has-lang")
	if strings.Contains(strings.Join(light, "\n"), ".dim") {
		t.Error("what is too dim in the dark is found in the light")
	}
	tab.look(1440, "dark")
	wants("dark", tab.violations(axeColours), "color-contrast: .dim")
	tab.look(390, "light")
	if tab.wide() == "" {
		t.Error("what is too wide is not found")
	}
	tab.mu.Lock()
	defer tab.mu.Unlock()
	wants("console", tab.problems, "console.error")
	tab.problems = nil
}
