package account

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/base64"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// An access token reads lmx_PLACE_SECRET, as a key does; a refresh token
// lmr_CONNECTION_SECRET, with the connection's id without its prefix.
const (
	accessPrefix  = "lmx_"
	refreshPrefix = "lmr_"

	// ConnectWithin is how long a connection waits for approval, and then for its
	// first tokens to be fetched.
	ConnectWithin = 10 * time.Minute
	// AccessLife is how long an access token is good for.
	AccessLife = 15 * time.Minute
	// idleConnection ends a connection that nobody renewed.
	idleConnection = 30 * 24 * time.Hour
	// maxWaiting bounds the connections that wait for approval.
	maxWaiting = 10_000
	maxName    = 100 // characters
	// useEvery is how often it is written down that a connection is used.
	useEvery = time.Minute
)

// Tokens are what a connected extension is given.
type Tokens struct {
	Access, Refresh string
	ExpiresIn       time.Duration // of Access
	Workspace       store.Workspace
	Member          store.Member
}

// BeginConnection notes that an extension asks to be connected. The challenge is
// the SHA-256 of a secret that it keeps, in base64url.
func (a *Accounts) BeginConnection(ctx context.Context, name, challenge string) (store.Connection, error) {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return store.Connection{}, fault.Wrong("name", "must have 1 to %d printable characters", maxName)
	}
	hash, err := base64.RawURLEncoding.DecodeString(challenge)
	if err != nil || len(hash) != 32 {
		return store.Connection{}, fault.Wrong("challenge", "must be a SHA-256 in base64url")
	}
	now := a.Clock()
	c := store.Connection{ID: ident.New("ext"), Name: name, Challenge: hash, Status: store.ConnectionWaiting, CreatedAt: now.UnixMicro(), ExpiresAt: now.Add(ConnectWithin).UnixMicro()}
	return c, a.Store.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Connections().Waiting(now.UnixMicro())
		if err != nil {
			return err
		}
		if n >= maxWaiting {
			return fault.New(fault.RateLimited, "Too many connections wait for approval. Try again in a few minutes.")
		}
		return tx.Connections().Insert(c)
	})
}

// ConnectionCode is what the extension's panel and the approval page both show, so that
// people see whether they approve their own. It follows from the connection alone, and lets
// nobody in.
func ConnectionCode(c store.Connection) string {
	code := strings.ToUpper(ident.Short(ident.Hash("compare " + c.ID + " " + string(c.Challenge))))
	return code[:4] + "-" + code[4:]
}

// Connection reads one that waits for anybody's approval, or that this member has
// decided about. Others are not there.
func (a *Accounts) Connection(ctx context.Context, s *Scope, id string) (c store.Connection, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) (err error) {
		var found bool
		c, found, err = tx.Connections().ByID(id)
		if err == nil && (!found || c.Status != store.ConnectionWaiting && (c.Workspace != s.Workspace.ID || c.Member != s.Member)) {
			err = noConnection()
		}
		return err
	})
	return c, err
}

// Waits reports whether a connection can still be approved.
func (a *Accounts) Waits(c store.Connection) bool {
	return c.Status == store.ConnectionWaiting && c.ExpiresAt > a.Clock().UnixMicro()
}

// DecideConnection approves or denies one that waits, as the member of the scope.
func (a *Accounts) DecideConnection(ctx context.Context, s *Scope, id string, approve bool) error {
	status := store.ConnectionDenied
	if approve {
		status = store.ConnectionApproved
	}
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		if _, err := member(tx, s, s.Member); err != nil {
			return err
		}
		found, err := tx.Connections().Decide(id, status, s.Workspace.ID, s.Member, a.Clock().UnixMicro())
		if err == nil && !found {
			err = fault.New(fault.Expired, "This connection waits no longer. Press Connect in the extension again.")
		}
		if err != nil {
			return err
		}
		return s.Audit(tx, map[bool]string{true: "extension.connected", false: "extension.denied"}[approve], id, "")
	})
}

func noConnection() error { return fault.New(fault.NotFound, "There is no such connection.") }

// FirstTokens gives an approved connection its tokens, to who knows the verifier
// behind its challenge. False, without an error: it still waits for approval. The
// answer may be lost, so it can be asked for again until the access token was used.
// Faults: NotFound, Unauthenticated (another verifier), NotAllowed (denied),
// Expired.
func (a *Accounts) FirstTokens(ctx context.Context, id, verifier string) (t Tokens, approved bool, err error) {
	waits := false
	err = a.Store.View(ctx, func(tx *store.Tx) error { // who asks again and again writes nothing
		_, waits, err = a.provenConnection(tx, id, verifier)
		return err
	})
	if err != nil || waits {
		return t, false, err
	}
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		c, waits, err := a.provenConnection(tx, id, verifier)
		if err != nil || waits {
			return err
		}
		approved = true
		t, err = a.issue(tx, c, nil)
		return err
	})
	return t, approved, err
}

// provenConnection is the connection of who knows its verifier, if it has tokens to give.
func (a *Accounts) provenConnection(tx *store.Tx, id, verifier string) (c store.Connection, waits bool, err error) {
	c, found, err := tx.Connections().ByID(id)
	switch {
	case err != nil:
	case !found:
		err = noConnection()
	case subtle.ConstantTimeCompare(ident.Hash(verifier), c.Challenge) != 1:
		err = fault.New(fault.Unauthenticated, "The verifier is not this connection's.")
	case c.Status == store.ConnectionDenied:
		err = fault.New(fault.NotAllowed, "The connection was refused.")
	case c.Status == store.ConnectionEnded || a.Clock().UnixMicro() >= c.CreatedAt+ConnectWithin.Microseconds() || c.Refresh != nil && !c.Fresh:
		err = fault.New(fault.Expired, "The connection is over. Connect again.")
	}
	return c, c.Status == store.ConnectionWaiting, err
}

// RenewTokens gives new tokens for a refresh token. The refresh token before it is
// taken until the access token that came with its successor was used: its holder
// may have died before it kept the answer. After that, two hold it, and the
// connection ends.
func (a *Accounts) RenewTokens(ctx context.Context, refresh string) (t Tokens, err error) {
	refused := fault.New(fault.Unauthenticated, "The connection was ended. Connect again.")
	rest, ok := strings.CutPrefix(refresh, refreshPrefix)
	place, _, ok2 := strings.Cut(rest, "_")
	if !ok || !ok2 || len(refresh) > 200 {
		return t, refused
	}
	err = a.Store.View(ctx, func(tx *store.Tx) error { // a guess writes nothing
		c, found, err := tx.Connections().ByID("ext_" + place)
		if hash := ident.Hash(refresh); err == nil && (!found || !bytes.Equal(hash, c.Refresh) && !bytes.Equal(hash, c.Previous)) {
			err = refused
		}
		return err
	})
	if err != nil {
		return t, err
	}
	reused := false
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		c, found, err := tx.Connections().ByID("ext_" + place)
		if err != nil {
			return err
		}
		hash := ident.Hash(refresh)
		now, before := bytes.Equal(hash, c.Refresh), bytes.Equal(hash, c.Previous)
		if !found || !now && !before || c.Status != store.ConnectionApproved || c.ExpiresAt <= a.Clock().UnixMicro() {
			return refused
		}
		if before && !c.Fresh {
			reused = true
			_, err := tx.Connections().End(c.ID, c.Workspace, c.Member)
			return err
		}
		t, err = a.issue(tx, c, hash)
		return err
	})
	if err == nil && reused {
		err = refused
	}
	return t, err
}

// issue makes the tokens of an approved connection; previous is the hash of the
// refresh token that they are given for.
func (a *Accounts) issue(tx *store.Tx, c store.Connection, previous []byte) (t Tokens, err error) {
	w, found, err := tx.Workspaces().ByID(c.Workspace)
	if err != nil {
		return t, err
	}
	m, found2, err := tx.Members().ByID(c.Workspace, c.Member)
	if err != nil {
		return t, err
	}
	if !found || !found2 || m.RemovedAt != 0 {
		return t, fault.New(fault.Unauthenticated, "You are not a member of this workspace any more.")
	}
	now := a.Clock()
	t = Tokens{
		Access:    accessPrefix + strings.TrimPrefix(w.ID, "ws_") + "_" + ident.Secret(),
		Refresh:   refreshPrefix + strings.TrimPrefix(c.ID, "ext_") + "_" + ident.Secret(),
		ExpiresIn: AccessLife, Workspace: w, Member: m,
	}
	next := c
	next.Access, next.AccessUntil = ident.Hash(t.Access), now.Add(AccessLife).UnixMicro()
	next.Refresh, next.Previous = ident.Hash(t.Refresh), previous
	next.ExpiresAt, next.LastUsedAt = now.Add(idleConnection).UnixMicro(), now.UnixMicro()
	put, err := tx.Connections().PutTokens(c, next)
	if err == nil && !put {
		err = fault.New(fault.Conflict, "The connection was renewed or ended at the same moment. Try again.")
	}
	return t, err
}

// Connections lists the member's extensions that are connected, newest first.
func (a *Accounts) Connections(ctx context.Context, s *Scope) (list []store.Connection, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.Connections().Of(s.Workspace.ID, s.Member, a.Clock().UnixMicro())
		return err
	})
	return list, err
}

// EndConnection ends one of the member's at once. An extension ends none but its own.
func (a *Accounts) EndConnection(ctx context.Context, p Principal, id string) error {
	if p.Extension != "" && p.Extension != id || p.Member == "" || !p.Can(EndConnection) {
		return noConnection()
	}
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		found, err := tx.Connections().End(id, p.Workspace, p.Member)
		if err == nil && !found {
			err = noConnection()
		}
		if err != nil {
			return err
		}
		s := &Scope{Principal: p, Workspace: store.Workspace{ID: p.Workspace}, Now: a.Clock().UTC()}
		return s.Audit(tx, "extension.ended", id, "")
	})
}

// lookUpExtension says whose access token this is: its member's, with a member's
// rights whatever their role is.
func (a *Accounts) lookUpExtension(ctx context.Context, rest string, hash []byte) (p Principal, err error) {
	place, _, ok := strings.Cut(rest, "_")
	if !ok {
		return p, noKey()
	}
	now, workspace := a.Clock().UnixMicro(), "ws_"+place
	var c store.Connection
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		var found bool
		if c, found, err = tx.Connections().ByAccess(workspace, hash, now); err != nil {
			return err
		}
		m, found2, err := tx.Members().ByID(workspace, c.Member)
		if err != nil {
			return err
		}
		w, found3, err := tx.Workspaces().ByID(workspace)
		if err != nil {
			return err
		}
		if !found || !found2 || !found3 || m.RemovedAt != 0 {
			return fault.New(fault.Unauthenticated, "The token is unknown, ended or too old. Renew it, or connect again.")
		}
		p = Principal{Role: Regular, Workspace: workspace, Member: c.Member, Extension: c.ID}
		p.entered = &w
		return nil
	})
	if err != nil || !c.Fresh && now-c.LastUsedAt < useEvery.Microseconds() {
		return p, err
	}
	// Nothing that is read fails because this could not be written.
	if err := a.Store.Update(ctx, func(tx *store.Tx) error { return tx.Connections().Use(c.ID, hash, now) }); err != nil && ctx.Err() == nil {
		slog.Warn("the use of an extension's connection was not noted", "error", err)
	}
	return p, nil
}
