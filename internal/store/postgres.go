package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/puddle/v2"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// postgresDB is a Postgres, or a Citus: the statements are the same.
type postgresDB struct {
	pool *pgxpool.Pool
	// lane is the ledger's own: a batch never waits for a page's connection, and
	// its statements are looked up by key and planned once.
	lane *pgxpool.Pool
	// each is what a transaction of the lane begins with where its connections cannot have settings.
	each string
	// citus is where the ledger's rows are instead, on a distributed one; nil: it is none.
	citus *citus
	// served refuses connections to a database that was moved since: a server that lost its
	// connections meanwhile was not seen by who moved it.
	served atomic.Bool
}

// laneSettings keep every statement of the ledger on its index, whatever the
// planner thinks of a table's size, and spare it from planning each time.
var laneSettings = map[string]string{
	"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off",
	// A server that is cut off while it sends a batch keeps its accounts locked until Postgres
	// notices.
	"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3",
}

// laneWidth is how many connections the ledger may use: one commits, others look.
const laneWidth = 8

// tracer sees every statement.
var tracer pgx.QueryTracer

// Trace lets tests see the statements of databases that are opened from here on, and returns who saw
// them before.
func Trace(t pgx.QueryTracer) (before pgx.QueryTracer) {
	before, tracer = tracer, t
	return before
}

// applicationName is how the connections of servers and commands begin to call themselves to
// Postgres: a copy finds by it who else is there.
const applicationName = "leadmeter"

func openPostgres(ctx context.Context, address string) (engine, error) {
	if err := migratePostgres(ctx, address, 0); err != nil {
		return nil, fmt.Errorf("database: %w", redacted(err))
	}
	return connectPostgres(ctx, address, applicationName)
}

// connectPostgres connects to a database as it is. A name that the address gives its connections
// is behind ours.
func connectPostgres(ctx context.Context, address, name string) (engine, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("database: %w", redacted(err))
	}
	config.ConnConfig.Tracer = tracer
	if given := config.ConnConfig.RuntimeParams["application_name"]; given != "" {
		name += " " + given
	}
	config.ConnConfig.RuntimeParams["application_name"] = name
	config.ConnConfig.DialFunc = dialPostgres
	config.ConnConfig.OnPgError = keepAfter(config.ConnConfig.OnPgError)
	// Compiling a statement takes ten times as long as any of ours runs; asPooled takes this back.
	config.ConnConfig.RuntimeParams["jit"] = laneSettings["jit"]
	lane := config.Copy()
	lane.MaxConns = laneWidth
	for name, value := range laneSettings {
		lane.ConnConfig.RuntimeParams[name] = value
	}
	db := &postgresDB{}
	if db.each, err = behindPooler(ctx, lane.ConnConfig); err != nil {
		return nil, fmt.Errorf("database: %w", redacted(err))
	}
	if db.each != "" {
		asPooled(config.ConnConfig, lane.ConnConfig)
	}
	config.AfterConnect, lane.AfterConnect = db.boundPage, db.refuse
	if db.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("database: %w", redacted(err))
	}
	if db.lane, err = pgxpool.NewWithConfig(ctx, lane); err == nil {
		db.citus, err = findCitus(ctx, address, db.pool, lane)
	}
	if err != nil {
		_ = db.close()
		return nil, fmt.Errorf("database: %w", redacted(err))
	}
	return db, nil
}

// statementWithin is how long a page's statement may take on a Citus: one that waits for a node that
// does not answer must not keep the connection from others.
const statementWithin = "15s"

// waitedFor is how long a server waits for such a statement: see citus_reach.go.
const waitedFor = 20 * time.Second

func (db *postgresDB) boundPage(ctx context.Context, conn *pgx.Conn) error {
	if err := db.refuse(ctx, conn); err != nil || !db.served.Load() || db.citus == nil || db.each != "" {
		return err
	}
	_, err := conn.Exec(ctx, `SELECT set_config('statement_timeout', $1, false)`, statementWithin)
	return err
}

// refuse refuses a connection to a database that was moved, and to one that takes no writes: after a
// failover the address may lead to what was the primary before.
func (db *postgresDB) refuse(ctx context.Context, conn *pgx.Conn) error {
	if !db.served.Load() {
		return nil
	}
	moved, readOnly := 0, false
	if err := conn.QueryRow(ctx, `SELECT count(*), `+sqlReadOnly+` FROM server_settings WHERE name = $1`, SettingMovedTo).Scan(&moved, &readOnly); err != nil {
		return err
	}
	switch {
	case readOnly:
		return errStandby
	case moved > 0:
		return fault.New(fault.Overloaded, "This database was moved, or is being copied; nothing was changed. Restart the server: it says where it is.")
	}
	return nil
}

const sqlReadOnly = `pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'`

var errStandby error = fault.New(fault.Overloaded, "The database takes no writes at the moment; nothing was changed.")

// pgReadOnly is what a Postgres says to a write when it is a standby, or was told to take none.
const pgReadOnly = "25006"

// keepAfter says after which errors a connection is kept: not after a write that was refused because
// the Postgres behind it is no primary any more. The next connection asks the address' name again.
func keepAfter(usual pgconn.PgErrorHandler) pgconn.PgErrorHandler {
	return func(conn *pgconn.PgConn, err *pgconn.PgError) bool {
		return err.Code != pgReadOnly && usual(conn, err)
	}
}

// redacted keeps the address, which may hold a password, out of the message.
func redacted(err error) error {
	var connect *pgconn.ConnectError
	var parse *pgconn.ParseConfigError
	switch {
	case errors.As(err, &parse):
		return errors.New("the address is not a Postgres address such as postgres://user:password@host:5432/name")
	case errors.As(err, &connect):
		return fmt.Errorf("no connection to Postgres: %w", errors.Unwrap(connect))
	}
	return err
}

func (db *postgresDB) view(ctx context.Context, fn func(q querier) error) error {
	return db.with(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, fn)
}

func (db *postgresDB) update(ctx context.Context, fn func(q querier) error) error {
	return db.with(ctx, pgx.TxOptions{}, fn)
}

func (db *postgresDB) with(ctx context.Context, o pgx.TxOptions, fn func(q querier) error) error {
	committing := false
	err := pgx.BeginTxFunc(ctx, db.pool, o, func(tx pgx.Tx) error {
		q := &postgresQuerier{ctx: ctx, tx: tx}
		if db.citus != nil {
			q.citus, q.here = db.citus, db.citus.at.Load().coordinator
			if db.served.Load() {
				q.within = waitedFor
			}
		}
		if o.AccessMode == pgx.ReadOnly {
			q.names = q.here
		}
		err := fn(q)
		committing = err == nil && o.AccessMode != pgx.ReadOnly
		return err
	})
	if committing {
		return commitError(err)
	}
	return postgresError(err)
}

func (db *postgresDB) backup(context.Context, string) error {
	return errors.New("backup copies a SQLite database; use pg_dump or pgBackRest for Postgres")
}

func (db *postgresDB) close() error {
	if db.citus != nil {
		db.citus.close()
	}
	if db.lane != nil {
		db.lane.Close()
	}
	db.pool.Close()
	return nil
}

// postgresQuerier runs statements in one transaction.
type postgresQuerier struct {
	ctx context.Context
	tx  interface {
		Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
		Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
		CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, from pgx.CopyFromSource) (int64, error)
	}
	names *shardNames // where the transaction is on a worker of Citus, or reads on its coordinator
	// here are the coordinator's names of its own copies, in its transactions.
	here *shardNames
	// citus is asked whether every node answers, once a transaction that writes to all of them.
	citus   *citus
	reached bool
	within  time.Duration // how long a statement is waited for; 0: as long as it takes
	// coordinator answers there what it alone can: what is committed, as a transaction that is not
	// a snapshot sees of other tables too.
	coordinator *pgxpool.Pool
}

// central asks the coordinator for something beside the transaction.
func (q *postgresQuerier) central(sql string, each func(scan scanner) error, args ...any) error {
	ctx, cancel := context.WithTimeout(q.ctx, askWithin)
	defer cancel()
	return (&postgresQuerier{ctx: ctx, tx: q.coordinator}).query(sql, each, args...)
}

func (q *postgresQuerier) exec(sql string, args ...any) (int64, error) {
	if err := q.reaches(sql); err != nil {
		return 0, err
	}
	ctx, cancel := q.bounded()
	defer cancel()
	tag, err := q.tx.Exec(ctx, q.names.in(sql), args...)
	return tag.RowsAffected(), postgresError(ofBound(ctx, err))
}

func (q *postgresQuerier) query(sql string, each func(scan scanner) error, args ...any) error {
	if q.names.isCentral(sql) {
		return q.central(sql, each, args...)
	}
	if err := q.reaches(sql); err != nil {
		return err
	}
	ctx, cancel := q.bounded()
	defer cancel()
	rows, err := q.tx.Query(ctx, q.names.in(sql), args...)
	if err != nil {
		return postgresError(ofBound(ctx, err))
	}
	defer rows.Close()
	scan := func(dst ...any) error { return rows.Scan(dst...) }
	for rows.Next() {
		if err := each(scan); err != nil {
			return err
		}
	}
	return postgresError(ofBound(ctx, rows.Err()))
}

// postgresError translates by SQLSTATE. A constraint's name is never read: on a
// distributed Postgres it carries the shard's number.
func postgresError(err error) error {
	if err == nil {
		return nil
	}
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		if lost(err) || errors.Is(err, puddle.ErrClosedPool) { // at the server's end, or its node has gone to another address
			return fault.Wrap(fault.Overloaded, err, "The database cannot be reached; nothing was changed.")
		}
		return err
	}
	switch {
	case pg.Code == "23505":
		return fault.Wrap(fault.Conflict, err, "There is one like this already.")
	case pg.Code == "42P01" || pg.Code == "42703": // a table or column that a newer version has taken away
		slog.Error("the database has another schema than this server", "error", err)
		return fault.Wrap(fault.Overloaded, err, "The database belongs to another version of the server; nothing was changed.")
	case pg.Code == pgReadOnly:
		return fault.Wrap(fault.Overloaded, err, errStandby.Error())
	case nodeGone(pg):
		return fault.Wrap(fault.Overloaded, err, errNodeGone.Error())
	case lost(err), strings.HasPrefix(pg.Code, "53"), pg.Code == "40001", pg.Code == "40P01", pg.Code == "55P03", pg.Code == "57014":
		return fault.Wrap(fault.Overloaded, err, "The database is busy; nothing was changed.")
	}
	return fault.Wrap(fault.Internal, err, "The database failed.")
}

// nodeGone tells of an error by which a Citus says that it does not reach one of its nodes: of a
// connection, or of a transaction whose connection broke, for which it has no code of its own. The
// transaction is undone on every node.
func nodeGone(pg *pgconn.PgError) bool {
	return strings.HasPrefix(pg.Code, "08") && pg.Code != pgProtocol || pg.Code == "XX000" && pg.File == "remote_transaction.c"
}

// pgProtocol is what pgbouncer says of all that it refuses.
const pgProtocol = "08P01"

// lost reports whether the connection broke, or was ended because Postgres goes or comes.
func lost(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.HasPrefix(pg.Code, "08") || slices.Contains([]string{"57P01", "57P02", "57P03"}, pg.Code)
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed)
}

// commitError translates an error of statements that a commit went with. Where the connection
// broke, nobody knows whether Postgres has committed: pgx says of a commit that was sent too that
// its connection was closed and that it is safe to retry.
func commitError(err error) error {
	known := postgresError(err)
	if known == nil || !lost(err) || !fault.Is(known, fault.Overloaded) {
		return known
	}
	return fault.Wrap(fault.Overloaded, err, "The connection to the database was lost while this was being saved. It may have been saved and charged: send it again with the same idempotency key, or look before you repeat it.")
}
