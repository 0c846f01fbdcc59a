package store

// Joined is somebody who proved to be another person, and is kept no more.
type Joined struct{ Person, Into string }

// DropJoined forgets people who proved to be others. No workspace was delivered anything
// of them (IsSold).
func (t People) DropJoined(list []Joined) error {
	for _, j := range list {
		if err := t.unindex(j.Person); err != nil {
			return err
		}
		for _, sql := range []string{
			`DELETE FROM person_keys WHERE person_id = $1`,
			`DELETE FROM hidden_people WHERE person_id = $1`,
			`DELETE FROM people WHERE person_id = $1`,
		} {
			if _, err := t.q.exec(sql, j.Person); err != nil {
				return err
			}
		}
		for _, sql := range []string{
			`UPDATE searches SET person_id = $2 WHERE person_id = $1`,
			`UPDATE bulk_rows SET person_id = $2 WHERE person_id = $1`,
		} {
			if _, err := t.q.exec(sql, j.Person, j.Into); err != nil {
				return err
			}
		}
	}
	return nil
}

// Contest notes of keys that people of contradicting names claim them.
func (t People) Contest(keys []KeyRow) error {
	return t.addKeys(Contested, keys)
}

// IsSold reports whether a workspace was delivered anything of any of these people, or
// keeps one of them.
func (t People) IsSold(ids []string) (bool, error) {
	for _, id := range ids {
		var n int
		found, err := t.one(`SELECT 1 FROM reveals WHERE person_id = $1 UNION ALL SELECT 1 FROM leads WHERE person_id = $1
			UNION ALL SELECT 1 FROM bad_values WHERE person_id = $1 UNION ALL SELECT 1 FROM lead_merges WHERE person_id = $1 LIMIT 1`, []any{&n}, id)
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// OfPerson is what every workspace was delivered of a person.
func (t Reveals) OfPerson(id string) (list []Reveal, err error) {
	err = t.q.query(`SELECT workspace_id, person_id, field, outcome, at, data FROM reveals WHERE person_id = $1 ORDER BY workspace_id, field`, func(scan scanner) error {
		var r Reveal
		err := scan(&r.Workspace, &r.Person, &r.Field, &r.Outcome, &r.At, &r.Values)
		list = append(list, r)
		return err
	}, id)
	return list, err
}

// Write writes what a workspace was delivered of a person; without values, that it was
// nothing.
func (t Reveals) Write(r Reveal) error {
	if r.Values == "" {
		_, err := t.q.exec(`DELETE FROM reveals WHERE workspace_id = $1 AND person_id = $2 AND field = $3`, r.Workspace, r.Person, r.Field)
		return err
	}
	_, err := t.q.exec(`INSERT INTO reveals (workspace_id, person_id, field, outcome, at, data) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (workspace_id, person_id, field) DO UPDATE SET outcome = excluded.outcome, at = excluded.at, data = excluded.data`,
		r.Workspace, r.Person, r.Field, r.Outcome, r.At, r.Values)
	return err
}

// Copy puts somebody on a workspace's sheet who was there as another person: with the
// member and the time of that lead, and its lists. Where the other is no lead, nor merged
// into one, nothing happens.
func (t Leads) Copy(from string, l LeadRow) error {
	was, found, err := t.at(l.Workspace, `l.lead_id = `+leadOf, from)
	if err != nil || !found {
		return err
	}
	l.Member, l.At = was.Member, was.At
	if err := writeLead(t.q, l); err != nil {
		return err
	}
	_, err = t.q.exec(`INSERT INTO lead_lists (workspace_id, lead_id, list) SELECT workspace_id, `+leadOf+`, list FROM lead_lists WHERE workspace_id = $1 AND lead_id = $3
		ON CONFLICT (workspace_id, lead_id, list) DO NOTHING`, l.Workspace, l.Person, was.ID)
	return err
}

// RecountHas counts again which fields of a lead were delivered.
func (t Leads) RecountHas(ws, person string) error {
	_, err := t.q.exec(sqlRecountHas, ws, person)
	return err
}
