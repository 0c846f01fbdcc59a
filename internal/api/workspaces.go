package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// PeriodBody is a half-open interval.
type PeriodBody struct {
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
}

// WorkspaceBody is a workspace.
type WorkspaceBody struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	Plan      string      `json:"plan"`
	Seats     int         `json:"seats"`
	TimeZone  string      `json:"time_zone"`
	Status    string      `json:"status" enum:"active,cancelled"`
	Period    PeriodBody  `json:"period"`
	PriceBook string      `json:"price_book"`
	TestClock *string     `json:"test_clock,omitempty"`
	CancelsAt *time.Time  `json:"cancels_at,omitempty" doc:"When a cancellation takes or took effect."`
	Next      *ChangeBody `json:"next,omitempty" doc:"A downgrade that waits for the period's end."`
}

// ChangeBody is a change of plan that waits.
type ChangeBody struct {
	At    time.Time `json:"at"`
	Plan  string    `json:"plan"`
	Seats int       `json:"seats"`
}

func workspaceBody(w store.Workspace, v *credits.View) WorkspaceBody {
	b := WorkspaceBody{
		ID: w.ID, Name: w.Name, Plan: v.Current.Plan.Name, Seats: v.Current.Seats, TimeZone: v.Current.Zone().String(),
		Status: "active", Period: periodBody(v.Current.Period), PriceBook: v.Book.Name, TestClock: opt(w.Clock),
	}
	if v.Current.Cancelled {
		b.Status = "cancelled"
	}
	if at := v.Current.CancelsAt; !at.IsZero() {
		at = at.UTC()
		b.CancelsAt = &at
	}
	if next := v.Current.Next; next != nil {
		b.Next = &ChangeBody{At: next.At.UTC(), Plan: next.Plan.Name, Seats: next.Seats}
	}
	return b
}

func periodBody(p credits.Period) PeriodBody {
	return PeriodBody{StartsAt: p.Start.UTC(), EndsAt: p.End.UTC()}
}

// workspace reads a workspace as it stands.
func (a *API) workspace(ctx context.Context, s *account.Scope) (*Out[WorkspaceBody], error) {
	v, err := a.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return nil, err
	}
	return &Out[WorkspaceBody]{Body: workspaceBody(s.Workspace, v)}, nil
}

type newWorkspace struct {
	Once
	Body struct {
		Name      string `json:"name"`
		Plan      string `json:"plan"`
		Seats     *int   `json:"seats,omitempty" doc:"Default 1."`
		TimeZone  string `json:"time_zone,omitempty" default:"UTC" doc:"IANA time zone."`
		Anchor    *int   `json:"anchor,omitempty" doc:"Day of the month 1–31; for weekly plans 1 Monday … 7 Sunday. Default 1."`
		PriceBook string `json:"price_book,omitempty" default:"classic"`
		TestClock string `json:"test_clock,omitempty"`
	}
}

func (a *API) workspaces(h huma.API) {
	handle(a, h, http.MethodPost, "/v1/workspaces", "create-workspace", "Create a workspace", 201, func(ctx context.Context, in *newWorkspace) (*Out[WorkspaceBody], error) {
		n := account.NewWorkspace{Name: in.Body.Name, Plan: in.Body.Plan, TimeZone: in.Body.TimeZone, PriceBook: in.Body.PriceBook, TestClock: in.Body.TestClock, Seats: 1, Anchor: 1}
		if in.Body.Seats != nil {
			n.Seats = *in.Body.Seats
		}
		if in.Body.Anchor != nil {
			n.Anchor = *in.Body.Anchor
		}
		w, err := once(a, ctx, "", "/v1/workspaces", in.Once, func(tx *store.Tx) (store.Workspace, error) { return a.Accounts.CreateWorkspace(tx, n) }, nil)
		if err != nil {
			return nil, err
		}
		s, err := a.enter(ctx, w.ID)
		if err != nil {
			return nil, err
		}
		return a.workspace(ctx, s)
	})
	handle(a, h, http.MethodGet, "/v1/workspaces", "list-workspaces", "List workspaces", 200, a.listWorkspaces)
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}", "get-workspace", "Read a workspace", 200, func(ctx context.Context, in *WS) (*Out[WorkspaceBody], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		return a.workspace(ctx, s)
	})
	handle(a, h, http.MethodPatch, "/v1/workspaces/{ws}", "change-workspace", "Change plan, seats or name; more at once, less from the next period", 200, a.changeWorkspace)
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/cancel", "cancel-workspace", "Cancel the subscription", 200, a.cancelWorkspace)
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/reactivate", "reactivate-workspace", "Start a cancelled subscription again", 200, a.reactivateWorkspace)
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/grants", "create-grant", "Add credits to the plan's own", 201, a.createGrant)
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/grants", "list-grants", "List add-ons, newest first", 200, a.listGrants)
	handle(a, h, http.MethodDelete, "/v1/workspaces/{ws}/grants/{grant}", "end-grant", "End an add-on with the period that runs", 200, a.endGrant)
}

func (a *API) listWorkspaces(ctx context.Context, in *Page) (*Out[List[WorkspaceBody]], error) {
	after, err := a.after(ctx, *in)
	if err != nil {
		return nil, err
	}
	rows, err := a.Accounts.Workspaces(ctx, after, in.more())
	if err != nil {
		return nil, err
	}
	return page(a, ctx, *in, rows, func(w store.Workspace) string { return w.ID }, func(w store.Workspace) (WorkspaceBody, error) {
		s, err := a.enter(ctx, w.ID)
		if err != nil {
			return WorkspaceBody{}, err
		}
		one, err := a.workspace(ctx, s)
		if err != nil {
			return WorkspaceBody{}, err
		}
		return one.Body, nil
	})
}

type changeWorkspace struct {
	WS
	Body struct {
		Plan  string  `json:"plan,omitempty"`
		Seats *int    `json:"seats,omitempty"`
		Name  *string `json:"name,omitempty"`
	}
}

func (a *API) changeWorkspace(ctx context.Context, in *changeWorkspace) (*Out[WorkspaceBody], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	var c *credits.ChangePlan
	if in.Body.Plan != "" || in.Body.Seats != nil {
		c = &credits.ChangePlan{Request: credits.Request{Workspace: s.Workspace.ID, At: s.Now}, Plan: in.Body.Plan}
		if in.Body.Seats != nil {
			if c.Seats = *in.Body.Seats; c.Seats < 1 {
				return nil, fault.Wrong("seats", "must be from 1 to %d", credits.MaxSeats)
			}
		}
	}
	if err := a.Accounts.ChangeWorkspace(ctx, s, c, in.Body.Name); err != nil {
		return nil, err
	}
	return a.workspace(ctx, s)
}

type cancelWorkspace struct {
	WS
	Once
	Body struct {
		At string `json:"at" enum:"now,period_end"`
	}
}

func (a *API) cancelWorkspace(ctx context.Context, in *cancelWorkspace) (*Out[WorkspaceBody], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	if _, err := a.Accounts.ExecuteAudited(ctx, s, &credits.Cancel{Request: request(ctx, s, "cancel", in.Once), Now: in.Body.At == "now"}); err != nil {
		return nil, err
	}
	return a.workspace(ctx, s)
}

type reactivateWorkspace struct {
	WS
	Once
	Body struct {
		Plan string `json:"plan,omitempty" doc:"Default: the plan it had."`
	}
}

func (a *API) reactivateWorkspace(ctx context.Context, in *reactivateWorkspace) (*Out[WorkspaceBody], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	if _, err := a.Accounts.ExecuteAudited(ctx, s, &credits.Reactivate{Request: request(ctx, s, "reactivate", in.Once), Plan: in.Body.Plan}); err != nil {
		return nil, err
	}
	return a.workspace(ctx, s)
}

// GrantBody is an add-on.
type GrantBody struct {
	ID        string         `json:"id"`
	Credit    string         `json:"credit"`
	Amount    credits.Amount `json:"amount"`
	Kind      string         `json:"kind" enum:"recurring,once"`
	Note      string         `json:"note"`
	CreatedAt time.Time      `json:"created_at"`
	EndsAt    *time.Time     `json:"ends_at" doc:"When it ends or ended, with the period or a cancellation; null: until ended."`
}

func grantBody(g store.GrantRow) GrantBody {
	b := GrantBody{ID: g.ID, Credit: g.Credit, Amount: credits.Amount(g.Amount), Kind: g.Kind, Note: g.Note, CreatedAt: timeOf(g.CreatedAt)}
	if g.EndsAt != 0 {
		at := timeOf(g.EndsAt)
		b.EndsAt = &at
	}
	return b
}

type createGrant struct {
	WS
	Once
	Body struct {
		Credit string `json:"credit"`
		Amount Amount `json:"amount"`
		Kind   string `json:"kind" enum:"recurring,once"`
		Note   string `json:"note,omitempty" maxLength:"500" doc:"Shown to the workspace."`
	}
}

func (a *API) createGrant(ctx context.Context, in *createGrant) (*Out[GrantBody], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	amount, err := in.Body.Amount.read("amount")
	if err != nil {
		return nil, err
	}
	id := ident.New("grant")
	r := request(ctx, s, "grants", in.Once)
	r.Keep = []byte(`"` + id + `"`)
	result, err := a.Accounts.ExecuteAudited(ctx, s, &credits.GiveGrant{Request: r, ID: id, Credit: in.Body.Credit, Amount: amount, Kind: in.Body.Kind, Note: in.Body.Note})
	if err != nil {
		return nil, err
	}
	return a.grant(ctx, s, trimQuotes(result.Keep))
}

func trimQuotes(b []byte) string {
	if len(b) < 2 {
		return ""
	}
	return string(b[1 : len(b)-1])
}

func (a *API) grants(ctx context.Context, s *account.Scope) ([]store.GrantRow, error) {
	view, err := a.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return nil, err
	}
	return a.Accounts.Grants(ctx, s, view.Current)
}

func (a *API) grant(ctx context.Context, s *account.Scope, id string) (*Out[GrantBody], error) {
	list, err := a.grants(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, g := range list {
		if g.ID == id {
			return &Out[GrantBody]{Body: grantBody(g)}, nil
		}
	}
	return nil, fault.New(fault.NotFound, "There is no such add-on.")
}

func (a *API) listGrants(ctx context.Context, in *WS) (*Out[List[GrantBody]], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	rows, err := a.grants(ctx, s)
	if err != nil {
		return nil, err
	}
	var data []GrantBody
	for _, g := range rows {
		data = append(data, grantBody(g))
	}
	return whole(data), nil
}

type endGrant struct {
	WS
	Grant string `path:"grant"`
}

func (a *API) endGrant(ctx context.Context, in *endGrant) (*Out[GrantBody], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	if _, err := a.grant(ctx, s, in.Grant); err != nil {
		return nil, err
	}
	if _, err := a.Accounts.ExecuteAudited(ctx, s, &credits.EndGrant{Request: credits.Request{Workspace: s.Workspace.ID, At: s.Now}, ID: in.Grant}); err != nil {
		return nil, err
	}
	return a.grant(ctx, s, in.Grant)
}
