package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/internal/store"
)

// ClockBody is a test clock.
type ClockBody struct {
	ID  string    `json:"id"`
	Now time.Time `json:"now"`
}

type newClock struct {
	Once
	Body struct {
		Now time.Time `json:"now"`
	}
}

type advanceClock struct {
	Clock string `path:"clock"`
	Once
	Body struct {
		To time.Time `json:"to"`
	}
}

func (a *API) operator(h huma.API) {
	handle(a, h, http.MethodPost, "/v1/test-clocks", "create-test-clock", "Create a clock that moves only when told to", 201, func(ctx context.Context, in *newClock) (*Out[ClockBody], error) {
		body, err := once(a, ctx, "", "/v1/test-clocks", in.Once, func(tx *store.Tx) (ClockBody, error) {
			id, err := a.Accounts.CreateClock(tx, in.Body.Now)
			return ClockBody{ID: id, Now: in.Body.Now.UTC().Truncate(time.Microsecond)}, err
		}, nil)
		return &Out[ClockBody]{Body: body}, err
	})
	handle(a, h, http.MethodPost, "/v1/test-clocks/{clock}/advance", "advance-test-clock", "Move a test clock on; it never moves back", 200, func(ctx context.Context, in *advanceClock) (*Out[ClockBody], error) {
		body, err := once(a, ctx, "", "/v1/test-clocks/"+in.Clock+"/advance", in.Once, func(tx *store.Tx) (ClockBody, error) {
			return ClockBody{ID: in.Clock, Now: in.Body.To.UTC().Truncate(time.Microsecond)}, a.Accounts.AdvanceClock(tx, in.Clock, in.Body.To)
		}, nil)
		return &Out[ClockBody]{Body: body}, err
	})
}
