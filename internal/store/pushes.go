package store

// PushConnection is where a workspace's leads are pushed to.
type PushConnection struct {
	Workspace, Kind, Address, Field, Secret string
	RefusedAt, CreatedAt                    int64 // RefusedAt: when the token was refused last; 0: it was not
}

// Connections lists a workspace's.
func (t Pushes) Connections(ws string) (list []PushConnection, err error) {
	err = t.q.query(`SELECT workspace_id, kind, address, field, secret, refused_at, created_at FROM push_connections WHERE workspace_id = $1 ORDER BY kind`, func(scan scanner) error {
		var c PushConnection
		err := scan(&c.Workspace, &c.Kind, &c.Address, &c.Field, &c.Secret, &c.RefusedAt, &c.CreatedAt)
		list = append(list, c)
		return err
	}, ws)
	return list, err
}

// PutConnection writes one, in place of one of its kind.
func (t Pushes) PutConnection(c PushConnection) error {
	_, err := t.q.exec(`INSERT INTO push_connections (workspace_id, kind, address, field, secret, refused_at, created_at) VALUES ($1,$2,$3,$4,$5,0,$6)
		ON CONFLICT (workspace_id, kind) DO UPDATE SET address = excluded.address, field = excluded.field, secret = excluded.secret, refused_at = 0, created_at = excluded.created_at`,
		c.Workspace, c.Kind, c.Address, c.Field, c.Secret, c.CreatedAt)
	return err
}

// RefuseConnection notes when a token was refused; 0: it was taken.
func (t Pushes) RefuseConnection(ws, kind string, at int64) error {
	_, err := t.q.exec(`UPDATE push_connections SET refused_at = $3 WHERE workspace_id = $1 AND kind = $2 AND refused_at <> $3`, ws, kind, at)
	return err
}

// DropConnection forgets one; false: there is none.
func (t Pushes) DropConnection(ws, kind string) (bool, error) {
	n, err := t.q.exec(`DELETE FROM push_connections WHERE workspace_id = $1 AND kind = $2`, ws, kind)
	return n > 0, err
}

// Push is leads on their way to somewhere.
type Push struct {
	Workspace, ID, Kind string
	MadeBy              string // a member, a key or the operator
	Total, CreatedAt    int64
	Counts              map[string]int64 // rows by outcome; waiting ones as "waiting"
	PreparingUntil      int64            // 0: ready; until then nobody sees it
}

// PushRow is one lead of a push; Outcome is empty while it waits.
type PushRow struct {
	No                     int64 // from 1
	Lead, Outcome, Message string
}

// Insert adds a push without its rows.
func (t Pushes) Insert(p Push) error {
	_, err := t.q.exec(`INSERT INTO pushes (workspace_id, push_id, kind, total, created_at, made_by, preparing_until) VALUES ($1,$2,$3,$4,$5,$6,$7)`, p.Workspace, p.ID, p.Kind, p.Total, p.CreatedAt, p.MadeBy, p.PreparingUntil)
	return err
}

// Prepare says until when a push is prepared, 0 that it is ready; false: it is not
// prepared any more.
func (t Pushes) Prepare(ws, id string, until int64) (bool, error) {
	n, err := t.q.exec(`UPDATE pushes SET preparing_until = $3 WHERE workspace_id = $1 AND push_id = $2 AND preparing_until > 0`, ws, id, until)
	return n > 0, err
}

// Stale are at most ten pushes, of any workspace, whose preparing was given up.
func (t Pushes) Stale(now int64) (list []Push, err error) {
	err = t.q.query(`SELECT workspace_id, push_id FROM pushes WHERE preparing_until > 0 AND preparing_until < $1 LIMIT 10`, func(scan scanner) error {
		var p Push
		err := scan(&p.Workspace, &p.ID)
		list = append(list, p)
		return err
	}, now)
	return list, err
}

// DropRows drops at most limit rows of a push that is prepared, and the push with
// the last of them; more says that there are others.
func (t Pushes) DropRows(ws, id string, limit int) (more bool, err error) {
	n, err := t.q.exec(`DELETE FROM push_rows WHERE workspace_id = $1 AND push_id = $2 AND row_no IN (SELECT row_no FROM push_rows WHERE workspace_id = $1 AND push_id = $2 ORDER BY row_no LIMIT $3)
		AND EXISTS (SELECT 1 FROM pushes p WHERE p.workspace_id = $1 AND p.push_id = $2 AND p.preparing_until > 0)`, ws, id, limit)
	if err != nil || n == int64(limit) {
		return n > 0, err
	}
	_, err = t.q.exec(`DELETE FROM pushes WHERE workspace_id = $1 AND push_id = $2 AND preparing_until > 0`, ws, id)
	return false, err
}

// AddRows adds rows to a push.
func (t Pushes) AddRows(p Push, rows []PushRow) (err error) {
	for n := range rows {
		if err != nil {
			return err
		}
		_, err = t.q.exec(`INSERT INTO push_rows (workspace_id, push_id, row_no, lead_id, outcome, message) VALUES ($1,$2,$3,$4,'','')`, p.Workspace, p.ID, rows[n].No, rows[n].Lead)
	}
	return err
}

// Of lists a workspace's before an id, newest first; with id alone that one. Leads
// who are hidden are not among its rows: neither in the counts nor in the total.
func (t Pushes) Of(ws, id, before string, limit int) (list []Push, err error) {
	err = t.q.query(`SELECT workspace_id, push_id, kind, total, created_at, made_by FROM pushes WHERE workspace_id = $1 AND preparing_until = 0 AND ($2 = '' OR push_id = $2) AND ($3 = '' OR push_id < $3) ORDER BY push_id DESC LIMIT $4`, func(scan scanner) error {
		var p Push
		err := scan(&p.Workspace, &p.ID, &p.Kind, &p.Total, &p.CreatedAt, &p.MadeBy)
		list = append(list, p)
		return err
	}, ws, id, before, limit)
	for n := range list {
		if err != nil {
			return list, err
		}
		counts, total := map[string]int64{}, int64(0)
		err = t.q.query(`SELECT outcome, COUNT(*) FROM push_rows r WHERE workspace_id = $1 AND push_id = $2 AND `+shown(`r.lead_id`)+` GROUP BY outcome`, func(scan scanner) error {
			var outcome string
			var count int64
			err := scan(&outcome, &count)
			if outcome == "" {
				outcome = "waiting"
			}
			counts[outcome] = count
			total += count
			return err
		}, ws, list[n].ID)
		list[n].Counts, list[n].Total = counts, total
	}
	return list, err
}

// MadeBy is who began a push; empty: there is none.
func (t Pushes) MadeBy(ws, id string) (by string, err error) {
	_, err = t.one(`SELECT made_by FROM pushes WHERE workspace_id = $1 AND push_id = $2`, []any{&by}, ws, id)
	return by, err
}

// Rows lists at most limit rows after a number, without leads who are hidden.
func (t Pushes) Rows(ws, id string, after int64, limit int) ([]PushRow, error) {
	return t.rows(`row_no > $3 AND `+shown(`r.lead_id`)+` ORDER BY row_no LIMIT $4`, ws, id, after, limit)
}

// Part lists the rows from one number to another, all of them.
func (t Pushes) Part(ws, id string, from, to int64) ([]PushRow, error) {
	return t.rows(`row_no >= $3 AND row_no <= $4 ORDER BY row_no`, ws, id, from, to)
}

func (t Pushes) rows(which string, args ...any) (list []PushRow, err error) {
	err = t.q.query(`SELECT row_no, lead_id, outcome, message FROM push_rows r WHERE workspace_id = $1 AND push_id = $2 AND `+which, func(scan scanner) error {
		var r PushRow
		err := scan(&r.No, &r.Lead, &r.Outcome, &r.Message)
		list = append(list, r)
		return err
	}, args...)
	return list, err
}

// EndRow writes the outcome of a row that waits.
func (t Pushes) EndRow(ws, id string, r PushRow) error {
	_, err := t.q.exec(`UPDATE push_rows SET outcome = $4, message = $5 WHERE workspace_id = $1 AND push_id = $2 AND row_no = $3 AND outcome = ''`, ws, id, r.No, r.Outcome, r.Message)
	return err
}
