package account

import (
	"context"
	"log/slog"
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// SessionLife is how long a sign-in lasts, whatever is done meanwhile.
	SessionLife = 30 * 24 * time.Hour
	// ResetWithin is how long after a link, a code or an invitation a password may be
	// set without the old one, once.
	ResetWithin = 15 * time.Minute
	// FreshFor is how long after signing in somebody may change how they sign in.
	FreshFor = time.Hour
	// seeEvery is how often it is written down that a session is used.
	seeEvery = 5 * time.Minute
)

// Session is one place where somebody is signed in.
type Session = store.SignIn

// Arrival is how somebody got in, in words for people.
type Arrival struct {
	How, Browser, Address string
	// Reset: they proved themselves by something that a forgotten password is replaced with.
	Reset bool
}

// Begin makes a sign-in that lasts. The principal that comes back carries its id.
func (a *Accounts) Begin(ctx context.Context, p Principal, by Arrival) (Principal, error) {
	proved := p.Proved
	p.Role, p.SignIn, p.Proved = "", ident.New("sess"), 0
	now := a.Clock()
	s := store.SignIn{
		Workspace: p.Workspace, ID: p.SignIn, Member: p.Member, How: by.How, Browser: by.Browser, Address: by.Address,
		CreatedAt: now.UnixMicro(), SeenAt: now.UnixMicro(), ExpiresAt: now.Add(SessionLife).UnixMicro(),
	}
	if by.Reset {
		s.ResetUntil = now.Add(ResetWithin).UnixMicro()
	}
	err := a.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if p.Role, err = role(tx, p); err != nil {
			return err
		}
		if err := stillProved(tx, p, proved); err != nil {
			return err
		}
		if err := tx.SignIns().Insert(s); err != nil {
			return err
		}
		if _, err := tx.Members().DropInvitation(p.Workspace, p.Member); err != nil { // they came
			return err
		}
		return a.Note(tx, p, "signed-in", p.Member, by.How+", "+by.Browser)
	})
	return p, err
}

// Lasts refuses somebody whose sign-in, or half-made sign-in, was ended, or who is no longer
// a member. Whatever changes how somebody signs in asks it in its own transaction, because
// checking a password may take seconds. Fault: Unauthenticated.
func (a *Accounts) Lasts(tx *store.Tx, p Principal) error {
	if _, err := role(tx, p); err != nil {
		return err
	}
	if p.Proved != 0 {
		return stillProved(tx, p, p.Proved)
	}
	if p.SignIn == "" { // the command line, or an invitation
		return nil
	}
	s, found, err := tx.SignIns().ByID(p.Workspace, p.SignIn, a.Clock().UnixMicro())
	if err == nil && (!found || s.Member != p.Member) {
		err = endedSession()
	}
	return err
}

func endedSession() error {
	return fault.New(fault.Unauthenticated, "This session was ended. Sign in again.")
}

// ProvedSince reports whether what was made at an instant, in microseconds since 1970, to
// sign a member in still does: all that was made before is ended with their sign-ins.
func ProvedSince(tx *store.Tx, workspace, member string, at int64) (bool, error) {
	ended, err := tx.SignIns().ProofsEnded(workspace, member)
	return at >= ended, err
}

// stillProved refuses what was proved before all of somebody's sign-ins were ended, by a
// new password or by themselves or an admin. Fault: Unauthenticated.
func stillProved(tx *store.Tx, p Principal, at int64) error {
	good, err := ProvedSince(tx, p.Workspace, p.Member, at)
	if err == nil && !good {
		err = fault.New(fault.Unauthenticated, "Your sign-ins were ended meanwhile. Start again.")
	}
	return err
}

// role is what somebody may do, as it is now.
func role(tx *store.Tx, p Principal) (string, error) {
	if p.Workspace == "" {
		return Operator, nil
	}
	m, found, err := tx.Members().ByID(p.Workspace, p.Member)
	if err == nil && (!found || m.RemovedAt != 0) {
		err = fault.New(fault.Unauthenticated, "You are not a member of this workspace any more.")
	}
	return m.Role, err
}

// Refresh reads again what a signed-in person may do: a changed role counts at
// once, and somebody who was removed, or whose session was ended, is signed out.
func (a *Accounts) Refresh(ctx context.Context, p Principal) (Principal, error) {
	now := a.Clock().UnixMicro()
	var s store.SignIn
	err := a.Store.View(ctx, func(tx *store.Tx) (err error) {
		var found bool
		if s, found, err = tx.SignIns().ByID(p.Workspace, p.SignIn, now); err != nil {
			return err
		}
		if !found || s.Member != p.Member {
			return endedSession()
		}
		p.Role, err = role(tx, p)
		return err
	})
	if err != nil || now-s.SeenAt < seeEvery.Microseconds() {
		return p, err
	}
	// Nothing that is read fails because this could not be written.
	if err := a.Store.Update(ctx, func(tx *store.Tx) error { return tx.SignIns().See(p.Workspace, p.SignIn, now) }); err != nil && ctx.Err() == nil {
		slog.Warn("the use of a session was not noted", "error", err)
	}
	return p, nil
}

// Session is the principal's own sign-in.
func (a *Accounts) Session(ctx context.Context, p Principal) (s store.SignIn, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) (err error) {
		s, _, err = tx.SignIns().ByID(p.Workspace, p.SignIn, a.Clock().UnixMicro())
		return err
	})
	return s, err
}

// Address is the email address that the principal signs in with; empty: they have none.
func (a *Accounts) Address(ctx context.Context, p Principal) (address string, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		if p.Workspace == "" {
			l, _, err := tx.Logins().Of(p.Workspace, p.Member)
			address = l.Email
			return err
		}
		m, _, err := tx.Members().ByID(p.Workspace, p.Member)
		address = m.Email
		return err
	})
	return address, err
}

// Fresh reports whether the principal signed in so lately that they may change how
// they sign in: a browser found open is not enough.
func (a *Accounts) Fresh(s store.SignIn) bool {
	return s.ID != "" && a.Clock().UnixMicro()-s.CreatedAt < FreshFor.Microseconds()
}

// Sessions lists where somebody is signed in, the one seen last first.
func (a *Accounts) Sessions(ctx context.Context, workspace, member string) (list []store.SignIn, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.SignIns().Of(workspace, member, a.Clock().UnixMicro())
		return err
	})
	return list, err
}

// EndSession ends one of the principal's own at once.
func (a *Accounts) EndSession(ctx context.Context, p Principal, id string) error {
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		if err := a.Lasts(tx, p); err != nil {
			return err
		}
		found, err := tx.SignIns().End(p.Workspace, p.Member, id)
		if err == nil && !found {
			err = fault.New(fault.NotFound, "There is no such session.")
		}
		if err != nil {
			return err
		}
		return a.Note(tx, p, "session.ended", p.Member, "one")
	})
}

// EndOtherSessions ends all of the principal's own but the one that asks.
func (a *Accounts) EndOtherSessions(ctx context.Context, p Principal) (n int64, err error) {
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		if err := a.Lasts(tx, p); err != nil {
			return err
		}
		if n, err = tx.SignIns().EndAll(p.Workspace, p.Member, p.SignIn, a.Clock().UnixMicro()); err != nil {
			return err
		}
		return a.Note(tx, p, "session.ended", p.Member, "all others")
	})
	return n, err
}

// EndMemberSessions ends all of a member's, for an admin.
func (a *Accounts) EndMemberSessions(ctx context.Context, s *Scope, id string) (n int64, err error) {
	if err := s.May(ManageTeam); err != nil {
		return 0, err
	}
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		if _, err := member(tx, s, id); err != nil {
			return err
		}
		if n, err = tx.SignIns().EndAll(s.Workspace.ID, id, "", a.Clock().UnixMicro()); err != nil {
			return err
		}
		return s.Audit(tx, "session.ended", id, "all, by an admin")
	})
	return n, err
}

// Note adds a row to the audit log of the principal's workspace, in the transaction
// of the change. The operator's own have no workspace and no log.
func (a *Accounts) Note(tx *store.Tx, p Principal, action, subject, detail string) error {
	if p.Workspace == "" {
		return nil
	}
	w, found, err := tx.Workspaces().ByID(p.Workspace)
	if err != nil || !found {
		return err
	}
	s := &Scope{Principal: p, Workspace: w}
	if s.Now, err = a.now(tx, w.Clock); err != nil {
		return err
	}
	return s.Audit(tx, action, subject, detail)
}
