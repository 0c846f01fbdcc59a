package store

// LeadView is a name for what stands behind the ? of a page's address: the sheet's, or that of the
// search for people.
type LeadView struct {
	Workspace, ID, Member, Page, Name, Query string
	Shared                                   bool // the whole team sees it
	CreatedAt                                int64
}

// Of are the views of a page that a member sees: their own and the shared ones, by
// name.
func (t Views) Of(ws, member, page string) (list []LeadView, err error) {
	err = t.q.query(`SELECT view_id, member_id, name, query, shared, created_at FROM lead_views WHERE workspace_id = $1 AND (shared = 1 OR member_id = $2) AND page = $3 ORDER BY name, view_id`, func(scan scanner) error {
		v, shared := LeadView{Workspace: ws, Page: page}, int64(0)
		err := scan(&v.ID, &v.Member, &v.Name, &v.Query, &shared, &v.CreatedAt)
		v.Shared = shared == 1
		list = append(list, v)
		return err
	}, ws, member, page)
	return list, err
}

// Put adds a view.
func (t Views) Put(v LeadView) error {
	_, err := t.q.exec(`INSERT INTO lead_views (workspace_id, view_id, member_id, page, name, query, shared, created_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
		v.Workspace, v.ID, v.Member, v.Page, v.Name, v.Query, number(v.Shared), v.CreatedAt)
	return err
}

// Drop removes a view.
func (t Views) Drop(ws, id string) error {
	_, err := t.q.exec(`DELETE FROM lead_views WHERE workspace_id = $1 AND view_id = $2`, ws, id)
	return err
}

// Columns are what a member sees of the sheet; empty: what everybody sees at first.
func (t Views) Columns(ws, member string) (columns string, err error) {
	_, err = t.one(`SELECT columns FROM member_columns WHERE workspace_id = $1 AND member_id = $2`, []any{&columns}, ws, member)
	return columns, err
}

// SetColumns writes what a member sees of the sheet.
func (t Views) SetColumns(ws, member, columns string) error {
	_, err := t.q.exec(`INSERT INTO member_columns (workspace_id, member_id, columns) VALUES ($1,$2,$3)
		ON CONFLICT (workspace_id, member_id) DO UPDATE SET columns = excluded.columns`, ws, member, columns)
	return err
}

// Twins are other leads with a lead's name and company, at most 20. A lead
// without a company has none.
func (t Leads) Twins(l Lead) (list []Lead, err error) {
	k := l.keys()
	if k.name == "" || k.company == "" {
		return nil, nil
	}
	err = t.q.query(`SELECT `+leadColumns+` FROM leads l WHERE l.workspace_id = $1 AND l.name_key = $2 AND l.company_key = $3 AND l.lead_id <> $4 AND `+shown(`l.lead_id`)+` ORDER BY l.captured_at LIMIT 20`, func(scan scanner) error {
		twin := Lead{LeadRow: LeadRow{Workspace: l.Workspace}}
		err := scanLead(scan, &twin)
		list = append(list, twin)
		return err
	}, l.Workspace, k.name, k.company, l.ID)
	return list, err
}

// TwinsAmong are those of the leads that share name and company with another one,
// on the page or not.
func (t Leads) TwinsAmong(ws string, leads []Lead) (map[string]bool, error) {
	if len(leads) == 0 {
		return nil, nil
	}
	names := make([]string, len(leads))
	for n, l := range leads {
		names[n] = l.keys().name
	}
	twins := map[[2]string]bool{}
	err := t.q.query(`SELECT name_key, company_key FROM leads l WHERE workspace_id = $1 AND company_key <> '' AND name_key <> '' AND name_key `+t.anyOf(2)+` AND `+shown(`l.lead_id`)+`
		GROUP BY name_key, company_key HAVING count(*) > 1`, func(scan scanner) error {
		var k [2]string
		err := scan(&k[0], &k[1])
		twins[k] = true
		return err
	}, ws, t.texts(names))
	among := map[string]bool{}
	for _, l := range leads {
		k := l.keys()
		among[l.ID] = twins[[2]string{k.name, k.company}]
	}
	return among, err
}
