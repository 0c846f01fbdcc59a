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
	// Service: it belongs to the workspace's admins together, and passes on when its
	// owner goes. Without it an admin's key ends with who made it.
	Service bool
}

// CreateKey makes a key, in the transaction given. The secret comes back this
// once; only its hash is kept. A member's key belongs to that member, another one to
// the person who makes it; the operator has nobody in the workspace, so theirs are
// service keys.
func (a *Accounts) CreateKey(tx *store.Tx, s *Scope, n NewKey) (key store.APIKey, secret string, err error) {
	if err := fault.Length("name", n.Name, 0, 200); err != nil {
		return key, "", err
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
		if n.Service {
			return key, "", fault.Wrong("service", "must be left out: a key with a member belongs to that member")
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
	key.Owner, key.Service = n.Member, n.Service
	if n.Member == "" {
		key.Owner = s.behind()
		key.Service = n.Service || key.Owner == Operator
	}
	if err := tx.APIKeys().Insert(key); err != nil {
		return key, "", err
	}
	return key, secret, s.Audit(tx, "key.made", key.ID, key.Name+", "+key.Role)
}

// CreateOperatorKey makes a key that may do everything.
func (a *Accounts) CreateOperatorKey(ctx context.Context, name string, readOnly bool) (string, error) {
	key, secret := newKey(operatorPlace, NewKey{Name: name, Role: Operator, ReadOnly: readOnly})
	key.CreatedAt = a.Clock().UnixMicro()
	err := a.Store.Update(ctx, func(tx *store.Tx) error { return tx.APIKeys().Insert(key) })
	return secret, err
}

func newKey(place string, n NewKey) (store.APIKey, string) {
	secret := keyPrefix + place + "_" + ident.Secret()
	return store.APIKey{
		ID: ident.New("key"), Hash: ident.Hash(secret), Last4: secret[len(secret)-4:],
		Name: n.Name, Role: n.Role, Member: n.Member, ReadOnly: n.ReadOnly,
	}, secret
}

// RevokeKey ends a key at once.
func (a *Accounts) RevokeKey(ctx context.Context, s *Scope, id string) error {
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		found, err := tx.APIKeys().Revoke(s.Workspace.ID, id, s.Now.UnixMicro())
		if err == nil && !found {
			err = fault.New(fault.NotFound, "There is no such key.")
		}
		if err != nil {
			return err
		}
		return s.Audit(tx, "key.revoked", id, "")
	})
}

// Keys lists a page of a workspace's keys after an id, without their secrets.
func (a *Accounts) Keys(ctx context.Context, s *Scope, after string, limit int) (list []store.APIKey, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.APIKeys().Of(s.Workspace.ID, after, limit)
		return err
	})
	return list, err
}
