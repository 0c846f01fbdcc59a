package account

import (
	"context"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// NewMember is a person to be added to a workspace.
type NewMember struct{ Email, Name, Role string }

func (n NewMember) check() (NewMember, error) {
	var wrong []fault.Field
	email, err := lead.Email(n.Email)
	if err != nil {
		wrong = append(wrong, fault.Field{Field: "email", Message: "must be an email address"})
	}
	n.Email = email
	n.Name = strings.TrimSpace(n.Name)
	wrong = append(wrong, fault.FieldsOf(fault.Length("name", n.Name, 1, 200))...)
	if !slices.Contains([]string{Regular, Manager, Admin}, n.Role) {
		wrong = append(wrong, fault.Field{Field: "role", Message: "must be member, manager or admin"})
	}
	return n, problems(wrong)
}

// AddMember adds a person, in the transaction given.
func (a *Accounts) AddMember(tx *store.Tx, s *Scope, n NewMember) (store.Member, error) {
	n, err := n.check()
	if err != nil {
		return store.Member{}, err
	}
	m := store.Member{Workspace: s.Workspace.ID, ID: ident.Small("mem"), Email: n.Email, Name: n.Name, Role: n.Role, CreatedAt: s.Now.UnixMicro()}
	if err := tx.Members().Insert(m); err != nil {
		if fault.Is(err, fault.Conflict) {
			return m, fault.New(fault.Conflict, "There is a member with this email address already.")
		}
		return m, err
	}
	return m, s.Audit(tx, "member.added", m.ID, m.Name+", "+m.Role)
}

// Member reads one who was not removed.
func (a *Accounts) Member(ctx context.Context, s *Scope, id string) (m store.Member, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		m, err = member(tx, s, id)
		return err
	})
	return m, err
}

func member(tx *store.Tx, s *Scope, id string) (store.Member, error) {
	m, found, err := tx.Members().ByID(s.Workspace.ID, id)
	if err == nil && (!found || m.RemovedAt != 0) {
		err = noMember()
	}
	return m, err
}

func noMember() error { return fault.New(fault.NotFound, "There is no such member.") }

// Members lists a page of a workspace's members after an id.
func (a *Accounts) Members(ctx context.Context, s *Scope, after string, limit int) (list []store.Member, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.Members().Of(s.Workspace.ID, after, limit, false)
		return err
	})
	return list, err
}

// MemberNames maps every member there ever was to a name, for reports.
func (a *Accounts) MemberNames(ctx context.Context, s *Scope) (map[string]string, error) {
	names := map[string]string{}
	err := a.Store.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Members().Of(s.Workspace.ID, "", maxMembers, true)
		for _, m := range list {
			names[m.ID] = m.Name
		}
		return err
	})
	return names, err
}

// maxMembers bounds a workspace's team, removed people included.
const maxMembers = 20_000

// ChangeMember writes the parts that are given.
func (a *Accounts) ChangeMember(ctx context.Context, s *Scope, id string, name, role *string, autoUnlock *bool) (m store.Member, err error) {
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		if m, err = member(tx, s, id); err != nil {
			return err
		}
		if name != nil {
			m.Name = *name
		}
		if role != nil {
			if m.Role == Admin && *role != Admin {
				if err := keepsAdmin(tx, s, id); err != nil {
					return err
				}
				if err := passOn(tx, s, id); err != nil {
					return err
				}
			}
			m.Role = *role
		}
		if autoUnlock != nil {
			m.AutoUnlock = *autoUnlock
		}
		if _, err := (NewMember{Email: m.Email, Name: m.Name, Role: m.Role}).check(); err != nil {
			return err
		}
		if err := tx.Members().Update(m); err != nil {
			return err
		}
		return s.Audit(tx, "member.changed", m.ID, changedText(m, name, role, autoUnlock))
	})
	return m, err
}

// Admins lists a workspace's admins, in the transaction given.
func Admins(tx *store.Tx, workspace string) (admins []store.Member, err error) {
	list, err := tx.Members().Of(workspace, "", maxMembers, false)
	for _, m := range list {
		if m.Role == Admin {
			admins = append(admins, m)
		}
	}
	return admins, err
}

// changedText says which parts of a member were written.
func changedText(m store.Member, name, role *string, autoUnlock *bool) string {
	var parts []string
	if name != nil {
		parts = append(parts, "name "+m.Name)
	}
	if role != nil {
		parts = append(parts, "role "+m.Role)
	}
	if autoUnlock != nil {
		parts = append(parts, map[bool]string{true: "automatic unlock on", false: "automatic unlock off"}[m.AutoUnlock])
	}
	return strings.Join(parts, ", ")
}

// keepsAdmin refuses to leave a workspace without an admin.
func keepsAdmin(tx *store.Tx, s *Scope, without string) error {
	list, err := tx.Members().Of(s.Workspace.ID, "", maxMembers, false)
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.Role == Admin && m.ID != without {
			return nil
		}
	}
	return fault.New(fault.Conflict, "This is the workspace's last admin; make somebody else an admin first.")
}

// RemoveMember takes a person out: their keys, sign-ins and connections end at once,
// their open requests are declined, and what was assigned to them goes back to the
// pool (rule D5), all in one transaction. What else must happen with it is done by
// also, whose error leaves everything as it was.
func (a *Accounts) RemoveMember(ctx context.Context, s *Scope, id string, also ...func(tx *store.Tx, m store.Member) error) error {
	shares, err := a.shares(ctx, s, id)
	if err != nil {
		return err
	}
	_, err = a.ExecuteAudited(ctx, s, &credits.Remove{Gone: id, Request: credits.Request{
		Workspace: s.Workspace.ID, At: s.Now,
		With: Within(func(tx *store.Tx) error {
			m, err := member(tx, s, id)
			if err != nil {
				return err
			}
			was, err := removedWas(tx, s, m, shares)
			if err == nil {
				s.Undo = ""
				err = s.Undoable(tx, MemberRemoved, map[string]any{id: was})
			}
			for _, do := range append(also, func(tx *store.Tx, m store.Member) error { return a.removeMember(tx, s, m) }) {
				if err == nil {
					err = do(tx, m)
				}
			}
			return err
		}),
	}})
	return FromRefusal(err)
}

// removeMember ends everything of a member that is not the ledger's, in the
// transaction given.
func (a *Accounts) removeMember(tx *store.Tx, s *Scope, m store.Member) error {
	if m.Role == Admin {
		if err := keepsAdmin(tx, s, m.ID); err != nil {
			return err
		}
		if err := passOn(tx, s, m.ID); err != nil {
			return err
		}
	}
	m.RemovedAt = s.Now.UnixMicro()
	if err := tx.Members().Update(m); err != nil {
		return err
	}
	if err := tx.APIKeys().RevokeMember(s.Workspace.ID, m.ID, s.Now.UnixMicro()); err != nil {
		return err
	}
	if err := tx.Connections().EndAll(s.Workspace.ID, m.ID); err != nil {
		return err
	}
	if err := tx.Groups().Leave(s.Workspace.ID, m.ID); err != nil {
		return err
	}
	if err := a.declineAll(tx, s, m.ID); err != nil {
		return err
	}
	if err := s.Audit(tx, "member.removed", m.ID, m.Name); err != nil {
		return err
	}
	return tx.Logins().Drop(s.Workspace.ID, m.ID)
}
