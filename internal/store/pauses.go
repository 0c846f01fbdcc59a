package store

import (
	"encoding/json"
)

// pause is a merge of which one person is hidden: it is taken apart until both are shown.
type pause struct {
	Merge
	into string // whom the person was merged into
	how  again
}

// takeApart takes a person out of every lead that they were merged into, and splits off everybody
// who was merged into theirs, in every workspace.
func (t Merges) takeApart(person string) (list []pause, err error) {
	in, err := t.list(`SELECT `+mergeColumns+` FROM lead_merges m WHERE m.person_id = $1 ORDER BY m.workspace_id`, person)
	if err != nil {
		return nil, err
	}
	for _, m := range in {
		p, err := t.takeOut(m.Workspace, person)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	for {
		others, err := t.list(`SELECT `+mergeColumns+` FROM lead_merges m JOIN leads l ON l.workspace_id = m.workspace_id AND l.lead_id = m.lead_id
			WHERE l.person_id = $1 ORDER BY m.workspace_id, m.at, m.person_id`, person)
		if err != nil || len(others) == 0 {
			return list, err
		}
		m := direct(others)[0]
		how, err := t.split(m) // which may change what the others gave
		if err != nil {
			return nil, err
		}
		list = append(list, pause{Merge: m, into: person, how: how})
	}
}

// pause takes a person's merges apart for as long as the person is hidden.
func (t Merges) pause(person string) error {
	list, err := t.takeApart(person)
	if err != nil {
		return err
	}
	for _, p := range list {
		how, err := json.Marshal(p.how)
		if err != nil {
			return err
		}
		if _, err := t.q.exec(`INSERT INTO paused_merges (workspace_id, person_id, into_person, at, was) VALUES ($1,$2,$3,$4,$5)
			ON CONFLICT (workspace_id, person_id) DO UPDATE SET into_person = excluded.into_person, at = excluded.at, was = excluded.was`,
			p.Workspace, p.Person, p.into, p.At, string(how)); err != nil {
			return err
		}
	}
	return nil
}

// resume makes the merges again that pause took apart, the last one first, once
// neither of the two people is hidden. Those into this person come before this person's own.
// Whom the team has deleted or merged otherwise since stays so.
func (t Merges) resume(person string) error {
	var list []pause
	if err := t.q.query(`SELECT m.workspace_id, m.person_id, m.into_person, m.at, m.was FROM paused_merges m
		WHERE (m.into_person = $1 OR m.person_id = $1) AND NOT EXISTS (SELECT 1 FROM hidden_people h WHERE h.person_id IN (m.person_id, m.into_person))
		ORDER BY CASE WHEN m.into_person = $1 THEN 0 ELSE 1 END, m.workspace_id, m.at DESC, m.person_id DESC`, func(scan scanner) error {
		var p pause
		var how string
		if err := scan(&p.Workspace, &p.Person, &p.into, &p.At, &how); err != nil {
			return err
		}
		list = append(list, p)
		return json.Unmarshal([]byte(how), &list[len(list)-1].how)
	}, person); err != nil {
		return err
	}
	for _, p := range list {
		if _, err := t.q.exec(`DELETE FROM paused_merges WHERE workspace_id = $1 AND person_id = $2`, p.Workspace, p.Person); err != nil {
			return err
		}
		gone, found, err := t.tx().Leads().at(p.Workspace, `l.person_id = $2`, p.Person)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if err := t.into(p, gone); err != nil {
			return err
		}
	}
	return nil
}

// into merges a lead into somebody's again, where that was merged since too.
func (t Merges) into(p pause, gone Lead) error {
	m, found, err := t.outermost(p.Workspace, p.into)
	if err != nil || found && m.Lead == gone.ID {
		return err // they are one lead the other way round
	}
	if found {
		return t.apart(m, func() error { return t.into(p, gone) })
	}
	into, found, err := t.tx().Leads().at(p.Workspace, `l.person_id = $2`, p.into)
	if err != nil || !found {
		return err
	}
	return t.merge(into.ID, gone, p.how, p.At)
}
