package web

import (
	"errors"
	"net/http"
	"slices"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/store"
)

// security is the page of how somebody signs in.
const security = "/settings/sign-in"

// fewCodes is when recovery codes are few.
const fewCodes = 3

func (a *App) securityPage(v *visit) error {
	if v.scope == nil {
		v.page.Notices = v.notices()
	}
	p, err := v.security()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, Security(p))
}

// clockText writes an instant where the workspace is; the operator's in UTC.
func (v *visit) clockText() (func(us int64) string, error) {
	if v.scope == nil {
		return func(us int64) string { return microTime(us).Format("2 Jan 2006, 15:04 UTC") }, nil
	}
	view, err := v.look()
	if err != nil {
		return nil, err
	}
	return func(us int64) string { return longTime(microTime(us), view) }, nil
}

func (v *visit) security() (p SecurityPage, err error) {
	standing, err := v.app.Gate.Standing(v.Context(), v.who)
	if err != nil {
		return p, err
	}
	session, err := v.app.Accounts.Session(v.Context(), v.who)
	if err != nil {
		return p, err
	}
	at, err := v.clockText()
	if err != nil {
		return p, err
	}
	p = SecurityPage{Page: v.page, Stale: !v.app.Accounts.Fresh(session)}
	if p.Password, err = v.passwordForm(session); err != nil {
		return p, err
	}
	p.App = AppPanel{On: standing.App, Key: newKey(), Recovery: plural(standing.Recovery, "recovery code is left.", "recovery codes are left."), Low: standing.Recovery < fewCodes}
	if !v.app.Gate.Sealing {
		p.App.Off = signin.NoKey
	}
	_, p.Passkeys.Why = v.app.Gate.Site(v.Host)
	p.Page.Passkeys = p.Passkeys.Why == ""
	for _, k := range standing.Passkeys {
		used := "not used yet"
		if k.UsedAt != 0 {
			used = "used " + at(k.UsedAt)
		}
		p.Passkeys.List = append(p.Passkeys.List, PasskeyLine{k.ID, k.Name, at(k.CreatedAt), used, newKey(), newKey()})
	}
	for _, i := range standing.Identities {
		p.Identities = append(p.Identities, IdentityLine{i.Issuer, v.app.Gate.IssuerName(i.Issuer), at(i.CreatedAt), newKey()})
	}
	p.Sessions = sessionLines(standing.Sessions, at, v.who.SignIn, true)
	if len(p.Sessions) > 1 {
		p.OthersKey = newKey()
	}
	if v.scope != nil && v.scope.Manages() {
		if p.Policy, err = v.policyForm(standing); err != nil {
			return p, err
		}
	}
	p.Page.Title, p.Page.Nav = "How you sign in", "settings"
	return p, nil
}

func (v *visit) passwordForm(session store.SignIn) (PasswordForm, error) {
	login, err := v.app.Accounts.Login(v.Context(), v.who)
	if err != nil {
		return PasswordForm{}, err
	}
	has, may := login.Password != "", v.mayReset(session)
	f := PasswordForm{Key: newKey(), Email: login.Email, Current: has && !may, MinLength: 10, Stale: !has && !may && !v.app.Accounts.Fresh(session), AskEmail: v.scope == nil}
	if v.scope != nil {
		m, err := v.app.Accounts.Member(v.Context(), v.scope, v.who.Member)
		if err != nil {
			return f, err
		}
		f.Email = m.Email
	}
	return f, nil
}

// mayReset reports whether the old password need not be known: somebody came by a link,
// a code or an invitation just now.
func (v *visit) mayReset(session store.SignIn) bool {
	return session.ResetUntil > v.app.Accounts.Clock().UnixMicro()
}

// mayChange refuses to change how somebody signs in, if they signed in long ago: they
// may have left the browser open.
func (v *visit) mayChange() error {
	session, err := v.app.Accounts.Session(v.Context(), v.who)
	if err == nil && !v.app.Accounts.Fresh(session) {
		err = fault.New(fault.NotAllowed, "You signed in more than an hour ago. Sign in once more to change this.")
	}
	return err
}

// sessionLines lists sessions; end puts a button beside each but one's own.
func sessionLines(list []store.SignIn, at func(int64) string, own string, end bool) (lines []SessionLine) {
	for _, s := range list {
		l := SessionLine{ID: s.ID, Browser: s.Browser, How: s.How, When: at(s.CreatedAt), Seen: at(s.SeenAt), This: s.ID == own}
		if s.Address != "" {
			l.Where = "from " + s.Address
		}
		if end && !l.This {
			l.Key = newKey()
		}
		lines = append(lines, l)
	}
	return lines
}

func (a *App) savePassword(v *visit) error {
	session, err := a.Accounts.Session(v.Context(), v.who)
	if err != nil {
		return err
	}
	form, err := v.passwordForm(session)
	if err != nil {
		return err
	}
	if form.Stale {
		return v.to(security, "danger", "You signed in more than an hour ago. Sign in once more to set a password.")
	}
	if form.Current {
		good, err := v.knowsPassword(session)
		if err != nil {
			return err
		}
		if good != "" {
			return v.showSecurity(func(p *SecurityPage) { p.Password.CurrentError = good })
		}
	}
	if form.AskEmail {
		if form.Email, err = lead.Email(v.PostFormValue("email")); err != nil {
			return v.showSecurity(func(p *SecurityPage) {
				p.Password.Email, p.Password.EmailError = v.PostFormValue("email"), "Must be an email address."
			})
		}
	}
	err = a.Gate.SetPassword(v.Context(), v.who, form.Email, v.PostFormValue("password"))
	if problem := invalidText(err); problem != "" {
		return v.showSecurity(func(p *SecurityPage) { p.Password.NewError = problem })
	}
	if err != nil {
		return err
	}
	return v.to(security, "success", "The password is set. Sign in with it from now on. You are signed out everywhere else.")
}

// invalidText is what is wrong with a field, as a sentence; empty: something else, or nothing.
func invalidText(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid && len(f.Fields) > 0 {
		return capital(f.Fields[0].Message) + "."
	}
	return ""
}

// knowsPassword checks the current password; problem says why it does not do.
func (v *visit) knowsPassword(session store.SignIn) (problem string, err error) {
	if !v.app.attempts.Account(v.RemoteAddr, "password of "+session.Workspace+"/"+session.Member, "") {
		return "Too many tries. Wait a minute and try again.", nil
	}
	good, err := v.app.Accounts.CheckPassword(v.Context(), v.who, v.PostFormValue("current"))
	if err == nil && !good {
		problem = "This is not your current password."
	}
	return problem, err
}

// showSecurity shows the page again with what is wrong.
func (v *visit) showSecurity(change func(p *SecurityPage)) error {
	p, err := v.security()
	if err != nil {
		return err
	}
	change(&p)
	return v.show(http.StatusUnprocessableEntity, Security(p))
}

func (a *App) endSession(v *visit) error {
	err := a.Accounts.EndSession(v.Context(), v.who, v.PathValue("session"))
	if err != nil && !fault.Is(err, fault.NotFound) { // ended already is ended
		return err
	}
	return v.to(security, "success", "Signed out there.")
}

func (a *App) endOtherSessions(v *visit) error {
	if _, err := a.Accounts.EndOtherSessions(v.Context(), v.who); err != nil {
		return err
	}
	return v.to(security, "success", "You are signed in here alone.")
}

func (a *App) appPage(v *visit) error { return v.showApp(http.StatusOK, "") }

func (v *visit) showApp(status int, problem string) error {
	if err := v.mayChange(); err != nil {
		return v.to(security, "danger", errorText(err))
	}
	p, err := v.offerApp(v.who, problem)
	if err != nil {
		return err
	}
	v.page.Title, v.page.Nav = "Set up a second factor", "settings"
	p.Page, p.Action, p.Back = v.page, "/settings/sign-in/app", security
	return v.show(status, SetUpStep(p))
}

func (a *App) confirmApp(v *visit) error {
	if err := v.mayChange(); err != nil {
		return v.to(security, "danger", errorText(err))
	}
	codes, err := a.Gate.ConfirmApp(v.Context(), v.who, a.sessions.GetString(v.Context(), keptApp), v.PostFormValue("code"))
	switch {
	case fault.Is(err, fault.Unauthenticated), fault.Is(err, fault.RateLimited):
		return v.showApp(http.StatusUnprocessableEntity, errorText(err))
	case fault.Is(err, fault.Conflict):
		return v.to(security, "warning", "The app is set up already. Its recovery codes were shown then; make new ones if they were not kept.")
	case err != nil:
		return err
	}
	a.sessions.Remove(v.Context(), keptApp)
	return v.showRecovery(codes, security)
}

func (a *App) turnOffApp(v *visit) error {
	err := a.Gate.TurnOffApp(v.Context(), v.who, v.PostFormValue("code"))
	if text := codeProblem(err); text != "" {
		return v.showSecurity(func(p *SecurityPage) { p.App.Error = text })
	}
	if err != nil {
		return err
	}
	return v.to(security, "success", "The second factor is off.")
}

func (a *App) newRecovery(v *visit) error {
	codes, err := a.Gate.NewRecoveryCodes(v.Context(), v.who, v.PostFormValue("code"))
	if text := codeProblem(err); text != "" {
		return v.showSecurity(func(p *SecurityPage) { p.App.Error = text })
	}
	if err != nil {
		return err
	}
	return v.showRecovery(codes, security)
}

// codeProblem is what is wrong with a code; empty: nothing, or something else.
func codeProblem(err error) string {
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.RateLimited) || fault.Is(err, fault.NotAllowed) {
		return errorText(err)
	}
	return ""
}

func (v *visit) policyForm(standing signin.Standing) (*PolicyForm, error) {
	set, err := v.app.Gate.Policy(v.Context(), v.scope.Workspace.ID)
	f := &PolicyForm{Key: newKey(), SecondFactor: set.SecondFactor, SSOOnly: set.SSOOnly}
	if !v.app.Gate.Sealing {
		f.NoSecond = signin.NoKey
	}
	serving := v.app.Gate.Serving(v.scope.Workspace.ID)
	f.NoSSO = "sign in that way once yourself, so that you do not lock yourself out"
	for n, i := range serving {
		if n > 0 {
			f.Issuers += " or "
		}
		f.Issuers += i.Name
		f.Accepted = append(f.Accepted, AcceptedIssuer{i.URL, i.Name, slices.Contains(set.Accepted, i.URL)})
		if slices.ContainsFunc(standing.Identities, func(bound store.Identity) bool { return bound.Issuer == i.URL }) {
			f.NoSSO = ""
		}
	}
	return f, err
}

func (a *App) saveSignInPolicy(v *visit) error {
	err := a.Gate.SetPolicy(v.Context(), v.scope, store.SignInPolicy{SecondFactor: v.PostFormValue("second_factor") == "on", SSOOnly: v.PostFormValue("sso_only") == "on", Accepted: v.PostForm["accepted"]})
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		return v.showSecurity(func(p *SecurityPage) { p.Policy.Error = "Not saved: it " + f.Fields[0].Message + "." })
	}
	if err != nil {
		return err
	}
	return v.to(security, "success", "Saved. It counts from everybody's next sign-in on.")
}
