package store

import (
	"cmp"
	"context"
	"strings"
)

// Put writes one as the ledger does.
func (t Reveals) Put(r Reveal) error {
	_, err := t.q.exec(`INSERT INTO reveals (workspace_id, person_id, field, outcome, at, data) VALUES ($1,$2,$3,$4,$5,$6)`, r.Workspace, r.Person, r.Field, r.Outcome, r.At, r.Values)
	return err
}

// Analyze lets the planner know what is in the tables, as it does by itself after
// a while on Postgres and never on SQLite.
func (s *Store) Analyze(ctx context.Context) error {
	if s.name == "sqlite" {
		return nil
	}
	_, err := s.engine.(*postgresDB).pool.Exec(ctx, "VACUUM ANALYZE")
	return err
}

// explained notes the plans of what it is asked.
type explained struct {
	querier
	sqlite bool
	plans  []string
}

func (e *explained) query(sql string, each func(scan scanner) error, args ...any) error {
	explain := "EXPLAIN (COSTS OFF) "
	if e.sqlite {
		explain = "EXPLAIN QUERY PLAN "
	}
	var lines []string
	err := e.querier.query(explain+sql, func(scan scanner) error {
		var line string
		if e.sqlite {
			var a, b, c int64
			if err := scan(&a, &b, &c, &line); err != nil {
				return err
			}
		} else if err := scan(&line); err != nil {
			return err
		}
		lines = append(lines, "    "+line+"\n")
		return nil
	}, args...)
	if err != nil {
		return err
	}
	e.plans = append(e.plans, strings.Join(strings.Fields(sql), " ")+"\n"+strings.Join(lines, ""))
	return e.querier.query(sql, each, args...)
}

// SheetPlans are the statements of a page of the sheet, with their plans.
func (t Leads) SheetPlans(f LeadFilter) ([]string, error) {
	e := &explained{querier: t.q, sqlite: t.sqlite}
	_, _, err := (&Tx{ctx: t.ctx, q: e, sqlite: t.sqlite}).Leads().Sheet(f)
	return e.plans, err
}

// SheetOrdered reports whether b may come after a.
func SheetOrdered(a, b Lead, f LeadFilter) bool {
	of := func(l Lead) string {
		k := l.keys()
		return map[string]string{"name": k.name, "title": k.title, "company": k.company}[f.Sort]
	}
	if f.Sort == ByOwner {
		if a.Member == b.Member {
			return a.At > b.At
		}
		return a.Member < b.Member != f.Down
	}
	order := cmp.Compare(of(a), of(b))
	if f.Sort == "captured" {
		order = cmp.Compare(a.At, b.At)
	}
	if order == 0 {
		order = cmp.Compare(a.ID, b.ID)
	}
	return order < 0 != f.Down && order != 0
}
