package store

// What Verify reads: everything of one workspace, row by row.

// List lists workspaces' places in the ledger after an id. Both tables are read from there on: Postgres
// merges them, and would read the other one from its beginning.
func (t Accounts) List(after string, limit int) ([]Account, error) {
	var list []Account
	err := t.q.query(`SELECT a.workspace_id, a.seq, s.terms, a.terms_version, a.last_at, a.next_expiry, a.pools FROM accounts a JOIN subscriptions s ON s.workspace_id = a.workspace_id
		WHERE a.workspace_id > $1 AND s.workspace_id > $1 ORDER BY a.workspace_id LIMIT $2`,
		func(scan scanner) error {
			a, err := scanAccount(scan)
			list = append(list, a)
			return err
		}, after, limit)
	return list, err
}

// ByID reads one; false: there is none.
func (t Accounts) ByID(ws string) (a Account, found bool, err error) {
	err = t.q.query(`SELECT a.workspace_id, a.seq, s.terms, a.terms_version, a.last_at, a.next_expiry, a.pools FROM accounts a JOIN subscriptions s ON s.workspace_id = a.workspace_id
		WHERE a.workspace_id = $1`, func(scan scanner) error {
		found = true
		a, err = scanAccount(scan)
		return err
	}, ws)
	return a, found, err
}

func scanAccount(scan scanner) (a Account, err error) {
	var terms string
	err = scan(&a.Workspace, &a.Seq, &terms, &a.TermsVersion, &a.LastAt, &a.NextExpiry, &a.Pools)
	a.Terms = []byte(terms)
	return a, err
}

// EachPool hands over a workspace's pools: those that newer ones followed, then its account's own.
func (t Accounts) EachPool(ws string, each func(p Pool, past bool) error) error {
	err := t.q.query(sqlPastPools+` ORDER BY period_start, credit`, func(scan scanner) error {
		p, err := scanPool(ws, scan)
		if err != nil {
			return err
		}
		return each(p, true)
	}, ws)
	if err != nil {
		return err
	}
	own, err := t.own(ws)
	for n := 0; n < len(own) && err == nil; n++ {
		err = each(own[n], false)
	}
	return err
}

// own is the newest pool of each credit type.
func (t Accounts) own(ws string) ([]Pool, error) {
	var text string
	if _, err := t.one(`SELECT pools FROM accounts WHERE workspace_id = $1`, []any{&text}, ws); err != nil {
		return nil, err
	}
	return ParsePools(ws, text)
}

const sqlPastPools = `SELECT period_start, credit, period_end, used, held, reserved, allowance, rolled, carry_num, carry_den FROM past_pools WHERE workspace_id = $1`

func scanPool(ws string, scan scanner) (Pool, error) {
	p := Pool{Workspace: ws}
	err := scan(&p.PeriodStart, &p.Credit, &p.PeriodEnd, &p.Used, &p.Held, &p.Reserved, &p.Allowance, &p.Rolled, &p.CarryNum, &p.CarryDen)
	return p, err
}

// EachShare hands over a workspace's shares.
func (t Accounts) EachShare(ws string, each func(s Share) error) error {
	return t.q.query(`SELECT member_id, period_start, credit, used, held FROM shares WHERE workspace_id = $1 ORDER BY member_id, period_start, credit`,
		func(scan scanner) error {
			s := Share{Workspace: ws}
			if err := scan(&s.Member, &s.PeriodStart, &s.Credit, &s.Used, &s.Held); err != nil {
				return err
			}
			return each(s)
		}, ws)
}

// EachHold hands over a workspace's holds.
func (t Accounts) EachHold(ws string, each func(h Hold) error) error {
	return t.q.query(`SELECT `+holdColumns+` FROM holds WHERE workspace_id = $1 ORDER BY hold_id`, func(scan scanner) error {
		h := Hold{Workspace: ws}
		if err := scanHold(scan, &h); err != nil {
			return err
		}
		return each(h)
	}, ws)
}

// Allocations lists what a workspace's members were given.
func (t Accounts) Allocations(ws string) ([]Allocation, error) {
	var list []Allocation
	err := t.q.query(`SELECT member_id, credit, mode, amount FROM allocations WHERE workspace_id = $1 ORDER BY member_id, credit`, func(scan scanner) error {
		a := Allocation{Workspace: ws}
		err := scan(&a.Member, &a.Credit, &a.Mode, &a.Amount)
		list = append(list, a)
		return err
	}, ws)
	return list, err
}

// Lock keeps the ledger from deciding for a workspace until the transaction ends: what
// a batch has read of deliveries, it writes back.
func (t Accounts) Lock(ws string) error {
	if t.sqlite {
		return nil // there is one writer
	}
	var seq int64
	_, err := t.one(`SELECT seq FROM accounts WHERE workspace_id = $1 FOR UPDATE`, []any{&seq}, ws)
	return err
}

// Insert adds a workspace's place in the ledger.
func (t Accounts) Insert(a Account) error {
	_, err := t.q.exec(`INSERT INTO accounts (workspace_id, seq, terms_version, last_at, next_expiry, pools) VALUES ($1,$2,$3,$4,$5,$6)`,
		a.Workspace, a.Seq, a.TermsVersion, a.LastAt, a.NextExpiry, a.Pools)
	if lite, ok := t.q.(*sqliteQuerier); ok && err == nil {
		err = lite.number(a.Workspace)
	}
	if err != nil {
		return err
	}
	_, err = t.q.exec(`INSERT INTO subscriptions (workspace_id, terms) VALUES ($1,$2)`, a.Workspace, string(a.Terms))
	return err
}

// Grants lists a workspace's add-ons, newest first.
func (t Accounts) Grants(ws string, limit int) ([]GrantRow, error) {
	var list []GrantRow
	err := t.q.query(`SELECT grant_id, credit, kind, amount, note, period_start, created_at, ends_at FROM grants WHERE workspace_id = $1 ORDER BY grant_id DESC LIMIT $2`,
		func(scan scanner) error {
			g := GrantRow{Workspace: ws}
			err := scan(&g.ID, &g.Credit, &g.Kind, &g.Amount, &g.Note, &g.PeriodStart, &g.CreatedAt, &g.EndsAt)
			list = append(list, g)
			return err
		}, ws, limit)
	return list, err
}

// FirstReceipt reads what a request with this key came to; ws is empty for the
// operator's own requests.
func (t Accounts) FirstReceipt(ws, key string) (r Receipt, found bool, err error) {
	r = Receipt{Workspace: ws, Key: key}
	if ws == "" {
		found, err = t.one(`SELECT fingerprint, at, answer FROM operator_receipts WHERE key = $1`, []any{&r.Fingerprint, &r.At, &r.Answer}, key)
	} else {
		var p place
		if p, err = t.q.place(ws); err == nil {
			found, err = t.one(sqlReceipt, []any{&r.Fingerprint, &r.At, &r.Answer}, p.of(ws), packKey(key))
		}
	}
	return r, found, err
}

// KeepReceipt keeps a request's answer in the transaction that carried it out.
func (t Accounts) KeepReceipt(r Receipt) error {
	if r.Answer == nil { // Postgres takes it for NULL
		r.Answer = []byte{}
	}
	if r.Workspace == "" {
		_, err := t.q.exec(`INSERT INTO operator_receipts (key, fingerprint, at, answer) VALUES ($1,$2,$3,$4)`, r.Key, r.Fingerprint, r.At, r.Answer)
		return err
	}
	p, err := t.q.place(r.Workspace)
	if err != nil {
		return err
	}
	_, err = t.q.exec(`INSERT INTO receipts (workspace_id, key, fingerprint, at, answer) VALUES ($1,$2,$3,$4,$5)`, p.of(r.Workspace), packKey(r.Key), r.Fingerprint, r.At, r.Answer)
	return err
}

// RemovedWithAllocation lists at most 1,000 members of a workspace who were removed and
// still have a limit or an assigned amount. There are none, unless a change was made by halves.
func (t Accounts) RemovedWithAllocation(ws string) (list []Member, err error) {
	err = t.q.query(`SELECT DISTINCT m.workspace_id, m.member_id FROM allocations a
		JOIN members m ON m.workspace_id = a.workspace_id AND m.member_id = a.member_id WHERE m.removed_at > 0 AND a.workspace_id = $1 LIMIT 1000`, func(scan scanner) error {
		var m Member
		err := scan(&m.Workspace, &m.ID)
		list = append(list, m)
		return err
	}, ws)
	return list, err
}

// Hold reads a hold; false: there is none.
func (t Accounts) Hold(ws, id string) (h Hold, found bool, err error) {
	h.Workspace = ws
	err = t.q.query(sqlHold, func(scan scanner) error {
		found = true
		return scanHold(scan, &h)
	}, ws, id)
	return h, found, err
}
