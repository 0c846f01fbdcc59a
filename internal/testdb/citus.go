package testdb

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/internal/store"
)

// EnvCitus names the variable with the address of a database in a Citus cluster of the person who
// runs the tests: the tests of Postgres then run there, each in databases of its own. The address
// is the coordinator's, in a database that has the extension and knows its workers; the user may
// create databases on every node.
const EnvCitus = "LEADMETER_TEST_CITUS"

// shardsOfTests are so many that a test's workspaces are in several, on more than one node.
const shardsOfTests = 4

// OnCitus tells that the tests of Postgres run on a Citus.
func OnCitus() bool { return os.Getenv(EnvCitus) != "" }

// NotOnCitus skips a test whose database is not the tests' own to stop, or that needs one Postgres.
func NotOnCitus(t testing.TB, why string) {
	t.Helper()
	if OnCitus() {
		t.Skip("not on Citus: " + why)
	}
}

// EnvFaults names the variable with a program that does something to a node of the cluster of
// EnvCitus: PROGRAM kill|freeze|cut|back HOST:PORT. Kill ends its Postgres with signal 9, freeze stops
// it where it is, cut drops its packets, and back undoes what was done.
const EnvFaults = "LEADMETER_TEST_CITUS_FAULTS"

// Faults skips a test that has no such program, and does such a thing.
func Faults(t *testing.T) (harm func(what, node string)) {
	t.Helper()
	program := os.Getenv(EnvFaults)
	if program == "" || !OnCitus() {
		t.Skipf("needs a cluster and, in %s, a program that harms its nodes", EnvFaults)
	}
	return func(what, node string) {
		t.Helper()
		if out, err := exec.Command(program, what, node).CombinedOutput(); err != nil {
			t.Fatalf("%s %s: %v %s", what, node, err, out)
		}
	}
}

// distributed is the cluster: its coordinator first.
type distributed struct {
	nodes []string // addresses without a database
	made  int
}

var onCitus = sync.OnceValues(func() (*distributed, error) {
	ctx := context.Background()
	address := os.Getenv(EnvCitus)
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT nodename, nodeport FROM pg_dist_node WHERE isactive ORDER BY groupid`)
	if err != nil {
		return nil, err
	}
	var host string
	var port int
	d := &distributed{}
	_, err = pgx.ForEachRow(rows, []any{&host, &port}, func() error {
		u, err := url.Parse(address)
		if err != nil {
			return err
		}
		u.Host = fmt.Sprint(host, ":", port)
		d.nodes = append(d.nodes, u.String())
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(d.nodes) < 2 {
		return nil, fmt.Errorf("the database of %s knows no workers beside its coordinator", EnvCitus)
	}
	return d, d.template(ctx)
})

func (d *distributed) at(node int, database string) string {
	u, _ := url.Parse(d.nodes[node])
	u.Path = "/" + database
	return u.String()
}

// everywhere runs statements on every node, in a database of it.
func (d *distributed) everywhere(ctx context.Context, database string, statements ...string) error {
	for n := range d.nodes {
		if err := run(ctx, d.at(n, database), statements...); err != nil {
			return err
		}
	}
	return nil
}

func run(ctx context.Context, address string, statements ...string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// empty makes a database on every node and says to the coordinator where the others are.
func (d *distributed) empty(ctx context.Context, name string) error {
	if err := d.everywhere(ctx, "postgres", "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)", "CREATE DATABASE "+name); err != nil {
		return err
	}
	if err := d.everywhere(ctx, name, "CREATE EXTENSION citus"); err != nil {
		return err
	}
	for n, node := range d.nodes {
		u, err := url.Parse(node)
		if err != nil {
			return err
		}
		sql := fmt.Sprintf("SELECT citus_add_node('%s', %s)", u.Hostname(), u.Port())
		if n == 0 {
			sql = fmt.Sprintf("SELECT citus_set_coordinator_host('%s', %s)", u.Hostname(), u.Port())
		}
		if err := run(ctx, d.at(0, name), sql); err != nil {
			return err
		}
	}
	return nil
}

// template makes the database that each test's is a copy of, node by node: what a node's catalogue
// says of the others is the same in the copy.
func (d *distributed) template(ctx context.Context) error {
	own := fmt.Sprint("leadmeter_template_", os.Getpid())
	if err := d.empty(ctx, own); err != nil {
		return err
	}
	if err := store.Migrate(ctx, d.at(0, own), shardsOfTests); err != nil {
		return err
	}
	return d.everywhere(ctx, "postgres", "ALTER DATABASE "+own+" WITH ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+own+"'")
}

// copied is a database for one test.
func (d *distributed) copied(t testing.TB) string {
	t.Helper()
	ctx := context.Background()
	d.made++
	name := fmt.Sprintf("leadmeter_test_%d_%d", os.Getpid(), d.made)
	if err := d.everywhere(ctx, "postgres", fmt.Sprintf("CREATE DATABASE %s TEMPLATE leadmeter_template_%d", name, os.Getpid())); err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() {
		err := d.everywhere(ctx, "postgres", "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		for n := 0; err != nil && n < 20; n++ { // a backend that was cut off ends when it notices
			time.Sleep(time.Second)
			err = d.everywhere(ctx, "postgres", "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		}
		if err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return d.at(0, name)
}

// forget drops the template.
func (d *distributed) forget() {
	own := fmt.Sprint("leadmeter_template_", os.Getpid())
	_ = d.everywhere(context.Background(), "postgres", "DROP DATABASE IF EXISTS "+own+" WITH (FORCE)")
}
