package outbox_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

const child = "LEADMETER_TEST_OUTBOX_CHILD"

// runChild sends, telling each message on standard output before it is noted that
// it was sent, until it is killed.
func runChild() int {
	st, err := store.Open(context.Background(), os.Getenv(child))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	o := outbox.New(st, time.Now)
	o.Lease = 400 * time.Millisecond
	if st.Engine() == "sqlite" {
		if err := o.Recover(context.Background()); err != nil {
			return 1
		}
	}
	o.Send("webhook", teller{})
	o.Work(context.Background())
	return 0
}

type teller struct{}

func (teller) Send(_ context.Context, e store.Effect) (int, error) {
	fmt.Println(e.Message)
	time.Sleep(4 * time.Millisecond) // a receiver takes its time; here a kill falls between sending and noting
	return 200, nil
}

func (teller) RecordOutcome(*store.Tx, *store.Effect) error { return nil }

// A server that is killed again and again sends every effect at least once, a
// repetition always under the same message id.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes")
	}
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			address := testdb.Address(t, engine)
			st := testdb.OpenAt(t, address)
			const n = 1500
			want := map[string]bool{}
			for i := range n {
				id := fmt.Sprint("m", i)
				want[id] = true
				put(t, st, store.Effect{Workspace: "ws_1", Kind: "webhook", Target: fmt.Sprint("t", i%20), Message: id, Payload: []byte("{}")}, time.Now())
			}
			got := map[string]int{}
			kills := 0
			for len(got) < n && kills < 60 {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), child+"="+address)
				var out strings.Builder
				cmd.Stdout, cmd.Stderr = &out, os.Stderr
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Duration(80+15*kills) * time.Millisecond) // when it dies is what varies
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
				kills++
				lines := strings.Split(out.String(), "\n")
				for _, id := range lines[:len(lines)-1] {
					if !want[id] {
						t.Fatalf("%q is no message", id)
					}
					got[id]++
				}
			}
			twice := 0
			for _, times := range got {
				if times > 1 {
					twice++
				}
			}
			t.Logf("killed %d times: %d of %d messages sent, %d of them more than once", kills, len(got), n, twice)
			if len(got) != n {
				t.Errorf("%d messages were never sent", n-len(got))
			}
		})
	}
}
