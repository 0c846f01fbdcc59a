// Package team has the pages of members: invitations, roles, limits, groups and requests
// for more credits.
package team

import (
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// visit is one request of a browser for one of these pages.
type visit struct{ *frame.Visit }

func page(h func(v *visit) error) frame.Handler {
	return func(v *frame.Visit) error { return h(&visit{v}) }
}

// Register adds the pages.
func Register(r *frame.Routes) {
	r.Member(account.ManageTeam, "POST /team/{member}/invite", page((*visit).inviteAgain))
	r.Member(account.ManageTeam, "POST /team/{member}/withdraw", page((*visit).withdraw))
	r.Member(account.SeeWorkspace, "GET /team", page((*visit).teamPage))
	r.Member(account.SetLimits, "POST /team/allocations", page((*visit).saveTeam))
	r.Member(account.ManageCredits, "POST /team/allocations/fill", page((*visit).fillTeam))
	r.Member(account.ManageCredits, "POST /team/allocations/check", page((*visit).checkTeam))
	r.Member(account.ManageTeam, "POST /groups", page((*visit).saveGroup))
	r.Member(account.ManageTeam, "POST /groups/{group}", page((*visit).saveGroup))
	r.Member(account.ManageTeam, "POST /groups/{group}/drop", page((*visit).dropGroup))
	r.Member(account.ManageCredits, "POST /requests/{request}", page((*visit).decideRequest))
	r.Member(account.SeeWorkspace, "GET /ask", page((*visit).askPage))
	r.Member(account.AskCredits, "POST /ask", page((*visit).ask))
	r.Member(account.ManageTeam, "POST /team", page((*visit).addMember))
	r.Member(account.ManageTeam, "POST /team/{member}/remove", page((*visit).removeMember))
	r.Member(account.ManageTeam, "POST /team/{member}/sign-in-link", page((*visit).signInLink))
}
