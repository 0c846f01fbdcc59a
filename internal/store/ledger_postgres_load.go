package store

import (
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// within is what a statement that is joined with the workspaces in $1 ends with.
func (g *group) within() string {
	if g.pruned {
		return ` AND t.workspace_id = ANY($1)`
	}
	return ""
}

// columns turns keys into the arrays that unnest takes.
type columns struct {
	workspaces []string
	texts      [2][]string
	numbers    [2][]int64
}

func (c *columns) add(ws string, texts []string, numbers ...int64) {
	c.workspaces = append(c.workspaces, ws)
	for n, t := range texts {
		c.texts[n] = append(c.texts[n], t)
	}
	for n, i := range numbers {
		c.numbers[n] = append(c.numbers[n], i)
	}
}

func (l *postgresLedger) Load(w *Want) (*Rows, error) {
	rows, g := &Rows{}, l.group()
	queueAccounts(g, w, rows, l.reading)
	queuePools(g, w, rows)
	queueMembers(g, w, rows)
	queueHolds(g, w, rows)
	queueRest(g, w, rows)
	queue := func(sql string, each func(scan scanner) error, args ...any) error {
		g.queue(sql, func(r pgx.Rows) error { return each(r.Scan) }, args...)
		return nil
	}
	_ = loadFairUses(queue, w, rows) // queueing does not fail
	_ = loadReports(queue, (*groupQuerier)(nil).place, w, rows)
	if err := l.send(g); err != nil {
		return nil, err
	}
	if err := l.loadTerms(w, rows); err != nil {
		return nil, err
	}
	for _, k := range w.Expired {
		var own []Hold
		for _, h := range rows.Holds {
			if h.Workspace == k.Workspace && h.State == "open" && h.ExpiresAt <= k.Now {
				own = append(own, h)
			}
		}
		rows.expect(k.Workspace, own, rows.NextExpiry[k.Workspace])
	}
	return rows, nil
}

// loadTerms reads the terms that the caller does not know, in a statement of
// their own: one that waited for an account's row sees that row as it is now, but
// every other row as it was before the wait.
func (l *postgresLedger) loadTerms(w *Want, rows *Rows) error {
	known := make(map[string]int64, len(w.Accounts))
	for _, k := range w.Accounts {
		known[k.Workspace] = k.Version
	}
	var c columns
	unknown := map[string]*Account{}
	for i := range rows.Accounts {
		if a := &rows.Accounts[i]; a.TermsVersion != known[a.Workspace] {
			c.add(a.Workspace, nil)
			unknown[a.Workspace] = a
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	g := l.group()
	g.queue(`SELECT t.workspace_id, t.terms FROM unnest($1::text[]) AS k(workspace_id)
		JOIN subscriptions t ON t.workspace_id = k.workspace_id`+g.within(),
		func(r pgx.Rows) error {
			var ws, terms string
			err := r.Scan(&ws, &terms)
			unknown[ws].Terms = []byte(terms)
			return err
		}, c.workspaces)
	return l.send(g)
}

func queueAccounts(g *group, w *Want, rows *Rows, reading bool) {
	// A statement a workspace, in ascending order: a distributed Postgres locks
	// rows only where a statement names one workspace.
	sql := `SELECT workspace_id, seq, terms_version, last_at, next_expiry, pools FROM accounts WHERE workspace_id = $1`
	if !reading {
		sql += " FOR UPDATE"
	}
	for _, k := range slices.SortedFunc(slices.Values(w.Accounts), func(x, y AccountKey) int { return strings.Compare(x.Workspace, y.Workspace) }) {
		g.queue(sql, func(r pgx.Rows) error {
			var a Account
			err := r.Scan(&a.Workspace, &a.Seq, &a.TermsVersion, &a.LastAt, &a.NextExpiry, &a.Pools)
			rows.Accounts = append(rows.Accounts, a)
			return err
		}, k.Workspace)
	}
	if len(w.Receipts) > 0 {
		ids, keys := make([]string, len(w.Receipts)), make([][]byte, len(w.Receipts))
		for n, k := range w.Receipts {
			ids[n], keys[n] = k.Workspace, packKey(k.Key)
		}
		g.queue(`SELECT t.workspace_id, t.key, t.fingerprint, t.at, t.answer
			FROM unnest($1::text[], $2::bytea[]) AS k(workspace_id, key)
			JOIN receipts t ON t.workspace_id = k.workspace_id AND t.key = k.key`+g.within(),
			func(r pgx.Rows) error {
				var t Receipt
				var key []byte
				err := r.Scan(&t.Workspace, &key, &t.Fingerprint, &t.At, &t.Answer)
				t.Key = unpackKey(key)
				rows.Receipts = append(rows.Receipts, t)
				return err
			}, ids, keys)
	}
}

func queuePools(g *group, w *Want, rows *Rows) {
	if len(w.Pools) == 0 {
		return
	}
	var c columns
	for _, k := range w.Pools {
		c.add(k.Workspace, []string{k.Credit}, k.PeriodStart)
	}
	g.queue(`SELECT t.workspace_id, t.period_start, t.credit, t.period_end, t.used, t.held, t.reserved, t.allowance, t.rolled, t.carry_num, t.carry_den
		FROM unnest($1::text[], $2::bigint[], $3::text[]) AS k(workspace_id, period_start, credit)
		JOIN past_pools t ON t.workspace_id = k.workspace_id AND t.period_start = k.period_start AND t.credit = k.credit`+g.within(),
		func(r pgx.Rows) error {
			var p Pool
			err := r.Scan(&p.Workspace, &p.PeriodStart, &p.Credit, &p.PeriodEnd, &p.Used, &p.Held, &p.Reserved, &p.Allowance, &p.Rolled, &p.CarryNum, &p.CarryDen)
			rows.Pools = append(rows.Pools, p)
			return err
		}, c.workspaces, c.numbers[0], c.texts[0])
}

func queueMembers(g *group, w *Want, rows *Rows) {
	if len(w.Shares) > 0 {
		var c columns
		for _, k := range w.Shares {
			c.add(k.Workspace, []string{k.Member, k.Credit}, k.PeriodStart)
		}
		g.queue(`SELECT t.workspace_id, t.member_id, t.period_start, t.credit, t.used, t.held
			FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS k(workspace_id, member_id, period_start, credit)
			JOIN shares t ON t.workspace_id = k.workspace_id AND t.member_id = k.member_id AND t.period_start = k.period_start AND t.credit = k.credit`+g.within(),
			func(r pgx.Rows) error {
				var s Share
				err := r.Scan(&s.Workspace, &s.Member, &s.PeriodStart, &s.Credit, &s.Used, &s.Held)
				rows.Shares = append(rows.Shares, s)
				return err
			}, c.workspaces, c.texts[0], c.numbers[0], c.texts[1])
	}
	if len(w.Allocations) > 0 {
		var c columns
		for _, k := range w.Allocations {
			c.add(k.Workspace, []string{k.Member, k.Credit})
		}
		g.queue(`SELECT t.workspace_id, t.member_id, t.credit, t.mode, t.amount
			FROM unnest($1::text[], $2::text[], $3::text[]) AS k(workspace_id, member_id, credit)
			JOIN allocations t ON t.workspace_id = k.workspace_id AND t.member_id = k.member_id AND t.credit = k.credit`+g.within(),
			func(r pgx.Rows) error {
				var a Allocation
				err := r.Scan(&a.Workspace, &a.Member, &a.Credit, &a.Mode, &a.Amount)
				rows.Allocations = append(rows.Allocations, a)
				return err
			}, c.workspaces, c.texts[0], c.texts[1])
	}
}

func queueHolds(g *group, w *Want, rows *Rows) {
	const columnsOfHold = `t.workspace_id, t.hold_id, t.member_id, t.credit, t.period_start, t.amount, t.remaining, t.expires_at, t.created_at, t.state, t.channel, t.capture_id`
	read := func(r pgx.Rows) error {
		var h Hold
		err := r.Scan(&h.Workspace, &h.ID, &h.Member, &h.Credit, &h.PeriodStart, &h.Amount, &h.Remaining, &h.ExpiresAt, &h.CreatedAt, &h.State, &h.Channel, &h.Capture)
		rows.Holds = append(rows.Holds, h)
		return err
	}
	if len(w.Holds) > 0 {
		var c columns
		for _, k := range w.Holds {
			c.add(k.Workspace, []string{k.ID})
		}
		g.queue(`SELECT `+columnsOfHold+` FROM unnest($1::text[], $2::text[]) AS k(workspace_id, hold_id)
			JOIN holds t ON t.workspace_id = k.workspace_id AND t.hold_id = k.hold_id`+g.within(), read, c.workspaces, c.texts[0])
	}
	for _, k := range w.Expired {
		g.queue(`SELECT `+columnsOfHold+` FROM holds t WHERE t.workspace_id = $1 AND t.state = 'open' AND t.expires_at <= $2
			ORDER BY t.expires_at LIMIT 1000`, read, k.Workspace, k.Now)
		g.queue(sqlNextExpiry, func(r pgx.Rows) error {
			if rows.NextExpiry == nil {
				rows.NextExpiry = map[string]int64{}
			}
			var next int64
			err := r.Scan(&next)
			rows.NextExpiry[k.Workspace] = next
			return err
		}, k.Workspace, k.Now)
	}
}

func queueRest(g *group, w *Want, rows *Rows) {
	if len(w.Reveals) > 0 {
		var c columns
		for _, k := range w.Reveals {
			c.add(k.Workspace, []string{k.Person})
		}
		g.queue(`SELECT t.workspace_id, t.person_id, t.field, t.outcome, t.at, t.data
			FROM unnest($1::text[], $2::text[]) AS k(workspace_id, person_id)
			JOIN reveals t ON t.workspace_id = k.workspace_id AND t.person_id = k.person_id`+g.within()+`
			ORDER BY t.workspace_id, t.person_id, t.field`,
			func(r pgx.Rows) error {
				var v Reveal
				err := r.Scan(&v.Workspace, &v.Person, &v.Field, &v.Outcome, &v.At, &v.Values)
				rows.Reveals = append(rows.Reveals, v)
				return err
			}, c.workspaces, c.texts[0])
	}
	for _, k := range w.AutoSpends {
		g.queue(`SELECT spent FROM auto_spends WHERE workspace_id = $1 AND day = $2 AND credit = $3`,
			func(r pgx.Rows) error {
				a := AutoSpend{Workspace: k.Workspace, Day: k.Day, Credit: k.Credit}
				err := r.Scan(&a.Spent)
				rows.AutoSpends = append(rows.AutoSpends, a)
				return err
			}, k.Workspace, k.Day, k.Credit)
	}
}
