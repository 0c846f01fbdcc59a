package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	ownersPassword = "seven quiet lanterns at noon"
	// signIns and visitsOfPage are how many of a page and sample are measured. An account may try to
	// sign in 40 times.
	signIns      = 30
	visitsOfPage = 160
)

// page is something that is asked of a server, and how often.
type page struct {
	name   string
	visits int
	ask    func(v *visitor, r *asked)
}

// pages are what is measured, in this order: who signed in looks at pages.
var pages = []page{
	{"sign in", signIns, (*visitor).signIn},
	{"charge", visitsOfPage, func(v *visitor, r *asked) {
		r.post("/v1/workspaces/"+v.Workspace+"/charges", "application/json", `{"credit":"standard","amount":1}`)
		r.header("Authorization", "Bearer "+v.key)
		r.header("Idempotency-Key", uuid.Must(uuid.NewV7()).String())
		r.want = []string{`"entry":"ent_`, `"balance"`}
	}},
	balancePage,
	{"usage page", visitsOfPage, func(v *visitor, r *asked) {
		r.get("/usage")
		r.want = []string{workspaceName(v.Number), "<h1>Usage"}
	}},
	{"entries page", visitsOfPage, func(v *visitor, r *asked) {
		r.get("/usage/entries")
		r.want = []string{workspaceName(v.Number), "Ledger entries", "Charged"}
	}},
	{"lead sheet", visitsOfPage, func(v *visitor, r *asked) {
		r.get("/leads")
		r.want = []string{workspaceName(v.Number), leadName(v.subject, v.Leads-1)}
	}},
}

// balancePage is what software asks often; its first answer ends a server's start.
var balancePage = page{"balance", visitsOfPage, func(v *visitor, r *asked) {
	r.get("/v1/workspaces/" + v.Workspace + "/balance")
	r.header("Authorization", "Bearer "+v.key)
	r.want = []string{`"standard"`, `"used"`}
}}

// visitor is a workspace's owner in a browser, and its software.
type visitor struct {
	subject
	key   string
	jar   http.CookieJar
	tries int
}

// asked is a request and what its answer must have.
type asked struct {
	*http.Request
	base   string
	status int
	want   []string
	failed error
}

func (r *asked) get(path string) { r.make(http.MethodGet, path, nil) }

func (r *asked) post(path, of, body string) {
	r.make(http.MethodPost, path, strings.NewReader(body))
	r.header("Content-Type", of)
	r.status = http.StatusCreated
}

func (r *asked) make(method, path string, body io.Reader) {
	r.status = http.StatusOK
	r.Request, r.failed = http.NewRequest(method, r.base+path, body)
}

func (r *asked) header(name, value string) {
	if r.failed == nil {
		r.Header.Set(name, value)
	}
}

// signIn is by password, each time in a browser that has no cookie yet, from an address of its own.
func (v *visitor) signIn(r *asked) {
	v.tries++
	v.jar, r.failed = cookiejar.New(nil)
	if r.failed != nil {
		return
	}
	r.post("/sign-in", "application/x-www-form-urlencoded", url.Values{"email": {v.email()}, "password": {ownersPassword}}.Encode())
	r.header("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", v.tries, v.Number>>8&255, v.Number&255))
	r.status = http.StatusSeeOther
}

func (s *process) visitor(of subject) *visitor {
	if s.visitors[of.Workspace] == nil {
		s.visitors[of.Workspace] = &visitor{subject: of, key: s.keys[of.Workspace]}
	}
	return s.visitors[of.Workspace]
}

// visit asks once, reads the answer to its end and looks what is in it.
func (s *process) visit(ctx context.Context, p page, v *visitor) (time.Duration, error) {
	r := &asked{base: "http://" + s.address}
	p.ask(v, r)
	if r.failed != nil {
		return 0, r.failed
	}
	c := http.Client{Jar: v.jar, Transport: s.transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	began := time.Now()
	answer, err := c.Do(r.WithContext(ctx))
	if err != nil {
		return 0, err
	}
	body, err := io.ReadAll(answer.Body)
	took := time.Since(began)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return 0, err
	}
	if answer.StatusCode != r.status {
		return 0, fmt.Errorf("%s answered %s: %.2000s", r.URL.Path, answer.Status, body)
	}
	for _, want := range r.want {
		if !strings.Contains(string(body), want) {
			return 0, fmt.Errorf("%s says nothing of %q", r.URL.Path, want)
		}
	}
	return took, nil
}
