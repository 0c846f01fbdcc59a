package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/edge"
)

// spoken2 is a way to a server over HTTP/2 without TLS, as a proxy takes it.
type spoken2 struct {
	*http.Client
	connections atomic.Int64 // that were made
}

func speak2(t *testing.T) *spoken2 {
	var only http.Protocols
	only.SetUnencryptedHTTP2(true)
	way := &http.Transport{Protocols: &only}
	t.Cleanup(way.CloseIdleConnections)
	return &spoken2{Client: &http.Client{Transport: way}}
}

// send sends a request with the operator's key, and waits for an answer's header.
func (s *spoken2) send(w *world, method, path string, body io.Reader) *http.Response {
	w.Helper()
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
		if !c.Reused {
			s.connections.Add(1)
		}
	}})
	r, err := http.NewRequestWithContext(traced, method, w.http.URL+path, body)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.operator.Key)
	r.Header.Set("Content-Type", "application/json")
	answer, err := s.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	if answer.ProtoMajor != 2 {
		w.Errorf("%s %s was answered by HTTP/%d", method, path, answer.ProtoMajor)
	}
	return answer
}

// asks sends a whole request and reads the answer.
func (s *spoken2) asks(w *world, method, path string, body any) (status int, text string) {
	w.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		w.Fatal(err)
	}
	answer := s.send(w, method, path, bytes.NewReader(sent))
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		w.Errorf("%s %s: %v", method, path, err)
	}
	return answer.StatusCode, string(read)
}

// A proxy may speak HTTP/2 to the server: many requests share a connection, and one that is refused
// before its body has come ends with its own stream.
func TestHTTP2WithoutTLS(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("enterprise", 1, nil)
		c := speak2(t)
		charge := is{"credit": "standard", "amount": 1}
		var all sync.WaitGroup
		if status, text := c.asks(w, "POST", client.In(ws, "charges"), charge); status != http.StatusCreated {
			t.Fatalf("a charge: %d %s", status, text)
		}
		for range 32 {
			all.Go(func() {
				for range 5 {
					if status, text := c.asks(w, "POST", client.In(ws, "charges"), charge); status != http.StatusCreated {
						t.Errorf("a charge: %d %s", status, text)
					}
				}
			})
		}
		all.Wait()
		long := is{"credit": "standard", "amount": 1, "description": strings.Repeat("x", 2<<20)}
		if status, _ := c.asks(w, "POST", client.In(ws, "charges"), long); status != http.StatusRequestEntityTooLarge {
			t.Errorf("a body over the limit: %d", status)
		}
		if status, _ := c.asks(w, "POST", client.In(ws, "charges"), charge); status != http.StatusCreated {
			t.Errorf("a charge after it: %d", status)
		}
		if n := c.connections.Load(); n != 1 {
			t.Errorf("%d connections were made", n)
		}

		within, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		s := (&client.Client{Server: w.http.URL, Key: w.operator.Key, HTTP: c.Client}).Stream(within, ws)
		for n := range 16 {
			all.Go(func() {
				for i := range 20 {
					if _, err := s.Charge(within, fmt.Sprint("key ", n, " ", i), "standard", credits.Credit); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		w.same("used", w.credit(ws, "standard")["used"], 1+32*5+1+16*20)
	})
}

// Over HTTP/2 a client that stops sending or reading holds nothing for longer than over HTTP/1.1,
// and nobody up who shares its connection.
func TestHTTP2StalledClientsAreCutOff(t *testing.T) {
	patient(t, edge.Timeouts{Body: 700 * time.Millisecond, Answer: 700 * time.Millisecond}, func(w *world) {
		ws := w.workspace("enterprise", 1, nil)
		for range 30 {
			var lines []is
			for range 1000 {
				lines = append(lines, is{"credit": "standard", "amount": 1, "description": strings.Repeat("x", 190)})
			}
			w.post(w.operator, client.In(ws, "charges", "batch"), is{"charges": lines}, 200)
		}
		c := speak2(t)
		var unread []*http.Response
		for range 4 { // as many as may run at once
			unread = append(unread, c.send(w, "GET", client.In(ws, "entries.csv"), nil))
		}
		slow, sends := io.Pipe()
		defer sends.Close()
		stalled := make(chan *http.Response, 1)
		go func() { stalled <- c.send(w, "POST", client.In(ws, "charges"), slow) }()
		_, _ = sends.Write([]byte(`{"credit":`))
		for range 5 {
			began := time.Now()
			if status, text := c.asks(w, "POST", client.In(ws, "charges"), is{"credit": "standard", "amount": 1}); status != http.StatusCreated {
				t.Errorf("a charge beside them: %d %s", status, text)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("a charge beside them took %s", took)
			}
		}
		select {
		case answer := <-stalled:
			text, _ := io.ReadAll(answer.Body)
			if answer.StatusCode != http.StatusBadRequest || !strings.Contains(string(text), "did not arrive in time") {
				t.Errorf("a body that stops: %d %s", answer.StatusCode, text)
			}
		case <-time.After(20 * time.Second):
			t.Error("a body that stops is waited for")
		}
		w.poll(func() bool { // until all their places are free
			for range unread {
				leave, err := w.server.Alerts.Export.Enter(ws)
				if err != nil {
					return false
				}
				defer leave()
			}
			return true
		})
		for n, answer := range unread {
			if read, err := io.Copy(io.Discard, answer.Body); err == nil {
				t.Errorf("export %d came whole, %d bytes, to a client that had stopped reading", n, read)
			}
			answer.Body.Close()
		}
	})
}
