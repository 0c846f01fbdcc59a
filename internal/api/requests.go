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
		Grant Amount `json:"grant" doc:"How much more; 0 declines."`
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
	handle(a, h, http.MethodPost, at+"/{request}/decide", "decide-credit-request", "Grant all, part or none of a wish, by raising the member's limit or assigned amount", 200, func(ctx context.Context, in *decideRequest) (*Out[RequestOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		grant, err := in.Body.Grant.read("grant")
		if err != nil {
			return nil, err
		}
		decision := account.GrantPart(grant)
		if grant == 0 {
			decision = account.Decline()
		}
		r, err := a.Accounts.DecideRequest(ctx, s, in.Request, decision)
		if err != nil {
			return nil, err
		}
		return &Out[RequestOut]{Body: requestOut(r)}, nil
	})
}
