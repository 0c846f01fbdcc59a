package credits_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// crashChild tells the test binary that it is the server to be killed, and
// holds the address of its database.
const crashChild = "LEADMETER_CRASH_CHILD"

// crashNow is the clock of every crash test: no period ends in them.
var crashNow = time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)

// crashCommand is the command of a key: its number decides what it does, so that
// the one who asks again after the crash sends the same.
func crashCommand(key string) credits.Command {
	n, err := strconv.Atoi(key[strings.LastIndex(key, "-")+1:])
	if err != nil {
		panic(err)
	}
	r := credits.Request{Workspace: "w", Member: fmt.Sprint("m", n%3), At: crashNow, Key: key, Fingerprint: []byte(key)}
	switch n % 3 {
	case 0:
		return &credits.Charge{Request: r, Credit: "standard", Amount: credits.Credit, Note: key}
	case 1:
		return &credits.Hold{Request: r, ID: key, Credit: "standard", Amount: 2 * credits.Credit, ExpiresIn: time.Hour}
	default:
		return &credits.Capture{Request: r, Person: key, Findings: []credits.Finding{{Field: "work_phone", Values: 1}, {Field: "personal_email"}}}
	}
}

// runCrashChild charges, holds and captures from several goroutines until it is
// killed, and prints each key before it sends it and after it was answered.
func runCrashChild() int {
	go func() { // nobody outlives the test
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	st, err := store.Open(ctx, os.Getenv(crashChild))
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	l := credits.New(st, credits.ShippedBooks())
	failed := make(chan error)
	var out sync.Mutex
	say := func(words ...any) {
		out.Lock()
		fmt.Println(words...)
		out.Unlock()
	}
	const workers = 8
	for worker := range workers {
		go func() {
			for n := 0; ; n++ {
				key := fmt.Sprintf("%s-%d-%d", os.Getenv("LEADMETER_CRASH_ROUND"), worker, n)
				say("try", key)
				if _, err := l.Do(ctx, crashCommand(key)); err != nil {
					failed <- err
					return
				}
				say("ack", key)
			}
		}()
	}
	say("error", <-failed)
	return 2
}

// life is one run of the child.
type life struct {
	tried, acked map[string]bool
	failure      string
}

// runUntil runs a child, calls kill when it has acknowledged so many commands,
// and returns what it said before it ended.
func runUntil(t *testing.T, address string, round, acks int, kill func(*os.Process)) life {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), crashChild+"="+address, fmt.Sprintf("LEADMETER_CRASH_ROUND=r%d", round))
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	said := life{tried: map[string]bool{}, acked: map[string]bool{}}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "try":
			said.tried[rest] = true
		case "ack":
			said.acked[rest] = true
			if len(said.acked) == acks {
				kill(child.Process)
			}
		case "error":
			said.failure = rest
		}
	}
	_ = child.Wait()
	if len(said.acked) < acks {
		t.Fatalf("the child ended by itself after %d of %d: %s", len(said.acked), acks, said.failure)
	}
	return said
}

func kill9(p *os.Process) { _ = p.Kill() }

func crashRounds(t *testing.T, usual int) int {
	if text := os.Getenv("LEADMETER_CRASH_ROUNDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if testing.Short() {
		return min(usual, 3)
	}
	return usual
}

// Rules C8, C9: a server killed at any moment loses nothing that it
// acknowledged, keeps nothing by halves, and a request sent again happens once.
func TestC8KilledServerOnSQLite(t *testing.T) {
	testdb.Want(t, "sqlite")
	address := "sqlite:" + t.TempDir() + "/crash.db"
	openCrashed(t, address)
	for round := range crashRounds(t, 20) {
		said := runUntil(t, address, round, 1+rand.IntN(300), kill9)
		checkCrashed(t, address, said)
	}
}

func TestC8KilledServerOnPostgres(t *testing.T) {
	address := testdb.Address(t, "postgres")
	openCrashed(t, address)
	for round := range crashRounds(t, 8) {
		said := runUntil(t, address, round, 1+rand.IntN(300), kill9)
		checkCrashed(t, address, said)
	}
}

// The database itself is killed: what it had committed is there when it is back.
func TestC8KilledPostgres(t *testing.T) {
	c := testdb.NewCluster(t)
	address := c.CreateDatabase(t, "crash")
	openCrashed(t, address)
	for round := range min(crashRounds(t, 4), 20) {
		said := runUntil(t, address, round, 1+rand.IntN(300), func(*os.Process) { c.Crash() })
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		checkCrashed(t, address, said)
	}
}

func openCrashed(t *testing.T, address string) {
	st := testdb.OpenAt(t, address)
	sub := subscription{workspace: "w", book: "classic", plan: "enterprise", zone: "UTC", seats: 1, anchor: 1}
	if err := open(st, credits.ShippedBooks(), sub, crashNow); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

// checkCrashed opens the database again, asks for everything whose outcome is
// unknown once more, and holds the ledger against what was said.
func checkCrashed(t *testing.T, address string, said life) {
	t.Helper()
	st, err := store.Open(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	l := credits.New(st, credits.ShippedBooks())
	defer l.Close()
	before := countKeys(readLedger(t, st, "w"))
	for key := range said.acked {
		if before[key] != 1 {
			t.Errorf("%s was acknowledged and is %d times in the ledger", key, before[key])
		}
	}
	found := 0
	for key := range said.tried {
		result, err := l.Do(ctx, crashCommand(key))
		if err != nil {
			t.Fatalf("%s, sent again: %v", key, err)
		}
		if said.acked[key] && !result.Replayed {
			t.Errorf("%s was acknowledged and happened again", key)
		}
		if result.Replayed && !said.acked[key] {
			found++
		}
	}
	after := countKeys(readLedger(t, st, "w"))
	for key := range said.tried {
		if after[key] != 1 {
			t.Errorf("%s was sent again and is %d times in the ledger", key, after[key])
		}
	}
	checkInvariants(t, st, l, "w", crashNow)
	t.Logf("%d acknowledged, %d unknown, of which %d were on disk", len(said.acked), len(said.tried)-len(said.acked), found)
}

// countKeys counts what the ledger has of each key.
func countKeys(rows ledgerRows) map[string]int {
	count := map[string]int{}
	for _, e := range rows.entries {
		switch {
		case e.Kind == credits.KindCharge && e.Person != "":
			count[e.Person]++
		case e.Kind == credits.KindCharge:
			count[e.Note]++
		case e.Kind == credits.KindHold:
			count[e.Hold]++
		}
	}
	return count
}
