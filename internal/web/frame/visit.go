package frame

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
)

// Visit is one request of a browser.
type Visit struct {
	*http.Request
	W        http.ResponseWriter
	App      *App
	Scope    *account.Scope    // nil where nobody of a workspace is signed in
	came     account.Principal // as the session says
	Zone     *time.Location    // the workspace's; nil where Scope is
	Who      account.Principal // the same, or the operator as they watch a workspace
	verb     account.Verb      // what who is signed in must be allowed to do here
	Page     Page
	download bool    // the answer is a stream of many reads
	ready    *answer // the page that is to be sent
	kept     *Before // what the browser brought in a sealed cookie; nil: not read yet
}

// handle runs a page and shows what went wrong. The files of a form end with it.
func (a *App) handle(h func(v *Visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := a.visit(w, r)
		v.Page.Theme = a.Sessions.GetString(r.Context(), "theme")
		defer func() {
			if v.MultipartForm != nil {
				_ = v.MultipartForm.RemoveAll()
			}
		}()
		if err := h(v); err != nil {
			v.fail(err)
		}
		v.send()
	})
}

// answer is a page that was drawn whole.
type answer struct {
	status int
	text   []byte
}

// send sends the page that was drawn: after what it was read from was let go.
func (v *Visit) send() {
	if v.ready == nil {
		return
	}
	v.W.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := send(v.W, v.Request, v.ready.status, v.ready.text); err != nil && v.Context().Err() == nil {
		slog.Warn("a page was not delivered", "error", err)
	}
}

// once runs what shows a page over one snapshot of the database: whatever it reads, and
// however often, is of one instant. What a page changes, it changes outside of it.
func (v *Visit) once(show func() error) error {
	if v.Method != http.MethodGet || v.download {
		return show()
	}
	outside := v.Request
	defer func() { v.Request = outside }()
	return v.App.Screens.Snapshot(v.Context(), func(ctx context.Context) error {
		v.Request = outside.WithContext(ctx)
		return show()
	})
}

func (a *App) visit(w http.ResponseWriter, r *http.Request) *Visit {
	v := &Visit{Request: r, W: w, App: a}
	v.Page.Support = v.Support("")
	return v
}

// refuse shows why a request was not even read.
func (a *App) refuse(w http.ResponseWriter, r *http.Request, err error) {
	secure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.visit(w, r).refuse(err) })).ServeHTTP(w, r)
}

func (v *Visit) refuse(err error) {
	v.fail(err)
	v.send()
}

// HTMX reports whether a fragment is asked for.
func (v *Visit) HTMX() bool { return v.Header.Get("HX-Request") == "true" }

// Show draws a page, whole or not at all; it is sent when the handler has ended.
func (v *Visit) Show(status int, c templ.Component) error {
	var page bytes.Buffer
	if err := c.Render(context.WithoutCancel(v.Context()), &page); err != nil { // who stopped sending may still read
		return err
	}
	v.ready = &answer{status, page.Bytes()}
	return nil
}

// fail shows what happened and what to do.
func (v *Visit) fail(err error) {
	if errors.Is(err, context.Canceled) { // it may still read the answer
		err = fault.New(fault.Invalid, "Your browser closed the connection before the server was done. See whether the change was made, then try again.")
	}
	err = account.FromRefusal(err)
	var f *fault.Error
	if !errors.As(err, &f) {
		f = fault.Wrap(fault.Internal, err, "")
	}
	page := ErrorPage{Page: v.Page, Status: f.Kind.Status(), What: f.Message, Link: "/", Call: "Go to the start", Request: v.W.Header().Get("X-Request-Id")}
	switch f.Kind {
	case fault.NotFound:
		page.Title, page.Do = "Not found", "It may have been removed, or the address is mistyped."
	case fault.NotAllowed:
		page.Title, page.Do = "You may not do this", "Ask an admin of your workspace."
	case fault.Overloaded:
		page.Title, page.Do = "The server is busy", "Try again in a moment. What was charged stays charged once."
	case fault.Mismatch:
		page.Title, page.What, page.Do = "This form was sent before", "The same form was sent before with other choices. Those were carried out; these were not, and nothing was charged for them.", "Open the page again and make your choices there."
	case fault.Internal:
		slog.Error("page failed", "request", page.Request, "path", v.Pattern, "error", err)
		page.Title, page.What, page.Do = "Something failed on the server", "The request could not be finished.", "Try again. What was charged stays charged once."
	default:
		page.Title, page.Do = "That did not work", "Go back, correct it and try again."
	}
	if wait := f.Seconds(); wait > 0 {
		v.W.Header().Set("Retry-After", strconv.Itoa(wait))
	}
	page.Page.Title, page.Page.Support = page.Title, v.Support(page.Title)
	if err := v.Show(page.Status, Failure(page)); err != nil {
		slog.Warn("an error page could not be drawn", "error", err)
	}
}
