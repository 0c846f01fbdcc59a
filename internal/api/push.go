package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/internal/push"
	"github.com/leadmeter/leadmeter/internal/store"
)

// PushConnectionOut is a connection, without its token.
type PushConnectionOut struct {
	Kind      string     `json:"kind" enum:"hubspot,salesforce,webhook"`
	Address   *string    `json:"address"`
	Field     *string    `json:"field" doc:"Salesforce's external id field, which takes the lead's id."`
	RefusedAt *time.Time `json:"token_refused_at" doc:"null: the token was not refused."`
	CreatedAt time.Time  `json:"created_at"`
	Secret    string     `json:"secret,omitempty" doc:"Of a webhook: signs what is pushed; shown when it is made, and never again."`
}

type putConnection struct {
	WS
	Kind string `path:"kind" maxLength:"20"`
	Body struct {
		Token        string `json:"token,omitempty" doc:"HubSpot: a private app's token."`
		ClientID     string `json:"client_id,omitempty" doc:"Salesforce: the consumer key of an app with the client credentials flow."`
		ClientSecret string `json:"client_secret,omitempty" doc:"Salesforce: the app's consumer secret."`
		Address      string `json:"address,omitempty" doc:"Salesforce: https://DOMAIN.my.salesforce.com. Webhook: where to post to."`
		Field        string `json:"field,omitempty" doc:"Salesforce: the API name of an external id field of Contact; default Leadmeter_Id__c."`
	}
}

type connectionIn struct {
	WS
	Kind string `path:"kind" maxLength:"20"`
}

// PushOut is a push.
type PushOut struct {
	ID        string           `json:"id"`
	To        string           `json:"to"`
	Status    string           `json:"status" enum:"running,done"`
	Total     int64            `json:"total"`
	Counts    map[string]int64 `json:"counts" doc:"Leads by outcome: created, updated, sent, failed, skipped; waiting."`
	CreatedAt time.Time        `json:"created_at"`
}

func pushOut(p store.Push) PushOut {
	out := PushOut{ID: p.ID, To: p.Kind, Status: "done", Total: p.Total, Counts: p.Counts, CreatedAt: timeOf(p.CreatedAt)}
	if p.Counts["waiting"] > 0 {
		out.Status = "running"
	}
	return out
}

// PushRowOut is one lead of a push.
type PushRowOut struct {
	Row     int64   `json:"row"`
	Lead    string  `json:"lead"`
	Outcome string  `json:"outcome" enum:"waiting,created,updated,sent,failed,skipped"`
	Message *string `json:"message"`
}

type beginPush struct {
	WS
	Once
	Body struct {
		To    string   `json:"to" enum:"hubspot,salesforce,webhook"`
		Leads []string `json:"leads,omitempty"`
		List  string   `json:"list,omitempty" doc:"Instead of leads: all of a list."`
	}
}

type listPushes struct {
	WS
	Page
}

type pushIn struct {
	WS
	Push string `path:"push" maxLength:"100"`
}

type pushRows struct {
	WS
	Page
	Push string `path:"push" maxLength:"100"`
}

func (a *API) pushes(h huma.API) {
	const conns = "/v1/workspaces/{ws}/push-connections"
	handle(a, h, http.MethodGet, conns, "list-push-connections", "Where leads can be pushed to", 200, func(ctx context.Context, in *WS) (*Out[List[PushConnectionOut]], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		rows, err := a.Pushes.Connections(ctx, s)
		if err != nil {
			return nil, err
		}
		var list []PushConnectionOut
		for _, c := range rows {
			list = append(list, PushConnectionOut{Kind: c.Kind, Address: opt(c.Address), Field: opt(c.Field), RefusedAt: optTime(c.RefusedAt), CreatedAt: c.CreatedAt})
		}
		return whole(list), nil
	})
	handle(a, h, http.MethodPut, conns+"/{kind}", "put-push-connection", "Connect HubSpot, Salesforce or a webhook, in place of the one of its kind", 200, func(ctx context.Context, in *putConnection) (*Out[PushConnectionOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		out := PushConnectionOut{Kind: in.Kind, Address: opt(in.Body.Address), Field: opt(in.Body.Field), CreatedAt: a.Accounts.Clock().UTC()}
		err = a.Store.Update(ctx, func(tx *store.Tx) (err error) {
			out.Secret, err = a.Pushes.Connect(tx, s, push.NewConnection{Kind: in.Kind, Token: in.Body.Token, ClientID: in.Body.ClientID, ClientSecret: in.Body.ClientSecret, Address: in.Body.Address, Field: in.Body.Field})
			return err
		})
		return &Out[PushConnectionOut]{Body: out}, err
	})
	handle(a, h, http.MethodDelete, conns+"/{kind}", "delete-push-connection", "End a connection and forget its token", 204, func(ctx context.Context, in *connectionIn) (*None, error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		return nil, a.Pushes.Disconnect(ctx, s, in.Kind)
	})
	a.pushActs(h)
}

func (a *API) pushActs(h huma.API) {
	const at = "/v1/workspaces/{ws}/pushes"
	handle(a, h, http.MethodPost, at, "push-leads", "Push owned leads to a connection; free", 202, func(ctx context.Context, in *beginPush) (*Out[PushOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		var out Out[PushOut]
		first, err := a.Pushes.Begin(ctx, s, push.Ask{Kind: in.Body.To, Leads: in.Body.Leads, List: in.Body.List}, in.Key, in.fingerprint(ctx, "pushes"), func(p store.Push) ([]byte, error) {
			out.Body = pushOut(p)
			return json.Marshal(out.Body)
		})
		if err == nil && first != nil {
			err = json.Unmarshal(first, &out.Body)
		}
		return &out, err
	})
	handle(a, h, http.MethodGet, at, "list-pushes", "List pushes, newest first", 200, func(ctx context.Context, in *listPushes) (*Out[List[PushOut]], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		before, err := a.after(ctx, in.Page)
		if err != nil {
			return nil, err
		}
		rows, err := a.Pushes.List(ctx, s, "", before, in.more())
		if err != nil {
			return nil, err
		}
		return page(a, ctx, in.Page, rows, func(p store.Push) string { return p.ID }, sure(pushOut))
	})
	handle(a, h, http.MethodGet, at+"/{push}", "get-push", "How far a push is", 200, func(ctx context.Context, in *pushIn) (*Out[PushOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		rows, err := a.Pushes.List(ctx, s, in.Push, "", 1)
		if err != nil {
			return nil, err
		}
		return &Out[PushOut]{Body: pushOut(rows[0])}, nil
	})
	handle(a, h, http.MethodGet, at+"/{push}/rows", "list-push-rows", "List the leads of a push with their outcomes", 200, a.pushRows)
}

func (a *API) pushRows(ctx context.Context, in *pushRows) (*Out[List[PushRowOut]], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	after, err := a.afterNumber(ctx, in.Page, 0)
	if err != nil {
		return nil, err
	}
	rows, err := a.Pushes.Rows(ctx, s, in.Push, after, in.more())
	if err != nil {
		return nil, err
	}
	return page(a, ctx, in.Page, rows, func(r store.PushRow) string { return strconv.FormatInt(r.No, 10) }, sure(func(r store.PushRow) PushRowOut {
		one := PushRowOut{Row: r.No, Lead: r.Lead, Outcome: r.Outcome, Message: opt(r.Message)}
		if one.Outcome == "" {
			one.Outcome = "waiting"
		}
		return one
	}))
}
