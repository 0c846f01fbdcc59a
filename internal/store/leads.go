package store

import (
	"strings"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/lead"
)

// Lead is a row of a lead sheet.
type Lead struct {
	LeadRow
	Notes string
}

const leadColumns = `l.lead_id, l.person_id, l.member_id, l.full_name, l.title, l.company, l.domain, l.location, l.profile, l.captured_at, l.notes`

func scanLead(scan scanner, l *Lead) error {
	return scan(l.columns()...)
}

// columns are where leadColumns go.
func (l *Lead) columns() []any {
	return []any{&l.ID, &l.Person, &l.Member, &l.FullName, &l.Title, &l.Company, &l.Domain, &l.Location, &l.Profile, &l.At, &l.Notes}
}

// leadKeys is what a lead is sorted by and searched in.
type leadKeys struct{ search, name, title, company string }

func (l LeadRow) keys() leadKeys {
	k := leadKeys{name: lead.Fold(l.FullName), title: lead.Fold(l.Title), company: lead.Fold(l.Company)}
	k.search = k.name + "\n" + k.title + "\n" + k.company + "\n" + lead.Fold(l.Domain) + "\n" + lead.Fold(l.Location)
	return k
}

// The bits of what was delivered of a lead. A work email is verified where it was
// charged, or free because the directory held it verified.
const (
	hasWorkEmail     = 1
	hasWorkPhone     = 2
	hasPersonalEmail = 4
	hasMobilePhone   = 8
	hasVerifiedEmail = 16
)

// HasVerifiedEmail is what a filter may ask for beside the fields.
const HasVerifiedEmail = "verified_email"

var hasBits = map[string]int64{
	"work_email": hasWorkEmail, "work_phone": hasWorkPhone, "personal_email": hasPersonalEmail, "mobile_phone": hasMobilePhone,
	HasVerifiedEmail: hasVerifiedEmail,
}

// delivered are the outcomes that show values. A delivery of which all values are kept aside
// (Withhold) is an empty list.
var delivered = outcomes(unit.Outcome.Delivers)

// outcomes are those of which something is true, as a list in SQL.
func outcomes(that func(unit.Outcome) bool) string {
	var list []string
	for _, o := range unit.OutcomesThat(that) {
		list = append(list, "'"+string(o)+"'")
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// hasOf opens the bits of what was delivered; its conditions and a parenthesis follow.
var hasOf = `(SELECT COALESCE(max(CASE r.field WHEN 'work_email' THEN 1 ELSE 0 END)
		+ max(CASE r.field WHEN 'work_phone' THEN 2 ELSE 0 END) + max(CASE r.field WHEN 'personal_email' THEN 4 ELSE 0 END)
		+ max(CASE r.field WHEN 'mobile_phone' THEN 8 ELSE 0 END)
		+ max(CASE WHEN r.field = 'work_email' AND r.outcome IN ` + outcomes(unit.Outcome.Owns) + ` THEN 16 ELSE 0 END), 0)
		FROM reveals r WHERE r.workspace_id = $1 AND r.data <> '[]' AND r.outcome IN ` + delivered

// notHidden leaves out what was delivered of suppressed people (rule C12).
const notHidden = ` AND NOT EXISTS (SELECT 1 FROM hidden_people h WHERE h.person_id = r.person_id)`

// leadOf is the lead that a person was merged into, else their own.
var leadOf = `COALESCE(` + mergedInto + `, (SELECT o.lead_id FROM leads o WHERE o.workspace_id = $1 AND o.person_id = $2))`

// sqlRefreshHas adds what was delivered of a person to their lead's bits, or to
// those of the lead that they were merged into. Nothing in it depends on a row of
// leads, so SQLite finds that one row by its key whatever it knows of the table, and
// Postgres once it has looked at it, which autovacuum sees to within a minute.
var sqlRefreshHas = `UPDATE leads SET has = has | ` + hasOf + ` AND r.person_id = $2` + notHidden + `) WHERE workspace_id = $1 AND lead_id = ` + leadOf

// sqlRecount counts the bits of leads again, with those who were merged into them; which
// leads follows.
var sqlRecount = `UPDATE leads SET has = ` + hasOf + notHidden + ` AND (r.person_id = leads.person_id
			OR r.person_id IN (SELECT m.person_id FROM lead_merges m WHERE m.workspace_id = $1 AND m.lead_id = leads.lead_id)))
	WHERE workspace_id = $1 AND lead_id `

// sqlRecountHas counts the bits of a person's lead again, or of the lead that they were
// merged into: after a report something is delivered no more.
var sqlRecountHas = sqlRecount + `= ` + leadOf

// ByID reads one; false: there is none, or the person is suppressed.
func (t Leads) ByID(ws, id string) (l Lead, found bool, err error) {
	l.Workspace = ws
	err = t.q.query(`SELECT `+leadColumns+` FROM leads l WHERE l.workspace_id = $1 AND l.lead_id = $2 AND `+shown(`l.lead_id`), func(scan scanner) error {
		found = true
		return scanLead(scan, &l)
	}, ws, id)
	return l, found, err
}

// Of are the leads that people are shown as, by person: their own, or the one that they
// were merged into.
func (t Leads) Of(ws string, people []string) (map[string]Lead, error) {
	leads := map[string]Lead{}
	if len(people) == 0 {
		return leads, nil
	}
	where := ` AND l.workspace_id = $1 AND ` + shown(`l.lead_id`)
	sql := `SELECT l.person_id, ` + leadColumns + ` FROM leads l WHERE l.person_id ` + t.anyOf(2) + where + `
		UNION ALL SELECT m.person_id, ` + leadColumns + ` FROM lead_merges m JOIN leads l ON l.workspace_id = m.workspace_id AND l.lead_id = m.lead_id
		WHERE m.workspace_id = $1 AND m.person_id ` + t.anyOf(2) + where
	err := t.q.query(sql, func(scan scanner) error {
		var person string
		l := Lead{LeadRow: LeadRow{Workspace: ws}}
		if err := scan(append([]any{&person}, l.columns()...)...); err != nil {
			return err
		}
		leads[person] = l
		return nil
	}, ws, t.texts(people))
	return leads, err
}

// People is whom leads are, by lead.
func (t Leads) People(ws string, leads []string) (map[string]string, error) {
	people := map[string]string{}
	err := t.q.query(`SELECT lead_id, person_id FROM leads l WHERE workspace_id = $1 AND lead_id `+t.anyOf(2)+` AND `+shown(`l.lead_id`), func(scan scanner) error {
		var id, person string
		err := scan(&id, &person)
		people[id] = person
		return err
	}, ws, t.texts(leads))
	return people, err
}

// Members are who captured leads, by lead.
func (t Leads) Members(ws string, leads []string) (map[string]string, error) {
	members := map[string]string{}
	err := t.q.query(`SELECT lead_id, member_id FROM leads WHERE workspace_id = $1 AND lead_id `+t.anyOf(2), func(scan scanner) error {
		var id, member string
		err := scan(&id, &member)
		members[id] = member
		return err
	}, ws, t.texts(leads))
	return members, err
}

// UpdateNotes writes a lead's notes.
func (t Leads) UpdateNotes(ws, id, notes string) error {
	_, err := t.q.exec(`UPDATE leads SET notes = $3 WHERE workspace_id = $1 AND lead_id = $2`, ws, id, notes)
	return err
}

// Delete takes a lead off the sheet, with its lists and tags. What was paid
// for stays the workspace's.
func (t Leads) Delete(ws, id string) error {
	for _, sql := range []string{
		`DELETE FROM paused_merges WHERE workspace_id = $1 AND into_person IN (SELECT person_id FROM leads WHERE workspace_id = $1 AND lead_id = $2
			UNION SELECT person_id FROM lead_merges WHERE workspace_id = $1 AND lead_id = $2)`,
		`DELETE FROM lead_merges WHERE workspace_id = $1 AND lead_id = $2`,
	} {
		if _, err := t.q.exec(sql, ws, id); err != nil {
			return err
		}
	}
	return t.drop(ws, id)
}

// drop takes a lead off the sheet, and nobody else.
func (t Leads) drop(ws, id string) error {
	for _, sql := range []string{
		`DELETE FROM lead_lists WHERE workspace_id = $1 AND lead_id = $2`,
		`DELETE FROM lead_tags WHERE workspace_id = $1 AND lead_id = $2`,
		`DELETE FROM paused_merges WHERE workspace_id = $1 AND person_id = (SELECT person_id FROM leads WHERE workspace_id = $1 AND lead_id = $2)`,
		`DELETE FROM leads WHERE workspace_id = $1 AND lead_id = $2`,
	} {
		if _, err := t.q.exec(sql, ws, id); err != nil {
			return err
		}
	}
	return nil
}

// label is one of the two kinds of words that a team puts on its leads.
type label struct{ table, column string }

var (
	lists = label{"lead_lists", "list"}
	tags  = label{"lead_tags", "tag"}
)

// AddList and AddTag put a word on a lead; SetLists and SetTags replace them all.
func (t Labels) AddList(ws, lead, list string) error { return t.add(lists, ws, lead, list) }

// AddTag puts a tag on a lead.
func (t Labels) AddTag(ws, lead, tag string) error { return t.add(tags, ws, lead, tag) }

// RemoveList takes a lead off a list.
func (t Labels) RemoveList(ws, lead, list string) error { return t.drop(lists, ws, lead, list) }

// RemoveTag takes a tag off a lead.
func (t Labels) RemoveTag(ws, lead, tag string) error { return t.drop(tags, ws, lead, tag) }

// SetLists replaces the lists that a lead is on.
func (t Labels) SetLists(ws, lead string, names []string) error {
	return t.set(lists, ws, lead, names)
}

// SetTags replaces a lead's tags.
func (t Labels) SetTags(ws, lead string, names []string) error {
	return t.set(tags, ws, lead, names)
}

// Lists are the lists that a workspace has, at most 1,000.
func (t Labels) Lists(ws string) ([]string, error) { return t.all(lists, ws) }

// Tags are the tags that a workspace has, at most 1,000.
func (t Labels) Tags(ws string) ([]string, error) { return t.all(tags, ws) }

// ListsOf are the lists of leads, by lead.
func (t Labels) ListsOf(ws string, leads []string) (map[string][]string, error) {
	return t.of(lists, ws, leads)
}

// TagsOf are the tags of leads, by lead.
func (t Labels) TagsOf(ws string, leads []string) (map[string][]string, error) {
	return t.of(tags, ws, leads)
}

func (t Labels) add(l label, ws, lead, name string) error {
	_, err := t.q.exec(`INSERT INTO `+l.table+` (workspace_id, lead_id, `+l.column+`) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING`, ws, lead, name)
	return err
}

func (t Labels) drop(l label, ws, lead, name string) error {
	_, err := t.q.exec(`DELETE FROM `+l.table+` WHERE workspace_id = $1 AND lead_id = $2 AND `+l.column+` = $3`, ws, lead, name)
	return err
}

func (t Labels) set(l label, ws, lead string, names []string) error {
	if _, err := t.q.exec(`DELETE FROM `+l.table+` WHERE workspace_id = $1 AND lead_id = $2`, ws, lead); err != nil {
		return err
	}
	for _, name := range names {
		if err := t.add(l, ws, lead, name); err != nil {
			return err
		}
	}
	return nil
}

// maxLabels bounds how many lists, or tags, of a workspace are shown.
const maxLabels = 1000

// all jumps from name to name in the index: a list of 100,000 leads costs as
// much as one of a single lead.
func (t Labels) all(l label, ws string) (names []string, err error) {
	last := ""
	for len(names) < maxLabels {
		next, found := "", false
		err := t.q.query(`SELECT `+l.column+` FROM `+l.table+` x WHERE workspace_id = $1 AND `+l.column+` > $2 AND `+shown(`x.lead_id`)+` ORDER BY workspace_id, `+l.column+` LIMIT 1`, func(scan scanner) error {
			found = true
			return scan(&next)
		}, ws, last)
		if err != nil || !found {
			return names, err
		}
		names, last = append(names, next), next
	}
	return names, nil
}

// Hidden are those of names that are on leads of suppressed people alone: what was
// called after somebody is not shown either.
func (t Labels) Hidden(ws string, names []string) (map[string]bool, error) {
	hidden := map[string]bool{}
	for _, l := range []label{lists, tags} {
		err := t.q.query(`SELECT `+l.column+` FROM `+l.table+` x WHERE workspace_id = $1 AND `+l.column+` `+t.anyOf(2)+`
			GROUP BY `+l.column+` HAVING max(CASE WHEN `+shown(`x.lead_id`)+` THEN 1 ELSE 0 END) = 0`, func(scan scanner) error {
			var name string
			err := scan(&name)
			hidden[name] = true
			return err
		}, ws, t.texts(names))
		if err != nil {
			return nil, err
		}
	}
	return hidden, nil
}

// at are the words on one lead, hidden or not.
func (t Labels) at(l label, ws, lead string) (names []string, err error) {
	err = t.q.query(`SELECT `+l.column+` FROM `+l.table+` WHERE workspace_id = $1 AND lead_id = $2 ORDER BY `+l.column, func(scan scanner) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	}, ws, lead)
	return names, err
}

func (t Labels) of(l label, ws string, leads []string) (map[string][]string, error) {
	of := map[string][]string{}
	if len(leads) == 0 {
		return of, nil
	}
	err := t.q.query(`SELECT lead_id, `+l.column+` FROM `+l.table+` x WHERE workspace_id = $1 AND lead_id `+t.anyOf(2)+` AND `+shown(`x.lead_id`)+` ORDER BY lead_id, `+l.column, func(scan scanner) error {
		var lead, name string
		err := scan(&lead, &name)
		of[lead] = append(of[lead], name)
		return err
	}, ws, t.texts(leads))
	return of, err
}

// Of is what a workspace had delivered of people, by person.
func (t Reveals) Of(ws string, people []string) (map[string][]Reveal, error) {
	reveals := map[string][]Reveal{}
	if len(people) == 0 {
		return reveals, nil
	}
	err := t.q.query(`SELECT person_id, field, outcome, at, data FROM reveals WHERE workspace_id = $1 AND person_id `+t.anyOf(2)+` ORDER BY person_id, field`, func(scan scanner) error {
		r := Reveal{Workspace: ws}
		err := scan(&r.Person, &r.Field, &r.Outcome, &r.At, &r.Values)
		reveals[r.Person] = append(reveals[r.Person], r)
		return err
	}, ws, t.texts(people))
	return reveals, err
}

// OnList are the leads of a list, or of the whole sheet where it is empty.
func (t Leads) OnList(ws, list string, limit int) (ids []string, err error) {
	sql := `SELECT lead_id FROM leads l WHERE workspace_id = $1 AND $2 = '' AND ` + shown(`l.lead_id`) + ` ORDER BY lead_id LIMIT $3`
	if list != "" {
		sql = `SELECT lead_id FROM lead_lists l WHERE workspace_id = $1 AND list = $2 AND ` + shown(`l.lead_id`) + ` ORDER BY lead_id LIMIT $3`
	}
	err = t.q.query(sql, func(scan scanner) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, ws, list, limit)
	return ids, err
}
