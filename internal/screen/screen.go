// Package screen decides what a screen shows. One function a screen reads all of it and answers
// with one struct of plain facts: amounts, instants, prices at most, limits, what the viewer may
// do, outcomes in the words of package words. Pages turn that into HTML and nothing else: no price,
// refill, permission or sentence about an outcome is made above this package.
//
// A screen reads in one snapshot where its context has one (see Snapshot). Nothing here writes.
package screen

import (
	"context"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/alert"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/push"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/webhook"
)

// Screens reads screens from the services below.
type Screens struct {
	Accounts *account.Accounts
	SignIn   *signin.Service
	Bulk     *bulk.Bulk
	Captures *capture.Service
	Ledger   *credits.Ledger
	Store    *store.Store
	Reports  *usage.Reports
	Webhooks *webhook.Hooks
	Pushes   *push.Pushes
	Alerts   *alert.Alerts
}

// Snapshot runs what shows a screen over one snapshot of the database: whatever it reads, and
// however often, is of one instant.
func (s *Screens) Snapshot(ctx context.Context, show func(ctx context.Context) error) error {
	return s.Store.Snapshot(ctx, show)
}

// look reads the workspace's credits, and those of the members named.
func (s *Screens) look(ctx context.Context, sc *account.Scope, members ...string) (*credits.View, error) {
	return s.Ledger.Look(ctx, sc.Workspace.ID, members, sc.Now)
}

// own is the viewer, where they are a member, to look with.
func own(sc *account.Scope) []string {
	if sc.Member == "" { // the workspace itself, or the operator who looks
		return nil
	}
	return []string{sc.Member}
}

// micros is the instant that many microseconds after 1970, in UTC.
func micros(us int64) time.Time { return time.UnixMicro(us).UTC() }

// nameOr is the name of an id, or the id where none is known.
func nameOr(names map[string]string, id string) string {
	if names[id] != "" {
		return names[id]
	}
	return id
}
