package store

import (
	"context"
)

// WriterPragma asks the connection that commits for a setting of SQLite.
func WriterPragma(ctx context.Context, s *Store, pragma string) (value string, err error) {
	err = s.engine.update(ctx, func(q querier) error {
		return q.query("PRAGMA "+pragma, func(scan scanner) error { return scan(&value) })
	})
	return value, err
}

// LaneSetting asks a connection of the ledger's own for a setting of Postgres.
func LaneSetting(ctx context.Context, s *Store, name string) (value string, err error) {
	err = s.engine.(*postgresDB).lane.QueryRow(ctx, "SELECT current_setting($1)", name).Scan(&value)
	return value, err
}

// Put puts a person on the sheet as a capture does, without the ledger.
func (t Leads) Put(l LeadRow) error {
	if err := writeLead(t.q, l); err != nil {
		return err
	}
	_, err := t.q.exec(sqlRefreshHas, l.Workspace, l.Person)
	return err
}

// HashText is hashText.
func HashText(text string) int32 { return hashText(text) }

// ShardNames are names of shards, by table.
func ShardNames(of map[string]string) interface{ In(sql string) string } {
	return namesOf{&shardNames{of: of}}
}

type namesOf struct{ *shardNames }

func (n namesOf) In(sql string) string { return n.in(sql) }
