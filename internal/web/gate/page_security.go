package gate

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// security is the page of how somebody signs in.
const security = "/settings/sign-in"

// fewCodes is when recovery codes are few.
const fewCodes = 3

func (v *visit) securityPage() error {
	if v.Scope == nil {
		v.Page.Notices = v.Notices()
	}
	p, err := v.security()
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, Security(p))
}

// clockText writes an instant where the workspace is; the operator's in UTC.
func (v *visit) clockText(us int64) string {
	at := time.UnixMicro(us).UTC()
	if v.Scope == nil {
		return unit.InstantText(at, time.UTC)
	}
	return v.Time(at)
}

func (v *visit) security() (p SecurityPage, err error) {
	standing, err := v.App.SignIn.Standing(v.Context(), v.Who)
	if err != nil {
		return p, err
	}
	session, err := v.App.Accounts.Session(v.Context(), v.Who)
	if err != nil {
		return p, err
	}
	at := v.clockText
	p = SecurityPage{Page: v.Page, Stale: !v.App.Accounts.Fresh(session)}
	if p.Password, err = v.passwordForm(session); err != nil {
		return p, err
	}
	p.App = AppPanel{On: standing.App, Key: frame.NewKey(), Recovery: words.Plural(standing.Recovery, "recovery code is left.", "recovery codes are left."), Low: standing.Recovery < fewCodes}
	if !v.App.SignIn.Sealing {
		p.App.Off = signin.NoKey
	}
	_, p.Passkeys.Why = v.App.SignIn.Site(v.Host)
	p.Page.Passkeys = p.Passkeys.Why == ""
	for _, k := range standing.Passkeys {
		used := "not used yet"
		if k.UsedAt != 0 {
			used = "used " + at(k.UsedAt)
		}
		p.Passkeys.List = append(p.Passkeys.List, PasskeyLine{k.ID, k.Name, at(k.CreatedAt), used, frame.NewKey(), frame.NewKey()})
	}
	for _, i := range standing.Identities {
		p.Identities = append(p.Identities, IdentityLine{i.Issuer, v.App.SignIn.IssuerName(i.Issuer), at(i.CreatedAt), frame.NewKey()})
	}
	p.Sessions = sessionLines(standing.Sessions, at, v.Who.SignIn, true)
	if len(p.Sessions) > 1 {
		p.OthersKey = frame.NewKey()
	}
	if v.Scope != nil && v.Scope.Manages() {
		if p.Policy, err = v.policyForm(standing); err != nil {
			return p, err
		}
	}
	p.Page.Title, p.Page.Nav = "How you sign in", "settings"
	return p, nil
}

func (v *visit) passwordForm(session account.Session) (PasswordForm, error) {
	login, err := v.App.Accounts.Login(v.Context(), v.Who)
	if err != nil {
		return PasswordForm{}, err
	}
	has, may := login.Password != "", v.mayReset(session)
	f := PasswordForm{From: v.PostFormValue("from"), Key: frame.NewKey(), Email: login.Email, Current: has && !may, MinLength: 10, Stale: !has && !may && !v.App.Accounts.Fresh(session), AskEmail: v.Scope == nil}
	if v.Scope != nil {
		m, err := v.App.Accounts.Member(v.Context(), v.Scope, v.Who.Member)
		if err != nil {
			return f, err
		}
		f.Email = m.Email
	}
	return f, nil
}

// mayReset reports whether the old password need not be known: somebody came by a link,
// a code or an invitation just now.
func (v *visit) mayReset(session account.Session) bool {
	return session.ResetUntil > v.App.Accounts.Clock().UnixMicro()
}

// mayChange refuses to change how somebody signs in, if they signed in long ago: they
// may have left the browser open.
func (v *visit) mayChange() error {
	session, err := v.App.Accounts.Session(v.Context(), v.Who)
	if err == nil && !v.App.Accounts.Fresh(session) {
		err = fault.New(fault.NotAllowed, "You signed in more than an hour ago. Sign in once more to change this.")
	}
	return err
}

// sessionLines lists sessions; end puts a button beside each but one's own.
func sessionLines(list []account.Session, at func(int64) string, own string, end bool) (lines []SessionLine) {
	for _, s := range list {
		l := SessionLine{ID: s.ID, Browser: s.Browser, How: s.How, When: at(s.CreatedAt), Seen: at(s.SeenAt), This: s.ID == own}
		if s.Address != "" {
			l.Where = "from " + s.Address
		}
		if end && !l.This {
			l.Key = frame.NewKey()
		}
		lines = append(lines, l)
	}
	return lines
}

func (v *visit) savePassword() error {
	session, err := v.App.Accounts.Session(v.Context(), v.Who)
	if err != nil {
		return err
	}
	form, err := v.passwordForm(session)
	if err != nil {
		return err
	}
	if form.Stale {
		return v.To(security, "danger", "You signed in more than an hour ago. Sign in once more to set a password.")
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
	err = v.App.SignIn.SetPassword(v.Context(), v.Who, form.Email, v.PostFormValue("password"))
	if problem := invalidText(err); problem != "" {
		return v.showSecurity(func(p *SecurityPage) {
			p.Password.NewError = problem
			if form.AskEmail {
				p.Password.Email = form.Email // as typed: it was not kept
			}
		})
	}
	if err != nil {
		return err
	}
	return v.To(v.whence(v.PostFormValue("from")), "success", "The password is set. Sign in with it from now on. You are signed out everywhere else.")
}

// setUpServer is the operator's page of a new server, which has a form of these too.
const setUpServer = "/operator/set-up"

// whence is the page that a form was on.
func (v *visit) whence(from string) string {
	if v.Scope == nil && (from == "set-up" || from == setUpServer) {
		return setUpServer
	}
	return security
}

// invalidText is what is wrong with a field, as a sentence; empty: something else, or nothing.
func invalidText(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid && len(f.Fields) > 0 {
		return words.Capital(f.Fields[0].Message) + "."
	}
	return ""
}

// knowsPassword checks the current password; problem says why it does not do.
func (v *visit) knowsPassword(session account.Session) (problem string, err error) {
	if !v.App.Attempts.Account(v.RemoteAddr, "password of "+session.Workspace+"/"+session.Member, "") {
		return "Too many tries. Wait a minute and try again.", nil
	}
	good, err := v.App.Accounts.CheckPassword(v.Context(), v.Who, v.PostFormValue("current"))
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
	return v.Show(http.StatusUnprocessableEntity, Security(p))
}

func (v *visit) endSession() error {
	err := v.App.Accounts.EndSession(v.Context(), v.Who, v.PathValue("session"))
	if err != nil && !fault.Is(err, fault.NotFound) { // ended already is ended
		return err
	}
	return v.To(security, "success", "Signed out there.")
}

func (v *visit) endOtherSessions() error {
	if _, err := v.App.Accounts.EndOtherSessions(v.Context(), v.Who); err != nil {
		return err
	}
	return v.To(security, "success", "You are signed in here alone.")
}

func (v *visit) appPage() error { return v.showApp(http.StatusOK, "") }

func (v *visit) showApp(status int, problem string) error {
	if err := v.mayChange(); err != nil {
		return v.To(security, "danger", frame.ErrorText(err))
	}
	p, err := v.offerApp(v.Who, problem)
	if err != nil {
		return err
	}
	v.Page.Title, v.Page.Nav = "Set up a second factor", "settings"
	p.Page, p.Action, p.Back = v.Page, "/settings/sign-in/app", security
	return v.Show(status, SetUpStep(p))
}

func (v *visit) confirmApp() error {
	if err := v.mayChange(); err != nil {
		return v.To(security, "danger", frame.ErrorText(err))
	}
	codes, err := v.App.SignIn.ConfirmApp(v.Context(), v.Who, v.App.Sessions.GetString(v.Context(), keptApp), v.PostFormValue("code"))
	switch {
	case fault.Is(err, fault.Unauthenticated), fault.Is(err, fault.RateLimited):
		return v.showApp(http.StatusUnprocessableEntity, frame.ErrorText(err))
	case fault.Is(err, fault.Conflict):
		return v.To(security, "warning", "The app is set up already. Its recovery codes were shown then; make new ones if they were not kept.")
	case err != nil:
		return err
	}
	v.App.Sessions.Remove(v.Context(), keptApp)
	return v.showRecovery(codes, security)
}

func (v *visit) turnOffApp() error {
	err := v.App.SignIn.TurnOffApp(v.Context(), v.Who, v.PostFormValue("code"))
	if text := codeProblem(err); text != "" {
		return v.showSecurity(func(p *SecurityPage) { p.App.Error = text })
	}
	if err != nil {
		return err
	}
	return v.To(security, "success", "The second factor is off.")
}

func (v *visit) newRecovery() error {
	codes, err := v.App.SignIn.NewRecoveryCodes(v.Context(), v.Who, v.PostFormValue("code"))
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
		return frame.ErrorText(err)
	}
	return ""
}

func (v *visit) policyForm(standing signin.Standing) (*PolicyForm, error) {
	set, err := v.App.SignIn.Policy(v.Context(), v.Scope.Workspace.ID)
	f := &PolicyForm{Key: frame.NewKey(), SecondFactor: set.SecondFactor, SSOOnly: set.SSOOnly}
	if !v.App.SignIn.Sealing {
		f.NoSecond = signin.NoKey
	}
	serving := v.App.SignIn.Serving(v.Scope.Workspace.ID)
	f.NoSSO = "sign in that way once yourself, so that you do not lock yourself out"
	for n, i := range serving {
		if n > 0 {
			f.Issuers += " or "
		}
		f.Issuers += i.Name
		f.Accepted = append(f.Accepted, AcceptedIssuer{i.URL, i.Name, slices.Contains(set.Accepted, i.URL)})
		if slices.ContainsFunc(standing.Identities, func(bound signin.Identity) bool { return bound.Issuer == i.URL }) {
			f.NoSSO = ""
		}
	}
	return f, err
}

func (v *visit) saveSignInPolicy() error {
	err := v.App.SignIn.SetPolicy(v.Context(), v.Scope, signin.Policy{SecondFactor: v.PostFormValue("second_factor") == "on", SSOOnly: v.PostFormValue("sso_only") == "on", Accepted: v.PostForm["accepted"]})
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		return v.showSecurity(func(p *SecurityPage) { p.Policy.Error = "Not saved: it " + f.Fields[0].Message + "." })
	}
	if err != nil {
		return err
	}
	return v.To(security, "success", "Saved. It counts from everybody's next sign-in on.")
}
