package main

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/sample/people"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
)

// atOnce is how many captures are on their way together; the ledger commits them in groups.
const atOnce = 64

// world is a server with a workspace whose sheet has many leads.
type world struct {
	*server.Server
	workspace, admin string
	leads            int
}

// seed makes a world with about so many leads, each captured as members capture: somebody of
// whom nothing is found is no lead.
func seed(ctx context.Context, dir string, leads int) (*world, error) {
	srv, err := server.Open(ctx, server.Config{Database: "sqlite:" + filepath.Join(dir, "leadmeter.db")})
	if err != nil {
		return nil, err
	}
	w := &world{Server: srv}
	if err := w.fill(ctx, leads); err != nil {
		return nil, errors.Join(err, srv.Close())
	}
	return w, nil
}

func (w *world) fill(ctx context.Context, leads int) error {
	file, everybody := people.File(leads, time.Now())
	i, err := w.Directory.Begin(ctx, file, "text/csv")
	if err != nil {
		return err
	}
	if _, err = i.Run(ctx); err != nil {
		return err
	}
	scope, err := w.office(ctx)
	if err != nil {
		return err
	}
	return w.capture(ctx, scope, everybody)
}

// office makes the workspace, its admin and enough credits.
func (w *world) office(ctx context.Context) (*account.Scope, error) {
	err := w.Store.Update(ctx, func(tx *store.Tx) error {
		made, err := w.Accounts.CreateWorkspace(tx, account.NewWorkspace{Name: "Pace", Plan: "pro", TimeZone: "Europe/Berlin", PriceBook: "classic", Seats: 1, Anchor: 1})
		if err != nil {
			return err
		}
		scope := &account.Scope{Principal: account.Principal{Role: account.Operator}, Workspace: made, Now: time.Now()}
		admin, err := w.Accounts.AddMember(tx, scope, account.NewMember{Email: "ada@pace.example", Name: "Ada Admin", Role: account.Admin})
		w.workspace, w.admin = made.ID, admin.ID
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, credit := range []string{"standard", "premium"} {
		grant := &credits.GiveGrant{Request: credits.Request{Workspace: w.workspace, At: time.Now()}, ID: ident.New("grant"), Credit: credit, Amount: 10_000_000 * credits.Credit, Kind: credits.Once}
		if _, err := w.Ledger.Do(ctx, grant); err != nil {
			return nil, err
		}
	}
	return w.Accounts.Enter(ctx, account.Principal{Role: account.Admin, Workspace: w.workspace, Member: w.admin}, w.workspace)
}

func (w *world) capture(ctx context.Context, scope *account.Scope, everybody []people.Person) error {
	var (
		workers sync.WaitGroup
		next    atomic.Int64
		failed  = make(chan error, atOnce)
		made    atomic.Int64
	)
	for range atOnce {
		workers.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= len(everybody) {
					return
				}
				_, err := w.Captures.Capture(ctx, scope, capture.Ask{Person: lead.Reference{LinkedInURL: everybody[n].Profile}, Mode: "capture", Channel: "api"})
				if fault.Is(err, fault.NotFound) || fault.Is(err, fault.FairUse) {
					continue
				}
				if err != nil {
					failed <- err
					return
				}
				made.Add(1)
			}
		})
	}
	workers.Wait()
	w.leads = int(made.Load())
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}
