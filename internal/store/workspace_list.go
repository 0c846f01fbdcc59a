package store

import "strings"

// ListedWorkspace is a workspace as the operator's list has it.
type ListedWorkspace struct {
	Workspace
	LastAt int64 // of the newest command of its ledger
	Clock  int64 // what its test clock shows; 0: it has none
}

// Listed are the workspaces after an id whose name has a text in it, or whose id it
// is: one statement a page. Both tables are read from there on, as in Accounts.List.
func (t Workspaces) Listed(text, after string, limit int) (list []ListedWorkspace, err error) {
	text = strings.ToLower(text)
	escaped := strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
	err = t.q.query(`SELECT w.workspace_id, w.name, w.clock_id, w.auto_unlock, w.auto_cap, w.created_at, a.last_at, COALESCE(c.now, 0)
		FROM workspaces w JOIN accounts a ON a.workspace_id = w.workspace_id LEFT JOIN clocks c ON c.clock_id = w.clock_id
		WHERE w.workspace_id > $1 AND a.workspace_id > $1 AND ($2 = '' OR lower(w.name) LIKE $3 ESCAPE '!' OR w.workspace_id = $2)
		ORDER BY w.workspace_id LIMIT $4`, func(scan scanner) error {
		var r ListedWorkspace
		err := scan(&r.ID, &r.Name, &r.Workspace.Clock, &r.AutoUnlock, &r.AutoCap, &r.CreatedAt, &r.LastAt, &r.Clock)
		list = append(list, r)
		return err
	}, after, text, "%"+escaped+"%", limit)
	return list, err
}

// Begun is what somebody has done on a server so far.
type Begun struct {
	OwnSignIn bool // the operator has a password or a passkey
	People    bool // the directory has people
	Extension bool // an extension is connected
	Captured  bool // a lead is on a sheet
}

// Begun reads it.
func (t Workspaces) Begun() (b Begun, err error) {
	for _, ask := range []struct {
		into *bool
		sql  string
	}{
		{&b.OwnSignIn, `SELECT 1 FROM logins WHERE workspace_id = '' AND password <> '' UNION ALL SELECT 1 FROM passkeys WHERE workspace_id = '' LIMIT 1`},
		{&b.People, `SELECT 1 FROM people LIMIT 1`},
		{&b.Extension, `SELECT 1 FROM extension_connections WHERE status = '` + ConnectionApproved + `' LIMIT 1`},
		{&b.Captured, `SELECT 1 FROM leads LIMIT 1`},
	} {
		var n int64
		if *ask.into, err = t.one(ask.sql, []any{&n}); err != nil {
			return b, err
		}
	}
	return b, nil
}
