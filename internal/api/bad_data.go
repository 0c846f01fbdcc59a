package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/store"
)

// ReportOut is data that was reported bad.
type ReportOut struct {
	Entry   string                     `json:"entry" doc:"The charge that paid for it."`
	Field   string                     `json:"field"`
	Reason  string                     `json:"reason,omitempty"`
	Status  string                     `json:"status" enum:"refunded,closed,review,declined" doc:"refunded: the credit went back; closed: the period that paid is over, so nothing goes back; review: the operator decides; declined: the operator did."`
	Refund  *string                    `json:"refund" doc:"The entry that gives the credit back."`
	Credit  string                     `json:"credit,omitempty"`
	Amount  credits.Amount             `json:"amount" doc:"Given back."`
	Member  *string                    `json:"member,omitempty"`
	At      *time.Time                 `json:"at,omitempty"`
	Balance map[string]credits.Balance `json:"balance,omitempty"`
}

func reportOut(r capture.Reported) ReportOut {
	return ReportOut{Entry: r.Entry, Field: string(r.Field), Status: r.Status, Refund: opt(r.Refund), Credit: r.Credit, Amount: r.Amount, Balance: r.Balances}
}

type reportIn struct {
	WS
	Once
	Entry string `path:"entry"`
	Body  struct {
		Reason string `json:"reason" enum:"bounced,wrong_number,wrong_person"`
	}
}

type decideIn struct {
	WS
	Once
	Entry string `path:"entry"`
	Body  struct {
		Refund bool `json:"refund"`
	}
}

type reportList struct {
	WS
	Page
	Status string `query:"status" enum:"refunded,closed,review,declined"`
}

func (a *API) badData(h huma.API) {
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/entries/{entry}/report", "report-bad-data", "Report data that was charged for as bad; the credit goes back while the period that paid is running", 200, func(ctx context.Context, in *reportIn) (*Out[ReportOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		r, err := a.Captures.Report(ctx, s, in.Entry, in.Body.Reason, request(ctx, s, "entries/"+in.Entry+"/report", in.Once))
		return &Out[ReportOut]{Body: reportOut(r)}, err
	})
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/reports", "list-reports", "Data that was reported bad, newest charge first", 200, func(ctx context.Context, in *reportList) (*Out[List[ReportOut]], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		before, err := a.afterNumber(ctx, in.Page, 1<<62)
		if err != nil {
			return nil, err
		}
		rows, err := a.Captures.Reports(ctx, s, in.Status, before, in.more())
		if err != nil {
			return nil, err
		}
		return page(a, ctx, in.Page, rows, func(r store.Report) string { return strconv.FormatInt(r.Seq, 10) }, sure(func(r store.Report) ReportOut {
			at := timeOf(r.At)
			return ReportOut{Entry: credits.EntryID(r.Seq), Field: r.Field, Reason: r.Reason, Status: r.Status, Member: opt(r.Member), At: &at}
		}))
	})
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/reports/{entry}/decide", "decide-report", "Answer a report that waits for the operator", 200, func(ctx context.Context, in *decideIn) (*Out[ReportOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		r, err := a.Captures.Decide(ctx, s, in.Entry, in.Body.Refund, request(ctx, s, "reports/"+in.Entry+"/decide", in.Once))
		return &Out[ReportOut]{Body: reportOut(r)}, err
	})
}
