package server_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// patient runs fn against a server on each engine that keeps to timeouts.
func patient(t *testing.T, timeouts edge.Timeouts, fn func(w *world)) {
	t.Helper()
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			w := openWith(t, server.Config{Database: testdb.Address(t, engine), Timeouts: timeouts})
			fn(w)
			w.verify()
		})
	}
}

// writing are the routes that take a body, filled in.
func (m *matrix) writing() (list []edge.Route) {
	for _, route := range m.server.Routes.Routes() {
		if method, _, ok := strings.Cut(route.Pattern, " "); ok && method != http.MethodGet && method != http.MethodDelete {
			list = append(list, route)
		}
	}
	return list
}

// raw opens a connection and sends a request's head, with more lines, and no more.
func (m *matrix) raw(pattern string, lines ...string) net.Conn {
	m.Helper()
	method, path := m.path(pattern, m.members["m"])
	c, err := net.Dial("tcp", strings.TrimPrefix(m.http.URL, "http://"))
	if err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() { c.Close() })
	if _, err := fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n", method, path, strings.Join(lines, "\r\n")); err != nil {
		m.Fatal(err)
	}
	return c
}

// head is the answer that comes within a time; nil: none does.
func head(c net.Conn, within time.Duration) *http.Response {
	_ = c.SetReadDeadline(time.Now().Add(within))
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return nil
	}
	return answer
}

// No route parses a body before it is bounded, leaves a file of one behind, or takes a
// form with files where it takes none: no matter who asks (Trust 1).
func TestEveryBodyIsBounded(t *testing.T) {
	left := t.TempDir()
	t.Setenv("TMPDIR", left)
	start(t, func(w *world) {
		m := newMatrix(w)
		var form bytes.Buffer
		parts := multipart.NewWriter(&form)
		part, err := parts.CreateFormFile("file", "x.csv")
		if err == nil {
			_, err = part.Write(bytes.Repeat([]byte("x"), edge.MaxForm/2))
		}
		if err != nil || parts.Close() != nil {
			t.Fatal(err)
		}
		nobody := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		for _, route := range m.writing() {
			method, path := m.path(route.Pattern, m.members["m"])
			if strings.HasSuffix(path, "/sign-out") || strings.HasSuffix(path, "/watch") {
				continue
			}
			for who, c := range map[string]*http.Client{"somebody": m.everybody(route.Pattern)[0], "nobody": nobody} {
				if got := m.send(c, method, path, parts.FormDataContentType(), form.Bytes()); !route.File && got.status != 400 && got.status != 401 && got.status != 413 {
					t.Errorf("%s as %s takes a form with files: %d", route.Pattern, who, got.status)
				}
				if route.Body <= edge.MaxForm {
					if got := m.send(c, method, path, "application/json", bytes.Repeat([]byte(" "), edge.MaxForm+1)); got.status != 413 && got.status != 401 {
						t.Errorf("%s as %s takes more than its limit: %d", route.Pattern, who, got.status)
					}
				}
			}
		}
		err = filepath.WalkDir(left, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				t.Errorf("the temporary file %s is left", path)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// A body without a length is bounded while it is read, and the refusal says how much
// there may be, in MB.
func TestEndlessBodies(t *testing.T) {
	start(t, func(w *world) {
		m := newMatrix(w)
		for _, pattern := range []string{"POST /v1/workspaces/{ws}/charges", "POST /v1/workspaces/{ws}/captures", "POST /v1/workspaces/{ws}/bulk-captures", "POST /v1/directory/imports/preview"} {
			method, path := m.path(pattern, "")
			size := int64(7 << 20) // what is thrown away of a refused body is more
			if strings.Contains(pattern, "bulk") {
				size = 20 << 20
			}
			r, err := http.NewRequestWithContext(ctx, method, w.http.URL+path, io.LimitReader(endless{}, size))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+w.operator.Key)
			r.Header.Set("Content-Type", "application/json")
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Errorf("%s: the refusal did not arrive: %v", pattern, err)
				continue
			}
			text, _ := io.ReadAll(answer.Body)
			answer.Body.Close()
			if strings.Contains(pattern, "imports") {
				continue // a file may be larger
			}
			if answer.StatusCode != 413 || !strings.Contains(string(text), " MB") {
				t.Errorf("%s: %d %s", pattern, answer.StatusCode, text)
			}
		}
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for n := range p {
		p[n] = ' '
	}
	return len(p), nil
}

// A client that is still sending sees why it was refused, on every route (Trust 5).
func TestEveryRefusalArrives(t *testing.T) {
	start(t, func(w *world) {
		m := newMatrix(w)
		for _, route := range append(m.writing(), edge.Route{Pattern: "POST //x"}, edge.Route{Pattern: "POST /v1/workspaces//x"}) {
			method, path := m.path(route.Pattern, "")
			for range 2 { // a connection that was used is as good as a new one
				r, err := http.NewRequestWithContext(ctx, method, w.http.URL+path, io.LimitReader(endless{}, 6<<20))
				if err != nil {
					t.Fatal(err)
				}
				r.ContentLength = 6 << 20
				c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
				answer, err := c.Do(r)
				if err != nil {
					t.Errorf("%s: the refusal did not arrive: %v", route.Pattern, err)
					break
				}
				answer.Body.Close()
				if answer.StatusCode < 300 {
					t.Errorf("%s: %d", route.Pattern, answer.StatusCode)
				}
			}
		}
	})
}

// Who may not is told so before their body is read, on every operation (Trust 3).
func TestRefusalsWaitForNoBody(t *testing.T) {
	testdb.Slow(t)
	start(t, func(w *world) {
		m := newMatrix(w)
		for _, route := range m.writing() {
			if !strings.Contains(route.Pattern, " /v1/workspaces") && !strings.Contains(route.Pattern, " /v1/directory") {
				continue
			}
			for key, want := range map[string]int{"lm_none_none": 401, m.keys["O"].Key: 403} {
				if (strings.HasSuffix(route.Pattern, "/lookups") || strings.HasSuffix(route.Pattern, "/totals")) && want == 403 {
					continue // reads
				}
				c := m.raw(route.Pattern, "Authorization: Bearer "+key, "Content-Type: application/json", "Content-Length: 100")
				if answer := head(c, 5*time.Second); answer == nil || answer.StatusCode != want {
					t.Errorf("%s: no %d before the body came: %v", route.Pattern, want, answer)
				}
				c.Close()
			}
		}
	})
}

// A sender who is over the limit and then pauses is told so at once, though the length of
// their body was never said (Trust 5).
func TestTooLargeIsSaidAtOnce(t *testing.T) {
	start(t, func(w *world) {
		m := newMatrix(w)
		c := m.raw("POST /v1/extension/connections", "Content-Type: application/json", "Transfer-Encoding: chunked")
		part := strings.Repeat(" ", 20<<10) // the operation takes 16 KB
		if _, err := fmt.Fprintf(c, "%x\r\n%s\r\n", len(part), part); err != nil {
			t.Fatal(err)
		}
		if answer := head(c, 5*time.Second); answer == nil || answer.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("no 413 while the sender pauses: %v", answer)
		}
	})
}

// Who has used up their tries is told so before their form is read, on every form that
// needs nobody signed in (Trust 1).
func TestThrottlesComeBeforeReading(t *testing.T) {
	start(t, func(w *world) {
		m := newMatrix(w)
		may := expectations(w.T)
		for _, route := range m.writing() {
			if may[route.Pattern] != "open" || strings.Contains(route.Pattern, "/v1/") || strings.Contains(route.Pattern, "/callbacks/") || strings.HasSuffix(route.Pattern, "/sign-out") {
				continue
			}
			for m.send(http.DefaultClient, "POST", "/sign-in/code", "application/x-www-form-urlencoded", []byte("code=x")).status != 429 {
			}
			c := m.raw(route.Pattern, "Content-Type: application/x-www-form-urlencoded", "Content-Length: 100000")
			if answer := head(c, 5*time.Second); answer == nil || answer.StatusCode != 429 {
				t.Errorf("%s: no refusal before the form came: %v", route.Pattern, answer)
			}
			c.Close()
		}
	})
}

// Metrics are on no address that customers reach, and asking for them often costs the
// database one read a second (Trust 6).
func TestMetricsAreApart(t *testing.T) {
	start(t, func(w *world) {
		answer, err := w.http.Client().Get(w.http.URL + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		w.same("/metrics on the public address", answer.StatusCode, 404)
		reads := w.server.Store.Reads()
		for range 50 {
			rec := httptest.NewRecorder()
			w.server.Metrics.ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
			if rec.Code != 200 || !strings.Contains(rec.Body.String(), "leadmeter_outbox_oldest_seconds") {
				t.Fatalf("%d %.300s", rec.Code, rec.Body)
			}
		}
		if n := w.server.Store.Reads() - reads; n > 5 {
			t.Errorf("50 scrapes cost %d reads", n)
		}
	})
}

// Where browsers reach the server by https, every answer tells them to stay there.
func TestHSTS(t *testing.T) {
	for url, want := range map[string]string{"https://leads.example.com": "max-age=31536000", "http://leads.example.com": "", "": ""} {
		t.Run(url, func(t *testing.T) {
			w := openWith(t, server.Config{Database: testdb.AddressOnAny(t), PublicURL: url})
			for _, path := range []string{"/sign-in", "/v1/workspaces", "/openapi.json", "/nowhere"} {
				answer, err := http.Get(w.http.URL + path)
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				w.same("HSTS of "+path+" with "+url, answer.Header.Get("Strict-Transport-Security"), want)
			}
		})
	}
}
