package web

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/alexedwards/scs/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/alert"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/directory"
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

// maxForm bounds a form, in bytes; files have their own bound.
const maxForm = 1 << 20

func init() {
	gob.Register(account.Principal{})
	gob.Register(signin.Entry{})
	gob.Register(signin.Began{}) // in sessions of before 0019; one that does not decode locks a browser out
}

// Register adds the pages to a mux.
func (a *App) Register(mux *http.ServeMux) {
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
	mux.Handle("GET /static/", Static())
	a.routes(mux)
}

// routes is every page and every form.
func (a *App) routes(mux *http.ServeMux) {
	cross := http.NewCrossOriginProtection()
	add := func(pattern string, h http.Handler) {
		mux.Handle(pattern, secure(cross.Handler(a.sessions.LoadAndSave(h))))
	}
	open := func(pattern string, h func(r *visit) error) { add(pattern, a.handle(h)) }
	member := func(pattern string, h func(r *visit) error) { add(pattern, a.handle(a.signedIn(h))) }
	operator := func(pattern string, h func(r *visit) error) { add(pattern, a.handle(a.operators(h))) }
	person := func(pattern string, h func(r *visit) error) { add(pattern, a.handle(a.anybody(h))) }

	open("GET /{$}", a.home)
	open("/", func(*visit) error { return fault.New(fault.NotFound, "There is no such page.") })
	open("GET /sign-in", a.signInPage)
	open("POST /sign-in", a.signIn)
	open("POST /sign-in/code/look", a.lookAtCode)
	open("POST /sign-in/code", a.signInByCode)
	open("POST /sign-out", a.signOut)
	open("POST /sign-in/link", a.askLink)
	open("GET /sign-in/link/sent", a.linkSentPage)
	open("GET /sign-in/link", a.linkPage)
	open("POST /sign-in/link/use", a.useLink)
	open("POST /sign-in/link/code", a.useLinkCode)
	open("GET /sign-in/choose", a.choosePage)
	open("POST /sign-in/choose", a.choose)
	open("GET /sign-in/second", a.secondPage)
	open("POST /sign-in/second", a.second)
	open("GET /sign-in/set-up", a.setUpPage)
	open("POST /sign-in/set-up", a.setUp)
	open("POST /sign-in/passkey/ask", a.askPasskey)
	open("POST /sign-in/passkey", a.signInByPasskey)
	open("GET /sign-in/with/{issuer}", a.beginSSO)
	open("GET /sign-in/with/{issuer}/back", a.backFromSSO)
	open("GET /join", a.joinPage)
	open("POST /join", a.join)

	person("GET /settings/sign-in", a.securityPage)
	person("POST /settings/password", a.savePassword)
	person("POST /settings/sessions/{session}/end", a.endSession)
	person("POST /settings/sessions/end-others", a.endOtherSessions)
	person("GET /settings/sign-in/app", a.appPage)
	person("POST /settings/sign-in/app", a.confirmApp)
	person("POST /settings/sign-in/app/off", a.turnOffApp)
	person("POST /settings/sign-in/recovery", a.newRecovery)
	person("POST /settings/passkeys/ask", a.offerPasskey)
	person("POST /settings/passkeys", a.addPasskey)
	person("POST /settings/passkeys/{passkey}", a.renamePasskey)
	person("POST /settings/passkeys/{passkey}/remove", a.removePasskey)
	person("POST /settings/identities/end", a.endIdentity)
	member("POST /settings/sign-in/policy", a.saveSignInPolicy)
	member("GET /team/{member}/sign-in", a.memberSignInPage)
	member("POST /team/{member}/sessions/end", a.endMemberSessions)
	member("POST /team/{member}/reset", a.resetMember)
	member("POST /team/{member}/invite", a.inviteAgain)
	member("POST /team/{member}/withdraw", a.withdraw)

	member("GET /leads", a.leadsPage)
	member("GET /leads/{lead}", a.leadPage)
	member("POST /leads/{lead}", a.changeLead)
	member("POST /leads/{lead}/unlock", a.unlock)
	member("GET /leads/{lead}/drawer", a.drawer)
	member("POST /leads/{lead}/merge", a.merge)
	member("POST /leads/{lead}/split", a.split)
	member("POST /leads/news", a.leadNews)
	member("POST /leads/columns", a.saveColumns)
	member("POST /leads/views", a.saveView)
	member("POST /leads/views/{view}/delete", a.dropView)
	member("POST /leads/chosen", a.chosen)
	member("POST /leads/chosen/do", a.doChosen)
	member("GET /leads.csv", a.leadsCSV)
	member("GET /leads/export", a.exportLeads)
	member("GET /capture", a.capturePage)
	member("POST /capture", a.capture)
	member("GET /bulk", a.bulkPage)
	member("POST /bulk", a.beginBulk)
	member("GET /bulk/{bulk}", a.bulkJobPage)
	member("GET /bulk/{bulk}/progress", a.bulkProgress)
	member("POST /bulk/{bulk}/go", a.goBulk)
	member("POST /bulk/{bulk}/stop", a.stopBulk)
	member("GET /bulk/{bulk}/results.csv", a.bulkResults)
	member("GET /usage", a.usagePage)
	member("GET /usage/entries", a.entriesPage)
	member("POST /entries/{entry}/report", a.reportEntry)
	member("GET /usage.csv", a.usageCSV)
	member("GET /entries.csv", a.entriesCSV)
	member("GET /team", a.teamPage)
	member("POST /team/allocations", a.saveTeam)
	member("POST /team/allocations/fill", a.fillTeam)
	member("POST /team/allocations/check", a.checkTeam)
	member("POST /groups", a.saveGroup)
	member("POST /groups/{group}", a.saveGroup)
	member("POST /groups/{group}/drop", a.dropGroup)
	member("POST /requests/{request}", a.decideRequest)
	member("GET /ask", a.askPage)
	member("GET /plan", a.planPage)
	member("GET /audit", a.auditPage)
	member("GET /audit.csv", a.auditCSV)
	member("POST /ask", a.ask)
	member("POST /team", a.addMember)
	member("POST /team/{member}/remove", a.removeMember)
	member("POST /team/{member}/sign-in-link", a.signInLink)
	member("GET /settings", a.settingsPage)
	member("POST /settings/auto-unlock", a.savePolicy)
	member("POST /settings/my-auto-unlock", a.saveOwn)
	member("POST /settings/theme", a.saveTheme)
	member("POST /settings/keys", a.createKey)
	member("POST /settings/keys/{key}/revoke", a.revokeKey)
	member("POST /settings/extensions/{connection}/end", a.endConnection)
	member("GET /settings/webhooks", a.webhooksPage)
	member("POST /settings/webhooks", a.addWebhook)
	member("GET /settings/webhooks/{webhook}", a.webhookPage)
	member("POST /settings/webhooks/{webhook}", a.changeWebhook)
	member("POST /settings/webhooks/{webhook}/pause", a.pauseWebhook)
	member("POST /settings/webhooks/{webhook}/test", a.testWebhook)
	member("POST /settings/webhooks/{webhook}/rotate", a.rotateWebhook)
	member("POST /settings/webhooks/{webhook}/delete", a.deleteWebhook)
	member("POST /settings/webhooks/{webhook}/deliveries/{delivery}", a.redeliver)
	member("GET /settings/push", a.pushPage)
	member("POST /settings/push", a.beginPush)
	member("POST /settings/push/{kind}", a.connectPush)
	member("POST /settings/push/{kind}/end", a.endPushConnection)
	member("GET /settings/alerts", a.alertsPage)
	member("POST /settings/alerts", a.saveAlerts)
	member("POST /settings/alerts/usage-mail", a.saveUsageMail)
	member("GET /connect/extension", a.connectPage)
	member("POST /connect/extension", a.connect)
	member("GET /help", a.helpPage)

	operator("GET /operator", a.operatorPage)
	operator("GET /operator/imports", a.importsFragment)
	operator("POST /operator/imports", a.importFile)
	operator("GET /operator/imports/{import}", a.importPage)
	operator("POST /operator/imports/{import}", a.startImport)
	operator("GET /operator/imports/{import}/rejected.csv", a.rejectedCSV)
	operator("POST /operator/workspaces", a.createWorkspace)
	operator("GET /operator/workspaces/{ws}", a.operatorWorkspace)
	operator("GET /operator/reviews", a.reviewsPage)
	operator("POST /operator/reviews/{ws}/{entry}", a.decideReview)
	operator("GET /operator/server", a.serverPage)
	operator("GET /operator/books", a.booksPage)
	operator("POST /operator/books", a.compareBooks)
	operator("POST /operator/suppressions", a.suppress)
	operator("POST /operator/workspaces/{ws}/watch", a.watch)
	operator("POST /operator/watch/end", a.endWatch)
	operator("POST /operator/workspaces/{ws}/plan", a.changePlan)
	operator("POST /operator/workspaces/{ws}/grants", a.giveGrant)
	operator("POST /operator/workspaces/{ws}/grants/{grant}/end", a.endGrant)
	operator("POST /operator/workspaces/{ws}/cancel", a.cancel)
	operator("POST /operator/workspaces/{ws}/reactivate", a.reactivate)
}

// secure sets the headers that every page has.
func secure(next http.Handler) http.Handler {
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// visit is one request of a browser.
type visit struct {
	*http.Request
	w     http.ResponseWriter
	app   *App
	scope *account.Scope // nil where nobody of a workspace is signed in
	who   account.Principal
	page  Page
	kept  *before // what the browser brought in a sealed cookie; nil: not read yet
}

// handle runs a page and shows what went wrong.
func (a *App) handle(h func(v *visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		}
		v := &visit{Request: r, w: w, app: a}
		v.page.Support = v.support("")
		v.page.Theme = a.sessions.GetString(r.Context(), "theme")
		if err := h(v); err != nil {
			v.fail(err)
		}
	})
}

// signedIn lets members through and sends everybody else to sign in.
func (a *App) signedIn(h func(v *visit) error) func(v *visit) error {
	return a.known(func(v *visit) error {
		if v.who.IsOperator() && !v.watching() {
			return v.to("/operator", "", "")
		}
		if v.who.Watching && v.Method != http.MethodGet {
			return fault.New(fault.NotAllowed, "You look at this workspace as its admin does, and change nothing in it.")
		}
		scope, err := a.Accounts.Enter(v.Context(), v.who, v.who.Workspace)
		if err != nil {
			return err
		}
		v.scope = scope
		if err := v.frame(); err != nil {
			return err
		}
		return h(v)
	})
}

// anybody lets members and the operator through, to what is about themselves.
func (a *App) anybody(h func(v *visit) error) func(v *visit) error {
	return a.known(func(v *visit) error {
		if v.who.IsOperator() {
			return a.operators(h)(v)
		}
		return a.signedIn(h)(v)
	})
}

// operators lets the operator through.
func (a *App) operators(h func(v *visit) error) func(v *visit) error {
	return a.known(func(v *visit) error {
		if err := v.who.MayOperate(); err != nil {
			return err
		}
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
		v.who = who
		return h(v)
	}
}

// htmx reports whether a fragment is asked for.
func (v *visit) htmx() bool { return v.Header.Get("HX-Request") == "true" }

func newKey() string { return ident.New("form") }

// show writes a page, whole or not at all.
func (v *visit) show(status int, c templ.Component) error {
	var page bytes.Buffer
	if err := c.Render(v.Context(), &page); err != nil {
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
	if v.Context().Err() != nil {
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
