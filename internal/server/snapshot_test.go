package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// Every page is drawn from one snapshot of the database: beside it only the session is
// read, and who is behind it.
func TestPagesReadOneSnapshot(t *testing.T) {
	start(t, func(w *world) {
		m := newMatrix(w)
		may, looked := expectations(w.T), 0
		for _, route := range m.server.Routes.Routes() {
			method, path := m.path(route.Pattern, m.members["m"])
			if method != http.MethodGet || route.Download || route.Stream || strings.HasPrefix(path, "/v1/") || may[route.Pattern] == "open" || strings.HasPrefix(path, "/static") || !strings.Contains(route.Pattern, "GET /") {
				continue
			}
			c := m.everybody(route.Pattern)[0]
			if strings.HasPrefix(path, "/operator") {
				c = m.pages["o"]
			} else {
				c = m.pages["a"]
			}
			m.send(c, method, path, "", nil) // what is made by the first reader is there
			before := w.server.Store.Reads()
			got := m.send(c, method, path, "", nil)
			most := int64(3) // the session, who is behind it, and the page
			if strings.Contains(route.Pattern, "/usage") {
				most += 2 // whose sums are brought up to date before
			}
			if n := w.server.Store.Reads() - before; n > most {
				t.Errorf("%s (%d) took %d reads, at most %d", route.Pattern, got.status, n, most)
			}
			looked++
		}
		if looked < 25 {
			t.Errorf("%d pages were looked at: the test sees too little", looked)
		}
	})
}

// What a request reads before its commit, once the server is warm: a charge nothing but who is behind
// it, a capture also the person, and what it is to answer with.
func TestReadsOfRequests(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", people)
		ws := w.workspace("pro", 20, nil)
		_, ada := w.member(ws, "Ada")
		in := func(path ...string) string { return client.In(ws, path...) }
		capture := func(fields ...string) func() {
			return func() {
				w.post(ada, in("captures"), is{"person": is{"linkedin_url": "https://linkedin.com/in/ada"}, "fields": fields}, 200)
			}
		}
		w.charge(ada, ws, "standard", 1, 200)
		capture("work_phone")()
		for _, of := range []struct {
			name string
			most int64
			do   func()
		}{
			{"a charge", 1, func() { w.charge(ada, ws, "standard", 1, 200) }},
			{"a capture", 3, capture("mobile_phone")},
			{"the usage", 5, func() { w.get(ada, in("usage")) }},
		} {
			before := w.server.Store.Reads()
			of.do()
			if n := w.server.Store.Reads() - before; n > of.most {
				w.Errorf("%s took %d reads, at most %d", of.name, n, of.most)
			}
		}
	})
}
