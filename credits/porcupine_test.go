package credits_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// A second opinion on what package history says: porcupine searches for an order
// in which a ledger of one thread would have given the same answers.

const (
	windowClients = 8
	windowEach    = 18 // operations of a client: 144 in all
	windowHolds   = windowClients * windowEach
	windowPool    = 15 * int64(credits.Credit) // the weekly 15 of the free plan
)

// windowOp is an operation: charge, hold, settle (in part, final), release, look.
type windowOp struct {
	do     string
	hold   int // of hold, settle and release
	amount int64
}

// windowAnswer is its answer; of a refusal, left is what was there.
type windowAnswer struct {
	refused    bool
	left, held int64
}

// windowState is the ledger of one thread.
type windowState struct {
	left, held int64
	holds      [windowHolds]int64
}

var windowModel = porcupine.Model{
	Init: func() any { return windowState{left: windowPool} },
	Step: func(state, input, output any) (bool, any) {
		s, op, answer := state.(windowState), input.(windowOp), output.(windowAnswer)
		before := s
		if (op.do == "charge" || op.do == "hold") && op.amount > s.left {
			return answer.refused && answer.left == s.left, before
		}
		switch op.do {
		case "charge":
			s.left -= op.amount
		case "hold":
			s.left, s.held, s.holds[op.hold] = s.left-op.amount, s.held+op.amount, op.amount
		case "settle":
			all := s.holds[op.hold]
			s.left, s.held, s.holds[op.hold] = s.left+all-op.amount, s.held-all, 0
		case "release":
			all := s.holds[op.hold]
			s.left, s.held, s.holds[op.hold] = s.left+all, s.held-all, 0
		}
		return !answer.refused && answer.left == s.left && answer.held == s.held, s
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v → %+v", input, output) },
}

// TestC8Windows records short histories of callers at one workspace. How many:
// LEADMETER_TEST_WINDOWS.
func TestC8Windows(t *testing.T) {
	st := testdb.Open(t, "sqlite")
	playWindows(t, st, windows(t, 100), newLedger(t, st, credits.ShippedBooks()))
}

// The callers of two servers on one database.
func TestC8WindowsOfTwoServers(t *testing.T) {
	address := testdb.Address(t, "postgres")
	first, second := testdb.OpenAt(t, address), testdb.OpenAt(t, address)
	playWindows(t, first, windows(t, 30), newLedger(t, first, credits.ShippedBooks()), newLedger(t, second, credits.ShippedBooks()))
}

func windows(t *testing.T, usual int) int {
	if text := os.Getenv("LEADMETER_TEST_WINDOWS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return usual
}

func playWindows(t *testing.T, st *store.Store, n int, ledgers ...*credits.Ledger) {
	began, refused := time.Now(), 0
	for window := range n {
		w := fmt.Sprint("w", window)
		if err := open(st, credits.ShippedBooks(), subscription{w, "classic", "free", "UTC", 1, 1}, crashNow); err != nil {
			t.Fatal(err)
		}
		operations := recordWindow(t, w, uint64(window), ledgers)
		for _, op := range operations {
			if op.Output.(windowAnswer).refused {
				refused++
			}
		}
		if result := porcupine.CheckOperationsTimeout(windowModel, operations, 30*time.Second); result != porcupine.Ok {
			t.Fatalf("window %d is %s: %+v", window, result, operations)
		}
		if window == 0 {
			requireRejected(t, operations)
		}
	}
	if refused == 0 {
		t.Error("nobody was refused")
	}
	t.Logf("%d windows of %d operations, %d refused, in %v", n, windowHolds, refused, time.Since(began).Round(time.Millisecond))
}

// requireRejected doctors a history that was accepted: no order explains it now.
func requireRejected(t *testing.T, operations []porcupine.Operation) {
	doctor := func(name string, change func(op *porcupine.Operation, answer windowAnswer) bool) {
		list := append([]porcupine.Operation(nil), operations...)
		for n := range list {
			if change(&list[n], list[n].Output.(windowAnswer)) {
				if porcupine.CheckOperationsTimeout(windowModel, list, 30*time.Second) != porcupine.Illegal {
					t.Errorf("%s, and porcupine accepts it", name)
				}
				return
			}
		}
		t.Errorf("%s: the history has no operation for it", name)
	}
	doctor("a charge was acknowledged and did not happen", func(op *porcupine.Operation, answer windowAnswer) bool {
		in := op.Input.(windowOp)
		op.Input = windowOp{do: "look"}
		return in.do == "charge" && !answer.refused && in.amount > 0
	})
	doctor("a refusal with enough there", func(op *porcupine.Operation, answer windowAnswer) bool {
		op.Output = windowAnswer{refused: true, left: windowPool}
		return !answer.refused && op.Input.(windowOp).do == "charge"
	})
	doctor("an answer with a wrong balance", func(op *porcupine.Operation, answer windowAnswer) bool {
		op.Output = windowAnswer{left: answer.left + 1, held: answer.held}
		return !answer.refused
	})
}

// recordWindow lets the clients run at once and writes down what each was told.
func recordWindow(t *testing.T, workspace string, seed uint64, ledgers []*credits.Ledger) []porcupine.Operation {
	var running sync.WaitGroup
	began := time.Now()
	lists := make([][]porcupine.Operation, windowClients)
	for client := range windowClients {
		running.Go(func() {
			dice := rand.New(rand.NewPCG(seed, uint64(client)))
			l := ledgers[client%len(ledgers)]
			var mine []windowOp // holds
			for n := range windowEach {
				op := nextWindowOp(dice, client*windowEach+n, &mine)
				call := int64(time.Since(began))
				answer := doWindowOp(t, l, workspace, op)
				lists[client] = append(lists[client], porcupine.Operation{
					ClientId: client, Input: op, Call: call, Output: answer, Return: int64(time.Since(began)),
				})
				if op.do == "hold" && !answer.refused {
					mine = append(mine, op)
				}
			}
		})
	}
	running.Wait()
	var all []porcupine.Operation
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

func nextWindowOp(dice *rand.Rand, n int, mine *[]windowOp) windowOp {
	amount := (dice.Int64N(8) + 1) * int64(credits.Credit) / 4
	roll := dice.IntN(10)
	if roll < 4 && len(*mine) > 0 {
		hold := (*mine)[0]
		*mine = (*mine)[1:]
		if roll == 0 { // most come back, so that the window is not all refusals
			return windowOp{do: "settle", hold: hold.hold, amount: min(hold.amount, int64(credits.Credit)/4)}
		}
		return windowOp{do: "release", hold: hold.hold}
	}
	switch {
	case roll < 7:
		return windowOp{do: "hold", hold: n, amount: amount}
	case roll < 9:
		return windowOp{do: "charge", amount: min(amount, int64(credits.Credit)/2)}
	}
	return windowOp{do: "look"}
}

func doWindowOp(t *testing.T, l *credits.Ledger, workspace string, op windowOp) windowAnswer {
	r := credits.Request{Workspace: workspace, At: crashNow}
	id, amount := fmt.Sprint("h", op.hold), credits.Amount(op.amount)
	var command credits.Command
	switch op.do {
	case "charge":
		command = &credits.Charge{Request: r, Credit: "standard", Amount: amount}
	case "hold":
		command = &credits.Hold{Request: r, ID: id, Credit: "standard", Amount: amount, ExpiresIn: time.Hour}
	case "settle":
		command = &credits.Settle{Request: r, Hold: id, Final: true, Lines: []credits.SettleLine{{Outcome: credits.Charged, Amount: amount}}}
	case "release":
		command = &credits.Release{Request: r, Hold: id}
	default:
		view, err := l.Look(ctx, workspace, nil, crashNow)
		if err != nil {
			t.Error(err)
			return windowAnswer{}
		}
		c, _ := view.Credit("standard")
		return windowAnswer{left: int64(c.Available.Amount), held: int64(c.Held)}
	}
	result, err := l.Do(ctx, command)
	if no := refusal(t, err); no != nil {
		return windowAnswer{refused: true, left: int64(no.Available)}
	}
	b := result.Balances["standard"]
	return windowAnswer{left: int64(b.Available.Amount), held: int64(b.Held)}
}
