package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/webhook"
)

// WebhookOut is an endpoint.
type WebhookOut struct {
	ID           string     `json:"id"`
	URL          string     `json:"url"`
	Events       []string   `json:"events"`
	Paused       bool       `json:"paused"`
	PausedWhy    *string    `json:"paused_why" enum:"by_admin,failing,gone" doc:"null: it is not paused."`
	FailingSince *time.Time `json:"failing_since" doc:"null: the last attempt went well."`
	OldSecret    *time.Time `json:"old_secret_until" doc:"Until when the secret before the last rotation signs too."`
	CreatedAt    time.Time  `json:"created_at"`
	Secret       string     `json:"secret,omitempty" doc:"Signs deliveries (whsec_…); shown when it is made, and never again."`
}

func webhookOut(e webhook.Endpoint) WebhookOut {
	return WebhookOut{ID: e.ID, URL: e.URL, Events: e.Events, Paused: e.Paused != "", PausedWhy: opt(e.Paused), FailingSince: optTime(e.FailingSince), OldSecret: optTime(e.OldUntil), CreatedAt: e.CreatedAt}
}

func optTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func withoutSecret(w WebhookOut) WebhookOut {
	w.Secret = ""
	return w
}

// DeliveryOut is one message to an endpoint.
type DeliveryOut struct {
	ID        string     `json:"id"`
	Message   string     `json:"message" doc:"The webhook-id that it is sent under, in every attempt."`
	Event     string     `json:"event"`
	Status    string     `json:"status" enum:"waiting,held,sent,dead" doc:"held: the webhook is paused. dead: given up."`
	Attempts  int64      `json:"attempts"`
	Code      *int64     `json:"response_code" doc:"The last answer's HTTP status; null: there was none."`
	Error     *string    `json:"error"`
	CreatedAt time.Time  `json:"created_at"`
	EndedAt   *time.Time `json:"ended_at"`
	NextAt    *time.Time `json:"next_attempt_at"`
}

func deliveryOut(e store.Effect) DeliveryOut {
	d := DeliveryOut{ID: e.ID, Message: e.Message, Event: e.Label, Status: e.Status, Attempts: e.Attempts, Error: opt(e.Error), CreatedAt: timeOf(e.Created)}
	if e.Code != 0 {
		d.Code = &e.Code
	}
	switch e.Status {
	case store.EffectSent, store.EffectDead:
		d.EndedAt = optTime(timeOf(e.Update))
	case store.EffectWaiting:
		d.NextAt = optTime(timeOf(max(e.Due, e.Created)))
	}
	return d
}

// HookIn is the webhook in a path.
type HookIn struct {
	WS
	Webhook string `path:"webhook" maxLength:"100"`
}

type createWebhook struct {
	WS
	Once
	Body struct {
		URL    string   `json:"url" doc:"https:// alone; redirects are not followed."`
		Events []string `json:"events"`
	}
}

type changeWebhook struct {
	HookIn
	Body struct {
		URL    *string   `json:"url,omitempty"`
		Events *[]string `json:"events,omitempty"`
		Paused *bool     `json:"paused,omitempty" doc:"While it is paused, what it would hear waits."`
	}
}

// onHook is a POST without a body.
type onHook struct {
	HookIn
	Once
}

type listDeliveries struct {
	HookIn
	Page
}

type redeliver struct {
	HookIn
	Once
	Delivery string `path:"delivery" maxLength:"100"`
}

// Accepted is the message that was put in line.
type Accepted struct {
	Message string `json:"message" doc:"The webhook-id that it is sent under."`
}

const webhooksPath = "/v1/workspaces/{ws}/webhooks"

func (a *API) webhooks(h huma.API) {
	const at = webhooksPath
	handle(a, h, http.MethodPost, at, "create-webhook", "Add a webhook; its signing secret is shown this once", 201, func(ctx context.Context, in *createWebhook) (*Out[WebhookOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		body, err := once(a, ctx, s.Workspace.ID, "webhooks", in.Once, func(tx *store.Tx) (WebhookOut, error) {
			e, secret, err := a.Webhooks.Create(ctx, tx, s, in.Body.URL, in.Body.Events)
			out := webhookOut(e)
			out.Secret = secret
			return out, err
		}, withoutSecret)
		return &Out[WebhookOut]{Body: body}, err
	})
	handle(a, h, http.MethodGet, at, "list-webhooks", "List webhooks", 200, func(ctx context.Context, in *WS) (*Out[List[WebhookOut]], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		rows, err := a.Webhooks.List(ctx, s)
		if err != nil {
			return nil, err
		}
		var list []WebhookOut
		for _, e := range rows {
			list = append(list, webhookOut(e))
		}
		return whole(list), nil
	})
	handle(a, h, http.MethodGet, at+"/{webhook}", "get-webhook", "Read a webhook", 200, func(ctx context.Context, in *HookIn) (*Out[WebhookOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		e, err := a.Webhooks.Endpoint(ctx, s, in.Webhook)
		return &Out[WebhookOut]{Body: webhookOut(e)}, err
	})
	handle(a, h, http.MethodPatch, at+"/{webhook}", "change-webhook", "Change a webhook's address or events, pause or resume it", 200, func(ctx context.Context, in *changeWebhook) (*Out[WebhookOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		e, err := a.Webhooks.Change(ctx, s, in.Webhook, webhook.Change{URL: in.Body.URL, Events: in.Body.Events, Paused: in.Body.Paused})
		return &Out[WebhookOut]{Body: webhookOut(e)}, err
	})
	handle(a, h, http.MethodDelete, at+"/{webhook}", "delete-webhook", "Delete a webhook with its deliveries", 204, func(ctx context.Context, in *HookIn) (*None, error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		return nil, a.Webhooks.Delete(ctx, s, in.Webhook)
	})
	a.webhookActs(h)
}

// webhookActs are what can be done with a webhook beside changing it.
func (a *API) webhookActs(h huma.API) {
	const at = webhooksPath
	handle(a, h, http.MethodPost, at+"/{webhook}/rotate", "rotate-webhook-secret", "Make a new signing secret; the old one signs beside it for 24 hours", 200, func(ctx context.Context, in *onHook) (*Out[WebhookOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		body, err := once(a, ctx, s.Workspace.ID, "webhooks/"+in.Webhook+"/rotate", in.Once, func(tx *store.Tx) (WebhookOut, error) {
			e, secret, err := a.Webhooks.Rotate(tx, s, in.Webhook)
			out := webhookOut(e)
			out.Secret = secret
			return out, err
		}, withoutSecret)
		return &Out[WebhookOut]{Body: body}, err
	})
	handle(a, h, http.MethodPost, at+"/{webhook}/test", "test-webhook", "Send a webhook.test event", 202, func(ctx context.Context, in *onHook) (*Out[Accepted], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		body, err := once(a, ctx, s.Workspace.ID, "webhooks/"+in.Webhook+"/test", in.Once, func(tx *store.Tx) (Accepted, error) {
			message, err := a.Webhooks.Try(tx, s, in.Webhook)
			return Accepted{message}, err
		}, nil)
		return &Out[Accepted]{Body: body}, err
	})
	handle(a, h, http.MethodGet, at+"/{webhook}/deliveries", "list-deliveries", "What was or will be sent to a webhook, newest first, for 30 days", 200, a.deliveries)
	handle(a, h, http.MethodPost, at+"/{webhook}/deliveries/{delivery}/redeliver", "redeliver", "Send a delivery once more, under its own webhook-id", 202, func(ctx context.Context, in *redeliver) (*Out[DeliveryOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		body, err := once(a, ctx, s.Workspace.ID, "redeliver/"+in.Delivery, in.Once, func(tx *store.Tx) (DeliveryOut, error) {
			e, err := a.Webhooks.Redeliver(tx, s, in.Webhook, in.Delivery)
			return deliveryOut(e), err
		}, nil)
		return &Out[DeliveryOut]{Body: body}, err
	})
}

func (a *API) deliveries(ctx context.Context, in *listDeliveries) (*Out[List[DeliveryOut]], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	before, err := a.after(ctx, in.Page)
	if err != nil {
		return nil, err
	}
	rows, err := a.Webhooks.Deliveries(ctx, s, in.Webhook, before, in.more())
	if err != nil {
		return nil, err
	}
	return page(a, ctx, in.Page, rows, func(e store.Effect) string { return e.ID }, sure(deliveryOut))
}
