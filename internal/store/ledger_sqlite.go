package store

import (
	"context"
	"errors"

	"zombiezen.com/go/sqlite"
)

// sqliteLedger loads and writes row by row: with prepared statements and no
// round trip that is as fast as SQLite goes.
type sqliteLedger struct{ q *sqliteQuerier }

const (
	sqlAccount    = `SELECT seq, terms_version, last_at, next_expiry, pools, CASE WHEN terms_version = $2 THEN '' ELSE (SELECT terms FROM subscriptions WHERE workspace_id = $1) END FROM accounts WHERE workspace_id = $1`
	sqlReceipt    = `SELECT fingerprint, at, answer FROM receipts WHERE workspace_id = $1 AND key = $2`
	sqlPool       = `SELECT period_start, period_end, used, held, reserved, allowance, rolled, carry_num, carry_den FROM past_pools WHERE workspace_id = $1 AND period_start = $2 AND credit = $3`
	sqlShare      = `SELECT used, held FROM shares WHERE workspace_id = $1 AND member_id = $2 AND period_start = $3 AND credit = $4`
	sqlAllocation = `SELECT mode, amount FROM allocations WHERE workspace_id = $1 AND member_id = $2 AND credit = $3`
	holdColumns   = `hold_id, member_id, credit, period_start, amount, remaining, expires_at, created_at, state, channel, capture_id`
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
	if err := loadFairUses(l.q.query, w, rows); err != nil {
		return nil, err
	}
	return rows, loadReports(l.q.query, l.q.place, w, rows)
}

func (l sqliteLedger) loadAccounts(w *Want, rows *Rows) error {
	for _, k := range w.Accounts {
		err := l.q.query(sqlAccount, func(scan scanner) error {
			a := Account{Workspace: k.Workspace}
			var terms string
			if err := scan(&a.Seq, &a.TermsVersion, &a.LastAt, &a.NextExpiry, &a.Pools, &terms); err != nil {
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
		p, err := l.q.place(k.Workspace)
		if err != nil {
			return err
		}
		err = l.q.query(sqlReceipt, func(scan scanner) error {
			r := Receipt{Workspace: k.Workspace, Key: k.Key}
			rows.Receipts = append(rows.Receipts, r)
			last := &rows.Receipts[len(rows.Receipts)-1]
			return scan(&last.Fingerprint, &last.At, &last.Answer)
		}, p.of(k.Workspace), packKey(k.Key))
		if err != nil {
			return err
		}
	}
	return nil
}

func (l sqliteLedger) loadPools(w *Want, rows *Rows) error {
	for _, k := range w.Pools {
		err := l.q.query(sqlPool, func(scan scanner) error {
			p := Pool{Workspace: k.Workspace, Credit: k.Credit}
			err := scan(&p.PeriodStart, &p.PeriodEnd, &p.Used, &p.Held, &p.Reserved, &p.Allowance, &p.Rolled, &p.CarryNum, &p.CarryDen)
			rows.Pools = append(rows.Pools, p)
			return err
		}, k.Workspace, k.PeriodStart, k.Credit)
		if err != nil {
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
// one load takes, that is now: the next batch continues.
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
	return scan(&h.ID, &h.Member, &h.Credit, &h.PeriodStart, &h.Amount, &h.Remaining, &h.ExpiresAt, &h.CreatedAt, &h.State, &h.Channel, &h.Capture)
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

// commitAhead writes a batch if its accounts are what they were.
func (db *sqliteDB) commitAhead(ctx context.Context, from []Account, w *Writes) error {
	err := db.update(ctx, func(q querier) error {
		q.(*sqliteQuerier).committed = true // where this was decided from
		if err := guardAccounts(q, from, w.Accounts); err != nil {
			return err
		}
		rest := *w
		rest.Accounts = nil
		return writeRows(q, &rest)
	})
	switch sqlite.ErrCode(errors.Unwrap(err)) {
	case sqlite.ResultConstraintNotNull, sqlite.ResultConstraintUnique, sqlite.ResultConstraintPrimaryKey:
		return ErrMoved
	}
	return err
}
