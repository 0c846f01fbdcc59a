package store

import (
	"encoding/json"
	"errors"
	"slices"
)

// Merge is one person of whom the workspace says that they are a lead it has.
type Merge struct {
	Workspace, Person, Lead string
	At                      int64

	was wasLead
}

// wasLead is somebody's lead before it was merged into another one, and what the other gained.
type wasLead struct {
	LeadRow
	written
	Merged  []string `json:",omitempty"` // who was in it, and came to the other lead with it
	Gave    *written `json:",omitempty"` // what the other lead did not have; nil: not known
	Without []string `json:",omitempty"` // hashes of its words that the team took off the other lead
}

// written is what a team writes on a lead.
type written struct {
	Notes       string
	Lists, Tags []string
}

func (w *written) labels(l label) *[]string {
	if l == lists {
		return &w.Lists
	}
	return &w.Tags
}

// mergedInto is the lead that the person $2 was merged into in the workspace $1. One that is
// gone, or hidden, is none: anyone who was merged into it is a lead of their own.
var mergedInto = `(SELECT m.lead_id FROM lead_merges m JOIN leads i ON i.workspace_id = m.workspace_id AND i.lead_id = m.lead_id
	WHERE m.workspace_id = $1 AND m.person_id = $2 AND ` + shown(`m.lead_id`) + `)`

// Lead is the lead that a person was merged into; empty: none.
func (t Merges) Lead(ws, person string) (lead string, err error) {
	_, err = t.one(`SELECT COALESCE(`+mergedInto+`, '')`, []any{&lead}, ws, person)
	return lead, err
}

const mergeColumns = `m.workspace_id, m.person_id, m.lead_id, m.at, m.was`

// Of are the people merged into leads, in the order in which they were.
func (t Merges) Of(ws string, leads []string) ([]Merge, error) {
	return t.list(`SELECT `+mergeColumns+` FROM lead_merges m WHERE m.workspace_id = $1 AND m.lead_id `+t.anyOf(2)+` ORDER BY m.lead_id, m.at, m.person_id`, ws, t.texts(leads))
}

func (t Merges) list(sql string, args ...any) (list []Merge, err error) {
	err = t.q.query(sql, func(scan scanner) error {
		var m Merge
		var was string
		if err := scan(&m.Workspace, &m.Person, &m.Lead, &m.At, &was); err != nil {
			return err
		}
		list = append(list, m)
		return json.Unmarshal([]byte(was), &list[len(list)-1].was)
	}, args...)
	return list, err
}

// direct are those of merges that are into the lead itself, and not into one that came to it.
func direct(list []Merge) (of []Merge) {
	for _, m := range list {
		if !slices.ContainsFunc(list, func(o Merge) bool {
			return o.Workspace == m.Workspace && o.Lead == m.Lead && slices.Contains(o.was.Merged, m.Person)
		}) {
			of = append(of, m)
		}
	}
	return of
}

// Merge says that two leads are one person: gone leaves the sheet, its notes, lists, tags
// and those merged into it come to the other. What gone was is kept, so that Split brings
// it back, and what the other gained, so that Split takes it back. Somebody who is merged
// already is taken out of that lead first, with what came to it.
func (t Merges) Merge(into string, gone Lead, at int64) error {
	if err := t.Split(gone.Workspace, gone.Person); err != nil {
		return err
	}
	gone, found, err := t.tx().Leads().at(gone.Workspace, `l.person_id = $2`, gone.Person)
	if err != nil || !found {
		return err
	}
	var last int64
	if _, err := t.one(`SELECT COALESCE(max(at), 0) FROM lead_merges WHERE workspace_id = $1 AND lead_id = $2`, []any{&last}, gone.Workspace, into); err != nil {
		return err
	}
	return t.merge(into, gone, again{}, max(at, last+1)) // one after the other on a clock that does not move too
}

func (t Merges) merge(into string, gone Lead, how again, at int64) error {
	kept, found, err := t.tx().Leads().at(gone.Workspace, `l.lead_id = $2`, into)
	if err != nil || !found {
		return err
	}
	was := wasLead{LeadRow: gone.LeadRow, Without: how.Without}
	if was.written, err = t.wordsOf(gone); err != nil {
		return err
	}
	if was.Gave, err = t.give(kept, was, how, at); err != nil {
		return err
	}
	inner, err := t.Of(gone.Workspace, []string{gone.ID})
	if err != nil {
		return err
	}
	for _, m := range inner {
		was.Merged = append(was.Merged, m.Person)
	}
	if _, err := t.q.exec(`UPDATE lead_merges SET lead_id = $3 WHERE workspace_id = $1 AND lead_id = $2`, gone.Workspace, gone.ID, into); err != nil {
		return err
	}
	if err := t.tx().Leads().drop(gone.Workspace, gone.ID); err != nil {
		return err
	}
	if err := t.write(Merge{Workspace: gone.Workspace, Person: gone.Person, Lead: into, At: at, was: was}); err != nil {
		return err
	}
	return t.tx().Leads().recount(gone.Workspace, into)
}

func (t Merges) write(m Merge) error {
	text, err := json.Marshal(m.was)
	if err != nil {
		return err
	}
	_, err = t.q.exec(`INSERT INTO lead_merges (workspace_id, person_id, lead_id, at, was) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (workspace_id, person_id) DO UPDATE SET lead_id = excluded.lead_id, at = excluded.at, was = excluded.was`,
		m.Workspace, m.Person, m.Lead, m.At, string(text))
	return err
}

// Split takes a merge back: both leads are again what they were, with what the team has
// written on either since. Nothing happens where the person is merged into none.
func (t Merges) Split(ws, person string) error {
	_, err := t.takeOut(ws, person)
	return err
}

// takeOut takes a person out of the lead that they were merged into, and only that: what they
// were merged into is merged again where it was in another. It tells how the merge is made again.
func (t Merges) takeOut(ws, person string) (p pause, err error) {
	m, found, err := t.outermost(ws, person)
	if err != nil || !found {
		return p, err
	}
	if m.Person == person {
		into, _, err := t.tx().Leads().at(ws, `l.lead_id = $2`, m.Lead)
		if err != nil {
			return p, err
		}
		how, err := t.split(m)
		return pause{Merge: m, into: into.Person, how: how}, err
	}
	err = t.apart(m, func() error {
		p, err = t.takeOut(ws, person)
		return err
	})
	return p, err
}

// outermost is the merge that brought a person to the lead that they are in: theirs, or that of
// a lead which they had been merged into.
func (t Merges) outermost(ws, person string) (Merge, bool, error) {
	list, err := t.list(`SELECT `+mergeColumns+` FROM lead_merges m WHERE m.workspace_id = $1
		AND m.lead_id = (SELECT p.lead_id FROM lead_merges p WHERE p.workspace_id = $1 AND p.person_id = $2) ORDER BY m.at, m.person_id`, ws, person)
	if err != nil {
		return Merge{}, false, err
	}
	for _, m := range direct(list) {
		if m.Person == person || slices.Contains(m.was.Merged, person) {
			return m, true, nil
		}
	}
	return Merge{}, false, nil
}

// apart does something while a merge is taken apart.
func (t Merges) apart(m Merge, do func() error) error {
	how, err := t.split(m)
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	gone, found, err := t.tx().Leads().at(m.Workspace, `l.person_id = $2`, m.Person)
	if err != nil || !found {
		return err
	}
	return t.merge(m.Lead, gone, how, m.At)
}

// split takes apart a merge into a lead itself (direct). Somebody who is not in the directory
// any more is no lead again.
func (t Merges) split(m Merge) (how again, err error) {
	kept, there, err := t.tx().Leads().at(m.Workspace, `l.lead_id = $2`, m.Lead)
	if err == nil && there {
		how, err = t.takeBack(kept, m)
	}
	if err != nil {
		return how, err
	}
	if _, err := t.q.exec(`DELETE FROM lead_merges WHERE workspace_id = $1 AND person_id = $2`, m.Workspace, m.Person); err != nil {
		return how, err
	}
	p, known, err := t.tx().People().ByID(m.Person)
	if err != nil || !known {
		return how, errors.Join(err, t.tx().Leads().recount(m.Workspace, m.Lead))
	}
	if _, err := t.q.exec(`UPDATE lead_merges SET lead_id = $3 WHERE workspace_id = $1 AND lead_id = $2 AND person_id `+t.anyOf(4), m.Workspace, m.Lead, m.was.ID, t.texts(m.was.Merged)); err != nil {
		return how, err
	}
	m.was.Workspace, m.was.Person = m.Workspace, m.Person
	return how, errors.Join(t.tx().Leads().recount(m.Workspace, m.Lead), t.putLead(p, m.was))
}

// putLead writes the lead that somebody was, with what the directory says of them now. One
// that is there already keeps its texts, and gets the words that it lacks.
func (t Merges) putLead(p PersonRow, was wasLead) error {
	l := was.LeadRow
	for _, text := range []struct{ into, from *string }{
		{&l.FullName, &p.FullName}, {&l.Title, &p.Title}, {&l.Company, &p.Company}, {&l.Domain, &p.CompanyDomain}, {&l.Location, &p.Location}, {&l.Profile, &p.LinkedInURL},
	} {
		if *text.from != "" {
			*text.into = *text.from
		}
	}
	there, found, err := t.tx().Leads().at(l.Workspace, `l.person_id = $2`, l.Person)
	if err == nil && !found {
		err = writeLead(t.q, l)
	}
	if err != nil {
		return err
	}
	if pieceOf(there.Notes, was.Notes) < 0 && was.Notes != "" {
		notes := was.Notes
		if there.Notes != "" {
			notes = JoinNotes(there.Notes, was.Notes)
		}
		if err := t.tx().Leads().UpdateNotes(l.Workspace, l.ID, notes); err != nil {
			return err
		}
	}
	for _, of := range []label{lists, tags} {
		for _, name := range *was.labels(of) {
			if err := t.tx().Labels().add(of, l.Workspace, l.ID, name); err != nil {
				return err
			}
		}
	}
	return t.tx().Leads().recount(l.Workspace, l.ID)
}

// SplitStranded splits off everybody who was merged into a lead that is gone, or is a lead of
// their own as well.
func (t Merges) SplitStranded() error {
	const of = `SELECT ` + mergeColumns + ` FROM lead_merges m WHERE `
	list, err := t.list(of + `NOT EXISTS (SELECT 1 FROM leads l WHERE l.workspace_id = m.workspace_id AND l.lead_id = m.lead_id) ORDER BY m.workspace_id, m.at, m.person_id`)
	for _, m := range direct(list) {
		_, e := t.split(m)
		err = errors.Join(err, e)
	}
	if err != nil {
		return err
	}
	twice, err := t.list(of + `EXISTS (SELECT 1 FROM leads l WHERE l.workspace_id = m.workspace_id AND l.person_id = m.person_id) ORDER BY m.workspace_id, m.at, m.person_id`)
	for _, m := range twice {
		err = errors.Join(err, t.Split(m.Workspace, m.Person))
	}
	return err
}

// at is the lead that a condition of the value $2 chooses, hidden or not. Somebody who is
// merged into another lead is none.
func (t Leads) at(ws, condition, value string) (l Lead, found bool, err error) {
	l.Workspace = ws
	err = t.q.query(`SELECT `+leadColumns+` FROM leads l WHERE l.workspace_id = $1 AND `+condition, func(scan scanner) error {
		found = true
		return scanLead(scan, &l)
	}, ws, value)
	return l, found, err
}

// sheetsWith are the workspaces that have people on their sheet, as leads or merged into one,
// under the locks of their ledgers: no capture and no merge is decided meanwhile.
func (t Leads) sheetsWith(people []string) (workspaces []string, err error) {
	err = t.q.query(`SELECT workspace_id FROM leads WHERE person_id `+t.anyOf(1)+` UNION SELECT workspace_id FROM lead_merges WHERE person_id `+t.anyOf(1)+` ORDER BY 1`, func(scan scanner) error {
		var ws string
		err := scan(&ws)
		workspaces = append(workspaces, ws)
		return err
	}, t.texts(people))
	for _, ws := range workspaces {
		err = errors.Join(err, t.tx().Accounts().Lock(ws))
	}
	return workspaces, err
}

// recount counts the bits of a lead again.
func (t Leads) recount(ws, lead string) error {
	_, err := t.q.exec(sqlRecount+`= $2`, ws, lead)
	return err
}
