package store

import (
	"context"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// A node that is frozen accepts what it is sent and answers nothing. A statement that Citus sends to one
// is ended by no timeout of Postgres': Citus asks the node to cancel it, and waits for that answer too,
// with the locks that the transaction has, until the node is back. So who writes a table that every
// node has asks each node first whether it answers, and is refused soon if one does not; and no
// statement through the coordinator is waited for much longer than Postgres gives it.

var errNodeGone error = fault.New(fault.Overloaded, "A part of the database cannot be reached; nothing was changed.")

// nodesWithin is how long a node may take to say that it is there.
const nodesWithin = time.Second

// writtenTable is what a statement writes.
var writtenTable = regexp.MustCompile(`\b(?:INTO|UPDATE|DELETE FROM) ([a-z_]+)\b`)

// reaches refuses a statement that writes to every node while one does not answer, once a transaction.
func (q *postgresQuerier) reaches(sql string) error {
	if q.citus == nil || q.reached {
		return nil
	}
	if table := writtenTable.FindStringSubmatch(sql); table == nil || !OnEveryNode(table[1]) {
		return nil
	}
	q.reached = true
	return q.citus.answers(q.ctx, q.coordinator != nil)
}

// AllAnswer is nil where every node of a Citus answers within a second. Who needs all of them asks
// before a transaction: its first statement would wait for a frozen one with the locks that it has.
func (s *Store) AllAnswer(ctx context.Context) error {
	db, is := s.engine.(*postgresDB)
	if !is || db.citus == nil {
		return nil
	}
	return db.citus.answers(ctx, true)
}

// answers is nil where every node answers, asked at once; the coordinator is asked where the
// transaction is not on it.
func (c *citus) answers(ctx context.Context, andCoordinator bool) error {
	ctx, cancel := context.WithTimeout(ctx, nodesWithin)
	defer cancel()
	workers := c.at.Load().workers
	answers := make(chan error, len(workers)+1)
	ask := func(pool *pgxpool.Pool) {
		answers <- on(ctx, pool, func(conn *pgx.Conn) error { return conn.Ping(ctx) })
	}
	asked := 0
	if andCoordinator {
		asked++
		go ask(c.asks)
	}
	for _, at := range workers {
		pools, err := c.poolsOf(at)
		if err != nil {
			return err
		}
		asked++
		go ask(pools.pages)
	}
	for range asked {
		if err := <-answers; err != nil {
			return fault.Wrap(fault.Overloaded, err, errNodeGone.Error())
		}
	}
	return nil
}

// bounded is how long a statement of a served Citus is waited for, whatever its nodes do.
func (q *postgresQuerier) bounded() (context.Context, context.CancelFunc) {
	if q.within == 0 {
		return q.ctx, func() {}
	}
	return context.WithTimeoutCause(q.ctx, q.within, errNodeGone)
}

// ofBound is an error of a statement that was waited for no longer.
func ofBound(ctx context.Context, err error) error {
	if err != nil && context.Cause(ctx) == errNodeGone {
		return fault.Wrap(fault.Overloaded, err, errNodeGone.Error())
	}
	return err
}
