package store

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ledger runs a batch in one transaction on one connection. What is wanted goes
// in one round trip, what is written in another, the commit with it. Account
// rows are locked first and in order, so that any number of servers may share a
// workspace: who decides is who holds the rows.
func (db *postgresDB) ledger(ctx context.Context, ws string, fn func(tx LedgerTx) (*Writes, error), with func(q querier, w *Writes) error) error {
	return postgresError(db.atHome(ctx, ws, func(conn *pgx.Conn, at *shardGroup) error {
		return (&postgresLedger{ctx: ctx, conn: conn, at: at}).run(fn, with)
	}))
}

func (tx *postgresLedger) run(fn func(tx LedgerTx) (*Writes, error), with func(q querier, w *Writes) error) error {
	w, err := fn(tx)
	if err == nil {
		err = with(&postgresQuerier{ctx: tx.ctx, tx: tx.conn, names: tx.names()}, w)
	}
	if err == nil && !w.Empty() {
		err = commitError(tx.write(w))
	} else if tx.begun {
		_, rollback := tx.conn.Exec(tx.ctx, "ROLLBACK")
		err = errorOf(err, rollback)
		tx.begun = false
	}
	if err != nil && tx.begun && !tx.conn.IsClosed() {
		_, _ = tx.conn.Exec(tx.ctx, "ROLLBACK")
	}
	return err
}

// commitAhead writes a batch in one round trip, in which an account that is not
// what it was breaks the transaction off: its number becomes null, which the
// table refuses. Rows are updated in the order of the arrays, which is the order
// in which every server locks them.
func (db *postgresDB) commitAhead(ctx context.Context, from []Account, w *Writes) error {
	err := db.atHome(ctx, from[0].Workspace, func(conn *pgx.Conn, at *shardGroup) error {
		return (&postgresLedger{ctx: ctx, conn: conn, at: at}).ahead(from, w)
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "23502", "23505", "40P01", "40001":
			return ErrMoved
		}
	}
	return commitError(err)
}

func (l *postgresLedger) ahead(from []Account, w *Writes) (err error) {
	g := &group{}
	g.queue("BEGIN", nil)
	g.home(l.at, false)
	if len(w.Entries)+len(from) <= fewRows {
		err = guardAccounts(&groupQuerier{g}, from, w.Accounts)
	} else {
		queueGuarded(g, from, w.Accounts)
	}
	rest := *w
	rest.Accounts = nil
	if err = errorOf(err, queueWrites(g, &rest)); err == nil {
		err = l.send(g)
	}
	if err != nil && !l.conn.IsClosed() {
		_, _ = l.conn.Exec(l.ctx, "ROLLBACK")
	}
	return err
}

// fewRows is up to how many entries and accounts a statement for each row costs
// less than arrays do.
const fewRows = 4

// queueGuarded is guardAccounts in one statement.
func queueGuarded(g *group, from, to []Account) {
	n := len(from)
	ids := make([]string, n)
	var v [7][]int64
	for c := range v {
		v[c] = make([]int64, n)
	}
	for i := range from {
		was, a := &from[i], &to[i]
		ids[i] = was.Workspace
		for c, x := range [7]int64{was.Seq, was.TermsVersion, was.LastAt, was.NextExpiry, a.Seq, a.LastAt, a.NextExpiry} {
			v[c][i] = x
		}
	}
	g.queue(`UPDATE accounts a SET last_at = k.last_at, next_expiry = k.next_expiry,
		seq = CASE WHEN a.seq = k.was_seq AND a.terms_version = k.was_version AND a.last_at = k.was_last_at AND a.next_expiry = k.was_next_expiry THEN k.seq END
		FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
		AS k(workspace_id, was_seq, was_version, was_last_at, was_next_expiry, seq, last_at, next_expiry)
		WHERE a.workspace_id = k.workspace_id`, nil, ids, v[0], v[1], v[2], v[3], v[4], v[5], v[6])
}

type postgresLedger struct {
	ctx     context.Context
	conn    *pgx.Conn
	at      *shardGroup // on a worker of Citus
	here    bool        // which the shards are on
	begun   bool
	reading bool
}

func (l *postgresLedger) names() *shardNames {
	if l.at == nil {
		return nil
	}
	return l.at.names
}

// group is one of statements, which begins the transaction where nothing has yet.
func (l *postgresLedger) group() *group {
	g := &group{names: l.names()}
	if !l.begun {
		begin := "BEGIN"
		if l.reading {
			begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
		}
		g.queue(begin, nil)
		g.home(l.at, l.reading)
		l.begun = true
	}
	return g
}

// group is statements that go in one round trip.
type group struct {
	batch pgx.Batch
	names *shardNames
	reads []func(rows pgx.Rows) error // one a statement; nil: it returns nothing
}

func (g *group) queue(sql string, read func(rows pgx.Rows) error, args ...any) {
	g.batch.Queue(g.names.in(sql), args...)
	g.reads = append(g.reads, read)
}

func (l *postgresLedger) send(g *group) (err error) {
	results := l.conn.SendBatch(l.ctx, &g.batch)
	defer func() {
		err = errorOf(err, results.Close())
		if l.at != nil && !l.here && away(err) {
			err = errAway
		}
		l.here = err == nil
	}()
	for _, read := range g.reads {
		if read == nil {
			if _, err := results.Exec(); err != nil {
				return err
			}
			continue
		}
		rows, err := results.Query()
		if err != nil {
			return err
		}
		for rows.Next() {
			if err := read(rows); err != nil {
				rows.Close()
				return err
			}
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
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
	g.queue(`SELECT s.workspace_id, s.terms FROM unnest($1::text[]) AS k(workspace_id)
		JOIN subscriptions s ON s.workspace_id = k.workspace_id`,
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
	sql := `SELECT workspace_id, seq, terms_version, last_at, next_expiry FROM accounts WHERE workspace_id = $1`
	if !reading {
		sql += " FOR UPDATE"
	}
	for _, k := range slices.SortedFunc(slices.Values(w.Accounts), func(x, y AccountKey) int { return strings.Compare(x.Workspace, y.Workspace) }) {
		g.queue(sql, func(r pgx.Rows) error {
			var a Account
			err := r.Scan(&a.Workspace, &a.Seq, &a.TermsVersion, &a.LastAt, &a.NextExpiry)
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
			JOIN receipts t ON t.workspace_id = k.workspace_id AND t.key = k.key`,
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

const poolColumns = `t.workspace_id, t.period_start, t.credit, t.period_end, t.used, t.held, t.reserved, t.allowance, t.rolled, t.carry_num, t.carry_den`

func queuePools(g *group, w *Want, rows *Rows) {
	read := func(into *[]Pool) func(r pgx.Rows) error {
		return func(r pgx.Rows) error {
			var p Pool
			err := r.Scan(&p.Workspace, &p.PeriodStart, &p.Credit, &p.PeriodEnd, &p.Used, &p.Held, &p.Reserved, &p.Allowance, &p.Rolled, &p.CarryNum, &p.CarryDen)
			*into = append(*into, p)
			return err
		}
	}
	if len(w.Pools) > 0 {
		var c columns
		for _, k := range w.Pools {
			c.add(k.Workspace, []string{k.Credit}, k.PeriodStart)
		}
		g.queue(`SELECT `+poolColumns+` FROM unnest($1::text[], $2::bigint[], $3::text[]) AS k(workspace_id, period_start, credit)
			JOIN pools t ON t.workspace_id = k.workspace_id AND t.period_start = k.period_start AND t.credit = k.credit`,
			read(&rows.Pools), c.workspaces, c.numbers[0], c.texts[0])
	}
	for _, k := range w.Earlier {
		g.queue(`SELECT `+poolColumns+` FROM pools t WHERE t.workspace_id = $1 AND t.period_start < $2 AND t.credit = $3
			ORDER BY t.period_start DESC LIMIT 1`, read(&rows.Earlier), k.Workspace, k.PeriodStart, k.Credit)
	}
}

func queueMembers(g *group, w *Want, rows *Rows) {
	if len(w.Shares) > 0 {
		var c columns
		for _, k := range w.Shares {
			c.add(k.Workspace, []string{k.Member, k.Credit}, k.PeriodStart)
		}
		g.queue(`SELECT t.workspace_id, t.member_id, t.period_start, t.credit, t.used, t.held
			FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS k(workspace_id, member_id, period_start, credit)
			JOIN shares t ON t.workspace_id = k.workspace_id AND t.member_id = k.member_id AND t.period_start = k.period_start AND t.credit = k.credit`,
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
			JOIN allocations t ON t.workspace_id = k.workspace_id AND t.member_id = k.member_id AND t.credit = k.credit`,
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
			JOIN holds t ON t.workspace_id = k.workspace_id AND t.hold_id = k.hold_id`, read, c.workspaces, c.texts[0])
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
			JOIN reveals t ON t.workspace_id = k.workspace_id AND t.person_id = k.person_id
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
