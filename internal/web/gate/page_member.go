package gate

import (
	"net/http"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// memberSignInPage is how a member can get in, for their admins.
func (v *visit) memberSignInPage() error {
	m, err := v.App.Accounts.Member(v.Context(), v.Scope, v.PathValue("member"))
	if err != nil {
		return err
	}
	s, err := v.App.SignIn.Standing(v.Context(), account.Principal{Workspace: m.Workspace, Member: m.ID})
	if err != nil {
		return err
	}
	p := MemberSignInPage{ID: m.ID, Name: m.Name, Facts: frame.FactsOf(s), SSO: "not used", Sessions: sessionLines(s.Sessions, v.clockText, v.Who.SignIn, false)}
	for n, i := range s.Identities {
		if n == 0 {
			p.SSO = ""
		} else {
			p.SSO += ", "
		}
		p.SSO += v.App.SignIn.IssuerName(i.Issuer)
	}
	if v.Who.Can(account.ManageTeam) {
		if len(s.Sessions) > 0 {
			p.EndKey = frame.NewKey()
		}
		if s.App || len(s.Passkeys)+len(s.Identities) > 0 {
			p.ResetKey = frame.NewKey()
		}
	}
	v.Page.Title, v.Page.Nav = "How "+m.Name+" signs in", "team"
	p.Page = v.Page
	return v.Show(http.StatusOK, MemberSignIn(p))
}

func (v *visit) memberSignIn() string { return "/team/" + v.PathValue("member") + "/sign-in" }

func (v *visit) endMemberSessions() error {
	n, err := v.App.Accounts.EndMemberSessions(v.Context(), v.Scope, v.PathValue("member"))
	if err != nil {
		return err
	}
	return v.To(v.memberSignIn(), "success", "Signed out in "+words.Plural(int(n), "place", "places")+".")
}

func (v *visit) resetMember() error {
	if err := v.App.SignIn.Reset(v.Context(), v.Scope, v.PathValue("member")); err != nil {
		return err
	}
	return v.To(v.memberSignIn(), "success", "Reset. They sign in without them from now on.")
}
