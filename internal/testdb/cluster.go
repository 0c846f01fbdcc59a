package testdb

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// errNoPostgres is for the person who runs the tests.
var errNoPostgres = errors.New("these tests run on PostgreSQL as well, and it is not installed here: `make setup` installs it, " +
	"or LEADMETER_TEST_ENGINES=sqlite leaves it out")

// Cluster is a Postgres server of the tests' own: reached by a socket in a
// directory of its own, by nobody else, and gone with the process.
type Cluster struct {
	bin, dir string
	durable  bool
	owner    *syscall.Credential // nil: the present user
	server   *server             // nil: it does not run
	listens  netip.AddrPort      // where it is reached by TCP; not valid: by its socket alone
}

// NewCluster starts a cluster for one test, with fsync, so that it keeps what it
// promised through Crash. It is stopped with the test.
func NewCluster(t testing.TB) *Cluster {
	t.Helper()
	Want(t, "postgres")
	c, err := start(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// CreateDatabase makes an empty database and returns its address.
func (c *Cluster) CreateDatabase(t testing.TB, name string) string {
	t.Helper()
	if err := c.exec(context.Background(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return c.Address(name)
}

// Address is where a database of the cluster is.
func (c *Cluster) Address(database string) string {
	if c.listens.IsValid() {
		return fmt.Sprintf("postgres://postgres@%s/%s?sslmode=disable", c.listens, database)
	}
	return fmt.Sprintf("postgres:///%s?host=%s&user=postgres&sslmode=disable", database, c.dir)
}

// Crash kills the server with signal 9 and returns when its last process is gone.
func (c *Cluster) Crash() {
	if c.server != nil {
		c.server.stop(syscall.SIGKILL)
		c.server = nil
	}
}

// Close stops the server and removes its files.
func (c *Cluster) Close() {
	if c.server != nil {
		c.server.stop(syscall.SIGQUIT)
		c.server = nil
	}
	os.RemoveAll(c.dir)
}

// start makes a cluster's files and starts its server.
func start(durable bool) (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin, durable: durable}
	// The path of a Unix socket has about a hundred bytes at most, and the
	// server's user must be able to get there.
	under := "/tmp"
	if memory := inMemory(); memory != "" && !durable {
		under = memory // a database is made in a tenth of the time
	}
	if c.dir, err = os.MkdirTemp(under, "leadmeter-pg-"); err != nil {
		return nil, err
	}
	if err := c.own(); err != nil {
		os.RemoveAll(c.dir)
		return nil, err
	}
	cmd := c.command("initdb", "-D", c.dir+"/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	if out, err := cmd.CombinedOutput(); err != nil {
		os.RemoveAll(c.dir)
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := c.Start(); err != nil {
		os.RemoveAll(c.dir)
		return nil, err
	}
	return c, nil
}

// binaries finds the newest Postgres that Debian's packages installed, or the
// one on the path.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) > 0 {
		return filepath.Dir(found[0]), nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errNoPostgres
}

func version(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}

// own gives the directory to a user that Postgres agrees to run as: it refuses root.
func (c *Cluster) own() error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		//lint:ignore ST1005 a name begins it
		return fmt.Errorf("Postgres does not run as root, and there is no user postgres to run it as: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	c.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(c.dir, uid, gid)
}

func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	cmd.SysProcAttr = attributes(c.owner)
	return cmd
}

// Start starts a server that does not run, and returns when it takes connections.
func (c *Cluster) Start() error {
	options := []string{
		"-D", c.dir + "/data", "-c", "listen_addresses=", "-c", "unix_socket_directories=" + c.dir,
		"-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "timezone=UTC", "-c", "log_timezone=UTC", "-c", "logging_collector=off",
	}
	if !c.durable {
		options = append(options, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "autovacuum=off", "-c", "max_wal_size=128MB")
	}
	if c.listens.IsValid() {
		options = append(options, "-c", "listen_addresses="+c.listens.Addr().String(), "-c", fmt.Sprint("port=", c.listens.Port()))
	}
	cmd := c.command("postgres", options...)
	s := &server{cmd: cmd, ready: make(chan bool, 1), gone: make(chan struct{})}
	started := make(chan error)
	go s.run(started)
	if err := <-started; err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	if !<-s.ready {
		<-s.gone
		return fmt.Errorf("postgres did not start:\n%s", s.log())
	}
	c.server = s
	return nil
}

// server is a running postmaster with its children.
type server struct {
	cmd   *exec.Cmd
	ready chan bool     // true once: it takes connections; false: it ended before
	gone  chan struct{} // closed when the last of its processes is gone
	lock  sync.Mutex
	lines []string
}

// run starts the server on a thread that lives as long as it: the kernel ends
// the server when the thread that started it ends.
func (s *server) run(started chan<- error) {
	runtime.LockOSThread()
	stderr, err := s.cmd.StderrPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	started <- err
	if err != nil {
		return
	}
	// Every process of the server has the pipe; its end is the end of the last.
	s.read(stderr)
	_ = s.cmd.Wait()
	close(s.gone)
}

const keptLines = 50

func (s *server) read(r io.Reader) {
	ready := false
	for in := bufio.NewScanner(r); in.Scan(); {
		s.lock.Lock()
		s.lines = append(s.lines[max(0, len(s.lines)-keptLines):], in.Text())
		s.lock.Unlock()
		if !ready && strings.Contains(in.Text(), "database system is ready to accept") { // a standby: read-only connections
			ready = true
			s.ready <- true
		}
	}
	if !ready {
		s.ready <- false
	}
}

func (s *server) log() string {
	s.lock.Lock()
	defer s.lock.Unlock()
	return strings.Join(s.lines, "\n")
}

func (s *server) stop(signal syscall.Signal) {
	_ = s.cmd.Process.Signal(signal)
	<-s.gone
}
