package store

// Begun is what somebody has done on a server so far.
type Begun struct {
	OwnSignIn bool // the operator has a password or a passkey
	People    bool // the directory has people
	Extension bool // an extension is connected
	Captured  bool // a lead is on a sheet
}

// Begun reads it.
func (t *Tx) Begun() (b Begun, err error) {
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

// HasWorkspaces reports whether there is any.
func (t *Tx) HasWorkspaces() (bool, error) {
	var n int64
	return t.one(`SELECT 1 FROM workspaces LIMIT 1`, []any{&n})
}
