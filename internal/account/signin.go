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

// PutPassword gives the principal, a member or the operator, a password that
// EncodePassword hashed, in the transaction given. Whoever else is signed in as them
// is so no longer, and links that were mailed are good no more.
func (a *Accounts) PutPassword(tx *store.Tx, p Principal, email, encoded string) error {
	if err := tx.DropPassword(p.Workspace, p.Member); err != nil {
		return err
	}
	if err := tx.PutLogin(store.Login{Email: email, Workspace: p.Workspace, Member: p.Member, Password: encoded}); err != nil {
		return err
	}
	if err := tx.CloseReset(p.Workspace, p.SignIn); err != nil {
		return err
	}
	if err := tx.DropMailLinks(email); err != nil {
		return err
	}
	if _, err := tx.EndSignIns(p.Workspace, p.Member, p.SignIn); err != nil {
		return err
	}
	return a.Note(tx, p, "password.set", p.Member, "")
}

// EncodePassword hashes a password that is good enough.
func (a *Accounts) EncodePassword(ctx context.Context, password string) (string, error) {
	if len(password) < 10 || len(password) > 200 {
		return "", fault.Wrong("password", "must have 10 to 200 characters")
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	sum, err := a.hash(ctx, password, salt)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", hashMemory, hashPasses, hashLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum)), nil
}

// Login is the principal's way to sign in by password; without one its fields are empty.
func (a *Accounts) Login(ctx context.Context, p Principal) (l store.Login, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		l, _, err = tx.Login(p.Workspace, p.Member)
		return err
	})
	return l, err
}

// CheckPassword reports whether this is the principal's password; who has none has no
// need to know one.
func (a *Accounts) CheckPassword(ctx context.Context, p Principal, password string) (bool, error) {
	l, err := a.Login(ctx, p)
	if err != nil || l.Password == "" {
		return err == nil, err
	}
	if len(password) > 200 {
		return false, nil
	}
	return a.matches(ctx, l.Password, password)
}

// maxDoors bounds the workspaces that one address may be a member of.
const maxDoors = 50

// SignIn checks an email address and a password, and says as whom they let in: an
// address may be a member of several workspaces. Who it is not is never said: an
// unknown address takes as long and reads the same as a wrong password.
func (a *Accounts) SignIn(ctx context.Context, address, password string) ([]Principal, error) {
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
		return nil, err
	}
	if len(logins) == 0 {
		logins = []store.Login{{Password: nobody}}
	}
	var doors []Principal
	for _, l := range logins[:min(len(logins), maxDoors)] {
		good, err := a.matches(ctx, l.Password, password)
		if err != nil {
			return nil, err
		}
		if good && l.Email != "" {
			doors = append(doors, Principal{Workspace: l.Workspace, Member: l.Member})
		}
	}
	if len(doors) == 0 {
		return nil, fault.New(fault.Unauthenticated, "The email address or the password is wrong.")
	}
	return doors, nil
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

// CreateCode makes a code that signs a member in once, by the operator's authority; an
// empty workspace makes the operator's own.
func (a *Accounts) CreateCode(ctx context.Context, workspace, memberID string) (code string, err error) {
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		code, err = a.putCode(tx, workspace, memberID, Operator)
		return err
	})
	return code, err
}

// CreateLink makes a code that signs a member in once, by an admin's authority: it ends
// when they are an admin no more.
func (a *Accounts) CreateLink(ctx context.Context, s *Scope, id string) (code string, m store.Member, err error) {
	if err := s.May(ManageTeam); err != nil {
		return "", m, err
	}
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		if m, err = member(tx, s, id); err != nil {
			return err
		}
		if code, err = a.putCode(tx, s.Workspace.ID, id, s.Authority()); err != nil {
			return err
		}
		return s.Audit(tx, "member.sign-in-link", id, m.Name)
	})
	return code, m, err
}

func (a *Accounts) putCode(tx *store.Tx, workspace, memberID, by string) (string, error) {
	code := ident.Secret()
	return code, tx.InsertSignInCode(store.SignInCode{
		Hash: ident.Hash(code), Workspace: workspace, Member: memberID, MadeBy: by, ExpiresAt: a.Clock().Add(CodeLife).UnixMicro(),
	})
}

// SignInByCode uses a code up.
func (a *Accounts) SignInByCode(ctx context.Context, code string) (Principal, error) {
	var c store.SignInCode
	var found bool
	err := a.Store.Update(ctx, func(tx *store.Tx) (err error) {
		c, found, err = tx.TakeSignInCode(ident.Hash(strings.TrimSpace(code)), a.Clock().UnixMicro())
		if err == nil && found {
			found, err = a.Stands(tx, c.Workspace, c.MadeBy)
		}
		return err
	})
	if err != nil {
		return Principal{}, err
	}
	if !found {
		return Principal{}, fault.New(fault.Unauthenticated, "The code is unknown, used or too old. Ask for a new one.")
	}
	return Principal{Workspace: c.Workspace, Member: c.Member}, nil
}
