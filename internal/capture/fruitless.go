package capture

import (
	"context"
	"slices"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// A capture that charges nothing and delivers nothing that another meter counts says
// what a lookup says, so it counts as one (rule C13). A capture that pays writes and
// reads no meter of lookups.

// fruitless reports whether a capture was refused in a way that tells something of its
// person: that nobody matches, that several do, or that one does who cannot be paid for.
func fruitless(err error) bool {
	return slices.ContainsFunc([]fault.Kind{fault.NotFound, fault.Conflict, fault.Insufficient, fault.Cancelled}, func(k fault.Kind) bool { return fault.Is(err, k) })
}

// Kinds of meters that nobody sees: rows for which the day's estimates took a lookup, and
// rows that came to nothing since.
const (
	meterEstimated = "estimated"
	meterRows      = "fruitless_rows"
)

// takeFruitless counts a capture that came to nothing. Fault: FairUse, when the day's
// lookups are used up. Of a lead of the workspace's own its sheet says as much anyway;
// a row of a bulk capture was counted when the job was estimated.
func (svc *Service) takeFruitless(ctx context.Context, s *account.Scope, ask Ask, person string) error {
	if own, err := svc.onSheet(ctx, s, []string{person}); err != nil || own[person] {
		return err
	}
	v, err := svc.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return account.FromRefusal(err)
	}
	if ask.OwnKey {
		if counted, err := svc.estimated(ctx, s, v); err != nil || counted {
			return err
		}
	}
	taken, err := svc.take(ctx, s, v, credits.MeterLookups, 1)
	if err == nil && taken == 0 {
		err = usedUp(v, s.Now)
	}
	return err
}

// estimated takes one of the rows that the day's estimates counted; false: there are no
// more.
func (svc *Service) estimated(ctx context.Context, s *account.Scope, v *credits.View) (counted bool, err error) {
	k := store.FairUseKey{Workspace: s.Workspace.ID, Day: v.Current.Day(s.Now), Member: s.Member, Kind: meterEstimated}
	err = svc.Store.Update(ctx, func(tx *store.Tx) error {
		most, err := tx.FairUses().Used(k)
		if err != nil {
			return err
		}
		k.Kind = meterRows
		n, err := tx.FairUses().Take(k, func(own, workspace int64) int64 {
			if s.Member == "" {
				own = workspace
			}
			return min(1, most-own)
		})
		counted = n > 0
		return err
	})
	return counted, err
}

// mayLook says which references an estimate may look at. Those on the workspace's sheet
// are its own, and made says which were looked up before; of the others as many as the day's
// lookups allow, and each counts once however often it is named.
func (svc *Service) mayLook(ctx context.Context, s *account.Scope, v *credits.View, refs []lead.Reference, made []bool) ([]bool, error) {
	people := make([]string, len(refs))
	for n, ref := range refs {
		people[n] = ref.ID
	}
	own, err := svc.onSheet(ctx, s, people)
	if err != nil {
		return nil, err
	}
	free := func(n int) bool { return own[refs[n].ID] || made != nil && made[n] }
	order := map[lead.Reference]int{}
	for n, ref := range refs {
		if _, again := order[ref]; !again && !free(n) {
			order[ref] = len(order)
		}
	}
	taken, err := svc.take(ctx, s, v, credits.MeterLookups, len(order))
	may, rows := make([]bool, len(refs)), int64(0)
	for n, ref := range refs {
		counted := !free(n) && order[ref] < taken
		if may[n] = free(n) || counted; counted {
			rows++
		}
	}
	if err == nil && rows > 0 {
		k := store.FairUseKey{Workspace: s.Workspace.ID, Day: v.Current.Day(s.Now), Member: s.Member, Kind: meterEstimated}
		err = svc.Store.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.FairUses().Take(k, func(_, _ int64) int64 { return rows })
			return err
		})
	}
	return may, err
}

// onSheet says which people are leads of the workspace.
func (svc *Service) onSheet(ctx context.Context, s *account.Scope, people []string) (own map[string]bool, err error) {
	own = map[string]bool{}
	if people = slices.DeleteFunc(slices.Clone(people), func(p string) bool { return p == "" }); len(people) == 0 {
		return own, nil
	}
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		leads, err := tx.Leads().Of(s.Workspace.ID, people)
		for p := range leads {
			own[p] = true
		}
		return err
	})
	return own, err
}

// gaveNothing reports whether a capture charged nothing, delivered nothing that counts
// as a free delivery, and showed nothing that the workspace owns.
func gaveNothing(r credits.Result) bool {
	return !slices.ContainsFunc(r.Lines, func(l credits.Line) bool {
		return l.Outcome == credits.Charged || l.Outcome == credits.AlreadyOwned || l.Outcome.Metered()
	})
}

// meterFree counts a capture that will give nothing before anything of it is recorded.
// One that may be refused for lack of credits is counted when it is.
func (svc *Service) meterFree(ctx context.Context, s *account.Scope, ask Ask, member string, l *looked) (counted bool, err error) {
	line := slices.ContainsFunc(l.findings, func(f credits.Finding) bool { return f.MainLine })
	if found := slices.ContainsFunc(l.findings, func(f credits.Finding) bool { return f.Values > 0 && !f.MainLine }); found && !line {
		return false, nil
	}
	var members []string
	if member != "" {
		members = []string{member}
	}
	v, err := svc.Ledger.Look(ctx, s.Workspace.ID, members, s.Now)
	if err != nil {
		return false, account.FromRefusal(err)
	}
	owned, _, err := svc.owned(ctx, s, l.match.Person.ID)
	if err != nil {
		return false, err
	}
	for _, f := range l.findings {
		verdict := v.Book.Judge(f, owned, s.Now)
		switch {
		case verdict.Outcome == credits.AlreadyOwned, verdict.Outcome.Metered():
			return false, nil
		case verdict.Outcome == credits.Charged && (f.Hold != "" || covers(v, member, verdict.Item.Credit, verdict.Item.Price().Ceil())):
			return false, nil
		case f.Refused != nil && !line: // the whole is refused
			return false, nil
		}
	}
	return true, svc.takeFruitless(ctx, s, ask, l.match.Person.ID)
}
