package account

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

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

// hashers compute password hashes, a few at once. A request that waits for longer than
// within, or behind more than maxQueue others, is told that the server is busy.
type hashers struct {
	free    chan struct{}
	within  time.Duration
	waiting atomic.Int64
	made    atomic.Int64
}

const (
	hashWithin = 5 * time.Second
	maxQueue   = 64
)

// Hashes is how many password hashes were computed so far.
func (a *Accounts) Hashes() int64 { return a.hashing.made.Load() }

// hash computes one. Fault: Overloaded.
func (a *Accounts) hash(ctx context.Context, password string, salt []byte) ([]byte, error) {
	busy := fault.New(fault.Overloaded, "Too many people are signing in at this moment. Try again in a few seconds.")
	h := &a.hashing
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > maxQueue {
		return nil, busy
	}
	late := time.NewTimer(h.within)
	defer late.Stop()
	select {
	case h.free <- struct{}{}:
		defer func() { <-h.free }()
		h.made.Add(1)
		return argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, hashLanes, 32), nil
	case <-late.C:
		return nil, busy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// PutPassword gives the principal, a member or the operator, a password that
// EncodePassword hashed, in the transaction given. It ends every other session of
// theirs, and the links and codes that led to one.
func (a *Accounts) PutPassword(tx *store.Tx, p Principal, email, encoded string) error {
	if err := a.Lasts(tx, p); err != nil {
		return err
	}
	if err := tx.Logins().DropPassword(p.Workspace, p.Member); err != nil {
		return err
	}
	if err := tx.Logins().Put(store.Login{Email: email, Workspace: p.Workspace, Member: p.Member, Password: encoded}); err != nil {
		return err
	}
	if err := tx.SignIns().CloseReset(p.Workspace, p.SignIn); err != nil {
		return err
	}
	if _, err := tx.SignIns().EndAll(p.Workspace, p.Member, p.SignIn, a.Clock().UnixMicro()); err != nil {
		return err
	}
	return a.Note(tx, p, "password.set", p.Member, "")
}

// EncodePassword hashes a password of who signs in with an address, if it is good enough:
// not among the common ones, and not one of the words about its owner. All passwords of one
// address share their salt, so that checking one costs a single hash, however many
// workspaces the address is a member of. Faults: Invalid, Overloaded.
func (a *Accounts) EncodePassword(ctx context.Context, email, password string, about ...string) (string, error) {
	if err := checkPassword(password, append(about, email)...); err != nil {
		return "", err
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	err := a.Store.View(ctx, func(tx *store.Tx) error {
		logins, err := tx.Logins().ByEmail(email)
		for _, l := range logins {
			if theirs, _, ok := decode(l.Password); ok {
				salt = theirs
				break
			}
		}
		return err
	})
	if err != nil {
		return "", err
	}
	sum, err := a.hash(ctx, password, salt)
	return encode(salt, sum), err
}

func encode(salt, sum []byte) string {
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", hashMemory, hashPasses, hashLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

// decode reads what encode wrote.
func decode(encoded string) (salt, sum []byte, ok bool) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 {
		return nil, nil, false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	return salt, sum, err1 == nil && err2 == nil
}

// Login is the principal's way to sign in by password; without one its fields are empty.
func (a *Accounts) Login(ctx context.Context, p Principal) (l store.Login, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		l, _, err = tx.Logins().Of(p.Workspace, p.Member)
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
	if utf8.RuneCountInString(password) > maxPassword {
		return false, nil
	}
	salt, want, ok := decode(l.Password)
	if !ok {
		return false, nil
	}
	sum, err := a.hash(ctx, password, salt)
	return err == nil && subtle.ConstantTimeCompare(sum, want) == 1, err
}

// maxDoors bounds the workspaces that one address may be a member of.
const maxDoors = 50

// SignIn checks an email address and a password, and says as whom they let in: an
// address may be a member of several workspaces. Who it is not is never said: an
// unknown address costs as many hashes, one, and reads the same as a wrong password.
// every says that it is the password of each of them: its owner's, then, and not one
// that an admin of one workspace set.
func (a *Accounts) SignIn(ctx context.Context, address, password string) (memberships []Principal, every bool, err error) {
	email, err := lead.Email(address)
	if err != nil {
		email = ""
	}
	if utf8.RuneCountInString(password) > maxPassword {
		password = ""
	}
	var logins []store.Login
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		logins, err = tx.Logins().ByEmail(email)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	good, err := a.fitting(ctx, logins[:min(len(logins), maxDoors)], password)
	if err != nil {
		return nil, false, err
	}
	if len(good) == 0 {
		return nil, false, fault.New(fault.Unauthenticated, "The email address or the password is wrong.")
	}
	for _, l := range good {
		memberships = append(memberships, Principal{Workspace: l.Workspace, Member: l.Member})
	}
	return memberships, len(good) == len(logins), nil
}

// fitting are the logins whose password this is. It computes one hash where they share a
// salt, as those that were written since do, and one where there is no login.
func (a *Accounts) fitting(ctx context.Context, logins []store.Login, password string) (good []store.Login, err error) {
	sums := map[string][]byte{}
	var shared []byte
	for _, l := range append(slices.Clone(logins), store.Login{Password: nobody}) {
		salt, want, ok := decode(l.Password)
		if !ok || l.Password == nobody && shared != nil {
			continue
		}
		if shared == nil {
			shared = salt
		}
		sum := sums[string(salt)]
		if sum == nil {
			if sum, err = a.hash(ctx, password, salt); err != nil {
				return nil, err
			}
			sums[string(salt)] = sum
		}
		if subtle.ConstantTimeCompare(sum, want) != 1 || l.Password == nobody {
			continue
		}
		good = append(good, l)
		if !bytes.Equal(salt, shared) { // written before passwords shared their salt
			if err := a.Store.Update(ctx, func(tx *store.Tx) error { return tx.Logins().ReplacePassword(l, encode(shared, sums[string(shared)])) }); err != nil {
				return nil, err
			}
		}
	}
	return good, nil
}

// nobody is the hash that an unknown address is compared with, for the time it takes.
const nobody = "$argon2id$v=19$m=47104,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// CreateCode makes a code that signs a member in once, by the operator's authority; an
// empty workspace makes the operator's own.
func (a *Accounts) CreateCode(ctx context.Context, workspace, memberID string) (code string, err error) {
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		code, err = a.putCode(tx, workspace, memberID, Operator)
		return err
	})
	return code, err
}

// CreateSetUpCode makes the operator's code of a server that is to be set up. It is the only one:
// those of earlier starts end, which may be in anybody's log.
func (a *Accounts) CreateSetUpCode(ctx context.Context) (code string, err error) {
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Logins().DropCodes("", ""); err != nil {
			return err
		}
		code, err = a.putCode(tx, "", "", Operator)
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
	return code, tx.Logins().InsertCode(store.SignInCode{
		Hash: ident.Hash(code), Workspace: workspace, Member: memberID, MadeBy: by, ExpiresAt: a.Clock().Add(CodeLife).UnixMicro(),
	})
}

// LookAtCode says as whom a code signs in, and leaves it as it is. Fault: Unauthenticated.
func (a *Accounts) LookAtCode(ctx context.Context, code string) (p Principal, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		c, found, err := tx.Logins().Code(ident.Hash(strings.TrimSpace(code)), a.Clock().UnixMicro())
		if err = a.codeCounts(tx, c, found, err); err != nil {
			return err
		}
		p = Principal{Workspace: c.Workspace, Member: c.Member}
		return err
	})
	return p, err
}

func overCode() error {
	return fault.New(fault.Unauthenticated, "The code is unknown, used or too old. Ask for a new one.")
}

// SignInByCode uses a code up. Fault: Unauthenticated, and then nothing is written.
func (a *Accounts) SignInByCode(ctx context.Context, code string) (Principal, error) {
	p, err := a.LookAtCode(ctx, code)
	if err != nil {
		return p, err
	}
	return p, a.Store.Update(ctx, func(tx *store.Tx) error {
		c, found, err := tx.Logins().TakeCode(ident.Hash(strings.TrimSpace(code)), a.Clock().UnixMicro())
		return a.codeCounts(tx, c, found, err)
	})
}

// codeCounts refuses a code whose maker lost the right to make it, and one that was made
// before its member's sign-ins were ended.
func (a *Accounts) codeCounts(tx *store.Tx, c store.SignInCode, found bool, err error) error {
	if err == nil && found {
		found, err = a.Stands(tx, c.Workspace, c.MadeBy)
	}
	if err == nil && found {
		found, err = ProvedSince(tx, c.Workspace, c.Member, c.ExpiresAt-CodeLife.Microseconds())
	}
	if err == nil && !found {
		err = overCode()
	}
	return err
}
