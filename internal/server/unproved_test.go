package server_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// rowsOf is every row of every table, as text.
func (w *world) rowsOf() map[string][]string {
	w.Helper()
	engine, address, tables := "pgx", w.server.Config.Database, `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		engine, address, tables = "sqlite", file, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	}
	db, err := sql.Open(engine, address)
	if err != nil {
		w.Fatal(err)
	}
	defer db.Close()
	all := map[string][]string{}
	for _, table := range w.column(db, tables) {
		all[table] = w.column(db, `SELECT * FROM `+table)
		slices.Sort(all[table])
	}
	if len(all) < 30 {
		w.Fatalf("%d tables were found", len(all))
	}
	return all
}

// column is each row of a query as one text.
func (w *world) column(db *sql.DB, query string) (list []string) {
	w.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		w.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		w.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for n := range values {
			into[n] = &values[n]
		}
		if err := rows.Scan(into...); err != nil {
			w.Fatal(err)
		}
		text := fmt.Sprint(values...)
		if len(values) == 1 {
			text = fmt.Sprint(values[0])
		}
		list = append(list, text)
	}
	if err := rows.Err(); err != nil {
		w.Fatal(err)
	}
	return list
}

// wrote are the tables that a function changed.
func (w *world) wrote(do func()) (changed []string) {
	w.Helper()
	before := w.rowsOf()
	do()
	for table, rows := range w.rowsOf() {
		if !slices.Equal(rows, before[table]) {
			changed = append(changed, fmt.Sprintf("%s (%d rows, were %d)", table, len(rows), len(before[table])))
		}
	}
	return changed
}

// webRoutes are all pages and forms, read from the table of routes.
func webRoutes(w *world) (routes []string) {
	for _, route := range w.server.Routes.Routes() {
		if method, path, ok := strings.Cut(route.Pattern, " "); ok && !strings.HasPrefix(path, "/v1/") && (method == http.MethodGet || method == http.MethodPost) {
			routes = append(routes, route.Pattern)
		}
	}
	return routes
}

var part = regexp.MustCompile(`\{[^}]*\}`)

// A visitor who proved nothing writes nothing: no request of every page, form and operation,
// with good and broken cookies, inserts, changes or deletes a row. What is written before a
// proof are the connections of extensions and links for known addresses, alone.
func TestNothingIsWrittenBeforeAProof(t *testing.T) {
	vouched(t, nil, func(w *world, i *issuer, _ *hands) {
		ws := w.plainWorkspace("Acme")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		w.signedInAs(ws, mel).post("/settings/password", "password", password)
		operations := w.get(w.operator, "/openapi.json")["paths"].(is)
		i.set(func() { i.refuse = "access_denied" }) // or what it says would be a proof
		w.poll(func() bool {                         // mails and events that are still under way
			waiting, _, err := w.server.Outbox.Counts(ctx)
			return err == nil && waiting[store.EffectWaiting] == 0
		})
		garbage := url.Values{"idempotency_key": {"k"}, "email": {"nobody@acme.example"}, "password": {"a wrong password"}, "code": {"123456"}, "token": {"abc_def"}, "id": {"ext_none"},
			"membership": {ws + "/" + mel}, "answer": {"approve"}, "next": {"/usage"}, "current": {"x"}}
		fresh, returning, forged := w.visitor(), w.visitor(), w.visitor()
		home, err := url.Parse(forged.base)
		if err != nil {
			t.Fatal(err)
		}
		forged.client.Jar.SetCookies(home, []*http.Cookie{{Name: "leadmeter", Value: "forged"}, {Name: "leadmeter-before", Value: "seal1.forged"}, {Name: "leadmeter-known", Value: "x"}})
		for _, route := range webRoutes(w) {
			method, path, _ := strings.Cut(route, " ")
			path = part.ReplaceAllString(strings.NewReplacer("{$}", "", "{issuer}", "okta").Replace(path), "x")
			if changed := w.wrote(func() {
				fresh = w.visitor()
				for _, v := range []*visitor{fresh, returning, forged} {
					if method == http.MethodPost {
						v.send(method, path, garbage)
					} else {
						v.get(path + "?next=/usage&token=abc_def&id=ext_none&code=1&state=2")
					}
				}
			}); len(changed) > 0 {
				t.Errorf("%s writes %v", route, changed)
			}
		}
		if changed := w.wrote(func() {
			for path, methods := range operations {
				for method, op := range methods.(is) {
					if op.(is)["operationId"] == "begin-extension" {
						continue
					}
					w.ask("", strings.ToUpper(method), part.ReplaceAllString(path, "ws_x"), is{"verifier": "x", "refresh_token": "lmr_x_y"})
				}
			}
			returning.post("/sign-in", "email", "mel@acme.example", "password", "a wrong password")
			time.Sleep(200 * time.Millisecond) // links are looked up after the answer; that nothing comes of it has no end to wait for
		}); len(changed) > 0 {
			t.Errorf("an operation, or a wrong password, writes %v", changed)
		}
		// A known address is mailed; the browser still has no session.
		changed := w.wrote(func() {
			returning.ask("mel@acme.example")
			w.newest("mel@acme.example")
		})
		for _, table := range changed {
			if name, _, _ := strings.Cut(table, " "); name != "mail_links" && name != "outbox" && name != "effects" {
				t.Errorf("asking for a link writes %s", table)
			}
		}
		if len(changed) == 0 {
			t.Error("asking for a link wrote nothing: this test sees no writes")
		}
	})
}

// What is kept before a proof is sealed: nobody reads or makes it, it is over after an hour,
// and it never grows past what a browser keeps.
func TestCookiesBeforeAProof(t *testing.T) {
	vouched(t, nil, func(w *world, i *issuer, clock *hands) {
		ws := w.plainWorkspace("Acme")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		v := w.visitor()
		home, err := url.Parse(v.base)
		if err != nil {
			t.Fatal(err)
		}
		kept := func(name string) string {
			for _, c := range v.client.Jar.Cookies(home) {
				if c.Name == name {
					return c.Value
				}
			}
			return ""
		}
		v.post("/sign-in/link", "email", "mel@acme.example", "next", "/usage?"+strings.Repeat("a=%26&", 200))
		if got := kept("leadmeter-before"); got == "" || len(got) > 3500 || strings.Contains(got, "usage") {
			t.Errorf("the cookie has %d bytes: %s", len(got), got)
		}
		link := w.newest("mel@acme.example")
		v.get(link).has("You asked for this link in this browser.")
		// One character changed is no cookie of ours.
		was := kept("leadmeter-before")
		v.client.Jar.SetCookies(home, []*http.Cookie{{Name: "leadmeter-before", Value: was[:len(was)-1] + "_", Path: "/"}})
		v.get(link).has("Open it where you asked")
		v.client.Jar.SetCookies(home, []*http.Cookie{{Name: "leadmeter-before", Value: was, Path: "/"}})
		v.post("/sign-in/link/use", "token", token(link)).at("/usage")
		if kept("leadmeter-before") != "" {
			t.Error("what was kept on the way in is kept once in")
		}
		// Where to go is over after an hour, as is everything else.
		w.same("sessions", len(w.sessions(ws, mel)), 1)
		other := w.visitor()
		other.get("/sign-in/with/okta?next=/usage").at("/usage")
		third := w.visitor()
		third.post("/sign-in/link", "email", "mel@acme.example", "next", "/usage")
		clock.move(61 * time.Minute)
		third.get(w.newest("mel@acme.example")).has("This link is over")
	})
}

// What one server sealed another on the same database reads.
func TestServersShareTheirCookies(t *testing.T) {
	address := testdb.Address(t, "postgres")
	here, there := open(t, address), open(t, address)
	v := here.visitor()
	stop := *v.client
	stop.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := stop.Get(v.base + "/sign-in/second")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	v.base = there.http.URL // cookies do not know ports
	v.get("/sign-in").has("That took too long. Start again.")
	v.get("/sign-in").lacks("That took too long.")
	// Another database's server does not.
	answer, err = stop.Get(here.http.URL + "/sign-in/second")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	v.base = open(t, testdb.Address(t, "postgres")).http.URL
	v.get("/sign-in").lacks("That took too long.")
}
