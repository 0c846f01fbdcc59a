package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// citus is what the ledger needs to know of a distributed Postgres. The rows of a workspace are in
// one shard of each table, and those shards, its group, are together on one node. The ledger goes
// straight to that node and to those shards, which are plain tables of a plain Postgres there: the
// distributed planner would cost more than the charge does. A transaction holds the lock by which
// Citus' own writers keep a shard where it is, and checks that it is there (see home).
//
// Everything else goes to the coordinator by the distributed tables' names.
type citus struct {
	lane *pgxpool.Config
	pool *pgxpool.Pool // of the coordinator, which knows where shards are
	// asks are connections to it for transactions on other nodes alone: they hold rows for which who
	// holds a page's connection may wait.
	asks *pgxpool.Pool
	at   atomic.Pointer[shardMap]

	address string
	asked   chan struct{}
	stop    chan struct{}

	mu    sync.Mutex
	nodes map[node]*nodePools
}

// nodePools are the connections to a node: the ledger's lane, and those of pages. A node that is gone
// or slow keeps its own waiting, and no other's.
type nodePools struct{ lane, pages *pgxpool.Pool }

// silent nodes and moved ones are noticed by reading the map every so often.
const rereadEvery = 5 * time.Second

// watch reads the map until the database is closed: a node's address may change (citus_update_node).
func (c *citus) watch() {
	every := time.NewTicker(rereadEvery)
	defer every.Stop()
	for {
		select {
		case <-every.C:
		case <-c.asked:
		case <-c.stop:
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), askWithin)
		_ = c.reread(ctx) // the one that is known stays, and who meets a shard that is away says so
		cancel()
	}
}

// look asks for the map to be read, because a connection broke.
func (c *citus) look() {
	select {
	case c.asked <- struct{}{}:
	default:
	}
}

// askWithin is how long the coordinator may take for what a transaction elsewhere waits for.
const askWithin = 2 * time.Second

// node is where a Postgres of the cluster is.
type node struct {
	host string
	port uint16
}

// shardMap says which group has a workspace, and where it is.
type shardMap struct {
	lows    []int32 // each group's lowest hash, ascending
	groups  []shardGroup
	workers []node // that have the tables which every node has
	// coordinator are the names for its own reads, of tables that every node has.
	coordinator *shardNames
}

type shardGroup struct {
	node  node
	shard int64 // of accounts: what Citus locks for the group
	names *shardNames
}

// MaxShards bounds the shards of a Citus, each of which has a committer.
const MaxShards = 128

const (
	sqlIsCitus = `SELECT count(*) FROM pg_extension WHERE extname = 'citus'`
	// sqlIsDistributed counts 1 where the ledger's tables are distributed.
	sqlIsDistributed = `SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = 'accounts'::regclass`
	sqlShards        = `SELECT s.logicalrelid::text, s.shardid, s.shardminvalue::bigint, n.nodename, n.nodeport::bigint, n.hasmetadata AND n.metadatasynced
		FROM pg_dist_partition t JOIN pg_dist_shard s ON s.logicalrelid = t.logicalrelid
		JOIN pg_dist_placement p ON p.shardid = s.shardid JOIN pg_dist_node n ON n.groupid = p.groupid AND n.noderole = 'primary'
		WHERE t.colocationid = (SELECT colocationid FROM pg_dist_partition WHERE logicalrelid = 'accounts'::regclass)
		ORDER BY s.shardminvalue::bigint`
	sqlCentral = `SELECT c.relname::text FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
		AND NOT EXISTS (SELECT 1 FROM pg_dist_partition p WHERE p.logicalrelid = c.oid)`
	sqlEverywhere = `SELECT s.logicalrelid::text, s.shardid FROM pg_dist_partition t JOIN pg_dist_shard s ON s.logicalrelid = t.logicalrelid
		WHERE t.partmethod = 'n' AND t.repmodel = 't'`
	sqlWorkers = `SELECT DISTINCT n.nodename, n.nodeport::bigint FROM pg_dist_partition t JOIN pg_dist_shard s ON s.logicalrelid = t.logicalrelid
		JOIN pg_dist_placement p ON p.shardid = s.shardid JOIN pg_dist_node n ON n.groupid = p.groupid AND n.noderole = 'primary'
		WHERE t.partmethod = 'n' AND t.repmodel = 't' AND n.groupid <> 0`
)

// findCitus tells of a database that is distributed; nil: it is a plain one.
func findCitus(ctx context.Context, address string, pool *pgxpool.Pool, lane *pgxpool.Config) (*citus, error) {
	n := 0
	if err := pool.QueryRow(ctx, sqlIsCitus).Scan(&n); err != nil || n == 0 {
		return nil, err
	}
	if err := pool.QueryRow(ctx, sqlIsDistributed).Scan(&n); err != nil || n == 0 {
		return nil, err
	}
	c := &citus{address: address, lane: lane, pool: pool, nodes: map[node]*nodePools{}, asked: make(chan struct{}, 1), stop: make(chan struct{})}
	m, err := c.read(ctx)
	if err != nil {
		return nil, err
	}
	if c.asks, err = pgxpool.NewWithConfig(ctx, pool.Config()); err != nil {
		return nil, err
	}
	if len(m.groups) > MaxShards {
		return nil, fmt.Errorf("the database is distributed to %d shards, and leadmeter serves at most %d: a committer has each. "+
			"See `alter_distributed_table` of Citus, with cascade_to_colocated", len(m.groups), MaxShards)
	}
	c.at.Store(m)
	go c.watch()
	return c, nil
}

// read reads where the shards are.
func (c *citus) read(ctx context.Context) (*shardMap, error) {
	m := &shardMap{coordinator: &shardNames{}}
	rows, err := c.pool.Query(ctx, sqlShards)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var table, host string
		var shard, low, port int64
		var knows bool
		if err := rows.Scan(&table, &shard, &low, &host, &port, &knows); err != nil {
			return nil, err
		}
		if !knows {
			return nil, fmt.Errorf("the node %s:%d does not know where shards are; see start_metadata_sync_to_node of Citus", host, port)
		}
		last := len(m.groups) - 1
		if last < 0 || m.lows[last] != int32(low) {
			m.lows = append(m.lows, int32(low))
			m.groups = append(m.groups, shardGroup{node: node{host, uint16(port)}, names: &shardNames{of: map[string]string{}}})
			last++
		}
		g := &m.groups[last]
		if _, twice := g.names.of[table]; twice || g.node != (node{host, uint16(port)}) {
			return nil, fmt.Errorf("shard %d of %s is on more than one node, or not with the others of its workspaces: leadmeter needs one placement a shard", shard, table)
		}
		g.names.of[table] = fmt.Sprint(table, "_", shard)
		if table == "accounts" {
			g.shard = shard
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return m, c.readEverywhere(ctx, m)
}

// readEverywhere adds the tables that every node has, to be read by their own names too, and says which
// the coordinator alone has.
func (c *citus) readEverywhere(ctx context.Context, m *shardMap) error {
	rows, err := c.pool.Query(ctx, sqlEverywhere)
	if err != nil {
		return err
	}
	var table string
	var shard int64
	everywhere, central := map[string]string{}, map[string]bool{}
	if _, err = pgx.ForEachRow(rows, []any{&table, &shard}, func() error {
		everywhere[table] = fmt.Sprint(table, "_", shard)
		return nil
	}); err != nil {
		return err
	}
	if rows, err = c.pool.Query(ctx, sqlCentral); err != nil {
		return err
	}
	if _, err = pgx.ForEachRow(rows, []any{&table}, func() error {
		central[table] = true
		return nil
	}); err != nil {
		return err
	}
	if rows, err = c.pool.Query(ctx, sqlWorkers); err != nil {
		return err
	}
	var host string
	var port int64
	if _, err = pgx.ForEachRow(rows, []any{&host, &port}, func() error {
		m.workers = append(m.workers, node{host, uint16(port)})
		return nil
	}); err != nil {
		return err
	}
	divided := map[string]bool{}
	for _, g := range m.groups {
		g.names.everywhere, g.names.central = everywhere, central
		for table := range g.names.of {
			divided[table] = true
		}
	}
	m.coordinator = &shardNames{everywhere: everywhere, divided: divided}
	return nil
}

// group is which group has a workspace.
func (m *shardMap) group(ws string) int {
	n, found := slices.BinarySearch(m.lows, hashText(ws))
	if found {
		return n
	}
	return max(0, n-1)
}

// reread brings the map up to date after a shard was not where it was.
func (c *citus) reread(ctx context.Context) error {
	m, err := c.read(ctx)
	if err != nil {
		return err
	}
	if !slices.Equal(m.lows, c.at.Load().lows) {
		return fault.New(fault.Overloaded, "The shards of the database were split; nothing was changed. Restart the server.")
	}
	c.at.Store(m)
	return nil
}

// A shard that is moved is copied while it is written; then its writers are kept out by this lock,
// until the map of every node says where it is. So who has the lock and finds the shard here writes
// to the shard that counts, until the transaction ends. A number that is divided by zero ends it.
const (
	sqlKeepShard = `SELECT lock_shard_metadata(5, ARRAY[$1::bigint])` // ShareLock, as a router query takes
	sqlShardHere = `SELECT 1 / count(*) FROM pg_dist_placement p JOIN pg_dist_local_group g ON g.groupid = p.groupid WHERE p.shardid = $1`
)

// home queues what holds a group where it is; reading needs no lock, because a snapshot shows the
// map as it was with the rows.
func (g *group) home(at *shardGroup, reading bool) {
	if at == nil {
		return
	}
	g.names = at.names
	if !reading {
		g.queue(sqlKeepShard, nil, at.shard)
	}
	g.queue(sqlShardHere, nil, at.shard)
}

// away tells of an error that says that a shard is not where the map has it: home's division, a
// table that is gone, or a shard that Citus knows no more, because it was split.
func away(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == pgDivision || pg.Code == "42P01" || pg.Code == "XX000")
}

const pgDivision = "22012"

// errAway says that the shards are on another node than the map says. Nothing was read or written.
var errAway error = fault.New(fault.Overloaded, "The workspace's part of the database is being moved; nothing was changed. Try again in a moment.")

// tries bounds how often a shard is looked for: each time the map is read again.
const tries = 5

// atHome runs fn on a connection to where a workspace's rows are: on a plain Postgres the lane's.
// Where a shard was moved since, fn runs again where it is now; it has written nothing then.
func (db *postgresDB) atHome(ctx context.Context, ws string, fn func(conn *pgx.Conn, at *shardGroup) error) error {
	if db.citus == nil {
		return on(ctx, db.lane, func(conn *pgx.Conn) error { return fn(conn, nil) })
	}
	return db.citus.find(ctx, func() error {
		pools, at, err := db.citus.of(ws)
		if err != nil {
			return err
		}
		return on(ctx, pools.lane, func(conn *pgx.Conn) error { return fn(conn, at) })
	})
}

func on(ctx context.Context, pool *pgxpool.Pool, fn func(conn *pgx.Conn) error) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return fn(conn.Conn())
}

// find runs fn until the shards are where the map has them.
func (c *citus) find(ctx context.Context, fn func() error) error {
	for try := 1; ; try++ {
		err := fn()
		if err != nil && lost(err) {
			c.look()
		}
		if !errors.Is(err, errAway) || try == tries {
			return err
		}
		select {
		case <-time.After(time.Duration(try) * 20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := c.reread(ctx); err != nil {
			return err
		}
	}
}
