package store

// What has become of a connection.
const (
	ConnectionWaiting  = "waiting"
	ConnectionApproved = "approved"
	ConnectionDenied   = "denied"
	ConnectionEnded    = "ended"
)

// Connection is a browser extension's way in. Times are microseconds since 1970.
type Connection struct {
	ID, Name, Status  string
	Workspace, Member string // empty until it is approved
	// Challenge is the hash of what the extension proves itself with.
	Challenge []byte
	// Access, Refresh and Previous are hashes of tokens, nil before there are any;
	// Previous is the refresh token that Refresh replaced.
	Access, Refresh, Previous []byte
	AccessUntil               int64
	// Fresh: the access token was not used yet, so it may never have arrived.
	Fresh                            bool
	CreatedAt, ExpiresAt, LastUsedAt int64
}

const connectionColumns = `connection_id, challenge, name, status, workspace_id, member_id, access, access_until, refresh, previous_refresh, fresh, created_at, expires_at, last_used_at`

func scanConnection(scan scanner, c *Connection) error {
	var fresh int64
	err := scan(&c.ID, &c.Challenge, &c.Name, &c.Status, &c.Workspace, &c.Member, &c.Access, &c.AccessUntil, &c.Refresh, &c.Previous, &fresh, &c.CreatedAt, &c.ExpiresAt, &c.LastUsedAt)
	c.Fresh = fresh != 0
	for _, hash := range []*[]byte{&c.Access, &c.Refresh, &c.Previous} {
		if len(*hash) == 0 { // as SQLite reads NULL
			*hash = nil
		}
	}
	return err
}

// Insert adds one that waits for approval.
func (t Connections) Insert(c Connection) error {
	_, err := t.q.exec(`INSERT INTO extension_connections (connection_id, challenge, name, status, workspace_id, member_id, access_until, fresh, created_at, expires_at, last_used_at)
		VALUES ($1,$2,$3,$4,'','',0,0,$5,$6,0)`, c.ID, c.Challenge, c.Name, ConnectionWaiting, c.CreatedAt, c.ExpiresAt)
	return err
}

// Waiting counts those that can still be approved.
func (t Connections) Waiting(now int64) (n int64, err error) {
	_, err = t.one(`SELECT count(*) FROM extension_connections WHERE status = 'waiting' AND expires_at > $1`, []any{&n}, now)
	return n, err
}

// ByID reads one; false: there is none.
func (t Connections) ByID(id string) (c Connection, found bool, err error) {
	err = t.q.query(`SELECT `+connectionColumns+` FROM extension_connections WHERE connection_id = $1`, func(scan scanner) error {
		found = true
		return scanConnection(scan, &c)
	}, id)
	return c, found, err
}

// ByAccess finds the connection of a workspace with this access token;
// false: there is none that is approved and whose token is still good.
func (t Connections) ByAccess(ws string, access []byte, now int64) (c Connection, found bool, err error) {
	err = t.q.query(`SELECT `+connectionColumns+` FROM extension_connections WHERE workspace_id = $1 AND access = $2 AND status = $3 AND access_until > $4`, func(scan scanner) error {
		found = true
		return scanConnection(scan, &c)
	}, ws, access, ConnectionApproved, now)
	return c, found, err
}

// Of lists a member's that are alive, the newest first.
func (t Connections) Of(ws, member string, now int64) ([]Connection, error) {
	var list []Connection
	err := t.q.query(`SELECT `+connectionColumns+` FROM extension_connections
		WHERE workspace_id = $1 AND member_id = $2 AND status = $3 AND expires_at > $4 ORDER BY connection_id DESC`, func(scan scanner) error {
		var c Connection
		err := scanConnection(scan, &c)
		list = append(list, c)
		return err
	}, ws, member, ConnectionApproved, now)
	return list, err
}

// Decide approves or denies one that waits; false: there is none.
func (t Connections) Decide(id, status, ws, member string, now int64) (bool, error) {
	n, err := t.q.exec(`UPDATE extension_connections SET status = $2, workspace_id = $3, member_id = $4 WHERE connection_id = $1 AND status = $5 AND expires_at > $6`,
		id, status, ws, member, ConnectionWaiting, now)
	return n > 0, err
}

// PutTokens writes a connection's tokens where they are still those that was
// holds; false: they are not, or the connection was ended meanwhile.
func (t Connections) PutTokens(was, c Connection) (bool, error) {
	n, err := t.q.exec(`UPDATE extension_connections SET access = $2, access_until = $3, refresh = $4, previous_refresh = $5, fresh = 1, expires_at = $6, last_used_at = $7
		WHERE connection_id = $1 AND status = $8 AND fresh = $9 AND (refresh = $10 OR refresh IS NULL AND $11 = 1)`,
		c.ID, c.Access, c.AccessUntil, c.Refresh, c.Previous, c.ExpiresAt, c.LastUsedAt, ConnectionApproved, number(was.Fresh), was.Refresh, number(was.Refresh == nil))
	return n > 0, err
}

// Use notes that a connection's access token arrived and was used.
func (t Connections) Use(id string, access []byte, now int64) error {
	_, err := t.q.exec(`UPDATE extension_connections SET fresh = 0, last_used_at = $3 WHERE connection_id = $1 AND access = $2`, id, access, now)
	return err
}

// End ends one at once; with a workspace and a member, only theirs.
// False: there is no such connection that was alive.
func (t Connections) End(id, ws, member string) (bool, error) {
	t.admission = true
	n, err := t.q.exec(`UPDATE extension_connections SET status = $4 WHERE connection_id = $1 AND workspace_id = $2 AND member_id = $3 AND status = $5`,
		id, ws, member, ConnectionEnded, ConnectionApproved)
	return n > 0, err
}

// EndAll ends all of a member's.
func (t Connections) EndAll(ws, member string) error {
	t.admission = true
	_, err := t.q.exec(`UPDATE extension_connections SET status = $3 WHERE workspace_id = $1 AND member_id = $2 AND status = $4`, ws, member, ConnectionEnded, ConnectionApproved)
	return err
}

// DropOld forgets those whose time is over.
func (t Connections) DropOld(now int64) error {
	_, err := t.q.exec(`DELETE FROM extension_connections WHERE expires_at <= $1`, now)
	return err
}
