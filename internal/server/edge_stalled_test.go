package server_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// A body that does not come ends its request on every route (Trust 3).
func TestEveryBodyHasADeadline(t *testing.T) {
	patient(t, edge.Timeouts{Body: 300 * time.Millisecond, Discard: 100 * time.Millisecond}, func(w *world) {
		m := newMatrix(w)
		var all sync.WaitGroup
		for _, route := range m.writing() {
			kind := "application/json"
			if !strings.Contains(route.Pattern, "/v1/") {
				kind = "application/x-www-form-urlencoded"
			}
			c := m.raw(route.Pattern, "Authorization: Bearer "+w.operator.Key, "Cookie: "+m.cookies(route.Pattern), "Content-Type: "+kind, "Content-Length: 100000")
			if _, err := io.WriteString(c, `{"amount":`); err != nil {
				t.Fatal(err)
			}
			all.Go(func() {
				_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
				if _, err := io.Copy(io.Discard, c); err != nil {
					t.Errorf("%s: still open: %v", route.Pattern, err)
				}
			})
		}
		all.Wait()
	})
}

// cookies are those of somebody who may use a page.
func (m *matrix) cookies(pattern string) string {
	home, err := url.Parse(m.http.URL)
	if err != nil {
		m.Fatal(err)
	}
	var list []string
	if jar := m.everybody(pattern)[0].Jar; jar != nil {
		for _, c := range jar.Cookies(home) {
			list = append(list, c.Name+"="+c.Value)
		}
	}
	return strings.Join(list, "; ")
}

// stalled is a client that reads nothing until it is let go.
type stalled struct {
	*httptest.ResponseRecorder
	asked chan struct{} // something is to be written
	let   chan struct{}
	once  sync.Once
}

func (s *stalled) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.asked) })
	<-s.let
	return len(p), nil
}

// Clients that do not read a download hold nothing that anybody else needs: no
// connection, no transaction. Each download is asked for by more of them than there are
// connections (Trust 2).
func TestStalledDownloadsHoldNothing(t *testing.T) {
	start(t, func(w *world) {
		m := newMatrix(w)
		imported := m.plenty()
		for _, route := range w.server.Routes.Routes() {
			if !route.Download {
				continue
			}
			method, path := m.path(route.Pattern, "")
			path = strings.NewReplacer("/bulk-captures/none", "/bulk-captures/"+imported.bulk, "/bulk/none/problems.csv", imported.file+"/problems.csv", "/bulk/none", "/bulk/"+imported.bulk, "/imports/none", "/imports/"+imported.id).Replace(path)
			let := make(chan struct{})
			var all sync.WaitGroup
			var clients []*stalled
			for range 4 {
				s := &stalled{ResponseRecorder: httptest.NewRecorder(), asked: make(chan struct{}), let: let}
				clients = append(clients, s)
				r := m.request(route.Pattern, method, path)
				all.Go(func() {
					defer func() { _ = recover() }()
					w.server.Handler.ServeHTTP(s, r)
				})
			}
			for n, s := range clients {
				select {
				case <-s.asked:
				case <-time.After(20 * time.Second):
					t.Errorf("%s: client %d is sent nothing: %d", route.Pattern, n, s.Code)
				}
			}
			within, cancel := context.WithTimeout(ctx, 10*time.Second)
			if _, err := w.server.Alerts.Export.Enter(m.ws); err == nil && !strings.Contains(path, "/imports/") {
				t.Errorf("%s: a fifth export of the workspace may begin", route.Pattern)
			}
			for _, ask := range []string{"/readyz", client.In(m.ws, "entries")} {
				var raw []byte
				if _, err := w.operator.Do(within, "GET", ask, "", nil, &raw); err != nil && !strings.Contains(err.Error(), "invalid character") {
					t.Errorf("%s: %s beside it: %v", route.Pattern, ask, err)
				}
			}
			if _, err := w.operator.Do(within, "POST", client.In(m.ws, "charges"), "", is{"credit": "standard", "amount": "0.000001"}, nil); err != nil {
				if p, ok := err.(*client.Problem); !ok || p.Status != 400 {
					t.Errorf("%s: a charge beside it: %v", route.Pattern, err)
				}
			}
			cancel()
			close(let)
			all.Wait()
		}
	})
}

type much struct {
	id, bulk string
	file     string // the path of a bulk file
}

// plenty fills every download with more than is written at once.
func (m *matrix) plenty() much {
	m.Helper()
	m.load("text/csv", crowd(150))
	list, _ := asked(120)
	job := m.post(m.operator, client.In(m.ws, "bulk-captures"), is{"people": list, "confirmed": true}, 202)["id"].(string)
	m.working(func() {
		m.until(m.operator, client.In(m.ws, "bulk-captures", job), func(j is) bool { return j["status"] == "done" || j["status"] == "paused" })
	})
	for n := range 60 {
		m.post(m.operator, client.In(m.ws, "keys"), is{"role": "admin", "name": fmt.Sprintf("key %d %s", n, strings.Repeat("x", 100))}, 201)
	}
	var bad strings.Builder
	bad.WriteString("full_name,work_email\n")
	for n := range 300 {
		fmt.Fprintf(&bad, ",nobody %d\n", n)
	}
	kept := m.send(m.pages["a"], http.MethodPost, "/bulk", "application/x-www-form-urlencoded", []byte(url.Values{"people": {bad.String()}}.Encode()))
	return much{m.load("text/csv", bad.String())["id"].(string), job, strings.TrimSuffix(kept.where, "/columns")}
}

// request is one by somebody who may.
func (m *matrix) request(pattern, method, path string) *http.Request {
	m.Helper()
	var body io.Reader
	if strings.Contains(pattern, "/chosen/do") {
		ids := ""
		for _, one := range m.get(m.operator, client.In(m.ws, "leads")+"?limit=100")["data"].([]any) {
			ids += one.(is)["id"].(string) + " "
		}
		body = strings.NewReader("do=export&format=csv&leads=" + strings.ReplaceAll(ids, " ", "+"))
	}
	if strings.HasSuffix(path, "/leads/export") {
		path += "?format=csv"
	}
	r := httptest.NewRequest(method, m.http.URL+path, body)
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if strings.Contains(pattern, " /v1/") {
		r.Header.Set("Authorization", "Bearer "+m.operator.Key)
		return r
	}
	c := m.everybody(pattern)[0]
	if strings.HasSuffix(path, "/problems.csv") { // the file is an admin's own
		c = m.pages["a"]
	}
	for _, cookie := range c.Jar.Cookies(r.URL) {
		r.AddCookie(cookie)
	}
	return r
}

// A client that reads nothing is cut off, and its place is free again (Trust 2).
func TestStalledClientsAreCutOff(t *testing.T) {
	testdb.Slow(t)
	patient(t, edge.Timeouts{Answer: 400 * time.Millisecond}, func(w *world) {
		m := newMatrix(w)
		ws := w.workspace("enterprise", 1, nil)
		m.ws = ws
		for range 40 {
			var lines []is
			for range 1000 {
				lines = append(lines, is{"credit": "standard", "amount": 1, "description": strings.Repeat("x", 190)})
			}
			w.post(w.operator, client.In(ws, "charges", "batch"), is{"charges": lines}, 200)
		}
		for range 5 { // one more than may run at once
			c := m.raw("GET /v1/workspaces/{ws}/entries.csv", "Authorization: Bearer "+w.operator.Key)
			_ = c.(*net.TCPConn).SetReadBuffer(4096)
		}
		end := time.Now().Add(30 * time.Second)
		for {
			leave, err := w.server.Alerts.Export.Enter(ws)
			if err == nil {
				leave()
				break
			}
			if time.Now().After(end) {
				t.Fatal("clients that read nothing still have their places")
			}
			time.Sleep(20 * time.Millisecond) // between two looks at what other goroutines do
		}
	})
}
