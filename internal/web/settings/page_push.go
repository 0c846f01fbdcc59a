package settings

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/push"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

var pushNames = map[string]string{push.HubSpot: "HubSpot", push.Salesforce: "Salesforce", push.Webhook: "Webhook"}

func (v *visit) pushPage() error {
	p, err := v.pushes()
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, Push(p))
}

func (v *visit) pushes() (p PushPage, err error) {
	of, err := v.App.Screens.Push(v.Context(), v.Scope)
	if err != nil {
		return p, err
	}
	p = PushPage{Page: v.Page, Key: frame.NewKey(), NoKey: !of.Ready}
	for _, kind := range push.Kinds {
		f := ConnectionForm{Kind: kind, Name: pushNames[kind], State: "not connected", Key: frame.NewKey(), EndKey: frame.NewKey()}
		if n := slices.IndexFunc(of.Connections, func(c push.Connection) bool { return c.Kind == kind }); n >= 0 {
			f.Connected, f.Address, f.Mode, f.State = true, of.Connections[n].Address, "good", "connected"
			if !of.Connections[n].RefusedAt.IsZero() {
				f.Mode, f.State = "stop", "token refused"
			}
			p.To = append(p.To, frame.Option{Value: kind, Label: f.Name, Selected: false})
		}
		p.Forms = append(p.Forms, f)
	}
	for _, name := range of.Lists {
		p.Lists = append(p.Lists, frame.Option{Value: name, Label: name, Selected: false})
	}
	for _, r := range of.Pushes {
		p.Pushes = append(p.Pushes, v.pushLine(r))
	}
	p.Page.Title, p.Page.Nav = "Push", "settings"
	return p, nil
}

func (v *visit) pushLine(r screen.Pushed) PushLine {
	one := PushLine{To: pushNames[r.Kind], When: v.Time(r.At), ISO: r.At.Format(time.RFC3339), Mode: "good", State: "done", Why: r.Why}
	if r.Waiting > 0 {
		one.Mode, one.State = "", words.Count(r.Total-r.Waiting)+" of "+words.Count(r.Total)
	}
	if r.Failed {
		one.Mode = "warn"
	}
	var parts []string
	for _, c := range r.Counts {
		parts = append(parts, c.Outcome+" "+strconv.Itoa(c.Count))
	}
	one.Counts = strings.Join(parts, ", ")
	return one
}

func (v *visit) beginPush() error {
	once := v.Once()
	_, err := v.App.Pushes.Begin(v.Context(), v.Scope, push.Ask{Kind: v.PostFormValue("to"), List: v.PostFormValue("list")}, once.Key, once.Print, push.KeepID)
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		p, err := v.pushes()
		if err != nil {
			return err
		}
		p.Error = words.Capital(f.Message) + "."
		return v.Show(http.StatusUnprocessableEntity, Push(p))
	}
	if err != nil {
		return err
	}
	return v.To("/settings/push", "success", "The push has begun; reload the page to see how far it is.")
}

func (v *visit) connectPush() error {
	kind := v.PathValue("kind")
	secret, err := v.App.Pushes.SetUp(v.Context(), v.Scope, push.NewConnection{Kind: kind, Token: strings.TrimSpace(v.PostFormValue("token")), ClientID: strings.TrimSpace(v.PostFormValue("client_id")), ClientSecret: strings.TrimSpace(v.PostFormValue("client_secret")), Address: v.PostFormValue("address"), Field: strings.TrimSpace(v.PostFormValue("field"))})
	var f *fault.Error
	if errors.As(err, &f) && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		p, err := v.pushes()
		if err != nil {
			return err
		}
		for n := range p.Forms {
			if form := &p.Forms[n]; form.Kind == kind {
				form.Error, form.Address = words.Capital(strings.TrimSuffix(f.Message, "."))+".", v.PostFormValue("address")
			}
		}
		return v.Show(http.StatusUnprocessableEntity, Push(p))
	}
	if err != nil {
		return err
	}
	if secret != "" {
		p, err := v.pushes()
		if err != nil {
			return err
		}
		p.Secret = secret
		return v.Show(http.StatusOK, Push(p))
	}
	return v.To("/settings/push", "success", pushNames[kind]+" is connected. The first push shows whether the token is taken.")
}

func (v *visit) endPushConnection() error {
	kind := v.PathValue("kind")
	if err := v.App.Pushes.Disconnect(v.Context(), v.Scope, kind); err != nil {
		return err
	}
	return v.To("/settings/push", "success", "Disconnected. Its token is forgotten.")
}
