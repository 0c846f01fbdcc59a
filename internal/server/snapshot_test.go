package server_test

import (
	"net/http"
	"strings"
	"testing"
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
