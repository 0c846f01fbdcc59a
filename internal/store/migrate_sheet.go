package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/pressly/goose/v3"
)

// fillSheet is migration 13: it writes for every lead what the sheet is sorted by
// and searched in, which no SQL can, and moves tags to their own table.
func fillSheet(postgres bool) *goose.Migration {
	text := func(sql string) string {
		if postgres {
			return sql
		}
		return sqliteText(sql)
	}
	return goose.NewGoMigration(13, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		after := [2]string{}
		for {
			leads, err := leadsToFill(ctx, tx, text, after)
			if err != nil || len(leads) == 0 {
				return err
			}
			for _, l := range leads {
				k := l.keys()
				if _, err := tx.ExecContext(ctx, text(`UPDATE leads SET search = $3, name_key = $4, title_key = $5, company_key = $6 WHERE workspace_id = $1 AND lead_id = $2`),
					l.Workspace, l.ID, k.search, k.name, k.title, k.company); err != nil {
					return err
				}
				if _, err := tx.ExecContext(ctx, text(sqlFillHas), l.Workspace, l.Person); err != nil {
					return err
				}
				var tags []string
				if err := json.Unmarshal([]byte(l.tags), &tags); err != nil {
					return err
				}
				for _, tag := range tags {
					if _, err := tx.ExecContext(ctx, text(`INSERT INTO lead_tags (workspace_id, lead_id, tag) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING`), l.Workspace, l.ID, tag); err != nil {
						return err
					}
				}
			}
			last := leads[len(leads)-1]
			after = [2]string{last.Workspace, last.ID}
		}
	}}, nil)
}

type leadToFill struct {
	LeadRow
	tags string
}

func leadsToFill(ctx context.Context, tx *sql.Tx, text func(string) string, after [2]string) (leads []leadToFill, err error) {
	rows, err := tx.QueryContext(ctx, text(`SELECT workspace_id, lead_id, person_id, full_name, title, company, domain, location, tags FROM leads
		WHERE (workspace_id, lead_id) > ($1, $2) ORDER BY workspace_id, lead_id LIMIT 1000`), after[0], after[1])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var l leadToFill
		if err := rows.Scan(&l.Workspace, &l.ID, &l.Person, &l.FullName, &l.Title, &l.Company, &l.Domain, &l.Location, &l.tags); err != nil {
			return nil, err
		}
		leads = append(leads, l)
	}
	return leads, rows.Err()
}
