package edge

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// proxied is a server whose routes say what they were asked, as a client that speaks raw HTTP/2 meets it.
type proxied struct {
	*testing.T
	server      *http.Server
	address     string
	calls       atomic.Int64 // of handlers
	busy, most  atomic.Int64 // handlers at a time
	waits       chan struct{}
	said        chan error // of POST /json, when its body has ended
	ended       chan error // of Serve
	headerBlock bytes.Buffer
}

func serveRaw(t *testing.T, timeouts Timeouts, set func(*http.Server)) *proxied {
	p := &proxied{T: t, waits: make(chan struct{}), said: make(chan error, 16), ended: make(chan error, 1)}
	m := NewMux(timeouts)
	m.Handle(Route{Pattern: "GET /{$}"}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
	m.Handle(Route{Pattern: "GET /waits"}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-p.waits:
		case <-r.Context().Done():
		}
	}))
	m.Handle(Route{Pattern: "POST /json"}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		p.said <- err
	}))
	p.server = m.Server(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.calls.Add(1)
		now := p.busy.Add(1)
		defer p.busy.Add(-1)
		for most := p.most.Load(); now > most && !p.most.CompareAndSwap(most, now); most = p.most.Load() {
		}
		m.ServeHTTP(w, r)
	}))
	p.server.ErrorLog = log.New(io.Discard, "", 0) // says what is wrong with these clients
	if set != nil {
		set(p.server)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address = l.Addr().String()
	go func() { p.ended <- p.server.Serve(l) }()
	t.Cleanup(func() { _ = p.server.Close() })
	return p
}

// dial connects; the test fails when it takes longer than it may.
func (p *proxied) dial() net.Conn {
	p.Helper()
	c, err := net.Dial("tcp", p.address)
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

// speaks begins to speak HTTP/2, and reads what comes until the connection ends.
func (p *proxied) speaks() (net.Conn, *http2.Framer, <-chan error) {
	p.Helper()
	c := p.dial()
	if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
		p.Fatal(err)
	}
	f := http2.NewFramer(c, c)
	if err := f.WriteSettings(); err != nil {
		p.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, c)
		ended <- err
	}()
	return c, f, ended
}

func (p *proxied) block(method, path string, more ...hpack.HeaderField) []byte {
	p.headerBlock.Reset()
	e := hpack.NewEncoder(&p.headerBlock)
	e.SetMaxDynamicTableSizeLimit(0)
	for _, h := range append([]hpack.HeaderField{{Name: ":method", Value: method}, {Name: ":scheme", Value: "http"}, {Name: ":authority", Value: "x"}, {Name: ":path", Value: path}}, more...) {
		if err := e.WriteField(h); err != nil {
			p.Fatal(err)
		}
	}
	return bytes.Clone(p.headerBlock.Bytes())
}

// ends fails unless the connection ends in time.
func (p *proxied) ends(ended <-chan error, within time.Duration, what string) {
	p.Helper()
	select {
	case err := <-ended:
		if errors.Is(err, os.ErrDeadlineExceeded) {
			p.Errorf("%s: the connection is open still", what)
		}
	case <-time.After(within):
		p.Errorf("%s: the connection is open still", what)
	}
}

// A connection speaks HTTP/2 from its first byte or not at all: no request can make one of it that a
// proxy takes for HTTP/1.1.
func TestHTTP1StaysHTTP1(t *testing.T) {
	for name, head := range map[string]string{
		"upgrade":           "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
		"after one request": "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			p := serveRaw(t, Timeouts{}, nil)
			c := p.dial()
			var second bytes.Buffer
			f := http2.NewFramer(&second, nil)
			_ = f.WriteSettings()
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.block("GET", "/waits"), EndStream: true, EndHeaders: true})
			if _, err := io.WriteString(c, head+http2.ClientPreface+second.String()); err != nil {
				t.Fatal(err)
			}
			r := bufio.NewReader(c)
			answer, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(answer.Body)
			if answer.StatusCode != http.StatusOK || string(text) != "HTTP/1.1" {
				t.Errorf("answered with %d %s", answer.StatusCode, text)
			}
			rest, _ := io.ReadAll(r)
			// HTTP/2's first line is read as a request for nothing, and the last one.
			if !strings.HasPrefix(string(rest), "HTTP/1.1 404") || !strings.Contains(string(rest), "Connection: close") || p.calls.Load() != 2 || p.busy.Load() > 0 {
				t.Errorf("%d requests were read, and this came after the first answer: %q", p.calls.Load(), rest)
			}
		})
	}
}

// Header blocks that never end, streams that are reset at once and connections on which nothing is
// asked end, and until then take no more than they may.
func TestHTTP2Floods(t *testing.T) {
	t.Run("continuations", func(t *testing.T) {
		p := serveRaw(t, Timeouts{}, nil)
		_, f, ended := p.speaks()
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.block("GET", "/"), EndStream: true})
		more := p.block("GET", "/", hpack.HeaderField{Name: "x-long", Value: strings.Repeat("~", 8<<10)})
		more = more[len(p.block("GET", "/")):]
		sent := 0
		for ; sent < 64<<20; sent += len(more) {
			if f.WriteContinuation(1, false, more) != nil {
				break
			}
		}
		if sent >= 64<<20 {
			t.Errorf("%d MB of headers were taken", sent>>20)
		}
		p.ends(ended, 10*time.Second, "a header block without an end")
		if p.calls.Load() > 0 {
			t.Error("it was a request")
		}
	})
	t.Run("resets", func(t *testing.T) {
		p := serveRaw(t, Timeouts{}, nil)
		_, f, _ := p.speaks()
		block := p.block("GET", "/waits")
		for id := uint32(1); id < 40_000; id += 2 {
			if f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block, EndStream: true, EndHeaders: true}) != nil || f.WriteRSTStream(id, http2.ErrCodeCancel) != nil {
				break
			}
		}
		if most := p.most.Load(); most > maxStreams {
			t.Errorf("%d requests of one connection at a time", most)
		}
		for end := time.Now().Add(5 * time.Second); p.busy.Load() > 0; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d requests go on that were reset", p.busy.Load())
			}
		}
	})
	idle := func(s *http.Server) { s.IdleTimeout = 300 * time.Millisecond }
	t.Run("half a header block", func(t *testing.T) {
		p := serveRaw(t, Timeouts{}, idle)
		_, f, ended := p.speaks()
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.block("GET", "/"), EndStream: true})
		p.ends(ended, 10*time.Second, "a client that stops in its headers")
	})
	t.Run("pings", func(t *testing.T) {
		p := serveRaw(t, Timeouts{}, idle)
		_, f, ended := p.speaks()
		stop := make(chan struct{})
		defer close(stop)
		go func() {
			for f.WritePing(false, [8]byte{}) == nil {
				select {
				case <-stop:
					return
				case <-time.After(50 * time.Millisecond):
				}
			}
		}()
		p.ends(ended, 10*time.Second, "a client that asks nothing")
	})
}

// A body that comes by the byte has as long over HTTP/2 as over HTTP/1.1.
func TestHTTP2BodyByTheByte(t *testing.T) {
	p := serveRaw(t, Timeouts{Body: 500 * time.Millisecond, Answer: 500 * time.Millisecond}, nil)
	_, f, _ := p.speaks()
	_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.block("POST", "/json"), EndHeaders: true})
	began := time.Now()
	for {
		select {
		case err := <-p.said:
			if took := time.Since(began); err == nil || took > 3*time.Second {
				t.Errorf("the body ended after %s with %v", took, err)
			}
			return
		case <-time.After(100 * time.Millisecond):
			_ = f.WriteData(1, false, []byte{' '})
		}
		if time.Since(began) > 10*time.Second {
			t.Fatal("the body is waited for")
		}
	}
}

// A body whose length is not said, or said wrong, ends at its route's limit.
func TestHTTP2BodyWithoutLength(t *testing.T) {
	p := serveRaw(t, Timeouts{}, nil)
	for n, more := range [][]hpack.HeaderField{nil, {{Name: "content-length", Value: "0"}}, {{Name: "content-length", Value: "3"}}} {
		_, f, _ := p.speaks()
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.block("POST", "/json", more...), EndHeaders: true})
		piece := bytes.Repeat([]byte{' '}, 16<<10)
		for sent := 0; sent < 2<<20 && f.WriteData(1, false, piece) == nil; sent += len(piece) {
			time.Sleep(100 * time.Microsecond)
		}
		select {
		case err := <-p.said:
			if err == nil {
				t.Errorf("body %d is read as a good one", n)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("body %d is waited for", n)
		}
	}
}

// A server that stops answers what is under way.
func TestHTTP2StopsGracefully(t *testing.T) {
	p := serveRaw(t, Timeouts{}, nil)
	var only http.Protocols
	only.SetUnencryptedHTTP2(true)
	way := &http.Transport{Protocols: &only}
	defer way.CloseIdleConnections()
	status := make(chan int, 1)
	go func() {
		answer, err := (&http.Client{Transport: way}).Get("http://" + p.address + "/waits")
		if err != nil {
			t.Error(err)
			status <- 0
			return
		}
		answer.Body.Close()
		status <- answer.StatusCode
	}()
	for p.busy.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	stopped := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		stopped <- p.server.Shutdown(ctx)
	}()
	<-p.ended
	close(p.waits)
	if got := <-status; got != http.StatusOK {
		t.Errorf("answered with %d", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
