package store

import (
	"context"
	"encoding/json"
)

// RowsRead is how many rows of tables and indexes the statements of a view read on Postgres.
func (s *Store) RowsRead(ctx context.Context, fn func(tx *Tx) error) (rows float64, err error) {
	err = s.engine.view(ctx, func(q querier) error {
		c := &countedRows{querier: q}
		err := fn(&Tx{ctx: ctx, q: c})
		rows = c.rows
		return err
	})
	return rows, err
}

// countedRows adds up what the plans of statements read.
type countedRows struct {
	querier
	rows float64
}

// planNode is what is read of a node of a plan.
type planNode struct {
	Relation string     `json:"Relation Name"`
	Rows     float64    `json:"Actual Rows"`
	Filtered float64    `json:"Rows Removed by Filter"`
	Loops    float64    `json:"Actual Loops"`
	Plans    []planNode `json:"Plans"`
}

func (n planNode) read() (rows float64) {
	if n.Relation != "" {
		rows = (n.Rows + n.Filtered) * n.Loops
	}
	for _, below := range n.Plans {
		rows += below.read()
	}
	return rows
}

func (c *countedRows) query(sql string, each func(scan scanner) error, args ...any) error {
	err := c.querier.query("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) "+sql, func(scan scanner) error {
		var text []byte
		if err := scan(&text); err != nil {
			return err
		}
		var plans []struct{ Plan planNode }
		err := json.Unmarshal(text, &plans)
		for _, p := range plans {
			c.rows += p.Plan.read()
		}
		return err
	}, args...)
	if err != nil {
		return err
	}
	return c.querier.query(sql, each, args...)
}
