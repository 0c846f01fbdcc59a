package store_test

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// Behind pgbouncer in transaction mode, whether it refuses the lane's settings or leaves them out,
// servers start one after the other and at once, and charge few and many together.
func TestBehindPgbouncer(t *testing.T) {
	testdb.Want(t, "postgres")
	testdb.NotOnCitus(t, "the ledger goes past a pooler of the coordinator")
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/pgbouncer") // where Debian has it, on no user's path
	}
	if err != nil {
		t.Skip("pgbouncer is not installed; make setup installs it")
	}
	for name, more := range map[string]string{
		"refuses": "",
		"ignores": "ignore_startup_parameters = plan_cache_mode,enable_seqscan,enable_hashjoin,enable_mergejoin,jit,tcp_keepalives_idle,tcp_keepalives_interval,tcp_keepalives_count\n",
	} {
		t.Run(name, func(t *testing.T) {
			address := bouncer(t, program, testdb.Address(t, "postgres"), more)
			var starts sync.WaitGroup
			for range 4 {
				starts.Go(func() {
					if err := store.Migrate(t.Context(), address, 0); err != nil {
						t.Error(err)
					}
				})
			}
			starts.Wait()
			chargeMany(t, testdb.OpenAt(t, address))
		})
	}
}

// chargeMany charges alone and many at once, over again with the same keys, and compares the sum.
func chargeMany(t *testing.T, st *store.Store) {
	t.Helper()
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	books := credits.ShippedBooks()
	terms, err := credits.NewTerms(books["classic"], "enterprise", 50, "UTC", 1, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Update(t.Context(), func(tx *store.Tx) error {
		return tx.Accounts().Insert(store.Account{Workspace: "ws_1", Terms: terms.Encode(), TermsVersion: 1})
	}); err != nil {
		t.Fatal(err)
	}
	l := credits.New(st, books)
	defer l.Close()
	charge := func(n int) credits.Command {
		return &credits.Charge{Request: credits.Request{Workspace: "ws_1", At: now, Key: fmt.Sprint("k", n)}, Credit: "standard", Amount: credits.Credit}
	}
	const charges = 300
	for n := range 10 {
		if _, err := l.Do(t.Context(), charge(n)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		var all []credits.Command
		for n := range charges {
			all = append(all, charge(n))
		}
		answers, err := l.DoAll(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range answers {
			if a.Err != nil {
				t.Fatal(a.Err)
			}
		}
	}
	view, err := l.Look(t.Context(), "ws_1", nil, now)
	if err != nil {
		t.Fatal(err)
	}
	if c, _ := view.Credit("standard"); c.Used != charges*credits.Credit {
		t.Errorf("%v are used, and %d were charged", c.Used, charges)
	}
	if l.Ahead() == 0 {
		t.Error("no batch was decided ahead")
	}
}

// bouncer starts pgbouncer before a database of the tests' Postgres.
func bouncer(t *testing.T, program, address, more string) string {
	t.Helper()
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	to := config.ConnConfig
	file := filepath.Join(t.TempDir(), "pgbouncer.ini")
	text := fmt.Sprintf("[databases]\n%s = host=%s port=%d user=%s\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %d\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n%s",
		to.Database, to.Host, to.Port, to.User, port, more)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil { //nolint:gosec // pgbouncer reads it as another user
		t.Fatal(err)
	}
	arguments := []string{file}
	if os.Geteuid() == 0 { // it refuses to run as root
		for dir := filepath.Dir(file); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
			_ = os.Chmod(dir, 0o755) //nolint:gosec // as above
		}
		arguments = []string{"-u", "postgres", file}
	}
	cmd := exec.Command(program, arguments...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	at := net.JoinHostPort("127.0.0.1", fmt.Sprint(port))
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", at); err == nil {
			c.Close()
			break
		} else if time.Now().After(end) {
			t.Fatalf("pgbouncer does not start: %v", err)
		}
	}
	return (&url.URL{Scheme: "postgres", User: url.User(to.User), Host: at, Path: "/" + to.Database, RawQuery: "sslmode=disable"}).String()
}
