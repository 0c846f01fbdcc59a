package account

import (
	"context"
	"strings"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Whatever somebody leaves behind (a key, a job, a sign-in link, an invitation) keeps
// by whose authority it was made, and is good for no more than that authority is at
// the moment of its use (rule A1). An authority is a member's id, a key's id or
// Operator.

// Authority is what the principal's own things are kept under.
func (p Principal) Authority() string {
	switch {
	case p.IsOperator():
		return Operator
	case p.Key != "":
		return p.Key
	}
	return p.Member
}

// behind is the person behind the principal: a member's id, or Operator.
func (p Principal) behind() string {
	switch {
	case p.IsOperator():
		return Operator
	case p.owner != "":
		return p.owner
	}
	return p.Member
}

// Present is who an authority is now, with the rights that they have now. Fault:
// NotAllowed when it has ended: the member was removed, or the key was revoked.
func (a *Accounts) Present(tx *store.Tx, workspace, authority string) (Principal, error) {
	switch {
	case authority == Operator:
		return Principal{Role: Operator}, nil
	case strings.HasPrefix(authority, "key_"):
		k, found, err := tx.APIKeys().ByID(workspace, authority)
		if err != nil {
			return Principal{}, err
		}
		if !found {
			return Principal{}, fault.New(fault.NotAllowed, "The API key that began this was revoked.")
		}
		p, err := keyPrincipal(tx, k)
		if fault.Is(err, fault.Unauthenticated) {
			err = fault.New(fault.NotAllowed, "The owner of the API key that began this is not in the workspace any more.")
		}
		return p, err
	}
	m, found, err := tx.Members().ByID(workspace, authority)
	if err == nil && (!found || m.RemovedAt != 0) {
		err = fault.New(fault.NotAllowed, "The member who began this is not in the workspace any more.")
	}
	return Principal{Role: m.Role, Workspace: workspace, Member: authority}, err
}

// Stands reports whether who made a sign-in link or an invitation may still make one.
func (a *Accounts) Stands(tx *store.Tx, workspace, authority string) (bool, error) {
	p, err := a.Present(tx, workspace, authority)
	if fault.Is(err, fault.NotAllowed) {
		return false, nil
	}
	return err == nil && p.Can(ManageTeam), err
}

// EnterAs admits an authority, as it is now, to its workspace to do something. Faults:
// NotAllowed where it has ended or may not.
func (a *Accounts) EnterAs(ctx context.Context, workspace, authority string, v Verb) (*Scope, error) {
	s := &Scope{}
	err := a.Store.View(ctx, func(tx *store.Tx) error {
		p, err := a.Present(tx, workspace, authority)
		if err == nil {
			err = p.May(v)
		}
		if err != nil {
			return err
		}
		if !p.IsOperator() && p.Workspace != workspace {
			return NoWorkspace()
		}
		s.Principal = p
		return a.enter(tx, s, workspace)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// keyPrincipal is who a key acts as, and at most: a member's key as that member, with
// what a manager may at most; an admin's key as the workspace while its owner is an
// admin, and else as its owner; a service key as the workspace.
func keyPrincipal(tx *store.Tx, k store.APIKey) (Principal, error) {
	p := Principal{Role: Operator, ReadOnly: k.ReadOnly, Key: k.ID, Workspace: k.Workspace, owner: k.Owner}
	if k.Workspace == "" {
		return p, nil
	}
	if k.Owner == Operator && k.Member == "" {
		p.Role = Admin
		return p, nil
	}
	m, found, err := tx.Members().ByID(k.Workspace, k.Owner)
	if err != nil {
		return p, err
	}
	if !found || m.RemovedAt != 0 {
		return p, noKey()
	}
	p.Role = m.Role
	switch {
	case k.Member != "":
		p.Role, p.Member = Lesser(m.Role, Manager), k.Member
	case m.Role != Admin:
		p.Member = m.ID
	}
	return p, nil
}

// passOn gives the service keys of somebody who is an admin no more to the admin who
// is there longest, else to the operator.
func passOn(tx *store.Tx, s *Scope, from string) error {
	admins, err := Admins(tx, s.Workspace.ID)
	if err != nil {
		return err
	}
	to, since := Operator, int64(0)
	for _, m := range admins {
		if m.ID != from && (since == 0 || m.CreatedAt < since) {
			to, since = m.ID, m.CreatedAt
		}
	}
	n, err := tx.APIKeys().PassService(s.Workspace.ID, from, to)
	if err != nil || n == 0 {
		return err
	}
	return s.Audit(tx, "key.passed-on", to, "service keys of "+from)
}
