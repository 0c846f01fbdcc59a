package settings

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/webhook"
	"github.com/leadmeter/leadmeter/internal/words"
)

// deliveriesShown is how many deliveries a page has.
const deliveriesShown = 50

// eventWords say what an event is.
var eventWords = map[string]string{
	webhook.CaptureSettled: "a capture or preview, with each field’s outcome", webhook.LeadCaptured: "a person is new on the lead sheet", webhook.ChargeCreated: "a charge by your own software",
	webhook.CreditsLow: "a mark of the allowance is reached", webhook.CreditsExhausted: "all of the allowance is used", webhook.CreditRequestCreated: "a member asks for more",
	webhook.CreditRequestDecided: "an admin answered", webhook.GrantCreated: "an add-on was given", webhook.SubscriptionCancelled: "the subscription will end, or did", webhook.BulkFinished: "a bulk capture is over",
}

func eventOptions(chosen []string) (list []frame.Option) {
	for _, e := range webhook.Events {
		list = append(list, frame.Option{Value: e, Label: eventWords[e], Selected: slices.Contains(chosen, e)})
	}
	return list
}

// hookState is how a webhook does, in words.
func hookState(e webhook.Endpoint, view *credits.View) (mode, state, why string) {
	switch {
	case e.Paused == webhook.ByAdmin:
		return "warn", "paused", "Paused by an admin. What happens meanwhile waits."
	case e.Paused == webhook.Gone:
		return "stop", "paused", "Paused: it answered that it is gone (410). What happens meanwhile waits."
	case e.Paused != "":
		return "stop", "paused", "Paused: it failed for two days. What happens meanwhile waits. Resume it when the receiver works again."
	case !e.FailingSince.IsZero():
		return "warn", "failing", "It fails since " + frame.LongTime(e.FailingSince, view.Current.Zone()) + ". Deliveries are tried again; after two days it is paused and admins are told."
	}
	return "good", "active", ""
}

func (v *visit) webhooksPage() error {
	p, err := v.webhooks()
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, Webhooks(p))
}

func (v *visit) webhooks() (p WebhooksPage, err error) {
	list, err := v.App.Webhooks.List(v.Context(), v.Scope)
	if err != nil {
		return p, err
	}
	view, err := v.Look()
	if err != nil {
		return p, err
	}
	p = WebhooksPage{Page: v.Page, Add: HookForm{Key: frame.NewKey(), Action: "/settings/webhooks", Private: v.App.WebhooksPrivate, Events: eventOptions(nil)}}
	for _, e := range list {
		one := HookLine{ID: e.ID, URL: e.URL, Events: words.Plural(len(e.Events), "event", "events")}
		one.Mode, one.State, _ = hookState(e, view)
		p.Hooks = append(p.Hooks, one)
	}
	p.Page.Title, p.Page.Nav = "Webhooks", "settings"
	return p, nil
}

// hookFaults puts what is wrong with a form beside its fields; false: it is
// another fault.
func hookFaults(err error, f *HookForm) bool {
	var wrong *fault.Error
	if !errors.As(err, &wrong) || wrong.Kind != fault.Invalid {
		return false
	}
	for _, field := range wrong.Fields {
		if field.Field == "url" {
			f.URLError = words.Capital(field.Message) + "."
		} else {
			f.EventsError = "Choose at least one."
		}
	}
	return true
}

func (v *visit) addWebhook() error {
	url, events := strings.TrimSpace(v.PostFormValue("url")), v.PostForm["events"]
	var made webhook.Endpoint
	var secret string
	replayed, err := v.MakeOnce(v.Scope.Workspace.ID, func(tx *store.Tx) (id string, err error) {
		made, secret, err = v.App.Webhooks.Create(v.Context(), tx, v.Scope, url, events)
		return made.ID, err
	})
	if err != nil {
		p, listErr := v.webhooks()
		if listErr != nil {
			return listErr
		}
		p.Add.URL, p.Add.Events = url, eventOptions(events)
		if !hookFaults(err, &p.Add) {
			return err
		}
		return v.Show(http.StatusUnprocessableEntity, Webhooks(p))
	}
	if replayed != "" {
		return v.To("/settings/webhooks/"+replayed, "warning", "This webhook was added already, and its secret was shown then. Make a new secret if it was not copied.")
	}
	return v.showWebhook(made.ID, secret, http.StatusOK, nil)
}

func (v *visit) webhookPage() error {
	return v.showWebhook(v.PathValue("webhook"), "", http.StatusOK, nil)
}

// showWebhook draws a webhook's page; change alters its form.
func (v *visit) showWebhook(id, secret string, status int, change func(f *HookForm)) error {
	e, err := v.App.Webhooks.Endpoint(v.Context(), v.Scope, id)
	if err != nil {
		return err
	}
	view, err := v.Look()
	if err != nil {
		return err
	}
	rows, err := v.App.Webhooks.Deliveries(v.Context(), v.Scope, id, v.URL.Query().Get("before"), deliveriesShown)
	if err != nil {
		return err
	}
	p := WebhookPage{Page: v.Page, ID: id, Title: e.Host(), Secret: secret, Paused: e.Paused != "", PauseKey: frame.NewKey(), TestKey: frame.NewKey(), RotateKey: frame.NewKey(), DeleteKey: frame.NewKey(),
		Change: HookForm{Key: frame.NewKey(), Action: "/settings/webhooks/" + id, URL: e.URL, Events: eventOptions(e.Events), Private: v.App.WebhooksPrivate}}
	p.Mode, p.State, p.Why = hookState(e, view)
	if !e.OldUntil.IsZero() {
		p.OldUntil = frame.LongTime(e.OldUntil, view.Current.Zone())
	}
	for _, d := range rows {
		p.Deliveries = append(p.Deliveries, delivery(d, view))
	}
	if len(rows) == deliveriesShown {
		p.Older = "/settings/webhooks/" + id + "?before=" + rows[len(rows)-1].ID + "#deliveries"
	}
	if change != nil {
		change(&p.Change)
	}
	p.Page.Title, p.Page.Nav = "Webhook", "settings"
	return v.Show(status, Webhook(p))
}

func delivery(e store.Effect, view *credits.View) DeliveryLine {
	d := DeliveryLine{ID: e.ID, Event: e.Label, When: frame.LongTime(frame.MicroTime(e.Created), view.Current.Zone()), ISO: frame.MicroTime(e.Created).Format(time.RFC3339), Attempts: int(e.Attempts), Answer: e.Error}
	if e.Code != 0 && e.Error == "" {
		d.Answer = strconv.FormatInt(e.Code, 10)
	}
	switch {
	case e.Status == store.EffectSent:
		d.Mode, d.State, d.Key = "good", "sent", frame.NewKey()
	case e.Status == store.EffectDead:
		d.Mode, d.State, d.Key = "stop", "given up", frame.NewKey()
	case e.Status == store.EffectHeld:
		d.Mode, d.State = "warn", "waits, paused"
	case e.Owner != "":
		d.State = "is being sent"
	case e.Attempts > 0:
		d.Mode, d.State = "warn", "again "+frame.LongTime(frame.MicroTime(e.Due), view.Current.Zone())
	default:
		d.State = "waits"
	}
	return d
}

func (v *visit) changeWebhook() error {
	id, url, events := v.PathValue("webhook"), strings.TrimSpace(v.PostFormValue("url")), v.PostForm["events"]
	_, err := v.App.Webhooks.Change(v.Context(), v.Scope, id, webhook.Change{URL: &url, Events: &events})
	form := HookForm{}
	if err != nil && hookFaults(err, &form) {
		return v.showWebhook(id, "", http.StatusUnprocessableEntity, func(f *HookForm) {
			f.URL, f.Events, f.URLError, f.EventsError = url, eventOptions(events), form.URLError, form.EventsError
		})
	}
	if err != nil {
		return err
	}
	return v.To("/settings/webhooks/"+id, "success", "Saved. It counts for what happens from now on.")
}

func (v *visit) pauseWebhook() error {
	id, paused := v.PathValue("webhook"), v.PostFormValue("paused") == "yes"
	if _, err := v.App.Webhooks.Change(v.Context(), v.Scope, id, webhook.Change{Paused: &paused}); err != nil {
		return err
	}
	text := "Resumed. What waited is sent now."
	if paused {
		text = "Paused. What happens meanwhile waits."
	}
	return v.To("/settings/webhooks/"+id, "success", text)
}

func (v *visit) testWebhook() error {
	id := v.PathValue("webhook")
	if _, err := v.MakeOnce(v.Scope.Workspace.ID, func(tx *store.Tx) (string, error) { return v.App.Webhooks.Try(tx, v.Scope, id) }); err != nil {
		return err
	}
	return v.To("/settings/webhooks/"+id+"#deliveries", "success", "A test is on its way; reload the page to see how it went.")
}

func (v *visit) rotateWebhook() error {
	id, secret := v.PathValue("webhook"), ""
	replayed, err := v.MakeOnce(v.Scope.Workspace.ID, func(tx *store.Tx) (string, error) {
		_, made, err := v.App.Webhooks.Rotate(tx, v.Scope, id)
		secret = made
		return id, err
	})
	if err != nil {
		return err
	}
	if replayed != "" {
		return v.To("/settings/webhooks/"+id, "warning", "The new secret was made already, and was shown then.")
	}
	return v.showWebhook(id, secret, http.StatusOK, nil)
}

func (v *visit) deleteWebhook() error {
	if err := v.App.Webhooks.Delete(v.Context(), v.Scope, v.PathValue("webhook")); err != nil {
		return err
	}
	return v.To("/settings/webhooks", "success", "Deleted. Nothing is sent to it any more.")
}

func (v *visit) redeliver() error {
	id := v.PathValue("webhook")
	if _, err := v.MakeOnce(v.Scope.Workspace.ID, func(tx *store.Tx) (string, error) {
		e, err := v.App.Webhooks.Redeliver(tx, v.Scope, id, v.PathValue("delivery"))
		return e.ID, err
	}); err != nil {
		return err
	}
	return v.To("/settings/webhooks/"+id+"#deliveries", "success", "It is sent again, under the same id.")
}
