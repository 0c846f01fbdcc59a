package providertest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
)

// patience is how long a source of the suite may take, short so that silence
// costs the tests little and long enough for a slow machine.
const patience = 5 * time.Second

// Run puts a subject through the suite.
func Run(t *testing.T, s Subject) {
	var logged bytes.Buffer
	was, wasLog := slog.Default(), log.Writer()
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	log.SetOutput(&logged)
	t.Cleanup(func() {
		slog.SetDefault(was)
		log.SetOutput(wasLog)
		if strings.Contains(logged.String(), Key) {
			t.Error("the key was logged")
		}
	})
	server := NewServer(t)
	t.Run("declared", func(t *testing.T) { s.declared(t, server) })
	t.Run("hostile", func(t *testing.T) { s.hostile(t, server) })
	t.Run("silent", func(t *testing.T) { s.silent(t, server) })
	t.Run("certificate", func(t *testing.T) { s.certificate(t, server) })
	t.Run("mutated", func(t *testing.T) { s.mutated(t, server) })
}

func (s Subject) declared(t *testing.T, server *Server) {
	p := s.New(t, server, patience, true)
	for name, c := range s.Cases.all() {
		t.Run(name, func(t *testing.T) {
			if len(c.Steps) == 0 {
				if c.Why == "" {
					t.Fatal("the kind declares neither how its server answers this nor why it cannot")
				}
				t.Log("cannot be: " + c.Why)
				return
			}
			server.Script(handlers(c.Steps)...)
			a := Search(t.Context(), p, s.query())
			s.checkAnswer(t, p, a)
			checkRequests(t, server)
			if a.Outcome != c.Want || c.Cost != "" && a.Cost != c.Cost {
				t.Errorf("%s (%s) for %q, want %s for %q", a.Outcome, a.Detail, a.Cost, c.Want, c.Cost)
			}
			if d := a.RetryAfter - c.RetryAfter; d < -5*time.Second || d > 5*time.Second {
				t.Errorf("retry after %v, want %v", a.RetryAfter, c.RetryAfter)
			}
			var values []lead.Value
			for _, v := range a.Person.Values {
				values = append(values, lead.Value{Field: v.Field, Value: v.Value, Status: v.Status})
			}
			if !slices.Equal(values, c.Values) {
				t.Errorf("values %+v\nwant   %+v", values, c.Values)
			}
		})
	}
}

// hostile lets the server do what no documentation says, to the first request
// and, where a search takes several, to the one after.
func (s Subject) hostile(t *testing.T, server *Server) {
	var elsewhere atomic.Int32
	other := NewServer(t)
	other.Script(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) })
	var written atomic.Int64
	p := s.New(t, server, patience, true)
	good := s.Cases.Found.Steps
	last := good[len(good)-1]
	for name, attack := range map[string]http.HandlerFunc{
		"500":                Step{Status: 500, Body: `{"error":"` + Key + ` Ada Lovelace"}`}.Reply,
		"503 in HTML":        Step{Status: 503, Header: map[string]string{"Content-Type": "text/html"}, Body: "<h1>Lovelace</h1>"}.Reply,
		"404 in HTML":        Step{Status: 404, Header: map[string]string{"Content-Type": "text/html"}, Body: "<h1>not found</h1>"}.Reply,
		"half a body":        half(last.Body),
		"wrong content type": Step{Status: 200, Header: map[string]string{"Content-Type": "text/html"}, Body: last.Body}.Reply,
		"no content type":    Step{Status: 200, Header: map[string]string{"Content-Type": ""}, Body: last.Body}.Reply,
		"not JSON":           Step{Status: 200, Body: last.Body[:len(last.Body)-1]}.Reply,
		"two values":         Step{Status: 200, Body: last.Body + "{}"}.Reply,
		"nothing":            Step{Status: 200}.Reply,
		"deep":               Step{Status: 200, Body: strings.Repeat("[", 200_000)}.Reply,
		"a huge body":        huge(&written),
		"a redirect inside":  Step{Status: 302, Header: map[string]string{"Location": other.URL}, Body: last.Body}.Reply,
		"a redirect to it":   Step{Status: 302, Header: map[string]string{"Location": "/elsewhere"}, Body: last.Body}.Reply,
		"a 307 redirect":     Step{Status: 307, Header: map[string]string{"Location": "/elsewhere"}, Body: last.Body}.Reply,
		"not HTTP":           hijacked,
	} {
		for at := range good {
			t.Run(name, func(t *testing.T) {
				// Anyone who asked again, or went where a redirect says, would find.
				script := append(append(handlers(good[:at]), attack), handlers(good[at:])...)
				server.Script(script...)
				a := Search(t.Context(), p, s.query())
				s.checkAnswer(t, p, a)
				requests, _ := server.Seen()
				if a.Outcome != provider.Failed || len(requests) != at+1 {
					t.Errorf("%s (%s) after %d requests, want error after %d", a.Outcome, a.Detail, len(requests), at+1)
				}
			})
		}
	}
	if n := elsewhere.Load(); n > 0 {
		t.Errorf("%d redirects were followed", n)
	}
	if n := written.Load(); n > 16<<20*int64(len(good)) {
		t.Errorf("%d MiB of a huge body were taken", n>>20)
	}
}

// half promises a whole body and breaks off.
func half(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// huge writes 64 MiB of JSON, or as much as is taken.
func huge(written *atomic.Int64) http.HandlerFunc {
	chunk := bytes.Repeat([]byte(" "), 1<<16)
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for range 1024 {
			n, err := w.Write(chunk)
			written.Add(int64(n))
			if err != nil {
				return
			}
		}
	}
}

func hijacked(w http.ResponseWriter, r *http.Request) {
	hijacker, ok := w.(http.Hijacker)
	if !ok { // HTTP/2: the nearest thing is to break off
		panic(http.ErrAbortHandler)
	}
	c, _, err := hijacker.Hijack()
	if err == nil {
		_, _ = c.Write([]byte(Key + " is not HTTP\r\n\r\n"))
		c.Close()
	}
}

// silent lets the server say nothing for a minute, from the first or after a
// few bytes.
func (s Subject) silent(t *testing.T, server *Server) {
	wait := func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
	}
	begin := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{")
		_ = http.NewResponseController(w).Flush()
		wait(w, r)
	}
	for name, handler := range map[string]http.HandlerFunc{"nothing": wait, "one byte": begin} {
		for _, own := range []bool{true, false} {
			server.Script(handler)
			timeout, ctx, cancel := time.Minute, t.Context(), func() {}
			if own {
				timeout = 100 * time.Millisecond
			} else {
				ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
			}
			begun := time.Now()
			a := s.New(t, server, timeout, true).Ask(ctx, s.query())
			cancel()
			if took := time.Since(begun); a.Outcome != provider.Failed || took > 5*time.Second {
				t.Errorf("%s, by its own deadline %t: %s (%s) after %v", name, own, a.Outcome, a.Detail, took)
			}
		}
	}
}

// certificate holds that nothing is said to a server that cannot prove itself.
func (s Subject) certificate(t *testing.T, server *Server) {
	server.Script(handlers(s.Cases.Found.Steps)...)
	p := s.New(t, server, patience, false)
	a := Search(t.Context(), p, s.query())
	requests, _ := server.Seen()
	if a.Outcome != provider.Failed || len(requests) > 0 || !strings.Contains(a.Detail, "certificate") {
		t.Errorf("%s (%s) after %d requests", a.Outcome, a.Detail, len(requests))
	}
}

// mutated changes a good reply at random places: whatever comes, the adapter
// stays up and gives only what is well formed.
func (s Subject) mutated(t *testing.T, server *Server) {
	p := s.New(t, server, patience, true)
	good := s.Cases.Found.Steps
	var whole any
	if err := json.Unmarshal([]byte(good[len(good)-1].Body), &whole); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		body, err := json.Marshal(mutate(rt, whole, 0))
		if err != nil {
			rt.Fatal(err)
		}
		status := rapid.SampledFrom([]int{200, 200, 200, 202, 204, 400, 402, 403, 404, 429, 451, 500}).Draw(rt, "status")
		steps := append(slices.Clone(good[:len(good)-1]), Step{Status: status, Body: string(body)})
		server.Script(handlers(steps)...)
		a := Search(t.Context(), p, s.query())
		s.checkAnswer(t, p, a)
		if t.Failed() {
			rt.Fatalf("HTTP %d %s", status, body)
		}
	})
}

// mutate replaces about one value in eight by something else.
func mutate(t *rapid.T, value any, depth int) any {
	if rapid.IntRange(0, 7).Draw(t, "change") == 0 {
		return rapid.SampledFrom([]any{nil, true, false, 0, -1, 1e300, "", "true", "x", "a@b.example", "+447911123456", "\u202eada", "\x00",
			strings.Repeat("9", 3000), []any{}, []any{nil, "x", []any{true}}, map[string]any{}, map[string]any{"email": 7}}).Draw(t, "other")
	}
	switch v := value.(type) {
	case map[string]any:
		members := map[string]any{}
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			members[name] = mutate(t, v[name], depth+1)
		}
		return members
	case []any:
		list := make([]any, 0, len(v))
		for _, item := range v {
			list = append(list, mutate(t, item, depth+1))
		}
		return list
	}
	return value
}
