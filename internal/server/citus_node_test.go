package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// A node that is killed, frozen or cut off stops charges to the workspaces that it has, and no
// others'; the coordinator stops none. Nothing is lost or charged twice, and all go on when it is
// back. What was measured is printed.
func TestANodeIsGone(t *testing.T) {
	harm := testdb.Faults(t)
	address := testdb.Address(t, "postgres")
	w := open(t, address)
	l := w.loaded(address, 5*time.Second)
	for _, fault := range []string{"kill", "freeze", "cut"} {
		for _, node := range []string{l.worker, l.coordinator} {
			t.Run(fault+" "+node, func(t *testing.T) {
				l.measure(seconds(3)) // warm
				harm(fault, node)
				during := l.measure(seconds(8))
				harm("back", node)
				back := time.Now()
				l.untilAll(t, node)
				t.Logf("%d charges of healthy parts meanwhile, p99 %v, slowest %v, %d failed; the others back after %v",
					len(during.took), during.percentile(99), during.percentile(100), during.failed, time.Since(back).Round(10*time.Millisecond))
				if during.failed > 0 || during.percentile(99) > 500*time.Millisecond || len(during.took) == 0 {
					t.Errorf("healthy parts were disturbed")
				}
				if gone := time.Since(back); gone > 2*time.Second {
					t.Errorf("the node is back, and its workspaces %v later", gone)
				}
			})
		}
	}
	l.end()
	w.verify()
}

// load is charges by many callers, each repeated with its key until it is acknowledged.
type nodeLoad struct {
	*world
	within              time.Duration // how long a charge is waited for before it is repeated
	worker, coordinator string
	spaces              []*space
	stop                context.CancelFunc
	all                 sync.WaitGroup
	mu                  sync.Mutex
	since               time.Time
	result              *nodeResult
}

type space struct {
	id, node string
	by       *client.Client
	charged  atomic.Int64
	last     atomic.Int64 // when a charge was acknowledged last, in nanoseconds
}

type nodeResult struct {
	took   []time.Duration
	failed int
}

func (r *nodeResult) percentile(p int) time.Duration {
	if len(r.took) == 0 {
		return 0
	}
	slices.Sort(r.took)
	return r.took[min(len(r.took)-1, len(r.took)*p/100)]
}

// loaded begins the load: 32 workspaces, each with two callers.
func (w *world) loaded(address string, within time.Duration) *nodeLoad {
	w.Helper()
	l := &nodeLoad{world: w, within: within}
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		w.Fatal(err)
	}
	defer conn.Close(ctx)
	u, err := url.Parse(address)
	if err != nil {
		w.Fatal(err)
	}
	l.coordinator = u.Host
	runs, stop := context.WithCancel(ctx)
	l.stop = stop
	for n := range 32 {
		ws := w.workspace("enterprise", 50, nil)
		key := w.post(w.operator, client.In(ws, "keys"), is{"name": "load", "role": "admin"}, 201)["key"].(string)
		w.post(w.operator, client.In(ws, "grants"), is{"credit": "standard", "amount": 1_000_000, "kind": "once"}, 201)
		s := &space{id: ws, by: w.as(key), node: w.nodeOf(conn, ws)}
		l.worker = s.node
		l.spaces = append(l.spaces, s)
		for c := range 2 {
			l.all.Go(func() { l.charge(runs, s, fmt.Sprint(n, "-", c)) })
		}
	}
	return l
}

// charge charges, one key after the other; none is given up.
func (l *nodeLoad) charge(ctx context.Context, s *space, caller string) {
	for n := 0; ctx.Err() == nil; n++ {
		for {
			began := time.Now()
			one, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.within)
			_, err := s.by.Do(one, http.MethodPost, client.In(s.id, "charges"), fmt.Sprint(caller, "-", n), is{"credit": "standard", "amount": 1}, nil)
			cancel()
			l.note(s, began, err)
			if err == nil {
				s.charged.Add(1)
				s.last.Store(time.Now().UnixNano())
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
}

func (l *nodeLoad) note(s *space, began time.Time, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.result == nil || s.node == l.worker || began.Before(l.since) {
		return
	}
	l.result.took = append(l.result.took, time.Since(began))
	if err != nil {
		l.result.failed++
		l.Log(err)
	}
}

// measure is how the workspaces fare meanwhile that are not on the worker.
func (l *nodeLoad) measure(during func()) *nodeResult {
	r := &nodeResult{}
	l.mu.Lock()
	l.result, l.since = r, time.Now()
	l.mu.Unlock()
	during()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.result = nil
	for _, s := range l.spaces { // who waits still was not counted
		if last := time.Unix(0, s.last.Load()); s.node != l.worker && time.Since(last) > time.Second {
			r.failed++
			l.Logf("workspace %s on %s was not charged for %v", s.id, s.node, time.Since(last))
		}
	}
	return r
}

func seconds(n int) func() { return func() { time.Sleep(time.Duration(n) * time.Second) } }

// untilAll waits until each workspace was charged once more.
func (l *nodeLoad) untilAll(t *testing.T, node string) {
	t.Helper()
	now := time.Now()
	for _, s := range l.spaces {
		for s.last.Load() < now.UnixNano() {
			if time.Since(now) > 60*time.Second {
				t.Fatalf("workspace %s on %s was not charged within a minute after %s was back", s.id, s.node, node)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// end ends the load and compares what was acknowledged with what was charged.
func (l *nodeLoad) end() {
	l.stop()
	l.all.Wait()
	total := int64(0)
	for _, s := range l.spaces {
		used := l.credit(s.id, "standard")["used"].(float64)
		if got := int64(used); got != s.charged.Load() {
			l.Errorf("workspace %s was charged %d times, and %d were acknowledged", s.id, got, s.charged.Load())
		}
		total += s.charged.Load()
	}
	l.Logf("%d charges, each acknowledged once", total)
}

// Shards are moved from node to node while their workspaces are charged: charges wait, and none fails.
func TestShardsMoveUnderLoad(t *testing.T) {
	if !testdb.OnCitus() {
		t.Skip("needs a cluster in " + testdb.EnvCitus)
	}
	address := testdb.Address(t, "postgres")
	w := open(t, address)
	l := w.loaded(address, time.Minute) // how long Citus takes to hand a shard over is its own
	l.worker = ""                       // every workspace counts
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	during := l.measure(seconds(2))
	t.Logf("before: %d charges, p99 %v, slowest %v", len(during.took), during.percentile(99), during.percentile(100))
	during = l.measure(func() { err = moveEverything(conn) })
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("while every shard is moved to the other node and back: %d charges, p99 %v, slowest %v, %d failed", len(during.took), during.percentile(99), during.percentile(100), during.failed)
	if during.failed > 0 || len(during.took) == 0 {
		t.Errorf("%d of %d charges failed", during.failed, len(during.took))
	}
	l.untilAll(t, "the last shard")
	l.end()
	w.verify()
}

// moveEverything moves the shards of each group to another node, and back.
func moveEverything(conn *pgx.Conn) error {
	for range 2 {
		rows, err := conn.Query(ctx, `SELECT s.shardid, n.nodename, n.nodeport, o.nodename, o.nodeport FROM pg_dist_shard s
			JOIN pg_dist_placement p ON p.shardid = s.shardid JOIN pg_dist_node n ON n.groupid = p.groupid
			CROSS JOIN LATERAL (SELECT nodename, nodeport FROM pg_dist_node x WHERE x.groupid <> n.groupid AND x.shouldhaveshards AND x.isactive ORDER BY x.groupid LIMIT 1) o
			WHERE s.logicalrelid = 'accounts'::regclass`)
		if err != nil {
			return err
		}
		type move struct {
			Shard    int64
			From     string
			FromPort int32
			To       string
			ToPort   int32
		}
		moves, err := pgx.CollectRows(rows, pgx.RowToStructByPos[move])
		if err != nil {
			return err
		}
		for _, m := range moves {
			if _, err := conn.Exec(ctx, `SELECT citus_move_shard_placement($1, $2, $3, $4, $5, 'force_logical')`, m.Shard, m.From, m.FromPort, m.To, m.ToPort); err != nil {
				return err
			}
		}
	}
	return nil
}
