package capture

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Free answers are metered, and confirm no value that the workspace has not paid for
// (rule C13).

// take counts lookups, or pages of a search, on the day's meters and says how many of them there
// may be.
func (svc *Service) take(ctx context.Context, s *account.Scope, v *credits.View, kind string, n int) (taken int, err error) {
	if n == 0 {
		return 0, nil
	}
	fair := v.Book.FairUse(v.Current.Plan.Name)
	meter := fair.Lookups
	if kind == credits.MeterSearchPages {
		meter = fair.SearchPages
	}
	k := store.FairUseKey{Workspace: s.Workspace.ID, Day: v.Current.Day(s.Now), Member: s.Member, Kind: kind}
	err = svc.Store.Update(ctx, func(tx *store.Tx) error {
		got, err := tx.FairUses().Take(k, func(own, workspace int64) int64 {
			left := meter.Left(int64(n), s.Member, own, workspace, v.Current.Seats)
			if left < int64(n) && kind == credits.MeterSearchPages { // half an answer is none
				return 0
			}
			return left
		})
		taken = int(got)
		return err
	})
	return taken, err
}

// usedUp says that the day's lookups are used up, and when there are more.
func usedUp(v *credits.View, now time.Time) error {
	return fairUse(v, now, "Today's free lookups are used up, and a capture that delivers nothing counts as one. There are more from %s. Captures that deliver something continue.")
}

// fairUse refuses what is used up for today; the words have a place for when there is more.
func fairUse(v *credits.View, now time.Time, words string) error {
	ends := v.Current.DayEnds(now)
	return &fault.Error{
		Kind: fault.FairUse, RetryAfter: ends.Sub(now), Cause: FreesAt(ends),
		Message: fmt.Sprintf(words, unit.InstantText(ends, v.Current.Zone())),
	}
}

// FreesAt is when there are more: the cause of a fair_use fault.
type FreesAt time.Time

func (f FreesAt) Error() string { return "fair use: frees at " + time.Time(f).Format(time.RFC3339) }

// unowned is the address of a reference, where the workspace was not delivered it; empty:
// there is none. A reference by an address that was delivered says of whom.
func unowned(tx *store.Tx, ws string, ref lead.Reference) (address string, same lead.Reference, err error) {
	address, err = lead.Email(ref.Email)
	if ref.ID != "" || ref.Email == "" || err != nil {
		return "", ref, nil // what is malformed is refused by its own words
	}
	owned, err := withAddress(tx, ws, address)
	if len(owned) == 1 {
		ref.Own = owned[0]
	}
	if len(owned) > 0 {
		address = ""
	}
	return address, ref, err
}

func (svc *Service) unowned(ctx context.Context, s *account.Scope, ref lead.Reference) (address string, same lead.Reference, err error) {
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		address, same, err = unowned(tx, s.Workspace.ID, ref)
		return err
	})
	return address, same, err
}

// freeOf is a reference as a free answer may use it: without an address that the
// workspace does not own. False: nothing else is left of it.
func freeOf(tx *store.Tx, ws string, ref lead.Reference) (lead.Reference, bool, error) {
	address, ref, err := unowned(tx, ws, ref)
	if err != nil || address == "" {
		return ref, true, err
	}
	ref.Email = ""
	return ref, len(ref.Keys()) > 0, nil
}

// free is freeOf by itself. Fault: NotFound where nothing is left.
func (svc *Service) free(ctx context.Context, s *account.Scope, ref lead.Reference) (lead.Reference, error) {
	there := false
	err := svc.Store.View(ctx, func(tx *store.Tx) (err error) {
		ref, there, err = freeOf(tx, s.Workspace.ID, ref)
		return err
	})
	if err == nil && !there {
		err = fault.New(fault.NotFound, "A lookup finds nobody by an address that your workspace has not paid for. Capture by it instead, or look up a profile, or a name with a company. Nothing was charged.")
	}
	return ref, err
}

// Meter is how much of a day's meter is used up.
type Meter struct {
	Used int64
	Most *int64 // nil: unlimited
}

// Meters are the day's meters of the principal's member, and of the workspace.
type Meters struct {
	FreesAt         time.Time
	Mine, Workspace map[string]Meter
}

// Meters reads them. Without a member there are only the workspace's.
func (svc *Service) Meters(ctx context.Context, s *account.Scope) (m Meters, err error) {
	v, err := svc.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return m, account.FromRefusal(err)
	}
	fair := v.Book.FairUse(v.Current.Plan.Name)
	m = Meters{FreesAt: v.Current.DayEnds(s.Now), Mine: map[string]Meter{}, Workspace: map[string]Meter{}}
	most := func(of credits.Meter, times int) *int64 {
		n := of.Most * int64(times)
		if of.Unlimited {
			return nil
		}
		return &n
	}
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		for kind, of := range map[string]credits.Meter{credits.MeterLookups: fair.Lookups, credits.MeterSearchPages: fair.SearchPages, credits.MeterFreeDeliveries: fair.FreeDeliveries} {
			k := store.FairUseKey{Workspace: s.Workspace.ID, Day: v.Current.Day(s.Now), Kind: kind}
			used, err := tx.FairUses().Used(k)
			if err != nil {
				return err
			}
			m.Workspace[kind] = Meter{used, most(of, v.Current.Seats)}
			if k.Member = s.Member; s.Member == "" {
				continue
			}
			if used, err = tx.FairUses().Used(k); err != nil {
				return err
			}
			m.Mine[kind] = Meter{used, most(of, 1)}
		}
		return nil
	})
	return m, err
}

// left is how many of a kind the member and the workspace have today, of a meter that has an end.
func (m Meters) left(kind string) int64 {
	n := int64(math.MaxInt64)
	for _, of := range []map[string]Meter{m.Mine, m.Workspace} {
		if meter, ok := of[kind]; ok && meter.Most != nil {
			n = min(n, *meter.Most-meter.Used)
		}
	}
	return max(0, n)
}

// costly is a finding as it costs its price, if its verification made it free, where the
// day's free deliveries are used up: what a button says must cover it (rule U3).
func (m Meters) costly(f credits.Finding) credits.Finding {
	for _, of := range []map[string]Meter{m.Mine, m.Workspace} {
		if meter, ok := of[credits.MeterFreeDeliveries]; ok && meter.Most != nil && meter.Used >= *meter.Most {
			f = f.Unmetered()
		}
	}
	return f
}
