package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
)

// streamTo opens a stream to a server that answers each connection with serve.
func streamTo(t *testing.T, serve http.HandlerFunc) *ChargeStream {
	t.Helper()
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex() // else it reads the body to its end first
		serve(w, r)
	}))
	t.Cleanup(h.Close)
	return (&Client{Server: h.URL, Key: "k"}).Stream(t.Context(), "ws")
}

// soon fails a test whose fn hangs.
func soon(t *testing.T, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("it hangs")
	}
}

// answers answers lines as the server does, with used being what the key says, and cuts the
// connection after so many.
func answers(w http.ResponseWriter, r *http.Request, most int, saw func(line string)) {
	control := http.NewResponseController(w)
	_ = control.Flush()
	lines := bufio.NewScanner(r.Body)
	for n := 1; lines.Scan(); n++ {
		if n > most { // in mid-answer
			_, _ = w.Write([]byte(`{"line":`))
			_ = control.Flush()
			time.Sleep(20 * time.Millisecond) // what is unread is lost with the connection
			_ = control.SetReadDeadline(time.Now())
			panic(http.ErrAbortHandler)
		}
		saw(lines.Text())
		_, after, _ := strings.Cut(lines.Text(), `"idempotency_key":"`)
		key, _, _ := strings.Cut(after, `"`)
		fmt.Fprintf(w, `{"line":%d,"status":201,"balance":{"allowance":null,"used":%s,"held":0,"available":null}}`+"\n", n, key)
		_ = control.Flush()
	}
}

// Every caller gets the answer to its own charge, though connections are lost and callers leave.
func TestAnswersOfAStreamAreOnesOwn(t *testing.T) {
	s := streamTo(t, func(w http.ResponseWriter, r *http.Request) { answers(w, r, 40, func(string) {}) })
	soon(t, func() {
		var all sync.WaitGroup
		for n := range 200 {
			all.Go(func() {
				ctx := t.Context()
				if n%5 == 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, time.Duration(n)*time.Millisecond)
					defer cancel()
				}
				b, err := s.Charge(ctx, fmt.Sprint(n), "standard", unit.Credit)
				if err == nil && b.Used != unit.Amount(n)*unit.Credit || err != nil && n%5 != 0 {
					t.Errorf("%d: %v, %v", n, b.Used, err)
				}
			})
		}
		all.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A stream that is closed while the server is away waits for it only if someone waits for an answer.
func TestCloseOfAStreamWithoutServer(t *testing.T) {
	s := (&Client{Server: "http://127.0.0.1:1", Key: "k"}).Stream(t.Context(), "ws")
	soon(t, func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A charge whose caller left before it was sent is not sent when the server is back.
func TestStreamForgetsWhoLeft(t *testing.T) {
	var up atomic.Bool
	var mu sync.Mutex
	var saw []string
	s := streamTo(t, func(w http.ResponseWriter, r *http.Request) {
		if !up.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		answers(w, r, 100, func(line string) { mu.Lock(); saw = append(saw, line); mu.Unlock() })
	})
	left, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.Charge(left, "1", "standard", unit.Credit); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("who left got %v", err)
	}
	up.Store(true)
	soon(t, func() {
		if _, err := s.Charge(t.Context(), "2", "standard", unit.Credit); err != nil {
			t.Error(err)
		}
	})
	mu.Lock()
	defer mu.Unlock()
	if len(saw) != 1 || !strings.Contains(saw[0], `"2"`) {
		t.Errorf("sent: %q", saw)
	}
}

// A charge that is too long for the server fails by itself, not with everybody's stream.
func TestStreamRefusesALongCharge(t *testing.T) {
	s := streamTo(t, func(w http.ResponseWriter, r *http.Request) { answers(w, r, 100, func(string) {}) })
	soon(t, func() {
		var no *Problem
		if _, err := s.Charge(t.Context(), strings.Repeat("1", maxLine), "standard", unit.Credit); !errors.As(err, &no) || no.Code != "payload_too_large" {
			t.Errorf("a long one: %v", err)
		}
		if _, err := s.Charge(t.Context(), "1", "standard", unit.Credit); err != nil {
			t.Error(err)
		}
	})
}

// What no other connection would change ends the stream, and its callers know why.
func TestStreamEndsWhereNothingHelps(t *testing.T) {
	for name, serve := range map[string]http.HandlerFunc{
		"404 Not Found": http.NotFound,
		"more than 65536 bytes": func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(strings.Repeat("x", maxAnswerLine+1)))
		},
	} {
		s := streamTo(t, serve)
		soon(t, func() {
			if _, err := s.Charge(t.Context(), "1", "standard", unit.Credit); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v", name, err)
			}
			if err := s.Close(); err == nil {
				t.Errorf("%s: closed without an error", name)
			}
		})
	}
}
