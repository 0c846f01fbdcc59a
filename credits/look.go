package credits

import (
	"context"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// View is a workspace's credits as they stand at an instant.
type View struct {
	Current Current
	Book    *Book
	// Seq is the number of the newest ledger entry.
	Seq     int64
	Credits []CreditView // in the book's order
	Members map[string][]MemberView
}

// CreditView is one credit type of the period that runs.
type CreditView struct {
	Credit string
	Balance
	Granted Granted
	// Assigned is set aside for members, and Free what may still be assigned (rule D3).
	Assigned Amount
	Free     Quota
	// Pool is what a member without an assigned amount may draw on.
	Pool Quota
	// Refill is when there is more.
	Refill Refill
}

// MemberView is one member's part of a credit type.
type MemberView struct {
	Credit    string
	Mode      string
	Amount    Amount // of mode limit and assigned
	Used      Amount
	Held      Amount
	Available Quota // under every limit that counts for the member
	// Of is what Available is a part of: the member's own amount, and on the pool all
	// that is not set aside for others.
	Of Quota
	// Refill is when there is more for the member.
	Refill Refill
}

// Credit is the view of one credit type; false: the workspace has none such.
func (v *View) Credit(name string) (CreditView, bool) {
	n := slices.IndexFunc(v.Credits, func(c CreditView) bool { return c.Credit == name })
	if n < 0 {
		return CreditView{}, false
	}
	return v.Credits[n], true
}

// look is a command that only reads: it names rows and decides nothing.
type look struct {
	Request
	members []string
}

func (c *look) needs(s *state, w *wants) {
	w.pools(s)
	for _, m := range c.members {
		w.member(s, m)
	}
}

func (c *look) decide(*state) (Result, *Refusal) { return Result{}, nil }

// Look reads a workspace's balances, and those of the members named. It writes
// nothing: what it computes the next command computes again.
func (l *Ledger) Look(ctx context.Context, workspace string, members []string, at time.Time) (*View, error) {
	c := &look{Request: Request{Workspace: workspace, At: at}, members: members}
	b := newBatch(&shard{ledger: l}, []*call{{command: c}})
	err := l.store.Look(ctx, workspace, func(tx store.LedgerTx) error { return b.load(tx) })
	if err != nil {
		return nil, err
	}
	s := b.order[0]
	if s.fault != nil {
		return nil, s.fault
	}
	if !s.exists {
		return nil, refuse(Missing, "There is no such workspace.")
	}
	s.enter(at)
	s.expireHolds()
	return s.view(members), nil
}

// LookAt is a workspace and the instant that its clock shows.
type LookAt struct {
	Workspace string
	At        time.Time
}

// LookMany reads the balances of several workspaces at once, in as many reads as
// one takes. A workspace that is not there, or whose price book is missing, has no view.
func (l *Ledger) LookMany(ctx context.Context, list []LookAt) (map[string]*View, error) {
	at, parts := map[string]time.Time{}, map[int][]*call{}
	for _, one := range list {
		if _, twice := at[one.Workspace]; !twice {
			at[one.Workspace] = one.At
			part := l.store.Part(one.Workspace)
			parts[part] = append(parts[part], &call{command: &look{Request: Request{Workspace: one.Workspace, At: one.At}}})
		}
	}
	views := make(map[string]*View, len(list))
	for _, calls := range parts {
		b := newBatch(&shard{ledger: l}, calls)
		if err := l.store.Look(ctx, b.order[0].acct.Workspace, func(tx store.LedgerTx) error { return b.load(tx) }); err != nil {
			return nil, err
		}
		for _, s := range b.order {
			if s.fault != nil || !s.exists {
				continue
			}
			s.enter(at[s.acct.Workspace])
			s.expireHolds()
			views[s.acct.Workspace] = s.view(nil)
		}
	}
	return views, nil
}

func (s *state) view(members []string) *View {
	v := &View{Current: s.current, Book: s.book, Seq: s.acct.Seq, Members: map[string][]MemberView{}}
	for _, credit := range s.book.Credits {
		p := s.pool(credit)
		c := CreditView{Credit: credit, Balance: p.balance(), Assigned: s.terms.Assigned[credit]}
		c.Granted = s.current.granted(credit, Amount(p.Rolled))
		c.Free = c.Allowance.Minus(c.Assigned)
		c.Pool = s.room(p, "").spends
		c.Refill = s.current.Refill(credit)
		v.Credits = append(v.Credits, c)
		for _, m := range members {
			r, share := s.room(p, m), s.share(m, p.PeriodStart, credit)
			view := MemberView{Credit: credit, Mode: r.mode, Used: Amount(share.Used), Held: Amount(share.Held), Available: r.spends, Of: c.Free, Refill: c.Refill}
			if r.mode != FromPool {
				view.Amount = Amount(s.allocation(m, credit).Amount)
				view.Of = Of(view.Amount)
				if view.Amount == 0 {
					view.Refill.At = nil
				}
			}
			v.Members[m] = append(v.Members[m], view)
		}
	}
	return v
}

// Replay reads what a request with this key was answered; Replayed is false when
// there was none. The error is a *Refusal where the first answer was one, and
// where the fingerprint is another request's.
func (l *Ledger) Replay(ctx context.Context, r Request) (Result, error) {
	if refusal := goodKey(&r); refusal != nil {
		return Result{}, refusal
	}
	var first store.Receipt
	var found bool
	err := l.store.ViewIn(ctx, r.Workspace, func(tx *store.Tx) (err error) {
		first, found, err = tx.Accounts().FirstReceipt(r.Workspace, r.receipt())
		return err
	})
	if err != nil || !found {
		return Result{}, err
	}
	result, refusal := replay(&first, r.Fingerprint)
	if result.Replayed {
		store.Replayed(ctx)
	}
	if refusal != nil {
		return result, refusal
	}
	return result, nil
}
