package web

import (
	"net/http"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
)

func (a *App) signInPage(v *visit) error {
	v.page.Notices = v.notices()
	if _, ok := a.sessions.Get(v.Context(), "who").(account.Principal); ok {
		// A sign-in link is for whoever it names, also while somebody else is signed in.
		v.page.Notices = append(v.page.Notices, Notice{Kind: "success", Text: "You are signed in already.", Link: "/", Call: "Go on"})
	}
	return v.showSignIn(http.StatusOK, SignInPage{Next: afterSignIn(v.URL.Query().Get("next"))})
}

func (v *visit) showSignIn(status int, p SignInPage) error {
	_, why := v.app.Gate.Site(v.Host)
	p.Passkeys, p.Mail, p.Issuers = why == "", v.app.Mail.On(), issuerLinks(v.app.Gate.Issuers, p.Next)
	v.page.Title, v.page.Passkeys = "Sign in", p.Passkeys
	p.Page, p.Key, p.CodeKey = v.page, newKey(), newKey()
	return v.show(status, SignIn(p))
}

func (a *App) signIn(v *visit) error {
	p := SignInPage{Email: v.FormValue("email"), Next: afterSignIn(v.FormValue("next"))}
	if !v.mayTry(p.Email) {
		p.PasswordError = "Too many tries. Wait a minute and try again."
		return v.showSignIn(http.StatusTooManyRequests, p)
	}
	e, err := a.Gate.ByPassword(v.Context(), p.Email, v.FormValue("password"))
	if fault.Is(err, fault.Unauthenticated) {
		p.PasswordError = "The email address or the password is wrong."
		return v.showSignIn(http.StatusUnauthorized, p)
	}
	return v.arrive(e, err, p.Next)
}

// lookAtCode says what a code leads to, and asks. A link carries its code behind the #, so
// nobody is signed in by following one: the button, which names the workspace, does.
func (a *App) lookAtCode(v *visit) error {
	p := SignInPage{Next: afterSignIn(v.FormValue("next"))}
	if !a.attempts.Address(v.RemoteAddr) {
		p.CodeError = "Too many tries. Wait a minute and try again."
		return v.showSignIn(http.StatusTooManyRequests, p)
	}
	c, err := a.Gate.LookAtCode(v.Context(), v.FormValue("code"))
	if fault.Is(err, fault.Unauthenticated) {
		p.CodeError = "The code is unknown, used or too old. Ask for a new one."
		return v.showSignIn(http.StatusUnauthorized, p)
	}
	if err != nil {
		return err
	}
	v.page.Title = "Sign in to " + c.Name
	return v.show(http.StatusOK, CodeOpened(CodePage{Page: v.page, Key: newKey(), Next: p.Next, Code: v.FormValue("code"), Workspace: c.Name, Name: c.Member}))
}

func (a *App) signInByCode(v *visit) error {
	p := SignInPage{Next: afterSignIn(v.FormValue("next"))}
	if !a.attempts.Address(v.RemoteAddr) {
		p.CodeError = "Too many tries. Wait a minute and try again."
		return v.showSignIn(http.StatusTooManyRequests, p)
	}
	e, err := a.Gate.ByCode(v.Context(), v.FormValue("code"))
	if fault.Is(err, fault.Unauthenticated) {
		p.CodeError = "The code is unknown, used or too old. Ask for a new one."
		return v.showSignIn(http.StatusUnauthorized, p)
	}
	return v.arrive(e, err, p.Next)
}

func (a *App) signOut(v *visit) error {
	if err := v.leave(); err != nil {
		return err
	}
	if a.sessions.Token(v.Context()) != "" { // a browser without a session has nothing to end
		if err := a.sessions.Destroy(v.Context()); err != nil {
			return err
		}
	}
	return v.to("/sign-in", "", "")
}

func passwordHelp(n int) string {
	if n == 0 {
		return ""
	}
	return "At least " + itoa(n) + " characters."
}
