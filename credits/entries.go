package credits

import (
	"context"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Entry is one change of a balance, or a free outcome: what explains every credit
// (rule S2). Entries are never changed and never deleted.
type Entry struct {
	Seq    int64 // 1, 2, 3 … in the workspace, without a gap
	At     time.Time
	Kind   string // KindCharge and the others beside it
	Credit string
	Amount Amount // of a charge, hold, release, refund or grant; 0 of a free outcome
	Waived Amount // what a free rule saved
	// Available is what was available after it; nil is unlimited.
	Available *Amount
	// Member is who it is of; empty: the workspace itself.
	Member string
	// Person and Field are of a capture, and so is Outcome with its reason.
	Person, Field string
	Outcome       Outcome
	Channel       string
	Hold, Grant   string
	Capture       string // the id of the capture that it is of; empty: none
	Note          string // a charge's description by its caller
	// PeriodStart is when the period began that it belongs to.
	PeriodStart time.Time
}

// MaxEntries bounds what one call of Entries gives.
const MaxEntries = 1000

// Entries lists a workspace's entries in the order of their numbers: those after a
// number, at most limit, which is bounded by MaxEntries. None are left when fewer
// come than were asked for.
func (l *Ledger) Entries(ctx context.Context, workspace string, after int64, limit int) ([]Entry, error) {
	limit = min(max(limit, 0), MaxEntries)
	var rows []store.Entry
	err := l.store.View(ctx, func(tx *store.Tx) (err error) { // numbers have no gaps, so a page is a span of them
		rows, err = tx.Entries().List(store.EntryFilter{Workspace: workspace, Sight: store.Everybody(), After: after, Before: after + int64(limit) + 1, Limit: limit})
		return err
	})
	list := make([]Entry, 0, len(rows))
	for _, e := range slices.Backward(rows) {
		one := Entry{
			Seq: e.Seq, At: instant(e.At), Kind: e.Kind, Credit: e.Credit, Amount: Amount(e.Amount), Waived: Amount(e.Waived),
			Member: e.Member, Person: e.Person, Field: e.Field, Outcome: Outcome(e.Outcome), Channel: e.Channel,
			Hold: e.Hold, Grant: e.Grant, Capture: e.Capture, Note: e.Note, PeriodStart: instant(e.PeriodStart),
		}
		if e.BalanceAfter != nil {
			left := Amount(*e.BalanceAfter)
			one.Available = &left
		}
		list = append(list, one)
	}
	return list, err
}

// Hold reads a hold; false: the workspace has no such one.
func (l *Ledger) Hold(ctx context.Context, workspace, id string) (state HoldState, found bool, err error) {
	err = l.store.View(ctx, func(tx *store.Tx) error {
		var h store.Hold
		h, found, err = tx.Accounts().Hold(workspace, id)
		state = holdOf(h)
		return err
	})
	return state, found, err
}
