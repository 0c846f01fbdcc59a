package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// RequestOut is a member's wish for more credits.
type RequestOut struct {
	ID        string         `json:"id"`
	Member    string         `json:"member"`
	Credit    string         `json:"credit"`
	Amount    credits.Amount `json:"amount"`
	Reason    string         `json:"reason"`
	Status    string         `json:"status" enum:"open,granted,declined"`
	Granted   credits.Amount `json:"granted"`
	DecidedBy *string        `json:"decided_by"`
	CreatedAt time.Time      `json:"created_at"`
	DecidedAt *time.Time     `json:"decided_at"`
}

func requestOut(r store.CreditRequest) RequestOut {
	out := RequestOut{
		ID: r.ID, Member: r.Member, Credit: r.Credit, Amount: credits.Amount(r.Amount), Reason: r.Reason, Status: r.Status,
		Granted: credits.Amount(r.Granted), DecidedBy: opt(r.DecidedBy), CreatedAt: timeOf(r.CreatedAt),
	}
	if r.DecidedAt != 0 {
		at := timeOf(r.DecidedAt)
		out.DecidedAt = &at
	}
	return out
}

type askForMore struct {
	WS
	Once
	Body struct {
		Member string `json:"member,omitempty" doc:"Left out: the member whose key this is."`
		Credit string `json:"credit"`
		Amount Amount `json:"amount"`
		Reason string `json:"reason,omitempty"`
	}
}

type listRequests struct {
	WS
	Page
	Status string `query:"status" enum:"open,granted,declined"`
}

type decideRequest struct {
	WS
	Once
	Request string `path:"request"`
	Body    struct {
		Grant  Amount `json:"grant" doc:"How much more; 0 declines."`
		Assign bool   `json:"assign,omitempty" doc:"Grant it as an amount of the member's own, to one who draws on the pool and so has no limit to raise. From then on they no longer draw on it."`
	}
}

func (a *API) requests(h huma.API) {
	const at = "/v1/workspaces/{ws}/credit-requests"
	handle(a, h, http.MethodPost, at, "ask-for-more", "Ask an admin for more credits", 201, func(ctx context.Context, in *askForMore) (*Out[RequestOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		member, err := s.Spend(ctx, a.Accounts, in.Body.Member)
		if err != nil {
			return nil, err
		}
		amount, err := in.Body.Amount.read("amount")
		if err != nil {
			return nil, err
		}
		view, err := a.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
		if err != nil {
			return nil, err
		}
		body, err := once(a, ctx, s.Workspace.ID, "credit-requests", in.Once, func(tx *store.Tx) (RequestOut, error) {
			r, err := a.Accounts.AskForMore(tx, s, view.Book, account.NewRequest{Member: member, Credit: in.Body.Credit, Amount: amount, Reason: in.Body.Reason})
			return requestOut(r), err
		}, nil)
		return &Out[RequestOut]{Body: body}, err
	})
	handle(a, h, http.MethodGet, at, "list-credit-requests", "Wishes for more credits, newest first: one's own, and those of whose usage one sees", 200, func(ctx context.Context, in *listRequests) (*Out[List[RequestOut]], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		before, err := a.after(ctx, in.Page)
		if err != nil {
			return nil, err
		}
		rows, err := a.Accounts.Requests(ctx, s, in.Status, before, in.more())
		if err != nil {
			return nil, err
		}
		return page(a, ctx, in.Page, rows, func(r store.CreditRequest) string { return r.ID }, sure(requestOut))
	})
	handle(a, h, http.MethodPost, at+"/{request}/decide", "decide-credit-request", "Grant all, part or none of a request, by raising the member's limit or assigned amount, or by assigning it", 200, func(ctx context.Context, in *decideRequest) (*Out[RequestOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		grant, err := in.Body.Grant.read("grant")
		if err != nil {
			return nil, err
		}
		decision := account.GrantPart(grant)
		switch {
		case grant == 0:
			decision = account.Decline()
		case in.Body.Assign:
			decision = account.Assign(grant)
		}
		r, err := a.Accounts.DecideRequest(ctx, s, in.Request, decision)
		if err != nil {
			return nil, err
		}
		return &Out[RequestOut]{Body: requestOut(r)}, nil
	})
}

// AddOnRequestOut is what a workspace asked the operator for.
type AddOnRequestOut struct {
	ID        string         `json:"id"`
	Workspace string         `json:"workspace"`
	Member    *string        `json:"member" doc:"The admin who asked; null: a key, or the operator."`
	Credit    string         `json:"credit"`
	Amount    credits.Amount `json:"amount"`
	Kind      string         `json:"kind" enum:"recurring,once"`
	Note      string         `json:"note"`
	Status    string         `json:"status" enum:"open,granted,declined"`
	Granted   credits.Amount `json:"granted"`
	Grant     *string        `json:"grant" doc:"The add-on that was given."`
	CreatedAt time.Time      `json:"created_at"`
	DecidedAt *time.Time     `json:"decided_at"`
}

func addOnRequestOut(r store.AddOnRequest) AddOnRequestOut {
	out := AddOnRequestOut{
		ID: r.ID, Workspace: r.Workspace, Member: opt(r.Member), Credit: r.Credit, Amount: credits.Amount(r.Amount), Kind: r.Kind, Note: r.Note,
		Status: r.Status, Granted: credits.Amount(r.Granted), Grant: opt(r.Grant), CreatedAt: timeOf(r.CreatedAt),
	}
	if r.DecidedAt != 0 {
		at := timeOf(r.DecidedAt)
		out.DecidedAt = &at
	}
	return out
}

type askForAddOn struct {
	WS
	Once
	Body struct {
		Credit string `json:"credit"`
		Amount Amount `json:"amount"`
		Kind   string `json:"kind" enum:"recurring,once"`
		Note   string `json:"note,omitempty" doc:"Why, in at most 500 characters. It becomes the add-on's."`
	}
}

type addOnRequestPath struct {
	WS
	Request string `path:"request"`
}

type listAllAddOnRequests struct {
	Page
	Status string `query:"status" enum:"open,granted,declined"`
}

type decideAddOn struct {
	Once
	Request string `path:"request"`
	Body    struct {
		Grant Amount `json:"grant" doc:"How much to give, which may be more or less than was asked for; 0 declines."`
	}
}

func (a *API) addOnRequests(h huma.API) {
	const at = "/v1/workspaces/{ws}/addon-requests"
	handle(a, h, http.MethodPost, at, "ask-for-addon", "Ask the operator for credits beyond the plan; replaces the open request for the credit type", 201, a.askForAddOn)
	handle(a, h, http.MethodGet, at, "list-addon-requests", "List what the workspace asked the operator for, newest first", 200, func(ctx context.Context, in *listRequests) (*Out[List[AddOnRequestOut]], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		return a.addOnPage(ctx, in.Page, func(before string) ([]store.AddOnRequest, error) {
			return a.Accounts.AddOnRequests(ctx, s, in.Status, before, in.more())
		})
	})
	handle(a, h, http.MethodDelete, at+"/{request}", "withdraw-addon-request", "Withdraw an open request", 204, func(ctx context.Context, in *addOnRequestPath) (*None, error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		return nil, a.Accounts.WithdrawAddOn(ctx, s, in.Request)
	})
	handle(a, h, http.MethodGet, "/v1/addon-requests", "list-all-addon-requests", "List what workspaces ask for, newest first", 200, func(ctx context.Context, in *listAllAddOnRequests) (*Out[List[AddOnRequestOut]], error) {
		return a.addOnPage(ctx, in.Page, func(before string) ([]store.AddOnRequest, error) {
			return a.Accounts.AllAddOnRequests(ctx, in.Status, before, in.more())
		})
	})
	handle(a, h, http.MethodPost, "/v1/addon-requests/{request}/decide", "decide-addon-request", "Give an add-on for a request, or decline", 200, a.decideAddOn)
}

func (a *API) askForAddOn(ctx context.Context, in *askForAddOn) (*Out[AddOnRequestOut], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	amount, err := in.Body.Amount.read("amount")
	if err != nil {
		return nil, err
	}
	view, err := a.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return nil, err
	}
	body, err := once(a, ctx, s.Workspace.ID, "addon-requests", in.Once, func(tx *store.Tx) (AddOnRequestOut, error) {
		r, err := a.Accounts.AskForAddOn(tx, s, view, account.NewAddOnRequest{Credit: in.Body.Credit, Amount: amount, Kind: in.Body.Kind, Note: in.Body.Note})
		return addOnRequestOut(r), err
	}, nil)
	return &Out[AddOnRequestOut]{Body: body}, err
}

func (a *API) addOnPage(ctx context.Context, p Page, list func(before string) ([]store.AddOnRequest, error)) (*Out[List[AddOnRequestOut]], error) {
	before, err := a.after(ctx, p)
	if err != nil {
		return nil, err
	}
	rows, err := list(before)
	if err != nil {
		return nil, err
	}
	return page(a, ctx, p, rows, func(r store.AddOnRequest) string { return r.ID }, sure(addOnRequestOut))
}

func (a *API) decideAddOn(ctx context.Context, in *decideAddOn) (*Out[AddOnRequestOut], error) {
	grant, err := in.Body.Grant.read("grant")
	if err != nil {
		return nil, err
	}
	s, r, err := a.Accounts.AddOnRequest(ctx, principal(ctx), in.Request)
	if err != nil {
		return nil, err
	}
	r, err = a.Accounts.DecideAddOn(ctx, s, r, grant, request(ctx, s, "addon-requests/"+r.ID, in.Once))
	return &Out[AddOnRequestOut]{Body: addOnRequestOut(r)}, err
}
