package store

// Passkey is a public key that somebody signs in with. Times are microseconds since
// 1970; UsedAt is 0 until it was used.
type Passkey struct {
	Workspace, Member, ID string
	Credential            []byte // its own id
	Name                  string
	Record                string // what WebAuthn keeps, as JSON
	CreatedAt, UsedAt     int64
}

// InsertPasskey adds one.
func (t Credentials) InsertPasskey(k Passkey) error {
	_, err := t.q.exec(`INSERT INTO passkeys (workspace_id, member_id, passkey_id, credential, name, record, created_at, used_at) VALUES ($1,$2,$3,$4,$5,$6,$7,0)`,
		k.Workspace, k.Member, k.ID, k.Credential, k.Name, k.Record, k.CreatedAt)
	return err
}

// Passkeys lists a member's, the oldest first.
func (t Credentials) Passkeys(ws, member string) ([]Passkey, error) {
	var list []Passkey
	err := t.q.query(`SELECT passkey_id, credential, name, record, created_at, used_at FROM passkeys WHERE workspace_id = $1 AND member_id = $2 ORDER BY passkey_id`, func(scan scanner) error {
		k := Passkey{Workspace: ws, Member: member}
		err := scan(&k.ID, &k.Credential, &k.Name, &k.Record, &k.CreatedAt, &k.UsedAt)
		list = append(list, k)
		return err
	}, ws, member)
	return list, err
}

// UsePasskey notes that one was used, and what WebAuthn keeps now; false: it was used since
// the browser was asked for it, so the answer came before, or it is there no more.
func (t Credentials) UsePasskey(ws, member, id, record string, asked, now int64) (bool, error) {
	n, err := t.q.exec(`UPDATE passkeys SET record = $4, used_at = $6 WHERE workspace_id = $1 AND member_id = $2 AND passkey_id = $3 AND used_at <= $5`, ws, member, id, record, asked, now)
	return n > 0, err
}

// RenamePasskey gives one another name; false: there is none.
func (t Credentials) RenamePasskey(ws, member, id, name string) (bool, error) {
	n, err := t.q.exec(`UPDATE passkeys SET name = $4 WHERE workspace_id = $1 AND member_id = $2 AND passkey_id = $3`, ws, member, id, name)
	return n > 0, err
}

// DropPasskey removes one; false: there is none.
func (t Credentials) DropPasskey(ws, member, id string) (bool, error) {
	n, err := t.q.exec(`DELETE FROM passkeys WHERE workspace_id = $1 AND member_id = $2 AND passkey_id = $3`, ws, member, id)
	return n > 0, err
}

// Identity is whom an issuer calls what.
type Identity struct {
	Workspace, Member, Issuer, Subject string
	CreatedAt                          int64
}

// InsertIdentity binds a member to what an issuer calls them; a Conflict where either
// is bound already.
func (t Credentials) InsertIdentity(i Identity) error {
	_, err := t.q.exec(`INSERT INTO identities (workspace_id, member_id, issuer, subject, created_at) VALUES ($1,$2,$3,$4,$5)`, i.Workspace, i.Member, i.Issuer, i.Subject, i.CreatedAt)
	return err
}

// Identities are the members, of all workspaces, that an issuer calls this.
func (t Credentials) Identities(issuer, subject string) ([]Identity, error) {
	return t.identities(`issuer = $1 AND subject = $2`, issuer, subject)
}

// IdentitiesOf are what issuers call a member.
func (t Credentials) IdentitiesOf(ws, member string) ([]Identity, error) {
	return t.identities(`workspace_id = $1 AND member_id = $2`, ws, member)
}

func (t Credentials) identities(where string, args ...any) ([]Identity, error) {
	var list []Identity
	err := t.q.query(`SELECT workspace_id, member_id, issuer, subject, created_at FROM identities WHERE `+where+` ORDER BY workspace_id, issuer`, func(scan scanner) error {
		var i Identity
		err := scan(&i.Workspace, &i.Member, &i.Issuer, &i.Subject, &i.CreatedAt)
		list = append(list, i)
		return err
	}, args...)
	return list, err
}

// DropIdentity takes back what an issuer calls a member; false: there was nothing.
func (t Credentials) DropIdentity(ws, member, issuer string) (bool, error) {
	n, err := t.q.exec(`DELETE FROM identities WHERE workspace_id = $1 AND member_id = $2 AND issuer = $3`, ws, member, issuer)
	return n > 0, err
}
