package store

import (
	"encoding/json"
	"errors"
	"slices"
)

// Undo is one thing that a deed changed, with what it was before. A deed that can be undone has a
// row for each; once it was undone it has none.
type Undo struct {
	Workspace string
	ID        string // of the deed; sorts by the order of their making
	Subject   string // the id of a person in the directory, or of a member
	At        int64
	Actor     string
	Kind      string // what was done, as package account names it
	Was       string // JSON, of the one that undoes the kind
}

// Into is the person that the thing went with: of a lead that was deleted within the one that it
// was merged into. Empty: it went by itself.
func (u Undo) Into() string {
	var was struct{ Into string }
	if json.Unmarshal([]byte(u.Was), &was) != nil {
		return ""
	}
	return was.Into
}

// Put keeps what a deed changed. What the same deed changed twice is undone to what it was first.
func (t Undos) Put(u Undo) error {
	_, err := t.q.exec(`INSERT INTO undos (workspace_id, undo_id, subject, at, actor, kind, was) VALUES ($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT (workspace_id, undo_id, subject) DO NOTHING`, u.Workspace, u.ID, u.Subject, u.At, u.Actor, u.Kind, u.Was)
	return err
}

const undoColumns = `undo_id, subject, at, actor, kind, was`

func (t Undos) list(ws, sql string, args ...any) (list []Undo, err error) {
	err = t.q.query(`SELECT `+undoColumns+` FROM undos WHERE workspace_id = $1 AND `+sql, func(scan scanner) error {
		u := Undo{Workspace: ws}
		err := scan(&u.ID, &u.Subject, &u.At, &u.Actor, &u.Kind, &u.Was)
		list = append(list, u)
		return err
	}, append([]any{ws}, args...)...)
	return list, err
}

// ByID are the things that a deed changed.
func (t Undos) ByID(ws, id string) ([]Undo, error) {
	return t.list(ws, `undo_id = $2 ORDER BY subject`, id)
}

// Of are the deeds since an instant that changed something, the newest first.
func (t Undos) Of(ws, subject string, since int64) ([]Undo, error) {
	return t.list(ws, `subject = $2 AND at >= $3 ORDER BY undo_id DESC LIMIT 20`, subject, since)
}

// Done is a deed: one of the things that it changed, and how many they are.
type Done struct {
	Undo
	Things int
	Others int // of the leads, those that another member captured
}

// Since lists the deeds since an instant, the newest first, as they are for a member. What is kept of
// people who are suppressed since is not among what they changed (rule C12).
func (t Undos) Since(ws, member string, since int64, limit int) (list []Done, err error) {
	err = t.q.query(`SELECT undo_id, min(subject), max(at), max(actor), max(kind), min(was), count(*), sum(CASE WHEN was LIKE $3 THEN 0 ELSE 1 END)
		FROM undos WHERE workspace_id = $1 AND at >= $2 AND NOT EXISTS (SELECT 1 FROM hidden_people h WHERE h.person_id = subject)
		GROUP BY undo_id ORDER BY undo_id DESC LIMIT `+itoa(limit), func(scan scanner) error {
		d := Done{Undo: Undo{Workspace: ws}}
		err := scan(&d.ID, &d.Subject, &d.At, &d.Actor, &d.Kind, &d.Was, &d.Things, &d.Others)
		list = append(list, d)
		return err
	}, ws, since, `%"Member":"`+member+`"%`)
	return list, err
}

// Drop forgets one thing of a deed; false: it was forgotten already.
func (t Undos) Drop(u Undo) (bool, error) {
	n, err := t.q.exec(`DELETE FROM undos WHERE workspace_id = $1 AND undo_id = $2 AND subject = $3`, u.Workspace, u.ID, u.Subject)
	return n > 0, err
}

// Sweep forgets what a workspace's team did before an instant.
func (t Undos) Sweep(ws string, before int64) error {
	_, err := t.q.exec(`DELETE FROM undos WHERE workspace_id = $1 AND at < $2`, ws, before)
	return err
}

// SweepAll forgets what every team did before an instant, but for those on a test clock, who sweep
// as they go.
func (t Undos) SweepAll(before int64) error {
	_, err := t.q.exec(`DELETE FROM undos WHERE at < $1 AND workspace_id IN (SELECT w.workspace_id FROM workspaces w WHERE w.clock_id = '')`, before)
	return err
}

// wait lets nobody undo what is kept of people until the transaction ends.
func (t Undos) wait(people []string) error {
	_, err := t.q.exec(`UPDATE undos SET at = at WHERE subject `+t.anyOf(1), t.texts(people))
	return err
}

// forget drops what is kept of a person who is erased, in their own leads and in those that they
// were merged into. Ids are in no other text. Leads that went with theirs come back by themselves:
// they are other people's.
func (t Undos) forget(person string) error {
	var with []Undo
	err := t.q.query(`SELECT workspace_id, `+undoColumns+` FROM undos WHERE subject <> $1 AND was LIKE $2`, func(scan scanner) error {
		var u Undo
		err := scan(&u.Workspace, &u.ID, &u.Subject, &u.At, &u.Actor, &u.Kind, &u.Was)
		if u.Into() == person {
			with = append(with, u)
		}
		return err
	}, person, `%"Into":"`+person+`"%`)
	if err != nil {
		return err
	}
	if _, err := t.q.exec(`DELETE FROM undos WHERE subject = $1 OR was LIKE $2`, person, `%"`+person+`"%`); err != nil {
		return err
	}
	for _, u := range with {
		var was goneLead
		if err := json.Unmarshal([]byte(u.Was), &was); err != nil {
			return err
		}
		text, err := json.Marshal(goneLead{wasLead: was.wasLead})
		if err != nil {
			return err
		}
		u.Was = string(text)
		if err := t.Put(u); err != nil {
			return err
		}
	}
	return nil
}

// goneLead is a lead that was taken off a sheet, and the person whose lead it was merged into.
type goneLead struct {
	wasLead
	Into string `json:",omitempty"`
	Then int64  `json:",omitempty"` // when it was merged
	How  again  // and how it is merged again
}

// Remove takes a lead off the sheet, with those who are merged into it, and gives what each of
// them was by the person: what PutBack takes.
func (t Merges) Remove(l Lead) (map[string]string, error) {
	gone := map[string]string{}
	return gone, t.remove(l, goneLead{}, gone)
}

func (t Merges) remove(l Lead, was goneLead, gone map[string]string) error {
	for {
		inner, err := t.Of(l.Workspace, []string{l.ID})
		if err != nil {
			return err
		}
		if len(inner) == 0 {
			break
		}
		of := direct(inner)
		last := of[len(of)-1]
		how, err := t.split(last)
		if err != nil {
			return err
		}
		own, found, err := t.tx().Leads().at(l.Workspace, `l.person_id = $2`, last.Person)
		if err == nil && found {
			err = t.remove(own, goneLead{Into: l.Person, Then: last.At, How: how}, gone)
		}
		if err != nil {
			return err
		}
	}
	now, found, err := t.tx().Leads().at(l.Workspace, `l.lead_id = $2`, l.ID)
	if err != nil || !found {
		return err
	}
	was.wasLead = wasLead{LeadRow: now.LeadRow}
	if was.written, err = t.wordsOf(now); err != nil {
		return err
	}
	text, err := json.Marshal(was)
	if err != nil {
		return err
	}
	gone[l.Person] = string(text)
	return t.tx().Leads().Delete(l.Workspace, l.ID)
}

// PutBack brings leads back that Remove took, and merges them as they were: not those of people
// who are erased, and none who is a lead again. It tells who is back.
func (t Merges) PutBack(ws string, gone map[string]string) (back []string, err error) {
	var list []goneLead
	for person, text := range gone {
		var g goneLead
		if err := json.Unmarshal([]byte(text), &g); err != nil {
			return nil, err
		}
		g.Workspace, g.Person = ws, person
		list = append(list, g)
	}
	slices.SortFunc(list, func(a, b goneLead) int {
		if a.Then != b.Then {
			return int(min(max(a.Then-b.Then, -1), 1))
		}
		return slices.Compare([]byte(a.ID), []byte(b.ID))
	})
	for _, g := range list {
		p, known, err := t.tx().People().ByID(g.Person)
		if err != nil {
			return nil, err
		}
		there, err := t.tx().Leads().Of(ws, []string{g.Person})
		if err != nil {
			return nil, err
		}
		if !known || len(there) > 0 {
			continue
		}
		if err := t.putLead(p, g.wasLead); err != nil {
			return nil, err
		}
		back = append(back, g.Person)
	}
	for _, g := range list {
		if g.Into == "" || !slices.Contains(back, g.Person) || !slices.Contains(back, g.Into) {
			continue
		}
		own, _, err := t.tx().Leads().at(ws, `l.person_id = $2`, g.Person)
		into, _, e := t.tx().Leads().at(ws, `l.person_id = $2`, g.Into)
		if err = errors.Join(err, e); err == nil {
			err = t.merge(into.ID, own, g.How, g.Then)
		}
		if err != nil {
			return nil, err
		}
	}
	return back, nil
}
