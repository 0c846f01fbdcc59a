package server_test

import (
	"context"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// hands are a clock that moves when told to.
type hands struct{ us atomic.Int64 }

func clockAt(t time.Time) *hands {
	h := &hands{}
	h.us.Store(t.UnixMicro())
	return h
}

func (h *hands) now() time.Time        { return time.UnixMicro(h.us.Load()).UTC() }
func (h *hands) move(by time.Duration) { h.us.Add(by.Microseconds()) }

// gated runs fn on each engine on a server whose clock moves when told to, which has
// mail in a directory and can seal. fn may change the configuration first.
func gated(t *testing.T, change func(c *server.Config), fn func(w *world, clock *hands)) {
	t.Helper()
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			clock := clockAt(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
			c := server.Config{Database: testdb.Address(t, engine), Clock: clock.now, SecretKeyFile: sealingKey(t)}
			c.Mail.Dir, c.Mail.Base = filepath.Join(t.TempDir(), "mails"), "https://leads.example.com"
			if change != nil {
				change(&c)
			}
			w := openWith(t, c)
			reaches(t, w.server)
			fn(w, clock)
			w.verify()
		})
	}
}

func sealingKey(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret.key")
	if err := os.WriteFile(file, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// visitor is a browser without a screen.
type visitor struct {
	*world
	client *http.Client
	base   string
	agent  string
	from   string // what a proxy says of its address; empty: nothing
	site   string // Sec-Fetch-Site; empty: as an old browser
	status int
	where  string // path and query of the page that came
	page   string // its text, unescaped
	raw    string // the same as it came
	header http.Header
}

func (w *world) visitor() *visitor {
	w.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	base := w.http.URL
	if w.server.Config.PublicURL != "" {
		base = w.server.Config.PublicURL
	}
	return &visitor{world: w, client: &http.Client{Jar: jar, Transport: w.known()}, base: base, agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
}

// publicURL is how the server is reached where it has a name.
const publicURL = "http://leads.localhost"

// known finds the server by its name.
func (w *world) known() http.RoundTripper {
	return &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "leads.localhost:") {
			address = w.http.Listener.Addr().String()
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
}

// signedInAs is a visitor who came by a code.
func (w *world) signedInAs(ws, member string) *visitor {
	w.Helper()
	v := w.visitor()
	v.byCode(ws, member)
	return v
}

func (v *visitor) byCode(ws, member string) {
	v.Helper()
	code, err := v.server.Accounts.CreateCode(ctx, ws, member)
	if err != nil {
		v.Fatal(err)
	}
	v.post("/sign-in/code", "code", code)
}

func (v *visitor) send(method, path string, form url.Values) {
	v.Helper()
	if strings.HasPrefix(path, "/") {
		path = v.base + path
	}
	r, err := http.NewRequestWithContext(ctx, method, path, strings.NewReader(form.Encode()))
	if err != nil {
		v.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("User-Agent", v.agent)
	if v.from != "" {
		r.Header.Set("X-Forwarded-For", v.from)
	}
	if v.site != "" {
		r.Header.Set("Sec-Fetch-Site", v.site)
	}
	answer, err := v.client.Do(r)
	if err != nil {
		v.Fatal(err)
	}
	defer answer.Body.Close()
	v.saysHowLong(answer)
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		v.Fatal(err)
	}
	v.status, v.where, v.page, v.header = answer.StatusCode, answer.Request.URL.RequestURI(), html.UnescapeString(string(text)), answer.Header
	v.raw = string(text)
}

// saysHowLong holds of every answer that a test is given: one that asks for patience says for how long.
func (w *world) saysHowLong(answer *http.Response) {
	w.Helper()
	if status := answer.StatusCode; status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests {
		return
	}
	if wait, err := strconv.Atoi(answer.Header.Get("Retry-After")); err != nil || wait < 1 {
		w.Errorf("%s %s: %d says to wait %q", answer.Request.Method, answer.Request.URL.Path, answer.StatusCode, answer.Header.Get("Retry-After"))
	}
}

func (v *visitor) get(path string) *visitor {
	v.Helper()
	v.send(http.MethodGet, path, nil)
	return v
}

func (v *visitor) post(path string, pairs ...string) *visitor {
	v.Helper()
	form := url.Values{"idempotency_key": {client.NewKey()}}
	for n := 0; n+1 < len(pairs); n += 2 {
		form.Add(pairs[n], pairs[n+1])
	}
	v.send(http.MethodPost, path, form)
	return v
}

// at: the page that came is the one at path.
func (v *visitor) at(path string) {
	v.Helper()
	if got, _, _ := strings.Cut(v.where, "?"); got != path {
		v.Fatalf("came to %s (%d), not %s:\n%s", v.where, v.status, path, v.text())
	}
}

func (v *visitor) has(text string) {
	v.Helper()
	if !strings.Contains(v.text(), text) {
		v.Fatalf("%s (%d) does not say %q:\n%s", v.where, v.status, text, v.text())
	}
}

func (v *visitor) lacks(text string) {
	v.Helper()
	if strings.Contains(v.text(), text) {
		v.Fatalf("%s says %q:\n%s", v.where, text, v.text())
	}
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

// text is what the page's main part says.
func (v *visitor) text() string {
	_, main, found := strings.Cut(v.page, "<main")
	if !found {
		main = v.page
	}
	return spaces.ReplaceAllString(tags.ReplaceAllString(main, " "), " ")
}

// whole is what the page says, its header included.
func (v *visitor) whole() string {
	return spaces.ReplaceAllString(tags.ReplaceAllString(v.page, " "), " ")
}

// in: somebody is signed in here.
func (v *visitor) in() bool {
	v.Helper()
	v.get("/settings/sign-in")
	return v.where == "/settings/sign-in"
}

func (v *visitor) wantIn(want bool) {
	v.Helper()
	if v.in() != want {
		v.Fatalf("signed in: %v, want %v", !want, want)
	}
}

// found is the first part of the page in the pattern's parentheses.
func (v *visitor) found(pattern string) string {
	v.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(v.page)
	if m == nil {
		v.Fatalf("%s has no %s:\n%s", v.where, pattern, v.page)
	}
	return m[1]
}

// mailed waits for the mail to somebody that holds a text, and gives the first part of
// it in the pattern's parentheses.
func (w *world) mailed(to, text, pattern string) (found string) {
	w.Helper()
	find := regexp.MustCompile(pattern)
	w.poll(func() bool {
		if all := w.inMails(to, text, find); len(all) > 0 {
			found = all[len(all)-1] // the newest comes last
		}
		return found != ""
	})
	return found
}

// inMails is what mails to an address with a text have of a pattern.
func (w *world) inMails(to, text string, find *regexp.Regexp) (found []string) {
	w.Helper()
	for _, m := range w.mails() {
		m = strings.ReplaceAll(unfold(m), "=3D", "=")
		if strings.Contains(m, "<"+to+">") && strings.Contains(m, text) {
			if parts := find.FindStringSubmatch(m); parts != nil {
				found = append(found, parts[1])
			}
		}
	}
	return found
}

// links are the sign-in links that were mailed to an address.
func (w *world) links(to string) []string {
	w.Helper()
	return w.inMails(to, "sign-in link", regexp.MustCompile(linkPath))
}

// newMember makes one over the API, without a key.
func (w *world) newMember(ws, email, name, role string) string {
	w.Helper()
	return w.post(w.operator, client.In(ws, "members"), is{"email": email, "name": name, "role": role}, 201)["id"].(string)
}

func principal(ws, member string) account.Principal {
	return account.Principal{Workspace: ws, Member: member}
}

// plainWorkspace is one whose clock is the server's.
func (w *world) plainWorkspace(name string) string {
	w.Helper()
	return w.post(w.operator, "/v1/workspaces", is{"name": name, "plan": "pro", "seats": 5}, 201)["id"].(string)
}

// rows counts what a query over the store's own types finds.
func (w *world) sessions(ws, member string) (list []store.SignIn) {
	w.Helper()
	list, err := w.server.Accounts.Sessions(ctx, ws, member)
	if err != nil {
		w.Fatal(err)
	}
	return list
}
