package credits_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// pointChild tells the test binary that it is the server to be killed at one
// system call; it holds the name of its run. crashChild holds the address.
const pointChild = "LEADMETER_CRASH_POINT"

// pointSteps are what a child does, one after the other, each under a key that
// ends with its name. The last charge is decided ahead of the database.
var pointSteps = []string{"charge", "hold", "settle", "capture", "again", "ahead"}

func pointCommand(key string) credits.Command {
	run, step, _ := strings.Cut(key, ".")
	r := credits.Request{Workspace: "w", Member: "m", At: crashNow, Key: key, Fingerprint: []byte(key)}
	switch step {
	case "charge", "again", "ahead":
		return &credits.Charge{Request: r, Credit: "premium", Amount: credits.Credit / 1000, Note: key}
	case "hold":
		return &credits.Hold{Request: r, ID: run, Credit: "premium", Amount: credits.Credit / 500, ExpiresIn: time.Hour}
	case "settle":
		return &credits.Settle{Request: r, Hold: run, Final: true, Lines: []credits.SettleLine{{Outcome: credits.Charged, Amount: credits.Credit / 1000}}}
	default:
		return &credits.Capture{Request: r, Person: key, Findings: []credits.Finding{{Field: "work_phone", Values: 1}, {Field: "personal_email"}}}
	}
}

// pointEntries is how many entries each step makes: a settlement a charge and
// what it gives back, a capture one for each field.
var pointEntries = map[string]int{"charge": 1, "hold": 1, "settle": 2, "capture": 2, "again": 1, "ahead": 1}

// runPointChild keeps to one thread: strace counts each thread's calls apart.
func runPointChild() int {
	runtime.LockOSThread()
	st, err := store.Open(ctx, os.Getenv(crashChild))
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	l := credits.New(st, credits.ShippedBooks())
	here := credits.CommitHere(l)
	for _, step := range pointSteps {
		key := os.Getenv(pointChild) + "." + step
		fmt.Println("try", key)
		if _, err := here.Do(pointCommand(key)); err != nil {
			fmt.Println("error", err)
			return 2
		}
		fmt.Println("ack", key)
	}
	if l.Ahead() != 1 {
		fmt.Println("error", l.Ahead(), "batches were decided ahead")
		return 4
	}
	l.Close()
	if err := st.Close(); err != nil {
		fmt.Println("error", err)
		return 3
	}
	fmt.Println("end")
	return 0
}

// pointCalls are the system calls before which the child is killed: what SQLite
// does to its files, and what the child says to its client.
var pointCalls = []string{"pwrite64", "write", "fsync", "fdatasync", "ftruncate", "unlink"}

// maxPoints bounds the runs for one system call.
const maxPoints = 200

// Rules C8, C9: a server that is killed before any of the writes and flushes of
// its database, one run for each, loses nothing that it acknowledged, keeps
// nothing by halves, and does once what is sent again.
func TestC8KilledBeforeEveryWriteAndFlush(t *testing.T) {
	testdb.Want(t, "sqlite")
	switch {
	case testing.Short():
		t.Skip("-short leaves out the crash points")
	case runtime.GOOS != "linux":
		t.Skip("strace is for Linux")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatal("this test kills a process at each of its system calls with strace, which is not installed here: `make setup` installs it")
	}
	dir := t.TempDir()
	address := "sqlite:" + dir + "/crash.db"
	openCrashed(t, address)
	began, points := time.Now(), 0
	for _, call := range pointCalls {
		n := 1
		for ; ; n++ {
			if n > maxPoints {
				t.Fatalf("%s: the child is still killed at the %dth", call, n)
			}
			run := pointRun{address: address, call: call, n: n, log: filepath.Join(dir, "strace")}
			if !run.once(t) {
				break
			}
		}
		t.Logf("%s: %d crash points", call, n-1)
		points += n - 1
	}
	if points < 20 {
		t.Errorf("%d crash points: the child was not traced", points)
	}
	t.Logf("%d crash points in %v", points, time.Since(began).Round(time.Millisecond))
}

// pointRun is one run of the child under strace.
type pointRun struct {
	address, name, call, log string
	n                        int
}

// once runs the child until all its calls were of one thread, as they nearly
// always are: strace counts each thread's apart. It reports whether the child was
// killed; whatever its outcome, the ledger must be whole.
func (r pointRun) once(t *testing.T) bool {
	t.Helper()
	for try := range 20 {
		r.name = fmt.Sprintf("%s-%d-%d", r.call, r.n, try)
		said, killed, counted := r.start(t)
		checkPoint(t, r.address, r.name, said)
		if t.Failed() {
			t.Fatalf("killed before %s number %d: the child had said %v", r.call, r.n, said)
		}
		if counted {
			return killed
		}
	}
	t.Fatalf("%s number %d: the child always calls it on several threads", r.call, r.n)
	return false
}

// start runs the child and returns what it said, whether it was killed, and
// whether the number of the call means anything.
func (r pointRun) start(t *testing.T) (said []string, killed, counted bool) {
	t.Helper()
	child := exec.Command("strace", "-f", "-q", "-o", r.log,
		"-e", "trace="+r.call, "-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", r.call, r.n), os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), crashChild+"="+r.address, pointChild+"="+r.name, "GOMAXPROCS=1")
	var stderr bytes.Buffer
	child.Stderr = &stderr
	out, err := child.Output()
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		said = append(said, lines.Text())
	}
	log, _ := os.ReadFile(r.log)
	killed = bytes.Contains(log, []byte("killed by SIGKILL"))
	if err != nil && !killed {
		t.Fatalf("strace: %v\n%s%s", err, stderr.String(), out)
	}
	ended := len(said) > 0 && said[len(said)-1] == "end"
	if killed == ended {
		t.Fatalf("%s number %d: killed %v, and it said %v", r.call, r.n, killed, said)
	}
	threads := map[string]bool{}
	for _, line := range calledLine.FindAllSubmatch(log, -1) {
		threads[string(line[1])] = true
	}
	return said, killed, len(threads) < 2 || r.call == "write" // the runtime wakes itself by writes
}

var calledLine = regexp.MustCompile(`(?m)^(\d+) +[a-z0-9]+\(`)

// checkPoint opens the database as the next server would, and asks again.
func checkPoint(t *testing.T, address, run string, said []string) {
	t.Helper()
	st, err := store.Open(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	l := credits.New(st, credits.ShippedBooks())
	defer l.Close()
	tried, acked := map[string]bool{}, map[string]bool{}
	for _, line := range said {
		word, key, _ := strings.Cut(line, " ")
		tried[key] = tried[key] || word == "try"
		acked[key] = acked[key] || word == "ack"
		if word == "error" {
			t.Errorf("the child failed: %s", line)
		}
	}
	before := countPoint(readLedger(t, st, "w"), run)
	for _, step := range pointSteps {
		key := run + "." + step
		switch n := before[step]; {
		case acked[key] && n != pointEntries[step]:
			t.Errorf("%s was acknowledged and has %d entries", key, n)
		case n != 0 && n != pointEntries[step]:
			t.Errorf("%s is there by halves: %d entries", key, n)
		}
		result, err := l.Do(ctx, pointCommand(key))
		if err != nil {
			t.Fatalf("%s, sent again: %v", key, err)
		}
		if result.Replayed != (before[step] > 0) {
			t.Errorf("%s had %d entries; sent again, it was replayed: %v", key, before[step], result.Replayed)
		}
	}
	for step, n := range countPoint(readLedger(t, st, "w"), run) {
		if n != pointEntries[step] {
			t.Errorf("%s.%s was sent again and has %d entries", run, step, n)
		}
	}
	checkInvariants(t, st, l, "w", crashNow)
}

// countPoint counts the entries of a run, by its steps.
func countPoint(rows ledgerRows, run string) map[string]int {
	count := map[string]int{}
	for _, e := range rows.entries {
		switch {
		case e.Hold == run && e.Kind == credits.KindHold:
			count["hold"]++
		case e.Hold == run:
			count["settle"]++
		case e.Kind == credits.KindCharge && strings.HasPrefix(e.Note, run+"."):
			count[strings.TrimPrefix(e.Note, run+".")]++
		case e.Person == run+".capture":
			count["capture"]++
		}
	}
	return count
}
