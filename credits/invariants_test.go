package credits_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
)

// checkInvariants recomputes a workspace from its entries alone and compares
// every balance with it (rule S3): a second opinion beside Ledger.Verify.
func checkInvariants(t testing.TB, st *store.Store, l *credits.Ledger, workspace string, now time.Time) {
	t.Helper()
	for _, wrong := range wrongs(t, st, l, workspace, now) {
		t.Errorf("%s: %s", workspace, wrong)
	}
}

// fatal is what *testing.T and *rapid.T have in common here.
type fatal interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

type balanceKey struct {
	member string // empty: the pool
	period int64
	credit string
}

type tally struct{ used, held int64 }

// books is a workspace's ledger, read whole.
type ledgerRows struct {
	account     store.Account
	entries     []store.Entry
	pools       []store.Pool
	shares      []store.Share
	holds       []store.Hold
	allocations []store.Allocation
}

func readLedger(t fatal, st *store.Store, workspace string) (rows ledgerRows) {
	t.Helper()
	err := st.View(ctx, func(tx *store.Tx) (err error) {
		found := false
		if rows.account, found, err = tx.Accounts().ByID(workspace); err != nil || !found {
			return fmt.Errorf("account %s: found %v: %w", workspace, found, err)
		}
		for _, read := range []func() error{
			func() error { return tx.Entries().EachUp(workspace, add(&rows.entries)) },
			func() error {
				return tx.Accounts().EachPool(workspace, func(p store.Pool, _ bool) error { return add(&rows.pools)(p) })
			},
			func() error { return tx.Accounts().EachShare(workspace, add(&rows.shares)) },
			func() error { return tx.Accounts().EachHold(workspace, add(&rows.holds)) },
		} {
			if err := read(); err != nil {
				return err
			}
		}
		rows.allocations, err = tx.Accounts().Allocations(workspace)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func add[T any](list *[]T) func(T) error {
	return func(v T) error { *list = append(*list, v); return nil }
}

func wrongs(t fatal, st *store.Store, l *credits.Ledger, workspace string, now time.Time) (wrong []string) {
	t.Helper()
	rows := readLedger(t, st, workspace)
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	sums, holds := sumEntries(rows, say)
	for _, p := range rows.pools {
		compare(sums, balanceKey{"", p.PeriodStart, p.Credit}, tally{p.Used, p.Held}, say)
		if p.Allowance >= 0 && p.Used+p.Held > p.Allowance {
			say("pool %s of %d: used %d and held %d exceed the allowance of %d", p.Credit, p.PeriodStart, p.Used, p.Held, p.Allowance)
		}
	}
	for _, s := range rows.shares {
		compare(sums, balanceKey{s.Member, s.PeriodStart, s.Credit}, tally{s.Used, s.Held}, say)
	}
	for key, sum := range sums {
		if sum != (tally{}) {
			say("%v has entries of %v and no balance", key, sum)
		}
	}
	checkHolds(rows, holds, say)
	checkView(t, l, rows, workspace, now, say)
	return wrong
}

// sumEntries adds the entries up per pool, per share and per hold.
func sumEntries(rows ledgerRows, say func(string, ...any)) (map[balanceKey]tally, map[string]int64) {
	sums, holds := map[balanceKey]tally{}, map[string]int64{}
	for n, e := range rows.entries {
		if e.Seq != int64(n+1) {
			say("entry %d of the ledger has the number %d", n+1, e.Seq)
		}
		if n > 0 && e.At < rows.entries[n-1].At {
			say("entry %d is older than the one before it", e.Seq)
		}
		if e.Amount < 0 && e.Kind != credits.KindGrant || e.Amount != 0 && e.Kind == credits.KindFree {
			say("entry %d, a %s, has an amount of %d", e.Seq, e.Kind, e.Amount)
		}
		if e.BalanceAfter != nil && *e.BalanceAfter < 0 {
			say("entry %d leaves %d", e.Seq, *e.BalanceAfter)
		}
		var d tally
		switch e.Kind {
		case credits.KindCharge:
			d.used = e.Amount
			if e.Hold != "" {
				d.held = -e.Amount
			}
		case credits.KindHold:
			d.held = e.Amount
		case credits.KindRelease:
			d.held = -e.Amount
		case credits.KindRefund:
			d.used = -e.Amount
		}
		keys := []balanceKey{{"", e.PeriodStart, e.Credit}}
		if e.Member != "" {
			keys = append(keys, balanceKey{e.Member, e.PeriodStart, e.Credit})
		}
		for _, k := range keys {
			s := sums[k]
			sums[k] = tally{s.used + d.used, s.held + d.held}
			if sums[k].used < 0 || sums[k].held < 0 {
				say("after entry %d %v is %v", e.Seq, k, sums[k])
			}
		}
		if e.Hold != "" {
			holds[e.Hold] += d.held
		}
	}
	if int(rows.account.Seq) != len(rows.entries) {
		say("the account counts %d entries, there are %d", rows.account.Seq, len(rows.entries))
	}
	return sums, holds
}

func compare(sums map[balanceKey]tally, key balanceKey, is tally, say func(string, ...any)) {
	if sums[key] != is {
		say("%v says %v, its entries say %v", key, is, sums[key])
	}
	delete(sums, key)
}

// checkHolds compares holds with their entries, and with what is held.
func checkHolds(rows ledgerRows, sums map[string]int64, say func(string, ...any)) {
	held := map[balanceKey]int64{}
	next := int64(0)
	for _, h := range rows.holds {
		if h.Remaining != sums[h.ID] {
			say("hold %s has %d left, its entries say %d", h.ID, h.Remaining, sums[h.ID])
		}
		if h.State != credits.HoldOpen && h.Remaining != 0 {
			say("hold %s is %s with %d left", h.ID, h.State, h.Remaining)
		}
		if h.State == credits.HoldOpen && (next == 0 || h.ExpiresAt < next) {
			next = h.ExpiresAt
		}
		delete(sums, h.ID)
		held[balanceKey{"", h.PeriodStart, h.Credit}] += h.Remaining
	}
	for id := range sums {
		say("there are entries of hold %s and no such hold", id)
	}
	for _, p := range rows.pools {
		if key := (balanceKey{"", p.PeriodStart, p.Credit}); held[key] != p.Held {
			say("%v holds %d, its holds have %d left", key, p.Held, held[key])
		}
	}
	if next != 0 && (rows.account.NextExpiry == 0 || rows.account.NextExpiry > next) {
		say("the next hold expires at %d, the account waits until %d", next, rows.account.NextExpiry)
	}
}

// checkView compares what a reader sees with the rows.
func checkView(t fatal, l *credits.Ledger, rows ledgerRows, workspace string, now time.Time, say func(string, ...any)) {
	t.Helper()
	members := map[string]bool{}
	for _, s := range rows.shares {
		members[s.Member] = true
	}
	for _, a := range rows.allocations {
		members[a.Member] = true
	}
	var names []string
	for m := range members {
		names = append(names, m)
	}
	slices.Sort(names)
	view, err := l.Look(ctx, workspace, names, now)
	if err != nil {
		t.Fatal(err)
	}
	start := view.Current.Period.Start.UnixMicro()
	for _, c := range view.Credits {
		if c.Allowance.Unlimited != c.Available.Unlimited ||
			!c.Allowance.Unlimited && c.Allowance.Amount != c.Used+c.Held+c.Available.Amount {
			say("%s: allowance %s is not used %s + held %s + available %s", c.Credit, c.Allowance, c.Used, c.Held, c.Available)
		}
		var reserved, assigned int64
		for _, a := range rows.allocations {
			if a.Mode != credits.Assigned || a.Credit != c.Credit {
				continue
			}
			assigned += a.Amount
			for _, s := range rows.shares {
				if s.Member == a.Member && s.Credit == a.Credit && s.PeriodStart == start {
					reserved += min(s.Used+s.Held, a.Amount)
				}
			}
		}
		if int64(c.Assigned) != assigned {
			say("%s: %s is assigned by the terms, %d to members", c.Credit, c.Assigned, assigned)
		}
		for _, p := range rows.pools {
			if p.PeriodStart == start && p.Credit == c.Credit && p.Reserved != reserved {
				say("%s: %d is reserved, members took up %d of what they were assigned", c.Credit, p.Reserved, reserved)
			}
		}
	}
}
