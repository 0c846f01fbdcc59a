package settings

import (
	"net/http"
	"net/url"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// connectPage asks whether an extension may be connected, or says what was
// answered.
func (v *visit) connectPage() error {
	p := ConnectPage{State: "over", Key: frame.NewKey(), ID: v.URL.Query().Get("id")}
	status := http.StatusOK
	c, err := v.App.Accounts.Connection(v.Context(), v.Scope, p.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		status = http.StatusNotFound
	case err != nil:
		return err
	case v.App.Accounts.Waits(c):
		p.State = "ask"
	case c.Status == store.ConnectionApproved || c.Status == store.ConnectionDenied:
		p.State = c.Status
	default:
		status = http.StatusGone
	}
	view, err := v.Look()
	if err != nil {
		return err
	}
	p.Name, p.Asked, p.As = c.Name, frame.LongTime(frame.MicroTime(c.CreatedAt), view.Current.Zone()), v.Page.UserName
	if p.State == "ask" {
		p.Code = account.ConnectionCode(c)
	}
	p.Page = v.Page
	p.Page.Title = "Connect a browser extension"
	return v.Show(status, Connect(p))
}

// connect takes the answer. One that comes too late is shown as the page shows it.
func (v *visit) connect() error {
	id := v.PostFormValue("id")
	err := v.App.Accounts.DecideConnection(v.Context(), v.Scope, id, v.PostFormValue("answer") == "approve")
	if err != nil && !fault.Is(err, fault.Expired) {
		return err
	}
	return v.To("/connect/extension?id="+url.QueryEscape(id), "", "")
}

func (v *visit) extensions(view *credits.View) (e Extensions, err error) {
	list, err := v.App.Accounts.Connections(v.Context(), v.Scope)
	for _, c := range list {
		one := Extension{ID: c.ID, Name: c.Name, Connected: frame.LongTime(frame.MicroTime(c.CreatedAt), view.Current.Zone()), LastUsed: "not yet", EndKey: frame.NewKey()}
		if c.LastUsedAt != 0 {
			one.LastUsed = frame.LongTime(frame.MicroTime(c.LastUsedAt), view.Current.Zone())
		}
		e.List = append(e.List, one)
	}
	return e, err
}

func (v *visit) endConnection() error {
	err := v.App.Accounts.EndConnection(v.Context(), v.Who, v.PathValue("connection"))
	if err != nil && !fault.Is(err, fault.NotFound) { // ended already is ended
		return err
	}
	return v.To("/settings#extensions", "success", "Disconnected. The extension stopped working.")
}
