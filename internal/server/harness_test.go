package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

func TestMain(m *testing.M) {
	if os.Getenv(bulkChild) != "" {
		os.Exit(runBulkChild())
	}
	if os.Getenv(captureChild) != "" {
		os.Exit(runCaptureChild())
	}
	if os.Getenv(halvesChild) != "" {
		os.Exit(runHalvesChild())
	}
	os.Exit(testdb.CheckedMain(m))
}

var ctx = context.Background()

// world is a running server on an empty database, its operator, and a clock that
// moves when told to.
type world struct {
	*testing.T
	server   *server.Server
	http     *httptest.Server
	operator *client.Client
	clock    string
	now      time.Time
}

// start runs fn against a server on each engine. When fn is done the ledger must
// add up.
func start(t *testing.T, fn func(w *world)) {
	t.Helper()
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			w := open(t, testdb.Address(t, engine))
			fn(w)
			w.verify()
		})
	}
}

func open(t *testing.T, address string) *world {
	t.Helper()
	return openWith(t, server.Config{Database: address})
}

func openWith(t *testing.T, c server.Config) *world {
	t.Helper()
	s, err := server.Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewUnstartedServer(nil)
	h.Config = s.Routes.Server(s.Handler) // what Serve runs
	h.Start()
	t.Cleanup(func() {
		h.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	key, err := s.Accounts.CreateOperatorKey(ctx, "test", false)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, server: s, http: h, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	w.operator = w.as(key)
	return w
}

func (w *world) as(key string) *client.Client {
	return &client.Client{Server: w.http.URL, Key: key, HTTP: w.http.Client()}
}

func (w *world) verify() {
	w.Helper()
	if _, err := w.server.Ledger.Verify(ctx, func(d credits.Difference) { w.Errorf("verify: %s", d) }); err != nil {
		w.Fatal(err)
	}
}

// is any JSON object.
type is = map[string]any

// call sends a request that must be answered with the status.
func (w *world) call(c *client.Client, method, path string, in any, status int) is {
	w.Helper()
	return w.callOnce(c, method, path, "", in, status)
}

func (w *world) callOnce(c *client.Client, method, path, key string, in any, status int) is {
	w.Helper()
	out := is{}
	var raw []byte
	_, err := c.Do(ctx, method, path, key, in, &raw)
	got := 0
	if err == nil {
		if len(raw) > 0 {
			decode(w.T, raw, &out)
		}
		if status >= 400 {
			w.Fatalf("%s %s was answered with %v, not %d", method, path, out, status)
		}
		return out
	}
	if p, ok := err.(*client.Problem); ok {
		got = p.Status
		out = is{"code": p.Code, "detail": p.Detail, "limited_by": p.LimitedBy, "credit": p.Credit, "errors": p.Errors, "problem": p}
	}
	if got != status {
		w.Fatalf("%s %s: %v (%d), want %d", method, path, err, got, status)
	}
	return out
}

// raw is an answer to the operator's POST as it was written.
func (w *world) raw(path string, in any) string {
	w.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		w.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.http.URL+path, bytes.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.operator.Key)
	r.Header.Set("Content-Type", "application/json")
	answer, err := w.http.Client().Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}

func (w *world) post(c *client.Client, path string, in any, status int) is {
	w.Helper()
	return w.call(c, http.MethodPost, path, in, status)
}

func (w *world) get(c *client.Client, path string) is {
	w.Helper()
	return w.call(c, http.MethodGet, path, nil, 200)
}

// workspace makes one on the test clock.
func (w *world) workspace(plan string, seats int, more is) string {
	w.Helper()
	if w.clock == "" {
		w.clock = w.post(w.operator, "/v1/test-clocks", is{"now": w.now}, 201)["id"].(string)
	}
	body := is{"name": "Acme " + plan, "plan": plan, "seats": seats, "test_clock": w.clock}
	for k, v := range more {
		body[k] = v
	}
	return w.post(w.operator, "/v1/workspaces", body, 201)["id"].(string)
}

// advance moves the clock on.
func (w *world) advance(to time.Time) {
	w.Helper()
	w.now = to
	w.post(w.operator, "/v1/test-clocks/"+w.clock+"/advance", is{"to": to}, 200)
}

// member adds one and returns its id and a client with its key.
func (w *world) member(ws, name string) (string, *client.Client) {
	w.Helper()
	m := w.post(w.operator, client.In(ws, "members"), is{"email": strings.ToLower(name) + "@acme.example", "name": name, "role": "member"}, 201)["id"].(string)
	key := w.post(w.operator, client.In(ws, "keys"), is{"name": name, "role": "member", "member": m}, 201)["key"].(string)
	return m, w.as(key)
}

// load imports a file and waits until it is in.
func (w *world) load(kind, text string) is {
	w.Helper()
	id := w.post(w.operator, "/v1/directory/imports", client.File{Type: kind, Content: strings.NewReader(text)}, 202)["id"].(string)
	for {
		state := w.get(w.operator, "/v1/directory/imports/"+id)
		if state["status"] != "running" {
			return state
		}
		if err := ctx.Err(); err != nil {
			w.Fatal(err)
		}
	}
}

// available is what is left of a credit type, as JSON has it.
func (w *world) credit(ws, credit string) is {
	w.Helper()
	return w.get(w.operator, client.In(ws, "balance"))["credits"].(is)[credit].(is)
}

func (w *world) same(what string, got, want any) {
	w.Helper()
	if g, ok := got.(int); ok {
		got = float64(g)
	}
	if g, ok := want.(int); ok {
		want = float64(g)
	}
	if got != want {
		w.Fatalf("%s is %v, want %v", what, got, want)
	}
}
