package store

// Alert is a crossing of a share of an allowance, in one period.
type Alert struct {
	Workspace, Credit string
	PeriodStart       int64
	Percent           int64
	Times             int64 // how often it was crossed and told
	Allowance         int64 // when it was told
	Used              int64 // when it was last looked at
	At                int64 // when it was told
}

func (t Alerts) of(where string, args ...any) (list []Alert, err error) {
	err = t.q.query(`SELECT workspace_id, credit, period_start, percent, times, allowance, used, at FROM alerts WHERE `+where, func(scan scanner) error {
		var a Alert
		err := scan(&a.Workspace, &a.Credit, &a.PeriodStart, &a.Percent, &a.Times, &a.Allowance, &a.Used, &a.At)
		list = append(list, a)
		return err
	}, args...)
	return list, err
}

// OfPeriod lists the crossings of a period.
func (t Alerts) OfPeriod(ws string, period int64) ([]Alert, error) {
	return t.of(`workspace_id = $1 AND period_start = $2`, ws, period)
}

// Of lists a workspace's crossings, newest first.
func (t Alerts) Of(ws string, limit int) ([]Alert, error) {
	return t.of(`workspace_id = $1 ORDER BY at DESC, percent DESC, credit LIMIT $2`, ws, limit)
}

// Put writes a crossing that follows on so many before it; false: somebody
// else wrote it.
func (t Alerts) Put(a Alert) (bool, error) {
	n, err := t.q.exec(`INSERT INTO alerts (workspace_id, credit, period_start, percent, times, allowance, used, at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)
		ON CONFLICT (workspace_id, credit, period_start, percent) DO UPDATE SET times = excluded.times, allowance = excluded.allowance, used = excluded.used, at = excluded.at
		WHERE alerts.times = excluded.times - 1`, a.Workspace, a.Credit, a.PeriodStart, a.Percent, a.Times, a.Allowance, a.Used, a.At)
	return n > 0, err
}

// See notes what was used when a crossing was last looked at.
func (t Alerts) See(a Alert) error {
	_, err := t.q.exec(`UPDATE alerts SET used = $5 WHERE workspace_id = $1 AND credit = $2 AND period_start = $3 AND percent = $4 AND times = $6`,
		a.Workspace, a.Credit, a.PeriodStart, a.Percent, a.Used, a.Times)
	return err
}

// Settings are a workspace's own, as JSON; empty: the usual ones.
func (t Alerts) Settings(ws string) (percents string, err error) {
	_, err = t.one(`SELECT percents FROM alert_settings WHERE workspace_id = $1`, []any{&percents}, ws)
	return percents, err
}

// PutSettings writes them.
func (t Alerts) PutSettings(ws, percents string) error {
	_, err := t.q.exec(`INSERT INTO alert_settings (workspace_id, percents) VALUES ($1,$2) ON CONFLICT (workspace_id) DO UPDATE SET percents = excluded.percents`, ws, percents)
	return err
}

// Behind lists workspaces whose ledger was not looked at since it changed. Both tables are read from an
// id on, as in Accounts.List.
func (t Alerts) Behind(after string, limit int) (list []string, err error) {
	err = t.q.query(`SELECT a.workspace_id FROM accounts a LEFT JOIN alert_cursors c ON c.workspace_id = a.workspace_id AND c.workspace_id > $1
		WHERE a.workspace_id > $1 AND a.seq > 0 AND (c.seq IS NULL OR c.seq < a.seq OR c.terms_version < a.terms_version) ORDER BY a.workspace_id LIMIT $2`, func(scan scanner) error {
		var ws string
		err := scan(&ws)
		list = append(list, ws)
		return err
	}, after, limit)
	return list, err
}

// PutCursor notes up to where a workspace's ledger was looked at.
func (t Alerts) PutCursor(ws string, seq, terms int64) error {
	_, err := t.q.exec(`INSERT INTO alert_cursors (workspace_id, seq, terms_version) VALUES ($1,$2,$3)
		ON CONFLICT (workspace_id) DO UPDATE SET seq = excluded.seq, terms_version = excluded.terms_version WHERE alert_cursors.seq <= excluded.seq`, ws, seq, terms)
	return err
}

// UsageMail is a member's wish to be mailed the usage.
type UsageMail struct {
	Workspace, Member, Every string // week or month
	Next                     int64  // by the workspace's clock
}

// UsageMail reads a member's; false: there is none.
func (t Alerts) UsageMail(ws, member string) (m UsageMail, found bool, err error) {
	m.Workspace, m.Member = ws, member
	found, err = t.one(`SELECT every, next_at FROM usage_mails WHERE workspace_id = $1 AND member_id = $2`, []any{&m.Every, &m.Next}, ws, member)
	return m, found, err
}

// PutUsageMail writes a member's wish.
func (t Alerts) PutUsageMail(m UsageMail) error {
	_, err := t.q.exec(`INSERT INTO usage_mails (workspace_id, member_id, every, next_at) VALUES ($1,$2,$3,$4)
		ON CONFLICT (workspace_id, member_id) DO UPDATE SET every = excluded.every, next_at = excluded.next_at`, m.Workspace, m.Member, m.Every, m.Next)
	return err
}

// DropUsageMail ends a member's wish.
func (t Alerts) DropUsageMail(ws, member string) error {
	_, err := t.q.exec(`DELETE FROM usage_mails WHERE workspace_id = $1 AND member_id = $2`, ws, member)
	return err
}

// MoveUsageMail moves a due one on; false: another server did.
func (t Alerts) MoveUsageMail(m UsageMail, next int64) (bool, error) {
	n, err := t.q.exec(`UPDATE usage_mails SET next_at = $4 WHERE workspace_id = $1 AND member_id = $2 AND next_at = $3`, m.Workspace, m.Member, m.Next, next)
	return n > 0, err
}

// DueUsageMails lists those whose time has come by their workspace's clock; now is
// the machine's. No clock shows more than the latest, which spares reading all that are not due.
func (t Alerts) DueUsageMails(now int64, limit int) (list []UsageMail, err error) {
	err = t.q.query(`SELECT m.workspace_id, m.member_id, m.every, m.next_at FROM usage_mails m JOIN workspaces w ON w.workspace_id = m.workspace_id
		LEFT JOIN clocks c ON c.clock_id = w.clock_id WHERE m.next_at <= COALESCE(c.now, $1)
		AND m.next_at <= (SELECT MAX(latest) FROM (SELECT CAST($1 AS BIGINT) AS latest UNION ALL SELECT now FROM clocks) AS l) ORDER BY m.next_at LIMIT $2`, func(scan scanner) error {
		var m UsageMail
		err := scan(&m.Workspace, &m.Member, &m.Every, &m.Next)
		list = append(list, m)
		return err
	}, now, limit)
	return list, err
}
