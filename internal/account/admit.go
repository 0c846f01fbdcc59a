package account

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// maxAdmitted bounds the keys remembered.
	maxAdmitted = 10_000
	// AdmittedFor is how long somebody is taken at their word, so that a charge does
	// not pay for reading a key again: how late another server's revocation may be
	// noticed. One's own is noticed at once.
	AdmittedFor = time.Second
)

// admitted remembers whose keys were seen last.
type admitted struct {
	mu   sync.RWMutex
	keys map[[32]byte]admission
}

type admission struct {
	principal Principal
	at        time.Time // by the process's own clock, which never jumps
	known     int64     // store.Admissions then
}

func (m *admitted) find(hash [32]byte, known int64) (Principal, bool) {
	m.mu.RLock()
	a, ok := m.keys[hash]
	m.mu.RUnlock()
	return a.principal, ok && a.known == known && time.Since(a.at) < AdmittedFor
}

func (m *admitted) remember(hash [32]byte, p Principal, known int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.keys == nil || len(m.keys) >= maxAdmitted {
		m.keys = map[[32]byte]admission{}
	}
	m.keys[hash] = admission{p, time.Now(), known}
}

// Authenticate says whose key this is. A key that this server revoked is refused
// from then on, one that another server revoked a second later.
func (a *Accounts) Authenticate(ctx context.Context, secret string) (Principal, error) {
	if len(secret) > 200 || !utf8.ValidString(secret) {
		return Principal{}, noKey()
	}
	hash, known := ident.HashOf(secret), a.Store.Admissions()
	if p, ok := a.admitted.find(hash, known); ok {
		return p, nil
	}
	p, err := a.lookUp(ctx, secret, slices.Clone(hash[:])) // a copy, so that nobody who is known allocates it
	if err == nil {
		a.admitted.remember(hash, p, known)
	}
	return p, err
}

func noKey() error {
	return fault.New(fault.Unauthenticated, "The key is missing, unknown or revoked. Send it as Authorization: Bearer KEY.")
}

func (a *Accounts) lookUp(ctx context.Context, secret string, hash []byte) (p Principal, err error) {
	if place, ok := strings.CutPrefix(secret, accessPrefix); ok {
		return a.lookUpExtension(ctx, place, hash)
	}
	rest, ok := strings.CutPrefix(secret, keyPrefix)
	place, _, ok2 := strings.Cut(rest, "_")
	if !ok || !ok2 {
		return p, noKey()
	}
	workspace := ""
	if place != operatorPlace {
		workspace = "ws_" + place
	}
	view := a.Store.View
	if workspace != "" {
		view = func(ctx context.Context, fn func(tx *store.Tx) error) error {
			return a.Store.ViewIn(ctx, workspace, fn)
		}
	}
	err = view(ctx, func(tx *store.Tx) error {
		k, found, err := tx.APIKeys().ByHash(workspace, hash)
		if err != nil {
			return err
		}
		if !found {
			return noKey()
		}
		if p, err = keyPrincipal(tx, k); err != nil || workspace == "" {
			return err
		}
		w, found, err := tx.Workspaces().ByID(workspace)
		if err != nil {
			return err
		}
		if !found {
			return noKey()
		}
		p.entered = &w
		return nil
	})
	return p, err
}
