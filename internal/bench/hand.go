package bench

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// hand is the transaction that a good engineer writes by hand: take what is
// there, note it under a unique key, commit; one transaction a charge, durable
// before the answer.
type hand interface {
	charge(ctx context.Context, workspace, key string) error
	// concurrency is at how many clients to look for its best.
	concurrency(callers int) []int
	close()
}

const handTables = `
CREATE TABLE IF NOT EXISTS hand_balances (workspace_id TEXT PRIMARY KEY, used BIGINT NOT NULL, granted BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS hand_entries (workspace_id TEXT NOT NULL, key TEXT NOT NULL, at BIGINT NOT NULL, member_id TEXT NOT NULL, credit TEXT NOT NULL,
	amount BIGINT NOT NULL, balance_after BIGINT NOT NULL, channel TEXT NOT NULL, PRIMARY KEY (workspace_id, key))`

var errEmpty = errors.New("bench: a balance written by hand ran out")

// openHand opens what the options say to measure beside; nil: nothing.
func openHand(ctx context.Context, o Options, ids []string) (hand, error) {
	path, embedded := strings.CutPrefix(o.Database, "sqlite:")
	switch {
	case o.Function && embedded:
		return nil, errors.New("--against function needs a Postgres: SQLite has no functions of its own")
	case o.Function:
		h, err := openHandPostgres(ctx, o.Database, ids)
		if err == nil {
			_, err = h.pool.Exec(ctx, handFunctionText)
		}
		return &handFunction{h}, err
	case o.Handwritten && embedded:
		return openHandSQLite(path+"-hand", ids)
	case o.Handwritten:
		return openHandPostgres(ctx, o.Database, ids)
	}
	return nil, nil
}

type handPostgres struct{ pool *pgxpool.Pool }

func openHandPostgres(ctx context.Context, address string, ids []string) (*handPostgres, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 64
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	for text := range strings.SplitSeq(handTables, ";") {
		if _, err := pool.Exec(ctx, text); err != nil {
			return nil, err
		}
	}
	_, err = pool.Exec(ctx, `INSERT INTO hand_balances SELECT id, 0, 1000000000000000 FROM unnest($1::text[]) AS id`, ids)
	return &handPostgres{pool}, err
}

func (h *handPostgres) charge(ctx context.Context, workspace, key string) error {
	tx, err := h.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	var after int64
	if err := tx.QueryRow(ctx, `UPDATE hand_balances SET used = used + $2 WHERE workspace_id = $1 AND used + $2 <= granted RETURNING granted - used`, workspace, int64(1_000_000)).Scan(&after); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO hand_entries VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, workspace, key, int64(0), "", "standard", int64(1_000_000), after, "bench"); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

func (h *handPostgres) concurrency(callers int) []int {
	if callers == 1 {
		return []int{1}
	}
	return []int{4, 16, 64}
}

func (h *handPostgres) close() { h.pool.Close() }

// handFunction does the same in one function of the database: one round trip a charge.
type handFunction struct{ *handPostgres }

const handFunctionText = `
CREATE OR REPLACE FUNCTION hand_charge(ws text, k text, wanted bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE rest bigint;
BEGIN
	UPDATE hand_balances SET used = used + wanted WHERE workspace_id = ws AND used + wanted <= granted RETURNING granted - used INTO STRICT rest;
	INSERT INTO hand_entries VALUES (ws, k, 0, '', 'standard', wanted, rest, 'bench');
	RETURN rest;
END $$`

func (h *handFunction) charge(ctx context.Context, workspace, key string) error {
	var after int64
	return h.pool.QueryRow(ctx, `SELECT hand_charge($1, $2, $3)`, workspace, key, int64(1_000_000)).Scan(&after)
}

type handSQLite struct {
	mu   sync.Mutex
	conn *sqlite.Conn
}

func openHandSQLite(path string, ids []string) (hand, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		return nil, err
	}
	h := &handSQLite{conn: conn}
	for _, text := range append([]string{"PRAGMA page_size=16384", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"}, strings.Split(handTables, ";")...) {
		if err := sqlitex.ExecuteTransient(conn, text, nil); err != nil {
			return nil, err
		}
	}
	end, err := sqlitex.ImmediateTransaction(conn)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if err = sqlitex.Execute(conn, `INSERT INTO hand_balances VALUES (?, 0, 1000000000000000)`, &sqlitex.ExecOptions{Args: []any{id}}); err != nil {
			break
		}
	}
	end(&err)
	return h, err
}

func (h *handSQLite) charge(_ context.Context, workspace, key string) (err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	end, err := sqlitex.ImmediateTransaction(h.conn)
	if err != nil {
		return err
	}
	defer end(&err)
	after := int64(-1)
	err = sqlitex.Execute(h.conn, `UPDATE hand_balances SET used = used + ?2 WHERE workspace_id = ?1 AND used + ?2 <= granted RETURNING granted - used`,
		&sqlitex.ExecOptions{Args: []any{workspace, 1_000_000}, ResultFunc: func(s *sqlite.Stmt) error {
			after = s.ColumnInt64(0)
			return nil
		}})
	if err != nil {
		return err
	}
	if after < 0 {
		return errEmpty
	}
	return sqlitex.Execute(h.conn, `INSERT INTO hand_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		&sqlitex.ExecOptions{Args: []any{workspace, key, 0, "", "standard", 1_000_000, after, "bench"}})
}

// One writer: more clients only wait.
func (h *handSQLite) concurrency(callers int) []int { return []int{min(callers, 4)} }

func (h *handSQLite) close() { h.conn.Close() }
