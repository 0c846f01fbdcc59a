package credits

import (
	"context"
	"errors"
	"fmt"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Difference is something that a ledger says twice and differently.
type Difference struct {
	Workspace string
	What      string
}

func (d Difference) String() string { return d.Workspace + ": " + d.What }

// Verify checks a whole database for rule S3, workspace by workspace, and hands
// every difference to say: entries are numbered without a gap; used is the sum of
// the entries, per pool and per member; held is what open holds have left; every
// hold has its entry; nothing is below zero or beyond its allowance; the running
// balance of the entries is each balance that they state. Memory is bounded by
// what one workspace has pools, shares and holds, not by its entries.
func (l *Ledger) Verify(ctx context.Context, say func(Difference)) (workspaces int, err error) {
	after := ""
	for {
		var accounts []store.Account
		err := l.store.View(ctx, func(tx *store.Tx) error {
			accounts, err = tx.Accounts().List(after, 500)
			return err
		})
		if err != nil {
			return workspaces, err
		}
		for _, a := range accounts {
			if err := verifyOne(ctx, l.store, a.Workspace, l.books, say); err != nil {
				return workspaces, err
			}
			workspaces++
			after = a.Workspace
		}
		if len(accounts) < 500 {
			return workspaces, nil
		}
	}
}

type (
	poolID struct {
		period int64
		credit string
	}
	memberPoolID struct {
		member string
		pool   poolID
	}
	sums struct{ used, held int64 }
)

// audit recomputes one workspace from its entries.
type audit struct {
	workspace string
	say       func(Difference)
	pools     map[poolID]*sums
	shares    map[memberPoolID]*sums
	holds     map[string]int64 // what the entries leave of each hold
	held      map[string]bool  // holds that have their entry
	seq       int64
	after     map[poolID]*int64 // balance that the newest entry of a pool states; nil: unlimited
	cancelled int64             // when nothing was available any more; 0: never
}

func (a *audit) differ(format string, args ...any) {
	a.say(Difference{a.workspace, fmt.Sprintf(format, args...)})
}

func verifyOne(ctx context.Context, st *store.Store, workspace string, books Books, say func(Difference)) error {
	a := &audit{
		workspace: workspace, say: say, pools: map[poolID]*sums{}, shares: map[memberPoolID]*sums{},
		holds: map[string]int64{}, held: map[string]bool{}, after: map[poolID]*int64{},
	}
	return st.View(ctx, func(tx *store.Tx) error {
		account, found, err := tx.Accounts().ByID(workspace)
		if err != nil || !found {
			return err
		}
		if terms, err := parseTerms(account.Terms); err == nil && !terms.CancelAt.IsZero() {
			a.cancelled = micros(terms.CancelAt)
		}
		err = tx.Entries().EachUp(workspace, a.entry)
		var damaged *store.DamagedBlock
		if errors.As(err, &damaged) { // the sums of the others would say nothing
			a.differ("%v", damaged)
			return nil
		}
		if err != nil {
			return err
		}
		if a.seq != account.Seq {
			a.differ("the account counts %d entries, the ledger has %d", account.Seq, a.seq)
		}
		if err := a.balances(tx); err != nil {
			return err
		}
		if err := a.openHolds(tx); err != nil {
			return err
		}
		return a.assignments(tx, account, books)
	})
}

// entry adds one entry, in the order of its number.
func (a *audit) entry(e store.Entry) error {
	if e.Seq != a.seq+1 {
		a.differ("entry %d follows entry %d", e.Seq, a.seq)
	}
	a.seq = e.Seq
	id := poolID{e.PeriodStart, e.Credit}
	pool := at(a.pools, id)
	var used, held int64
	switch e.Kind {
	case KindCharge:
		used = e.Amount
		if e.Hold != "" {
			held = -e.Amount
		}
	case KindHold:
		held = e.Amount
		if a.held[e.Hold] {
			a.differ("entry %d holds %s a second time", e.Seq, e.Hold)
		}
		a.held[e.Hold] = true
	case KindRelease:
		held = -e.Amount
	case KindRefund:
		used = -e.Amount
	case KindFree:
		if e.Amount != 0 {
			a.differ("entry %d is free and has an amount of %s", e.Seq, Amount(e.Amount))
		}
	}
	if e.Amount < 0 && e.Kind != KindGrant {
		a.differ("entry %d has an amount below zero", e.Seq)
	}
	if e.Hold != "" {
		a.holds[e.Hold] += held
	}
	pool.used += used
	pool.held += held
	if e.Member != "" {
		share := at(a.shares, memberPoolID{e.Member, id})
		share.used += used
		share.held += held
	}
	a.running(id, e, used+held)
	if pool.used < 0 || pool.held < 0 {
		a.differ("after entry %d used is %s and held is %s", e.Seq, Amount(pool.used), Amount(pool.held))
	}
	return nil
}

// running checks the balance that an entry states against the one before it:
// what it took up is gone, what it granted is there.
func (a *audit) running(id poolID, e store.Entry, taken int64) {
	before, seen := a.after[id]
	a.after[id] = e.BalanceAfter
	if !seen || before == nil || e.BalanceAfter == nil {
		return // unlimited, or the first of its period
	}
	want := *before - taken
	if e.Kind == KindGrant {
		want = *before + e.Amount
	}
	if a.cancelled != 0 && e.At >= a.cancelled && *e.BalanceAfter == 0 {
		return // what comes back after a cancellation is not available any more
	}
	if *e.BalanceAfter != want {
		a.differ("entry %d states a balance of %s, the entries before it make %s", e.Seq, Amount(*e.BalanceAfter), Amount(want))
	}
}

func at[K comparable](m map[K]*sums, k K) *sums {
	s := m[k]
	if s == nil {
		s = &sums{}
		m[k] = s
	}
	return s
}

// balances compares what pools and shares say with what the entries sum up to.
func (a *audit) balances(tx *store.Tx) error {
	past := map[string]int64{} // by credit type, when the newest of those that others followed began
	err := tx.Accounts().EachPool(a.workspace, func(p store.Pool, followed bool) error {
		id := poolID{p.PeriodStart, p.Credit}
		if last, found := past[p.Credit]; !followed && found && last >= p.PeriodStart {
			a.differ("%s of the period from %s is the account's own, and was followed by one from %s", p.Credit,
				instant(p.PeriodStart).Format("2006-01-02"), instant(last).Format("2006-01-02"))
		} else if followed {
			past[p.Credit] = p.PeriodStart
		}
		sum := at(a.pools, id)
		a.same(fmt.Sprintf("%s of the period from %s", p.Credit, instant(p.PeriodStart).Format("2006-01-02")), p.Used, p.Held, sum)
		if p.Allowance >= 0 && p.Used+p.Held > p.Allowance {
			a.differ("%s of the period from %s: used %s and held %s exceed the allowance of %s", p.Credit,
				instant(p.PeriodStart).Format("2006-01-02"), Amount(p.Used), Amount(p.Held), Amount(p.Allowance))
		}
		delete(a.pools, id)
		return nil
	})
	var unread *store.PoolsError
	if errors.As(err, &unread) {
		a.differ("a pool cannot be read: %q", unread.Line)
	} else if err != nil {
		return err
	}
	for id, sum := range a.pools {
		if sum.used != 0 || sum.held != 0 {
			a.differ("%s of the period from %s has entries and no balance", id.credit, instant(id.period).Format("2006-01-02"))
		}
	}
	err = tx.Accounts().EachShare(a.workspace, func(s store.Share) error {
		id := memberPoolID{s.Member, poolID{s.PeriodStart, s.Credit}}
		a.same(fmt.Sprintf("%s of member %s in the period from %s", s.Credit, s.Member, instant(s.PeriodStart).Format("2006-01-02")), s.Used, s.Held, at(a.shares, id))
		delete(a.shares, id)
		return nil
	})
	if err != nil {
		return err
	}
	for id, sum := range a.shares {
		if sum.used != 0 || sum.held != 0 {
			a.differ("%s of member %s has entries and no balance", id.pool.credit, id.member)
		}
	}
	return nil
}

func (a *audit) same(what string, used, held int64, sum *sums) {
	if used != sum.used {
		a.differ("%s: used says %s, the entries sum up to %s", what, Amount(used), Amount(sum.used))
	}
	if held != sum.held {
		a.differ("%s: held says %s, the entries sum up to %s", what, Amount(held), Amount(sum.held))
	}
}

// openHolds compares every hold with its entries.
func (a *audit) openHolds(tx *store.Tx) error {
	err := tx.Accounts().EachHold(a.workspace, func(h store.Hold) error {
		if !a.held[h.ID] {
			a.differ("hold %s has no entry", h.ID)
			return nil
		}
		if h.State != HoldOpen && h.Remaining != 0 {
			a.differ("hold %s is %s and has %s left", h.ID, h.State, Amount(h.Remaining))
		}
		if h.Remaining != a.holds[h.ID] {
			a.differ("hold %s has %s left, the entries leave %s", h.ID, Amount(h.Remaining), Amount(a.holds[h.ID]))
		}
		delete(a.held, h.ID)
		return nil
	})
	for id := range a.held {
		a.differ("there are entries of hold %s, and no such hold", id)
	}
	return err
}

// assignments compares what is set aside with what members were assigned.
func (a *audit) assignments(tx *store.Tx, account store.Account, books Books) error {
	terms, err := parseTerms(account.Terms)
	if err != nil {
		a.differ("the terms cannot be read")
		return nil
	}
	assigned := map[string]Amount{}
	allocations, err := tx.Accounts().Allocations(a.workspace)
	if err != nil {
		return err
	}
	for _, row := range allocations {
		if row.Mode == Assigned {
			assigned[row.Credit] += Amount(row.Amount)
		}
	}
	gone, err := tx.Accounts().RemovedWithAllocation(a.workspace)
	if err != nil {
		return err
	}
	for _, m := range gone {
		a.differ("member %s was removed and still has a limit or an assigned amount", m.ID)
	}
	for credit, sum := range terms.Assigned {
		if assigned[credit] != sum {
			a.differ("%s: %s is assigned by the terms, %s to members", credit, sum, assigned[credit])
		}
		delete(assigned, credit)
	}
	for credit, sum := range assigned {
		if sum != 0 {
			a.differ("%s: %s is assigned to members and not by the terms", credit, sum)
		}
	}
	if books[terms.Book] == nil {
		a.differ("its price book %q is not configured", terms.Book)
	}
	return nil
}
