package store

// guardAccounts writes accounts that must still be what they were. One that is
// not becomes null, which its table refuses, and that breaks the transaction off.
func guardAccounts(q querier, from, to []Account) error {
	for n := range from {
		was, a := &from[n], &to[n]
		if _, err := q.exec(`UPDATE accounts SET last_at = $7, next_expiry = $8, pools = $9,
			seq = CASE WHEN seq = $2 AND terms_version = $3 AND last_at = $4 AND next_expiry = $5 THEN CAST($6 AS BIGINT) END WHERE workspace_id = $1`,
			was.Workspace, was.Seq, was.TermsVersion, was.LastAt, was.NextExpiry, a.Seq, a.LastAt, a.NextExpiry, a.Pools); err != nil {
			return err
		}
	}
	return nil
}

const (
	insertEntries  = `entries (workspace_id, ` + entryColumns + `)`
	insertNumbered = `entries (` + entryColumns + `)`
	insertReceipts = `receipts (workspace_id, key, fingerprint, at, answer)`
)

// writeRows replaces or adds every row of a batch: as fast as SQLite goes, and the
// fastest way to write a few rows to Postgres.
func writeRows(q querier, w *Writes) error {
	for i := range w.Accounts {
		a := &w.Accounts[i]
		if _, err := q.exec(`UPDATE accounts SET seq = $2, terms_version = $3, last_at = $4, next_expiry = $5, pools = $6 WHERE workspace_id = $1`,
			a.Workspace, a.Seq, a.TermsVersion, a.LastAt, a.NextExpiry, a.Pools); err != nil {
			return err
		}
		if len(a.Terms) > 0 {
			if _, err := q.exec(`UPDATE subscriptions SET terms = $2 WHERE workspace_id = $1`, a.Workspace, string(a.Terms)); err != nil {
				return err
			}
		}
	}
	for i := range w.Pools {
		p := &w.Pools[i]
		if _, err := q.exec(`INSERT INTO past_pools (workspace_id, period_start, credit, period_end, used, held, reserved, allowance, rolled, carry_num, carry_den)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)
			ON CONFLICT (workspace_id, period_start, credit) DO UPDATE SET used = excluded.used, held = excluded.held, reserved = excluded.reserved,
			allowance = excluded.allowance, carry_num = excluded.carry_num, carry_den = excluded.carry_den`,
			p.Workspace, p.PeriodStart, p.Credit, p.PeriodEnd, p.Used, p.Held, p.Reserved, p.Allowance, p.Rolled, p.CarryNum, p.CarryDen); err != nil {
			return err
		}
	}
	if err := writeEntries(q, w.Entries); err != nil {
		return err
	}
	if err := writeReceipts(q, w.Receipts); err != nil {
		return err
	}
	return writeMemberRows(q, w)
}

// entryRow adds an entry's values in the order of entryColumns. They are pointers: a value in an
// any is an allocation, and an entry has eighteen.
func entryRow(args []any, seq *int64, e *Entry) []any {
	return append(args, seq, &e.At, &e.Day, &e.PeriodStart, &e.Kind, &e.Credit, &e.Amount, &e.Waived, e.BalanceAfter, &e.Member, &e.Person, &e.Field,
		&e.Outcome, &e.Channel, &e.Hold, &e.Grant, &e.Note, &e.Capture)
}

func writeEntries(q querier, entries []Entry) error {
	lite, ok := q.(*sqliteQuerier)
	if !ok {
		return insertRows(q, insertEntries, 19, len(entries), func(args []any, n int) []any {
			return entryRow(append(args, &entries[n].Workspace), &entries[n].Seq, &entries[n])
		})
	}
	places, err := lite.places(len(entries), func(n int) string { return entries[n].Workspace })
	if err != nil {
		return err
	}
	seqs := make([]int64, len(entries))
	return insertRows(q, insertNumbered, 18, len(entries), func(args []any, n int) []any {
		seqs[n] = places[n].seq(entries[n].Seq)
		return entryRow(args, &seqs[n], &entries[n])
	})
}

func writeReceipts(q querier, receipts []Receipt) error {
	of := func(n int) any { return &receipts[n].Workspace }
	if lite, ok := q.(*sqliteQuerier); ok {
		places, err := lite.places(len(receipts), func(n int) string { return receipts[n].Workspace })
		if err != nil {
			return err
		}
		of = func(n int) any { return &places[n].number }
	}
	keys := packKeys(receipts)
	return insertRows(q, insertReceipts, 5, len(receipts), func(args []any, n int) []any {
		r := &receipts[n]
		if r.Fingerprint == nil {
			r.Fingerprint = []byte{} // none is not the same as unknown
		}
		return append(args, of(n), &keys[n], &r.Fingerprint, &r.At, &r.Answer)
	})
}

func writeMemberRows(q querier, w *Writes) error {
	for i := range w.Shares {
		s := &w.Shares[i]
		if _, err := q.exec(`INSERT INTO shares (workspace_id, member_id, period_start, credit, used, held) VALUES ($1,$2,$3,$4,$5,$6)
			ON CONFLICT (workspace_id, member_id, period_start, credit) DO UPDATE SET used = excluded.used, held = excluded.held`,
			s.Workspace, s.Member, s.PeriodStart, s.Credit, s.Used, s.Held); err != nil {
			return err
		}
	}
	for i := range w.Holds {
		h := &w.Holds[i]
		if _, err := q.exec(`INSERT INTO holds (workspace_id, hold_id, member_id, credit, period_start, amount, remaining, expires_at, created_at, state, channel, capture_id)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)
			ON CONFLICT (workspace_id, hold_id) DO UPDATE SET remaining = excluded.remaining, expires_at = excluded.expires_at, state = excluded.state`,
			h.Workspace, h.ID, h.Member, h.Credit, h.PeriodStart, h.Amount, h.Remaining, h.ExpiresAt, h.CreatedAt, h.State, h.Channel, h.Capture); err != nil {
			return err
		}
	}
	for i := range w.Reveals {
		r := &w.Reveals[i]
		if _, err := q.exec(`INSERT INTO reveals (workspace_id, person_id, field, outcome, at, data) VALUES ($1,$2,$3,$4,$5,$6)
			ON CONFLICT (workspace_id, person_id, field) DO UPDATE SET outcome = excluded.outcome, at = excluded.at, data = excluded.data`,
			r.Workspace, r.Person, r.Field, r.Outcome, r.At, r.Values); err != nil {
			return err
		}
	}
	for i := range w.AutoSpends {
		a := &w.AutoSpends[i]
		if _, err := q.exec(`INSERT INTO auto_spends (workspace_id, day, credit, spent) VALUES ($1,$2,$3,$4)
			ON CONFLICT (workspace_id, day, credit) DO UPDATE SET spent = excluded.spent`, a.Workspace, a.Day, a.Credit, a.Spent); err != nil {
			return err
		}
	}
	return writeCommon(q, w)
}

// writeCommon writes the rows that come seldom, one by one, in the same words on
// both engines.
func writeCommon(q querier, w *Writes) error {
	for _, a := range w.Allocations {
		var err error
		if a.Mode == "pool" {
			_, err = q.exec(`DELETE FROM allocations WHERE workspace_id = $1 AND member_id = $2 AND credit = $3`, a.Workspace, a.Member, a.Credit)
		} else {
			_, err = q.exec(`INSERT INTO allocations (workspace_id, member_id, credit, mode, amount) VALUES ($1,$2,$3,$4,$5)
				ON CONFLICT (workspace_id, member_id, credit) DO UPDATE SET mode = excluded.mode, amount = excluded.amount`,
				a.Workspace, a.Member, a.Credit, a.Mode, a.Amount)
		}
		if err != nil {
			return err
		}
	}
	for _, g := range w.Grants {
		var err error
		if g.Credit == "" { // an end alone
			_, err = q.exec(`UPDATE grants SET ends_at = $3 WHERE workspace_id = $1 AND grant_id = $2`, g.Workspace, g.ID, g.EndsAt)
		} else {
			_, err = q.exec(`INSERT INTO grants (workspace_id, grant_id, credit, kind, amount, note, period_start, created_at, ends_at)
				VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
				g.Workspace, g.ID, g.Credit, g.Kind, g.Amount, g.Note, g.PeriodStart, g.CreatedAt, g.EndsAt)
		}
		if err != nil {
			return err
		}
	}
	for _, lead := range w.Leads {
		if err := writeLead(q, lead); err != nil {
			return err
		}
	}
	for _, a := range w.Audits {
		if err := writeAudit(q, a); err != nil {
			return err
		}
	}
	if err := refreshHas(q, w); err != nil {
		return err
	}
	if err := writeFairUses(q, w); err != nil {
		return err
	}
	return writeReports(q, w)
}

// refreshHas brings the sheet's bits up to what was delivered of the people whose
// fields were just written.
func refreshHas(q querier, w *Writes) error {
	var last string
	refresh := func(ws, person string) error {
		if key := ws + " " + person; key != last { // a capture's rows stand together
			last = key
			_, err := q.exec(sqlRefreshHas, ws, person)
			return err
		}
		return nil
	}
	for i := range w.Reveals {
		if err := refresh(w.Reveals[i].Workspace, w.Reveals[i].Person); err != nil {
			return err
		}
	}
	for i := range w.Leads { // also of what was only previewed before
		if err := refresh(w.Leads[i].Workspace, w.Leads[i].Person); err != nil {
			return err
		}
	}
	return nil
}

// sqlWriteLead writes a lead unless the person is merged into another one. It is asked in the
// ledger's own transaction: a merge may have come in since the capture was asked for.
var sqlWriteLead = `INSERT INTO leads (workspace_id, person_id, lead_id, member_id, full_name, title, company, domain, location, profile, captured_at, notes,
	search, name_key, title_key, company_key, has) SELECT $1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,'',$12,$13,$14,$15,0 WHERE ` + mergedInto + ` IS NULL
	ON CONFLICT (workspace_id, lead_id) DO UPDATE SET full_name = excluded.full_name, title = excluded.title, company = excluded.company,
	domain = excluded.domain, location = excluded.location, profile = excluded.profile,
	search = excluded.search, name_key = excluded.name_key, title_key = excluded.title_key, company_key = excluded.company_key
	WHERE excluded.full_name <> ''`

var sqlListLead = `INSERT INTO lead_lists (workspace_id, lead_id, list)
	SELECT l.workspace_id, l.lead_id, $3 FROM leads l WHERE l.workspace_id = $1 AND l.lead_id = ` + leadOf + `
	ON CONFLICT (workspace_id, lead_id, list) DO NOTHING`

// writeLead puts a person on the sheet, once: a second capture keeps the first
// owner and date, brings the texts up to date, where it has a name, and adds the list.
// Somebody who is merged into another lead stays there; that lead gets the list.
func writeLead(q querier, l LeadRow) error {
	k := l.keys()
	_, err := q.exec(sqlWriteLead, l.Workspace, l.Person, l.ID, l.Member, l.FullName, l.Title, l.Company, l.Domain, l.Location, l.Profile, l.At,
		k.search, k.name, k.title, k.company)
	if err != nil || l.List == "" {
		return err
	}
	_, err = q.exec(sqlListLead, l.Workspace, l.Person, l.List)
	return err
}
