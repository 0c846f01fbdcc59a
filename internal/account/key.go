package account

import (
	"context"
	"strings"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// A key reads lm_PLACE_SECRET: PLACE is "operator" or the workspace's id without
// its prefix, so that the key is looked up where the workspace lives.
const (
	keyPrefix     = "lm_"
	operatorPlace = "operator"
)

// NewKey is an API key to be made.
type NewKey struct {
	Name, Role, Member string
	ReadOnly           bool
}

// CreateKey makes a key, in the transaction given. The secret comes back this
// once; only its hash is kept.
func (a *Accounts) CreateKey(tx *store.Tx, s *Scope, n NewKey) (key store.APIKey, secret string, err error) {
	if len(n.Name) > 200 {
		return key, "", fault.Wrong("name", "must have at most 200 characters")
	}
	switch n.Role {
	case Admin:
		if n.Member != "" {
			return key, "", fault.Wrong("member", "must be left out: an admin's key acts for the workspace")
		}
	case Regular:
		if n.Member == "" {
			return key, "", fault.Wrong("member", "must be the member that the key acts as")
		}
		if _, err := member(tx, s, n.Member); err != nil {
			return key, "", fault.Wrong("member", "must be a member of the workspace")
		}
	default:
		return key, "", fault.Wrong("role", "must be admin or member")
	}
	place := strings.TrimPrefix(s.Workspace.ID, "ws_")
	key, secret = newKey(place, n)
	key.Workspace, key.CreatedAt = s.Workspace.ID, s.Now.UnixMicro()
	return key, secret, tx.InsertKey(key)
}

// CreateOperatorKey makes a key that may do everything.
func (a *Accounts) CreateOperatorKey(ctx context.Context, name string, readOnly bool) (string, error) {
	key, secret := newKey(operatorPlace, NewKey{Name: name, Role: Operator, ReadOnly: readOnly})
	key.CreatedAt = a.Clock().UnixMicro()
	err := a.Store.Update(ctx, func(tx *store.Tx) error { return tx.InsertKey(key) })
	return secret, err
}

func newKey(place string, n NewKey) (store.APIKey, string) {
	secret := keyPrefix + place + "_" + ident.Secret()
	return store.APIKey{
		ID: ident.New("key"), Hash: ident.Hash(secret), Last4: secret[len(secret)-4:],
		Name: n.Name, Role: n.Role, Member: n.Member, ReadOnly: n.ReadOnly,
	}, secret
}

// Authenticate says whose key this is.
func (a *Accounts) Authenticate(ctx context.Context, secret string) (Principal, error) {
	refused := fault.New(fault.Unauthenticated, "The key is missing, unknown or revoked. Send it as Authorization: Bearer KEY.")
	rest, ok := strings.CutPrefix(secret, keyPrefix)
	place, _, ok2 := strings.Cut(rest, "_")
	if !ok || !ok2 || len(secret) > 200 {
		return Principal{}, refused
	}
	workspace := ""
	if place != operatorPlace {
		workspace = "ws_" + place
	}
	var p Principal
	err := a.Store.View(ctx, func(tx *store.Tx) error {
		k, found, err := tx.KeyByHash(workspace, ident.Hash(secret))
		if err != nil {
			return err
		}
		if !found {
			return refused
		}
		p = Principal{Role: k.Role, Workspace: workspace, Member: k.Member, ReadOnly: k.ReadOnly, Key: k.ID}
		if workspace == "" {
			return nil
		}
		if k.Member != "" { // who may have been removed
			m, found, err := tx.Member(workspace, k.Member)
			if err != nil {
				return err
			}
			if !found || m.RemovedAt != 0 {
				return refused
			}
		}
		w, found, err := tx.Workspace(workspace)
		if err != nil {
			return err
		}
		if !found {
			return refused
		}
		entered := &Scope{Principal: p, Workspace: w}
		if entered.Now, err = a.now(tx, w.Clock); err != nil {
			return err
		}
		p.entered = entered
		return nil
	})
	return p, err
}

// RevokeKey ends a key at once.
func (a *Accounts) RevokeKey(ctx context.Context, s *Scope, id string) error {
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		found, err := tx.RevokeKey(s.Workspace.ID, id, s.Now.UnixMicro())
		if err == nil && !found {
			err = fault.New(fault.NotFound, "There is no such key.")
		}
		return err
	})
}

// Keys lists a page of a workspace's keys after an id, without their secrets.
func (a *Accounts) Keys(ctx context.Context, s *Scope, after string, limit int) (list []store.APIKey, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.Keys(s.Workspace.ID, after, limit)
		return err
	})
	return list, err
}
