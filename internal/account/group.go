package account

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// maxGroups bounds a workspace's groups.
const maxGroups = 200

// Groups are the parts of a team, with who looks after each (rule D8).
func (a *Accounts) Groups(ctx context.Context, s *Scope) (list []store.Group, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.Groups().Of(s.Workspace.ID)
		return err
	})
	return list, err
}

// SaveGroup makes a group, or writes one that has an id, in the transaction given.
func (a *Accounts) SaveGroup(tx *store.Tx, s *Scope, g store.Group) (store.Group, error) {
	if err := s.May(ManageTeam); err != nil {
		return g, err
	}
	g.Workspace, g.Name = s.Workspace.ID, strings.TrimSpace(g.Name)
	if err := fault.Length("name", g.Name, 1, 100); err != nil {
		return g, err
	}
	for credit, amount := range g.Budgets {
		if amount < 0 || credits.Amount(amount) > credits.MaxAmount {
			return g, fault.Wrong("budget."+credit, "must be a number of credits; 0 is none")
		}
	}
	all, err := tx.Groups().Of(s.Workspace.ID)
	if err != nil {
		return g, err
	}
	at := slices.IndexFunc(all, func(o store.Group) bool { return o.ID == g.ID })
	switch {
	case g.ID != "" && at < 0:
		return g, noGroup()
	case slices.ContainsFunc(all, func(o store.Group) bool { return o.ID != g.ID && strings.EqualFold(o.Name, g.Name) }):
		return g, fault.Wrong("name", "is another group's already")
	case g.ID == "" && len(all) >= maxGroups:
		return g, fault.New(fault.Conflict, "A workspace has at most %d groups.", maxGroups)
	case g.ID == "":
		g.ID, g.CreatedAt = ident.New("grp"), s.Now.UnixMicro()
	}
	for _, id := range g.Members {
		if _, err := member(tx, s, id); err != nil {
			return g, err
		}
	}
	for _, id := range g.Managers {
		m, err := member(tx, s, id)
		if err != nil {
			return g, err
		}
		if m.Role == Regular {
			return g, fault.Wrong("managers", "must have the role manager or admin; %s is a member", m.Name)
		}
	}
	if err := tx.Groups().Put(g); err != nil {
		return g, err
	}
	return g, s.Audit(tx, "group.saved", g.ID, fmt.Sprintf("%s, members %d, managers %d", g.Name, len(g.Members), len(g.Managers)))
}

// DropGroup removes a group; its members and their amounts stay.
func (a *Accounts) DropGroup(ctx context.Context, s *Scope, id string) error {
	if err := s.May(ManageTeam); err != nil {
		return err
	}
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		found, err := tx.Groups().Drop(s.Workspace.ID, id)
		if err == nil && !found {
			err = noGroup()
		}
		if err != nil {
			return err
		}
		return s.Audit(tx, "group.removed", id, "")
	})
}

func noGroup() error { return fault.New(fault.NotFound, "There is no such group.") }

// LookedAfter are the groups whose limits the principal may set as a manager.
func LookedAfter(s *Scope, groups []store.Group) (list []store.Group) {
	for _, g := range groups {
		if s.Role == Manager && slices.Contains(g.Managers, s.Member) {
			list = append(list, g)
		}
	}
	return list
}

// Limits says whether the principal may set a member's limit of a credit type, and
// within what: an admin any (nil), the manager of the member's group the budget.
func Limits(s *Scope, groups []store.Group, member, credit string) (within *store.Group, may bool) {
	if !s.Can(SetLimits) {
		return nil, false
	}
	if s.Manages() {
		return nil, true
	}
	for _, g := range LookedAfter(s, groups) {
		if _, given := g.Budgets[credit]; given && slices.Contains(g.Members, member) {
			return &g, true
		}
	}
	return nil, false
}

// Allocate sets what a member may use (rules D2 and D8). A manager sets limits
// alone, of members of a group that they look after, so that the group's limits
// together stay within its budget; one that lowers them is always taken. The sum is
// read before it is written: two managers of a group who save in one instant may
// together go past it by one change, and the next save says so.
func (a *Accounts) Allocate(ctx context.Context, s *Scope, of string, sets map[string]credits.Allocation) error {
	for try := 0; ; try++ {
		if err := a.maySet(ctx, s, of, sets); err != nil {
			return err
		}
		before, err := a.shares(ctx, s, of)
		if err != nil {
			return err
		}
		were, seen := map[string]any{}, map[string]credits.Allocation{}
		for credit, set := range sets {
			if was, known := before[credit]; known && was != set {
				were[of+" "+credit], seen[credit] = limitWas{Before: was, After: set}, was
			}
		}
		err = a.allocate(ctx, s, of, sets, seen, func(tx *store.Tx) error { return s.Undoable(tx, LimitsSet, were) })
		if !fault.Is(err, fault.Conflict) || try == 4 {
			return err
		}
		now, e := a.shares(ctx, s, of)
		if e != nil || maps.Equal(now, before) {
			return err // it was refused for another reason than that somebody was faster
		}
	}
}

// allocate sets a member's allocations, if they are as they were seen, with what else is to happen
// with it.
func (a *Accounts) allocate(ctx context.Context, s *Scope, of string, sets, seen map[string]credits.Allocation, also func(tx *store.Tx) error) error {
	r := credits.Request{Workspace: s.Workspace.ID, At: s.Now}
	r.With = Within(func(tx *store.Tx) error { // who is removed in the same instant is given nothing
		if _, err := member(tx, s, of); err != nil {
			return err
		}
		return also(tx)
	})
	_, err := a.ExecuteAudited(ctx, s, &credits.Allocate{Request: r, For: of, Sets: sets, If: seen})
	return FromRefusal(err)
}

// maySet refuses what the principal may not set.
func (a *Accounts) maySet(ctx context.Context, s *Scope, of string, sets map[string]credits.Allocation) error {
	if s.Can(ManageCredits) {
		return nil
	}
	return a.mayLimit(ctx, s, of, sets)
}

func (a *Accounts) mayLimit(ctx context.Context, s *Scope, of string, sets map[string]credits.Allocation) error {
	if err := s.May(SetLimits); err != nil {
		return err
	}
	groups, err := a.Groups(ctx, s)
	if err != nil {
		return err
	}
	for credit, set := range sets {
		g, may := Limits(s, groups, of, credit)
		if !may {
			return fault.New(fault.NotAllowed, "You may set limits of the groups that you look after, where an admin gave them a budget.")
		}
		if set.Mode != credits.Limited {
			return fault.New(fault.NotAllowed, "A manager sets limits; assigned amounts and the pool are an admin's.")
		}
		view, err := a.Ledger.Look(ctx, s.Workspace.ID, g.Members, s.Now)
		if err != nil {
			return FromRefusal(err)
		}
		before, others := credits.Amount(0), credits.Amount(0)
		for _, m := range g.Members {
			now := allocationOf(view, m, credit)
			switch {
			case m == of && now.Mode == credits.Assigned:
				return fault.New(fault.NotAllowed, "An admin assigned this member an amount; only an admin changes it.")
			case m == of && now.Mode == credits.Limited:
				before = now.Amount
			case m != of && now.Mode == credits.Limited:
				others += now.Amount
			}
		}
		if budget := credits.Amount(g.Budgets[credit]); set.Amount > before && others+set.Amount > budget {
			return fault.New(fault.Conflict, "The limits of %s would come to %s %s; its budget is %s, so %s is free.", g.Name, others+set.Amount, credit, budget, max(0, budget-others-before))
		}
	}
	return nil
}

func allocationOf(view *credits.View, member, credit string) credits.Allocation {
	for _, of := range view.Members[member] {
		if of.Credit == credit {
			return credits.Allocation{Mode: of.Mode, Amount: of.Amount}
		}
	}
	return credits.Allocation{Mode: credits.FromPool}
}
