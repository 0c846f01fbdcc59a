package store

func (l *postgresLedger) write(w *Writes) error {
	g := l.group()
	if err := queueWrites(g, w); err != nil {
		return err
	}
	if err := l.send(g); err != nil {
		return err
	}
	l.begun = false
	return nil
}

// queueWrites is every row of the batch and the commit.
func queueWrites(g *group, w *Writes) error {
	write := queueArrays
	if len(w.Entries)+len(w.Accounts) <= fewRows {
		write = func(g *group, w *Writes) error { return writeRows(&groupQuerier{g}, w) }
	}
	err := write(g, w)
	g.queue("COMMIT", nil)
	return err
}

// queueArrays is writeRows in a statement a table.
func queueArrays(g *group, w *Writes) error {
	queueAccountWrites(g, w)
	queuePoolWrites(g, w)
	queueEntryWrites(g, w)
	queueMemberWrites(g, w)
	queueRevealWrites(g, w)
	if len(w.Allocations)+len(w.Grants)+len(w.Leads)+len(w.Reports)+len(w.BadValues)+len(w.Audits)+len(w.FairUses) > 0 {
		if err := writeCommon(&groupQuerier{g}, w); err != nil {
			return err
		}
	}
	for _, a := range w.AutoSpends {
		g.queue(`INSERT INTO auto_spends (workspace_id, day, credit, spent) VALUES ($1,$2,$3,$4)
			ON CONFLICT (workspace_id, day, credit) DO UPDATE SET spent = excluded.spent`, nil, a.Workspace, a.Day, a.Credit, a.Spent)
	}
	return nil
}

// groupQuerier queues statements instead of waiting for each.
type groupQuerier struct{ group *group }

func (q *groupQuerier) exec(sql string, args ...any) (int64, error) {
	q.group.queue(sql, nil, args...)
	return 0, nil
}

func (q *groupQuerier) query(string, func(scan scanner) error, ...any) error {
	panic("store: a group of writes reads nothing")
}

func queueAccountWrites(g *group, w *Writes) {
	if len(w.Accounts) == 0 {
		return
	}
	n := len(w.Accounts)
	ids, seq, version, last, next := make([]string, n), make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i, a := range w.Accounts {
		ids[i], seq[i], version[i], last[i], next[i] = a.Workspace, a.Seq, a.TermsVersion, a.LastAt, a.NextExpiry
		if len(a.Terms) > 0 {
			g.queue(`UPDATE subscriptions SET terms = $2 WHERE workspace_id = $1`, nil, a.Workspace, string(a.Terms))
		}
	}
	g.queue(`UPDATE accounts a SET seq = k.seq, terms_version = k.version, last_at = k.last_at, next_expiry = k.next_expiry
		FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) AS k(workspace_id, seq, version, last_at, next_expiry)
		WHERE a.workspace_id = k.workspace_id`, nil, ids, seq, version, last, next)
}

func queuePoolWrites(g *group, w *Writes) {
	n := len(w.Pools)
	if n == 0 {
		return
	}
	ids, credit := make([]string, n), make([]string, n)
	var v [9][]int64
	for c := range v {
		v[c] = make([]int64, n)
	}
	for i, p := range w.Pools {
		ids[i], credit[i] = p.Workspace, p.Credit
		for c, x := range [9]int64{p.PeriodStart, p.PeriodEnd, p.Used, p.Held, p.Reserved, p.Allowance, p.Rolled, p.CarryNum, p.CarryDen} {
			v[c][i] = x
		}
	}
	g.queue(`INSERT INTO pools (workspace_id, credit, period_start, period_end, used, held, reserved, allowance, rolled, carry_num, carry_den)
		SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])
		ON CONFLICT (workspace_id, period_start, credit) DO UPDATE SET used = excluded.used, held = excluded.held, reserved = excluded.reserved,
		allowance = excluded.allowance, carry_num = excluded.carry_num, carry_den = excluded.carry_den`,
		nil, ids, credit, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8])
}

func queueEntryWrites(g *group, w *Writes) {
	if n := len(w.Entries); n > 0 {
		var t [12][]string // texts, in the statement's order
		var v [6][]int64
		for c := range t {
			t[c] = make([]string, n)
		}
		for c := range v {
			v[c] = make([]int64, n)
		}
		after := make([]*int64, n)
		for i := range w.Entries {
			e := &w.Entries[i]
			for c, x := range [12]string{e.Workspace, e.Kind, e.Credit, e.Member, e.Person, e.Field, e.Outcome, e.Channel, e.Hold, e.Grant, e.Note, e.Capture} {
				t[c][i] = x
			}
			for c, x := range [6]int64{e.Seq, e.At, int64(e.Day), e.PeriodStart, e.Amount, e.Waived} {
				v[c][i] = x
			}
			after[i] = e.BalanceAfter
		}
		g.queue(`INSERT INTO entries (workspace_id, kind, credit, member_id, person_id, field, outcome, channel, hold_id, grant_id, note, capture_id, seq, at, day, period_start, amount, waived, balance_after)
			SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
			$13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[])`,
			nil, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10], t[11], v[0], v[1], v[2], v[3], v[4], v[5], after)
	}
	if n := len(w.Receipts); n > 0 {
		ids, at := make([]string, n), make([]int64, n)
		keys, prints, answers := make([][]byte, n), make([][]byte, n), make([][]byte, n)
		for i, r := range w.Receipts {
			ids[i], keys[i], at[i], prints[i], answers[i] = r.Workspace, packKey(r.Key), r.At, r.Fingerprint, r.Answer
			if r.Fingerprint == nil {
				prints[i] = []byte{}
			}
		}
		g.queue(`INSERT INTO receipts (workspace_id, key, fingerprint, at, answer)
			SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bytea[])`, nil, ids, keys, prints, at, answers)
	}
}

func queueMemberWrites(g *group, w *Writes) {
	if n := len(w.Shares); n > 0 {
		ids, members, credit := make([]string, n), make([]string, n), make([]string, n)
		start, used, held := make([]int64, n), make([]int64, n), make([]int64, n)
		for i, s := range w.Shares {
			ids[i], members[i], credit[i], start[i], used[i], held[i] = s.Workspace, s.Member, s.Credit, s.PeriodStart, s.Used, s.Held
		}
		g.queue(`INSERT INTO shares (workspace_id, member_id, period_start, credit, used, held)
			SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[])
			ON CONFLICT (workspace_id, member_id, period_start, credit) DO UPDATE SET used = excluded.used, held = excluded.held`,
			nil, ids, members, start, credit, used, held)
	}
	if n := len(w.Holds); n > 0 {
		var t [7][]string
		var v [5][]int64
		for c := range t {
			t[c] = make([]string, n)
		}
		for c := range v {
			v[c] = make([]int64, n)
		}
		for i, h := range w.Holds {
			for c, x := range [7]string{h.Workspace, h.ID, h.Member, h.Credit, h.State, h.Channel, h.Capture} {
				t[c][i] = x
			}
			for c, x := range [5]int64{h.PeriodStart, h.Amount, h.Remaining, h.ExpiresAt, h.CreatedAt} {
				v[c][i] = x
			}
		}
		g.queue(`INSERT INTO holds (workspace_id, hold_id, member_id, credit, state, channel, capture_id, period_start, amount, remaining, expires_at, created_at)
			SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[])
			ON CONFLICT (workspace_id, hold_id) DO UPDATE SET remaining = excluded.remaining, expires_at = excluded.expires_at, state = excluded.state`,
			nil, t[0], t[1], t[2], t[3], t[4], t[5], t[6], v[0], v[1], v[2], v[3], v[4])
	}
}

func queueRevealWrites(g *group, w *Writes) {
	n := len(w.Reveals)
	if n == 0 {
		return
	}
	ids, people, fields, outcomes, data := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	at := make([]int64, n)
	for i, r := range w.Reveals {
		ids[i], people[i], fields[i], outcomes[i], data[i], at[i] = r.Workspace, r.Person, r.Field, r.Outcome, r.Values, r.At
	}
	g.queue(`INSERT INTO reveals (workspace_id, person_id, field, outcome, at, data)
		SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
		ON CONFLICT (workspace_id, person_id, field) DO UPDATE SET outcome = excluded.outcome, at = excluded.at, data = excluded.data`,
		nil, ids, people, fields, outcomes, at, data)
}

// Interface check: both querier kinds serve writeCommon.
var (
	_ querier = (*groupQuerier)(nil)
	_ querier = (*postgresQuerier)(nil)
)
