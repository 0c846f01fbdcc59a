package store

// shown is the condition that leaves the leads of suppressed people out (rule C12). Every
// read of leads, and of the words on them, has it. Its first half is asked once a
// statement: while nobody is suppressed, counting 100,000 leads pays nothing for it.
func shown(leadID string) string {
	return `(NOT EXISTS (SELECT 1 FROM hidden_people) OR NOT EXISTS (SELECT 1 FROM hidden_people h WHERE h.lead_id = ` + leadID + `))`
}

// HiddenPerson is somebody on the suppression list, and the lead that they are.
type HiddenPerson struct{ Person, Lead string }

// Hide takes people off every sheet; Show brings them back. Merges with one of them are taken
// apart until then.
func (t Suppressions) Hide(people []HiddenPerson) error {
	ids := make([]string, len(people))
	for n, p := range people {
		ids[n] = p.Person
	}
	if err := t.tx().Undos().wait(ids); err != nil {
		return err
	}
	workspaces, err := t.tx().Leads().sheetsWith(ids)
	if err != nil {
		return err
	}
	for _, p := range people {
		if _, err := t.q.exec(`INSERT INTO hidden_people (person_id, lead_id) VALUES ($1,$2) ON CONFLICT (person_id) DO NOTHING`, p.Person, p.Lead); err != nil {
			return err
		}
		if err := t.tx().Merges().pause(p.Person); err != nil {
			return err
		}
	}
	return t.recountAll(workspaces, ids)
}

// Show brings people who were hidden back, as they were.
func (t Suppressions) Show(people []string) error {
	workspaces, err := t.tx().Leads().sheetsWith(people)
	if err != nil {
		return err
	}
	for _, p := range people {
		if _, err := t.q.exec(`DELETE FROM hidden_people WHERE person_id = $1`, p); err != nil {
			return err
		}
		if err := t.tx().Merges().resume(p); err != nil {
			return err
		}
	}
	return t.recountAll(workspaces, people)
}

// recountAll counts again which fields of the leads of people were delivered, and of those
// that they were merged into.
func (t Suppressions) recountAll(workspaces, people []string) error {
	for _, ws := range workspaces {
		if _, err := t.q.exec(sqlRecount+`IN (SELECT l.lead_id FROM leads l WHERE l.workspace_id = $1 AND l.person_id `+t.anyOf(2)+`
			UNION SELECT m.lead_id FROM lead_merges m WHERE m.workspace_id = $1 AND m.person_id `+t.anyOf(2)+`)`, ws, t.texts(people)); err != nil {
			return err
		}
	}
	return nil
}

// With lists at most limit people after an id who may be meant by a text: their
// id, their company's domain, or a part of their values; everybody where it is empty.
// With hidden, those alone who are hidden.
func (t People) With(text string, hidden bool, after string, limit int) (people []PersonRow, err error) {
	find := "strpos"
	if t.sqlite {
		find = "instr"
	}
	sql := `SELECT ` + personColumns + ` FROM people WHERE person_id > $1 AND ($2 = '' OR person_id = $2 OR company_domain = $2 OR ` + find + `(details, $2) > 0)`
	if hidden {
		sql += ` AND person_id IN (SELECT h.person_id FROM hidden_people h)`
	}
	err = t.q.query(sql+` ORDER BY person_id LIMIT $3`, func(scan scanner) error {
		var p PersonRow
		err := scan(p.columns()...)
		people = append(people, p)
		return err
	}, after, text, limit)
	return people, err
}
