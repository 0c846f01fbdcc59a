// Package testdb gives tests real databases: SQLite files and a private Postgres
// cluster, one for a test process, started when the first test asks for it and
// stopped when the process ends. It is for tests alone.
//
// A package that uses it calls Main from its TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }
//
// Postgres tests are left out only with -short or LEADMETER_TEST_ENGINES=sqlite;
// where Postgres is not installed they fail and say what to do.
package testdb

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/internal/store"
)

// envEngines names the variable with the engines that the tests run on; empty: on all.
const envEngines = "LEADMETER_TEST_ENGINES"

// Engines are the databases that every test of the store runs on.
var Engines = []string{"sqlite", "postgres"}

var (
	mainRuns atomic.Bool
	shared   struct {
		sync.Mutex
		cluster *Cluster
		err     error
		n       int // of the last database made
	}
)

// Main runs a package's tests and stops what they started. The result is the
// process's exit code.
func Main(m *testing.M) int { return mainWith(m, func(code int) int { return code }) }

// mainWith hands the exit code on, before the cluster is stopped.
func mainWith(m *testing.M, after func(code int) int) int {
	mainRuns.Store(true)
	defer func() {
		if shared.cluster != nil {
			shared.cluster.Close()
			shared.cluster = nil
		}
		if OnCitus() {
			if d, err := onCitus(); err == nil {
				d.forget()
			}
		}
	}()
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	return after(code)
}

// Each runs fn once on each engine, each time on an empty database.
func Each(t *testing.T, fn func(t *testing.T, st *store.Store)) {
	t.Helper()
	for _, engine := range Engines {
		t.Run(engine, func(t *testing.T) { fn(t, Open(t, engine)) })
	}
}

// Open makes an empty database on an engine; it is closed and removed with the test.
func Open(t testing.TB, engine string) *store.Store {
	t.Helper()
	return OpenAt(t, Address(t, engine))
}

// OpenAt opens a database that a test knows the address of; closed with the test.
func OpenAt(t testing.TB, address string) *store.Store {
	t.Helper()
	st, err := store.Open(context.Background(), address)
	if err != nil {
		t.Fatalf("open the test database: %v", err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

// Address makes an empty database on an engine and says where it is, for tests
// that open one database several times. It is removed with the test.
func Address(t testing.TB, engine string) string {
	t.Helper()
	Want(t, engine)
	switch engine {
	case "sqlite":
		file := filepath.Join(fastDir(t), "leadmeter.db")
		migrated, err := sqliteTemplate()
		if err == nil {
			err = os.WriteFile(file, migrated, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return "sqlite:" + file
	case "postgres":
		return postgresAddress(t)
	}
	t.Fatalf("there is no engine %q", engine)
	return ""
}

// AddressOnAny is Address for a test that is about no engine: on SQLite, or on Postgres when the
// person who runs the test left SQLite out.
func AddressOnAny(t testing.TB) string {
	t.Helper()
	if !wanted("sqlite") {
		return Address(t, "postgres")
	}
	return Address(t, "sqlite")
}

// sqliteTemplate is an empty database as a file: no test pays for migrations.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "leadmeter-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "leadmeter.db")
	st, err := store.Open(context.Background(), "sqlite:"+file)
	if err != nil {
		return nil, err
	}
	if err := st.Close(); err != nil { // its log goes into the file
		return nil, err
	}
	return os.ReadFile(file)
})

// Want skips the test when the person who runs it left the engine out.
func Want(t testing.TB, engine string) {
	t.Helper()
	if !wanted(engine) {
		t.Skipf("%s=%s leaves out %s", envEngines, os.Getenv(envEngines), engine)
	}
	if os.Getenv(envEngines) != "" {
		return // named, so -short does not leave it out
	}
	if engine == "postgres" && testing.Short() {
		t.Skip("-short leaves out postgres")
	}
}

// wanted tells whether the person who runs the tests left an engine in.
func wanted(engine string) bool {
	names := os.Getenv(envEngines)
	return names == "" || slices.Contains(strings.Split(names, ","), engine)
}

// Slow leaves a test out with -short (make quick): one that takes more than a few
// seconds on each engine.
func Slow(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves out what takes more than a few seconds")
	}
}

// fastDir is a directory in memory where the machine has one with room: tests of
// what the SQL does need no disk. Tests of durability use t.TempDir.
func fastDir(t testing.TB) string {
	if memory := inMemory(); memory != "" {
		if dir, err := os.MkdirTemp(memory, "leadmeter-test-"); err == nil {
			t.Cleanup(func() { os.RemoveAll(dir) })
			return dir
		}
	}
	return t.TempDir()
}

// inMemory is a file system in memory that has room; empty: there is none.
func inMemory() string {
	const memory = "/dev/shm"
	if room(memory) > 1<<30 {
		return memory
	}
	return ""
}

const template = "leadmeter_template"

// postgresAddress copies the migrated template: no test pays for migrations.
func postgresAddress(t testing.TB) string {
	t.Helper()
	if !mainRuns.Load() {
		t.Fatal("a package that tests on Postgres calls testdb.Main from its TestMain, so that the server is stopped")
	}
	ctx := context.Background()
	shared.Lock()
	defer shared.Unlock()
	if OnCitus() {
		d, err := onCitus()
		if err != nil {
			t.Fatal(err)
		}
		return d.copied(t)
	}
	if shared.cluster == nil && shared.err == nil {
		shared.cluster, shared.err = startShared(ctx)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	shared.n++
	c, name := shared.cluster, fmt.Sprintf("test_%d", shared.n)
	if err := c.exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() {
		if err := c.exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return c.Address(name)
}

func startShared(ctx context.Context) (*Cluster, error) {
	c, err := start(false)
	if err != nil {
		return nil, err
	}
	if err := c.exec(ctx, "CREATE DATABASE "+template); err != nil {
		c.Close()
		return nil, err
	}
	st, err := store.Open(ctx, c.Address(template))
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, st.Close()
}

// exec runs one statement of the cluster's superuser.
func (c *Cluster) exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, c.Address("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}
