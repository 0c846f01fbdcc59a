package browser_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sight is one page as somebody sees it.
type sight struct {
	path   string
	what   string       // what is done on the page first, in words
	do     func(t *tab) // does it
	refuse int          // the status of a refusal; 0: none
}

// whose are the people who see the pages.
const (
	nobody   = "nobody"
	admin    = "an admin"
	chief    = "an admin who manages"
	manager  = "a manager"
	regular  = "a member"
	beginner = "an admin of an empty workspace"
	operator = "the operator"
	watcher  = "the operator who looks as an admin"
)

// noPages are the routes that are no page of their own.
var noPages = map[string]string{
	"GET /usage/live": "a stream of changes", "GET /usage/live/balance": "a part of every page",
	"GET /{$}": "leads on to where the visitor works", "/": "what is not there; seen as /nowhere",
	"GET /leads.csv": file, "GET /leads/export": file, "GET /usage.csv": file, "GET /entries.csv": file, "GET /audit.csv": file,
	"GET /bulk/{bulk}/results.csv": file, "GET /bulk/{bulk}/problems.csv": file, "GET /operator/imports/{import}/rejected.csv": file,
	"GET /help/{guide}":        "a guide, seen as /help/rep",
	"GET /leads/{lead}/drawer": "a part of the lead sheet, which is seen with it open", "GET /leads/{lead}/edit": "a dialog of the lead sheet, which is seen open", "GET /leads/rows": "more rows of the lead sheet", "GET /leads/find": "what the palette finds",
	"GET /leads/unlocking/{bulk}/now": "a line of the lead sheet, which is seen while leads are unlocked", "GET /bulk/{bulk}/progress": "a part of the page of the bulk capture",
	"GET /sign-in/second":        halfway,
	"GET /sign-in/choose":        halfway,
	"GET /sign-in/set-up":        halfway,
	"GET /sign-in/with/{issuer}": "leads on to an issuer", "GET /sign-in/with/{issuer}/back": "leads on from an issuer",
}

const (
	file    = "a file"
	halfway = "stands between a membership and the product; gate_test.go and doors_test.go look at it where it comes to be"
)

// few is the lead sheet with some of its leads: what is done on it looks the same
// with all of them.
const few = "/leads?q=sierra"

// sights are all pages, by who sees them. A part in braces is filled in.
func (k *sampled) sights() map[string][]sight {
	click := func(css string) func(t *tab) { return func(t *tab) { t.click(css) } }
	chosen := func(do string) func(t *tab) {
		return func(t *tab) {
			t.click("table [data-pick-all]")
			t.follow(`.chosen-bar button[value=` + do + `]`)
		}
	}
	ask := func(who, button string) func(t *tab) {
		return func(t *tab) {
			t.fill("#who", who)
			t.click(`form.card button[value=` + button + `]`)
			t.wait(`document.querySelector("#capture-result .panel")`)
		}
	}
	unprocessable := http.StatusUnprocessableEntity
	return map[string][]sight{
		nobody: {
			{path: "/sign-in"}, {path: "/sign-in/link", refuse: http.StatusGone}, {path: "/sign-in/link/sent"}, {path: "/join", refuse: http.StatusGone},
			{path: "/sign-in", what: "the wrong password", refuse: http.StatusUnauthorized, do: func(t *tab) {
				t.fill("#email", "nobody@northlight.example")
				t.fill("#password", "correct horse")
				t.follow(`form[action="/sign-in"] button.primary`)
			}},
			{path: "/sign-in", what: "a code before it is used", do: func(t *tab) {
				t.fill("#code", t.code(t.member))
				t.follow("#code-form button")
			}},
		},
		admin: {
			{path: "/leads"}, {path: "/leads?q=nobody"},
			{path: few, what: "a lead opened beside the sheet", do: func(t *tab) {
				t.click("#lead-rows .person")
				t.wait(`!document.querySelector("#drawer").hidden`)
			}},
			{path: few, what: "columns being chosen", do: click(".columns-tool summary")},
			{path: few, what: "filters", do: click(".filters .pop summary")},
			{path: few, what: "a view being saved", do: click(".save-view summary")}, {path: few, what: "what is exported", do: click(".tools .pop:last-child summary")},
			{path: few, what: "the palette", do: func(t *tab) {
				t.keyDown("k", "ctrlKey")
				t.wait(`document.querySelector("#palette[open] [role=option]")`)
			}},
			{path: few, what: "the keys", do: func(t *tab) { t.keyDown("?", ""); t.wait(`document.querySelector("#keys[open]")`) }},
			{path: few, what: "a lead being edited", do: func(t *tab) {
				t.keyDown("j", "")
				t.keyDown("e", "")
				t.wait(`document.querySelector("#edit-dialog[open] form")`)
			}},
			{path: few, what: "the card of a value", do: func(t *tab) {
				t.wait(`document.querySelector(".lead-sheet[role=grid]")`)
				t.js(`document.querySelector("td.f-work_email:has(.value)").dispatchEvent(new PointerEvent("pointerover", { bubbles: true, pointerType: "mouse" }))`)
				t.wait(`document.querySelector(".cell-card:not([hidden])")`)
			}},
			{path: few, what: "leads chosen", do: click("table [data-pick-all]")},
			{path: few, what: "unlocking the chosen ones", do: chosen("unlock")}, {path: few, what: "putting them on a list", do: chosen("list")},
			{path: few, what: "exporting them", do: chosen("export")}, {path: few, what: "deleting them", do: chosen("delete")},
			{path: "{lead}"}, {path: "/leads/lead_none", refuse: http.StatusNotFound}, {path: "/nowhere", refuse: http.StatusNotFound},
			{path: "/people"}, {path: "/people?q=nobody"}, {path: "/people?q=ada@acme.example", refuse: http.StatusUnprocessableEntity}, {path: "/people?has=work_email"},
			{path: "/people?has=work_email", what: "filters", do: click(".filters .pop summary")}, {path: "/people?has=work_email", what: "a search being saved", do: click(".save-view summary")},
			{path: "/people?has=work_email", what: "people chosen", do: click("table [data-pick-all]")},
			{path: "/people?has=work_email", what: "captured", do: func(t *tab) {
				t.click(".people-found .unlock")
				t.wait(`document.querySelector(".people-found tr.fresh")`)
			}},
			{path: "/capture"}, {path: "/capture", what: "looked", do: ask(k.profile, "look")}, {path: "/capture", what: "nobody found", do: ask("Nobody Atall, Nowhere", "look")},
			{path: "/capture", what: "captured", do: ask(k.profile, "capture")},
			{path: "/bulk"}, {path: "/bulk", what: "nobody named", refuse: unprocessable, do: func(t *tab) { t.follow("form.card .primary") }}, {path: "{bulk}"},
			{path: "/bulk/{bulk}/columns"}, {path: "/bulk/{bulk}/columns", what: "no fields", refuse: unprocessable, do: func(t *tab) {
				t.js(`document.querySelectorAll("input[name=fields]").forEach((e) => { e.checked = false; })`)
				t.follow("button[value=estimate]")
			}},
		},
		chief: {
			{path: "/usage"}, {path: "/usage?from=2026-04-01&to=2026-03-01"}, {path: "/usage?range=last-period"}, {path: "/usage", what: "other days open", do: click(".dates-more summary")}, {path: "/usage/entries"}, {path: "/usage/entries", what: "a capture open", do: click(".capture-line summary")}, {path: "/plan"}, {path: "/plan/cancel"}, {path: "/plan?credit=premium", what: "asked for an add-on", do: func(t *tab) { t.follow(askOperator) }},
			{path: "/plan", what: "asking refused", refuse: unprocessable, do: func(t *tab) {
				t.fill("#ask-amount", "0")
				t.follow(askOperator)
			}}, {path: "/changes"}, {path: "/audit"}, {path: "/help"}, {path: "/help/rep"}, {path: "/help/operating"}, {path: "/help/search?q=mobile"},
			{path: "/team"}, {path: "/team", what: "checked against last period", do: func(t *tab) {
				t.fill(amount("mode", k.member, "standard"), "limit")
				t.fill(amount("amount", k.member, "standard"), "1")
				t.follow(`button[formaction="/team/allocations/check"]`)
			}},
			{path: "/team", what: "too much assigned", refuse: unprocessable, do: func(t *tab) {
				t.fill(amount("mode", k.member, "premium"), "assigned")
				t.fill(amount("amount", k.member, "premium"), "99999")
				t.follow(saveTeam)
			}},
			{path: "/settings/sign-in"}, {path: "/settings/sign-in/app"}, {path: "/team/{member}/sign-in"},
			{path: "/settings"}, {path: "/settings", what: "a key made", do: func(t *tab) {
				t.fill("#key-name", "Another")
				t.follow(`form[action="/settings/keys"] button`)
			}},
			{path: "/settings/webhooks"}, {path: "/settings/webhooks", what: "refused", refuse: unprocessable, do: func(t *tab) {
				t.fill("#hook-url", "http://10.0.0.1/in")
				t.follow(`form[action="/settings/webhooks"] button[type=submit]`)
			}},
			{path: "{webhook}"}, {path: "{webhook}", what: "with a new secret", do: func(t *tab) { t.follow(`form[action$="/rotate"] button`) }},
			{path: "/settings/push"}, {path: "/settings/push", what: "refused", refuse: unprocessable, do: func(t *tab) {
				t.fill("#webhook-address", "http://10.0.0.1/in")
				t.follow(`form[action="/settings/push/webhook"] button`)
			}},
			{path: "/settings/alerts"}, {path: "/settings/alerts", what: "refused", refuse: unprocessable, do: func(t *tab) {
				t.fill("#percents-premium", "half")
				t.follow(`form[action="/settings/alerts"] button`)
			}},
			{path: "/connect/extension?id=none", refuse: http.StatusNotFound},
		},
		manager: {{path: "/team"}, {path: "/usage"}},
		regular: {
			{path: few}, {path: "/team"}, {path: "/ask"}, {path: "/settings"}, {path: "/plan", refuse: http.StatusForbidden},
			{path: "{request}"}, {path: "{request}", what: "approved", do: func(t *tab) { t.follow(`button[value=approve]`) }},
		},
		beginner: {
			{path: "/capture", what: "refused for lack of credits", do: func(t *tab) {
				t.fill("#who", k.profile)
				t.js(`document.querySelectorAll("input[name=fields]").forEach((e) => { e.checked = e.value == "mobile_phone"; })`)
				t.click(`form.card button[value=capture]`)
				t.wait(`document.querySelector("#capture-result .panel.stop")`)
			}},
			{path: "/leads"}, {path: "/bulk"}, {path: "/usage"}, {path: "/usage/entries"}, {path: "/team"}, {path: "/ask"}, {path: "/plan"}, {path: "/settings"},
			{path: "/settings/webhooks"}, {path: "/settings/push"}, {path: "/settings/alerts"},
		},
		operator: {
			{path: "/operator"}, {path: "/operator/set-up"}, {path: "/operator?q=nobody"}, {path: "{ws}"}, {path: "/operator/workspaces/{ws}/cancel"},
			{path: "/operator/workspaces/{ws}/cancel", what: "another name typed", refuse: unprocessable, do: func(t *tab) {
				t.fill("#confirm", "Nobody")
				t.follow(`form[action$="/cancel"] button`)
			}}, {path: "/operator/reviews"}, {path: "/operator/addon-requests"}, {path: "/operator/server"}, {path: "/operator/imports"}, {path: "{import}"},
			{path: "{source}"}, {path: "{source}", what: "tested", do: func(t *tab) {
				t.fill("#try-who", "linkedin.com/in/ada")
				t.follow(`form[action$="/test"] button`)
			}},
			{path: "/operator/sources"}, {path: "/operator/sources", what: "a field refused", refuse: unprocessable, do: func(t *tab) {
				t.fill("#source-name", "other")
				t.fill("#source-more", "speed: 3")
				t.follow(`form[action="/operator/sources"] button`)
			}},
			{path: "/operator/mail"}, {path: "/operator/mail", what: "a field refused", refuse: unprocessable, do: func(t *tab) {
				t.fill("#mail-host", "smtp.example.com:587")
				t.fill("#mail-from", "no-reply@example.com")
				t.follow(`form[action="/operator/mail"] button`)
			}},
			{path: "/operator/books"}, {path: "/operator/books", what: "the past under another one", do: func(t *tab) {
				t.fill("#with", "universal")
				t.click("form.col button.primary")
				t.wait(`document.querySelector("#diff-title")`)
			}},
		},
		watcher: {{path: "/plan"}, {path: few}, {path: "/team"}},
	}
}

// Every page, in what it can be like: at three widths and in both schemes axe-core
// has nothing against it, nothing scrolls sideways, the console is silent, and all
// of it is reached by keyboard, in sight.
func TestEveryPageForEverybody(t *testing.T) {
	k := startSampled(t)
	sights := k.sights()
	k.everyRouteIsSeen(sights)
	for who, list := range sights {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			one := *k
			w := *k.world
			w.T = t
			one.world = &w
			tab := one.tabFor(who)
			for _, s := range list {
				tab.inspect(one.at(s))
			}
		})
	}
}

// everyRouteIsSeen holds the sights against the table of routes.
func (k *sampled) everyRouteIsSeen(sights map[string][]sight) {
	k.Helper()
	seen := map[string]bool{}
	for _, list := range sights {
		for _, s := range list {
			path, _, _ := strings.Cut(s.path, "?")
			seen[path] = true
		}
	}
	parts := regexp.MustCompile(`/[a-z/]*\{[a-z]+\}$`)
	routes := getRoutes(k.world)
	for _, route := range routes {
		path := strings.TrimPrefix(route, "GET ")
		short := path
		if parts.MatchString(path) {
			short = path[strings.LastIndex(path, "{"):]
		}
		if _, no := noPages[route]; no == (seen[path] || seen[short]) {
			k.Errorf("%s is neither looked at in every_page_test.go nor said to be no page, or both", route)
		}
	}
	for route := range noPages {
		if !slices.Contains(routes, route) {
			k.Errorf("%s is said to be no page, and is no route", route)
		}
	}
	if len(routes) < 30 {
		k.Errorf("only %d routes were found", len(routes))
	}
}

// getRoutes are the routes that a browser can open, from the table of routes.
func getRoutes(w *world) (list []string) {
	for _, route := range w.server.Routes.Routes() {
		_, path, named := strings.Cut(route.Pattern, " ")
		if named && !strings.HasPrefix(route.Pattern, "GET ") || strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/openapi") || strings.HasPrefix(path, "/static/") || path == "/healthz" || path == "/readyz" || route.Pattern == "/v1/" {
			continue
		}
		list = append(list, route.Pattern)
	}
	return list
}

// at fills in the parts in braces.
func (k *sampled) at(s sight) sight {
	if to, ok := k.ids[s.path]; ok {
		s.path = to
	}
	if s.path == "{request}" {
		s.path = k.connection() // it waits for ten minutes, the other pages take longer
	}
	return s
}

// tabFor opens a tab of one of the people.
func (k *sampled) tabFor(who string) *tab {
	k.Helper()
	switch who {
	case nobody:
		return k.tab()
	case manager:
		return k.signedIn(k.manager)
	case regular:
		return k.signedIn(k.member)
	case beginner:
		k.ws = k.empty
		return k.signedIn(k.emptyAdmin)
	case operator:
		return k.signedIn("")
	case watcher:
		t := k.signedIn("")
		t.made("/operator/workspaces/"+k.ws+"/watch", nil)
		return t
	}
	return k.signedIn(k.admin)
}

// widths are a phone's, a tablet's and a desk's.
var widths = []int64{390, 820, 1440}

// inspect looks at one page in every way.
func (t *tab) inspect(s sight) {
	t.Helper()
	name := strings.TrimSpace(s.path + " " + s.what)
	if s.refuse != 0 {
		t.expect(s.refuse)
	}
	t.look(1440, "light")
	t.goTo(s.path)
	if s.do != nil {
		s.do(t)
	}
	t.standsUp(name)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.problems {
		t.Errorf("%s in the browser: %s", name, p)
	}
	t.problems, t.expected = nil, nil
}

// standsUp looks at the page as it stands in every way.
func (t *tab) standsUp(name string) {
	t.Helper()
	say := func(format string, args ...any) { t.Errorf("%s %s", name, fmt.Sprintf(format, args...)) }
	t.look(1440, "light")
	// What can be opened is, of a table's rows the first three.
	t.js(`document.querySelectorAll("details:not(.pop, tr:nth-child(n + 4) details)").forEach((d) => { d.open = true; })`)
	for _, fault := range t.outline() {
		say("%s", fault)
	}
	for _, fault := range t.keys() {
		say("by keyboard: %s", fault)
	}
	t.js(`[document.activeElement?.blur(), ...document.querySelectorAll(".scroll"), window].forEach((e) => e?.scrollTo(0, 0))`) // from the top, as it was opened
	t.bringAxe()
	for _, width := range widths {
		all := axeRules
		if width == 820 {
			all = axePlaced
		}
		for scheme, rules := range map[string]string{"light": all, "dark": axeColours} {
			t.look(width, scheme)
			for _, fault := range t.violations(rules) {
				say("at %d, %s: %s", width, scheme, fault)
			}
		}
		if wide := t.wide(); wide != "" {
			say("scrolls sideways at %d: %s", width, wide)
		}
	}
	t.look(1440, "light")
}
