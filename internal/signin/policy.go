package signin

import (
	"context"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Policy is what a workspace asks of those who sign in, and Identity who vouches for somebody.
type (
	Policy   = store.SignInPolicy
	Identity = store.Identity
)

// Policy reads what a workspace asks of those who sign in.
func (svc *Service) Policy(ctx context.Context, workspace string) (p store.SignInPolicy, err error) {
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		p, err = tx.Credentials().Policy(workspace)
		return err
	})
	return p, err
}

// SetPolicy writes it, for an admin. It counts from everybody's next sign-in on.
// Faults: Invalid where the server has not what it asks for, or where the admin would
// lock themselves out.
func (svc *Service) SetPolicy(ctx context.Context, s *account.Scope, p store.SignInPolicy) error {
	if err := s.May(account.ManageSetup); err != nil {
		return err
	}
	if p.SecondFactor && !svc.Sealing {
		return fault.Wrong("second_factor", "%s", "cannot be required: "+NoKey)
	}
	serving := svc.Serving(s.Workspace.ID)
	if p.SSOOnly && len(serving) == 0 {
		return fault.Wrong("sso_only", "cannot be required: this server has no issuer configured for your workspace")
	}
	for _, url := range p.Accepted {
		if !slices.ContainsFunc(serving, func(i *Issuer) bool { return i.URL == url }) {
			return fault.Wrong("accepted", "names an issuer that does not sign people in to your workspace")
		}
	}
	p.Workspace = s.Workspace.ID
	return svc.Store.Update(ctx, func(tx *store.Tx) error {
		if p.SSOOnly && s.Member != "" {
			bound, err := tx.Credentials().IdentitiesOf(s.Workspace.ID, s.Member)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(bound, func(b store.Identity) bool {
				return slices.ContainsFunc(serving, func(i *Issuer) bool { return i.URL == b.Issuer })
			}) {
				return fault.Wrong("sso_only", "can be required once you signed in that way yourself, or you would lock yourself out")
			}
		}
		if err := tx.Credentials().PutPolicy(p); err != nil {
			return err
		}
		return s.Audit(tx, "sign-in-policy.set", "", svc.policyText(p))
	})
}

func (svc *Service) policyText(p store.SignInPolicy) string {
	var parts []string
	if p.SecondFactor {
		parts = append(parts, "second factor required")
	}
	if p.SSOOnly {
		parts = append(parts, "single sign-on only")
	}
	for _, url := range p.Accepted {
		parts = append(parts, "second factor left to "+svc.issuerName(url))
	}
	if len(parts) == 0 {
		return "nothing required"
	}
	return strings.Join(parts, ", ")
}

// NoKey is why there are no authenticator apps where nothing can be sealed.
const NoKey = "this server has no secret_key_file, so it could not keep the app's secret sealed. Adding one to its configuration turns them on"

// Standing is how a member can get in, for them and for their admins.
type Standing struct {
	Password, App bool
	Recovery      int // recovery codes that are left
	Passkeys      []store.Passkey
	Identities    []store.Identity
	Sessions      []store.SignIn
	Invited       bool
}

// Standing reads it.
func (svc *Service) Standing(ctx context.Context, p account.Principal) (s Standing, err error) {
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		l, found, err := tx.Logins().Of(p.Workspace, p.Member)
		if err != nil {
			return err
		}
		s.Password = found && l.Password != ""
		if _, s.App, err = tx.Credentials().SecondFactor(p.Workspace, p.Member); err != nil {
			return err
		}
		if s.Recovery, err = tx.Credentials().CountRecoveryCodes(p.Workspace, p.Member); err != nil {
			return err
		}
		if s.Passkeys, err = tx.Credentials().Passkeys(p.Workspace, p.Member); err != nil {
			return err
		}
		if s.Identities, err = tx.Credentials().IdentitiesOf(p.Workspace, p.Member); err != nil {
			return err
		}
		s.Sessions, err = tx.SignIns().Of(p.Workspace, p.Member, svc.Clock().UnixMicro())
		return err
	})
	return s, err
}

// Reset takes a member's second factor, passkeys, issuers and sessions away, for an
// admin: a lost phone. Their password stays.
func (svc *Service) Reset(ctx context.Context, s *account.Scope, member string) error {
	if err := s.May(account.ManageTeam); err != nil {
		return err
	}
	m, err := svc.Accounts.Member(ctx, s, member)
	if err != nil {
		return err
	}
	return svc.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Credentials().Drop(s.Workspace.ID, member); err != nil {
			return err
		}
		if _, err := tx.SignIns().EndAll(s.Workspace.ID, member, "", svc.Clock().UnixMicro()); err != nil {
			return err
		}
		if err := svc.tell(tx, account.Principal{Workspace: s.Workspace.ID, Member: member}, "An admin of your workspace took away your second factor, passkeys and single sign-on. You can set them up again."); err != nil {
			return err
		}
		return s.Audit(tx, "second-factor.reset", member, m.Name)
	})
}

// ResetOperator does the same for the operator, from the command line.
func (svc *Service) ResetOperator(ctx context.Context) error {
	return svc.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Credentials().Drop("", ""); err != nil {
			return err
		}
		_, err := tx.SignIns().EndAll("", "", "", svc.Clock().UnixMicro())
		return err
	})
}

// Unbind takes back what an issuer calls the principal.
func (svc *Service) Unbind(ctx context.Context, p account.Principal, issuer string) error {
	return svc.change(ctx, p, "identity.removed", svc.issuerName(issuer), "", func(tx *store.Tx) error {
		found, err := tx.Credentials().DropIdentity(p.Workspace, p.Member, issuer)
		if err == nil && !found {
			err = fault.New(fault.NotFound, "There is no such connection.")
		}
		return err
	})
}
