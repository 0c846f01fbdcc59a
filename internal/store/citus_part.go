package store

import (
	"context"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// ViewIn is View of the rows of one workspace alone. On a Citus it goes straight to the node that has
// them, whatever other nodes do.
func (s *Store) ViewIn(ctx context.Context, ws string, fn func(tx *Tx) error) error {
	return s.viewPart(ctx, s.Part(ws), fn)
}

// ViewEach runs fn over the rows of all workspaces, part by part where the database has parts, and
// answers with what went wrong in any of them. Fn must add to what it found before.
func (s *Store) ViewEach(ctx context.Context, fn func(tx *Tx) error) (err error) {
	db, is := s.engine.(*postgresDB)
	if !is || db.citus == nil {
		return s.View(ctx, fn)
	}
	groups := db.citus.at.Load().groups
	gone := map[node]bool{}
	first := int(s.turn.Add(1)) // so that each part is the first in its turn
	for n := range groups {
		part := (first + n) % len(groups)
		if gone[groups[part].node] {
			continue
		}
		failed := s.viewWithin(ctx, part, fn)
		gone[groups[part].node] = failed != nil
		err = errors.Join(err, failed)
	}
	return err
}

// ViewOf runs fn for each of some workspaces, by its place in the list. On a Citus it leaves out those
// whose node does not answer, and says how many, unless none does: an error of fn's is its own.
func (s *Store) ViewOf(ctx context.Context, list []string, fn func(tx *Tx, n int) error) (left int, err error) {
	db, is := s.engine.(*postgresDB)
	if !is || db.citus == nil || s.snapshotOf(ctx) != nil {
		return 0, s.View(ctx, func(tx *Tx) error {
			for n := range list {
				if err := fn(tx, n); err != nil {
					return err
				}
			}
			return nil
		})
	}
	gone := map[node]error{}
	for n, ws := range list {
		part := s.Part(ws)
		at := db.citus.at.Load().groups[part].node
		if gone[at] == nil {
			failed := s.viewWithin(ctx, part, func(tx *Tx) error { return fn(tx, n) })
			switch {
			case failed == nil:
				continue
			case ctx.Err() != nil || !fault.Is(failed, fault.Overloaded) && !errors.Is(failed, context.DeadlineExceeded):
				return left, failed
			}
			gone[at] = failed
		}
		left, err = left+1, gone[at]
	}
	if left < len(list) {
		err = nil
	}
	return left, err
}

// partWithin is how long one of several parts may take: a node that does not answer must not keep
// the others from being looked at.
const partWithin = 2 * time.Second

// PartsOf is how many parts the rows of a table are in, each of which ViewPart reads alone; 1: they are
// together.
func (s *Store) PartsOf(table string) int {
	db, is := s.engine.(*postgresDB)
	if !is || db.citus == nil {
		return 1
	}
	groups := db.citus.at.Load().groups
	if groups[0].names.of[table] == "" {
		return 1
	}
	return len(groups)
}

// Node is where a part's rows are, as host:port; empty where there are no parts.
func (s *Store) Node(part int) string {
	db, is := s.engine.(*postgresDB)
	if !is || db.citus == nil {
		return ""
	}
	at := db.citus.at.Load().groups[part].node
	return net.JoinHostPort(at.host, strconv.Itoa(int(at.port)))
}

// Answers is nil where a part's node answers within two seconds.
func (s *Store) Answers(ctx context.Context, part int) error {
	return s.viewWithin(ctx, part, func(*Tx) error { return nil })
}

// ViewPart is View of what one part has of tables that are divided. Where there are no parts it is View.
func (s *Store) ViewPart(ctx context.Context, part int, fn func(tx *Tx) error) error {
	return s.viewPart(ctx, part, fn)
}

func (s *Store) viewWithin(ctx context.Context, part int, fn func(tx *Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, partWithin)
	defer cancel()
	return s.viewPart(ctx, part, fn)
}

func (s *Store) viewPart(ctx context.Context, part int, fn func(tx *Tx) error) error {
	db, is := s.engine.(*postgresDB)
	if !is || db.citus == nil || s.snapshotOf(ctx) != nil {
		return s.View(ctx, fn)
	}
	s.reads.Add(1)
	return db.inPart(ctx, part, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(q querier) error {
		defer s.longestView.since(time.Now())
		return fn(&Tx{ctx: ctx, q: q})
	})
}

// UpdateEach runs fn for each workspace: in one transaction, or in one for each part of them where
// the database has parts.
func (s *Store) UpdateEach(ctx context.Context, list []string, fn func(tx *Tx, ws string) error) (failed error) {
	parts := map[int][]string{}
	for _, ws := range list {
		parts[s.Part(ws)] = append(parts[s.Part(ws)], ws)
	}
	for _, some := range parts {
		failed = errors.Join(failed, Within(ctx, func(ctx context.Context) error {
			return s.Update(ctx, func(tx *Tx) error {
				for _, ws := range some {
					if err := fn(tx, ws); err != nil {
						return err
					}
				}
				return nil
			})
		}))
	}
	return failed
}

// Within gives work for one of many workspaces ten seconds: where its node does not answer, the others
// are not kept waiting. It is made up for at the next look.
func Within(ctx context.Context, work func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return work(ctx)
}

// inPart runs fn in a transaction on the node that has a part, with the names of its shards.
func (db *postgresDB) inPart(ctx context.Context, part int, o pgx.TxOptions, fn func(q querier) error) error {
	committing := false
	err := db.citus.find(ctx, func() error {
		at := &db.citus.at.Load().groups[part]
		pools, err := db.citus.poolsOf(at.node)
		if err != nil {
			return err
		}
		return pgx.BeginTxFunc(ctx, pools.pages, o, func(tx pgx.Tx) error {
			l := &postgresLedger{ctx: ctx, conn: tx.Conn(), at: at, begun: true}
			g := &group{}
			g.home(at, o.AccessMode == pgx.ReadOnly)
			if err := l.send(g); err != nil {
				return err
			}
			err := fn(&postgresQuerier{ctx: ctx, tx: tx, names: at.names, coordinator: db.citus.asks, citus: db.citus})
			committing = err == nil && o.AccessMode != pgx.ReadOnly
			return err
		})
	})
	if committing {
		return commitError(err)
	}
	return postgresError(err)
}
