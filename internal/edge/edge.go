// Package edge stands between the network and every handler. It holds the table of
// the server's routes and, for each, bounds what one client can take: how large a
// body may be, how long it may take to arrive, whether it may be a form with files,
// and how long a client may stop reading an answer.
//
// It promises that no handler reads more of a body than its route allows, that no
// temporary file of a form outlives its request, that a refusal reaches a client
// which is still sending, and that a client which neither sends nor reads is cut off
// after the timeouts. It never looks at who asks or at what a body means.
package edge

import (
	"net/http"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
)

const (
	// MaxForm bounds the body of a form or of a JSON request, in bytes.
	MaxForm = 1 << 20
	// maxDiscard is how much of a refused body is read and thrown away, in bytes, so
	// that a client which is still sending sees the answer.
	maxDiscard = 8 << 20
)

// Timeouts bound how long a client may take. The zero value means the defaults.
type Timeouts struct {
	// Body is how long a body may take to arrive, and how long a file may pause.
	Body time.Duration
	// Answer is how long a client may stop reading an answer.
	Answer time.Duration
	// Discard is how long the rest of a refused body is read for.
	Discard time.Duration
}

// WithDefaults fills in what is not set: 60 s, 60 s and 5 s.
func (t Timeouts) WithDefaults() Timeouts {
	set := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	set(&t.Body, time.Minute)
	set(&t.Answer, time.Minute)
	set(&t.Discard, 5*time.Second)
	return t
}

// Route is one line of the table of routes.
type Route struct {
	// Pattern is as http.ServeMux takes it.
	Pattern string
	// Body bounds the request's body, in bytes; 0: MaxForm.
	Body int64
	// File: the body is a file or a form with one. It may take as long as it needs
	// while bytes come, and only here may a form be multipart/form-data.
	File bool
	// Download: the answer may be long. It may take as long as it needs while the
	// client reads.
	Download bool
	// Stream: bytes come and go at once, for as long as neither pauses for too long.
	Stream bool
	// Refuse writes an error answer in the surface's own form: a page or a problem.
	Refuse func(w http.ResponseWriter, r *http.Request, err error)
}

// Mux is an http.ServeMux whose routes are all guarded and all in one table.
type Mux struct {
	mux      *http.ServeMux
	timeouts Timeouts
	routes   []Route
	nowhere  http.Handler
}

// NewMux makes one without routes.
func NewMux(t Timeouts) *Mux {
	m := &Mux{mux: http.NewServeMux(), timeouts: t.WithDefaults()}
	m.nowhere = m.guard(Route{Body: MaxForm}, http.HandlerFunc(http.NotFound))
	return m
}

// Handle adds a route.
func (m *Mux) Handle(route Route, h http.Handler) {
	if route.Body == 0 {
		route.Body = MaxForm
	}
	m.routes = append(m.routes, route)
	m.mux.Handle(route.Pattern, m.guard(route, h))
}

// Routes is the table of routes, in the order in which they were added.
func (m *Mux) Routes() []Route { return m.routes }

// Timeouts are what the routes keep to.
func (m *Mux) Timeouts() Timeouts { return m.timeouts }

// ServeHTTP hands a request to its route. A path that http.ServeMux would correct by a
// redirect, past every guard, is nowhere.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if path := r.URL.Path; strings.Contains(path, "//") || strings.Contains(path, "/.") || !strings.HasPrefix(path, "/") {
		m.nowhere.ServeHTTP(w, r)
		return
	}
	m.mux.ServeHTTP(w, r)
}

// maxStreams is how many requests one connection of HTTP/2 has under way.
const maxStreams = 250

// Server is an HTTP server whose connections keep to the timeouts. It speaks HTTP/1.1, and HTTP/2
// without TLS to clients that begin with it, as proxies do: TLS is theirs.
func (m *Mux) Server(h http.Handler) *http.Server {
	var speaks http.Protocols
	speaks.SetHTTP1(true)
	speaks.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler: h, ReadHeaderTimeout: min(10*time.Second, m.timeouts.Body), ReadTimeout: m.timeouts.Body, WriteTimeout: m.timeouts.Body + m.timeouts.Answer,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		Protocols: &speaks, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: maxStreams, WriteByteTimeout: m.timeouts.Answer, SendPingTimeout: m.timeouts.Answer, PingTimeout: m.timeouts.Answer},
	}
}

// What every answer says unless its handler knows better: no cache keeps it, and it is
// read as nothing but what it says it is.
var noStore, noSniff = []string{"no-store"}, []string{"nosniff"}

// guard bounds one route.
func (m *Mux) guard(route Route, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header["Cache-Control"], header["X-Content-Type-Options"] = noStore, noSniff
		if route.Download || route.Stream && r.ContentLength == 0 { // a stream that only answers
			w = newDownload(w, m.timeouts.Answer)
		}
		x := newExchange(w, r, route.Body, m.timeouts.Answer)
		if r.ContentLength == 0 {
			x.ended = true
			h.ServeHTTP(x, r)
			return
		}
		if route.File {
			x.idle = m.timeouts.Body
		}
		if route.Stream {
			x.stream = m.timeouts.Body
			_ = x.control().EnableFullDuplex() // HTTP/2 is so by itself
		}
		r.Body = x
		if err := admit(route, r); err != nil && route.Refuse != nil {
			route.Refuse(x, r, err)
		} else {
			h.ServeHTTP(x, r)
		}
		x.finish(m.timeouts.Discard)
	})
}

// admit refuses what a route does not take, before any of the body is read.
func admit(route Route, r *http.Request) error {
	if r.ContentLength > route.Body {
		return TooLarge(route.Body)
	}
	const form = "multipart/"
	if kind := r.Header.Get("Content-Type"); len(kind) >= len(form) && strings.EqualFold(kind[:len(form)], form) && !route.File {
		return fault.Wrong("Content-Type", "must not be multipart/form-data here: this address takes no file")
	}
	return nil
}
