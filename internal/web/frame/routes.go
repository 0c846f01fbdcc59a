package frame

import (
	"net/http"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/web/static"
)

// Handler answers one request. An error is shown as a page.
type Handler func(v *Visit) error

// Routes is where packages add their pages and forms, each with what its visitor must be
// allowed to do, as the permission table of package account knows it.
type Routes struct {
	app   *App
	mux   *edge.Mux
	cross *http.CrossOriginProtection
}

// Routes prepares the app for its first request, and begins its routes with what every
// page needs: the static files, the way home, and the page for what is not there.
func (a *App) Routes(mux *edge.Mux) *Routes {
	a.open()
	r := &Routes{app: a, mux: mux, cross: http.NewCrossOriginProtection()}
	mux.Handle(edge.Route{Pattern: "GET /static/", Refuse: a.refuse}, static.Handler())
	r.Open("GET /{$}", a.home)
	r.Member(account.SeePrices, "GET /usage/live", a.live, Stream())
	r.Member(account.SeePrices, "GET /usage/live/balance", a.header)
	r.Open("/", func(*Visit) error { return fault.New(fault.NotFound, "There is no such page.") })
	return r
}

// RouteOption changes what a route bounds.
type RouteOption func(r *edge.Route)

// TakesFile is for a form that takes a file; limit is how large the form may be, in bytes.
func TakesFile(limit int64) RouteOption {
	return func(r *edge.Route) { r.Body, r.File = limit, true }
}

// Download is for an answer that may be long.
func Download() RouteOption {
	return func(r *edge.Route) { r.Download = true }
}

// Stream is for an answer that continues while somebody listens.
func Stream() RouteOption {
	return func(r *edge.Route) { r.Stream = true }
}

func (r *Routes) add(pattern string, h Handler, options []RouteOption) {
	route := edge.Route{Pattern: pattern, Refuse: r.app.refuse}
	for _, o := range options {
		o(&route)
	}
	if route.Download || route.Stream {
		stream := h
		h = func(v *Visit) error {
			v.download = true
			return stream(v)
		}
	}
	r.mux.Handle(route, secure(r.cross.Handler(r.app.Sessions.LoadAndSave(r.app.handle(h)))))
}

// Open adds a page for everybody, of whom those who used up their tries wait.
func (r *Routes) Open(pattern string, h Handler, options ...RouteOption) {
	r.add(pattern, r.app.unhurried(read(h)), options)
}

// Unlimited adds a page for everybody, at which nobody guesses.
func (r *Routes) Unlimited(pattern string, h Handler, options ...RouteOption) {
	r.add(pattern, read(h), options)
}

// Member adds a page for members of a workspace who may do verb.
func (r *Routes) Member(verb account.Verb, pattern string, h Handler, options ...RouteOption) {
	r.add(pattern, r.app.signedIn(verb, read(h)), options)
}

// Operator adds a page for the operator.
func (r *Routes) Operator(verb account.Verb, pattern string, h Handler, options ...RouteOption) {
	r.add(pattern, r.app.operators(verb, read(h)), options)
}

// Person adds a page about oneself, for members and the operator.
func (r *Routes) Person(verb account.Verb, pattern string, h Handler, options ...RouteOption) {
	r.add(pattern, r.app.anybody(verb, read(h)), options)
}
