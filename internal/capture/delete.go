package capture

import (
	"context"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Delete takes leads off the sheet and says how many. What was paid for stays the
// workspace's: anyone who captures them again pays nothing for it (rule C6). Members
// delete what they captured; admins and managers, anything.
func (svc *Service) Delete(ctx context.Context, s *account.Scope, ids []string) (n int, err error) {
	if err := s.May(account.DeleteLeads); err != nil {
		return 0, err
	}
	if len(ids) > MaxChosen {
		return 0, tooMany()
	}
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		owners, err := tx.Leads().Members(s.Workspace.ID, ids)
		for _, member := range owners {
			if !s.MayDelete(member) {
				return mayNotDelete()
			}
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return svc.eachSlice(ctx, s, ids, func(tx *store.Tx, ids []string) (int, error) {
		return remove(tx, s, ids) // nobody is merged into a lead that goes
	})
}

// Deletable are those of leads that the principal may delete, and how many others there are, which
// somebody else captured.
func (svc *Service) Deletable(ctx context.Context, s *account.Scope, ids []string) (may []string, others int, err error) {
	if len(ids) > MaxChosen {
		return nil, 0, tooMany()
	}
	var owners map[string]string
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		owners, err = tx.Leads().Members(s.Workspace.ID, ids)
		return err
	})
	for _, id := range ids {
		owner, there := owners[id]
		if there && s.MayDelete(owner) {
			may = append(may, id)
		} else if there {
			others++
		}
	}
	return may, others, err
}

func mayNotDelete() error {
	return fault.New(fault.NotAllowed, "Leads that others captured can be deleted by an admin or a manager. Nothing was deleted.")
}

func remove(tx *store.Tx, s *account.Scope, ids []string) (n int, err error) {
	gone := map[string]any{}
	for _, id := range ids {
		row, found, err := tx.Leads().ByID(s.Workspace.ID, id)
		if err != nil {
			return 0, err
		}
		if !found {
			continue // somebody was faster
		}
		if !s.MayDelete(row.Member) {
			return 0, mayNotDelete()
		}
		if err := deleted(tx, s, row, gone); err != nil {
			return 0, err
		}
		if err := s.Audit(tx, "lead.deleted", id, ""); err != nil {
			return 0, err
		}
		n++
	}
	return n, s.Undoable(tx, account.LeadsDeleted, gone)
}
