package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// look reads one consistent state and locks nothing.
func (db *postgresDB) look(ctx context.Context, ws string, fn func(tx LedgerTx) error) error {
	return postgresError(db.atHome(ctx, ws, func(conn *pgx.Conn, at *shardGroup) error {
		tx := &postgresLedger{ctx: ctx, conn: conn, at: at, reading: true, each: db.each}
		err := fn(tx)
		if tx.begun && !tx.conn.IsClosed() {
			_, rollback := tx.conn.Exec(ctx, "ROLLBACK")
			err = errorOf(err, rollback)
		}
		return err
	}))
}

// lookIn reads from the snapshot of a transaction that is open.
func (db *postgresDB) lookIn(ctx context.Context, q querier, fn func(tx LedgerTx) error) error {
	conn := q.(*postgresQuerier).tx.(pgx.Tx).Conn()
	return fn(&postgresLedger{ctx: ctx, conn: conn, begun: true, reading: true, pruned: db.citus != nil})
}
