// Package providertest is the one suite that every kind of source passes, over
// real HTTP with TLS. A kind says how its server answers each case, in the shape
// that its documentation has; a case that it cannot have it declares with the
// reason. What a hostile server does is the same for all and is the suite's own.
package providertest

import (
	"context"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/outbound"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/seal"
)

// Key is the key that every source of the suite has. It must be seen in one
// header of each request and nowhere else.
const Key = "canary-key-5b1c7e"

// Step is one reply of a server. Without a Content-Type header it is JSON.
type Step struct {
	Status int
	Header map[string]string
	Body   string
}

// Case is how a server answers: one Step a request, the last one again and
// again. Want is the outcome; for found and partial, Values are those wanted.
// An empty Case with Why is one that the kind cannot have.
type Case struct {
	Steps      []Step
	Want       provider.Outcome
	Values     []lead.Value // without Source and VerifiedAt
	RetryAfter time.Duration
	Cost       string
	Why        string
}

// Cases are the cases that a kind declares.
type Cases struct {
	Found, NotFound, Partial, Pending            Case
	Unauthorised, Forbidden, OutOfQuota          Case
	RateLimited, RateLimitedUntil, OptedOut, Bad Case
}

func (c Cases) all() map[string]Case {
	return map[string]Case{
		"found": c.Found, "not found": c.NotFound, "partial": c.Partial, "pending, then found": c.Pending,
		"401": c.Unauthorised, "403": c.Forbidden, "out of quota": c.OutOfQuota, "rate limited": c.RateLimited,
		"rate limited, with the time": c.RateLimitedUntil, "opted out": c.OptedOut, "invalid": c.Bad,
	}
}

// Subject is a kind under test. Personal lists what its replies say of the
// person, beside the query: none of it may stand in a Detail.
type Subject struct {
	Kind     provider.Kind
	Config   provider.Config
	Query    provider.Query
	Cases    Cases
	Personal []string
}

// Query is a person about whom everything is known.
var Query = provider.Query{
	FullName: "Ada Lovelace", FirstName: "Ada", LastName: "Lovelace", Company: "Analytical Engines", Domain: "engines.example",
	LinkedInURL: "https://linkedin.com/in/ada", Email: "ada@home.example", Country: "GB", Fields: lead.Fields,
}.Normal()

// Server is a source whose replies are scripted, over TLS. It sees every
// request.
type Server struct {
	*httptest.Server
	mu       sync.Mutex
	handlers []http.HandlerFunc
	requests []*http.Request
	bodies   []string
}

// NewServer starts one, to be closed with the test.
func NewServer(t testing.TB) *Server {
	s := &Server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// Script sets what the next requests are answered; the last handler stays.
func (s *Server) Script(handlers ...http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers, s.requests, s.bodies = handlers, nil, nil
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	handle := s.handlers[0]
	if len(s.handlers) > 1 {
		s.handlers = s.handlers[1:]
	}
	s.requests, s.bodies = append(s.requests, r), append(s.bodies, string(body))
	s.mu.Unlock()
	handle(w, r)
}

// Seen is the requests since Script and their bodies.
func (s *Server) Seen() ([]*http.Request, []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests, s.bodies
}

// Reply is a handler that answers a Step.
func (step Step) Reply(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	for name, value := range step.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(step.Status)
	_, _ = io.WriteString(w, step.Body)
}

func handlers(steps []Step) []http.HandlerFunc {
	list := make([]http.HandlerFunc, len(steps))
	for i, step := range steps {
		list[i] = step.Reply
	}
	return list
}

// New makes the subject's provider against a server. trust says whether it
// believes the server's certificate.
func (s Subject) New(t testing.TB, server *Server, timeout time.Duration, trust bool) provider.Provider {
	t.Helper()
	c := s.Config
	if c.Name == "" {
		c.Name = "subject"
	}
	c.URL = server.URL
	if len(c.Fields) == 0 {
		c.Fields = s.Kind.Gives
	}
	roots := x509.NewCertPool()
	if trust {
		roots.AddCert(server.Certificate())
	}
	client := outbound.NewClient(outbound.Options{Timeout: timeout, AllowPrivate: true, RootCAs: roots, Ports: []uint16{port(t, server.URL)}})
	t.Cleanup(client.Close)
	p, err := s.Kind.New(provider.Setup{Config: c, Key: seal.Hide(Key), Client: &provider.Client{Client: client}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func port(t testing.TB, address string) uint16 {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	return uint16(n)
}

// Search asks, and polls at once for as long as the answer is pending, at most
// ten times.
func Search(ctx context.Context, p provider.Provider, q provider.Query) provider.Answer {
	a := p.Ask(ctx, q)
	for range 10 {
		if a.Outcome != provider.Pending {
			break
		}
		a = p.Poll(ctx, a.Ticket, q)
	}
	return a
}

// checkAnswer holds what must be so of every answer, whatever the server sent.
func (s Subject) checkAnswer(t testing.TB, p provider.Provider, a provider.Answer) {
	t.Helper()
	switch a.Outcome {
	case provider.Found, provider.NotFound, provider.Pending, provider.RateLimited, provider.OutOfQuota,
		provider.Forbidden, provider.OptedOut, provider.Invalid, provider.Failed:
	default:
		t.Errorf("%q is no outcome", a.Outcome)
	}
	if (a.Outcome == provider.Found) != (len(a.Person.Values) > 0) {
		t.Errorf("%s with %d values", a.Outcome, len(a.Person.Values))
	}
	if a.RetryAfter < 0 || a.RetryAfter > time.Hour || a.Cost != provider.Amount(a.Cost) {
		t.Errorf("retry after %v, cost %q", a.RetryAfter, a.Cost)
	}
	for _, v := range a.Person.Values {
		s.checkValue(t, p, v)
	}
	q := s.query()
	personal := append([]string{Key, q.FirstName, q.LastName, q.Domain, q.Company, q.Email}, s.Personal...)
	for _, secret := range personal {
		if secret != "" && strings.Contains(strings.ToLower(a.Detail), strings.ToLower(secret)) {
			t.Errorf("the detail %q holds %q", a.Detail, secret)
		}
	}
	if strings.Contains(a.Reference+a.Ticket, Key) {
		t.Error("the key is in the reference or the ticket")
	}
}

func (s Subject) checkValue(t testing.TB, p provider.Provider, v lead.Value) {
	t.Helper()
	if v.Source != p.Name() {
		t.Errorf("%s comes from %q", v.Value, v.Source)
	}
	_, known := lead.EmailStatus(v.Status)
	switch {
	case v.Field.IsEmail():
		if normal, err := lead.Email(v.Value); err != nil || normal != v.Value || !known || v.Status == "" {
			t.Errorf("%+v is no email as it is kept", v)
		}
	default:
		if normal, err := lead.Phone(v.Value, ""); err != nil || normal != v.Value || v.Status != "" {
			t.Errorf("%+v is no number as it is kept", v)
		}
	}
	if !v.VerifiedAt.IsZero() && (v.Status != lead.Verified || v.VerifiedAt.After(time.Now().Add(time.Minute))) {
		t.Errorf("%+v was verified at a time when it was not", v)
	}
}

// checkRequests holds that the key went in one header of each request and
// nowhere else.
func checkRequests(t testing.TB, server *Server) {
	t.Helper()
	requests, bodies := server.Seen()
	if len(requests) == 0 {
		t.Error("nothing was asked")
	}
	for i, r := range requests {
		headers := 0
		for _, values := range r.Header {
			if strings.Contains(strings.Join(values, " "), Key) {
				headers++
			}
		}
		if headers != 1 || strings.Contains(r.URL.String()+bodies[i], Key) {
			t.Errorf("the key is in %d headers; in the URL or body: %t", headers, strings.Contains(r.URL.String()+bodies[i], Key))
		}
	}
}

func (s Subject) query() provider.Query {
	if len(s.Query.Fields) == 0 {
		return Query
	}
	return s.Query.Normal()
}
