// Package alert tells admins how the credits stand (rule S4): by mail and webhook
// when a share of an allowance is used, and by a mail of the usage each week or
// month. It follows the ledger and never holds a charge up.
//
// What is used is what Ledger.Look says. A crossing is sent once; again in the same
// period only after the allowance grew, which moves the mark, and that mark was
// crossed. A crossing, its mails and its event are one transaction. No job runs at a
// period's end: another period has other crossings.
package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Usual are the percentages of a workspace that chose none.
var Usual = []int64{80, 100}

const (
	// MaxPercents bounds the percentages of a credit type.
	MaxPercents = 10
	// looked is how often changed workspaces are looked at, lookedAll how often those
	// that another process changed, or a crash forgot.
	looked    = 500 * time.Millisecond
	lookedAll = 10 * time.Minute
	// noted is how often it is written down which workspaces were looked at.
	noted = 30 * time.Second
	page  = 500 // workspaces
)

// Alerts are the alerts and usage mails of a server.
type Alerts struct {
	Store    *store.Store
	Ledger   *credits.Ledger
	Accounts *account.Accounts
	Export   *export.Export
	Mail     *mail.Post
	// Clock is the machine's.
	Clock func() time.Time

	mu    sync.Mutex
	asked map[string]bool // workspaces to look at though their ledger did not change
	seen  map[string]head // looked at, and not yet written down
}

type head struct{ seq, terms int64 }

// Percents are a workspace's settings, by credit type.
type Percents map[string][]int64

// Settings reads them, for every credit type of the workspace.
func (a *Alerts) Settings(ctx context.Context, s *account.Scope, book *credits.Book) (Percents, error) {
	var set Percents
	err := a.Store.View(ctx, func(tx *store.Tx) (err error) {
		set, err = settings(tx, s.Workspace.ID, book)
		return err
	})
	return set, err
}

func settings(tx *store.Tx, ws string, book *credits.Book) (Percents, error) {
	text, err := tx.Alerts().Settings(ws)
	if err != nil {
		return nil, err
	}
	set, own := Percents{}, Percents{}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &own); err != nil {
			return nil, fmt.Errorf("alert: settings of %s: %w", ws, err)
		}
	}
	for _, credit := range book.Credits {
		if set[credit] = Usual; own[credit] != nil {
			set[credit] = own[credit]
		}
	}
	return set, nil
}

// SetSettings writes the types that are given; none of a type is an empty list.
func (a *Alerts) SetSettings(ctx context.Context, s *account.Scope, book *credits.Book, change Percents) (set Percents, err error) {
	if err := s.May(account.ManageAlerts); err != nil {
		return nil, err
	}
	for _, credit := range slices.Sorted(maps.Keys(change)) {
		list := change[credit]
		if !slices.Contains(book.Credits, credit) {
			return nil, fault.Wrong("percents."+credit, "is not a credit type of this workspace; it has %v", book.Credits)
		}
		if len(list) > MaxPercents {
			return nil, fault.Wrong("percents."+credit, "must have at most %d percentages", MaxPercents)
		}
		for _, p := range list {
			if p < 1 || p > 100 {
				return nil, fault.Wrong("percents."+credit, "must be whole percentages from 1 to 100")
			}
		}
	}
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		if set, err = settings(tx, s.Workspace.ID, book); err != nil {
			return err
		}
		for credit, list := range change {
			set[credit] = append([]int64{}, slices.Compact(slices.Sorted(slices.Values(list)))...)
		}
		text, err := json.Marshal(set)
		if err != nil {
			return err
		}
		if err := tx.Alerts().PutSettings(s.Workspace.ID, string(text)); err != nil {
			return err
		}
		return s.Audit(tx, "settings.changed", "alerts", "")
	})
	if err == nil {
		a.mu.Lock()
		if a.asked == nil {
			a.asked = map[string]bool{}
		}
		a.asked[s.Workspace.ID] = true
		a.mu.Unlock()
	}
	return set, err
}

// List is the crossings of a workspace, newest first.
func (a *Alerts) List(ctx context.Context, s *account.Scope, limit int) (list []store.Alert, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.Alerts().Of(s.Workspace.ID, limit)
		return err
	})
	return list, err
}

// Work looks at changed workspaces, and sends usage mails that are due, until ctx
// ends.
func (a *Alerts) Work(ctx context.Context) {
	every := time.NewTicker(looked)
	defer every.Stop()
	var all, wrote time.Time
	for {
		var err error
		if time.Since(all) >= lookedAll {
			all, err = time.Now(), a.lookAtAll(ctx)
		}
		err = errors.Join(err, a.lookAtChanged(ctx), a.MailUsage(ctx))
		if time.Since(wrote) >= noted {
			wrote, err = time.Now(), errors.Join(err, a.note(ctx))
		}
		if err != nil && ctx.Err() == nil {
			slog.Warn("alerts could not be looked at; they are later", "error", err)
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			if err := a.note(context.WithoutCancel(ctx)); err != nil {
				slog.Warn("it was not written down which alerts were looked at; they are looked at again", "error", err)
			}
			return
		}
	}
}

// lookAtChanged looks at the workspaces that this process changed.
func (a *Alerts) lookAtChanged(ctx context.Context) error {
	list := a.Ledger.Changed()
	a.mu.Lock()
	for ws := range a.asked {
		list = append(list, ws)
	}
	a.asked = nil
	a.mu.Unlock()
	return a.lookAt(ctx, list)
}

// lookAt looks at each; one that cannot be looked at keeps no other from it.
func (a *Alerts) lookAt(ctx context.Context, list []string) (failed error) {
	for _, ws := range list {
		failed = errors.Join(failed, store.Within(ctx, func(ctx context.Context) error { return a.Look(ctx, ws) }))
	}
	return failed
}

// lookAtAll looks at the workspaces that changed and were not looked at.
func (a *Alerts) lookAtAll(ctx context.Context) error {
	var failed error
	for after := ""; ; {
		var behind []string
		failed = errors.Join(failed, a.Store.ViewEach(ctx, func(tx *store.Tx) error {
			some, err := tx.Alerts().Behind(after, page)
			behind = append(behind, some...)
			return err
		}))
		if len(behind) == 0 {
			return failed
		}
		slices.Sort(behind) // each part's were sorted
		behind = behind[:min(page, len(behind))]
		failed = errors.Join(failed, a.lookAt(ctx, behind))
		if err := a.note(ctx); err != nil {
			return errors.Join(failed, err)
		}
		after = behind[len(behind)-1]
	}
}

// note writes down which workspaces were looked at.
func (a *Alerts) note(ctx context.Context) error {
	a.mu.Lock()
	seen := a.seen
	a.seen = nil
	a.mu.Unlock()
	if len(seen) == 0 {
		return nil
	}
	return a.Store.UpdateEach(ctx, slices.Sorted(maps.Keys(seen)), func(tx *store.Tx, ws string) error {
		return tx.Alerts().PutCursor(ws, seen[ws].seq, seen[ws].terms)
	})
}

// Look tells of the marks that a workspace has crossed by now. It writes only where
// there is one, or one to keep an eye on.
func (a *Alerts) Look(ctx context.Context, ws string) error {
	s, err := a.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, ws)
	if fault.Is(err, fault.NotFound) {
		return nil // the ledger is used without workspaces
	}
	if err != nil {
		return err
	}
	var at head
	if err := a.Store.View(ctx, func(tx *store.Tx) (err error) {
		at.seq, at.terms, err = tx.Entries().Head(ws)
		return err
	}); err != nil {
		return err
	}
	view, err := a.Ledger.Look(ctx, ws, nil, s.Now)
	if err != nil {
		return account.FromRefusal(err)
	}
	if !view.Current.Cancelled { // then nothing is available, which is sent by itself
		if err := a.marks(ctx, s, view); err != nil {
			return err
		}
	}
	a.mu.Lock()
	if a.seen == nil {
		a.seen = map[string]head{}
	}
	a.seen[ws] = at
	a.mu.Unlock()
	return nil
}

// marks compares the view with the workspace's marks and the crossings sent.
func (a *Alerts) marks(ctx context.Context, s *account.Scope, view *credits.View) error {
	ws, period := s.Workspace.ID, view.Current.Period.Start.UnixMicro()
	var set Percents
	var sent []store.Alert
	err := a.Store.View(ctx, func(tx *store.Tx) (err error) {
		if set, err = settings(tx, ws, view.Book); err != nil {
			return err
		}
		sent, err = tx.Alerts().OfPeriod(ws, period)
		return err
	})
	if err != nil {
		return err
	}
	var crossed, watched []store.Alert
	for _, c := range view.Credits {
		for _, percent := range set[c.Credit] {
			now := store.Alert{Workspace: ws, Credit: c.Credit, PeriodStart: period, Percent: percent, Times: 1, Allowance: int64(c.Allowance.Amount), Used: int64(c.Used), At: s.Now.UnixMicro()}
			n := slices.IndexFunc(sent, func(t store.Alert) bool { return t.Credit == c.Credit && t.Percent == percent })
			switch {
			case c.Allowance.Unlimited || c.Allowance.Amount == 0:
			case n < 0 && reached(now.Used, now):
				crossed = append(crossed, now)
			case n >= 0 && again(sent[n], now):
				now.Times = sent[n].Times + 1
				crossed = append(crossed, now)
			case n >= 0 && sent[n].Used != now.Used:
				now.Times = sent[n].Times
				watched = append(watched, now)
			}
		}
	}
	if len(crossed)+len(watched) == 0 {
		return nil
	}
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		for _, w := range watched {
			if err := tx.Alerts().See(w); err != nil {
				return err
			}
		}
		return a.tell(tx, s, view, crossed)
	})
}

// reached reports whether what was used reaches the mark of an allowance; exact, as
// amounts are below 10^16.
func reached(used int64, of store.Alert) bool { return used*100 >= of.Allowance*of.Percent }

// again reports whether a mark that was sent is crossed once more: the allowance
// grew since, and the mark that this made was not reached when last looked at.
func again(sent, now store.Alert) bool {
	return now.Allowance > sent.Allowance && !reached(sent.Used, now) && reached(now.Used, now)
}
