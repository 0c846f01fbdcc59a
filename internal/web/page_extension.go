package web

import (
	"net/http"
	"net/url"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// connectPage asks whether an extension may be connected, or says what was
// answered.
func (a *App) connectPage(v *visit) error {
	p := ConnectPage{State: "over", Key: newKey(), ID: v.URL.Query().Get("id")}
	status := http.StatusOK
	c, err := a.Accounts.Connection(v.Context(), v.scope, p.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		status = http.StatusNotFound
	case err != nil:
		return err
	case a.Accounts.Waits(c):
		p.State = "ask"
	case c.Status == store.ConnectionApproved || c.Status == store.ConnectionDenied:
		p.State = c.Status
	default:
		status = http.StatusGone
	}
	view, err := v.look()
	if err != nil {
		return err
	}
	p.Name, p.Asked, p.As = c.Name, longTime(microTime(c.CreatedAt), view), v.page.UserName
	if p.State == "ask" {
		p.Code = account.ConnectionCode(c)
	}
	p.Page = v.page
	p.Page.Title = "Connect a browser extension"
	return v.show(status, Connect(p))
}

// connect takes the answer. One that comes too late is shown as the page shows it.
func (a *App) connect(v *visit) error {
	id := v.PostFormValue("id")
	err := a.Accounts.DecideConnection(v.Context(), v.scope, id, v.PostFormValue("answer") == "approve")
	if err != nil && !fault.Is(err, fault.Expired) {
		return err
	}
	return v.to("/connect/extension?id="+url.QueryEscape(id), "", "")
}

func (v *visit) extensions(view *credits.View) (e Extensions, err error) {
	list, err := v.app.Accounts.Connections(v.Context(), v.scope)
	for _, c := range list {
		one := Extension{ID: c.ID, Name: c.Name, Connected: longTime(microTime(c.CreatedAt), view), LastUsed: "not yet", EndKey: newKey()}
		if c.LastUsedAt != 0 {
			one.LastUsed = longTime(microTime(c.LastUsedAt), view)
		}
		e.List = append(e.List, one)
	}
	return e, err
}

func (a *App) endConnection(v *visit) error {
	err := a.Accounts.EndConnection(v.Context(), v.who, v.PathValue("connection"))
	if err != nil && !fault.Is(err, fault.NotFound) { // ended already is ended
		return err
	}
	return v.to("/settings#extensions", "success", "Disconnected. The extension stopped working.")
}
