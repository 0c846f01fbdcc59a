package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// argon2id as OWASP's cheat sheet has it: 46 MiB, one pass, one lane. maxHashing
// bounds the memory that signing in may take at once.
const (
	hashMemory = 46 * 1024
	hashPasses = 1
	hashLanes  = 1
	maxHashing = 2
	// CodeLife is how long a sign-in code is good for.
	CodeLife = 24 * time.Hour
)

func (a *Accounts) hash(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case a.hashing <- struct{}{}:
		defer func() { <-a.hashing }()
		return argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, hashLanes, 32), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// SetPassword gives a member, or with an empty workspace the operator, a password.
func (a *Accounts) SetPassword(ctx context.Context, workspace, memberID, email, password string) error {
	if len(password) < 10 || len(password) > 200 {
		return fault.Wrong("password", "must have 10 to 200 characters")
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	sum, err := a.hash(ctx, password, salt)
	if err != nil {
		return err
	}
	encoded := fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", hashMemory, hashPasses, hashLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.PutLogin(store.Login{Email: email, Workspace: workspace, Member: memberID, Password: encoded})
	})
}

// HasPassword reports whether a member has set one.
func (a *Accounts) HasPassword(ctx context.Context, m store.Member) (bool, error) {
	l, err := a.login(ctx, m)
	return l.Password != "", err
}

// CheckPassword reports whether this is the member's password; who has none has no
// need to know one.
func (a *Accounts) CheckPassword(ctx context.Context, m store.Member, password string) (bool, error) {
	l, err := a.login(ctx, m)
	if err != nil || l.Password == "" {
		return err == nil, err
	}
	return a.matches(ctx, l.Password, password)
}

func (a *Accounts) login(ctx context.Context, m store.Member) (found store.Login, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		logins, err := tx.Logins(m.Email)
		for _, l := range logins {
			if l.Workspace == m.Workspace && l.Member == m.ID {
				found = l
			}
		}
		return err
	})
	return found, err
}

// SignIn checks an email address and a password. Who it is not is never said:
// an unknown address takes as long and reads the same as a wrong password.
func (a *Accounts) SignIn(ctx context.Context, address, password string) (Principal, error) {
	refused := fault.New(fault.Unauthenticated, "The email address or the password is wrong.")
	email, err := lead.Email(address)
	if err != nil {
		email = ""
	}
	if len(password) > 200 {
		password = ""
	}
	var logins []store.Login
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		logins, err = tx.Logins(email)
		return err
	})
	if err != nil {
		return Principal{}, err
	}
	if len(logins) == 0 {
		logins = []store.Login{{Password: nobody}}
	}
	for _, l := range logins {
		good, err := a.matches(ctx, l.Password, password)
		if err != nil {
			return Principal{}, err
		}
		if good && l.Email != "" {
			return a.principal(ctx, l.Workspace, l.Member)
		}
	}
	return Principal{}, refused
}

// nobody is the hash that an unknown address is compared with, for the time it takes.
const nobody = "$argon2id$v=19$m=47104,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func (a *Accounts) matches(ctx context.Context, encoded, password string) (bool, error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 {
		return false, nil
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil {
		return false, nil
	}
	sum, err := a.hash(ctx, password, salt)
	return err == nil && subtle.ConstantTimeCompare(sum, want) == 1, err
}

// CreateCode makes a code that signs a member in once; an empty workspace makes
// the operator's.
func (a *Accounts) CreateCode(ctx context.Context, workspace, memberID string) (string, error) {
	code := ident.Secret()
	err := a.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.InsertSignInCode(store.SignInCode{
			Hash: ident.Hash(code), Workspace: workspace, Member: memberID, ExpiresAt: a.Clock().Add(CodeLife).UnixMicro(),
		})
	})
	return code, err
}

// SignInByCode uses a code up.
func (a *Accounts) SignInByCode(ctx context.Context, code string) (Principal, error) {
	var c store.SignInCode
	var found bool
	err := a.Store.Update(ctx, func(tx *store.Tx) (err error) {
		c, found, err = tx.TakeSignInCode(ident.Hash(strings.TrimSpace(code)), a.Clock().UnixMicro())
		return err
	})
	if err != nil {
		return Principal{}, err
	}
	if !found {
		return Principal{}, fault.New(fault.Unauthenticated, "The code is unknown, used or too old. Ask for a new one.")
	}
	return a.principal(ctx, c.Workspace, c.Member)
}

// principal is who signed in, with the role that they have now.
func (a *Accounts) principal(ctx context.Context, workspace, memberID string) (Principal, error) {
	return a.Refresh(ctx, Principal{Workspace: workspace, Member: memberID})
}

// Refresh reads again what a signed-in person may do: a changed role counts at
// once, and somebody who was removed is signed out.
func (a *Accounts) Refresh(ctx context.Context, p Principal) (Principal, error) {
	if p.Workspace == "" {
		return Principal{Role: Operator}, nil
	}
	err := a.Store.View(ctx, func(tx *store.Tx) error {
		m, found, err := tx.Member(p.Workspace, p.Member)
		if err != nil {
			return err
		}
		if !found || m.RemovedAt != 0 {
			return fault.New(fault.Unauthenticated, "You are not a member of this workspace any more.")
		}
		p.Role = m.Role
		return nil
	})
	return p, err
}
