package store

// MovedField is a field that a workspace was delivered of Paid and that is Person's since.
type MovedField struct{ Paid, Field, Person string }

// MoveField notes that a delivered field of one person is another's now, also where it had
// come from somebody else before.
func (t Reveals) MoveField(ws, from, field, to string) error {
	if _, err := t.q.exec(`INSERT INTO moved_fields (workspace_id, paid_id, field, person_id) VALUES ($1,$2,$3,$4)
		ON CONFLICT (workspace_id, paid_id, field, person_id) DO NOTHING`, ws, from, field, to); err != nil {
		return err
	}
	_, err := t.q.exec(`INSERT INTO moved_fields (workspace_id, paid_id, field, person_id)
		SELECT workspace_id, paid_id, field, $4 FROM moved_fields WHERE workspace_id = $1 AND person_id = $2 AND field = $3
		ON CONFLICT (workspace_id, paid_id, field, person_id) DO NOTHING`, ws, from, field, to)
	return err
}

// MovedFrom lists what was delivered of a person and is others' now.
func (t Reveals) MovedFrom(ws, person string) ([]MovedField, error) {
	return t.moved(`SELECT paid_id, field, person_id FROM moved_fields WHERE workspace_id = $1 AND paid_id = $2 ORDER BY person_id, field`, ws, person)
}

// MovedTo lists what was delivered of others and is a person's now.
func (t Reveals) MovedTo(ws, person string) ([]MovedField, error) {
	return t.moved(`SELECT paid_id, field, person_id FROM moved_fields WHERE workspace_id = $1 AND person_id = $2 ORDER BY paid_id, field`, ws, person)
}

func (t Reveals) moved(sql string, args ...any) (list []MovedField, err error) {
	err = t.q.query(sql, func(scan scanner) error {
		var m MovedField
		err := scan(&m.Paid, &m.Field, &m.Person)
		list = append(list, m)
		return err
	}, args...)
	return list, err
}
