package gate

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/throttle"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// askLink mails a link. It is looked up and written after the answer, which is the
// same, and as quick, for every address.
func (v *visit) askLink() error {
	p := SignInPage{Email: v.FormValue("email"), Next: frame.AfterSignIn(v.FormValue("next"))}
	switch {
	case !v.App.Mail.On():
		return fault.New(fault.NotAllowed, "This server sends no mail.")
	case p.Email == "":
		p.EmailError = "Type your email address first."
		return v.showSignIn(http.StatusUnprocessableEntity, p)
	case !v.mayAsk(p.Email):
		p.EmailError = "Too many tries. Wait a minute and try again."
		return v.showSignIn(http.StatusTooManyRequests, p)
	}
	by := signin.Asker{Browser: v.NewBrowser(), Network: throttle.Site(v.RemoteAddr), From: v.from(), Known: v.FamiliarTo(frame.AccountName(p.Email))}
	v.Keep(func(b *frame.Before) { b.Next = p.Next })
	v.App.Background("sign-in link", func(ctx context.Context) {
		if err := v.App.SignIn.AskLink(ctx, p.Email, by); err != nil && ctx.Err() == nil {
			slog.Error("a sign-in link could not be mailed", "error", err)
		}
	})
	return v.To("/sign-in/link/sent", "", "")
}

// mayAsk takes a try to have a link mailed. Strangers use up none of what the owner of the
// address has elsewhere, nor of their tries to sign in.
func (v *visit) mayAsk(address string) bool {
	account := frame.AccountName(address)
	if browser := v.FamiliarTo(account); browser != "" {
		return v.App.Attempts.Account(v.RemoteAddr, "link "+account, browser)
	}
	return v.App.Attempts.Pair(v.RemoteAddr, "link "+account)
}

func (v *visit) linkSentPage() error { return v.showLinkSent(http.StatusOK, "") }

func (v *visit) showLinkSent(status int, problem string) error {
	v.Page.Title = "Look into your mail"
	return v.Show(status, LinkSent(StepPage{Page: v.Page, Key: frame.NewKey(), Error: problem}))
}

// linkPage is where a mailed link leads. Opening it changes nothing: mail scanners
// open links too.
func (v *visit) linkPage() error {
	p := LinkPage{Key: frame.NewKey(), Token: v.URL.Query().Get("token")}
	state, err := v.App.SignIn.Link(v.Context(), p.Token, v.Before().Asked)
	if err != nil {
		return err
	}
	p.State = string(state)
	v.Page.Title = "Sign in"
	p.Page = v.Page
	status := http.StatusOK
	if state == signin.LinkOver {
		status = http.StatusGone
	}
	return v.Show(status, LinkOpened(p))
}

func (v *visit) useLink() error {
	if !v.App.Attempts.Address(v.RemoteAddr) {
		return v.showLinkSent(http.StatusTooManyRequests, "Too many tries. Wait a minute and try again.")
	}
	e, err := v.App.SignIn.ByLink(v.Context(), v.PostFormValue("token"), v.Before().Asked)
	if fault.Is(err, fault.Unauthenticated) {
		v.Page.Title = "Sign in"
		return v.Show(http.StatusUnauthorized, LinkOpened(LinkPage{Page: v.Page, State: string(signin.LinkOver)}))
	}
	return v.arrive(e, err, v.Before().Next)
}

func (v *visit) useLinkCode() error {
	if !v.App.Attempts.Address(v.RemoteAddr) {
		return v.showLinkSent(http.StatusTooManyRequests, "Too many tries. Wait a minute and try again.")
	}
	e, err := v.App.SignIn.ByLinkCode(v.Context(), v.PostFormValue("code"), v.Before().Asked)
	if fault.Is(err, fault.Unauthenticated) {
		return v.showLinkSent(http.StatusUnauthorized, "The code is wrong, used or too old. Ask for a new link if you have no other.")
	}
	return v.arrive(e, err, v.Before().Next)
}

// joinPage is where an invitation leads; opening it changes nothing.
func (v *visit) joinPage() error {
	return v.showJoin(http.StatusOK, v.URL.Query().Get("token"), "")
}

func (v *visit) showJoin(status int, token, problem string) error {
	i, found, err := v.App.SignIn.Invited(v.Context(), token)
	if err != nil {
		return err
	}
	p := JoinPage{Key: frame.NewKey(), OtherKey: frame.NewKey(), Over: !found, Token: token, Workspace: i.Workspace, Email: i.Email, Error: problem, SSOOnly: i.SSOOnly, Issuers: issuerLinks(v.App.SignIn.Serving(i.Membership.Workspace), "")}
	if !found && status == http.StatusOK {
		status = http.StatusGone
	}
	v.Page.Title = "Join"
	p.Page = v.Page
	return v.Show(status, Join(p))
}

func (v *visit) join() error {
	token, password := v.PostFormValue("token"), v.PostFormValue("password")
	if !v.App.Attempts.Address(v.RemoteAddr) {
		return v.showJoin(http.StatusTooManyRequests, token, "Too many tries. Wait a minute and try again.")
	}
	next := ""
	if v.PostFormValue("without") == "yes" {
		password, next = "", "/settings/sign-in"
	} else if password == "" {
		return v.showJoin(http.StatusUnprocessableEntity, token, "Choose a password first.")
	}
	e, err := v.App.SignIn.ByInvitation(v.Context(), token, password)
	if problem := invalidText(err); problem != "" {
		return v.showJoin(http.StatusUnprocessableEntity, token, problem)
	}
	if fault.Is(err, fault.Unauthenticated) {
		return v.showJoin(http.StatusGone, token, "")
	}
	return v.arrive(e, err, next)
}
