package signin

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// arrive finds whom an issuer speaks of: first by what it calls them, then by their
// verified address, which is bound to what it calls them from then on. at is when it was asked.
func (svc *Service) arrive(ctx context.Context, at time.Time, i *Issuer, c claims) (e Entry, err error) {
	known, err := svc.bound(ctx, i, c)
	if err != nil {
		return e, err
	}
	join, unjoinable := svc.joinable(ctx, i)
	err = svc.Store.Update(ctx, func(tx *store.Tx) error {
		more, clash, err := svc.bind(tx, i, c, known)
		if err != nil {
			return err
		}
		memberships := append(slices.Clip(known), more...)
		if len(memberships) == 0 && i.Join != "" && !clash {
			if unjoinable != nil {
				return unjoinable
			}
			d, err := svc.joinNew(tx, i, c, join)
			if err != nil {
				return err
			}
			memberships = append(memberships, d)
		}
		switch {
		case len(memberships) > 0:
		case clash:
			return fault.New(fault.NotAllowed, "%s calls you by another name than before. Ask an admin of your workspace to reset how you sign in.", i.Name)
		case c.Email == "" || !c.verified():
			return fault.New(fault.NotAllowed, "%s has not verified your email address, so you cannot be matched to a member here. Verify it there, then try again.", i.Name)
		default:
			return fault.New(fault.NotAllowed, "%s knows you, but you are not a member of a workspace that it signs people in to. Ask an admin to invite you.", i.Name)
		}
		e = svc.vouched(at, i, memberships)
		return nil
	})
	if fault.Is(err, fault.Overloaded) && len(known) > 0 { // what is new is bound at the next sign-in
		return svc.vouched(at, i, known), nil
	}
	return e, err
}

// vouched is an entry by an issuer.
func (svc *Service) vouched(at time.Time, i *Issuer, memberships []Membership) Entry {
	e := entry(at, i.Name, memberships...)
	e.Issuer = i.ID
	return e
}

// bound are the members that the issuer is known to speak of, those left out whose database does not
// answer.
func (svc *Service) bound(ctx context.Context, i *Issuer, c claims) (memberships []Membership, err error) {
	var list []Membership
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		identities, err := tx.Credentials().Identities(i.URL, c.Subject)
		for _, one := range identities {
			list = append(list, Membership{one.Workspace, one.Member})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	_, err = svc.viewOf(ctx, list, func(tx *store.Tx, d Membership) error {
		m, found, err := tx.Members().ByID(d.Workspace, d.Member)
		// An identity may be of before the issuer was bound to what it serves.
		if err == nil && found && m.RemovedAt == 0 && i.serves(m) {
			memberships = append(memberships, d)
		}
		return err
	})
	return memberships, err
}

// bind finds more members by a verified address. clash: there are some, and the issuer
// calls them something else.
func (svc *Service) bind(tx *store.Tx, i *Issuer, c claims, known []Membership) (memberships []Membership, clash bool, err error) {
	email, err := lead.Email(c.Email)
	if err != nil || !c.verified() {
		return nil, false, nil
	}
	emails, err := tx.Members().ByEmail(email)
	if err != nil {
		return nil, false, err
	}
	for _, e := range emails {
		d := Membership{e.Workspace, e.Member}
		if !i.serves(store.Member{Workspace: e.Workspace, Email: e.Email}) || slices.ContainsFunc(known, func(k Membership) bool { return k.Workspace == d.Workspace }) {
			continue // one member of a workspace is enough
		}
		of, err := tx.Credentials().IdentitiesOf(d.Workspace, d.Member)
		if err != nil {
			return nil, false, err
		}
		if slices.ContainsFunc(of, func(one store.Identity) bool { return one.Issuer == i.URL }) {
			clash = clash || !slices.ContainsFunc(of, func(one store.Identity) bool { return one.Issuer == i.URL && one.Subject == c.Subject })
			continue
		}
		if _, there, err := d.member(tx, email); err != nil {
			return nil, false, err
		} else if !there {
			continue
		}
		if err := svc.connect(tx, i, c, d); err != nil {
			return nil, false, err
		}
		memberships = append(memberships, d)
	}
	return memberships, clash, nil
}

// connect binds a member to what the issuer calls them. Who was invited has come.
func (svc *Service) connect(tx *store.Tx, i *Issuer, c claims, d Membership) error {
	if err := tx.Credentials().InsertIdentity(store.Identity{Workspace: d.Workspace, Member: d.Member, Issuer: i.URL, Subject: c.Subject, CreatedAt: svc.Clock().UnixMicro()}); err != nil {
		return err
	}
	invited, err := tx.Members().DropInvitation(d.Workspace, d.Member)
	if err != nil {
		return err
	}
	if invited {
		if err := svc.Accounts.Note(tx, d.principal(), "member.joined", d.Member, ""); err != nil {
			return err
		}
	}
	if err := svc.tell(tx, d.principal(), "You can sign in with "+i.Name+" now."); err != nil {
		return err
	}
	return svc.Accounts.Note(tx, d.principal(), "identity.bound", d.Member, i.Name)
}

// joinable is the workspace that new people join; nil: none.
func (svc *Service) joinable(ctx context.Context, i *Issuer) (*account.Scope, error) {
	if i.Join == "" {
		return nil, nil
	}
	return svc.Accounts.Enter(ctx, account.Principal{Role: account.Admin, Workspace: i.Join}, i.Join)
}

// joinNew makes somebody whom nobody invited a member.
func (svc *Service) joinNew(tx *store.Tx, i *Issuer, c claims, join *account.Scope) (Membership, error) {
	name := strings.TrimSpace(c.Name)
	if name == "" {
		name, _, _ = strings.Cut(c.Email, "@")
	}
	email, err := lead.Email(c.Email)
	if err != nil {
		return Membership{}, err
	}
	removed, err := tx.Members().WasRemoved(join.Workspace.ID, email)
	if err != nil {
		return Membership{}, err
	}
	if removed {
		return Membership{}, fault.New(fault.NotAllowed, "An admin of the workspace removed you. Ask for an invitation to come back.")
	}
	m, err := svc.Accounts.AddMember(tx, join, account.NewMember{Email: c.Email, Name: name, Role: account.Regular})
	if err != nil {
		return Membership{}, err
	}
	d := Membership{m.Workspace, m.ID}
	return d, svc.connect(tx, i, c, d)
}
