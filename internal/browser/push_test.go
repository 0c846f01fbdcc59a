package browser_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/server"
)

// receiver is a program of the customer's that takes signed leads.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	signed int
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies = append(r.bodies, string(body))
		if strings.HasPrefix(q.Header.Get("Webhook-Signature"), "v1,") {
			r.signed++
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// got waits for a message with a text.
func (r *receiver) got(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) { // another goroutine's work, bounded
		r.mu.Lock()
		all := strings.Join(r.bodies, "")
		r.mu.Unlock()
		if strings.Contains(all, text) {
			return
		}
	}
	t.Fatalf("no message has %q", text)
}

// An admin connects a program, pushes a list to it for nothing, sees what came of it
// and ends the connection. A wrong address is refused where it was typed.
func TestPushPage(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	w := startWith(t, "pro", func(c *server.Config) { c.SecretKeyFile, c.WebhooksPrivate = key, true })
	working, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); w.server.Outbox.Work(working) }()
	t.Cleanup(func() { stop(); <-done })
	crm := newReceiver(t)
	tab := w.signedIn(w.admin)
	tab.expect(http.StatusUnprocessableEntity)
	tab.goTo("/settings")
	tab.follow(`a[href="/settings/push"]`)
	tab.has("section[aria-labelledby=push-title]", "Connect a program below first.")
	const connect = `form[action="/settings/push/webhook"] button`
	tab.fill("#webhook-address", "no address")
	tab.follow(connect)
	tab.has("#webhook-problem", "Address")
	if got := tab.js(`document.querySelector("#webhook-address").value`); got != "no address" {
		t.Errorf("what was typed is now %q", got)
	}
	tab.fill("#webhook-address", crm.URL+"/leads")
	tab.follow(connect)
	secret := tab.js(`document.querySelector("#push-secret").value`)
	if !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("the secret reads %q", secret)
	}
	tab.goTo("/settings/push")
	if tab.js(`document.body.innerHTML.includes("whsec_")`) == "true" {
		t.Error("the secret is shown again")
	}
	tab.has("section[aria-labelledby=push-title]", "There is no list yet.")
	for _, who := range []string{"ada-byron", "mary-orbit"} {
		tab.made("/capture", map[string][]string{"who": {"https://www.linkedin.com/in/" + who}, "action": {"capture"}, "from": {"capture"}, "fields": {"work_email"}, "list": {"Fair"}})
	}
	used := w.used("standard")
	tab.goTo("/settings/push")
	tab.has(`form[action="/settings/push"] button`, "Push · free")
	tab.follow(`form[action="/settings/push"] button`)
	tab.has("#notices", "The push has begun")
	for tab.js(`document.querySelector("section[aria-labelledby=pushes-title]").innerText.includes("done")`) != "true" {
		tab.goTo("/settings/push") // as a person reloads; the tab's own time bounds it
	}
	tab.has("section[aria-labelledby=pushes-title] tr", "Webhook done sent 2")
	crm.mu.Lock()
	if all := strings.Join(crm.bodies, ""); crm.signed == 0 || !strings.Contains(all, "ada@engines.example") {
		t.Errorf("%d signed messages came: %q", crm.signed, all)
	}
	crm.mu.Unlock()
	if now := w.used("standard"); now != used {
		t.Errorf("pushing used %s, before it was %s", now, used)
	}
	tab.follow(`form[action="/settings/push/webhook/end"] button`)
	if !strings.Contains(tab.asked(), "End the connection to Webhook?") {
		t.Errorf("asked %q", tab.asked())
	}
	tab.has("#notices", "Disconnected. Its token is forgotten.")

	mel := w.signedIn(w.member)
	mel.expect(http.StatusForbidden)
	mel.goTo("/settings/push")
	mel.has("h1", "You may not do this")
	for _, path := range []string{"/settings/push", "/settings/push/webhook", "/settings/push/webhook/end"} {
		if got := mel.post(path, "to=webhook&list=Fair&address=https://example.com").StatusCode; got != http.StatusForbidden {
			t.Errorf("POST %s by a member is answered with %d", path, got)
		}
	}
}

// Without a key to keep tokens with, the page says who sets it, and connects nothing.
func TestPushWithoutAKey(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.expect(http.StatusUnprocessableEntity)
	tab.goTo("/settings/push")
	tab.has(".notice.warning", "The operator sets secret_key_file first (how).")
	tab.fill("#hubspot-token", "pat-1")
	tab.follow(`form[action="/settings/push/hubspot"] button`)
	tab.has("#hubspot-problem", "This server has no secret key to keep tokens with.")
	if tab.js(`document.documentElement.outerHTML.includes("pat-1")`) == "true" {
		t.Error("the token came back with the page")
	}
}
