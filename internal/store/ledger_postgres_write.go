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
	for _, a := range w.Accounts {
		if len(a.Terms) > 0 {
			g.queue(`UPDATE subscriptions SET terms = $2 WHERE workspace_id = $1`, nil, a.Workspace, string(a.Terms))
		}
	}
	bulkAccounts.queue(g, w.Accounts)
	bulkPools.queue(g, w.Pools)
	bulkEntries.queue(g, w.Entries)
	bulkReceipts.queue(g, w.Receipts)
	bulkShares.queue(g, w.Shares)
	bulkHolds.queue(g, w.Holds)
	bulkReveals.queue(g, w.Reveals)
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

// Interface check: both querier kinds serve writeCommon.
var (
	_ querier = (*groupQuerier)(nil)
	_ querier = (*postgresQuerier)(nil)
)
