package server_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// failsWithin is how soon a write that needs a node that is gone is refused.
const failsWithin = 3 * time.Second

// While a worker is gone, what the coordinator has is written: people are imported, and the extension
// of a member whose workspace answers is connected and renewed. What every node has is refused soon,
// with nothing done.
func TestWritesWhileANodeIsGone(t *testing.T) {
	harm := testdb.Faults(t)
	address := ""
	gated(t, func(c *server.Config) { address = c.Database }, func(w *world, clock *hands) {
		if w.server.Store.Engine() != "postgres" {
			return
		}
		healthy, _, node := w.onTwoNodes(address)
		mel := w.newMember(healthy, "mel@acme.example", "Mel", "member")
		x := w.begin()
		if err := x.decide(healthy, mel, true); err != nil {
			w.Fatal(err)
		}
		x.fetch(x.verifier, 200)
		for n, fault := range []string{"kill", "freeze", "cut"} {
			w.Log(fault)
			v := w.signedInAs(healthy, mel)
			harm(fault, node)
			w.importsMeanwhile(healthy, fault, n)
			x.connectsMeanwhile(healthy, mel)
			email := fmt.Sprint("new", n, "@acme.example")
			w.refusedSoon("a new member", func() (int, string) {
				err := w.addMember(healthy, email)
				if p, is := err.(*client.Problem); is && p.RetryAfter > 0 {
					return p.Status, p.Detail
				}
				return 0, fmt.Sprint(err)
			})
			next := fmt.Sprint("a long new password ", n)
			w.refusedSoon("a new password", func() (int, string) {
				v.post("/settings/password", "password", next)
				return v.status, v.text()
			})
			harm("back", node)
			w.poll(func() bool { return w.addMember(healthy, email) == nil }) // with the key that was refused
			w.same("members", len(w.get(w.operator, client.In(healthy, "members"))["data"].([]any)), n+2)
			if _, err := w.server.SignIn.ByPassword(ctx, "mel@acme.example", next); err == nil {
				w.Error("the password that was refused signs in")
			}
			v.post("/settings/password", "password", next).has("The password is set.")
			if _, err := w.server.SignIn.ByPassword(ctx, "mel@acme.example", next); err != nil {
				w.Error(err)
			}
		}
	})
}

// A server starts while a worker is gone, and serves the workspaces of the other.
func TestServerStartsWhileANodeIsGone(t *testing.T) {
	w := openApart(t)
	for _, fault := range []string{"kill", "freeze", "cut"} {
		w.harm(fault, w.node)
		began := time.Now()
		c, stop := w.another(server.Config{Database: w.address})
		w.charged(c, w.healthy, 402)
		t.Logf("%s: charged %v after the start", fault, time.Since(began).Round(time.Millisecond))
		if took := time.Since(began); took > 12*time.Second {
			t.Errorf("the server started in %v", took)
		}
		w.charged(c, w.gone, 503)
		w.harm("back", w.node)
		w.poll(func() bool { return w.statusOf(c, w.gone) == 402 })
		stop()
	}
}

// another starts one more server, as the command does.
func (w *world) another(c server.Config) (operator *client.Client, stop func()) {
	w.Helper()
	s, err := server.Open(ctx, c)
	if err != nil {
		w.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	serving, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(serving, l) }()
	return &client.Client{Server: "http://" + l.Addr().String(), Key: w.operator.Key, HTTP: &http.Client{}}, func() {
		end()
		if err := errors.Join(<-ended, s.Close()); err != nil {
			w.Error(err)
		}
	}
}

// statusOf is what a charge is answered that a workspace has no credits for.
func (w *world) statusOf(c *client.Client, ws string) int {
	_, err := c.Do(ctx, http.MethodPost, client.In(ws, "charges"), "", is{"credit": "premium", "amount": 1_000_000}, nil)
	if p, is := err.(*client.Problem); is {
		return p.Status
	}
	w.Error(err)
	return 0
}

func (w *world) charged(c *client.Client, ws string, want int) {
	w.Helper()
	w.same("the charge of "+ws, w.statusOf(c, ws), want)
}

// addMember adds one with a key of its own.
func (w *world) addMember(ws, email string) error {
	_, err := w.operator.Do(ctx, http.MethodPost, client.In(ws, "members"), "add "+email, is{"email": email, "name": "New", "role": "member"}, nil)
	return err
}

// An import that joins known people changes rows on every node: it waits while one is gone, and is
// done when it is back.
func TestImportWaitsForANode(t *testing.T) {
	w := openApart(t)
	w.imported("full_name,email,linkedin_url\nAnn Lee,ann@acme.example,\nAnn Lee,,linkedin.com/in/annlee\n", "crm")
	w.harm("kill", w.node)
	_, stop := w.another(server.Config{Database: w.address, ImportDir: w.server.Directory.Spools}) // what continues imports
	defer stop()
	file := client.File{Type: "text/csv", Content: strings.NewReader("full_name,email,linkedin_url\nAnn Lee,ann@acme.example,linkedin.com/in/annlee\nBo Ray,bo@acme.example,\n")}
	path := "/v1/directory/imports/" + w.post(w.operator, "/v1/directory/imports?source=crm", file, 202)["id"].(string)
	time.Sleep(30 * time.Second) // longer than a busy database is tried again
	w.same("the import's status while a node is gone", w.get(w.operator, path)["status"], "running")
	w.harm("back", w.node)
	for began := time.Now(); w.get(w.operator, path)["status"] == "running" && time.Since(began) < time.Minute; {
		time.Sleep(100 * time.Millisecond)
	}
	r := w.get(w.operator, path)
	if r["status"] != "done" || r["joined"] != 1.0 || r["added"] != 1.0 {
		t.Errorf("the import came to %v", r)
	}
}

// apart is a server on a Citus with a workspace on each of two nodes.
type apart struct {
	*world
	address, healthy, gone string
	node                   string // of the workspace that will be gone
	harm                   func(what, node string)
}

func openApart(t *testing.T) *apart {
	harm := testdb.Faults(t) // skips where no Citus is named
	address := testdb.Address(t, "postgres")
	w := open(t, address)
	healthy, gone, node := w.onTwoNodes(address)
	return &apart{w, address, healthy, gone, node, harm}
}

// onTwoNodes makes two workspaces that are on different nodes, and says on which the second is.
func (w *world) onTwoNodes(address string) (healthy, gone, node string) {
	w.Helper()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		w.Fatal(err)
	}
	defer conn.Close(ctx)
	healthy = w.plainWorkspace("Healthy")
	for node == "" || node == w.nodeOf(conn, healthy) {
		gone = w.plainWorkspace("Gone")
		node = w.nodeOf(conn, gone)
	}
	return healthy, gone, node
}

// importsMeanwhile adds two people, brings one up to date, and captures that one.
func (w *world) importsMeanwhile(ws, fault string, n int) {
	w.Helper()
	began := time.Now()
	file := func(title string) string {
		return fmt.Sprintf("full_name,email,title\nAnn %[1]s,ann%[2]d@acme.example,%[3]s\nBo %[1]s,bo%[2]d@acme.example,Buyer\n", fault, n, title)
	}
	for i, title := range []string{"Engineer", "Director"} {
		r := w.imported(file(title), "crm")
		want := map[string]float64{"added": 2, "updated": 0}
		if i == 1 {
			want = map[string]float64{"added": 0, "updated": 1}
		}
		if r["status"] != "done" || r["added"] != want["added"] || r["updated"] != want["updated"] {
			w.Errorf("%s: the import came to %v", fault, r)
		}
	}
	w.Logf("two imports took %v", time.Since(began).Round(time.Millisecond))
	captured := w.post(w.operator, client.In(ws, "captures"), is{"person": is{"email": fmt.Sprintf("ann%d@acme.example", n)}, "fields": []string{"work_email"}}, 200)
	w.same("the title of who was captured", captured["person"].(is)["title"], "Director")
}

// connectsMeanwhile renews an extension's tokens, and connects another extension and ends it.
func (x *extension) connectsMeanwhile(ws, member string) {
	x.Helper()
	began := time.Now()
	x.renew(x.refresh, 200)
	y := x.begin()
	if err := y.decide(ws, member, true); err != nil {
		x.Fatal(err)
	}
	y.fetch(y.verifier, 200)
	if status, out := x.ask(y.access, "DELETE", "/v1/extension/connections/"+y.id, nil); status != 204 {
		x.Errorf("the new extension ended itself with %d %v", status, out)
	}
	x.Logf("extensions took %v", time.Since(began).Round(time.Millisecond))
}

// refusedSoon expects 503 and that nothing was changed.
func (w *world) refusedSoon(what string, try func() (status int, text string)) {
	w.Helper()
	began := time.Now()
	status, text := try()
	if took := time.Since(began); status != 503 || took > failsWithin || !strings.Contains(text, "A part of the database cannot be reached; nothing was changed.") {
		w.Errorf("%s: %d after %v: %s", what, status, took, text)
	}
}
