package store

// What Verify reads: everything of one workspace, row by row.

// List lists workspaces' places in the ledger after an id.
func (t Accounts) List(after string, limit int) ([]Account, error) {
	var list []Account
	err := t.q.query(`SELECT a.workspace_id, a.seq, s.terms, a.terms_version, a.last_at, a.next_expiry FROM accounts a JOIN subscriptions s ON s.workspace_id = a.workspace_id
		WHERE a.workspace_id > $1 ORDER BY a.workspace_id LIMIT $2`,
		func(scan scanner) error {
			a, err := scanAccount(scan)
			list = append(list, a)
			return err
		}, after, limit)
	return list, err
}

// ByID reads one; false: there is none.
func (t Accounts) ByID(ws string) (a Account, found bool, err error) {
	err = t.q.query(`SELECT a.workspace_id, a.seq, s.terms, a.terms_version, a.last_at, a.next_expiry FROM accounts a JOIN subscriptions s ON s.workspace_id = a.workspace_id
		WHERE a.workspace_id = $1`, func(scan scanner) error {
		found = true
		a, err = scanAccount(scan)
		return err
	}, ws)
	return a, found, err
}

func scanAccount(scan scanner) (a Account, err error) {
	var terms string
	err = scan(&a.Workspace, &a.Seq, &terms, &a.TermsVersion, &a.LastAt, &a.NextExpiry)
	a.Terms = []byte(terms)
	return a, err
}

// EachUp hands over a workspace's entries in the order of their numbers.
func (t Entries) EachUp(ws string, each func(e Entry) error) error {
	p, err := t.q.place(ws)
	if err != nil {
		return err
	}
	return t.q.query(`SELECT `+entryColumns+` FROM entries WHERE workspace_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq`, func(scan scanner) error {
		e := Entry{Workspace: ws}
		if err := scanEntry(scan, &e); err != nil {
			return err
		}
		return each(e)
	}, ws, p.seq(0), p.newest())
}

// EachPool hands over a workspace's pools.
func (t Accounts) EachPool(ws string, each func(p Pool) error) error {
	return t.q.query(`SELECT period_start, credit, period_end, used, held, reserved, allowance, rolled, carry_num, carry_den FROM pools WHERE workspace_id = $1 ORDER BY period_start, credit`,
		func(scan scanner) error {
			p := Pool{Workspace: ws}
			if err := scan(&p.PeriodStart, &p.Credit, &p.PeriodEnd, &p.Used, &p.Held, &p.Reserved, &p.Allowance, &p.Rolled, &p.CarryNum, &p.CarryDen); err != nil {
				return err
			}
			return each(p)
		}, ws)
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
