package store

// sqliteLedger loads and writes row by row: with prepared statements and no
// round trip that is as fast as SQLite goes.
type sqliteLedger struct{ q *sqliteQuerier }

const (
	sqlAccount    = `SELECT seq, terms_version, last_at, next_expiry, CASE WHEN terms_version = $2 THEN '' ELSE (SELECT terms FROM subscriptions WHERE workspace_id = $1) END FROM accounts WHERE workspace_id = $1`
	sqlReceipt    = `SELECT fingerprint, at, answer FROM receipts WHERE workspace_id = $1 AND key = $2`
	sqlPool       = `SELECT period_start, period_end, used, held, reserved, allowance, rolled, carry_num, carry_den FROM pools WHERE workspace_id = $1 AND period_start = $2 AND credit = $3`
	sqlEarlier    = `SELECT period_start, period_end, used, held, reserved, allowance, rolled, carry_num, carry_den FROM pools WHERE workspace_id = $1 AND period_start < $2 AND credit = $3 ORDER BY period_start DESC LIMIT 1`
	sqlShare      = `SELECT used, held FROM shares WHERE workspace_id = $1 AND member_id = $2 AND period_start = $3 AND credit = $4`
	sqlAllocation = `SELECT mode, amount FROM allocations WHERE workspace_id = $1 AND member_id = $2 AND credit = $3`
	holdColumns   = `hold_id, member_id, credit, period_start, amount, remaining, expires_at, created_at, state, channel`
	sqlHold       = `SELECT ` + holdColumns + ` FROM holds WHERE workspace_id = $1 AND hold_id = $2`
	sqlExpired    = `SELECT ` + holdColumns + ` FROM holds WHERE workspace_id = $1 AND state = 'open' AND expires_at <= $2 ORDER BY expires_at LIMIT 1000`
	sqlNextExpiry = `SELECT coalesce(min(expires_at), 0) FROM holds WHERE workspace_id = $1 AND state = 'open' AND expires_at > $2`
	sqlReveal     = `SELECT field, outcome, at, data FROM reveals WHERE workspace_id = $1 AND person_id = $2`
	sqlAutoSpend  = `SELECT spent FROM auto_spends WHERE workspace_id = $1 AND day = $2 AND credit = $3`
)

func (l sqliteLedger) Load(w *Want) (*Rows, error) {
	rows := &Rows{}
	for _, load := range []func(*Want, *Rows) error{l.loadAccounts, l.loadPools, l.loadMembers, l.loadHolds, l.loadRest} {
		if err := load(w, rows); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (l sqliteLedger) loadAccounts(w *Want, rows *Rows) error {
	for _, k := range w.Accounts {
		err := l.q.query(sqlAccount, func(scan scanner) error {
			a := Account{Workspace: k.Workspace}
			var terms string
			if err := scan(&a.Seq, &a.TermsVersion, &a.LastAt, &a.NextExpiry, &terms); err != nil {
				return err
			}
			a.Terms = []byte(terms)
			rows.Accounts = append(rows.Accounts, a)
			return nil
		}, k.Workspace, k.Version)
		if err != nil {
			return err
		}
	}
	for _, k := range w.Receipts {
		err := l.q.query(sqlReceipt, func(scan scanner) error {
			r := Receipt{Workspace: k.Workspace, Key: k.Key}
			rows.Receipts = append(rows.Receipts, r)
			last := &rows.Receipts[len(rows.Receipts)-1]
			return scan(&last.Fingerprint, &last.At, &last.Answer)
		}, k.Workspace, k.Key)
		if err != nil {
			return err
		}
	}
	return nil
}

func (l sqliteLedger) loadPools(w *Want, rows *Rows) error {
	pool := func(sql string, k PoolKey, into *[]Pool) error {
		return l.q.query(sql, func(scan scanner) error {
			p := Pool{Workspace: k.Workspace, Credit: k.Credit}
			err := scan(&p.PeriodStart, &p.PeriodEnd, &p.Used, &p.Held, &p.Reserved, &p.Allowance, &p.Rolled, &p.CarryNum, &p.CarryDen)
			*into = append(*into, p)
			return err
		}, k.Workspace, k.PeriodStart, k.Credit)
	}
	for _, k := range w.Pools {
		if err := pool(sqlPool, k, &rows.Pools); err != nil {
			return err
		}
	}
	for _, k := range w.Earlier {
		if err := pool(sqlEarlier, k, &rows.Earlier); err != nil {
			return err
		}
	}
	return nil
}

func (l sqliteLedger) loadMembers(w *Want, rows *Rows) error {
	for _, k := range w.Shares {
		err := l.q.query(sqlShare, func(scan scanner) error {
			s := Share{Workspace: k.Workspace, Member: k.Member, PeriodStart: k.PeriodStart, Credit: k.Credit}
			err := scan(&s.Used, &s.Held)
			rows.Shares = append(rows.Shares, s)
			return err
		}, k.Workspace, k.Member, k.PeriodStart, k.Credit)
		if err != nil {
			return err
		}
	}
	for _, k := range w.Allocations {
		err := l.q.query(sqlAllocation, func(scan scanner) error {
			a := Allocation{Workspace: k.Workspace, Member: k.Member, Credit: k.Credit}
			err := scan(&a.Mode, &a.Amount)
			rows.Allocations = append(rows.Allocations, a)
			return err
		}, k.Workspace, k.Member, k.Credit)
		if err != nil {
			return err
		}
	}
	return nil
}

func (l sqliteLedger) loadHolds(w *Want, rows *Rows) error {
	each := func(ws string) func(scan scanner) error {
		return func(scan scanner) error {
			h := Hold{Workspace: ws}
			err := scanHold(scan, &h)
			rows.Holds = append(rows.Holds, h)
			return err
		}
	}
	for _, k := range w.Holds {
		if err := l.q.query(sqlHold, each(k.Workspace), k.Workspace, k.ID); err != nil {
			return err
		}
	}
	for _, k := range w.Expired {
		before := len(rows.Holds)
		if err := l.q.query(sqlExpired, each(k.Workspace), k.Workspace, k.Now); err != nil {
			return err
		}
		var next int64
		err := l.q.query(sqlNextExpiry, func(scan scanner) error { return scan(&next) }, k.Workspace, k.Now)
		if err != nil {
			return err
		}
		rows.expect(k.Workspace, rows.Holds[before:], next)
	}
	return nil
}

// expect says when a workspace's next hold expires. With more expired holds than
// one load takes, that is now: the next batch goes on.
func (r *Rows) expect(ws string, expired []Hold, next int64) {
	if r.NextExpiry == nil {
		r.NextExpiry = map[string]int64{}
	}
	if len(expired) >= maxExpired {
		next = expired[len(expired)-1].ExpiresAt
	}
	r.NextExpiry[ws] = next
}

// maxExpired is how many holds one load lets expire.
const maxExpired = 1000

func scanHold(scan scanner, h *Hold) error {
	return scan(&h.ID, &h.Member, &h.Credit, &h.PeriodStart, &h.Amount, &h.Remaining, &h.ExpiresAt, &h.CreatedAt, &h.State, &h.Channel)
}

func (l sqliteLedger) loadRest(w *Want, rows *Rows) error {
	for _, k := range w.Reveals {
		err := l.q.query(sqlReveal, func(scan scanner) error {
			r := Reveal{Workspace: k.Workspace, Person: k.Person}
			err := scan(&r.Field, &r.Outcome, &r.At, &r.Values)
			rows.Reveals = append(rows.Reveals, r)
			return err
		}, k.Workspace, k.Person)
		if err != nil {
			return err
		}
	}
	for _, k := range w.AutoSpends {
		err := l.q.query(sqlAutoSpend, func(scan scanner) error {
			a := AutoSpend{Workspace: k.Workspace, Day: k.Day, Credit: k.Credit}
			err := scan(&a.Spent)
			rows.AutoSpends = append(rows.AutoSpends, a)
			return err
		}, k.Workspace, k.Day, k.Credit)
		if err != nil {
			return err
		}
	}
	return nil
}

// write replaces or adds every row of the batch.
func (l sqliteLedger) write(w *Writes) error {
	for i := range w.Accounts {
		a := &w.Accounts[i]
		if err := l.put(`UPDATE accounts SET seq = $2, terms_version = $3, last_at = $4, next_expiry = $5 WHERE workspace_id = $1`,
			a.Workspace, a.Seq, a.TermsVersion, a.LastAt, a.NextExpiry); err != nil {
			return err
		}
		if len(a.Terms) > 0 {
			if err := l.put(`UPDATE subscriptions SET terms = $2 WHERE workspace_id = $1`, a.Workspace, string(a.Terms)); err != nil {
				return err
			}
		}
	}
	for i := range w.Pools {
		p := &w.Pools[i]
		if err := l.put(`INSERT INTO pools (workspace_id, period_start, credit, period_end, used, held, reserved, allowance, rolled, carry_num, carry_den)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)
			ON CONFLICT (workspace_id, period_start, credit) DO UPDATE SET used = excluded.used, held = excluded.held, reserved = excluded.reserved,
			allowance = excluded.allowance, carry_num = excluded.carry_num, carry_den = excluded.carry_den`,
			p.Workspace, p.PeriodStart, p.Credit, p.PeriodEnd, p.Used, p.Held, p.Reserved, p.Allowance, p.Rolled, p.CarryNum, p.CarryDen); err != nil {
			return err
		}
	}
	for i := range w.Entries {
		e := &w.Entries[i]
		if err := l.put(`INSERT INTO entries (workspace_id, seq, at, day, period_start, kind, credit, amount, waived, balance_after, member_id, person_id, field, outcome, channel, hold_id, grant_id, note)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18)`,
			e.Workspace, e.Seq, e.At, e.Day, e.PeriodStart, e.Kind, e.Credit, e.Amount, e.Waived, e.BalanceAfter, e.Member, e.Person, e.Field,
			e.Outcome, e.Channel, e.Hold, e.Grant, e.Note); err != nil {
			return err
		}
	}
	for i := range w.Receipts {
		r := &w.Receipts[i]
		if err := l.put(`INSERT INTO receipts (workspace_id, key, fingerprint, at, answer) VALUES ($1,$2,$3,$4,$5)`,
			r.Workspace, r.Key, r.Fingerprint, r.At, r.Answer); err != nil {
			return err
		}
	}
	return l.writeRest(w)
}

func (l sqliteLedger) put(sql string, args ...any) error {
	_, err := l.q.exec(sql, args...)
	return err
}

func (l sqliteLedger) writeRest(w *Writes) error {
	for i := range w.Shares {
		s := &w.Shares[i]
		if err := l.put(`INSERT INTO shares (workspace_id, member_id, period_start, credit, used, held) VALUES ($1,$2,$3,$4,$5,$6)
			ON CONFLICT (workspace_id, member_id, period_start, credit) DO UPDATE SET used = excluded.used, held = excluded.held`,
			s.Workspace, s.Member, s.PeriodStart, s.Credit, s.Used, s.Held); err != nil {
			return err
		}
	}
	for i := range w.Holds {
		h := &w.Holds[i]
		if err := l.put(`INSERT INTO holds (workspace_id, hold_id, member_id, credit, period_start, amount, remaining, expires_at, created_at, state, channel)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)
			ON CONFLICT (workspace_id, hold_id) DO UPDATE SET remaining = excluded.remaining, expires_at = excluded.expires_at, state = excluded.state`,
			h.Workspace, h.ID, h.Member, h.Credit, h.PeriodStart, h.Amount, h.Remaining, h.ExpiresAt, h.CreatedAt, h.State, h.Channel); err != nil {
			return err
		}
	}
	for i := range w.Reveals {
		r := &w.Reveals[i]
		if err := l.put(`INSERT INTO reveals (workspace_id, person_id, field, outcome, at, data) VALUES ($1,$2,$3,$4,$5,$6)
			ON CONFLICT (workspace_id, person_id, field) DO UPDATE SET outcome = excluded.outcome, at = excluded.at, data = excluded.data`,
			r.Workspace, r.Person, r.Field, r.Outcome, r.At, r.Values); err != nil {
			return err
		}
	}
	for i := range w.AutoSpends {
		a := &w.AutoSpends[i]
		if err := l.put(`INSERT INTO auto_spends (workspace_id, day, credit, spent) VALUES ($1,$2,$3,$4)
			ON CONFLICT (workspace_id, day, credit) DO UPDATE SET spent = excluded.spent`, a.Workspace, a.Day, a.Credit, a.Spent); err != nil {
			return err
		}
	}
	return writeCommon(l.q, w)
}
