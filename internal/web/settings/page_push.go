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
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// pushesShown is how many pushes the page has, and whysShown how many reasons each.
const (
	pushesShown = 20
	whysShown   = 3
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
	connections, err := v.App.Pushes.Connections(v.Context(), v.Scope)
	if err != nil {
		return p, err
	}
	lists, err := v.App.Desk.Lists(v.Context(), v.Scope)
	if err != nil {
		return p, err
	}
	p = PushPage{Page: v.Page, Key: frame.NewKey(), NoKey: !v.App.Pushes.Ready()}
	for _, kind := range push.Kinds {
		f := ConnectionForm{Kind: kind, Name: pushNames[kind], State: "not connected", Key: frame.NewKey(), EndKey: frame.NewKey()}
		if n := slices.IndexFunc(connections, func(c push.Connection) bool { return c.Kind == kind }); n >= 0 {
			f.Connected, f.Address, f.Mode, f.State = true, connections[n].Address, "good", "connected"
			if !connections[n].RefusedAt.IsZero() {
				f.Mode, f.State = "stop", "token refused"
			}
			p.To = append(p.To, frame.Option{Value: kind, Label: f.Name, Selected: false})
		}
		p.Forms = append(p.Forms, f)
	}
	for _, name := range lists {
		p.Lists = append(p.Lists, frame.Option{Value: name, Label: name, Selected: false})
	}
	if p.Pushes, err = v.pushLines(); err != nil {
		return p, err
	}
	p.Page.Title, p.Page.Nav = "Push", "settings"
	return p, nil
}

func (v *visit) pushLines() (lines []PushLine, err error) {
	view, err := v.Look()
	if err != nil {
		return nil, err
	}
	rows, err := v.App.Pushes.List(v.Context(), v.Scope, "", "", pushesShown)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		at := frame.MicroTime(r.CreatedAt)
		one := PushLine{To: pushNames[r.Kind], When: frame.LongTime(at, view.Current.Zone()), ISO: at.Format(time.RFC3339), Mode: "good", State: "done"}
		if waiting := r.Counts["waiting"]; waiting > 0 {
			one.Mode, one.State = "", words.Count(int(r.Total-waiting))+" of "+words.Count(int(r.Total))
		}
		var parts []string
		for _, outcome := range []string{push.Created, push.Updated, push.Sent, push.Skipped, push.Failed} {
			if n := r.Counts[outcome]; n > 0 {
				parts = append(parts, outcome+" "+strconv.FormatInt(n, 10))
			}
		}
		one.Counts = strings.Join(parts, ", ")
		if r.Counts[push.Failed]+r.Counts[push.Skipped] > 0 {
			if one.Why, err = v.pushWhys(r.ID); err != nil {
				return nil, err
			}
			if r.Counts[push.Failed] > 0 {
				one.Mode = "warn"
			}
		}
		lines = append(lines, one)
	}
	return lines, nil
}

// pushWhys are the first reasons why leads of a push were not taken.
func (v *visit) pushWhys(id string) (whys []string, err error) {
	rows, err := v.App.Pushes.Rows(v.Context(), v.Scope, id, 0, push.MaxLeads)
	for _, r := range rows {
		if r.Message != "" && !slices.Contains(whys, r.Message) && len(whys) < whysShown {
			whys = append(whys, r.Message)
		}
	}
	return whys, err
}

func (v *visit) beginPush() error {
	key, print := v.Once()
	_, err := v.App.Pushes.Begin(v.Context(), v.Scope, push.Ask{Kind: v.PostFormValue("to"), List: v.PostFormValue("list")}, key, print, func(p store.Push) ([]byte, error) { return []byte(p.ID), nil })
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
	kind, secret := v.PathValue("kind"), ""
	err := v.App.Store.Update(v.Context(), func(tx *store.Tx) (err error) {
		secret, err = v.App.Pushes.Connect(tx, v.Scope, push.NewConnection{Kind: kind, Token: strings.TrimSpace(v.PostFormValue("token")), ClientID: strings.TrimSpace(v.PostFormValue("client_id")), ClientSecret: strings.TrimSpace(v.PostFormValue("client_secret")), Address: v.PostFormValue("address"), Field: strings.TrimSpace(v.PostFormValue("field"))})
		return err
	})
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
