package web

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/throttle"
)

// askLink mails a link. It is looked up and written after the answer, which is the
// same, and as quick, for every address.
func (a *App) askLink(v *visit) error {
	p := SignInPage{Email: v.FormValue("email"), Next: afterSignIn(v.FormValue("next"))}
	switch {
	case !a.Mail.On():
		return fault.New(fault.NotAllowed, "This server sends no mail.")
	case p.Email == "":
		p.EmailError = "Type your email address first."
		return v.showSignIn(http.StatusUnprocessableEntity, p)
	case !v.mayAsk(p.Email):
		p.EmailError = "Too many tries. Wait a minute and try again."
		return v.showSignIn(http.StatusTooManyRequests, p)
	}
	by := signin.Asker{Browser: v.newBrowser(), Network: throttle.Network(v.RemoteAddr), Known: v.familiarTo(accountName(p.Email))}
	v.keep(func(b *before) { b.Next = p.Next })
	a.Background("sign-in link", func(ctx context.Context) {
		if err := a.Gate.AskLink(ctx, p.Email, by); err != nil && ctx.Err() == nil {
			slog.Error("a sign-in link could not be mailed", "error", err)
		}
	})
	return v.to("/sign-in/link/sent", "", "")
}

// mayAsk takes a try to have a link mailed. Strangers use up none of what the owner of the
// address has elsewhere, nor of their tries to sign in.
func (v *visit) mayAsk(address string) bool {
	account := accountName(address)
	if browser := v.familiarTo(account); browser != "" {
		return v.app.attempts.Account(v.RemoteAddr, "link "+account, browser)
	}
	return v.app.attempts.Pair(v.RemoteAddr, "link "+account)
}

func (a *App) linkSentPage(v *visit) error { return v.showLinkSent(http.StatusOK, "") }

func (v *visit) showLinkSent(status int, problem string) error {
	v.page.Title = "Look into your mail"
	return v.show(status, LinkSent(StepPage{Page: v.page, Key: newKey(), Error: problem}))
}

// linkPage is where a mailed link leads. Opening it changes nothing: mail scanners
// open links too.
func (a *App) linkPage(v *visit) error {
	p := LinkPage{Key: newKey(), Token: v.URL.Query().Get("token")}
	state, err := a.Gate.Link(v.Context(), p.Token, v.before().Asked)
	if err != nil {
		return err
	}
	p.State = string(state)
	v.page.Title = "Sign in"
	p.Page = v.page
	status := http.StatusOK
	if state == signin.LinkOver {
		status = http.StatusGone
	}
	return v.show(status, LinkOpened(p))
}

func (a *App) useLink(v *visit) error {
	if !a.attempts.Address(v.RemoteAddr) {
		return v.showLinkSent(http.StatusTooManyRequests, "Too many tries. Wait a minute and try again.")
	}
	e, err := a.Gate.ByLink(v.Context(), v.PostFormValue("token"), v.before().Asked)
	if fault.Is(err, fault.Unauthenticated) {
		v.page.Title = "Sign in"
		return v.show(http.StatusUnauthorized, LinkOpened(LinkPage{Page: v.page, State: string(signin.LinkOver)}))
	}
	return v.arrive(e, err, v.before().Next)
}

func (a *App) useLinkCode(v *visit) error {
	if !a.attempts.Address(v.RemoteAddr) {
		return v.showLinkSent(http.StatusTooManyRequests, "Too many tries. Wait a minute and try again.")
	}
	e, err := a.Gate.ByLinkCode(v.Context(), v.PostFormValue("code"), v.before().Asked)
	if fault.Is(err, fault.Unauthenticated) {
		return v.showLinkSent(http.StatusUnauthorized, "The code is wrong, used or too old. Ask for a new link if you have no other.")
	}
	return v.arrive(e, err, v.before().Next)
}

// joinPage is where an invitation leads; opening it changes nothing.
func (a *App) joinPage(v *visit) error {
	return v.showJoin(http.StatusOK, v.URL.Query().Get("token"), "")
}

func (v *visit) showJoin(status int, token, problem string) error {
	i, found, err := v.app.Gate.Invited(v.Context(), token)
	if err != nil {
		return err
	}
	p := JoinPage{Key: newKey(), OtherKey: newKey(), Over: !found, Token: token, Workspace: i.Workspace, Email: i.Email, Error: problem, SSOOnly: i.SSOOnly, Issuers: issuerLinks(v.app.Gate.Serving(i.Door.Workspace), "")}
	if !found && status == http.StatusOK {
		status = http.StatusGone
	}
	v.page.Title = "Join"
	p.Page = v.page
	return v.show(status, Join(p))
}

func (a *App) join(v *visit) error {
	token, password := v.PostFormValue("token"), v.PostFormValue("password")
	if !a.attempts.Address(v.RemoteAddr) {
		return v.showJoin(http.StatusTooManyRequests, token, "Too many tries. Wait a minute and try again.")
	}
	next := ""
	if v.PostFormValue("without") == "yes" {
		password, next = "", "/settings/sign-in"
	} else if password == "" {
		return v.showJoin(http.StatusUnprocessableEntity, token, "Choose a password first.")
	}
	e, err := a.Gate.ByInvitation(v.Context(), token, password)
	if problem := invalidText(err); problem != "" {
		return v.showJoin(http.StatusUnprocessableEntity, token, problem)
	}
	if fault.Is(err, fault.Unauthenticated) {
		return v.showJoin(http.StatusGone, token, "")
	}
	return v.arrive(e, err, next)
}
