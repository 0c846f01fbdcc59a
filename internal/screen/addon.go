package screen

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// AddOnRequest is what a workspace asked the operator for beyond its plan.
type AddOnRequest struct {
	ID, Member string // of the request, and the name of who asked; empty: a key or the operator did
	Type       string
	Amount     unit.Amount
	Granted    unit.Amount
	Kind, Note string // the kind is recurring or once
	At         time.Time
	DecidedAt  time.Time // zero: open
	Status     string    // open, granted or declined
}

func addOnRequestOf(r store.AddOnRequest, member string) AddOnRequest {
	a := AddOnRequest{
		ID: r.ID, Member: member, Type: r.Credit, Amount: unit.Amount(r.Amount), Granted: unit.Amount(r.Granted), Kind: r.Kind, Note: r.Note,
		At: micros(r.CreatedAt), Status: r.Status,
	}
	if r.DecidedAt > 0 {
		a.DecidedAt = micros(r.DecidedAt)
	}
	return a
}

// addOnsShown is how many requests the plan's page lists.
const addOnsShown = 20

// addOnRequests are the newest requests of a workspace.
func (s *Screens) addOnRequests(ctx context.Context, sc *account.Scope) (list []AddOnRequest, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.AddOnRequests().Of(sc.Workspace.ID, "", "", addOnsShown)
		if err != nil {
			return err
		}
		names := deskNames{}
		for _, r := range rows {
			name, err := names.member(tx, r.Workspace, r.Member)
			if err != nil {
				return err
			}
			list = append(list, addOnRequestOf(r, name))
		}
		return nil
	})
	return list, err
}

// Askable is a credit type that an admin may ask the operator for more of.
type Askable struct {
	Type    string
	Suggest unit.Amount // what the plan gives, or one seat of it; 0: it gives none

	left int // thousandths of the allowance
}

// askables are those of which the plan gives a limited amount, the one with the least left
// first. A cancelled subscription has none.
func askables(view *credits.View) (list []Askable) {
	if view.Current.Cancelled {
		return nil
	}
	for _, c := range view.Credits {
		if c.Allowance.Unlimited {
			continue
		}
		one := Askable{Type: c.Credit, Suggest: view.Current.Plan.Credits[c.Credit].Amount.Amount, left: 1000}
		if c.Allowance.Amount > 0 {
			one.left = unit.Share(c.Available.Amount, c.Allowance.Amount, 1000)
		}
		list = append(list, one)
	}
	slices.SortStableFunc(list, func(a, b Askable) int { return a.left - b.left })
	return list
}

// AskedAddOn is a request that waits for the operator, and where its workspace is.
type AskedAddOn struct {
	AddOnRequest
	Workspace, Name, Plan string // id, name and plan
	Seats                 int
	Zone                  *time.Location
	Status                string // of the subscription; empty: its credits cannot be read
	Left, Allowance       unit.Quota
	Until                 time.Time // when the period ends
}

// AddOnRequests reads those that wait for the operator, newest first; full says that there may
// be more.
func (s *Screens) AddOnRequests(ctx context.Context) (list []AskedAddOn, full bool, err error) {
	rows, err := s.Accounts.AllAddOnRequests(ctx, account.RequestOpen, "", maxReviews)
	if err != nil {
		return nil, false, err
	}
	var asked []credits.LookAt
	for _, r := range rows {
		sc, err := s.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, r.Workspace)
		if err != nil {
			return nil, false, err
		}
		asked = append(asked, credits.LookAt{Workspace: r.Workspace, At: sc.Now})
	}
	views, err := s.Ledger.LookMany(ctx, asked)
	if err != nil {
		return nil, false, err
	}
	names := deskNames{}
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		for _, r := range rows {
			name, err := names.workspace(tx, r.Workspace)
			if err != nil {
				return err
			}
			member, err := names.member(tx, r.Workspace, r.Member)
			if err != nil {
				return err
			}
			list = append(list, deskRequestOf(addOnRequestOf(r, member), r.Workspace, name, views[r.Workspace]))
		}
		return nil
	})
	return list, len(rows) == maxReviews, err
}

// DecidedAddOn is a request that the operator answered, and whose it was.
type DecidedAddOn struct {
	AddOnRequest
	Workspace, Name string // id and name
}

// DecidedAddOns are the newest requests that were answered, the last answer first.
func (s *Screens) DecidedAddOns(ctx context.Context) (list []DecidedAddOn, err error) {
	var rows []store.AddOnRequest
	for _, status := range []string{account.RequestGranted, account.RequestDeclined} {
		part, err := s.Accounts.AllAddOnRequests(ctx, status, "", addOnsShown)
		if err != nil {
			return nil, err
		}
		rows = append(rows, part...)
	}
	slices.SortStableFunc(rows, func(a, b store.AddOnRequest) int { return cmp.Compare(b.DecidedAt, a.DecidedAt) })
	names := deskNames{}
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		for _, r := range rows[:min(len(rows), addOnsShown)] {
			name, err := names.workspace(tx, r.Workspace)
			if err != nil {
				return err
			}
			member, err := names.member(tx, r.Workspace, r.Member)
			if err != nil {
				return err
			}
			list = append(list, DecidedAddOn{addOnRequestOf(r, member), r.Workspace, name})
		}
		return nil
	})
	return list, err
}

func deskRequestOf(r AddOnRequest, ws, name string, view *credits.View) AskedAddOn {
	d := AskedAddOn{AddOnRequest: r, Workspace: ws, Name: name, Zone: time.UTC}
	if view == nil {
		return d
	}
	d.Plan, d.Seats, d.Status, d.Zone, d.Until = view.Current.Plan.Name, view.Current.Seats, statusOf(view.Current), view.Current.Zone(), view.Current.Period.End
	of, _ := view.Credit(r.Type)
	d.Left, d.Allowance = of.Available, of.Allowance
	return d
}
