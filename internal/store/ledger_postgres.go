package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ledger runs a batch in one transaction on one connection. What is wanted goes
// in one round trip, what is written in another, the commit with it. Account
// rows are locked first and in order, so that any number of servers may share a
// workspace: who decides is who holds the rows.
func (db *postgresDB) ledger(ctx context.Context, ws string, fn func(tx LedgerTx) (*Writes, error), with func(q querier, w *Writes) error) error {
	return postgresError(db.atHome(ctx, ws, func(conn *pgx.Conn, at *shardGroup) error {
		tx := &postgresLedger{ctx: ctx, conn: conn, at: at, each: db.each}
		return tx.run(fn, func(w *Writes) error {
			return with(&postgresQuerier{ctx: ctx, tx: conn, names: tx.names(), coordinator: db.citus.askers(), citus: db.citus}, w)
		})
	}))
}

func (tx *postgresLedger) run(fn func(tx LedgerTx) (*Writes, error), with func(w *Writes) error) error {
	w, err := fn(tx)
	if err == nil {
		err = with(w)
	}
	if err == nil && !w.Empty() {
		err = commitError(tx.write(w))
	} else if tx.begun {
		_, rollback := tx.conn.Exec(tx.ctx, "ROLLBACK")
		err = errorOf(err, rollback)
		tx.begun = false
	}
	if err != nil && tx.begun && !tx.conn.IsClosed() {
		_, _ = tx.conn.Exec(tx.ctx, "ROLLBACK")
	}
	return err
}

// commitAhead writes a batch in one round trip, in which an account that is not
// what it was breaks the transaction off: its number becomes null, which the
// table refuses. Rows are updated in the order of the arrays, which is the order
// in which every server locks them.
func (db *postgresDB) commitAhead(ctx context.Context, from []Account, w *Writes) error {
	err := db.atHome(ctx, from[0].Workspace, func(conn *pgx.Conn, at *shardGroup) error {
		return (&postgresLedger{ctx: ctx, conn: conn, at: at, each: db.each}).ahead(from, w)
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "23502", "23505", "40P01", "40001":
			return ErrMoved
		}
	}
	return commitError(err)
}

func (l *postgresLedger) ahead(from []Account, w *Writes) (err error) {
	g := &group{}
	g.queue(beginWriting, nil)
	g.set(l.each)
	g.home(l.at, false)
	if len(w.Entries)+len(from) <= fewRows {
		err = guardAccounts(&groupQuerier{g}, from, w.Accounts)
	} else {
		steps := make([]step, len(from))
		for i := range from {
			steps[i] = step{&from[i], &w.Accounts[i]}
		}
		bulkSteps.queue(g, steps)
	}
	rest := *w
	rest.Accounts = nil
	if err = errorOf(err, queueWrites(g, &rest)); err == nil {
		err = l.send(g)
	}
	if err != nil && !l.conn.IsClosed() {
		_, _ = l.conn.Exec(l.ctx, "ROLLBACK")
	}
	return err
}

// fewRows is up to how many entries and accounts a statement for each row costs
// less than arrays do.
const fewRows = 4

// beginWriting says which isolation it is, whatever the database's usual one: what follows a wait for a
// lock must see what was committed meanwhile, an account's row and where its shard is.
const beginWriting = "BEGIN ISOLATION LEVEL READ COMMITTED"

type postgresLedger struct {
	ctx     context.Context
	conn    *pgx.Conn
	at      *shardGroup // on a worker of Citus
	here    bool        // which the shards are on
	pruned  bool        // see group
	each    string      // see postgresDB
	begun   bool
	reading bool
}

func (l *postgresLedger) names() *shardNames {
	if l.at == nil {
		return nil
	}
	return l.at.names
}

// group is one of statements, which begins the transaction where nothing has yet.
func (l *postgresLedger) group() *group {
	g := &group{names: l.names(), pruned: l.pruned}
	if !l.begun {
		begin := beginWriting
		if l.reading {
			begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
		}
		g.queue(begin, nil)
		g.set(l.each)
		g.home(l.at, l.reading)
		l.begun = true
	}
	return g
}

// group is statements that go in one round trip.
type group struct {
	batch pgx.Batch
	names *shardNames
	// pruned: the statements go to the coordinator of a Citus, which asks every shard where a
	// statement's workspaces are only those that it is joined with.
	pruned bool
	reads  []func(rows pgx.Rows) error // one a statement; nil: it returns nothing
}

func (g *group) queue(sql string, read func(rows pgx.Rows) error, args ...any) {
	g.batch.Queue(g.names.in(sql), args...)
	g.reads = append(g.reads, read)
}

func (l *postgresLedger) send(g *group) (err error) {
	results := l.conn.SendBatch(l.ctx, &g.batch)
	defer func() {
		err = errorOf(err, results.Close())
		if l.at != nil && !l.here && away(err) {
			err = errAway
		}
		l.here = err == nil
	}()
	for _, read := range g.reads {
		if read == nil {
			if _, err := results.Exec(); err != nil {
				return err
			}
			continue
		}
		rows, err := results.Query()
		if err != nil {
			return err
		}
		for rows.Next() {
			if err := read(rows); err != nil {
				rows.Close()
				return err
			}
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}
