package web

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/alexedwards/scs/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/alert"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/push"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/throttle"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/webhook"
)

// App serves the pages. It decides nothing: what a page shows it asks of the
// packages below, and what a form does they do.
type App struct {
	Accounts  *account.Accounts
	Gate      *signin.Gate
	Desk      *capture.Desk
	Directory *directory.Directory
	Ledger    *credits.Ledger
	Store     *store.Store
	Reports   *usage.Reports
	Export    *export.Export
	Bulk      *bulk.Bulk
	Webhooks  *webhook.Hooks
	Pushes    *push.Pushes
	Alerts    *alert.Alerts
	Mail      *mail.Post
	// WebhooksPrivate says that webhooks may be http:// and on private networks.
	WebhooksPrivate bool
	Background      func(name string, work func(ctx context.Context))
	PublicURL       string
	Support         string
	// Cookies seals what browsers bring back; the servers of one database share it.
	Cookies seal.Key

	sessions *scs.SessionManager
	attempts *throttle.Attempts
}

func init() {
	gob.Register(account.Principal{})
	gob.Register(signin.Entry{})
	gob.Register(signin.Began{}) // in sessions of before 0019; one that does not decode locks a browser out
}

// Register adds the pages to a mux.
func (a *App) Register(mux *edge.Mux) {
	a.attempts = throttle.New()
	a.sessions = scs.New()
	a.sessions.Store = sessionStore{a.Store}
	a.sessions.HashTokenInStore = true
	a.sessions.Lifetime = account.SessionLife
	a.sessions.Cookie.HttpOnly = true
	a.sessions.Cookie.SameSite = http.SameSiteLaxMode
	a.sessions.Cookie.Path = "/"
	// A __Host- cookie needs https; plain http is for one's own machine.
	a.sessions.Cookie.Name = "leadmeter"
	if strings.HasPrefix(a.PublicURL, "https://") {
		a.sessions.Cookie.Name, a.sessions.Cookie.Secure = "__Host-leadmeter", true
	}
	a.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		slog.Error("a browser session could not be read or written", "error", err)
		http.Error(w, "The server cannot reach its database; try again in a moment.", http.StatusServiceUnavailable)
	}
	mux.Handle(edge.Route{Pattern: "GET /static/", Refuse: a.refuse}, Static())
	a.routes(mux)
}

// secure sets the headers that every page has.
func secure(next http.Handler) http.Handler {
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// visit is one request of a browser.
type visit struct {
	*http.Request
	w     http.ResponseWriter
	app   *App
	scope *account.Scope    // nil where nobody of a workspace is signed in
	came  account.Principal // as the session says
	who   account.Principal // the same, or the operator as they watch a workspace
	verb  account.Verb      // what who is signed in must be allowed to do here
	page  Page
	kept  *before // what the browser brought in a sealed cookie; nil: not read yet
}

// handle runs a page and shows what went wrong. The files of a form end with it.
func (a *App) handle(h func(v *visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := a.visit(w, r)
		v.page.Theme = a.sessions.GetString(r.Context(), "theme")
		defer func() {
			if v.MultipartForm != nil {
				_ = v.MultipartForm.RemoveAll()
			}
		}()
		if err := h(v); err != nil {
			v.fail(err)
		}
	})
}

func (a *App) visit(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{Request: r, w: w, app: a}
	v.page.Support = v.support("")
	return v
}

// refuse shows why a request was not even read.
func (a *App) refuse(w http.ResponseWriter, r *http.Request, err error) {
	secure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.visit(w, r).fail(err) })).ServeHTTP(w, r)
}

// unhurried refuses who has used up their tries before a byte of the form is read. A
// browser that signed in before has tries of its own, which its form decides about.
func (a *App) unhurried(h func(v *visit) error) func(v *visit) error {
	return func(v *visit) error {
		var known familiar
		if v.Method == http.MethodPost && a.attempts.Spent(v.RemoteAddr) && !v.sealed("known", &known) {
			v.w.Header().Set("Retry-After", "60")
			return fault.New(fault.RateLimited, "Too many tries. Wait a minute and try again.")
		}
		return h(v)
	}
}

// read reads the form, once it is known who sends it, and refuses text that cannot be
// kept. A form with a file is read by its page.
func read(h func(v *visit) error) func(v *visit) error {
	return func(v *visit) error {
		if !clean(v.URL.Path) {
			return fault.New(fault.NotFound, "There is no such page.")
		}
		if !strings.HasPrefix(v.Header.Get("Content-Type"), "multipart/") {
			if err := v.ParseForm(); err != nil {
				return edge.Unread(err)
			}
			if err := v.mayStill(); err != nil {
				return err
			}
		}
		if err := cleanForm(v.Form); err != nil {
			return err
		}
		return h(v)
	}
}

// mayStill refuses somebody who lost the right to do this while their form arrived. Who reads
// a body asks it afterwards.
func (v *visit) mayStill() (err error) {
	if v.verb == "" || v.ContentLength == 0 {
		return nil
	}
	if v.came, err = v.app.Accounts.Refresh(v.Context(), v.came); err != nil {
		return err
	}
	if !v.who.Watching {
		v.who = v.came
	}
	if v.scope != nil {
		if v.scope, err = v.app.Accounts.Enter(v.Context(), v.who, v.who.Workspace); err != nil {
			return err
		}
	}
	return v.who.May(v.verb)
}

// lateReader asks at the end of a file whether who sent it may still do so.
type lateReader struct {
	io.Reader
	mayStill func() error
}

func (r lateReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		if late := r.mayStill(); late != nil {
			return n, late
		}
	}
	return n, err
}

// cleanForm refuses text that a database cannot keep.
func cleanForm(form url.Values) error {
	for name, values := range form {
		for _, text := range append(values, name) {
			if !clean(text) {
				return fault.New(fault.Invalid, "The form has characters that cannot be kept: broken UTF-8, or a NUL. Nothing was changed.")
			}
		}
	}
	return nil
}

func clean(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// signedIn lets members through who may do what the page does, and sends everybody
// else to sign in.
func (a *App) signedIn(verb account.Verb, h func(v *visit) error) func(v *visit) error {
	return a.known(func(v *visit) error {
		if v.who.IsOperator() && !v.watching() {
			return v.to("/operator", "", "")
		}
		scope, err := a.Accounts.Enter(v.Context(), v.who, v.who.Workspace)
		if err != nil {
			return err
		}
		v.scope = scope
		if err := v.frame(); err != nil {
			return err
		}
		if err := v.who.May(verb); err != nil {
			return err
		}
		v.verb = verb
		return h(v)
	})
}

// anybody lets members and the operator through, to what is about themselves.
func (a *App) anybody(verb account.Verb, h func(v *visit) error) func(v *visit) error {
	return a.known(func(v *visit) error {
		if v.who.IsOperator() {
			return a.operators(verb, h)(v)
		}
		return a.signedIn(verb, h)(v)
	})
}

// operators lets the operator through.
func (a *App) operators(verb account.Verb, h func(v *visit) error) func(v *visit) error {
	return a.known(func(v *visit) error {
		if err := v.who.May(account.SeeServer); err != nil { // a member, whatever the page
			return err
		}
		if err := v.who.May(verb); err != nil {
			return err
		}
		v.verb = verb
		v.page.SignedIn, v.page.Operator, v.page.UserName, v.page.UserRole = true, true, "Operator", "runs this server"
		v.page.SignOut = newKey()
		return h(v)
	})
}

// known reads who is signed in: what they may do counts as it is now.
func (a *App) known(h func(v *visit) error) func(v *visit) error {
	return func(v *visit) error {
		who, ok := a.sessions.Get(v.Context(), "who").(account.Principal)
		if ok {
			var err error
			if who, err = a.Accounts.Refresh(v.Context(), who); err != nil {
				if !fault.Is(err, fault.Unauthenticated) {
					return err
				}
				if err := a.sessions.Destroy(v.Context()); err != nil {
					return err
				}
				ok = false
			}
		}
		if !ok {
			to := "/sign-in"
			if v.Method == http.MethodGet && v.URL.Path != "/" {
				to += "?next=" + url.QueryEscape(v.URL.RequestURI())
			}
			if v.htmx() {
				v.w.Header().Set("HX-Redirect", local(to))
				v.w.WriteHeader(http.StatusUnauthorized)
				return nil
			}
			return v.to(to, "", "")
		}
		v.came, v.who = who, who
		return h(v)
	}
}

// htmx reports whether a fragment is asked for.
func (v *visit) htmx() bool { return v.Header.Get("HX-Request") == "true" }

func newKey() string { return ident.New("form") }

// show writes a page, whole or not at all.
func (v *visit) show(status int, c templ.Component) error {
	var page bytes.Buffer
	if err := c.Render(context.WithoutCancel(v.Context()), &page); err != nil { // who stopped sending may still read
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := send(v.w, v.Request, status, page.Bytes()); err != nil && v.Context().Err() == nil {
		slog.Warn("a page was not delivered", "error", err)
	}
	return nil
}

// fail shows what happened and what to do.
func (v *visit) fail(err error) {
	if errors.Is(err, context.Canceled) {
		return // the browser went elsewhere
	}
	err = account.FromRefusal(err)
	var f *fault.Error
	if !errors.As(err, &f) {
		f = fault.Wrap(fault.Internal, err, "")
	}
	page := ErrorPage{Page: v.page, Status: f.Kind.Status(), What: f.Message, Link: "/", Call: "Go to the start", Request: v.w.Header().Get("X-Request-Id")}
	switch f.Kind {
	case fault.NotFound:
		page.Title, page.Do = "That is not here", "It may have been removed, or the address is mistyped."
	case fault.NotAllowed:
		page.Title, page.Do = "You may not do this", "Ask an admin of your workspace."
	case fault.Overloaded:
		page.Title, page.Do = "The server is busy", "Nothing was changed. Try again in a moment."
	case fault.Internal:
		slog.Error("page failed", "request", page.Request, "path", v.Pattern, "error", err)
		page.Title, page.What, page.Do = "Something failed on the server", "The request could not be finished.", "Try again. What was charged stays charged once."
	default:
		page.Title, page.Do = "That did not work", "Go back, correct it and try again."
	}
	page.Page.Title, page.Page.Support = page.Title, v.support(page.Title)
	if err := v.show(page.Status, Failure(page)); err != nil {
		slog.Warn("an error page could not be drawn", "error", err)
	}
}

// home leads to where the visitor works.
func (a *App) home(v *visit) error {
	return a.known(func(v *visit) error {
		if v.who.IsOperator() {
			return v.to("/operator", "", "")
		}
		return v.to("/leads", "", "")
	})(v)
}
