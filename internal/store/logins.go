package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
)

// Login is how somebody signs in to a workspace; the operator's has no workspace.
type Login struct{ Email, Workspace, Member, Password string }

// Put sets a login's password hash.
func (t Logins) Put(l Login) error {
	_, err := t.q.exec(`INSERT INTO logins (email, workspace_id, member_id, password) VALUES ($1,$2,$3,$4)
		ON CONFLICT (email, workspace_id, member_id) DO UPDATE SET password = excluded.password`, l.Email, l.Workspace, l.Member, l.Password)
	return err
}

// ByEmail are those of an email address.
func (t Logins) ByEmail(email string) ([]Login, error) {
	var list []Login
	err := t.q.query(`SELECT email, workspace_id, member_id, password FROM logins WHERE email = $1 ORDER BY workspace_id`, func(scan scanner) error {
		var l Login
		err := scan(&l.Email, &l.Workspace, &l.Member, &l.Password)
		list = append(list, l)
		return err
	}, email)
	return list, err
}

// Of is the one of a member, or of the operator; false: there is none.
func (t Logins) Of(ws, member string) (l Login, found bool, err error) {
	l = Login{Workspace: ws, Member: member}
	found, err = t.one(`SELECT email, password FROM logins WHERE workspace_id = $1 AND member_id = $2`, []any{&l.Email, &l.Password}, ws, member)
	return l, found, err
}

// ReplacePassword writes the same password in another form, unless it was changed meanwhile.
func (t Logins) ReplacePassword(l Login, with string) error {
	_, err := t.q.exec(`UPDATE logins SET password = $5 WHERE email = $1 AND workspace_id = $2 AND member_id = $3 AND password = $4`, l.Email, l.Workspace, l.Member, l.Password, with)
	return err
}

// DropPassword takes a member's password away.
func (t Logins) DropPassword(ws, member string) error {
	_, err := t.q.exec(`DELETE FROM logins WHERE workspace_id = $1 AND member_id = $2`, ws, member)
	return err
}

// Drop ends a member's ways to sign in, and where they are signed in.
func (t Logins) Drop(ws, member string) error {
	for _, table := range []string{"sign_in_codes", "logins", "sign_ins", "invitations", "second_factors", "recovery_codes", "passkeys", "identities"} {
		if _, err := t.q.exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND member_id = $2`, ws, member); err != nil {
			return err
		}
	}
	return nil
}

// SignInCode is a secret that signs in once.
type SignInCode struct {
	Hash              []byte
	Workspace, Member string
	MadeBy            string // a member, a key or the operator
	ExpiresAt         int64
}

// InsertCode adds a code.
func (t Logins) InsertCode(c SignInCode) error {
	_, err := t.q.exec(`INSERT INTO sign_in_codes (hash, workspace_id, member_id, expires_at, made_by) VALUES ($1,$2,$3,$4,$5)`, c.Hash, c.Workspace, c.Member, c.ExpiresAt, c.MadeBy)
	return err
}

// DropCodes ends the unused codes of a member, or without one the operator's.
func (t Logins) DropCodes(ws, member string) error {
	_, err := t.q.exec(`DELETE FROM sign_in_codes WHERE workspace_id = $1 AND member_id = $2`, ws, member)
	return err
}

// Code reads a code and leaves it as it is; false: there is none that is still good.
func (t Logins) Code(hash []byte, now int64) (c SignInCode, found bool, err error) {
	c.Hash = hash
	found, err = t.one(`SELECT workspace_id, member_id, expires_at, made_by FROM sign_in_codes WHERE hash = $1`, []any{&c.Workspace, &c.Member, &c.ExpiresAt, &c.MadeBy}, hash)
	return c, found && c.ExpiresAt > now, err
}

// TakeCode uses a code up; false: there is none that is still good.
func (t Logins) TakeCode(hash []byte, now int64) (c SignInCode, found bool, err error) {
	found, err = t.one(`DELETE FROM sign_in_codes WHERE hash = $1 RETURNING workspace_id, member_id, expires_at, made_by`, []any{&c.Workspace, &c.Member, &c.ExpiresAt, &c.MadeBy}, hash)
	return c, found && c.ExpiresAt > now, err
}

// Session reads a browser session's data; false: there is none that is still good.
func (t SignIns) Session(token string, now int64) (data []byte, found bool, err error) {
	found, err = t.one(`SELECT data FROM sessions WHERE token = $1 AND expiry > $2`, []any{&data}, token, now)
	return data, found, err
}

// PutSession writes a browser session.
func (t SignIns) PutSession(token string, data []byte, expiry int64) error {
	_, err := t.q.exec(`INSERT INTO sessions (token, data, expiry) VALUES ($1,$2,$3)
		ON CONFLICT (token) DO UPDATE SET data = excluded.data, expiry = excluded.expiry`, token, data, expiry)
	return err
}

// DropSession ends a browser session.
func (t SignIns) DropSession(token string) error {
	_, err := t.q.exec(`DELETE FROM sessions WHERE token = $1`, token)
	return err
}

// DropOld forgets sessions, codes and links whose time is over.
func (t SignIns) DropOld(now int64) error {
	if _, err := t.q.exec(`DELETE FROM sessions WHERE expiry <= $1`, now); err != nil {
		return err
	}
	for _, table := range []string{"sign_in_codes", "sign_ins", "mail_links"} {
		if _, err := t.q.exec(`DELETE FROM `+table+` WHERE expires_at <= $1`, now); err != nil {
			return err
		}
	}
	return nil
}

// Get reads a value of the server's own; empty: it was never set.
func (t Settings) Get(name string) (value string, err error) {
	_, err = t.one(`SELECT value FROM server_settings WHERE name = $1`, []any{&value}, name)
	return value, err
}

// GetForUpdate reads a value as Get does, and keeps other writers of it out until the transaction
// ends.
func (t Settings) GetForUpdate(name string) (value string, err error) {
	if t.sqlite { // there is one writer
		return t.Get(name)
	}
	// Of a Citus the coordinator's own copy is locked, as People.Lock does.
	_, err = t.one(t.q.(*postgresQuerier).here.in(`SELECT value FROM server_settings WHERE name = $1 FOR UPDATE`), []any{&value}, name)
	return value, err
}

// SecretSetting is a secret of 32 bytes that the servers of one database share, made by
// whichever of them asks first. It is read before it is made: a write goes to every node of a Citus,
// and a server must start while one is gone.
func (s *Store) SecretSetting(ctx context.Context, name string) (value string, err error) {
	if err = s.View(ctx, func(tx *Tx) error {
		value, err = tx.Settings().Get(name)
		return err
	}); err != nil || value != "" {
		return value, err
	}
	err = s.Update(ctx, func(tx *Tx) error {
		var fresh [32]byte
		_, _ = rand.Read(fresh[:]) // never fails
		if _, err := tx.q.exec(`INSERT INTO server_settings (name, value) VALUES ($1,$2) ON CONFLICT (name) DO NOTHING`, name, hex.EncodeToString(fresh[:])); err != nil {
			return err
		}
		value, err = tx.Settings().Get(name)
		return err
	})
	return value, err
}

// AnySealed reports whether anything in the database opens with a secret key alone (package seal).
func (t Settings) AnySealed() (bool, error) {
	n := 0
	_, err := t.one(`SELECT count(*) FROM (
		SELECT value AS text FROM server_settings WHERE name <> '`+keyInUse+`' UNION ALL SELECT sealed FROM provider_keys UNION ALL SELECT secret FROM second_factors
		UNION ALL SELECT secret FROM push_connections UNION ALL SELECT secret FROM webhooks) kept WHERE text LIKE '%seal1.%'`, []any{&n})
	return n > 0, err
}

// keyInUse is the setting that has a text sealed with the key of the servers.
const keyInUse = "secret key in use"

// KeyUsed is a text that is sealed with the key of the servers; empty: none has one.
func (t Settings) KeyUsed() (sealed string, err error) { return t.Get(keyInUse) }

// UseKey notes with a text that is sealed with a server's key that it is in use, where none is; it returns the
// text of the one that is.
func (t Settings) UseKey(sealed string) (string, error) {
	if _, err := t.q.exec(`INSERT INTO server_settings (name, value) VALUES ($1,$2) ON CONFLICT (name) DO NOTHING`, keyInUse, sealed); err != nil {
		return "", err
	}
	return t.Get(keyInUse)
}

// ReplaceKey notes that another key is in use from now on.
func (t Settings) ReplaceKey(sealed string) error { return t.Put(keyInUse, sealed) }

// Put writes one.
func (t Settings) Put(name, value string) error {
	_, err := t.q.exec(`INSERT INTO server_settings (name, value) VALUES ($1,$2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}
