// Package account knows who somebody is and what they may do: workspaces and
// their clocks, members and roles, API keys, sign-in. It never decides about
// credits; that is the ledger's.
package account

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Roles, from the one that may do everything down.
const (
	Operator = "operator" // runs the server and sells the plans
	Admin    = "admin"    // manages a workspace
	Manager  = "manager"  // sees the team's usage, manages nobody's plan
	Regular  = "member"
)

// Accounts is the door to workspaces and people.
type Accounts struct {
	Store  *store.Store
	Ledger *credits.Ledger
	// Clock is the machine's time, for workspaces that are not on a test clock.
	Clock func() time.Time

	hashing  hashers
	admitted admitted
	peopled  atomic.Bool // there is a workspace
}

// New makes the accounts of a server.
func New(st *store.Store, ledger *credits.Ledger, clock func() time.Time) *Accounts {
	return &Accounts{Store: st, Ledger: ledger, Clock: clock, hashing: hashers{free: make(chan struct{}, maxHashing), within: hashWithin}}
}

// Sweep forgets sessions, codes and links, and connections of extensions, whose time is over, and
// mends by which addresses members are found.
func (a *Accounts) Sweep(ctx context.Context) error {
	if _, err := a.Store.MendMemberEmails(ctx); err != nil {
		return err
	}
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		now := a.Clock().UnixMicro()
		if err := tx.SignIns().DropOld(now); err != nil {
			return err
		}
		if err := tx.Undos().SweepAll(now - UndoFor.Microseconds()); err != nil {
			return err
		}
		return tx.Connections().DropOld(now)
	})
}

// Principal is who acts: a key's or a browser session's holder.
type Principal struct {
	Role      string
	Workspace string // empty for the operator
	Member    string // empty: no member, the workspace itself or the operator
	ReadOnly  bool
	// Key is the API key's id; empty for a browser session.
	Key string
	// Extension is the id of the connection of a browser extension, which may do
	// what its panel needs and nothing else; empty for everybody else.
	Extension string

	// SignIn is the id of the sign-in that a browser session stands on; empty for keys.
	SignIn string
	// Proved is when somebody whose sign-in is half made proved who they are, in microseconds
	// since 1970; 0 for everybody else.
	Proved int64

	// Watching: the operator sees the workspace as its admin does, and changes nothing.
	Watching bool
	// owner is whose key it is: a member's id or Operator; empty for everybody else.
	owner string
	// entered is the key's own workspace, read together with the key.
	entered *store.Workspace
}

// IsOperator reports whether the principal runs the server.
func (p Principal) IsOperator() bool { return p.Role == Operator }

// Manages reports whether the principal may change a workspace's team and settings.
func (p Principal) Manages() bool { return p.Role == Operator || p.Role == Admin }

// Scope is a principal inside a workspace, at the instant that the workspace
// reads. Only Enter makes one: anyone who holds it may see the workspace.
type Scope struct {
	Principal
	Workspace store.Workspace
	Now       time.Time
	// Undo is the id of the last deed within the scope that can be undone; empty: none.
	Undo string
	// spender is a member whom Spend found: one request asks several times.
	spender string
}

// Enter admits a principal to a workspace, at the instant of the call: a principal may have
// been known for a second. Somebody else's workspace is as little there as one that does not
// exist.
func (a *Accounts) Enter(ctx context.Context, p Principal, workspace string) (*Scope, error) {
	if !p.IsOperator() && p.Workspace != workspace {
		return nil, NoWorkspace()
	}
	if p.entered != nil && p.entered.Clock == "" {
		return &Scope{Principal: p, Workspace: *p.entered, Now: a.Clock().UTC()}, nil
	}
	s := &Scope{Principal: p}
	if err := a.Store.ViewIn(ctx, workspace, func(tx *store.Tx) error { return a.enter(tx, s, workspace) }); err != nil {
		return nil, err
	}
	return s, nil
}

// enter reads a scope's workspace, and the instant that its clock shows.
func (a *Accounts) enter(tx *store.Tx, s *Scope, workspace string) error {
	w, found, err := tx.Workspaces().ByID(workspace)
	if err != nil {
		return err
	}
	if !found {
		return NoWorkspace()
	}
	s.Workspace = w
	s.Now, err = a.now(tx, w.Clock)
	return err
}

// NoWorkspace says that a workspace is not there, or is somebody else's.
func NoWorkspace() error { return fault.New(fault.NotFound, "There is no such workspace.") }

// now is what a workspace's clock shows.
func (a *Accounts) now(tx *store.Tx, clock string) (time.Time, error) {
	if clock == "" {
		return a.Clock().UTC(), nil
	}
	us, found, err := tx.Workspaces().Clock(clock)
	if err == nil && !found {
		err = fault.New(fault.Internal, "The workspace's clock is missing.")
	}
	return time.UnixMicro(us).UTC(), err
}

// VisibleToEveryone and VisibleToManagers are whom a workspace shows its team's usage.
const (
	VisibleToEveryone = "everyone"
	VisibleToManagers = "managers"
)

// Visible says whose usage, entries, limits and jobs the principal may see (rule S5):
// an admin everybody's, a manager those of the groups that they look after and their
// own, a member their own. A workspace may show everybody everything.
func (a *Accounts) Visible(ctx context.Context, s *Scope) (store.Sight, error) {
	if s.Manages() || s.Workspace.UsageVisibleTo == VisibleToEveryone {
		return store.Everybody(), nil
	}
	if s.Role != Manager {
		return store.Only(s.Member), nil
	}
	groups, err := a.Groups(ctx, s)
	members := []string{s.Member}
	for _, g := range LookedAfter(s, groups) {
		members = append(members, g.Members...)
	}
	return store.Only(members...), err
}

// Seen reads a member whose usage the principal may see. Fault: NotFound for somebody
// else as for nobody.
func (a *Accounts) Seen(ctx context.Context, s *Scope, id string) (store.Member, error) {
	sight, err := a.Visible(ctx, s)
	if err != nil {
		return store.Member{}, err
	}
	if !sight.Sees(id) {
		return store.Member{}, noMember()
	}
	return a.Member(ctx, s, id)
}

// OwnOf reads a member whose own settings the principal may see: themselves, an admin
// anybody. Fault: NotFound for somebody else as for nobody (rule S5).
func (a *Accounts) OwnOf(ctx context.Context, s *Scope, id string) (store.Member, error) {
	if s.Member != id && !s.Manages() {
		return store.Member{}, noMember()
	}
	return a.Member(ctx, s, id)
}

// Spend admits the scope's principal to spend as a member, and says as which: a
// member's key spends as that member, an admin's and the operator's as the one
// named, or as the workspace itself.
func (s *Scope) Spend(ctx context.Context, a *Accounts, member string) (string, error) {
	if err := s.May(CaptureLeads); err != nil {
		return "", err
	}
	if !s.Manages() {
		if member != "" && member != s.Member {
			return "", fault.New(fault.NotAllowed, "A member's key spends as that member; leave member out.")
		}
		return s.Member, nil
	}
	if member == "" || member == s.Member || member == s.spender {
		return member, nil
	}
	m, err := a.Member(ctx, s, member)
	if err != nil {
		return "", err
	}
	s.spender = m.ID
	return m.ID, nil
}

// Within is a change of this module's rows as a command of the ledger carries it
// (credits.Request.With): both are written in one transaction. nil stays nil.
func Within(change func(tx *store.Tx) error) func(credits.Tx) error {
	if change == nil {
		return nil
	}
	return func(tx credits.Tx) error { return change(tx.(*store.Tx)) }
}
