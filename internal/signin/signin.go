// Package signin is the gate: how people prove who they are, in steps. Somebody
// proves something (a password, a mailed link, a passkey, what an issuer says of
// them), which opens one membership or several; where a workspace asks for a second factor
// it is asked for; then package account begins a session.
//
// It promises that no answer says whether an address is known, that every secret is
// kept as a hash or sealed, that codes and links work once, and that every change of
// who can get in is in the audit log. It never decides what somebody may do inside.
package signin

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Service is a server's ways in.
type Service struct {
	Store    *store.Store
	Accounts *account.Accounts
	Mail     *mail.Post
	Clock    func() time.Time
	// Key seals the secrets of authenticator apps; without Sealing there are none.
	Key     seal.Key
	Sealing bool
	// PublicURL is how browsers reach the server; empty: as they say.
	PublicURL string
	// Issuers are those who vouch for people, by their ids.
	Issuers []*Issuer
}

// Membership leads to one workspace, as one member of it; the zero value is the operator's.
type Membership struct{ Workspace, Member string }

func (d Membership) principal() account.Principal {
	return account.Principal{Workspace: d.Workspace, Member: d.Member}
}

// Ways in, in words for people.
const (
	ByPassword   = "Password"
	ByCode       = "Sign-in code"
	ByLink       = "Email link"
	ByInvitation = "Invitation"
	ByPasskey    = "Passkey"
)

// EntryLife is how long somebody may take from the first step to the last.
const EntryLife = 15 * time.Minute

// Entry is what somebody proved so far. A browser's session keeps it.
type Entry struct {
	Memberships []Membership
	How         string
	// Issuer is the id of the issuer that vouched; empty: none did.
	Issuer string
	// Whole: both factors were there already.
	Whole bool
	// Given: somebody in charge made it, so a workspace's own issuer is not asked.
	Given bool
	// Reset: a password may be set without the old one.
	Reset bool
	// Owner: it was proved by the mailbox of the address, or by a password that every
	// workspace of the address takes. An admin of one of them can do neither.
	Owner bool
	At    int64 // microseconds since 1970
}

// Principal is who goes through an entry's only membership, with what they proved so far.
func (e Entry) Principal() account.Principal {
	p := e.Memberships[0].principal()
	p.Proved = e.At
	return p
}

// entry begins one. at is from before the proof was looked at: what ends somebody's sign-ins
// meanwhile ends this one too.
func entry(at time.Time, how string, memberships ...Membership) Entry {
	return Entry{Memberships: memberships, How: how, At: at.UnixMicro()}
}

// Over reports whether it took too long.
func (svc *Service) Over(e Entry) bool {
	return len(e.Memberships) == 0 || svc.Clock().UnixMicro()-e.At > EntryLife.Microseconds()
}

// Step is what comes next.
type Step int

// The steps, in order.
const (
	Choose Step = iota // which workspace
	Second             // a second factor
	SetUp              // a second factor, which the workspace asks for and they lack
	In
)

// Next says what comes next. Faults: NotAllowed where the workspace takes only what its
// issuers say, Unauthenticated where the proof was ended meanwhile.
func (svc *Service) Next(ctx context.Context, e Entry) (step Step, err error) {
	if len(e.Memberships) != 1 {
		return Choose, nil
	}
	d := e.Memberships[0]
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		if err := svc.Accounts.Lasts(tx, e.Principal()); err != nil {
			return err
		}
		policy, err := tx.Credentials().Policy(d.Workspace)
		if err != nil {
			return err
		}
		serving := svc.Serving(d.Workspace)
		if policy.SSOOnly && !e.Given && e.Issuer == "" && len(serving) > 0 {
			w, _, err := tx.Workspaces().ByID(d.Workspace)
			if err != nil {
				return err
			}
			return fault.New(fault.NotAllowed, "%s signs in with %s only. Use that button.", w.Name, names(serving))
		}
		_, on, err := tx.Credentials().SecondFactor(d.Workspace, d.Member)
		if err != nil {
			return err
		}
		keys, err := tx.Credentials().Passkeys(d.Workspace, d.Member)
		if err != nil {
			return err
		}
		switch {
		case e.Whole, svc.accepted(policy, e.Issuer):
			step = In
		case on, policy.SecondFactor && len(keys) > 0:
			step = Second
		case policy.SecondFactor:
			step = SetUp
		default:
			step = In
		}
		return nil
	})
	return step, err
}

const operatorsPages = "The operator’s pages"

// Choice is one of several memberships, as a person tells them apart.
type Choice struct {
	Membership Membership
	Name       string // of the workspace
	Role       string
}

// behind is the member whose membership this is, and the workspace; false: they are in it no
// more.
func (d Membership) behind(tx *store.Tx) (m store.Member, w store.Workspace, there bool, err error) {
	m, found, err := tx.Members().ByID(d.Workspace, d.Member)
	if err != nil || !found || m.RemovedAt != 0 {
		return m, w, false, err
	}
	w, there, err = tx.Workspaces().ByID(d.Workspace)
	return m, w, there, err
}

// Choices are an entry's memberships that still lead somewhere. left are those of which the database
// does not answer.
func (svc *Service) Choices(ctx context.Context, e Entry) (list []Choice, left int, err error) {
	var members []Membership
	for _, d := range e.Memberships {
		if d.Workspace == "" {
			list = append(list, Choice{d, operatorsPages, account.Operator})
			continue
		}
		members = append(members, d)
	}
	left, err = svc.viewOf(ctx, members, func(tx *store.Tx, d Membership) error {
		m, w, there, err := d.behind(tx)
		if there {
			list = append(list, Choice{d, w.Name, m.Role})
		}
		return err
	})
	if len(list) > 0 && left > 0 {
		err = nil
	}
	slices.SortStableFunc(list, func(a, b Choice) int {
		if a.Membership.Workspace == "" || b.Membership.Workspace == "" { // the operator's pages come first
			return strings.Compare(a.Membership.Workspace, b.Membership.Workspace)
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list, left, err
}

// Begin makes the session that an entry, whose last step is done, leads to.
func (svc *Service) Begin(ctx context.Context, e Entry, how, browser, address string) (account.Principal, error) {
	return svc.Accounts.Begin(ctx, e.Principal(), account.Arrival{How: how, Browser: browser, Address: address, Reset: e.Reset})
}

// ByPassword is an entry by an email address and a password.
func (svc *Service) ByPassword(ctx context.Context, address, password string) (Entry, error) {
	at := svc.Clock()
	people, every, err := svc.Accounts.SignIn(ctx, address, password)
	e := entry(at, ByPassword, memberships(people)...)
	e.Owner = every
	return e, err
}

// CodeChoice is where a code leads, and as whom.
type CodeChoice struct {
	Name, Member string
	Operator     bool // the operator's pages, which is no workspace
}

// LookAtCode says where a code leads, and leaves it as it is. Fault: Unauthenticated.
func (svc *Service) LookAtCode(ctx context.Context, code string) (c CodeChoice, err error) {
	p, err := svc.Accounts.LookAtCode(ctx, code)
	if err != nil || p.Workspace == "" {
		return CodeChoice{"the operator’s pages", "the operator", true}, err
	}
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		m, w, there, err := Membership{p.Workspace, p.Member}.behind(tx)
		if err == nil && !there {
			err = fault.New(fault.Unauthenticated, "You are not a member of this workspace any more.")
		}
		c = CodeChoice{w.Name, m.Name, false}
		return err
	})
	return c, err
}

// ByCode is an entry by a code, which is used up.
func (svc *Service) ByCode(ctx context.Context, code string) (Entry, error) {
	at := svc.Clock()
	p, err := svc.Accounts.SignInByCode(ctx, code)
	e := entry(at, ByCode, memberships([]account.Principal{p})...)
	e.Given, e.Reset = true, true
	return e, err
}

func memberships(people []account.Principal) (list []Membership) {
	for _, p := range people {
		list = append(list, Membership{p.Workspace, p.Member})
	}
	return list
}

// SetPassword gives the principal a password and ends their other sessions. email is
// the operator's own choice; a member's is theirs already.
func (svc *Service) SetPassword(ctx context.Context, p account.Principal, email, password string) error {
	workspace := ""
	err := svc.Store.View(ctx, func(tx *store.Tx) error {
		w, _, err := tx.Workspaces().ByID(p.Workspace)
		workspace = w.Name
		return err
	})
	if err != nil {
		return err
	}
	encoded, err := svc.Accounts.EncodePassword(ctx, email, password, workspace)
	if err != nil {
		return err
	}
	return svc.Store.Update(ctx, func(tx *store.Tx) error {
		if err := svc.Accounts.PutPassword(tx, p, email, encoded); err != nil {
			return err
		}
		return svc.tell(tx, p, "Your password was set. You are signed out everywhere else.")
	})
}

// change makes a change to how somebody signs in, with its line in the audit log, and tells
// them of it; notice may be empty. Fault: Unauthenticated for who is no longer signed in.
func (svc *Service) change(ctx context.Context, p account.Principal, action, detail, notice string, do func(tx *store.Tx) error) error {
	return svc.Store.Update(ctx, func(tx *store.Tx) error {
		if err := svc.Accounts.Lasts(tx, p); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		if notice != "" {
			if err := svc.tell(tx, p, notice); err != nil {
				return err
			}
		}
		return svc.Accounts.Note(tx, p, action, p.Member, detail)
	})
}

// tell mails somebody that how they sign in was changed, so that they learn of it
// where it was not them.
func (svc *Service) tell(tx *store.Tx, p account.Principal, what string) error {
	if p.Workspace == "" || !svc.Mail.On() {
		return nil
	}
	m, found, err := tx.Members().ByID(p.Workspace, p.Member)
	if err != nil || !found {
		return err
	}
	w, _, err := tx.Workspaces().ByID(p.Workspace)
	if err != nil {
		return err
	}
	return svc.Mail.Put(tx, p.Workspace, mail.Message{To: m.Email, Name: m.Name, Template: "sign_in_changed",
		Data: map[string]string{"What": what, "Workspace": w.Name}})
}
