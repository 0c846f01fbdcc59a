package sample

import (
	"context"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/store"
)

// office is what a team has set up after some weeks: views, tags and notes, a group
// with a manager, and a wish that waits for an answer.
func (m *maker) office(ctx context.Context) error {
	admin, manager, mary := m.members[0].ID, m.members[4].ID, m.members[3].ID
	chief, err := m.Accounts.Enter(ctx, account.Principal{Role: account.Admin, Workspace: m.scope.Workspace.ID, Member: admin}, m.scope.Workspace.ID)
	if err != nil {
		return err
	}
	for _, v := range []struct{ name, query string }{{"Ready to mail", "has=verified_email&sort=name"}, {"No mobile yet", "lacks=mobile_phone"}, {"Key accounts", "tag=key+account"}} {
		if err := m.Captures.SaveView(ctx, chief, capture.LeadsPage, v.name, v.query, true); err != nil {
			return err
		}
	}
	leads, err := m.Captures.Leads(ctx, chief, store.LeadFilter{Sort: "captured", Down: true, Limit: 60})
	if err != nil {
		return err
	}
	for tag, every := range map[string]int{"key account": 7, "warm": 4} {
		var ids []string
		for n := every / 2; n < len(leads); n += every {
			ids = append(ids, leads[n].ID)
		}
		if _, err := m.Captures.Label(ctx, chief, ids, capture.Labelling{Tag: tag}); err != nil {
			return err
		}
	}
	return m.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Leads().UpdateNotes(chief.Workspace.ID, leads[1].ID, "Met at the conference. Asked for a call in December."); err != nil {
			return err
		}
		group := store.Group{Name: "Enterprise", Members: []string{m.members[1].ID, m.members[2].ID}, Managers: []string{manager}, Budgets: map[string]int64{"standard": int64(400 * credits.Credit)}}
		if _, err := m.Accounts.SaveGroup(tx, chief, group); err != nil {
			return err
		}
		wish := account.NewRequest{Member: mary, Credit: "premium", Amount: 15 * credits.Credit, Reason: "The fair in Hanover is next week, and I have 30 people to call before it."}
		hers, err := m.Accounts.Enter(ctx, account.Principal{Role: account.Regular, Workspace: chief.Workspace.ID, Member: mary}, chief.Workspace.ID)
		if err != nil {
			return err
		}
		_, err = m.Accounts.AskForMore(tx, hers, m.Ledger.Books()["classic"], wish)
		return err
	})
}

// neighbours are other customers of the same server, as its operator sees them: each
// pays with its own software, which charges the meter.
func (m *maker) neighbours(ctx context.Context, now time.Time) error {
	for _, n := range []struct {
		name, plan string
		seats      int
		used       map[string]int64
		cancelled  bool
	}{
		{"Copperfield Logistics", "starter", 3, map[string]int64{"standard": 702, "premium": 31}, false},
		{"Harborline Partners", "enterprise", 12, map[string]int64{"standard": 4120, "premium": 815}, false},
		{"Meridian Foods", "starter", 1, map[string]int64{"standard": 40}, true},
	} {
		m.now = m.begun
		var w store.Workspace
		err := m.Store.Update(ctx, func(tx *store.Tx) (err error) {
			w, err = m.insert(tx, n.name, n.plan, n.seats)
			return err
		})
		if err != nil {
			return err
		}
		for _, credit := range m.Ledger.Books()["classic"].Credits {
			if n.used[credit] == 0 {
				continue
			}
			charge := &credits.Charge{Request: credits.Request{Workspace: w.ID, At: now}, Credit: credit, Amount: credits.Amount(n.used[credit]) * credits.Credit, Note: "Enrichment by the CRM"}
			if _, err := m.Ledger.Do(ctx, charge); err != nil {
				return err
			}
		}
		if n.cancelled {
			if _, err := m.Ledger.Do(ctx, &credits.Cancel{Request: credits.Request{Workspace: w.ID, At: now}}); err != nil {
				return err
			}
		}
	}
	return nil
}
