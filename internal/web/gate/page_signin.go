package gate

import (
	"net/http"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

func (v *visit) signInPage() error {
	v.Page.Notices = v.Notices()
	if _, ok := v.App.Sessions.Get(v.Context(), "who").(account.Principal); ok {
		// A sign-in link is for the person that it names, also while somebody else is signed in.
		v.Page.Notices = append(v.Page.Notices, frame.Notice{Kind: "success", Text: "You are signed in already.", Link: "/", Call: "Go on"})
	}
	return v.showSignIn(http.StatusOK, SignInPage{Next: frame.AfterSignIn(v.URL.Query().Get("next"))})
}

func (v *visit) showSignIn(status int, p SignInPage) error {
	_, why := v.App.SignIn.Site(v.Host)
	p.Passkeys, p.Mail, p.Issuers = why == "", v.App.Mail.On(), issuerLinks(v.App.SignIn.Issuers, p.Next)
	empty, err := v.App.Accounts.Empty(v.Context())
	if err != nil {
		return err
	}
	p.Empty = empty
	if p.Organization, err = v.App.Accounts.Organization(v.Context()); err != nil {
		return err
	}
	v.Page.Title, v.Page.Passkeys = "Sign in", p.Passkeys
	p.Page, p.Key, p.CodeKey = v.Page, frame.NewKey(), frame.NewKey()
	return v.Show(status, SignIn(p))
}

func (v *visit) signIn() error {
	p := SignInPage{Email: v.FormValue("email"), Next: frame.AfterSignIn(v.FormValue("next"))}
	if !v.MayTry(p.Email) {
		p.PasswordError = "Too many tries. Wait a minute and try again."
		return v.showSignIn(http.StatusTooManyRequests, p)
	}
	e, err := v.App.SignIn.ByPassword(v.Context(), p.Email, v.FormValue("password"))
	if fault.Is(err, fault.Unauthenticated) {
		p.PasswordError = "The email address or the password is wrong."
		return v.showSignIn(http.StatusUnauthorized, p)
	}
	return v.arrive(e, err, p.Next)
}

// lookAtCode says what a code leads to, and asks. A link carries its code behind the #, so
// nobody is signed in by following one: the button, which names the workspace, does.
func (v *visit) lookAtCode() error {
	p := SignInPage{Next: frame.AfterSignIn(v.FormValue("next"))}
	if !v.App.Attempts.Address(v.RemoteAddr) {
		p.CodeError = "Too many tries. Wait a minute and try again."
		return v.showSignIn(http.StatusTooManyRequests, p)
	}
	c, err := v.App.SignIn.LookAtCode(v.Context(), v.FormValue("code"))
	if fault.Is(err, fault.Unauthenticated) {
		p.CodeError = "The code is unknown, used or too old. Ask for a new one."
		return v.showSignIn(http.StatusUnauthorized, p)
	}
	if err != nil {
		return err
	}
	v.Page.Title = "Sign in to " + c.Name
	return v.Show(http.StatusOK, CodeOpened(CodePage{Page: v.Page, Key: frame.NewKey(), Next: p.Next, Code: v.FormValue("code"), Workspace: c.Name, Name: c.Member, Operator: c.Operator}))
}

func (v *visit) signInByCode() error {
	p := SignInPage{Next: frame.AfterSignIn(v.FormValue("next"))}
	if !v.App.Attempts.Address(v.RemoteAddr) {
		p.CodeError = "Too many tries. Wait a minute and try again."
		return v.showSignIn(http.StatusTooManyRequests, p)
	}
	e, err := v.App.SignIn.ByCode(v.Context(), v.FormValue("code"))
	if fault.Is(err, fault.Unauthenticated) {
		p.CodeError = "The code is unknown, used or too old. Ask for a new one."
		return v.showSignIn(http.StatusUnauthorized, p)
	}
	return v.arrive(e, err, p.Next)
}

func (v *visit) signOut() error {
	if err := v.leave(); err != nil {
		return err
	}
	if v.App.Sessions.Token(v.Context()) != "" { // a browser without a session has nothing to end
		if err := v.App.Sessions.Destroy(v.Context()); err != nil {
			return err
		}
	}
	return v.To("/sign-in", "", "")
}

func passwordHelp(n int) string {
	if n == 0 {
		return ""
	}
	return "At least " + frame.Itoa(n) + " characters."
}
