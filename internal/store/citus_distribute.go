package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// onEveryNode are the tables that every node has whole, and why: they are read or changed in one
// transaction with rows of workspaces, which then commits on all nodes or on none. They are small and
// seldom written. Other tables without workspace_id in their key stay on the coordinator, where a
// worker that is gone does not stop who writes them.
var onEveryNode = map[string]string{
	"clocks":          "workspaces are asked for by what their clock shows",
	"hidden_people":   "no sheet shows them, and no capture",
	"identities":      "say whom an issuer speaks of, in which workspaces; end with their member",
	"logins":          "change with their member; say which passwords an email has",
	"member_emails":   "say by email which workspaces somebody is in; change with their member",
	"server_settings": "refuse a worker's connection to a database that was moved",
}

// OnEveryNode tells of a table that every node of a Citus has whole.
func OnEveryNode(table string) bool { return onEveryNode[table] != "" }

// onCoordinator are the tables that stay on the coordinator, where a worker that is gone stops nobody
// who writes them, and that Citus knows. In a transaction on the coordinator they commit in two phases
// with what is on other nodes. In one on a worker they commit before its own rows do: what is lost of
// them when it fails then harms nobody.
var onCoordinator = map[string]string{
	"extension_connections": "end with their member, and are of no use without one",
	"operator_receipts":     "commit with what they are the receipt of; no worker writes them",
	"sign_in_codes":         "end with their member, and are of no use without one",
}

// sqlOnEveryNode are the tables that every node has.
const sqlOnEveryNode = `SELECT logicalrelid::text FROM pg_dist_partition WHERE partmethod = 'n' AND repmodel = 't'`

// recall brings tables of onCoordinator back to it that an earlier version put on every node. Who
// writes them waits meanwhile: no server writes to a copy past Citus.
func recall(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, sqlOnEveryNode)
	if err != nil {
		return err
	}
	var list []string
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return err
		}
		if onCoordinator[table] != "" {
			list = append(list, table)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, table := range list {
		if err := recallOne(ctx, db, table); err != nil {
			return fmt.Errorf("bring %s to the coordinator, for which every node must answer: %w", table, err)
		}
	}
	return nil
}

func recallOne(ctx context.Context, db *sql.DB, table string) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, sql := range []string{`SELECT undistribute_table($1::text)`, sqlShowToWorkers} {
		if _, err := tx.ExecContext(ctx, sql, table); err != nil {
			return err
		}
	}
	return tx.Commit()
}

const sqlShowToWorkers = `SELECT citus_add_local_table_to_metadata($1::text)`

const sqlByWorkspace = `SELECT c.relname::text, coalesce(bool_or(a.attname = 'workspace_id'), false)
	FROM pg_class c LEFT JOIN pg_index x ON x.indrelid = c.oid AND x.indisprimary
	LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (x.indkey)
	WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
	AND NOT EXISTS (SELECT 1 FROM pg_dist_partition p WHERE p.logicalrelid = c.oid)
	GROUP BY c.relname ORDER BY c.relname <> 'accounts', c.relname`

// distribute gives every table that has none its place in the cluster: those of workspaces together
// with accounts, which it divides into shards; 0: only where accounts is distributed already, for
// tables that a migration made. What was written before is kept.
func distribute(ctx context.Context, db *sql.DB, shards int) error {
	var installed, distributed int
	if err := db.QueryRowContext(ctx, sqlIsCitus).Scan(&installed); err != nil {
		return err
	}
	if installed == 0 && shards == 0 {
		return nil
	}
	if installed == 0 {
		return fmt.Errorf("this Postgres has no Citus; create the extension in the database on every node, add the workers with citus_add_node, and run this again")
	}
	if err := db.QueryRowContext(ctx, sqlIsDistributed).Scan(&distributed); err != nil {
		return err
	}
	switch {
	case distributed == 0 && shards == 0:
		return nil
	case distributed == 0:
		if err := canDistribute(ctx, db); err != nil {
			return err
		}
	}
	if err := recall(ctx, db); err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, sqlByWorkspace)
	if err != nil {
		return err
	}
	var byWorkspace, everywhere, central []string
	for rows.Next() {
		var table string
		var keyed bool
		if err := rows.Scan(&table, &keyed); err != nil {
			return err
		}
		switch {
		case onEveryNode[table] != "":
			everywhere = append(everywhere, table)
		case onCoordinator[table] != "":
			central = append(central, table)
		case keyed:
			byWorkspace = append(byWorkspace, table)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, table := range everywhere {
		if _, err := db.ExecContext(ctx, `SELECT create_reference_table($1::text)`, table); err != nil {
			return fmt.Errorf("make %s a reference table: %w", table, err)
		}
	}
	for _, table := range central {
		if _, err := db.ExecContext(ctx, sqlShowToWorkers, table); err != nil {
			return fmt.Errorf("show %s to the workers: %w", table, err)
		}
	}
	for _, table := range byWorkspace {
		sql, args := `SELECT create_distributed_table($1::text, 'workspace_id', colocate_with => 'accounts')`, []any{table}
		if table == "accounts" {
			sql, args = `SELECT create_distributed_table($1::text, 'workspace_id', colocate_with => 'none', shard_count => $2)`, []any{table, shards}
		}
		if _, err := db.ExecContext(ctx, sql, args...); err != nil {
			return fmt.Errorf("distribute %s: %w", table, err)
		}
	}
	if distributed == 0 && !slices.Contains(byWorkspace, "accounts") {
		return fmt.Errorf("the database has no accounts to distribute")
	}
	return nil
}

// canDistribute says what a cluster lacks.
func canDistribute(ctx context.Context, db *sql.DB) error {
	var nodes, factor int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM pg_dist_node WHERE noderole = 'primary' AND isactive AND shouldhaveshards`).Scan(&nodes); err != nil {
		return err
	}
	if nodes == 0 {
		return fmt.Errorf("the cluster has no node that takes shards; add the workers with citus_add_node")
	}
	if err := db.QueryRowContext(ctx, `SELECT current_setting('citus.shard_replication_factor')::int`).Scan(&factor); err != nil {
		return err
	}
	if factor != 1 {
		return fmt.Errorf("citus.shard_replication_factor is %d; leadmeter needs 1: keep a node's copy with Postgres' own replication", factor)
	}
	return nil
}
