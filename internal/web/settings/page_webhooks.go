package settings

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/webhook"
	"github.com/leadmeter/leadmeter/internal/words"
)

func eventOptions(chosen []string) (list []frame.Option) {
	for _, e := range webhook.Events {
		list = append(list, frame.Option{Value: e, Label: webhook.About(e), Selected: slices.Contains(chosen, e)})
	}
	return list
}

// hookState is how a webhook does, in words.
func (v *visit) hookState(e webhook.Endpoint) (mode, state, why string) {
	switch {
	case e.Paused == webhook.ByAdmin:
		return "warn", "paused", "Paused by an admin. What happens meanwhile waits."
	case e.Paused == webhook.Gone:
		return "stop", "paused", "Paused: it answered that it is gone (410). What happens meanwhile waits."
	case e.Paused != "":
		return "stop", "paused", "Paused: it failed for two days. What happens meanwhile waits. Resume it when the receiver works again."
	case !e.FailingSince.IsZero():
		return "warn", "failing", "It fails since " + v.Time(e.FailingSince) + ". Deliveries are tried again; after two days it is paused and admins are told."
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
	p = WebhooksPage{Page: v.Page, Add: HookForm{Key: frame.NewKey(), Action: "/settings/webhooks", Private: v.App.WebhooksPrivate, Events: eventOptions(nil)}}
	for _, e := range list {
		one := HookLine{ID: e.ID, URL: e.URL, Events: words.Plural(len(e.Events), "event", "events")}
		one.Mode, one.State, _ = v.hookState(e)
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
	made, secret, replayed, err := v.App.Webhooks.Add(v.Context(), v.Scope, v.Once(), url, events)
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
	e, err := v.App.Screens.Webhook(v.Context(), v.Scope, id, v.URL.Query().Get("before"))
	if err != nil {
		return err
	}
	p := WebhookPage{Page: v.Page, ID: id, Title: e.Host(), Secret: secret, Paused: e.Paused != "", PauseKey: frame.NewKey(), TestKey: frame.NewKey(), RotateKey: frame.NewKey(), DeleteKey: frame.NewKey(),
		Change: HookForm{Key: frame.NewKey(), Action: "/settings/webhooks/" + id, URL: e.URL, Events: eventOptions(e.Events), Private: v.App.WebhooksPrivate}}
	p.Mode, p.State, p.Why = v.hookState(e.Endpoint)
	if !e.OldUntil.IsZero() {
		p.OldUntil = v.Time(e.OldUntil)
	}
	for _, d := range e.Deliveries {
		p.Deliveries = append(p.Deliveries, v.delivery(d))
	}
	if e.Older != "" {
		p.Older = "/settings/webhooks/" + id + "?before=" + e.Older + "#deliveries"
	}
	if change != nil {
		change(&p.Change)
	}
	p.Page.Title, p.Page.Nav = "Webhook", "settings"
	return v.Show(status, Webhook(p))
}

func (v *visit) delivery(e screen.Delivery) DeliveryLine {
	d := DeliveryLine{ID: e.ID, Event: e.Event, When: v.Time(e.At), ISO: e.At.Format(time.RFC3339), Attempts: e.Attempts, Answer: e.Answer}
	switch e.State {
	case screen.Sent:
		d.Mode, d.State, d.Key = "good", "sent", frame.NewKey()
	case screen.GivenUp:
		d.Mode, d.State, d.Key = "stop", "given up", frame.NewKey()
	case screen.Held:
		d.Mode, d.State = "warn", "waits, paused"
	case screen.Sending:
		d.State = "is being sent"
	case screen.Again:
		d.Mode, d.State = "warn", "again "+v.Time(e.Due)
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
	if err := v.App.Webhooks.Test(v.Context(), v.Scope, v.Once(), id); err != nil {
		return err
	}
	return v.To("/settings/webhooks/"+id+"#deliveries", "success", "A test is on its way; reload the page to see how it went.")
}

func (v *visit) rotateWebhook() error {
	id := v.PathValue("webhook")
	secret, err := v.App.Webhooks.NewSecret(v.Context(), v.Scope, v.Once(), id)
	if err != nil {
		return err
	}
	if secret == "" {
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
	if err := v.App.Webhooks.Resend(v.Context(), v.Scope, v.Once(), id, v.PathValue("delivery")); err != nil {
		return err
	}
	return v.To("/settings/webhooks/"+id+"#deliveries", "success", "It is sent again, under the same id.")
}
