package store

import (
	"encoding/json"
	"errors"
	"strings"
)

// Merge is one person of whom the workspace says that they are a lead it has.
type Merge struct {
	Workspace, Person, Lead string
	At                      int64

	was string // JSON of wasLead
}

// wasLead is somebody's lead before it was merged into another one.
type wasLead struct {
	LeadRow
	Notes string
	Lists []string
	Tags  []string
}

// mergedInto is the lead that the person $2 was merged into in the workspace $1. One that is
// gone, or hidden, is none: anyone who was merged into it is a lead of their own.
var mergedInto = `(SELECT m.lead_id FROM lead_merges m JOIN leads i ON i.workspace_id = m.workspace_id AND i.lead_id = m.lead_id
	WHERE m.workspace_id = $1 AND m.person_id = $2 AND ` + shown(`m.lead_id`) + `)`

// MergedLead is the lead that a person was merged into; empty: none.
func (t *Tx) MergedLead(ws, person string) (lead string, err error) {
	_, err = t.one(`SELECT COALESCE(`+mergedInto+`, '')`, []any{&lead}, ws, person)
	return lead, err
}

const mergeColumns = `m.workspace_id, m.person_id, m.lead_id, m.at, m.was`

// MergesOf are the people merged into leads, in the order in which they were.
func (t *Tx) MergesOf(ws string, leads []string) ([]Merge, error) {
	return t.merges(`SELECT `+mergeColumns+` FROM lead_merges m WHERE m.workspace_id = $1 AND m.lead_id `+t.anyOf(2)+` ORDER BY m.lead_id, m.at, m.person_id`, ws, t.texts(leads))
}

func (t *Tx) merges(sql string, args ...any) (list []Merge, err error) {
	err = t.q.query(sql, func(scan scanner) error {
		var m Merge
		err := scan(&m.Workspace, &m.Person, &m.Lead, &m.At, &m.was)
		list = append(list, m)
		return err
	}, args...)
	return list, err
}

// MergeLeads says that two leads are one person: gone leaves the sheet, its lists and tags and
// those merged into it come to the other, whose notes become notes. What gone was is kept, so
// that SplitLead brings it back.
func (t *Tx) MergeLeads(into string, gone Lead, notes string, at int64) error {
	was := wasLead{LeadRow: gone.LeadRow, Notes: gone.Notes}
	for l, names := range map[label]*[]string{lists: &was.Lists, tags: &was.Tags} {
		var err error
		if *names, err = t.labelsAt(l, gone.Workspace, gone.ID); err != nil {
			return err
		}
		for _, name := range *names {
			if err := t.addLabel(l, gone.Workspace, into, name); err != nil {
				return err
			}
		}
	}
	text, err := json.Marshal(was)
	if err != nil {
		return err
	}
	if err := t.UpdateNotes(gone.Workspace, into, notes); err != nil {
		return err
	}
	if _, err := t.q.exec(`UPDATE lead_merges SET lead_id = $3 WHERE workspace_id = $1 AND lead_id = $2`, gone.Workspace, gone.ID, into); err != nil {
		return err
	}
	if err := t.DeleteLead(gone.Workspace, gone.ID); err != nil {
		return err
	}
	if _, err := t.q.exec(`INSERT INTO lead_merges (workspace_id, person_id, lead_id, at, was) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (workspace_id, person_id) DO UPDATE SET lead_id = excluded.lead_id, at = excluded.at, was = excluded.was`,
		gone.Workspace, gone.Person, into, at, string(text)); err != nil {
		return err
	}
	return t.recount(gone.Workspace, into)
}

// SplitLead takes a merge back: the person is the lead again that they were before, with its
// owner, date, notes, lists and tags.
func (t *Tx) SplitLead(m Merge) error {
	if _, err := t.q.exec(`DELETE FROM lead_merges WHERE workspace_id = $1 AND person_id = $2`, m.Workspace, m.Person); err != nil {
		return err
	}
	if err := t.recount(m.Workspace, m.Lead); err != nil {
		return err
	}
	p, known, err := t.Person(m.Person)
	if err != nil || !known {
		return err
	}
	var was wasLead
	if err := json.Unmarshal([]byte(m.was), &was); err != nil {
		return err
	}
	was.Workspace, was.Person = m.Workspace, m.Person
	return t.putLead(p, was)
}

// putLead writes the lead that somebody was, with what the directory says of them now. One
// that is there already stays as it is.
func (t *Tx) putLead(p PersonRow, was wasLead) error {
	l := was.LeadRow
	for _, text := range []struct{ into, from *string }{
		{&l.FullName, &p.FullName}, {&l.Title, &p.Title}, {&l.Company, &p.Company}, {&l.Domain, &p.CompanyDomain}, {&l.Location, &p.Location}, {&l.Profile, &p.LinkedInURL},
	} {
		if *text.from != "" {
			*text.into = *text.from
		}
	}
	var n int
	if found, err := t.one(`SELECT 1 FROM leads WHERE workspace_id = $1 AND person_id = $2`, []any{&n}, l.Workspace, l.Person); err != nil || found {
		return errors.Join(err, t.recount(l.Workspace, l.ID))
	}
	if err := writeLead(t.q, l); err != nil {
		return err
	}
	if was.Notes != "" {
		if err := t.UpdateNotes(l.Workspace, l.ID, was.Notes); err != nil {
			return err
		}
	}
	for of, names := range map[label][]string{lists: was.Lists, tags: was.Tags} {
		for _, name := range names {
			if err := t.addLabel(of, l.Workspace, l.ID, name); err != nil {
				return err
			}
		}
	}
	return t.recount(l.Workspace, l.ID)
}

// takeApart splits everybody off who was merged into a person's leads, in every workspace.
func (t *Tx) takeApart(person string) ([]Merge, error) {
	list, err := t.merges(`SELECT `+mergeColumns+` FROM lead_merges m JOIN leads l ON l.workspace_id = m.workspace_id AND l.lead_id = m.lead_id
		WHERE l.person_id = $1 ORDER BY m.workspace_id, m.at, m.person_id`, person)
	for _, m := range list {
		err = errors.Join(err, t.SplitLead(m))
	}
	return list, err
}

// SplitStranded splits off everybody who was merged into a lead that is gone.
func (t *Tx) SplitStranded() error {
	list, err := t.merges(`SELECT ` + mergeColumns + ` FROM lead_merges m
		WHERE NOT EXISTS (SELECT 1 FROM leads l WHERE l.workspace_id = m.workspace_id AND l.lead_id = m.lead_id) ORDER BY m.workspace_id, m.at, m.person_id`)
	for _, m := range list {
		err = errors.Join(err, t.SplitLead(m))
	}
	return err
}

// pauseMerges takes a person's leads apart for as long as the person is hidden.
func (t *Tx) pauseMerges(person string) error {
	list, err := t.takeApart(person)
	if err != nil {
		return err
	}
	for _, m := range list {
		if _, err := t.q.exec(`INSERT INTO paused_merges (workspace_id, person_id, into_person, at, was) VALUES ($1,$2,$3,$4,$5)
			ON CONFLICT (workspace_id, person_id) DO UPDATE SET into_person = excluded.into_person, at = excluded.at, was = excluded.was`,
			m.Workspace, m.Person, person, m.At, m.was); err != nil {
			return err
		}
	}
	return nil
}

// resumeMerges merges those into a person's leads again who were split off by pauseMerges and
// whom nobody has deleted or merged otherwise since.
func (t *Tx) resumeMerges(person string) error {
	list, err := t.merges(`SELECT m.workspace_id, m.person_id, '', m.at, m.was FROM paused_merges m WHERE m.into_person = $1 ORDER BY m.workspace_id, m.at, m.person_id`, person)
	if err != nil {
		return err
	}
	for _, m := range list {
		if _, err := t.q.exec(`DELETE FROM paused_merges WHERE workspace_id = $1 AND person_id = $2`, m.Workspace, m.Person); err != nil {
			return err
		}
		into, there, err := t.leadAt(m.Workspace, person)
		if err != nil {
			return err
		}
		gone, too, err := t.leadAt(m.Workspace, m.Person)
		if err != nil {
			return err
		}
		if !there || !too || gone.Person != m.Person || into.ID == gone.ID {
			continue
		}
		var was wasLead
		if err := json.Unmarshal([]byte(m.was), &was); err != nil {
			return err
		}
		notes := into.Notes
		if gone.Notes != was.Notes { // changed meanwhile
			notes = strings.TrimSpace(notes + "\n\n" + gone.Notes)
		}
		if err := t.MergeLeads(into.ID, gone, notes, m.At); err != nil {
			return err
		}
	}
	return nil
}

// leadAt is a person's lead, or the one that they were merged into, hidden or not.
func (t *Tx) leadAt(ws, person string) (l Lead, found bool, err error) {
	l.Workspace = ws
	err = t.q.query(`SELECT `+leadColumns+` FROM leads l WHERE l.workspace_id = $1 AND l.lead_id = `+leadOf, func(scan scanner) error {
		found = true
		return scanLead(scan, &l)
	}, ws, person)
	return l, found, err
}

// sheetsWith are the workspaces that have people on their sheet, as leads or merged into one,
// under the locks of their ledgers: no capture and no merge is decided meanwhile.
func (t *Tx) sheetsWith(people []string) (workspaces []string, err error) {
	err = t.q.query(`SELECT workspace_id FROM leads WHERE person_id `+t.anyOf(1)+` UNION SELECT workspace_id FROM lead_merges WHERE person_id `+t.anyOf(1)+` ORDER BY 1`, func(scan scanner) error {
		var ws string
		err := scan(&ws)
		workspaces = append(workspaces, ws)
		return err
	}, t.texts(people))
	for _, ws := range workspaces {
		err = errors.Join(err, t.LockAccount(ws))
	}
	return workspaces, err
}

// recount counts the bits of a lead again.
func (t *Tx) recount(ws, lead string) error {
	_, err := t.q.exec(sqlRecount+`= $2`, ws, lead)
	return err
}
