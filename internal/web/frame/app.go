// Package frame is what every page stands on: a request of a browser and who sends it, its
// session and cookies, where it is sent on to, what stands around each page, and how numbers,
// times and errors are written.
//
// A page is one component over one struct of plain data: the handler of the request fills the
// struct, and no component reads a database, a clock or a session. Every page works without
// JavaScript (forms that post and are redirected), no page needs an inline style or script,
// and text from outside is always escaped. htmx only enhances: a form that carries hx-post is
// answered with one of the fragments named in its comment.
package frame

import (
	"context"
	"encoding/gob"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/alexedwards/scs/v2"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/alert"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/enrich"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/live"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/push"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/throttle"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/webhook"
)

// App serves the pages. It decides nothing: what a page shows it asks of the
// packages below, and what a form does they do.
type App struct {
	Accounts  *account.Accounts
	SignIn    *signin.Service
	Captures  *capture.Service
	Directory *directory.Directory
	Screens   *screen.Screens
	Reports   *usage.Reports
	Export    *export.Export
	Bulk      *bulk.Bulk
	Webhooks  *webhook.Hooks
	Pushes    *push.Pushes
	Alerts    *alert.Alerts
	Mail      *mail.Post
	Sources   *enrich.Sources
	// WebhooksPrivate says that webhooks may be http:// and on private networks.
	WebhooksPrivate bool
	Background      func(name string, work func(ctx context.Context))
	PublicURL       string
	// Live tells what changes in workspaces; Stopping is closed when the server takes no more.
	Live     *live.Live
	Stopping <-chan struct{}
	Support  string
	// Cookies seals what browsers bring back; the servers of one database share it.
	Cookies seal.Key

	Sessions *scs.SessionManager
	Attempts *throttle.Attempts
}

func init() {
	gob.Register(account.Principal{})
	gob.Register(signin.Entry{})
	gob.Register(signin.Began{}) // in sessions of before 0019; one that does not decode locks a browser out
}

// open prepares what requests need beside the packages below.
func (a *App) open() {
	a.Attempts = throttle.New()
	a.Sessions = scs.New()
	a.Sessions.Store = a.Accounts.BrowserSessions()
	a.Sessions.HashTokenInStore = true
	a.Sessions.Lifetime = account.SessionLife
	a.Sessions.Cookie.HttpOnly = true
	a.Sessions.Cookie.SameSite = http.SameSiteLaxMode
	a.Sessions.Cookie.Path = "/"
	// A __Host- cookie needs https; plain http is for one's own machine.
	a.Sessions.Cookie.Name = "leadmeter"
	if strings.HasPrefix(a.PublicURL, "https://") {
		a.Sessions.Cookie.Name, a.Sessions.Cookie.Secure = "__Host-leadmeter", true
	}
	a.Sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		slog.Error("a browser session could not be read or written", "error", err)
		http.Error(w, "The server cannot reach its database; try again in a moment.", http.StatusServiceUnavailable)
	}
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

// unhurried refuses who has used up their tries before a byte of the form is read. A
// browser that signed in before has tries of its own, which its form decides about.
func (a *App) unhurried(h func(v *Visit) error) func(v *Visit) error {
	return func(v *Visit) error {
		var known familiar
		if v.Method == http.MethodPost && a.Attempts.Spent(v.RemoteAddr) && !v.sealed("known", &known) {
			return fault.New(fault.RateLimited, "Too many tries. Wait a minute and try again.")
		}
		return h(v)
	}
}

// signedIn lets members through who may do what the page does, and sends everybody
// else to sign in.
func (a *App) signedIn(verb account.Verb, h func(v *Visit) error) func(v *Visit) error {
	return a.known(func(v *Visit) error {
		if v.Who.IsOperator() && !v.watching() {
			return v.To("/operator", "", "")
		}
		if verb == account.SeeUsage && v.Method == http.MethodGet {
			if err := a.sumUp(v); err != nil {
				return err
			}
		}
		return v.once(func() error {
			scope, err := a.Accounts.Enter(v.Context(), v.Who, v.Who.Workspace)
			if err != nil {
				return err
			}
			v.Scope = scope
			if err := v.frame(); err != nil {
				return err
			}
			if err := v.Who.May(verb); err != nil {
				return err
			}
			v.verb = verb
			return h(v)
		})
	})
}

// sumUp brings the sums up to date that pages of usage read.
func (a *App) sumUp(v *Visit) error {
	scope, err := a.Accounts.Enter(v.Context(), v.Who, v.Who.Workspace)
	if err != nil {
		return err
	}
	return a.Reports.SumUp(v.Context(), scope)
}

// anybody lets members and the operator through, to what is about themselves.
func (a *App) anybody(verb account.Verb, h func(v *Visit) error) func(v *Visit) error {
	return a.known(func(v *Visit) error {
		if v.Who.IsOperator() {
			return a.operators(verb, h)(v)
		}
		return a.signedIn(verb, h)(v)
	})
}

// operators lets the operator through.
func (a *App) operators(verb account.Verb, h func(v *Visit) error) func(v *Visit) error {
	return a.known(func(v *Visit) error {
		if err := v.Who.May(account.SeeServer); err != nil { // a member, whatever the page
			return err
		}
		if err := v.Who.May(verb); err != nil {
			return err
		}
		v.verb = verb
		v.Page.SignedIn, v.Page.Operator, v.Page.UserName, v.Page.UserRole = true, true, "Operator", "runs this server"
		v.Page.SignOut, v.Page.Narrow = NewKey(), v.narrow()
		return v.once(func() error {
			waiting, err := a.Screens.Waiting(v.Context())
			if err != nil {
				return err
			}
			v.Page.Requests, v.Page.Reviews = waiting.Requests, waiting.Reviews
			return h(v)
		})
	})
}

// known reads who is signed in: what they may do counts as it is now.
func (a *App) known(h func(v *Visit) error) func(v *Visit) error {
	return func(v *Visit) error {
		if v.came.SignIn != "" { // it was read a moment ago
			return h(v)
		}
		who, ok := a.Sessions.Get(v.Context(), "who").(account.Principal)
		if ok {
			var err error
			if who, err = a.Accounts.Refresh(v.Context(), who); err != nil {
				if !fault.Is(err, fault.Unauthenticated) {
					return err
				}
				if err := a.Sessions.Destroy(v.Context()); err != nil {
					return err
				}
				ok = false
			}
		}
		if !ok && v.streams() {
			v.W.WriteHeader(http.StatusNoContent) // ends the stream of a tab that was signed out; it does not come back
			return nil
		}
		if !ok {
			to := "/sign-in"
			if v.Method == http.MethodGet && v.URL.Path != "/" {
				to += "?next=" + url.QueryEscape(v.URL.RequestURI())
			}
			if v.HTMX() {
				v.W.Header().Set("HX-Redirect", LocalTarget(to))
				v.W.WriteHeader(http.StatusUnauthorized)
				return nil
			}
			return v.To(to, "", "")
		}
		v.came, v.Who = who, who
		return h(v)
	}
}

// home leads to where the visitor works.
func (a *App) home(v *Visit) error {
	return a.known(func(v *Visit) error {
		if v.Who.IsOperator() {
			return v.To("/operator", "", "")
		}
		return v.To("/leads", "", "")
	})(v)
}
