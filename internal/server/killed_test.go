package server_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// captureChild tells the test binary that it is a server until it is killed; it
// holds the database's address and, after a space, the source's.
const captureChild = "LEADMETER_CAPTURE_CHILD"

func runCaptureChild() int {
	database, source, _ := strings.Cut(os.Getenv(captureChild), " ")
	u := &upstream{Server: &httptest.Server{URL: source}}
	s, err := server.Open(ctx, server.Config{Database: database, Sources: u.settings()})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("http://" + l.Addr().String())
	fmt.Println(http.Serve(l, s.Handler)) //nolint:gosec // a test's
	return 1
}

// child is a server of its own process.
type child struct {
	cmd *exec.Cmd
	url string
}

func startChild(t *testing.T, database, source string) *child {
	t.Helper()
	c := &child{cmd: exec.Command(os.Args[0], "-test.run=^$")}
	c.cmd.Env = append(os.Environ(), captureChild+"="+database+" "+source)
	c.cmd.Stderr = os.Stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if c.url = strings.TrimSpace(line); err != nil || !strings.HasPrefix(c.url, "http://") {
		t.Fatalf("the child does not start: %q %v", line, err)
	}
	return c
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// slowSource finds everybody, each after a moment; asked is called for each question.
func slowSource(t *testing.T, asked func()) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct{ Profile string }
		_ = json.NewDecoder(r.Body).Decode(&q)
		who, _ := strconv.Atoi(q.Profile[strings.LastIndex(q.Profile, "-")+1:])
		asked()
		time.Sleep(time.Duration(rand.IntN(15)) * time.Millisecond) // sources take their time
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"state":"done","name":"Person %d","profile":"https://linkedin.com/in/killed-%d","mobile":"+1917250%04d","private":"p%d@mail.example"}`, who, who, who, who)
	}))
	t.Cleanup(s.Close)
	return s
}

// A server that is killed at any moment of a capture that asks a source, between its
// hold and its settlement above all: asked again with the same key, each is charged
// exactly once, what was acknowledged stays as it was, and nothing stays held for
// ever (rules C8, C9).
func TestCaptureKilled(t *testing.T) {
	const atOnce = 6 // captures under way when the server is killed
	rounds := 10
	if testing.Short() {
		rounds = 3
	}
	for engine, window := range map[string]int{"sqlite": 40, "postgres": 600} { // milliseconds in which such captures end
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			var asks atomic.Int32
			var silent sync.RWMutex // locked, the source says nothing
			source := slowSource(t, func() {
				asks.Add(1)
				silent.RLock()
				defer silent.RUnlock()
			})
			address := testdb.Address(t, engine)
			w := openWith(t, server.Config{Database: address, Sources: (&upstream{Server: source}).settings()})
			ws := w.workspace("enterprise", 20, nil)
			bodyOf := func(n int) is {
				return is{"person": is{"linkedin_url": fmt.Sprintf("https://linkedin.com/in/killed-%d", n)}, "fields": []string{"mobile_phone", "personal_email"}}
			}
			acknowledged, left, before := map[int]string{}, 0, 0.0
			for round := range rounds {
				c := startChild(t, address, source.URL)
				asks.Store(0)
				if round%2 == 0 {
					silent.Lock()
				}
				var all sync.WaitGroup
				var mu sync.Mutex
				for k := range atOnce {
					n := round*atOnce + k
					all.Go(func() {
						var out is
						by := &client.Client{Server: c.url, Key: w.operator.Key, HTTP: &http.Client{}}
						if _, err := by.Do(ctx, http.MethodPost, client.In(ws, "captures"), fmt.Sprintf("kill-%d", n), bodyOf(n), &out); err == nil {
							mu.Lock()
							acknowledged[n] = out["id"].(string)
							mu.Unlock()
						}
					})
				}
				for begun := time.Now(); asks.Load() == 0; time.Sleep(time.Millisecond) { // until there are holds
					if time.Since(begun) > time.Minute {
						t.Fatal("the source is not asked")
					}
				}
				if round%2 == 1 {
					time.Sleep(time.Duration(rand.IntN(window)) * time.Millisecond) // any moment
				}
				c.kill()
				if round%2 == 0 {
					silent.Unlock()
				}
				all.Wait()
				if held := w.credit(ws, "premium")["held"].(float64); held > before {
					left, before = left+1, held
				}
			}
			t.Logf("%d of %d captures were acknowledged before the server was killed; %d of %d times it left something held", len(acknowledged), rounds*atOnce, left, rounds)
			if left < rounds/2 {
				t.Error("no capture was killed between its hold and its settlement")
			}
			w.advance(w.now.Add(time.Hour))
			w.same("premium held an hour later", w.credit(ws, "premium")["held"], 0)
			w.same("standard held an hour later", w.credit(ws, "standard")["held"], 0)
			for n := range rounds * atOnce {
				var out is
				if _, err := w.operator.Do(ctx, http.MethodPost, client.In(ws, "captures"), fmt.Sprintf("kill-%d", n), bodyOf(n), &out); err != nil {
					t.Fatal(err)
				}
				if id := acknowledged[n]; id != "" && out["id"] != id {
					t.Errorf("capture %d was acknowledged as %s and is now %s", n, id, out["id"])
				}
				w.same("outcome", w.outcome(out, "mobile_phone"), "charged")
				w.same("outcome", w.outcome(out, "personal_email"), "charged")
			}
			w.same("charges", w.charges(ws), 2*rounds*atOnce)
			w.same("premium used", w.credit(ws, "premium")["used"], rounds*atOnce)
			w.same("premium held", w.credit(ws, "premium")["held"], 0)
			w.verify()
		})
	}
}

// charges counts a workspace's charges, each of which must be of another person or field.
func (w *world) charges(ws string) int {
	w.Helper()
	seen := map[string]bool{}
	err := w.server.Store.View(ctx, func(tx *store.Tx) error {
		return tx.Entries().EachUp(ws, func(e store.Entry) error {
			if e.Kind == credits.KindCharge {
				what := e.Person + " " + e.Field
				if seen[what] {
					return fmt.Errorf("%s was charged twice", what)
				}
				seen[what] = true
			}
			return nil
		})
	})
	if err != nil {
		w.Fatal(err)
	}
	return len(seen)
}
