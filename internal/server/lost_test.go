package server_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// goingPostgres is a way to Postgres on which it can go away: of the requests on a connection, one is
// carried out and not answered.
type goingPostgres struct {
	to string
	in atomic.Int64 // how many requests from now; 0: none
	// ledger: requests of the ledger's connections are counted, else those of the others
	ledger atomic.Bool
}

// listen is the address of a database by this way.
func (c *goingPostgres) listen(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	const name = ".s.PGSQL.5432"
	q, dir := u.Query(), t.TempDir()
	c.to = filepath.Join(q.Get("host"), name)
	l, err := net.Listen("unix", filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("unix", c.to)
			if err != nil {
				from.Close()
				continue
			}
			go c.carry(from, to)
		}
	}()
	return u.String()
}

// carry hands a connection's bytes on, until the one answer that is not.
func (c *goingPostgres) carry(from, to net.Conn) {
	var both sync.WaitGroup
	var silent atomic.Bool
	of := make(chan bool, 1)
	both.Go(func() {
		defer to.Close()
		b, ledger := make([]byte, 64<<10), false
		for first := true; ; first = false {
			n, err := from.Read(b)
			if err != nil {
				return
			}
			if first {
				ledger = bytes.Contains(b[:n], []byte("force_generic_plan"))
				of <- ledger
			} else if c.ledger.Load() == ledger && c.in.Load() > 0 && c.in.Add(-1) == 0 {
				silent.Store(true)
			}
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
	})
	both.Go(func() {
		defer from.Close()
		b := make([]byte, 64<<10)
		for {
			n, err := to.Read(b)
			if err != nil || silent.Load() {
				return
			}
			if _, err := from.Write(b[:n]); err != nil {
				return
			}
		}
	})
	both.Wait()
}

// A Postgres that goes away is answered 503. Where that was in a commit, the answer says that it
// may have been charged; the same key charges it once.
func TestPostgresGoesAwayInACommit(t *testing.T) {
	testdb.Want(t, "postgres")
	testdb.NotOnCitus(t, "the ledger goes past the connection that this test cuts; see TestANodeIsGone")
	c := &goingPostgres{}
	w := open(t, c.listen(t, testdb.Address(t, "postgres")))
	ws := w.workspace("pro", 1, nil)
	charge := func(key string) (int, string) {
		return w.answerOf(w.operator, client.In(ws, "charges"), key, is{"credit": "standard", "amount": 1})
	}
	unsure, keys := 0, 0
	c.ledger.Store(true)
	for requests := range 4 {
		for range 2 {
			keys++
			key := fmt.Sprint("key ", keys)
			c.in.Store(int64(requests + 1))
			status, text := charge(key)
			left := c.in.Swap(0)
			if status == http.StatusServiceUnavailable && strings.Contains(text, "may have been saved and charged") {
				unsure++
			} else if left == 0 && (status != http.StatusServiceUnavailable || !strings.Contains(text, "nothing was changed")) {
				t.Errorf("lost after %d requests: %d %s", requests, status, text)
			}
			for status = 0; status != 200 && status != 201; { // a connection that broke may be tried first
				if status, text = charge(key); status != 200 && status != 201 && status != 503 {
					t.Fatalf("again: %d %s", status, text)
				}
			}
		}
	}
	w.same("used", w.credit(ws, "standard")["used"], keys)
	c.ledger.Store(false)
	for requests := range 6 {
		c.in.Store(int64(requests + 1))
		err := w.server.Store.Update(ctx, func(tx *store.Tx) error { return tx.Accounts().Lock(ws) })
		if left := c.in.Swap(0); left == 0 && !fault.Is(err, fault.Overloaded) {
			t.Errorf("lost after %d requests: %v", requests, err)
		}
		if err != nil && strings.Contains(err.Error(), "may have been saved") {
			unsure += 100
		}
	}
	if unsure == 0 || unsure < 100 || unsure%100 == 0 {
		t.Errorf("%d commits were lost", unsure)
	}
	w.verify()
}

// Without its database a server answers 503 at each of its doors, and says how long to wait.
func TestWithoutADatabaseEveryDoorSaysHowLongToWait(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			w := open(t, testdb.Address(t, engine))
			ws := w.workspace("pro", 1, nil)
			signedIn := w.signedInAs(ws, w.newMember(ws, "ada@acme.example", "Ada", "member"))
			if err := w.server.Store.Close(); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{"/ready", "/leads", "/sign-in/choose", client.In(ws, "balance")} {
				v := signedIn
				if strings.HasPrefix(path, "/v1/") {
					v = w.visitor()
					v.client.Transport = bearerOf(w.operator.Key)
				}
				v.send(http.MethodGet, path, nil) // which looks for Retry-After
				w.same(path, v.status, http.StatusServiceUnavailable)
			}
		})
	}
}
