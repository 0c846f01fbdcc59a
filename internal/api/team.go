package api

import (
	"context"
	"net/http"
	"sort"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// MemberBody is a person in a workspace.
type MemberBody struct {
	ID        string    `json:"id"`
	Email     string    `json:"email"`
	Name      string    `json:"name"`
	Role      string    `json:"role" enum:"member,manager,admin"`
	CreatedAt time.Time `json:"created_at"`
}

func memberBody(m store.Member) MemberBody {
	return MemberBody{ID: m.ID, Email: m.Email, Name: m.Name, Role: m.Role, CreatedAt: timeOf(m.CreatedAt)}
}

type newMember struct {
	WS
	Once
	Body struct {
		Email  string `json:"email"`
		Name   string `json:"name"`
		Role   string `json:"role,omitempty" default:"member"`
		Invite bool   `json:"invite,omitempty" doc:"Mail them an invitation: a link, good once and for seven days, where they choose how they sign in. Refused where the server sends no mail."`
	}
}

// MemberPath is a member in a path.
type MemberPath struct {
	WS
	Member string `path:"member"`
}

type changeMember struct {
	MemberPath
	Body struct {
		Name *string `json:"name,omitempty"`
		Role *string `json:"role,omitempty"`
	}
}

type listIn struct {
	WS
	Page
}

// None is an answer without a body.
type None struct{}

func (a *API) team(h huma.API) {
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/members", "create-member", "Add a member", 201, func(ctx context.Context, in *newMember) (*Out[MemberBody], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		body, err := once(a, ctx, s.Workspace.ID, "members", in.Once, func(tx *store.Tx) (MemberBody, error) {
			m, err := a.Accounts.AddMember(tx, s, account.NewMember{Email: in.Body.Email, Name: in.Body.Name, Role: in.Body.Role})
			if err != nil || !in.Body.Invite {
				return memberBody(m), err
			}
			if !a.SignIn.Mail.On() {
				return memberBody(m), fault.Wrong("invite", "must be left out: this server sends no mail")
			}
			_, err = a.SignIn.Invite(tx, s, m)
			return memberBody(m), err
		}, nil)
		return &Out[MemberBody]{Body: body}, err
	})
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/members", "list-members", "List members", 200, a.listMembers)
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/members/{member}", "get-member", "Read a member", 200, func(ctx context.Context, in *MemberPath) (*Out[MemberBody], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		m, err := a.Accounts.Member(ctx, s, in.Member)
		return &Out[MemberBody]{Body: memberBody(m)}, err
	})
	handle(a, h, http.MethodPatch, "/v1/workspaces/{ws}/members/{member}", "change-member", "Change a member's name or role", 200, func(ctx context.Context, in *changeMember) (*Out[MemberBody], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		m, err := a.Accounts.ChangeMember(ctx, s, in.Member, in.Body.Name, in.Body.Role, nil)
		return &Out[MemberBody]{Body: memberBody(m)}, err
	})
	handle(a, h, http.MethodDelete, "/v1/workspaces/{ws}/members/{member}", "remove-member", "Remove a member; an unused assignment goes back to the pool", 204, func(ctx context.Context, in *MemberPath) (*None, error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		return nil, a.Accounts.RemoveMember(ctx, s, in.Member)
	})
	handle(a, h, http.MethodPut, "/v1/workspaces/{ws}/members/{member}/allocations", "set-allocations", "Set what a member may use", 200, a.setAllocations)
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/members/{member}/allocations", "get-allocations", "Read what a member may use", 200, func(ctx context.Context, in *MemberPath) (*Out[map[string]AllocationBody], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		return a.allocations(ctx, s, in.Member)
	})
	a.settings(h)
	a.keys(h)
}

func (a *API) listMembers(ctx context.Context, in *listIn) (*Out[List[MemberBody]], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	after, err := a.after(ctx, in.Page)
	if err != nil {
		return nil, err
	}
	rows, err := a.Accounts.Members(ctx, s, after, in.more())
	if err != nil {
		return nil, err
	}
	return page(a, ctx, in.Page, rows, func(m store.Member) string { return m.ID }, sure(memberBody))
}

// AllocationBody is what a member may use of one credit type.
type AllocationBody struct {
	Mode   string          `json:"mode" enum:"pool,limit,assigned"`
	Amount *credits.Amount `json:"amount,omitempty"`
}

type allocationIn struct {
	Mode   string  `json:"mode" enum:"pool,limit,assigned"`
	Amount *Amount `json:"amount,omitempty" doc:"For limit and assigned; 0 is none."`
}

type setAllocations struct {
	MemberPath
	Body map[string]allocationIn
}

func (a *API) setAllocations(ctx context.Context, in *setAllocations) (*Out[map[string]AllocationBody], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	if _, err := a.Accounts.Seen(ctx, s, in.Member); err != nil {
		return nil, err
	}
	sets := map[string]credits.Allocation{}
	for credit, set := range in.Body {
		one := credits.Allocation{Mode: set.Mode}
		switch {
		case set.Amount == nil && set.Mode != credits.FromPool:
			return nil, fault.Wrong(credit+".amount", "is required in mode %s; 0 is none", set.Mode)
		case set.Amount != nil && set.Amount.text != "null":
			if one.Amount, err = set.Amount.read(credit + ".amount"); err != nil {
				return nil, err
			}
		}
		sets[credit] = one
	}
	if err := a.Accounts.Allocate(ctx, s, in.Member, sets); err != nil {
		return nil, err
	}
	return a.allocations(ctx, s, in.Member)
}

func (a *API) allocations(ctx context.Context, s *account.Scope, member string) (*Out[map[string]AllocationBody], error) {
	if _, err := a.Accounts.Seen(ctx, s, member); err != nil {
		return nil, err
	}
	v, err := a.Ledger.Look(ctx, s.Workspace.ID, []string{member}, s.Now)
	if err != nil {
		return nil, err
	}
	body := map[string]AllocationBody{}
	for _, m := range v.Members[member] {
		one := AllocationBody{Mode: m.Mode}
		if m.Mode != credits.FromPool {
			one.Amount = &m.Amount
		}
		body[m.Credit] = one
	}
	return &Out[map[string]AllocationBody]{Body: body}, nil
}

// SettingsBody is a workspace's settings.
type SettingsBody struct {
	AutoUnlock string          `json:"auto_unlock" enum:"on,off,member"`
	DailyCap   *credits.Amount `json:"auto_unlock_daily_cap,omitempty" doc:"What the setting may spend by itself in a day; absent: no cap."`
	VisibleTo  string          `json:"usage_visible_to" enum:"everyone,managers" doc:"Who sees the team's usage. managers: a member sees their own, a manager their groups', an admin all."`
}

type setSettings struct {
	WS
	Body struct {
		AutoUnlock string  `json:"auto_unlock" enum:"on,off,member"`
		DailyCap   *Amount `json:"auto_unlock_daily_cap,omitempty" nullable:"true"`
		VisibleTo  string  `json:"usage_visible_to,omitempty" enum:"everyone,managers" doc:"Left out: as it was."`
	}
}

type memberSettings struct {
	MemberPath
	Body struct {
		AutoUnlock bool `json:"auto_unlock"`
	}
}

// MemberSettingsBody is a member's own settings.
type MemberSettingsBody struct {
	AutoUnlock bool    `json:"auto_unlock"`
	ManagedBy  string  `json:"managed_by" enum:"member,workspace" doc:"workspace: the policy decides, the switch does not."`
	Managed    *string `json:"managed" enum:"on,off" nullable:"true" doc:"What the policy decides; null: the switch does."`
}

func memberSettingsBody(w store.Workspace, m store.Member) *Out[MemberSettingsBody] {
	body := MemberSettingsBody{AutoUnlock: m.AutoUnlock, ManagedBy: "member"}
	if w.AutoUnlock != account.AutoMember {
		body.ManagedBy, body.Managed = "workspace", &w.AutoUnlock
	}
	return &Out[MemberSettingsBody]{Body: body}
}

func settingsBody(w store.Workspace) *Out[SettingsBody] {
	set := account.SettingsOf(w)
	return &Out[SettingsBody]{Body: SettingsBody{AutoUnlock: set.AutoUnlock, DailyCap: set.DailyCap, VisibleTo: set.UsageVisibleTo}}
}

func (a *API) settings(h huma.API) {
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/settings", "get-settings", "Read the workspace's settings", 200, func(ctx context.Context, in *WS) (*Out[SettingsBody], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		return settingsBody(s.Workspace), nil
	})
	handle(a, h, http.MethodPut, "/v1/workspaces/{ws}/settings", "set-settings", "Set the workspace's settings", 200, func(ctx context.Context, in *setSettings) (*Out[SettingsBody], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		set := account.Settings{AutoUnlock: in.Body.AutoUnlock, UsageVisibleTo: in.Body.VisibleTo}
		if limit := in.Body.DailyCap; limit != nil && limit.text != "null" {
			amount, err := limit.read("auto_unlock_daily_cap")
			if err != nil {
				return nil, err
			}
			set.DailyCap = &amount
		}
		if err := a.Accounts.SetSettings(ctx, s, set); err != nil {
			return nil, err
		}
		return settingsBody(s.Workspace), nil
	})
	handle(a, h, http.MethodPut, "/v1/workspaces/{ws}/members/{member}/settings", "set-member-settings", "Set a member's own settings", 200, func(ctx context.Context, in *memberSettings) (*Out[MemberSettingsBody], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		if s.Member != in.Member {
			if err := s.May(account.ManageTeam); err != nil {
				return nil, err
			}
		}
		m, err := a.Accounts.ChangeMember(ctx, s, in.Member, nil, nil, &in.Body.AutoUnlock)
		if err != nil {
			return nil, err
		}
		return memberSettingsBody(s.Workspace, m), nil
	})
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/members/{member}/settings", "get-member-settings", "Read a member's own settings", 200, func(ctx context.Context, in *MemberPath) (*Out[MemberSettingsBody], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		m, err := a.Accounts.OwnOf(ctx, s, in.Member)
		if err != nil {
			return nil, err
		}
		return memberSettingsBody(s.Workspace, m), nil
	})
}

// KeyBody is an API key; the key itself is shown once, when it is made.
type KeyBody struct {
	ID        string    `json:"id"`
	Key       string    `json:"key,omitempty" doc:"Shown this once."`
	Name      string    `json:"name"`
	Role      string    `json:"role"`
	Member    *string   `json:"member"`
	ReadOnly  bool      `json:"read_only"`
	Owner     string    `json:"owner" doc:"The member whose rights bound the key and with whom it ends, or operator."`
	Service   bool      `json:"service" doc:"Passes on to another admin when its owner goes."`
	Last4     string    `json:"last4"`
	CreatedAt time.Time `json:"created_at"`
}

func keyBody(k store.APIKey) KeyBody {
	return KeyBody{ID: k.ID, Name: k.Name, Role: k.Role, Member: opt(k.Member), ReadOnly: k.ReadOnly, Owner: k.Owner, Service: k.Service, Last4: k.Last4, CreatedAt: timeOf(k.CreatedAt)}
}

type newKey struct {
	WS
	Once
	Body struct {
		Name     string `json:"name,omitempty"`
		Role     string `json:"role" enum:"admin,member"`
		Member   string `json:"member,omitempty"`
		ReadOnly bool   `json:"read_only,omitempty"`
		Service  bool   `json:"service,omitempty" doc:"For software: an admin's key that passes on to another admin when its owner goes. The operator's are always so."`
	}
}

type keyPath struct {
	WS
	Key string `path:"key"`
}

func (a *API) keys(h huma.API) {
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/keys", "create-key", "Create an API key; it is shown this once", 201, func(ctx context.Context, in *newKey) (*Out[KeyBody], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		body, err := once(a, ctx, s.Workspace.ID, "keys", in.Once, func(tx *store.Tx) (KeyBody, error) {
			k, secret, err := a.Accounts.CreateKey(tx, s, account.NewKey{Name: in.Body.Name, Role: in.Body.Role, Member: in.Body.Member, ReadOnly: in.Body.ReadOnly, Service: in.Body.Service})
			b := keyBody(k)
			b.Key = secret
			return b, err
		}, func(b KeyBody) KeyBody {
			b.Key = ""
			return b
		})
		return &Out[KeyBody]{Body: body}, err
	})
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/keys", "list-keys", "List API keys, without the keys", 200, func(ctx context.Context, in *listIn) (*Out[List[KeyBody]], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		after, err := a.after(ctx, in.Page)
		if err != nil {
			return nil, err
		}
		rows, err := a.Accounts.Keys(ctx, s, after, in.more())
		if err != nil {
			return nil, err
		}
		return page(a, ctx, in.Page, rows, func(k store.APIKey) string { return k.ID }, sure(keyBody))
	})
	handle(a, h, http.MethodDelete, "/v1/workspaces/{ws}/keys/{key}", "revoke-key", "Revoke an API key at once", 204, func(ctx context.Context, in *keyPath) (*None, error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		return nil, a.Accounts.RevokeKey(ctx, s, in.Key)
	})
}

// remaining writes amounts as the headers do: standard=1, premium=0.
func remaining(order []string, amount func(credit string) string) string {
	text := ""
	for n, credit := range order {
		if n > 0 {
			text += ", "
		}
		text += credit + "=" + amount(credit)
	}
	return text
}

// creditOrder is the order in which credit types are written: the book's.
func creditOrder[V any](book *credits.Book, have map[string]V) []string {
	var order []string
	for _, c := range book.Credits {
		if _, ok := have[c]; ok {
			order = append(order, c)
		}
	}
	var rest []string
	for c := range have {
		if !book.Sells(c) {
			rest = append(rest, c)
		}
	}
	sort.Strings(rest)
	return append(order, rest...)
}
