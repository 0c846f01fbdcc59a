package signin

import (
	"context"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/words"
)

// InvitationLife is how long an invitation is good for.
const InvitationLife = 7 * 24 * time.Hour

// Invite makes a member's invitation, in the place of one before it and in the
// transaction given. Where the server has mail it is mailed, and the path is empty;
// otherwise the path is for the inviter to hand over, and is shown this once.
func (svc *Service) Invite(tx *store.Tx, s *account.Scope, m store.Member) (path string, err error) {
	token := strings.TrimPrefix(s.Workspace.ID, "ws_") + "_" + ident.Secret()
	path = "/join?token=" + token
	now := svc.Clock()
	err = tx.Members().PutInvitation(store.Invitation{Workspace: s.Workspace.ID, Member: m.ID, MadeBy: s.Authority(), Hash: ident.Hash(token), SentAt: now.UnixMicro(), ExpiresAt: now.Add(InvitationLife).UnixMicro()})
	if err != nil {
		return "", err
	}
	if err := s.Audit(tx, "member.invited", m.ID, m.Name); err != nil || !svc.Mail.On() {
		return path, err
	}
	by := "Your team"
	if s.Member != "" {
		who, _, err := tx.Members().ByID(s.Workspace.ID, s.Member)
		if err != nil {
			return "", err
		}
		by = who.Name
	}
	return "", svc.Mail.Put(tx, s.Workspace.ID, mail.Message{To: m.Email, Name: m.Name, Template: "invitation",
		Data: map[string]string{"By": by, "Workspace": s.Workspace.Name, "Path": path, "Until": words.FullDay(now.Add(InvitationLife), time.UTC)}})
}

// InviteAgain makes a member's invitation again, in the transaction given; the link
// before it works no more. Fault: Conflict where they came meanwhile.
func (svc *Service) InviteAgain(tx *store.Tx, s *account.Scope, m store.Member) (path string, err error) {
	waiting, err := tx.Members().DropInvitation(s.Workspace.ID, m.ID)
	if err == nil && !waiting {
		err = fault.New(fault.Conflict, "%s came already. Make a sign-in link for them instead.", m.Name)
	}
	if err != nil {
		return "", err
	}
	return svc.Invite(tx, s, m)
}

// AddMember adds a member and invites them, once for a form. path is as Invite gives it; it is
// empty for a form that came twice, too.
func (svc *Service) AddMember(ctx context.Context, s *account.Scope, f account.Form, n account.NewMember) (path string, err error) {
	_, err = svc.Accounts.Once(ctx, s.Workspace.ID, f, func(tx *store.Tx) (string, error) {
		m, err := svc.Accounts.AddMember(tx, s, n)
		if err != nil {
			return "", err
		}
		path, err = svc.Invite(tx, s, m)
		return m.ID, err
	})
	return path, err
}

// Reinvite makes a member's invitation again, once for a form, and gives their name.
func (svc *Service) Reinvite(ctx context.Context, s *account.Scope, f account.Form, id string) (name, path string, err error) {
	m, err := svc.Accounts.Member(ctx, s, id)
	if err != nil {
		return "", "", err
	}
	_, err = svc.Accounts.Once(ctx, s.Workspace.ID, f, func(tx *store.Tx) (_ string, err error) {
		path, err = svc.InviteAgain(tx, s, m)
		return m.ID, err
	})
	return m.Name, path, err
}

// Found makes a workspace with its first admin, whole or not at all, once for a form. before
// is the workspace that the same form made already.
func (svc *Service) Found(ctx context.Context, by account.Principal, f account.Form, n account.NewWorkspace, first account.NewMember) (made store.Workspace, admin store.Member, before string, err error) {
	before, err = svc.Accounts.Once(ctx, "", f, func(tx *store.Tx) (string, error) {
		if made, err = svc.Accounts.CreateWorkspace(tx, n); err != nil {
			return "", err
		}
		s := &account.Scope{Principal: by, Workspace: made, Now: svc.Accounts.Clock().UTC()}
		if admin, err = svc.Accounts.AddMember(tx, s, first); err != nil {
			return "", err
		}
		if svc.Mail.On() { // beside the link that is shown
			_, err = svc.Invite(tx, s, admin)
		}
		return made.ID, err
	})
	return made, admin, before, err
}

// Withdraw takes an invitation back and removes the member, who never came. Faults:
// NotFound (they are removed already), Conflict (they came meanwhile).
func (svc *Service) Withdraw(ctx context.Context, s *account.Scope, member string) error {
	if err := s.May(account.ManageTeam); err != nil {
		return err
	}
	return svc.Accounts.RemoveMember(ctx, s, member, func(tx *store.Tx, m store.Member) error {
		waiting, err := tx.Members().DropInvitation(s.Workspace.ID, member)
		if err == nil && !waiting {
			err = fault.New(fault.Conflict, "%s came already. Remove them instead.", m.Name)
		}
		if err != nil {
			return err
		}
		return s.Audit(tx, "member.invitation-withdrawn", member, m.Name)
	})
}

// Invitations are a workspace's, by member.
func (svc *Service) Invitations(ctx context.Context, s *account.Scope) (map[string]store.Invitation, error) {
	all := map[string]store.Invitation{}
	err := svc.Store.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Members().Invitations(s.Workspace.ID)
		for _, i := range list {
			all[i.Member] = i
		}
		return err
	})
	return all, err
}

// Invited is an invitation as the one who was invited sees it.
type Invited struct {
	Membership             Membership
	Workspace, Name, Email string
	SSOOnly                bool
}

// Invited looks at an invitation and leaves it as it is. False: it was used,
// withdrawn or is too old.
func (svc *Service) Invited(ctx context.Context, token string) (i Invited, found bool, err error) {
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		i, found, err = svc.invited(tx, token)
		return err
	})
	return i, found, err
}

func (svc *Service) invited(tx *store.Tx, token string) (i Invited, found bool, err error) {
	place, _, _ := strings.Cut(token, "_")
	ws := "ws_" + place
	row, found, err := tx.Members().InvitationByHash(ws, ident.Hash(token), svc.Clock().UnixMicro())
	if err != nil || !found {
		return i, false, err
	}
	if found, err = svc.Accounts.Stands(tx, ws, row.MadeBy); err != nil || !found {
		return i, false, err
	}
	m, found, err := tx.Members().ByID(ws, row.Member)
	if err != nil || !found || m.RemovedAt != 0 {
		return i, false, err
	}
	w, found, err := tx.Workspaces().ByID(ws)
	if err != nil {
		return i, false, err
	}
	policy, err := tx.Credentials().Policy(ws)
	return Invited{Membership{ws, m.ID}, w.Name, m.Name, m.Email, policy.SSOOnly && len(svc.Serving(ws)) > 0}, found, err
}

// ByInvitation is an entry by an invitation, which is used up, with the password that
// the invited person chose; empty: they will add a passkey, or sign in by mail.
func (svc *Service) ByInvitation(ctx context.Context, token, password string) (e Entry, err error) {
	over := fault.New(fault.Unauthenticated, "This invitation was used, withdrawn or is too old. Ask your admin to send it again.")
	i, found, err := svc.Invited(ctx, token) // a made-up token costs neither a hash nor a write
	if err == nil && !found {
		err = over
	}
	if err != nil {
		return e, err
	}
	encoded := ""
	if password != "" {
		if encoded, err = svc.Accounts.EncodePassword(ctx, i.Email, password, i.Workspace); err != nil {
			return e, err
		}
	}
	err = svc.Store.Update(ctx, func(tx *store.Tx) error {
		i, found, err := svc.invited(tx, token)
		if err != nil {
			return err
		}
		if !found {
			return over
		}
		if i.SSOOnly {
			return fault.New(fault.NotAllowed, "%s signs in with %s only. Use that button.", i.Workspace, names(svc.Serving(i.Membership.Workspace)))
		}
		taken, err := tx.Members().DropInvitation(i.Membership.Workspace, i.Membership.Member)
		if err != nil {
			return err
		}
		if !taken {
			return fault.New(fault.Unauthenticated, "This invitation was used already. Sign in.")
		}
		p := i.Membership.principal()
		if encoded != "" {
			if err := svc.Accounts.PutPassword(tx, p, i.Email, encoded); err != nil {
				return err
			}
		}
		e = entry(svc.Clock(), ByInvitation, i.Membership) // the password above ended what was before it
		e.Given, e.Reset = true, encoded == ""
		return svc.Accounts.Note(tx, p, "member.joined", p.Member, i.Name)
	})
	return e, err
}
