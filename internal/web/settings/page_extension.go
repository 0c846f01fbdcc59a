package settings

import (
	"net/http"
	"net/url"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// connectPage asks whether an extension may be connected, or says what was
// answered.
func (v *visit) connectPage() error {
	p := ConnectPage{State: "over", Key: frame.NewKey(), ID: v.URL.Query().Get("id"), As: v.Page.UserName}
	status := http.StatusOK
	c, err := v.App.Screens.Connecting(v.Context(), v.Scope, p.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		status = http.StatusNotFound
	case err != nil:
		return err
	case c.State == "over":
		status = http.StatusGone
	default:
		p.State = c.State
	}
	p.Name, p.Asked, p.Code = c.Name, v.Time(c.Asked), c.Code
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

func (v *visit) extensions(list []screen.Extension) (e Extensions) {
	for _, x := range list {
		one := Extension{ID: x.ID, Name: x.Name, Connected: v.Time(x.Connected), LastUsed: "not yet", EndKey: frame.NewKey()}
		if !x.LastUsed.IsZero() {
			one.LastUsed = v.Time(x.LastUsed)
		}
		e.List = append(e.List, one)
	}
	return e
}

func (v *visit) endConnection() error {
	err := v.App.Accounts.EndConnection(v.Context(), v.Who, v.PathValue("connection"))
	if err != nil && !fault.Is(err, fault.NotFound) { // ended already is ended
		return err
	}
	return v.To("/settings#extensions", "success", "Disconnected. The extension stopped working.")
}
