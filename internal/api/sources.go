package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/store"
)

// SourceOut is an upstream source: how it does now, and what it did in 30 days.
type SourceOut struct {
	Name    string         `json:"name"`
	Fields  []string       `json:"fields" doc:"What it is asked for."`
	State   string         `json:"state" enum:"closed,open,half-open" doc:"closed: it is asked; open: it is left alone after failures; half-open: one call tries it."`
	Asked   int64          `json:"asked"`
	Found   int64          `json:"found"`
	Missed  int64          `json:"not_found"`
	Failed  int64          `json:"failed" doc:"Errors, time-outs, refused keys and used-up accounts."`
	Latency float64        `json:"latency_ms" doc:"Of a call, on average."`
	Cost    credits.Amount `json:"cost" doc:"In the source's own units, where it says."`
}

const sourceDays = 30

func (a *API) sources(h huma.API) {
	handle(a, h, http.MethodGet, "/v1/providers", "list-providers", "The upstream sources, what they were asked in 30 days and what they found", 200, func(ctx context.Context, _ *struct{}) (*Out[List[SourceOut]], error) {
		if !a.Sources.Any() {
			return whole([]SourceOut{}), nil
		}
		var days []store.ProviderDay
		err := a.Store.View(ctx, func(tx *store.Tx) (err error) {
			days, err = tx.Providers().Days(time.Now().UTC().AddDate(0, 0, -sourceDays).Format(time.DateOnly))
			return err
		})
		if err != nil {
			return nil, err
		}
		var list []SourceOut
		for _, s := range a.Sources.Waterfall().Standings() {
			list = append(list, sourceOut(s, days))
		}
		return whole(list), nil
	})
	a.routes.HandleFunc("POST /callbacks/{provider}", a.called)
}

func sourceOut(s provider.Standing, days []store.ProviderDay) SourceOut {
	out := SourceOut{Name: s.Provider, State: s.State, Fields: []string{}}
	for _, f := range s.Fields {
		out.Fields = append(out.Fields, string(f))
	}
	for _, d := range days {
		if d.Provider != s.Provider {
			continue
		}
		out.Asked, out.Found, out.Missed, out.Failed, out.Cost = d.Asked, d.Found, d.Missed, d.Failed, credits.Amount(d.Cost)
		if d.Asked > 0 {
			out.Latency = float64(d.Latency/d.Asked) / 1000
		}
	}
	return out
}

// called takes a source's message that an answer is ready.
func (a *API) called(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = a.Sources.Called(r.Context(), r.PathValue("provider"), body)
	}
	if err != nil {
		WriteProblem(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
