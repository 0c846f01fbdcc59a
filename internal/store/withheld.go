package store

// With lists at most limit deliveries, after one, whose values contain a text: of every
// workspace, in the order of their keys; any where it is empty.
func (t Reveals) With(text string, after Reveal, limit int) ([]Reveal, error) {
	find := "strpos"
	if t.sqlite {
		find = "instr"
	}
	return t.list(`SELECT workspace_id, person_id, field, outcome, at, data FROM reveals
		WHERE (workspace_id, person_id, field) > ($1, $2, $3) AND data <> '' AND ($4 = '' OR `+find+`(data, $4) > 0)
		ORDER BY workspace_id, person_id, field LIMIT $5`, after.Workspace, after.Person, after.Field, text, limit)
}

// ByField reads one delivery; without a person where there is none.
func (t Reveals) ByField(ws, person, field string) (r Reveal, err error) {
	list, err := t.list(`SELECT workspace_id, person_id, field, outcome, at, data FROM reveals WHERE workspace_id = $1 AND person_id = $2 AND field = $3`, ws, person, field)
	if len(list) > 0 {
		r = list[0]
	}
	return r, err
}

func (t Reveals) list(sql string, args ...any) (list []Reveal, err error) {
	err = t.q.query(sql, func(scan scanner) error {
		var r Reveal
		err := scan(&r.Workspace, &r.Person, &r.Field, &r.Outcome, &r.At, &r.Values)
		list = append(list, r)
		return err
	}, args...)
	return list, err
}

// Withhold keeps values of a delivery aside, in place of those that were; none where there are
// no values.
func (t Reveals) Withhold(r Reveal) error {
	_, err := t.q.exec(`DELETE FROM withheld_values WHERE workspace_id = $1 AND person_id = $2 AND field = $3`, r.Workspace, r.Person, r.Field)
	if err == nil && r.Values != "" {
		_, err = t.q.exec(`INSERT INTO withheld_values (workspace_id, person_id, field, data) VALUES ($1,$2,$3,$4)`, r.Workspace, r.Person, r.Field, r.Values)
	}
	return err
}

// Withheld lists the values kept aside that contain a text, by their deliveries; all where it
// is empty.
func (t Reveals) Withheld(text string) (list []Reveal, err error) {
	find := "strpos"
	if t.sqlite {
		find = "instr"
	}
	err = t.q.query(`SELECT workspace_id, person_id, field, data FROM withheld_values WHERE $1 = '' OR `+find+`(data, $1) > 0 ORDER BY workspace_id, person_id, field`, func(scan scanner) error {
		var r Reveal
		err := scan(&r.Workspace, &r.Person, &r.Field, &r.Values)
		list = append(list, r)
		return err
	}, text)
	return list, err
}

// WithheldOf is what is kept aside of one delivery.
func (t Reveals) WithheldOf(ws, person, field string) (values string, err error) {
	_, err = t.one(`SELECT data FROM withheld_values WHERE workspace_id = $1 AND person_id = $2 AND field = $3`, []any{&values}, ws, person, field)
	return values, err
}

// WithheldFields are the fields of people of which a workspace was delivered values that are
// kept aside now.
func (t Reveals) WithheldFields(ws string, people []string) (map[[2]string]bool, error) {
	fields := map[[2]string]bool{}
	if len(people) == 0 {
		return fields, nil
	}
	err := t.q.query(`SELECT person_id, field FROM withheld_values WHERE workspace_id = $1 AND person_id `+t.anyOf(2), func(scan scanner) error {
		var person, field string
		err := scan(&person, &field)
		fields[[2]string{person, field}] = true
		return err
	}, ws, t.texts(people))
	return fields, err
}

// Unapplied are the rows of the suppression list that were put there before an instant, and whom
// they mean is not hidden yet.
func (t Suppressions) Unapplied(before int64) (list []Suppression, err error) {
	err = t.q.query(`SELECT kind, hash, names, created_at FROM suppressions WHERE applied = 0 AND created_at < $1`, func(scan scanner) error {
		var s Suppression
		var hash []byte
		err := scan(&s.Kind, &hash, &s.Names, &s.At)
		s.Hash = string(hash)
		list = append(list, s)
		return err
	}, before)
	return list, err
}

// AnyUnapplied tells whether Unapplied lists any.
func (t Suppressions) AnyUnapplied(before int64) (bool, error) {
	var at int64
	return t.one(`SELECT created_at FROM suppressions WHERE applied = 0 AND created_at < $1 LIMIT 1`, []any{&at}, before)
}

// Applied notes that those are hidden whom a row of the list means. One that was put there again
// meanwhile has work of its own to do.
func (t Suppressions) Applied(s Suppression) error {
	_, err := t.q.exec(`UPDATE suppressions SET applied = 1 WHERE kind = $1 AND hash = $2 AND created_at = $3`, s.Kind, []byte(s.Hash), s.At)
	return err
}
