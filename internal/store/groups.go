package store

// Group is a part of a team that managers look after.
type Group struct {
	Workspace, ID, Name string
	CreatedAt           int64
	Members             []string         // ids; a member is in one group at most
	Managers            []string         // ids of who looks after it
	Budgets             map[string]int64 // what they may give out as limits, per credit type
}

// Of lists a workspace's groups in order of their making.
func (t Groups) Of(ws string) (list []Group, err error) {
	at := map[string]int{}
	err = t.q.query(`SELECT group_id, name, created_at FROM team_groups WHERE workspace_id = $1 ORDER BY group_id`, func(scan scanner) error {
		g := Group{Workspace: ws, Budgets: map[string]int64{}}
		err := scan(&g.ID, &g.Name, &g.CreatedAt)
		at[g.ID] = len(list)
		list = append(list, g)
		return err
	}, ws)
	if err != nil || len(list) == 0 {
		return list, err
	}
	people := func(sql string, add func(g *Group, member string)) error {
		return t.q.query(sql, func(scan scanner) error {
			var group, member string
			err := scan(&group, &member)
			if n, ok := at[group]; ok {
				add(&list[n], member)
			}
			return err
		}, ws)
	}
	if err := people(`SELECT group_id, member_id FROM team_group_members WHERE workspace_id = $1 ORDER BY member_id`, func(g *Group, m string) { g.Members = append(g.Members, m) }); err != nil {
		return nil, err
	}
	if err := people(`SELECT group_id, member_id FROM team_group_managers WHERE workspace_id = $1 ORDER BY member_id`, func(g *Group, m string) { g.Managers = append(g.Managers, m) }); err != nil {
		return nil, err
	}
	return list, t.q.query(`SELECT group_id, credit, amount FROM team_group_budgets WHERE workspace_id = $1`, func(scan scanner) error {
		var group, credit string
		var amount int64
		err := scan(&group, &credit, &amount)
		if n, ok := at[group]; ok {
			list[n].Budgets[credit] = amount
		}
		return err
	}, ws)
}

// Put writes a group whole. Members leave the group that they were in.
func (t Groups) Put(g Group) error {
	if _, err := t.q.exec(`INSERT INTO team_groups (workspace_id, group_id, name, created_at) VALUES ($1,$2,$3,$4)
		ON CONFLICT (workspace_id, group_id) DO UPDATE SET name = excluded.name`, g.Workspace, g.ID, g.Name, g.CreatedAt); err != nil {
		return err
	}
	if err := t.empty(g.Workspace, g.ID); err != nil {
		return err
	}
	for _, m := range g.Members {
		if _, err := t.q.exec(`INSERT INTO team_group_members (workspace_id, member_id, group_id) VALUES ($1,$2,$3)
			ON CONFLICT (workspace_id, member_id) DO UPDATE SET group_id = excluded.group_id`, g.Workspace, m, g.ID); err != nil {
			return err
		}
	}
	for _, m := range g.Managers {
		if _, err := t.q.exec(`INSERT INTO team_group_managers (workspace_id, group_id, member_id) VALUES ($1,$2,$3)`, g.Workspace, g.ID, m); err != nil {
			return err
		}
	}
	for credit, amount := range g.Budgets {
		if _, err := t.q.exec(`INSERT INTO team_group_budgets (workspace_id, group_id, credit, amount) VALUES ($1,$2,$3,$4)`, g.Workspace, g.ID, credit, amount); err != nil {
			return err
		}
	}
	return nil
}

func (t Groups) empty(ws, id string) error {
	for _, table := range []string{"team_group_members", "team_group_managers", "team_group_budgets"} {
		if _, err := t.q.exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND group_id = $2`, ws, id); err != nil {
			return err
		}
	}
	return nil
}

// Drop removes a group; its members stay members. False: there is none.
func (t Groups) Drop(ws, id string) (bool, error) {
	if err := t.empty(ws, id); err != nil {
		return false, err
	}
	n, err := t.q.exec(`DELETE FROM team_groups WHERE workspace_id = $1 AND group_id = $2`, ws, id)
	return n > 0, err
}

// Leave takes a member who was removed out of every group.
func (t Groups) Leave(ws, member string) error {
	for _, table := range []string{"team_group_members", "team_group_managers"} {
		if _, err := t.q.exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND member_id = $2`, ws, member); err != nil {
			return err
		}
	}
	return nil
}
