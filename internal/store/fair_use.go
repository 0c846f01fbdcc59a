package store

// FairUse is how many free answers of a kind a member had in a local day; without a
// member, the whole workspace.
type FairUse struct {
	Workspace string
	Day       int // local date, as 20260301
	Member    string
	Kind      string
	Used      int64
}

// FairUseKey names one.
type FairUseKey struct {
	Workspace, Member, Kind string
	Day                     int
}

const (
	sqlFairUse    = `SELECT used FROM fair_uses WHERE workspace_id = $1 AND day = $2 AND member_id = $3 AND kind = $4`
	sqlPutFairUse = `INSERT INTO fair_uses (workspace_id, day, member_id, kind, used) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (workspace_id, day, member_id, kind) DO UPDATE SET used = excluded.used`
)

// loadFairUses reads meters, in the same words on both engines.
func loadFairUses(query func(sql string, each func(scan scanner) error, args ...any) error, w *Want, rows *Rows) error {
	for _, k := range w.FairUses {
		if err := query(sqlFairUse, func(scan scanner) error {
			f := FairUse{Workspace: k.Workspace, Day: k.Day, Member: k.Member, Kind: k.Kind}
			err := scan(&f.Used)
			rows.FairUses = append(rows.FairUses, f)
			return err
		}, k.Workspace, k.Day, k.Member, k.Kind); err != nil {
			return err
		}
	}
	return nil
}

func writeFairUses(q querier, w *Writes) error {
	for _, f := range w.FairUses {
		if _, err := q.exec(sqlPutFairUse, f.Workspace, f.Day, f.Member, f.Kind, f.Used); err != nil {
			return err
		}
	}
	return nil
}

// Take adds to a member's and the workspace's meters of a day as many as may
// allows, which is told how many of each there were.
func (t FairUses) Take(k FairUseKey, may func(own, workspace int64) int64) (taken int64, err error) {
	// Locks the workspace's row, so that two who take at once are one after the other.
	if _, err := t.q.exec(`INSERT INTO fair_uses (workspace_id, day, member_id, kind, used) VALUES ($1,$2,'',$3,0)
		ON CONFLICT (workspace_id, day, member_id, kind) DO UPDATE SET used = fair_uses.used`, k.Workspace, k.Day, k.Kind); err != nil {
		return 0, err
	}
	own, err := t.Used(k)
	if err != nil {
		return 0, err
	}
	all, err := t.Used(FairUseKey{Workspace: k.Workspace, Day: k.Day, Kind: k.Kind})
	if err != nil {
		return 0, err
	}
	if all == 0 { // the first of a day: those before are over
		if _, err := t.q.exec(`DELETE FROM fair_uses WHERE workspace_id = $1 AND day < $2`, k.Workspace, k.Day); err != nil {
			return 0, err
		}
	}
	if taken = may(own, all); taken <= 0 {
		return 0, nil
	}
	if _, err := t.q.exec(sqlPutFairUse, k.Workspace, k.Day, "", k.Kind, all+taken); err != nil || k.Member == "" {
		return taken, err
	}
	_, err = t.q.exec(sqlPutFairUse, k.Workspace, k.Day, k.Member, k.Kind, own+taken)
	return taken, err
}

// Used reads one meter.
func (t FairUses) Used(k FairUseKey) (used int64, err error) {
	_, err = t.one(sqlFairUse, []any{&used}, k.Workspace, k.Day, k.Member, k.Kind)
	return used, err
}
