package operator

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/spending"
	"github.com/leadmeter/leadmeter/internal/words"
)

// workspacePath is the page of a workspace on the operator's pages.
func workspacePath(id string) string { return "/operator/workspaces/" + url.PathEscape(id) }

func (v *visit) cancelPage() error { return v.showCancel(http.StatusOK, CancelWorkspacePage{}) }

// showCancel shows what cancelling does, with the form as it was filled in.
func (v *visit) showCancel(status int, p CancelWorkspacePage) error {
	p.ID = v.PathValue("ws")
	s, err := v.App.Accounts.Enter(v.Context(), v.Who, p.ID)
	if err != nil {
		return err
	}
	of, err := v.App.Screens.Plan(v.Context(), s)
	if err != nil {
		return err
	}
	p.Page, p.Name, p.Plan, p.Cancel = v.Page, of.Name, words.Capital(of.Credits.Plan), spending.CancelPreviewOf(of)
	p.Changes = frame.WaitingChanges(of.Credits)
	p.Key, p.WatchKey = frame.NewKey(), frame.NewKey()
	p.Page.Title, p.Page.Nav = "Cancel "+of.Name, "operator"
	return v.Show(status, CancelWorkspace(p))
}

// cancel ends a subscription, once the workspace's name is typed.
func (v *visit) cancel() error {
	s, err := v.App.Accounts.Enter(v.Context(), v.Who, v.PathValue("ws"))
	if err != nil {
		return err
	}
	at, typed := v.PostFormValue("at"), strings.TrimSpace(v.PostFormValue("confirm"))
	problems := map[string]string{}
	if at != "now" && at != "period_end" {
		problems["at"] = "Choose when the subscription ends."
	}
	if typed != strings.TrimSpace(s.Workspace.Name) {
		problems["confirm"] = "This is not the workspace’s name. Nothing was cancelled."
	}
	if len(problems) > 0 {
		return v.showCancel(http.StatusUnprocessableEntity, CancelWorkspacePage{Now: at == "now", Typed: typed, Errors: problems})
	}
	return v.order(account.CancelOrder(at == "now"), nil, "Cancelled.")
}
