package store

// Workspace is a customer account, without its ledger.
type Workspace struct {
	ID, Name, Clock string
	AutoUnlock      string // on, off or member
	AutoCap         *int64 // a day, in millionths of a credit; nil: none
	CreatedAt       int64
	UsageVisibleTo  string // managers or everyone (rule S5)
}

// Member is a person in a workspace.
type Member struct {
	Workspace, ID, Email, Name, Role string
	AutoUnlock                       bool
	CreatedAt, RemovedAt             int64 // RemovedAt 0: a member
}

// APIKey is a key without its secret.
type APIKey struct {
	Workspace, ID, Last4, Name, Role, Member string
	Owner                                    string // a member's id, or "operator"
	Hash                                     []byte
	ReadOnly, Service                        bool
	CreatedAt, RevokedAt                     int64
}

// Insert adds a workspace and its place in the ledger.
func (t Workspaces) Insert(w Workspace, a Account) error {
	_, err := t.q.exec(`INSERT INTO workspaces (`+workspaceColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		w.ID, w.Name, w.Clock, w.AutoUnlock, w.AutoCap, w.CreatedAt, w.UsageVisibleTo)
	if err != nil {
		return err
	}
	return t.tx().Accounts().Insert(a)
}

const workspaceColumns = `workspace_id, name, clock_id, auto_unlock, auto_cap, created_at, usage_visible_to`

func scanWorkspace(scan scanner, w *Workspace) error {
	return scan(&w.ID, &w.Name, &w.Clock, &w.AutoUnlock, &w.AutoCap, &w.CreatedAt, &w.UsageVisibleTo)
}

// ByID reads one; false: there is none.
func (t Workspaces) ByID(id string) (w Workspace, found bool, err error) {
	err = t.q.query(`SELECT `+workspaceColumns+` FROM workspaces WHERE workspace_id = $1`, func(scan scanner) error {
		found = true
		return scanWorkspace(scan, &w)
	}, id)
	return w, found, err
}

// List lists those after an id, in order of their making.
func (t Workspaces) List(after string, limit int) ([]Workspace, error) {
	var list []Workspace
	err := t.q.query(`SELECT `+workspaceColumns+` FROM workspaces WHERE workspace_id > $1 ORDER BY workspace_id LIMIT $2`, func(scan scanner) error {
		var w Workspace
		err := scanWorkspace(scan, &w)
		list = append(list, w)
		return err
	}, after, limit)
	return list, err
}

// Update writes a workspace's name and settings.
func (t Workspaces) Update(w Workspace) error {
	t.admission = true
	_, err := t.q.exec(`UPDATE workspaces SET name = $2, auto_unlock = $3, auto_cap = $4, usage_visible_to = $5 WHERE workspace_id = $1`, w.ID, w.Name, w.AutoUnlock, w.AutoCap, w.UsageVisibleTo)
	return err
}

// Insert adds a member; one of the same email that was not removed is a conflict.
func (t Members) Insert(m Member) error {
	_, err := t.q.exec(`INSERT INTO members (workspace_id, member_id, email, name, role, auto_unlock, created_at, removed_at) VALUES ($1,$2,$3,$4,$5,$6,$7,0)`,
		m.Workspace, m.ID, m.Email, m.Name, m.Role, number(m.AutoUnlock), m.CreatedAt)
	if err != nil {
		return err
	}
	return t.keepEmail(m)
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

const memberColumns = `workspace_id, member_id, email, name, role, auto_unlock, created_at, removed_at`

func scanMember(scan scanner, m *Member) error {
	var auto int64
	err := scan(&m.Workspace, &m.ID, &m.Email, &m.Name, &m.Role, &auto, &m.CreatedAt, &m.RemovedAt)
	m.AutoUnlock = auto != 0
	return err
}

// ByID reads one, removed or not; false: there is none.
func (t Members) ByID(ws, id string) (m Member, found bool, err error) {
	err = t.q.query(`SELECT `+memberColumns+` FROM members WHERE workspace_id = $1 AND member_id = $2`, func(scan scanner) error {
		found = true
		return scanMember(scan, &m)
	}, ws, id)
	return m, found, err
}

// Of lists a workspace's members after an id; removed ones too, if asked.
func (t Members) Of(ws, after string, limit int, removed bool) ([]Member, error) {
	var list []Member
	err := t.q.query(`SELECT `+memberColumns+` FROM members WHERE workspace_id = $1 AND member_id > $2 AND (removed_at = 0 OR $3 = 1) ORDER BY member_id LIMIT $4`,
		func(scan scanner) error {
			var m Member
			err := scanMember(scan, &m)
			list = append(list, m)
			return err
		}, ws, after, number(removed), limit)
	return list, err
}

// Update writes what may change of a member; an address that another member of the workspace has is a
// conflict.
func (t Members) Update(m Member) error {
	t.admission = true
	_, err := t.q.exec(`UPDATE members SET email = $3, name = $4, role = $5, auto_unlock = $6, removed_at = $7 WHERE workspace_id = $1 AND member_id = $2`,
		m.Workspace, m.ID, m.Email, m.Name, m.Role, number(m.AutoUnlock), m.RemovedAt)
	if err != nil {
		return err
	}
	return t.keepEmail(m)
}

// Insert adds an API key by the hash of its secret; of an operator where Workspace is empty.
func (t APIKeys) Insert(k APIKey) error {
	if k.Workspace == "" {
		_, err := t.q.exec(`INSERT INTO operator_keys (key_id, hash, last4, name, read_only, created_at, revoked_at) VALUES ($1,$2,$3,$4,$5,$6,0)`,
			k.ID, k.Hash, k.Last4, k.Name, number(k.ReadOnly), k.CreatedAt)
		return err
	}
	_, err := t.q.exec(`INSERT INTO api_keys (workspace_id, key_id, hash, last4, name, role, member_id, read_only, created_at, revoked_at, owner, service) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,0,$10,$11)`,
		k.Workspace, k.ID, k.Hash, k.Last4, k.Name, k.Role, k.Member, number(k.ReadOnly), k.CreatedAt, k.Owner, number(k.Service))
	return err
}

const keyColumns = `workspace_id, key_id, last4, name, role, member_id, read_only, created_at, revoked_at, owner, service`

func scanKey(scan scanner, k *APIKey) error {
	var readOnly, service int64
	err := scan(&k.Workspace, &k.ID, &k.Last4, &k.Name, &k.Role, &k.Member, &readOnly, &k.CreatedAt, &k.RevokedAt, &k.Owner, &service)
	k.ReadOnly, k.Service = readOnly != 0, service != 0
	return err
}

// ByHash finds the live key with this secret; false: there is none.
func (t APIKeys) ByHash(ws string, hash []byte) (k APIKey, found bool, err error) {
	each := func(scan scanner) error {
		found = true
		return scanKey(scan, &k)
	}
	if ws == "" {
		err = t.q.query(`SELECT '', key_id, last4, name, 'operator', '', read_only, created_at, revoked_at, 'operator', 0 FROM operator_keys WHERE hash = $1 AND revoked_at = 0`, each, hash)
	} else {
		err = t.q.query(`SELECT `+keyColumns+` FROM api_keys WHERE workspace_id = $1 AND hash = $2 AND revoked_at = 0`, each, ws, hash)
	}
	return k, found, err
}

// ByID finds a workspace's live key by its id; false: there is none.
func (t APIKeys) ByID(ws, id string) (k APIKey, found bool, err error) {
	err = t.q.query(`SELECT `+keyColumns+` FROM api_keys WHERE workspace_id = $1 AND key_id = $2 AND revoked_at = 0`, func(scan scanner) error {
		found = true
		return scanKey(scan, &k)
	}, ws, id)
	return k, found, err
}

// Of lists a workspace's live keys after an id.
func (t APIKeys) Of(ws, after string, limit int) ([]APIKey, error) {
	var list []APIKey
	err := t.q.query(`SELECT `+keyColumns+` FROM api_keys WHERE workspace_id = $1 AND key_id > $2 AND revoked_at = 0 ORDER BY key_id LIMIT $3`, func(scan scanner) error {
		var k APIKey
		err := scanKey(scan, &k)
		list = append(list, k)
		return err
	}, ws, after, limit)
	return list, err
}

// Revoke ends a key; false: there is no such live key.
func (t APIKeys) Revoke(ws, id string, at int64) (bool, error) {
	t.admission = true
	n, err := t.q.exec(`UPDATE api_keys SET revoked_at = $3 WHERE workspace_id = $1 AND key_id = $2 AND revoked_at = 0`, ws, id, at)
	return n > 0, err
}

// RevokeMember ends every key that acts as a member or is theirs; service keys
// are passed on before.
func (t APIKeys) RevokeMember(ws, member string, at int64) error {
	t.admission = true
	_, err := t.q.exec(`UPDATE api_keys SET revoked_at = $3 WHERE workspace_id = $1 AND (member_id = $2 OR owner = $2) AND revoked_at = 0`, ws, member, at)
	return err
}

// PassService gives an owner's service keys to another one and says how many.
func (t APIKeys) PassService(ws, from, to string) (int64, error) {
	t.admission = true
	return t.q.exec(`UPDATE api_keys SET owner = $3 WHERE workspace_id = $1 AND owner = $2 AND service = 1 AND revoked_at = 0`, ws, from, to)
}

// InsertClock adds a test clock.
func (t Workspaces) InsertClock(id string, now int64) error {
	_, err := t.q.exec(`INSERT INTO clocks (clock_id, now) VALUES ($1,$2)`, id, now)
	return err
}

// Clock reads a test clock; false: there is none.
func (t Workspaces) Clock(id string) (now int64, found bool, err error) {
	found, err = t.one(`SELECT now FROM clocks WHERE clock_id = $1`, []any{&now}, id)
	return now, found, err
}

// AdvanceClock moves a test clock, never back; false: it stands later already.
func (t Workspaces) AdvanceClock(id string, to int64) (bool, error) {
	n, err := t.q.exec(`UPDATE clocks SET now = $2 WHERE clock_id = $1 AND now <= $2`, id, to)
	return n > 0, err
}

// Any reports whether there is any.
func (t Workspaces) Any() (bool, error) {
	var n int64
	return t.one(`SELECT 1 FROM workspaces LIMIT 1`, []any{&n})
}
