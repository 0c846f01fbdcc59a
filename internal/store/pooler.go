package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A pooler that gives each transaction another connection, as pgbouncer does in transaction mode,
// refuses the lane's settings at a connection's start or leaves them out, and its connections know
// nothing of statements that were prepared on others. Then each transaction of the lane has the
// settings for itself, and statements are described once and planned each time.

// behindPooler connects as the lane does. It answers with the statement that a transaction has the
// settings by; "": the connection has them.
func behindPooler(ctx context.Context, lane *pgx.ConnConfig) (each string, err error) {
	trial := lane.Copy()
	trial.DefaultQueryExecMode = pgx.QueryExecModeExec
	conn, err := pgx.ConnectConfig(ctx, trial)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == pgProtocol {
		return setEach(), nil
	}
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	const any = "plan_cache_mode"
	var has string
	if err := conn.QueryRow(ctx, `SELECT current_setting($1)`, any).Scan(&has); err != nil {
		return "", err
	}
	if has != laneSettings[any] {
		return setEach(), nil
	}
	return "", nil
}

// setEach sets what the lane needs to the end of a transaction.
func setEach() string {
	var sets []string
	for _, name := range slices.Sorted(maps.Keys(laneSettings)) {
		if strings.HasPrefix(name, "tcp_") || name == "plan_cache_mode" {
			continue // of the connection between the pooler and Postgres; and no plan is kept
		}
		sets = append(sets, "set_config('"+name+"', '"+laneSettings[name]+"', true)")
	}
	return "SELECT " + strings.Join(sets, ", ")
}

// asPooled makes connections fit for a pooler. How statements are sent is left as the address says.
func asPooled(configs ...*pgx.ConnConfig) {
	for _, c := range configs {
		for name := range laneSettings {
			delete(c.RuntimeParams, name)
		}
		if c.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement {
			c.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
		}
	}
}

// set queues what a transaction begins with.
func (g *group) set(each string) {
	if each != "" {
		g.queue(each, nil)
	}
}
