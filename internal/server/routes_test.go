package server_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// expectations are who may use which route, as a person reviewed it.
func expectations(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/permissions.txt")
	if err != nil {
		t.Fatal(err)
	}
	may, who := map[string]string{}, ""
	heading := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "=="):
			heading = true
		case heading:
			who, heading = line, false
		case may[line] != "":
			t.Fatalf("%s is there twice", line)
		default:
			may[line] = who
		}
	}
	return may
}

// matrix is a server with one of everybody, to ask every route as.
type matrix struct {
	*world
	ws      string
	members map[string]string         // by letter
	keys    map[string]*client.Client // by letter
	pages   map[string]*http.Client   // by letter
}

var placeholder = regexp.MustCompile(`\{[^}]+\}`)

// path fills a pattern in with what there is, and else with what there is not.
func (m *matrix) path(pattern, member string) (method, path string) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		method, path = http.MethodGet, pattern
	}
	if !strings.HasSuffix(path, "/settings") && !strings.HasSuffix(path, "/allocations") {
		member = "none" // who is named is not to be removed
	}
	path = strings.NewReplacer("{ws}", m.ws, "{member}", member, "{$}", "").Replace(path)
	return method, placeholder.ReplaceAllString(path, "none")
}

func newMatrix(w *world) *matrix {
	m := &matrix{world: w, ws: w.workspace("pro", 5, nil), members: map[string]string{}, keys: map[string]*client.Client{}, pages: map[string]*http.Client{}}
	for letter, role := range map[string]string{"a": "admin", "g": "manager", "m": "member"} {
		m.members[letter] = w.post(w.operator, client.In(m.ws, "members"), is{"email": role + "@acme.example", "name": role, "role": role}, 201)["id"].(string)
		k := &walk{world: w, ws: m.ws}
		k.signIn(m.ws, m.members[letter])
		m.pages[letter] = k.pages
	}
	key := func(in is) *client.Client {
		return w.as(w.post(w.operator, client.In(m.ws, "keys"), in, 201)["key"].(string))
	}
	m.keys["o"], m.keys["a"], m.keys["A"] = w.operator, key(is{"role": "admin"}), key(is{"role": "admin", "read_only": true})
	m.keys["g"] = key(is{"role": "member", "member": m.members["g"]})
	m.keys["m"], m.keys["r"] = key(is{"role": "member", "member": m.members["m"]}), key(is{"role": "member", "member": m.members["m"], "read_only": true})
	reader, err := w.server.Accounts.CreateOperatorKey(ctx, "reader", true)
	if err != nil {
		w.Fatal(err)
	}
	m.keys["O"], m.keys["x"] = w.as(reader), w.as(w.connected(m.ws, m.members["a"]).access)
	for _, letter := range []string{"o", "w"} {
		k := &walk{world: w}
		k.signIn("", "")
		m.pages[letter] = k.pages
	}
	m.send(m.pages["w"], http.MethodPost, "/operator/workspaces/"+m.ws+"/watch", "application/x-www-form-urlencoded", nil)
	return m
}

// doors are the sentences with which the permission table refuses.
var doors = regexp.MustCompile(`Only an? (admin|manager)|Only the operator|This key may only read|A browser extension may not|You are looking at this workspace|You may not do this\.`)

// reply is how a request was answered.
type reply struct {
	status int
	where  string
	door   bool // refused by the permission table
	text   string
}

// send sends a request as a browser does.
func (m *matrix) send(c *http.Client, method, path, kind string, body []byte) (a reply) {
	m.Helper()
	r, err := http.NewRequestWithContext(ctx, method, m.http.URL+path, bytes.NewReader(body))
	if err != nil {
		m.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	answer, err := c.Do(r)
	if err != nil {
		m.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	m.saysHowLong(answer)
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		m.Fatalf("%s %s: %v", method, path, err)
	}
	return reply{status: answer.StatusCode, where: answer.Header.Get("Location"), door: answer.StatusCode == 403 && doors.Match(text), text: string(text)}
}

// admittedAPI reports whether a key passes the door of a route.
func (m *matrix) admittedAPI(pattern, letter string) (bool, int) {
	member := m.members["m"]
	if letter == "x" {
		member = m.members["a"]
	}
	if letter == "g" && !strings.HasSuffix(pattern, "/allocations") {
		member = m.members["g"]
	}
	method, path := m.path(pattern, member)
	got := m.send(&http.Client{Transport: bearerOf(m.keys[letter].Key)}, method, path, "application/json", []byte("{}"))
	return got.status != 401 && !got.door, got.status
}

// bearerOf sends a key with every request.
type bearerOf string

func (b bearerOf) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+string(b))
	if r.Method == http.MethodGet {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	return http.DefaultTransport.RoundTrip(r)
}

// admittedPage reports whether a session passes the door of a page.
func (m *matrix) admittedPage(pattern, letter string) (bool, int) {
	method, path := m.path(pattern, m.members["m"])
	if letter == "o" && pattern == "POST /settings/sessions/end-others" {
		return true, 0 // it would end the session of the one who looks
	}
	got := m.send(m.pages[letter], method, path, "application/x-www-form-urlencoded", nil)
	if got.status == 303 && strings.HasPrefix(got.where, "/sign-in") && !strings.HasPrefix(got.where, "/sign-in#code=") || letter == "o" && !strings.Contains(pattern, " /operator") && got.status == 303 && got.where == "/operator" {
		return false, got.status
	}
	return got.status != 401 && !got.door, got.status
}

// Every route of the server lets in who the reviewed list says, and nobody else (A1).
func TestEveryRoutePermits(t *testing.T) {
	start(t, func(w *world) {
		may := expectations(w.T)
		m := newMatrix(w)
		for _, route := range w.server.Routes.Routes() {
			who, known := may[route.Pattern]
			if !known {
				t.Errorf("%s is not in testdata/permissions.txt", route.Pattern)
				continue
			}
			delete(may, route.Pattern)
			if who == "open" {
				continue
			}
			letters, admitted := "owagm", m.admittedPage
			if strings.Contains(route.Pattern, " /v1/") {
				letters, admitted = "oOaAgmrx", m.admittedAPI
			}
			for _, letter := range strings.Split(letters, "") {
				if letter == "w" && (strings.Contains(route.Pattern, " /operator") || strings.Contains(who, "o")) {
					continue // an operator who looks is still the operator there
				}
				if got, status := admitted(route.Pattern, letter); got != strings.Contains(who, letter) {
					t.Errorf("%s as %s: %d, but %q may", route.Pattern, letter, status, who)
				}
			}
			m.strangers(route.Pattern)
		}
		for pattern := range may {
			t.Errorf("%s is in testdata/permissions.txt and no route", pattern)
		}
	})
}

// strangers holds that nobody, and somebody of another workspace, is not let in.
func (m *matrix) strangers(pattern string) {
	m.Helper()
	method, path := m.path(pattern, m.members["m"])
	if !strings.Contains(pattern, " /v1/") {
		c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		if got := m.send(c, method, path, "application/x-www-form-urlencoded", nil); got.status != 303 || !strings.HasPrefix(got.where, "/sign-in") {
			m.Errorf("%s signed out: %d to %q", pattern, got.status, got.where)
		}
		return
	}
	if got := m.send(&http.Client{Transport: bearerOf("")}, method, path, "application/json", []byte("{}")); got.status != 401 {
		m.Errorf("%s without a key: %d", pattern, got.status)
	}
	if strings.Contains(pattern, "{ws}") {
		theirs := m.workspaceOnce("theirs")
		if got := m.send(&http.Client{Transport: bearerOf(theirs)}, method, path, "application/json", []byte("{}")); got.status != 404 {
			m.Errorf("%s as an admin of another workspace: %d", pattern, got.status)
		}
	}
}

// workspaceOnce is an admin's key of another workspace.
func (m *matrix) workspaceOnce(letter string) string {
	if m.keys[letter] == nil {
		ws := m.workspace("pro", 1, nil)
		m.keys[letter] = m.as(m.post(m.operator, client.In(ws, "keys"), is{"role": "admin"}, 201)["key"].(string))
	}
	return m.keys[letter].Key
}

// pageRoutes are the forms, read from the table of routes.
func pageRoutes(w *world) (list []string) {
	for _, route := range w.server.Routes.Routes() {
		if strings.HasPrefix(route.Pattern, "POST /") && !strings.HasPrefix(route.Pattern, "POST /v1/") && !strings.HasPrefix(route.Pattern, "POST /callbacks/") {
			list = append(list, route.Pattern)
		}
	}
	return list
}

// What the API and its exports answer is kept by no cache and read as nothing else.
func TestAnswersAreKeptByNobody(t *testing.T) {
	start(t, func(w *world) {
		m := newMatrix(w)
		for _, route := range w.server.Routes.Routes() {
			if !strings.HasPrefix(route.Pattern, "GET ") || strings.Contains(route.Pattern, "/static/") {
				continue
			}
			_, path := m.path(route.Pattern, m.members["m"])
			for _, c := range m.everybody(route.Pattern) {
				answer, err := c.Get(w.http.URL + path)
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				if answer.Header.Get("X-Content-Type-Options") != "nosniff" || answer.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s: %v", route.Pattern, answer.Header)
				}
			}
		}
	})
}
