package screen

import (
	"context"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/words"
)

// Settings is the workspace's settings and the viewer's own.
type Settings struct {
	Credits
	Name   string       // the workspace's
	Own    *OwnSettings // nil for the operator, who looks
	Policy *Policy      // nil for members who may not change it
	Keys   []Key        // as Policy
}

// OwnSettings are the viewer's own.
type OwnSettings struct {
	AutoUnlock bool
	Managed    bool         // the policy decides: the switch is not theirs
	AtMost     []words.Cost // what it may spend at each capture
	SignIn     signin.Standing
	Extensions []Extension
}

// Policy is who decides whether captures unlock premium fields by themselves (rule U2), and who
// sees the team's usage (rule S5).
type Policy struct {
	AutoUnlock string // on, off or member
	DailyCap   *unit.Amount
	CapType    string       // the credit type that the cap is counted in
	AtMost     []words.Cost // what one capture may spend by the setting
	Everyone   bool         // sees the team's usage
}

// Key is one API key.
type Key struct {
	ID, Name, Last4 string
	As              string // whom it acts as, in words
	Created         time.Time
}

// Extension is a browser extension that is connected.
type Extension struct {
	ID, Name  string
	Connected time.Time
	LastUsed  time.Time // zero: not yet
}

// maxKeys bounds the keys that a screen lists.
const maxKeys = 500

// Settings reads them.
func (s *Screens) Settings(ctx context.Context, sc *account.Scope) (p Settings, err error) {
	view, err := s.look(ctx, sc)
	if err != nil {
		return p, err
	}
	p = Settings{Credits: creditsOf(view, ""), Name: sc.Workspace.Name}
	grants, err := s.Accounts.Grants(ctx, sc, view.Current)
	if err != nil {
		return p, err
	}
	addParts(p.List, view, grants)
	if sc.Member != "" {
		if p.Own, err = s.ownSettings(ctx, sc, view.Book); err != nil {
			return p, err
		}
	}
	if sc.Manages() {
		p.Policy = policyOf(sc, view.Book)
		p.Keys, err = s.keys(ctx, sc)
	}
	return p, err
}

func (s *Screens) ownSettings(ctx context.Context, sc *account.Scope, book *credits.Book) (*OwnSettings, error) {
	m, err := s.Accounts.Member(ctx, sc, sc.Member)
	if err != nil {
		return nil, err
	}
	own := &OwnSettings{AutoUnlock: m.AutoUnlock, Managed: sc.Workspace.AutoUnlock != account.AutoMember, AtMost: autoCost(book)}
	if own.Managed {
		own.AutoUnlock = sc.Workspace.AutoUnlock == account.AutoOn
	}
	if own.SignIn, err = s.SignIn.Standing(ctx, sc.Principal); err != nil {
		return nil, err
	}
	list, err := s.Accounts.Connections(ctx, sc)
	for _, c := range list {
		one := Extension{ID: c.ID, Name: c.Name, Connected: micros(c.CreatedAt)}
		if c.LastUsedAt != 0 {
			one.LastUsed = micros(c.LastUsedAt)
		}
		own.Extensions = append(own.Extensions, one)
	}
	return own, err
}

func policyOf(sc *account.Scope, book *credits.Book) *Policy {
	set := account.SettingsOf(sc.Workspace)
	p := &Policy{
		AutoUnlock: set.AutoUnlock, DailyCap: set.DailyCap, AtMost: autoCost(book), CapType: book.Credits[len(book.Credits)-1],
		Everyone: set.UsageVisibleTo == account.VisibleToEveryone,
	}
	for _, c := range p.AtMost {
		if c.Amount > 0 {
			p.CapType = c.Type
		}
	}
	return p
}

func (s *Screens) keys(ctx context.Context, sc *account.Scope) ([]Key, error) {
	keys, err := s.Accounts.Keys(ctx, sc, "", maxKeys)
	if err != nil {
		return nil, err
	}
	names, err := s.Accounts.MemberNames(ctx, sc)
	var list []Key
	for _, k := range slices.Backward(keys) {
		list = append(list, Key{ID: k.ID, Name: k.Name, Last4: k.Last4, As: actsAs(k, names), Created: micros(k.CreatedAt)})
	}
	return list, err
}

func actsAs(k store.APIKey, names map[string]string) (text string) {
	switch {
	case k.Member != "":
		text = "acts as " + nameOr(names, k.Member)
	case k.Owner == account.Operator:
		text = "service key of the operator"
	case k.Service:
		text = "service key of " + nameOr(names, k.Owner)
	default:
		text = "admin, while " + nameOr(names, k.Owner) + " is"
	}
	if k.ReadOnly {
		text += ", read only"
	}
	return text
}

// Connecting is a browser extension that asks to be connected.
type Connecting struct {
	State string // ask, approved, denied or over; empty: there is none such
	Name  string // what the extension calls its browser: anybody can have written it
	Asked time.Time
	Code  string // that its panel shows too; empty: it does not ask any more
}

// Connecting reads it.
func (s *Screens) Connecting(ctx context.Context, sc *account.Scope, id string) (Connecting, error) {
	c, err := s.Accounts.Connection(ctx, sc, id)
	p := Connecting{State: "over", Name: c.Name, Asked: micros(c.CreatedAt)}
	switch {
	case err != nil:
		return Connecting{}, err
	case s.Accounts.Waits(c):
		p.State, p.Code = "ask", account.ConnectionCode(c)
	case c.Status == store.ConnectionApproved || c.Status == store.ConnectionDenied:
		p.State = c.Status
	}
	return p, nil
}
