package account

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// The deeds that can be undone, for a day, by anyone with the right that the deed needed.
const (
	LeadsDeleted  = "leads.deleted"
	LeadsListed   = "leads.listed"
	LeadsTagged   = "leads.tagged"
	LeadChanged   = "lead.changed"
	LeadsMerged   = "leads.merged"
	MemberRemoved = "member.removed"
	LimitsSet     = "limits.set"
)

// undoVerbs are what who undoes a deed must be allowed to do.
var undoVerbs = map[string]Verb{
	LeadsDeleted: DeleteLeads, LeadsListed: EditSheet, LeadsTagged: EditSheet, LeadChanged: EditSheet, LeadsMerged: DeleteLeads,
	MemberRemoved: ManageTeam, LimitsSet: SetLimits,
}

// UndoFor is how long a deed can be undone.
const UndoFor = 24 * time.Hour

// Undoable keeps what a deed changed, in its transaction: what each thing was, by its id. A scope's
// deed lasts until another one begins, which empties Undo: one that takes several transactions,
// or a form that sets several limits, is one.
func (s *Scope) Undoable(tx *store.Tx, kind string, was map[string]any) error {
	if len(was) == 0 {
		return nil
	}
	id := s.Undo
	if id == "" {
		id = ident.New("undo")
	}
	if err := tx.Undos().Sweep(s.Workspace.ID, s.Now.Add(-UndoFor).UnixMicro()); err != nil {
		return err
	}
	for _, subject := range slices.Sorted(maps.Keys(was)) {
		text, ok := was[subject].(string)
		if !ok {
			written, err := json.Marshal(was[subject])
			if err != nil {
				return err
			}
			text = string(written)
		}
		u := store.Undo{Workspace: s.Workspace.ID, ID: id, Subject: subject, At: s.Now.UnixMicro(), Actor: s.Actor(), Kind: kind, Was: text}
		if err := tx.Undos().Put(u); err != nil {
			return err
		}
	}
	s.Undo = id
	return nil
}

// Deed is what was done and can be undone.
type Deed struct {
	ID, Kind, Actor string
	Subject         string // of one thing that it changed
	At              time.Time
	Things          int    // leads, members or limits
	About           string // the one thing's name, or the list or tag of all; empty: see Subject
}

// about names what a deed changed, as far as what is kept of it says.
func about(u store.Undo, things int) string {
	var was struct {
		FullName, List, Tag string
		Member              json.RawMessage // of a removal the member, of a lead their id
	}
	if json.Unmarshal([]byte(u.Was), &was) != nil {
		return ""
	}
	var member struct{ Name string }
	switch {
	case was.List+was.Tag != "":
		return was.List + was.Tag
	case things > 1:
		return ""
	case u.Kind == MemberRemoved && json.Unmarshal(was.Member, &member) == nil:
		return member.Name
	}
	return was.FullName
}

// Deeds are the newest that the principal may undo, at most limit.
func (a *Accounts) Deeds(ctx context.Context, s *Scope, limit int) (list []Deed, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Undos().Since(s.Workspace.ID, s.Member, s.Now.Add(-UndoFor).UnixMicro(), limit)
		for _, u := range rows {
			if s.Can(undoVerbs[u.Kind]) && (u.Kind != LeadsDeleted || u.Others == 0 || s.MayDelete("")) {
				list = append(list, Deed{ID: u.ID, Kind: u.Kind, Actor: u.Actor, Subject: u.Subject, At: time.UnixMicro(u.At).UTC(), Things: u.Things, About: about(u.Undo, u.Things)})
			}
		}
		return err
	})
	return list, err
}

// DeedsOn are those that changed one thing.
func (a *Accounts) DeedsOn(ctx context.Context, s *Scope, subject string) (list []Deed, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Undos().Of(s.Workspace.ID, subject, s.Now.Add(-UndoFor).UnixMicro())
		for _, u := range rows {
			if s.Can(undoVerbs[u.Kind]) {
				list = append(list, Deed{ID: u.ID, Kind: u.Kind, Actor: u.Actor, Subject: u.Subject, At: time.UnixMicro(u.At).UTC(), Things: 1})
			}
		}
		return err
	})
	return list, err
}

// ToUndo are the things that a deed changed, for who may undo it.
func (s *Scope) ToUndo(tx *store.Tx, id string) ([]store.Undo, error) {
	list, err := tx.Undos().ByID(s.Workspace.ID, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || list[0].At < s.Now.Add(-UndoFor).UnixMicro() {
		return nil, NothingToUndo()
	}
	return list, s.May(undoVerbs[list[0].Kind])
}

// NothingToUndo says of a deed that it is no longer kept.
func NothingToUndo() error {
	return fault.New(fault.NotFound, "There is nothing to undo here any more: it was undone already, or it is older than a day.")
}

// ChangedSince refuses to undo what is not any more as the deed left it.
func ChangedSince() error {
	return fault.New(fault.Conflict, "It was changed again since. Nothing was undone.")
}

// memberWas is a member before they were removed.
type memberWas struct {
	Member   store.Member
	Group    string
	Managing []string
	Shares   map[string]credits.Allocation
}

// limitWas is a member's allocation of a credit type that was set, before and then. Its subject is
// both, as one form may set several.
type limitWas struct{ Before, After credits.Allocation }

// limitsWere are those of one member.
type limitsWere struct {
	rows          []store.Undo
	before, after map[string]credits.Allocation
}

// raises is by how much undoing them raises what is assigned.
func (l *limitsWere) raises() (more credits.Amount) {
	for credit, before := range l.before {
		if before.Mode == credits.Assigned {
			more += before.Amount
		}
		if after := l.after[credit]; after.Mode == credits.Assigned {
			more -= after.Amount
		}
	}
	return more
}

// removedWas reads what a member is, in the transaction that removes them.
func removedWas(tx *store.Tx, s *Scope, m store.Member, shares map[string]credits.Allocation) (memberWas, error) {
	was := memberWas{Member: m, Shares: shares}
	groups, err := tx.Groups().Of(s.Workspace.ID)
	for _, g := range groups {
		if slices.Contains(g.Members, m.ID) {
			was.Group = g.ID
		}
		if slices.Contains(g.Managers, m.ID) {
			was.Managing = append(was.Managing, g.ID)
		}
	}
	return was, err
}

// shares are a member's own limits and assigned amounts.
func (a *Accounts) shares(ctx context.Context, s *Scope, member string) (map[string]credits.Allocation, error) {
	view, err := a.Ledger.Look(ctx, s.Workspace.ID, []string{member}, s.Now)
	if err != nil {
		return nil, FromRefusal(err)
	}
	shares := map[string]credits.Allocation{}
	for _, c := range view.Credits {
		shares[c.Credit] = allocationOf(view, member, c.Credit)
	}
	return shares, nil
}

// Undo takes back what was done to members: a removal, or limits. Each member is undone in a
// transaction of their own, once, and whole; left are those of whom something was changed since.
func (a *Accounts) Undo(ctx context.Context, s *Scope, list []store.Undo) (done, left int, err error) {
	if list[0].Kind == MemberRemoved {
		for _, u := range list {
			if err := a.undoRemoval(ctx, s, u); err != nil {
				return done, 0, err
			}
			done++
		}
		return done, 0, nil
	}
	of := map[string]*limitsWere{}
	for _, u := range list {
		var was limitWas
		if err := json.Unmarshal([]byte(u.Was), &was); err != nil {
			return 0, 0, err
		}
		member, credit, _ := strings.Cut(u.Subject, " ")
		if of[member] == nil {
			of[member] = &limitsWere{before: map[string]credits.Allocation{}, after: map[string]credits.Allocation{}}
		}
		of[member].rows = append(of[member].rows, u)
		of[member].before[credit], of[member].after[credit] = was.Before, was.After
	}
	order := slices.Sorted(maps.Keys(of))
	slices.SortStableFunc(order, func(x, y string) int { return cmp.Compare(of[x].raises(), of[y].raises()) }) // what frees comes first
	var why error
	for _, member := range order {
		switch err := a.undoLimits(ctx, s, member, of[member]); {
		case fault.Is(err, fault.Conflict):
			left, why = left+1, err
		case err != nil:
			return done, left, err
		default:
			done++
		}
	}
	if done == 0 {
		return 0, left, why
	}
	return done, left, nil
}

// undoRemoval makes somebody a member again, with their role, groups and limits, and as much of
// what was assigned to them as is free. Their keys and sessions stay ended.
func (a *Accounts) undoRemoval(ctx context.Context, s *Scope, u store.Undo) error {
	var was memberWas
	if err := json.Unmarshal([]byte(u.Was), &was); err != nil {
		return err
	}
	for try := 0; ; try++ {
		view, err := a.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
		if err != nil {
			return FromRefusal(err)
		}
		given, sets := false, map[string]credits.Allocation{}
		for _, c := range view.Credits {
			set, had := was.Shares[c.Credit]
			if !had {
				set.Mode = credits.FromPool
			}
			if set.Mode == credits.Assigned && !c.Free.Covers(set.Amount) {
				set.Amount = max(c.Free.Amount, 0)
			}
			given = given || set.Mode == credits.Assigned
			sets[c.Credit] = set
		}
		_, err = a.ExecuteAudited(ctx, s, &credits.Allocate{For: was.Member.ID, Sets: sets, Request: credits.Request{
			Workspace: s.Workspace.ID, At: s.Now,
			With: Within(func(tx *store.Tx) error {
				if err := onlyOnce(tx, u); err != nil {
					return err
				}
				return comeBack(tx, s, was)
			}),
		}})
		var refused *credits.Refusal
		if given && errors.As(err, &refused) && refused.Code == credits.Conflict && try < 4 {
			continue // others were given what was free
		}
		return FromRefusal(err)
	}
}

// comeBack writes a member who was removed as they were.
func comeBack(tx *store.Tx, s *Scope, was memberWas) error {
	now, found, err := tx.Members().ByID(s.Workspace.ID, was.Member.ID)
	if err != nil {
		return err
	}
	if !found || now.RemovedAt == 0 {
		return ChangedSince()
	}
	now.RemovedAt, now.Role = 0, was.Member.Role
	if err := tx.Members().Update(now); fault.Is(err, fault.Conflict) {
		return fault.New(fault.Conflict, "Somebody with this email address is a member again. Nothing was undone.")
	} else if err != nil {
		return err
	}
	groups, err := tx.Groups().Of(s.Workspace.ID)
	for _, g := range groups {
		if g.ID == was.Group {
			g.Members = append(g.Members, now.ID)
		}
		if slices.Contains(was.Managing, g.ID) {
			g.Managers = append(g.Managers, now.ID)
		}
		if g.ID == was.Group || slices.Contains(was.Managing, g.ID) {
			err = errors.Join(err, tx.Groups().Put(g))
		}
	}
	if err != nil {
		return err
	}
	return s.Audit(tx, "member.restored", now.ID, now.Name+", "+now.Role)
}

// undoLimits sets a member's limits to what they were, if nobody has set one since.
func (a *Accounts) undoLimits(ctx context.Context, s *Scope, of string, were *limitsWere) error {
	now, err := a.shares(ctx, s, of)
	if err != nil {
		return err
	}
	for credit, after := range were.after {
		if now[credit] != after {
			return ChangedSince()
		}
	}
	if err := a.maySet(ctx, s, of, were.before); err != nil {
		return err
	}
	return a.allocate(ctx, s, of, were.before, were.after, func(tx *store.Tx) error {
		for _, u := range were.rows {
			if err := onlyOnce(tx, u); err != nil {
				return err
			}
		}
		return nil
	})
}

// onlyOnce takes what is undone out of what can be.
func onlyOnce(tx *store.Tx, u store.Undo) error {
	there, err := tx.Undos().Drop(u)
	if err == nil && !there {
		err = ChangedSince()
	}
	return err
}
