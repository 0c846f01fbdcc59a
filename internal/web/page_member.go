package web

import (
	"net/http"

	"github.com/leadmeter/leadmeter/internal/account"
)

// memberSignInPage is how a member can get in, for their admins.
func (a *App) memberSignInPage(v *visit) error {
	m, err := a.Accounts.Member(v.Context(), v.scope, v.PathValue("member"))
	if err != nil {
		return err
	}
	s, err := a.Gate.Standing(v.Context(), account.Principal{Workspace: m.Workspace, Member: m.ID})
	if err != nil {
		return err
	}
	at, err := v.clockText()
	if err != nil {
		return err
	}
	p := MemberSignInPage{ID: m.ID, Name: m.Name, Facts: factsOf(s), SSO: "not used", Sessions: sessionLines(s.Sessions, at, v.who.SignIn, false)}
	for n, i := range s.Identities {
		if n == 0 {
			p.SSO = ""
		} else {
			p.SSO += ", "
		}
		p.SSO += a.Gate.IssuerName(i.Issuer)
	}
	if v.who.Can(account.ManageTeam) {
		if len(s.Sessions) > 0 {
			p.EndKey = newKey()
		}
		if s.App || len(s.Passkeys)+len(s.Identities) > 0 {
			p.ResetKey = newKey()
		}
	}
	v.page.Title, v.page.Nav = "How "+m.Name+" signs in", "team"
	p.Page = v.page
	return v.show(http.StatusOK, MemberSignIn(p))
}

func (v *visit) memberSignIn() string { return "/team/" + v.PathValue("member") + "/sign-in" }

func (a *App) endMemberSessions(v *visit) error {
	n, err := a.Accounts.EndMemberSessions(v.Context(), v.scope, v.PathValue("member"))
	if err != nil {
		return err
	}
	return v.to(v.memberSignIn(), "success", "Signed out in "+plural(int(n), "place", "places")+".")
}

func (a *App) resetMember(v *visit) error {
	if err := a.Gate.Reset(v.Context(), v.scope, v.PathValue("member")); err != nil {
		return err
	}
	return v.to(v.memberSignIn(), "success", "Reset. They sign in without them from now on.")
}
