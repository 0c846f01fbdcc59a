package team

import (
	"net/http"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// inviteAgain sends an invitation again, or shows its link where there is no mail.
func (v *visit) inviteAgain() error {
	name, path, err := v.App.SignIn.Reinvite(v.Context(), v.Scope, v.Once(), v.PathValue("member"))
	if fault.Is(err, fault.Conflict) {
		return v.To("/team", "warning", frame.ErrorText(err))
	}
	if err != nil {
		return err
	}
	if v.App.Mail.On() {
		return v.To("/team", "success", name+" was invited again by mail. The earlier link no longer works.")
	}
	if path == "" {
		return v.To("/team", "warning", "The link was shown once already. Make another one if it was not copied.")
	}
	return v.showInvitation(name, path)
}

// showInvitation shows an invitation's link, this once, where there is no mail.
func (v *visit) showInvitation(name, path string) error {
	p, err := v.team(nil)
	if err != nil {
		return err
	}
	p.Link = &frame.SignInLink{Title: "Invitation for " + name, Name: name, URL: v.App.BaseURL(v.Request) + path, Expires: "in 7 days"}
	return v.Show(http.StatusOK, Team(p))
}

func (v *visit) withdraw() error {
	err := v.App.SignIn.Withdraw(v.Context(), v.Scope, v.PathValue("member"))
	if fault.Is(err, fault.Conflict) {
		return v.To("/team", "warning", frame.ErrorText(err))
	}
	if err != nil && !fault.Is(err, fault.NotFound) { // withdrawn already is withdrawn
		return err
	}
	return v.To("/team", "success", "Withdrawn. The link no longer works.")
}
