package command

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

var sentTotal = regexp.MustCompile(`(?m)^leadmeter_charges_sent_total (\S+)$`)

// sent is how many charges another server decided for this one.
func (p *pod) sent() float64 {
	p.t.Helper()
	r, err := http.Get(p.metrics)
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	found := sentTotal.FindSubmatch(text)
	if found == nil {
		p.t.Fatalf("no metric of charges that were sent: %s", text)
	}
	n, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// Two servers, as the chart starts them, charge the same workspaces, and each decides some of them for
// both. One is frozen for a while, and then killed with -9: no charge of the other's callers fails or waits
// for long, and each is in the ledger once.
func TestServerThatDecidesForAnotherIsKilled(t *testing.T) {
	testdb.Slow(t)
	c, config, database, key := chartOnPostgres(t)
	lost, stays := startPod(t, c, config, database), startPod(t, c, config, database)
	operator := &client.Client{Server: stays.base, Key: key}
	var workspaces []string
	for n := range 6 {
		workspaces = append(workspaces, funded(t, operator, fmt.Sprint("Acme ", n)))
	}
	var charged, unknown atomic.Int64 // at the server that stays; at the other one
	var slowest atomic.Int64
	over := make(chan struct{})
	var callers sync.WaitGroup
	finish := sync.OnceFunc(func() { close(over); callers.Wait() })
	defer finish()
	for n := range 32 {
		callers.Go(func() {
			to := []*pod{lost, stays}[n%2]
			via := &client.Client{Server: to.base, Key: operator.Key, HTTP: &http.Client{Timeout: 20 * time.Second}}
			for i := n / 2; ; i++ {
				select {
				case <-over:
					return
				default:
				}
				began := time.Now()
				_, err := via.Charge(t.Context(), workspaces[i%len(workspaces)], client.NewKey(), "standard", 1_000_000)
				if to == lost {
					if unknown.Add(1); err != nil {
						time.Sleep(50 * time.Millisecond)
					}
					continue
				}
				if err != nil {
					t.Errorf("a charge failed: %v", err)
					return
				}
				charged.Add(1)
				for took := int64(time.Since(began)); ; {
					if before := slowest.Load(); took <= before || slowest.CompareAndSwap(before, took) {
						break
					}
				}
			}
		})
	}
	for end := time.Now().Add(30 * time.Second); lost.sent() == 0 || stays.sent() == 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%.0f and %.0f charges were sent", lost.sent(), stays.sent())
		}
	}
	t.Logf("slowest charge with both servers: %v", time.Duration(slowest.Swap(0)))
	signal := func(s syscall.Signal) {
		if err := lost.cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name   string
		signal syscall.Signal
		lasts  time.Duration
	}{{"frozen", syscall.SIGSTOP, 3 * time.Second}, {"back", syscall.SIGCONT, 2 * time.Second}, {"killed", syscall.SIGKILL, 3 * time.Second}} {
		before := charged.Load()
		signal(step.signal)
		time.Sleep(step.lasts)
		took := time.Duration(slowest.Swap(0))
		t.Logf("%s: %d charges, the slowest took %v", step.name, charged.Load()-before, took)
		if charged.Load() == before {
			t.Errorf("no charge while the other server was %s", step.name)
		}
	}
	finish()
	used := int64(0)
	for _, ws := range workspaces {
		var balance struct {
			Credits map[string]struct{ Used json.Number }
		}
		if _, err := operator.Do(t.Context(), "GET", "/v1/workspaces/"+ws+"/balance", "", nil, &balance); err != nil {
			t.Fatal(err)
		}
		n, _ := balance.Credits["standard"].Used.Int64()
		used += n
	}
	if used < charged.Load() || used > charged.Load()+unknown.Load() {
		t.Errorf("%d charged here, at most %d at the server that was killed, %d used", charged.Load(), unknown.Load(), used)
	}
	stays.stop()
	if code, out, said := command("verify", "--database", database); code != 0 {
		t.Errorf("verify: %s %s", out, said)
	}
}
