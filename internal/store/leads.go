package store

import "strings"

// Lead is a row of a lead sheet.
type Lead struct {
	LeadRow
	Notes, Tags string // Tags is a JSON array
}

// LeadFilter chooses leads of one workspace.
type LeadFilter struct {
	Workspace string
	Query     string // in name, title or company; empty: any
	List      string
	Member    string
	Has       string // a field that was delivered
	From, To  int64  // captured at >= From, < To; 0: open
	// Sort is captured, name or company; Down reverses it.
	Sort string
	Down bool
	// AfterKey and AfterID continue a list after its last row; AfterID empty: from the start.
	AfterKey string
	AfterAt  int64
	AfterID  string
	Limit    int
}

const leadColumns = `l.lead_id, l.person_id, l.member_id, l.full_name, l.title, l.company, l.domain, l.location, l.profile, l.captured_at, l.notes, l.tags`

func scanLead(scan scanner, l *Lead) error {
	return scan(&l.ID, &l.Person, &l.Member, &l.FullName, &l.Title, &l.Company, &l.Domain, &l.Location, &l.Profile, &l.At, &l.Notes, &l.Tags)
}

var leadSorts = map[string]string{"captured": "l.captured_at", "name": "lower(l.full_name)", "company": "lower(l.company)"}

// where writes the filter's conditions; its parameters come back in order.
func (f LeadFilter) where() (string, []any) {
	cond, args := []string{"l.workspace_id = $1"}, []any{f.Workspace}
	add := func(text string, v ...any) {
		for _, x := range v {
			args = append(args, x)
			text = strings.Replace(text, "?", "$"+itoa(len(args)), 1)
		}
		cond = append(cond, text)
	}
	if f.Query != "" {
		add(`lower(l.full_name || ' ' || l.title || ' ' || l.company) LIKE ? ESCAPE '\'`, "%"+escapeLike(strings.ToLower(f.Query))+"%")
	}
	if f.List != "" {
		add(`EXISTS (SELECT 1 FROM lead_lists x WHERE x.workspace_id = l.workspace_id AND x.lead_id = l.lead_id AND x.list = ?)`, f.List)
	}
	if f.Member != "" {
		add(`l.member_id = ?`, f.Member)
	}
	if f.Has != "" {
		add(`EXISTS (SELECT 1 FROM reveals r WHERE r.workspace_id = l.workspace_id AND r.person_id = l.person_id AND r.field = ?
			AND r.outcome IN ('charged', 'verified_in_directory', 'not_verified', 'same_as_main_line', 'already_owned'))`, f.Has)
	}
	if f.From != 0 {
		add(`l.captured_at >= ?`, f.From)
	}
	if f.To != 0 {
		add(`l.captured_at < ?`, f.To)
	}
	if f.AfterID != "" {
		op := ">"
		if f.Down {
			op = "<"
		}
		// The database lowers the cursor's text as it lowers its own.
		if f.Sort == "captured" {
			add(`(`+leadSorts[f.Sort]+`, l.lead_id) `+op+` (?, ?)`, f.AfterAt, f.AfterID)
		} else {
			add(`(`+leadSorts[f.Sort]+`, l.lead_id) `+op+` (lower(?), ?)`, f.AfterKey, f.AfterID)
		}
	}
	return strings.Join(cond, " AND "), args
}

// CountLeads is how many leads the filter chooses.
func (t *Tx) CountLeads(f LeadFilter) (n int, err error) {
	where, args := f.where()
	_, err = t.one(`SELECT count(*) FROM leads l WHERE `+where, []any{&n}, args...)
	return n, err
}

// Leads lists leads in the filter's order.
func (t *Tx) Leads(f LeadFilter) ([]Lead, error) {
	where, args := f.where()
	order := "ASC"
	if f.Down {
		order = "DESC"
	}
	args = append(args, f.Limit)
	sql := `SELECT ` + leadColumns + ` FROM leads l WHERE ` + where +
		` ORDER BY ` + leadSorts[f.Sort] + ` ` + order + `, l.lead_id ` + order + ` LIMIT $` + itoa(len(args))
	var list []Lead
	err := t.q.query(sql, func(scan scanner) error {
		l := Lead{LeadRow: LeadRow{Workspace: f.Workspace}}
		err := scanLead(scan, &l)
		list = append(list, l)
		return err
	}, args...)
	return list, err
}

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func escapeLike(s string) string { return likeEscapes.Replace(s) }

// Lead reads one; false: there is none.
func (t *Tx) Lead(ws, id string) (l Lead, found bool, err error) {
	l.Workspace = ws
	err = t.q.query(`SELECT `+leadColumns+` FROM leads l WHERE l.workspace_id = $1 AND l.lead_id = $2`, func(scan scanner) error {
		found = true
		return scanLead(scan, &l)
	}, ws, id)
	return l, found, err
}

// UpdateLead writes a lead's notes and tags.
func (t *Tx) UpdateLead(l Lead) error {
	_, err := t.q.exec(`UPDATE leads SET notes = $3, tags = $4 WHERE workspace_id = $1 AND lead_id = $2`, l.Workspace, l.ID, l.Notes, l.Tags)
	return err
}

// SetLeadLists replaces the lists that a lead is on.
func (t *Tx) SetLeadLists(ws, lead string, lists []string) error {
	if _, err := t.q.exec(`DELETE FROM lead_lists WHERE workspace_id = $1 AND lead_id = $2`, ws, lead); err != nil {
		return err
	}
	for _, name := range lists {
		if _, err := t.q.exec(`INSERT INTO lead_lists (workspace_id, lead_id, list) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING`, ws, lead, name); err != nil {
			return err
		}
	}
	return nil
}

// ListNames are the lists that a workspace has.
func (t *Tx) ListNames(ws string) ([]string, error) {
	var names []string
	err := t.q.query(`SELECT DISTINCT list FROM lead_lists WHERE workspace_id = $1 ORDER BY list`, func(scan scanner) error {
		var n string
		err := scan(&n)
		names = append(names, n)
		return err
	}, ws)
	return names, err
}

// ListsOf are the lists of leads, by lead.
func (t *Tx) ListsOf(ws string, leads []string) (map[string][]string, error) {
	lists := map[string][]string{}
	if len(leads) == 0 {
		return lists, nil
	}
	in, args := placeholders(ws, leads)
	err := t.q.query(`SELECT lead_id, list FROM lead_lists WHERE workspace_id = $1 AND lead_id IN (`+in+`) ORDER BY lead_id, list`, func(scan scanner) error {
		var lead, list string
		err := scan(&lead, &list)
		lists[lead] = append(lists[lead], list)
		return err
	}, args...)
	return lists, err
}

// RevealsOf is what a workspace had delivered of people, by person.
func (t *Tx) RevealsOf(ws string, people []string) (map[string][]Reveal, error) {
	reveals := map[string][]Reveal{}
	if len(people) == 0 {
		return reveals, nil
	}
	in, args := placeholders(ws, people)
	err := t.q.query(`SELECT person_id, field, outcome, at, data FROM reveals WHERE workspace_id = $1 AND person_id IN (`+in+`) ORDER BY person_id, field`, func(scan scanner) error {
		r := Reveal{Workspace: ws}
		err := scan(&r.Person, &r.Field, &r.Outcome, &r.At, &r.Values)
		reveals[r.Person] = append(reveals[r.Person], r)
		return err
	}, args...)
	return reveals, err
}

func placeholders(ws string, ids []string) (string, []any) {
	args := []any{ws}
	var in strings.Builder
	for n, id := range ids {
		if n > 0 {
			in.WriteByte(',')
		}
		args = append(args, id)
		in.WriteString("$" + itoa(len(args)))
	}
	return in.String(), args
}
