package archive_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// child tells the test binary that it is the archive to be killed; it holds the database's address.
// With forever it archives and restores until it is.
const (
	child   = "LEADMETER_TEST_ARCHIVE_CHILD"
	forever = "LEADMETER_TEST_ARCHIVE_FOREVER"
)

// runChild archives three blocks of a workspace and restores one, on one thread: strace counts each
// thread's calls apart.
func runChild() int {
	runtime.LockOSThread()
	go func() { // nobody outlives the test
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	st, err := store.Open(context.Background(), os.Getenv(child))
	for err == nil {
		for range 3 {
			if err == nil {
				_, err = st.ArchiveNext(context.Background(), "one", cut.UnixMicro(), 20)
			}
		}
		if err == nil {
			fmt.Println("archived")
			_, err = st.RestoreLast(context.Background(), "one")
		}
		if os.Getenv(forever) == "" {
			break
		}
	}
	if err == nil {
		err = st.Close()
	}
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	fmt.Println("end")
	return 0
}

// checkKilled opens what a killed archive left: every entry must be there once, as it was.
func checkKilled(t *testing.T, address string, before []store.Entry) {
	t.Helper()
	l := openLedger(t, address)
	defer l.end()
	if after := l.entries(t, "one"); !reflect.DeepEqual(after, before) {
		t.Errorf("there were %d entries, and %d others are there now", len(before), len(after))
	}
	if d := l.differences(t); len(d) > 0 {
		t.Error(d)
	}
	here, archived := l.exec(t, "SELECT count(*) FROM entries"), l.exec(t, "SELECT coalesce(sum(last_seq - first_seq + 1), 0) FROM entry_archive")
	if here+archived != int64(len(before)) {
		t.Errorf("%d entries and %d archived make not %d", here, archived, len(before))
	}
}

// maxPoints bounds the runs for one system call.
const maxPoints = 300

// Killed before any write or flush of its database, an archive leaves each entry in one place.
func TestArchiveKilledBeforeEveryWrite(t *testing.T) {
	testdb.Want(t, "sqlite")
	testdb.Slow(t)
	if runtime.GOOS != "linux" {
		t.Skip("strace is for Linux")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatal("this test kills a process at each of its system calls with strace, which is not installed here: `make setup` installs it")
	}
	address := testdb.Address(t, "sqlite")
	l := openLedger(t, address)
	l.add(t, "one", 150)
	before := l.entries(t, "one")
	l.end()
	file, err := os.ReadFile(strings.TrimPrefix(address, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	points := 0
	for _, call := range []string{"pwrite64", "fsync", "fdatasync", "ftruncate", "unlink"} {
		n := 1
		for ; killedAt(t, file, before, call, n); n++ {
			if n > maxPoints {
				t.Fatalf("%s: the child is still killed at the %dth", call, n)
			}
			if t.Failed() {
				t.Fatalf("killed before %s number %d", call, n)
			}
		}
		t.Logf("%s: %d crash points", call, n-1)
		points += n - 1
	}
	if points < 20 {
		t.Errorf("%d crash points: the child was not traced", points)
	}
}

// killedAt runs a child on a copy of the file, kills it before a call, and checks what it left. It
// reports whether the child was killed.
func killedAt(t *testing.T, file []byte, before []store.Entry, call string, n int) bool {
	t.Helper()
	dir := t.TempDir()
	address, log := "sqlite:"+filepath.Join(dir, "leadmeter.db"), filepath.Join(dir, "strace")
	if err := os.WriteFile(filepath.Join(dir, "leadmeter.db"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("strace", "-f", "-q", "-o", log, "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", call, n), os.Args[0], "-test.run=^$")
	c.Env = append(os.Environ(), child+"="+address, "GOMAXPROCS=1")
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	out, err := c.Output()
	trace, _ := os.ReadFile(log)
	killed := bytes.Contains(trace, []byte("killed by SIGKILL"))
	if err != nil && !killed || killed == bytes.HasSuffix(out, []byte("end\n")) {
		t.Fatalf("%s number %d: %v, killed %v, it said %s", call, n, err, killed, out)
	}
	checkKilled(t, address, before)
	return killed
}

// Killed at any moment, on either engine.
func TestArchiveKilled(t *testing.T) {
	eachLedger(t, func(t *testing.T, l *ledger) {
		testdb.Slow(t)
		l.add(t, "one", 400)
		before := l.entries(t, "one")
		l.end()
		for range 5 {
			c := exec.Command(os.Args[0], "-test.run=^$")
			c.Env = append(os.Environ(), child+"="+l.address, forever+"=1")
			stdin, err := c.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			stdout, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			said := make([]byte, len("archived\n"))
			_, err = io.ReadFull(stdout, said)
			time.Sleep(time.Duration(rand.IntN(50)) * time.Millisecond)
			_ = c.Process.Kill()
			_, _ = io.Copy(io.Discard, stdout)
			_ = c.Wait()
			stdin.Close()
			if err != nil || string(said) != "archived\n" {
				t.Fatalf("the child said %q, %v", said, err)
			}
			checkKilled(t, l.address, before)
		}
	})
}
