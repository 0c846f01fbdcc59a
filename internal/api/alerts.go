package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/alert"
	"github.com/leadmeter/leadmeter/internal/store"
)

// AlertOut is a crossing.
type AlertOut struct {
	Credit    string         `json:"credit"`
	Percent   int64          `json:"percent"`
	Period    time.Time      `json:"period_starts_at"`
	At        time.Time      `json:"at"`
	Allowance credits.Amount `json:"allowance" doc:"When it was crossed."`
	Times     int64          `json:"times" doc:"How often in this period: again after the allowance grew."`
}

func alertOut(a store.Alert) AlertOut {
	return AlertOut{Credit: a.Credit, Percent: a.Percent, Period: timeOf(a.PeriodStart), At: timeOf(a.At), Allowance: credits.Amount(a.Allowance), Times: a.Times}
}

// AlertsOut is a workspace's alerts.
type AlertsOut struct {
	Percents alert.Percents `json:"percents" doc:"By credit type: at which percentages of the allowance used admins are told."`
	Recent   []AlertOut     `json:"recent" doc:"The last crossings, newest first."`
}

type setAlerts struct {
	WS
	Body struct {
		Percents map[string][]int64 `json:"percents" doc:"By credit type; types left out stay as they are, an empty list is none."`
	}
}

// UsageMailBody is how often usage is mailed to an admin.
type UsageMailBody struct {
	Every string `json:"every" enum:"week,month,never"`
}

type setUsageMail struct {
	WS
	Member string `path:"member" maxLength:"100"`
	Body   UsageMailBody
}

func (a *API) alerts(h huma.API) {
	const at = "/v1/workspaces/{ws}/alerts"
	handle(a, h, http.MethodGet, at, "get-alerts", "When admins are told how much is used, and the last times they were", 200, func(ctx context.Context, in *WS) (*Out[AlertsOut], error) {
		return a.alertsOf(ctx, in.Workspace, nil)
	})
	handle(a, h, http.MethodPut, at, "set-alerts", "Choose the percentages", 200, func(ctx context.Context, in *setAlerts) (*Out[AlertsOut], error) {
		return a.alertsOf(ctx, in.Workspace, in.Body.Percents)
	})
	handle(a, h, http.MethodPut, "/v1/workspaces/{ws}/members/{member}/usage-mail", "set-usage-mail", "Mail an admin the usage each week, each month or never", 200, func(ctx context.Context, in *setUsageMail) (*Out[UsageMailBody], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		every := in.Body.Every
		if every == "never" {
			every = alert.Never
		}
		return &Out[UsageMailBody]{Body: in.Body}, a.Alerts.SetUsageMail(ctx, s, in.Member, every)
	})
}

func (a *API) alertsOf(ctx context.Context, workspace string, change alert.Percents) (*Out[AlertsOut], error) {
	s, err := a.enter(ctx, workspace)
	if err != nil {
		return nil, err
	}
	view, err := a.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return nil, err
	}
	out := AlertsOut{Recent: []AlertOut{}}
	if change != nil {
		out.Percents, err = a.Alerts.SetSettings(ctx, s, view.Book, change)
	} else {
		out.Percents, err = a.Alerts.Settings(ctx, s, view.Book)
	}
	if err != nil {
		return nil, err
	}
	list, err := a.Alerts.List(ctx, s, 100)
	for _, x := range list {
		out.Recent = append(out.Recent, alertOut(x))
	}
	return &Out[AlertsOut]{Body: out}, err
}
