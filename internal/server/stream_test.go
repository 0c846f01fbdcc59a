package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/server"
)

// line is an answer of a stream.
type line struct {
	Line     int             `json:"line"`
	Status   int             `json:"status"`
	Code     string          `json:"code"`
	Detail   string          `json:"detail"`
	Entry    string          `json:"entry"`
	Replayed bool            `json:"replayed"`
	Balance  credits.Balance `json:"balance"`
}

// stream is one that is open.
type stream struct {
	*world
	to      *io.PipeWriter
	answers *bufio.Reader
}

func (w *world) stream(c *client.Client, ws string) *stream {
	w.Helper()
	body, to := io.Pipe()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.http.URL+client.In(ws, "charges", "stream"), body)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.Key)
	r.Header.Set("Content-Type", "application/x-ndjson")
	answer, err := w.http.Client().Do(r)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { to.Close(); answer.Body.Close() })
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		w.Fatalf("%d %s", answer.StatusCode, text)
	}
	return &stream{w, to, bufio.NewReader(answer.Body)}
}

func (s *stream) send(format string, args ...any) {
	s.Helper()
	if _, err := fmt.Fprintf(s.to, format+"\n", args...); err != nil {
		s.Fatal(err)
	}
}

func (s *stream) next() (l line) {
	s.Helper()
	text, err := s.answers.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(text, &l)
	}
	if err != nil {
		s.Fatalf("%q: %v", text, err)
	}
	return l
}

// Charges are answered while more are sent, in order, each by itself: a line that is wrong or
// refused stops no other, and a key is one charge however it is sent.
func TestStream(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		s := w.stream(w.operator, ws)
		s.send(`{"idempotency_key":"a","credit":"standard","amount":1}`)
		first := s.next() // before the body ends
		w.same("status", first.Status, 201)
		w.same("line", first.Line, 1)
		s.send(`{"credit":"standard","amount":2.5,"idempotency_key":"b","description":"Zürich \u00e9"}`)
		wrong := []string{
			`{"credit":"standard","amount":1}`, `{"idempotency_key":"c","credit":"standard","amount":-1}`, `{"idempotency_key":"c","credit":"gold","amount":1}`, `{"idempotency_key":"c","credit":"standard","amount":1,"AMOUNT":2}`,
			`{"idempotency_key":"c","credit":"standard","amount":1,"amount":1}`, `not json`, `{"idempotency_key":"c","credit":"standard","amount":1} {}`, `{"idempotency_key":"a","credit":"standard","amount":2}`, `[1]`,
			`{"idempotency_key":"c","credit":"standard","amount":1,"member":"mem_nobody"}`, `{"idempotency_key":"` + strings.Repeat("k", 256) + `","credit":"standard","amount":1}`,
			`{"idempotency_key":"c","credit":"standard","amount":1,"description":"` + strings.Repeat("d", 201) + `"}`,
			`{"idempotency_key":"c\u0000","credit":"standard","amount":1}`, `{"idempotency_key":"c\ud800","credit":"standard","amount":1}`, "{\"idempotency_key\":\"c\xff\",\"credit\":\"standard\",\"amount\":1}",
			`{"idempotency_key":"c","credit":"standard","amount":1,"nobody_knows":1}`,
		}
		for _, bad := range wrong {
			s.send("%s", bad)
		}
		s.send("\n")
		s.send(`{"idempotency_key":"a","amount":1,"credit":"standard"}`)
		s.send(`{"idempotency_key":"much","credit":"standard","amount":1000000}`)
		s.send(`{"idempotency_key":"c","credit":"standard","amount":1}`)
		w.same("with other members", s.next().Status, 201)
		var last line
		for n := range wrong {
			if last = s.next(); last.Status < 400 || last.Status >= 500 || last.Line != n+3 || last.Detail == "" {
				t.Errorf("line %d: %+v", n+3, last)
			}
		}
		if !strings.Contains(last.Detail, "nobody_knows") {
			t.Errorf("an unknown member: %+v", last)
		}
		again := s.next()
		w.same("its line, after two blank ones", again.Line, len(wrong)+5)
		w.same("again", fmt.Sprint(again.Status, again.Entry, again.Replayed), fmt.Sprint(201, first.Entry, true))
		w.same("too much", s.next().Code, "insufficient_credits")
		w.same("the key of a wrong line", s.next().Status, 201)
		s.to.Close()
		if rest, err := io.ReadAll(s.answers); err != nil || len(rest) > 0 {
			t.Errorf("%q, %v", rest, err)
		}
		// One key, one charge: as a request of its own too.
		status, said := w.answerOf(w.operator, client.In(ws, "charges"), "a", is{"credit": "standard", "amount": 1})
		w.same("by itself", fmt.Sprint(status, " ", strings.Contains(said, first.Entry)), "200 true")
		w.same("used", w.credit(ws, "standard")["used"], 4.5)
	})
}

// A key that is revoked charges nothing more, and its stream ends though nothing is sent.
func TestStreamsEndWithTheirKey(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		made := w.post(w.operator, client.In(ws, "keys"), is{"role": "admin"}, 201)
		key := w.as(made["key"].(string))
		busy, idle := w.stream(key, ws), w.stream(key, ws)
		busy.send(`{"idempotency_key":"a","credit":"standard","amount":1}`)
		w.same("before", busy.next().Status, 201)
		w.call(w.operator, http.MethodDelete, client.In(ws, "keys", made["id"].(string)), nil, 204)
		busy.send(`{"idempotency_key":"b","credit":"standard","amount":1}`)
		w.same("after", busy.next().Status, 401)
		last := idle.next()
		w.same("idle", fmt.Sprint(last.Line, " ", last.Status), "0 401")
		if _, err := io.ReadAll(idle.answers); err != nil {
			t.Error(err)
		}
		w.same("used", w.credit(ws, "standard")["used"], 1)
	})
}

// A workspace has a bounded number of streams, and a stream takes a bounded line.
func TestStreamsAreBounded(t *testing.T) {
	start(t, func(w *world) {
		ws, other := w.workspace("pro", 1, nil), w.workspace("pro", 1, nil)
		var open []*stream
		for range 32 {
			open = append(open, w.stream(w.operator, ws))
		}
		var no *client.Problem
		refused := func(ws, kind string) *client.Problem {
			no = nil
			_, err := w.operator.Do(ctx, http.MethodPost, client.In(ws, "charges", "stream"), "", client.File{Type: kind, Content: strings.NewReader("{}")}, nil)
			if !errors.As(err, &no) {
				t.Fatalf("%v", err)
			}
			return no
		}
		w.same("one more", fmt.Sprint(refused(ws, "application/x-ndjson").Status, " ", strings.Contains(no.Detail, "32 streams")), "429 true")
		w.stream(w.operator, other).send(`{"idempotency_key":"a","credit":"standard","amount":1}`)
		open[0].send("%s", strings.Repeat("x", 5000))
		if l := open[0].next(); l.Line != 0 || l.Status != 413 {
			t.Errorf("%+v", l)
		}
		w.same("as JSON", refused(other, "application/json").Status, 400)
	})
}

// The client's stream carries what many goroutines charge, once each, through connections
// that break in between.
func TestClientStream(t *testing.T) {
	start(t, func(w *world) {
		const callers, each = 16, 40
		ws := w.workspace("enterprise", 1, nil)
		var broken atomic.Int64
		c := w.as(w.operator.Key)
		c.HTTP = &http.Client{Transport: cutting{w.http.Client().Transport, &broken}}
		within, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		s := c.Stream(within, ws)
		var all sync.WaitGroup
		for n := range callers {
			all.Go(func() {
				for i := range each {
					if _, err := s.Charge(within, fmt.Sprint("key ", n, " ", i), "standard", credits.Credit); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		_, err := s.Charge(within, "", "gold", credits.Credit)
		var no *client.Problem
		if !errors.As(err, &no) || no.Status != 400 {
			t.Errorf("an unknown credit type: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := s.Charge(within, "", "standard", credits.Credit); !errors.Is(err, client.ErrStreamClosed) {
			t.Errorf("after the end: %v", err)
		}
		w.same("used", w.credit(ws, "standard")["used"], callers*each)
		if broken.Load() < 20 {
			t.Errorf("%d connections broke", broken.Load())
		}
		wrong := w.as("lm_wrong").Stream(within, ws)
		if _, err := wrong.Charge(within, "", "standard", credits.Credit); !errors.As(err, &no) || no.Status != 401 {
			t.Errorf("a wrong key: %v", err)
		}
	})
}

// cutting breaks the first answers off after a few lines.
type cutting struct {
	http.RoundTripper
	broken *atomic.Int64
}

func (c cutting) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := c.RoundTripper.RoundTrip(r)
	if err == nil && answer.StatusCode == http.StatusOK && c.broken.Load() < 40 {
		answer.Body = &cut{ReadCloser: answer.Body, left: 700, broken: c.broken}
	}
	return answer, err
}

type cut struct {
	io.ReadCloser
	left   int
	broken *atomic.Int64
}

func (c *cut) Read(p []byte) (int, error) {
	if c.left <= 0 {
		c.broken.Add(1)
		return 0, io.ErrUnexpectedEOF
	}
	n, err := c.ReadCloser.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// Every line is charged at its own instant, however lately the key was looked at: on the
// machine's clock and on a test clock, in the period that runs then (rule P4).
func TestStreamedChargesAreOfTheirTime(t *testing.T) {
	now := newMachineClock()
	reachable(t, server.Config{Clock: now.Now}, func(w *world) {
		for _, test := range []bool{false, true} {
			ws, pass := w.workspace("pro", 1, nil), func() { w.advance(w.now.AddDate(0, 1, 0)) }
			if !test {
				ws = w.post(w.operator, "/v1/workspaces", is{"name": "Acme", "plan": "pro", "seats": 1}, 201)["id"].(string)
				pass = func() { now.add(31 * 24 * time.Hour) }
			}
			key := w.as(w.post(w.operator, client.In(ws, "keys"), is{"role": "admin"}, 201)["key"].(string))
			s := w.stream(key, ws)
			s.send(`{"idempotency_key":"a","credit":"standard","amount":500}`)
			w.same("all of a month", s.next().Status, 201)
			pass()
			s.send(`{"idempotency_key":"b","credit":"standard","amount":1}`)
			w.same("the next month's", fmt.Sprint(s.next().Status, w.credit(ws, "standard")["used"]), "201 1")
			w.post(w.operator, client.In(ws, "cancel"), is{"at": "period_end"}, 200)
			s.send(`{"idempotency_key":"c","credit":"standard","amount":1}`)
			w.same("before the end", s.next().Status, 201)
			pass()
			s.send(`{"idempotency_key":"d","credit":"standard","amount":1}`)
			w.same("after the end", s.next().Code, "subscription_cancelled")
			s.to.Close()
		}
	})
}
