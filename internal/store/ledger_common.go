package store

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
	return nil
}

// writeLead puts a person on the sheet, once: a second capture keeps the first
// owner and date, brings the texts up to date and adds the list.
func writeLead(q querier, l LeadRow) error {
	_, err := q.exec(`INSERT INTO leads (workspace_id, lead_id, person_id, member_id, full_name, title, company, domain, location, profile, captured_at, notes, tags)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,'','[]')
		ON CONFLICT (workspace_id, lead_id) DO UPDATE SET full_name = excluded.full_name, title = excluded.title, company = excluded.company,
		domain = excluded.domain, location = excluded.location, profile = excluded.profile`,
		l.Workspace, l.ID, l.Person, l.Member, l.FullName, l.Title, l.Company, l.Domain, l.Location, l.Profile, l.At)
	if err != nil || l.List == "" {
		return err
	}
	_, err = q.exec(`INSERT INTO lead_lists (workspace_id, lead_id, list) VALUES ($1,$2,$3)
		ON CONFLICT (workspace_id, lead_id, list) DO NOTHING`, l.Workspace, l.ID, l.List)
	return err
}
