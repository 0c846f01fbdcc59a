package web

import (
	"net/http"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// inviteAgain sends an invitation anew, or shows its link where there is no mail.
func (a *App) inviteAgain(v *visit) error {
	m, err := a.Accounts.Member(v.Context(), v.scope, v.PathValue("member"))
	if err != nil {
		return err
	}
	path := ""
	_, err = v.makeOnce(v.scope.Workspace.ID, func(tx *store.Tx) (id string, err error) {
		path, err = a.Gate.InviteAgain(tx, v.scope, m)
		return m.ID, err
	})
	if fault.Is(err, fault.Conflict) {
		return v.to("/team", "warning", errorText(err))
	}
	if err != nil {
		return err
	}
	if a.Mail.On() {
		return v.to("/team", "success", m.Name+" was invited again by mail. The link before it works no more.")
	}
	if path == "" {
		return v.to("/team", "warning", "The link was shown once already. Make another one if it was not copied.")
	}
	return v.showInvitation(m.Name, path)
}

// showInvitation shows an invitation's link, this once, where there is no mail.
func (v *visit) showInvitation(name, path string) error {
	p, err := v.team(nil)
	if err != nil {
		return err
	}
	p.Link = &SignInLink{Title: "Invitation for " + name, Name: name, URL: v.app.base(v.Request) + path, Expires: "in 7 days"}
	return v.show(http.StatusOK, Team(p))
}

func (a *App) withdraw(v *visit) error {
	err := a.Gate.Withdraw(v.Context(), v.scope, v.PathValue("member"))
	if fault.Is(err, fault.Conflict) {
		return v.to("/team", "warning", errorText(err))
	}
	if err != nil && !fault.Is(err, fault.NotFound) { // withdrawn already is withdrawn
		return err
	}
	return v.to("/team", "success", "Withdrawn. The link works no more.")
}
