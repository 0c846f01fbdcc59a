package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/throttle"
	"github.com/leadmeter/leadmeter/internal/words"
)

type newConnection struct {
	Body struct {
		Name      string `json:"name" doc:"What the user recognizes it by, such as Chrome on Linux."`
		Challenge string `json:"challenge" doc:"The SHA-256 of a secret text, in base64url."`
	}

	from string
}

// Resolve keeps who asks.
func (in *newConnection) Resolve(ctx huma.Context) []error {
	in.from = ctx.RemoteAddr()
	return nil
}

// ConnectionBody is a connection that waits for its approval.
type ConnectionBody struct {
	ID         string    `json:"id"`
	Code       string    `json:"code" doc:"The approval page shows the same: show it, so that people can compare."`
	ApproveURL string    `json:"approve_url" doc:"Where a signed-in member approves it: a path on this server where it was not told its public_url."`
	ExpiresAt  time.Time `json:"expires_at"`
}

type firstTokens struct {
	Connection string `path:"connection" maxLength:"100"`
	Body       struct {
		Verifier string `json:"verifier" maxLength:"200" doc:"The secret text behind the challenge."`
	}
}

type renewTokens struct {
	Body struct {
		RefreshToken string `json:"refresh_token" maxLength:"200"`
	}
}

type connectionPath struct {
	Connection string `path:"connection" maxLength:"100"`
}

// TokenBody is what a connected extension is given; while it waits for approval,
// status alone.
type TokenBody struct {
	Status       string     `json:"status" enum:"waiting,approved"`
	AccessToken  string     `json:"access_token,omitempty"`
	RefreshToken string     `json:"refresh_token,omitempty"`
	ExpiresIn    int        `json:"expires_in,omitempty" doc:"Seconds until the access token ends."`
	Workspace    *NamedBody `json:"workspace,omitempty"`
	Member       *NamedBody `json:"member,omitempty"`
}

// NamedBody is something with a name.
type NamedBody struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type tokenAnswer struct {
	Status int
	Cache  string `header:"Cache-Control"`
	Body   TokenBody
}

func tokens(t account.Tokens) *tokenAnswer {
	return &tokenAnswer{Status: http.StatusOK, Cache: "no-store", Body: TokenBody{
		Status: store.ConnectionApproved, AccessToken: t.Access, RefreshToken: t.Refresh, ExpiresIn: int(t.ExpiresIn / time.Second),
		Workspace: &NamedBody{t.Workspace.ID, t.Workspace.Name}, Member: &NamedBody{t.Member.ID, t.Member.Name},
	}}
}

// extension is how a browser extension is connected, and what its panel reads
// beside what everybody reads.
func (a *API) extension(h huma.API) {
	tries := throttle.New()
	handle(a, h, http.MethodPost, "/v1/extension/connections", "begin-extension", "Ask for a browser extension to be connected; needs no key", 201, func(ctx context.Context, in *newConnection) (*Out[ConnectionBody], error) {
		if !tries.Connect(in.from) {
			return nil, fault.New(fault.RateLimited, "Too many connections were asked for. Wait a minute and try again.")
		}
		c, err := a.Accounts.BeginConnection(ctx, in.Body.Name, in.Body.Challenge)
		if err != nil {
			return nil, err
		}
		return &Out[ConnectionBody]{Body: ConnectionBody{ID: c.ID, Code: account.ConnectionCode(c), ApproveURL: strings.TrimSuffix(a.PublicURL, "/") + "/connect/extension?id=" + c.ID, ExpiresAt: timeOf(c.ExpiresAt)}}, nil
	})
	handle(a, h, http.MethodPost, "/v1/extension/connections/{connection}/token", "connect-extension", "Fetch a connection's first tokens; 202 while it waits for approval, 403 refused, 410 over", 200, func(ctx context.Context, in *firstTokens) (*tokenAnswer, error) {
		t, approved, err := a.Accounts.FirstTokens(ctx, in.Connection, in.Body.Verifier)
		if err != nil {
			return nil, err
		}
		if !approved {
			return &tokenAnswer{Status: http.StatusAccepted, Body: TokenBody{Status: store.ConnectionWaiting}}, nil
		}
		return tokens(t), nil
	})
	handle(a, h, http.MethodPost, "/v1/extension/token", "renew-extension", "Renew a connection's tokens; a refresh token is good once", 200, func(ctx context.Context, in *renewTokens) (*tokenAnswer, error) {
		t, err := a.Accounts.RenewTokens(ctx, in.Body.RefreshToken)
		if err != nil {
			return nil, err
		}
		return tokens(t), nil
	})
	handle(a, h, http.MethodDelete, "/v1/extension/connections/{connection}", "end-extension", "End one's own connection at once", 204, func(ctx context.Context, in *connectionPath) (*None, error) {
		return nil, a.Accounts.EndConnection(ctx, principal(ctx), in.Connection)
	})
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/prices", "get-prices", "What each field costs at most", 200, a.prices)
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/lists", "list-lists", "The lists that leads are on", 200, a.lists)
}

// PricesBody is what fields cost.
type PricesBody struct {
	Fields map[string]PriceBody                 `json:"fields"`
	AtMost map[string]map[string]credits.Amount `json:"at_most" doc:"What each combination of fields costs at most; a combination is named by its fields in the order work_email, work_phone, personal_email, mobile_phone, joined by commas."`
	Texts  map[string]string                    `json:"at_most_text" doc:"The same for reading, as the end of a button: at most 2 standard + 1 premium, or free."`
}

// PriceBody is what a field costs at most: nothing, where it is not found.
type PriceBody struct {
	Credit string         `json:"credit"`
	Amount credits.Amount `json:"amount"`
	Unlock bool           `json:"unlock" doc:"Has a button of its own: a capture asks for it only where auto-unlock says so."`
}

func (a *API) prices(ctx context.Context, in *WS) (*Out[PricesBody], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	items, prices, err := a.Screens.Prices(ctx, s)
	if err != nil {
		return nil, err
	}
	body := PricesBody{Fields: map[string]PriceBody{}, AtMost: map[string]map[string]credits.Amount{}, Texts: map[string]string{}}
	for _, f := range lead.Fields {
		if item := items.Of(string(f)); item != nil {
			body.Fields[string(f)] = PriceBody{Credit: item.Type, Amount: item.AtMost, Unlock: item.Unlock}
		}
	}
	for fields, price := range prices {
		body.Texts[fields], body.AtMost[fields] = words.AtMost(price), map[string]credits.Amount{}
		for _, c := range price {
			body.AtMost[fields][c.Type] = c.Amount
		}
	}
	return &Out[PricesBody]{Body: body}, nil
}

// ListBody is a list that leads are on.
type ListBody struct {
	Name string `json:"name"`
}

func (a *API) lists(ctx context.Context, in *WS) (*Out[List[ListBody]], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	names, err := a.Captures.Lists(ctx, s)
	if err != nil {
		return nil, err
	}
	var data []ListBody
	for _, name := range names {
		data = append(data, ListBody{name})
	}
	return whole(data), nil
}
