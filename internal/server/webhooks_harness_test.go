package server_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// message is what a receiver got.
type message struct {
	id, event string
	body      []byte
	header    http.Header
	data      is
}

// endpoint is a customer's software that hears webhooks.
type endpoint struct {
	*httptest.Server
	mu     sync.Mutex
	got    []message
	status int
	header http.Header
}

func listen(t *testing.T) *endpoint {
	e := &endpoint{status: 200, header: http.Header{}}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		m := message{id: r.Header.Get("webhook-id"), body: body, header: r.Header.Clone()}
		var what struct {
			Type string
			Data is
		}
		_ = json.Unmarshal(body, &what)
		m.event, m.data = what.Type, what.Data
		e.mu.Lock()
		e.got = append(e.got, m)
		status := e.status
		for k, v := range e.header {
			w.Header()[k] = v
		}
		e.mu.Unlock()
		w.WriteHeader(status)
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) all() []message {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.got)
}

func (e *endpoint) answer(status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status = status
}

// wait waits for n messages of an event.
func (w *world) wait(e *endpoint, event string, n int) []message {
	w.Helper()
	var list []message
	w.poll(func() bool {
		list = nil
		for _, m := range e.all() {
			if event == "" || m.event == event {
				list = append(list, m)
			}
		}
		return len(list) >= n
	})
	return list
}

// poll waits until something is so.
func (w *world) poll(good func() bool) {
	w.Helper()
	for deadline := time.Now().Add(20 * time.Second); !good(); {
		if time.Now().After(deadline) {
			w.Fatal("it never came to that")
		}
		time.Sleep(5 * time.Millisecond) // other goroutines' work in the database; bounded above
	}
}

// reaches lets a server send what leaves it, until the test ends or it is stopped.
func reaches(t *testing.T, s *server.Server) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, work := range s.Senders() {
		running.Go(func() { work(ctx) })
	}
	stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	t.Cleanup(stop)
	return stop
}

// reachable runs fn on each engine with webhooks to this machine and mails in a directory.
func reachable(t *testing.T, c server.Config, fn func(w *world)) {
	t.Helper()
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			c := c
			c.Database, c.WebhooksPrivate = testdb.Address(t, engine), true
			c.Mail = mail.Config{Dir: filepath.Join(t.TempDir(), "mails"), Base: "https://leads.example.com"}
			w := openWith(t, c)
			fn(w)
			w.verify()
		})
	}
}

// mails are those that the server wrote, as text.
func (w *world) mails() (list []string) {
	w.Helper()
	files, _ := filepath.Glob(filepath.Join(w.server.Config.Mail.Dir, "*.eml"))
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			w.Fatal(err)
		}
		list = append(list, string(text))
	}
	return list
}

func (w *world) hook(ws, url string, events ...string) (id, secret string) {
	w.Helper()
	out := w.post(w.operator, client.In(ws, "webhooks"), is{"url": url, "events": events}, 201)
	return out["id"].(string), out["secret"].(string)
}

// allSent reports whether everything for an endpoint was sent.
func (w *world) allSent(ws, hook string) bool {
	w.Helper()
	list := w.effects(ws, hook)
	return len(list) > 0 && !slices.ContainsFunc(list, func(e store.Effect) bool { return e.Status != store.EffectSent })
}

func (w *world) effects(ws, target string) (list []store.Effect) {
	w.Helper()
	if err := w.server.Store.View(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.Effects().OfTarget(ws, target, "", 10_000)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return list
}

type lockedWriter struct {
	mu *sync.Mutex
	to io.Writer
}

func (l lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(b)
}

// machineClock is a machine's clock that moves when told to.
type machineClock struct {
	mu  sync.Mutex
	now time.Time
}

func newMachineClock() *machineClock { return &machineClock{now: time.Now()} }

func (c *machineClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *machineClock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
