package web

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
	"github.com/leadmeter/leadmeter/internal/webhook"
)

// deliveriesShown is how many deliveries a page has.
const deliveriesShown = 50

// eventWords say what an event is.
var eventWords = map[string]string{
	webhook.CaptureSettled: "a capture or preview, with each field’s outcome", webhook.LeadCaptured: "a person is new on the lead sheet", webhook.ChargeCreated: "a charge by your own software",
	webhook.CreditsLow: "a mark of the allowance is reached", webhook.CreditsExhausted: "all of the allowance is used", webhook.CreditRequestCreated: "a member asks for more",
	webhook.CreditRequestDecided: "an admin answered", webhook.GrantCreated: "an add-on was given", webhook.SubscriptionCancelled: "the subscription will end, or did", webhook.BulkFinished: "a bulk capture is over",
}

func eventOptions(chosen []string) (list []Option) {
	for _, e := range webhook.Events {
		list = append(list, Option{e, eventWords[e], slices.Contains(chosen, e)})
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
		return "warn", "failing", "It fails since " + longTime(e.FailingSince, view) + ". Deliveries are tried again; after two days it is paused and admins are told."
	}
	return "good", "active", ""
}

func (a *App) webhooksPage(v *visit) error {
	p, err := v.webhooks()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, Webhooks(p))
}

func (v *visit) webhooks() (p WebhooksPage, err error) {
	list, err := v.app.Webhooks.List(v.Context(), v.scope)
	if err != nil {
		return p, err
	}
	view, err := v.look()
	if err != nil {
		return p, err
	}
	p = WebhooksPage{Page: v.page, Add: HookForm{Key: newKey(), Action: "/settings/webhooks", Private: v.app.WebhooksPrivate, Events: eventOptions(nil)}}
	for _, e := range list {
		one := HookLine{ID: e.ID, URL: e.URL, Events: plural(len(e.Events), "event", "events")}
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
			f.URLError = capital(field.Message) + "."
		} else {
			f.EventsError = "Choose at least one."
		}
	}
	return true
}

func (a *App) addWebhook(v *visit) error {
	url, events := strings.TrimSpace(v.PostFormValue("url")), v.PostForm["events"]
	var made webhook.Endpoint
	var secret string
	replayed, err := v.makeOnce(v.scope.Workspace.ID, func(tx *store.Tx) (id string, err error) {
		made, secret, err = a.Webhooks.Create(v.Context(), tx, v.scope, url, events)
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
		return v.show(http.StatusUnprocessableEntity, Webhooks(p))
	}
	if replayed != "" {
		return v.to("/settings/webhooks/"+replayed, "warning", "This webhook was added already, and its secret was shown then. Make a new secret if it was not copied.")
	}
	return v.showWebhook(made.ID, secret, http.StatusOK, nil)
}

func (a *App) webhookPage(v *visit) error {
	return v.showWebhook(v.PathValue("webhook"), "", http.StatusOK, nil)
}

// showWebhook draws a webhook's page; change alters its form.
func (v *visit) showWebhook(id, secret string, status int, change func(f *HookForm)) error {
	e, err := v.app.Webhooks.Endpoint(v.Context(), v.scope, id)
	if err != nil {
		return err
	}
	view, err := v.look()
	if err != nil {
		return err
	}
	rows, err := v.app.Webhooks.Deliveries(v.Context(), v.scope, id, v.URL.Query().Get("before"), deliveriesShown)
	if err != nil {
		return err
	}
	p := WebhookPage{Page: v.page, ID: id, Title: e.Host(), Secret: secret, Paused: e.Paused != "", PauseKey: newKey(), TestKey: newKey(), RotateKey: newKey(), DeleteKey: newKey(),
		Change: HookForm{Key: newKey(), Action: "/settings/webhooks/" + id, URL: e.URL, Events: eventOptions(e.Events), Private: v.app.WebhooksPrivate}}
	p.Mode, p.State, p.Why = hookState(e, view)
	if !e.OldUntil.IsZero() {
		p.OldUntil = longTime(e.OldUntil, view)
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
	return v.show(status, Webhook(p))
}

func delivery(e store.Effect, view *credits.View) DeliveryLine {
	d := DeliveryLine{ID: e.ID, Event: e.Label, When: longTime(microTime(e.Created), view), ISO: microTime(e.Created).Format(time.RFC3339), Attempts: int(e.Attempts), Answer: e.Error}
	if e.Code != 0 && e.Error == "" {
		d.Answer = strconv.FormatInt(e.Code, 10)
	}
	switch {
	case e.Status == store.EffectSent:
		d.Mode, d.State, d.Key = "good", "sent", newKey()
	case e.Status == store.EffectDead:
		d.Mode, d.State, d.Key = "stop", "given up", newKey()
	case e.Status == store.EffectHeld:
		d.Mode, d.State = "warn", "waits, paused"
	case e.Owner != "":
		d.State = "is being sent"
	case e.Attempts > 0:
		d.Mode, d.State = "warn", "again "+longTime(microTime(e.Due), view)
	default:
		d.State = "waits"
	}
	return d
}

func (a *App) changeWebhook(v *visit) error {
	id, url, events := v.PathValue("webhook"), strings.TrimSpace(v.PostFormValue("url")), v.PostForm["events"]
	_, err := a.Webhooks.Change(v.Context(), v.scope, id, webhook.Change{URL: &url, Events: &events})
	form := HookForm{}
	if err != nil && hookFaults(err, &form) {
		return v.showWebhook(id, "", http.StatusUnprocessableEntity, func(f *HookForm) {
			f.URL, f.Events, f.URLError, f.EventsError = url, eventOptions(events), form.URLError, form.EventsError
		})
	}
	if err != nil {
		return err
	}
	return v.to("/settings/webhooks/"+id, "success", "Saved. It counts for what happens from now on.")
}

func (a *App) pauseWebhook(v *visit) error {
	id, paused := v.PathValue("webhook"), v.PostFormValue("paused") == "yes"
	if _, err := a.Webhooks.Change(v.Context(), v.scope, id, webhook.Change{Paused: &paused}); err != nil {
		return err
	}
	text := "Resumed. What waited is sent now."
	if paused {
		text = "Paused. What happens meanwhile waits."
	}
	return v.to("/settings/webhooks/"+id, "success", text)
}

func (a *App) testWebhook(v *visit) error {
	id := v.PathValue("webhook")
	if _, err := v.makeOnce(v.scope.Workspace.ID, func(tx *store.Tx) (string, error) { return a.Webhooks.Try(tx, v.scope, id) }); err != nil {
		return err
	}
	return v.to("/settings/webhooks/"+id+"#deliveries", "success", "A test is on its way; reload the page to see how it went.")
}

func (a *App) rotateWebhook(v *visit) error {
	id, secret := v.PathValue("webhook"), ""
	replayed, err := v.makeOnce(v.scope.Workspace.ID, func(tx *store.Tx) (string, error) {
		_, made, err := a.Webhooks.Rotate(tx, v.scope, id)
		secret = made
		return id, err
	})
	if err != nil {
		return err
	}
	if replayed != "" {
		return v.to("/settings/webhooks/"+id, "warning", "The new secret was made already, and was shown then.")
	}
	return v.showWebhook(id, secret, http.StatusOK, nil)
}

func (a *App) deleteWebhook(v *visit) error {
	if err := a.Webhooks.Delete(v.Context(), v.scope, v.PathValue("webhook")); err != nil {
		return err
	}
	return v.to("/settings/webhooks", "success", "Deleted. Nothing is sent to it any more.")
}

func (a *App) redeliver(v *visit) error {
	id := v.PathValue("webhook")
	if _, err := v.makeOnce(v.scope.Workspace.ID, func(tx *store.Tx) (string, error) {
		e, err := a.Webhooks.Redeliver(tx, v.scope, id, v.PathValue("delivery"))
		return e.ID, err
	}); err != nil {
		return err
	}
	return v.to("/settings/webhooks/"+id+"#deliveries", "success", "It is sent again, under the same id.")
}
