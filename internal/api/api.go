// Package api is the JSON API. One struct an operation is its schema, its
// validation and its documentation; /openapi.json is made from them. What an
// operation means is decided in the packages below.
package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/alert"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/enrich"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/push"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/throttle"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/webhook"
)

// API serves /v1 and /openapi.json.
type API struct {
	Accounts  *account.Accounts
	SignIn    *signin.Service
	Captures  *capture.Service
	Directory *directory.Directory
	Ledger    *credits.Ledger
	Store     *store.Store
	Reports   *usage.Reports
	Screens   *screen.Screens
	Export    *export.Export
	Sources   *enrich.Sources // nil: there are no sources
	Bulk      *bulk.Bulk
	Webhooks  *webhook.Hooks
	Alerts    *alert.Alerts
	Pushes    *push.Pushes
	Rates     *throttle.Rates // of each key but the operator's
	// Background runs work that outlives its request, and waits for it at the end.
	Background func(name string, work func(ctx context.Context))
	// PublicURL is how browsers reach the server; empty: as the request says.
	PublicURL string
	// Cursors seals the cursors of lists.
	Cursors seal.Key

	// Stopping is closed when the server takes no more: streams end.
	Stopping <-chan struct{}

	routes  *routes
	streams streams
}

// Register adds the API's routes to a mux.
func (a *API) Register(mux *edge.Mux) {
	a.routes = &routes{a: a, mux: mux, ops: map[string]*operation{}, fast: map[string]fastPath{"POST " + chargePath: a.fastCharge, "POST " + batchPath: a.fastBatch}}
	huma.NewError = fromHuma
	huma.ValidateStrictCasing = true
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "leadmeter", Version: documentVersion, Description: introduction,
				License: &huma.License{Name: "Apache License 2.0", Identifier: "Apache-2.0"},
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"key": {Type: "http", Scheme: "bearer", Description: "An operator's, a workspace's or a member's API key."},
				},
			},
			Security: []map[string][]string{{"key": {}}},
		},
		OpenAPIPath:   "/openapi",
		Formats:       map[string]huma.Format{"application/json": format, "json": format},
		DefaultFormat: "application/json",
	}
	schemas := config.Components.Schemas
	schemas.RegisterTypeAlias(reflect.TypeFor[credits.Amount](), reflect.TypeFor[amountSchema]())
	schemas.RegisterTypeAlias(reflect.TypeFor[credits.Quota](), reflect.TypeFor[quotaSchema]())
	h := humago.New(a.routes, config)
	a.routes.HandleFunc("/v1/", unknown)
	a.operator(h)
	a.workspaces(h)
	a.team(h)
	a.deeds(h)
	a.directory(h)
	a.sources(h)
	a.captures(h)
	a.people(h)
	a.bulk(h)
	a.leads(h)
	a.reports(h)
	a.meter(h)
	a.badData(h)
	a.requests(h)
	a.addOnRequests(h)
	a.webhooks(h)
	a.alerts(h)
	a.pushes(h)
	a.extension(h)
	a.routes.document(h.OpenAPI())
	a.routes.complete(h.OpenAPI())
}

// schemaName keeps the nameless bodies of requests apart from the named bodies of
// answers.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	if t.Kind() == reflect.Struct && t.Name() == "" {
		name += "Request"
	}
	return name
}

type amountSchema float64

// Schema describes an exact amount.
func (amountSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Description: "Credits, exact to six decimal places.", Examples: []any{1}}
}

type quotaSchema float64

// Schema describes an amount that may be unlimited.
func (quotaSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Nullable: true, Description: "Credits, exact to six decimal places; null is unlimited."}
}

// Amount is an amount in a request, as it was written: what is wrong with it is
// said together with the member that it stands in.
type Amount struct{ text string }

// UnmarshalJSON keeps the number's text: no float is ever made of it.
func (a *Amount) UnmarshalJSON(b []byte) error {
	a.text = string(b)
	return nil
}

// Schema describes an exact amount.
func (Amount) Schema(r huma.Registry) *huma.Schema { return amountSchema(0).Schema(r) }

func (a Amount) read(field string) (credits.Amount, error) {
	v, err := credits.ParseAmount(a.text)
	if err != nil {
		return 0, fault.Wrong(field, "%s", err)
	}
	return v, nil
}

// asking is who asks for what.
type asking struct {
	account.Principal
	operation string
	url       *url.URL
	head      http.Header // of the answer
}

// place is where a cursor is good: the list of one workspace, with the same filters and order.
func (a *asking) place() string {
	q := a.url.Query()
	for _, free := range []string{"cursor", "limit", "facets"} { // a page may be larger, and its facets were read with the first
		q.Del(free)
	}
	return a.operation + " " + a.url.Path + "?" + q.Encode()
}

// Replayed says in the answer that it is the first one again, whatever it was.
func (a *asking) Replayed() { a.head.Set("Idempotent-Replayed", "true") }

// askingContext is a request's context that knows who asks. It is the request's body too,
// so that a sender who lost their rights while it arrived does nothing with it.
type askingContext struct {
	context.Context
	asking asking

	io.ReadCloser // the body
	api           *API
	request       *http.Request
	operation     *operation
	known         int64     // store.Admissions when it was asked who it is
	at            time.Time // and the process's time
}

// Read hands on the body, and at its end asks again who sent it.
func (c *askingContext) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		if late := c.still(); late != nil {
			return n, late
		}
	}
	return n, err
}

// still refuses who may not any more: rights are asked for again where they may have
// changed since the request's head came.
func (c *askingContext) still() error {
	known, now := c.api.Store.Admissions(), time.Now()
	if c.operation.open || c.known == known && now.Sub(c.at) < account.AdmittedFor {
		return nil
	}
	p, err := c.admit()
	if err == nil {
		c.asking.Principal, c.known, c.at = p, known, now
	}
	return err
}

// admitted asks the same, and remembers nothing, for who answers while another reads.
func (c *askingContext) admitted() error {
	_, err := c.admit()
	return err
}

func (c *askingContext) admit() (account.Principal, error) {
	secret, _ := bearer(c.request.Header.Get("Authorization"))
	p, err := c.api.Accounts.Authenticate(c.Context, secret)
	if err == nil {
		err = c.api.may(p, c.request, c.operation)
	}
	return p, err
}

type askingKey struct{}

// Value finds who asks, and whom to tell that an answer was given before.
func (c *askingContext) Value(key any) any {
	switch key.(type) {
	case askingKey, store.ReplayKey:
		return &c.asking
	}
	return c.Context.Value(key)
}

func askingOf(ctx context.Context) *asking {
	if a, ok := ctx.Value(askingKey{}).(*asking); ok {
		return a
	}
	return &asking{url: &url.URL{}}
}

func bearer(header string) (string, bool) {
	scheme, secret, _ := strings.Cut(header, " ")
	return strings.TrimSpace(secret), strings.EqualFold(scheme, "Bearer") && secret != ""
}

func principal(ctx context.Context) account.Principal { return askingOf(ctx).Principal }

func (a *API) enter(ctx context.Context, workspace string) (*account.Scope, error) {
	return a.Accounts.Enter(ctx, principal(ctx), workspace)
}

// handle registers an operation; every error leaves as a Problem.
func handle[I, O any](a *API, h huma.API, method, path, id, summary string, status int, fn func(ctx context.Context, in *I) (*O, error)) {
	op := huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary, DefaultStatus: status, Tags: []string{groupOf(path)},
		MaxBodyBytes: -1, BodyReadTimeout: a.routes.mux.Timeouts().Body, // package edge bounds the body
	}
	more := operation{}
	if openOperations[id] {
		op.Security, more.body = []map[string][]string{{}}, maxOpen
	}
	a.routes.declare(op, more)
	huma.Register(h, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		if err != nil {
			return nil, newProblem(err)
		}
		return out, nil
	})
}

// WS is the workspace in a path.
type WS struct {
	Workspace string `path:"ws" maxLength:"100" doc:"The workspace's id."`
}

// Once is the header that makes a POST happen once.
type Once struct {
	Key     string `header:"Idempotency-Key" maxLength:"255" doc:"Makes the request happen once, for ever. Keys in order of time (UUIDv7) are fastest."`
	RawBody []byte `json:"-"`
}

// fingerprint says whether two requests are the same one.
func (o Once) fingerprint(ctx context.Context, path string) []byte {
	return digest(ctx, path, canonical(o.RawBody))
}

// canonical is a body in which the order of members and white space do not count.
func canonical(body []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return body
	}
	text, err := json.Marshal(v)
	if err != nil {
		return body
	}
	return text
}

// digest is the path, the body and who asks.
func digest(ctx context.Context, path string, body []byte) []byte {
	b := append(append(make([]byte, 0, 512), path...), 0)
	b = append(append(b, principal(ctx).Member...), 0)
	sum := sha256.Sum256(append(b, body...))
	return bytes.Clone(sum[:16])
}

// once carries a request out in one transaction with its receipt, and gives the
// first answer to every repetition. secretless is what may be kept of an answer.
func once[T any](a *API, ctx context.Context, ws, path string, o Once, fn func(tx *store.Tx) (T, error), secretless func(T) T) (out T, err error) {
	first, replayed, err := a.Store.Once(ctx, ws, o.Key, o.fingerprint(ctx, path), time.Now().UnixMicro(), func(tx *store.Tx) ([]byte, error) {
		var err error
		if out, err = fn(tx); err != nil {
			return nil, err
		}
		keep := out
		if secretless != nil {
			keep = secretless(out)
		}
		return json.Marshal(keep)
	})
	if err == nil && replayed {
		err = json.Unmarshal(first, &out)
	}
	return out, err
}

// request is what a ledger command says of itself.
func request(ctx context.Context, s *account.Scope, path string, o Once) credits.Request {
	return requestOf(s, o.Key, o.fingerprint(ctx, path))
}

func requestOf(s *account.Scope, key string, fingerprint []byte) credits.Request {
	return credits.Request{Workspace: s.Workspace.ID, At: s.Now, Channel: "api", Key: key, Fingerprint: fingerprint}
}

func timeOf(us int64) time.Time { return time.UnixMicro(us).UTC() }

// opt is a text, or null for none.
func opt(s string) *string {
	if s == "" {
		return nil
	}
	text := s // s itself would be allocated even when empty
	return &text
}
