package credits_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
)

// What an owner answers is what the server itself would have: results, refusals, replays.
func TestAnswersOfAnOwner(t *testing.T) {
	p := openPair(t, "postgres", 1)
	line := &lines{from: "b", owner: p.a}
	p.b.Share(line)
	contend(t, p.a, p.b, p.now)
	r := credits.Request{Workspace: "w0", Member: "m", At: p.now, Key: "one", Fingerprint: []byte("print"), Capture: "cap_1", Channel: "api", Keep: []byte(`{"lead":"l1"}`)}
	charge := func(change func(c *credits.Charge)) *credits.Charge {
		c := &credits.Charge{Request: r, Credit: "standard", Amount: 3 * credits.Credit / 7, Note: "a report"}
		change(c)
		return c
	}
	for _, c := range []struct {
		name    string
		command *credits.Charge
		code    string
	}{
		{"charged", charge(func(*credits.Charge) {}), ""},
		{"sent again", charge(func(*credits.Charge) {}), ""},
		{"another request", charge(func(c *credits.Charge) { c.Fingerprint = []byte("other") }), credits.Mismatch},
		{"too much", charge(func(c *credits.Charge) { c.Key, c.Amount = "two", 1_000_000*credits.Credit }), credits.Insufficient},
		{"too much again", charge(func(c *credits.Charge) { c.Key, c.Amount = "two", 1_000_000*credits.Credit }), credits.Insufficient},
		{"no such credit", charge(func(c *credits.Charge) { c.Key, c.Credit = "three", "gold" }), credits.Invalid},
		{"own key", charge(func(c *credits.Charge) { c.Own = true }), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := p.b.Sent()
			result, err := p.b.Do(ctx, c.command)
			if p.b.Sent() != before+1 {
				t.Fatal("the charge was not sent")
			}
			no := refusal(t, err)
			if no == nil && c.code != "" || no != nil && no.Code != c.code {
				t.Fatalf("refused with %v, want %q", no, c.code)
			}
			if c.code == credits.Invalid {
				return // leaves no receipt to compare with
			}
			again, errAgain := p.a.Do(ctx, c.command) // the owner's own callers are told
			replayed := again.Replayed && c.code != credits.Mismatch
			if !replayed && c.code != credits.Mismatch {
				t.Error("the receipt is not found")
			}
			if c.code == credits.Mismatch && !reflect.DeepEqual(result, again) {
				t.Errorf("refused beside %+v, and at the owner beside %+v", result, again)
			}
			if wantRefusal := refusal(t, errAgain); !reflect.DeepEqual(no, wantRefusal) {
				t.Errorf("refused with %+v, and later with %+v", no, wantRefusal)
			}
			again.Replayed = result.Replayed
			if no == nil && !reflect.DeepEqual(result, again) {
				t.Errorf("answered with %+v, and later with %+v", result, again)
			}
		})
	}
}

// The charges of a batch are decided in their order, wherever they are decided: where credits end, what came
// first was charged.
func TestOrderOfABatchThatIsSent(t *testing.T) {
	for name, fault := range map[string]func([]byte) ([]byte, error){"good": nil, "bad": badLine()} {
		t.Run(name, func(t *testing.T) {
			p := openPair(t, "postgres", 1)
			line := &lines{owner: p.a}
			p.b.Share(line)
			contend(t, p.a, p.b, p.now)
			line.fault = fault
			left := p.left(p.b, "w0")
			amount := left / 900
			commands := make([]credits.Command, 2000)
			for n := range commands {
				commands[n] = p.charge("w0", amount, fmt.Sprintf("line-%04d", n))
			}
			answers, err := p.b.DoAll(ctx, commands)
			if err != nil {
				t.Fatal(err)
			}
			charged, want := 0, int(left/amount)
			for n, a := range answers {
				no := refusal(t, a.Err)
				if no == nil {
					charged++
				}
				if (no == nil) != (n < want) {
					t.Fatalf("charge %d of %d: %v, though credits are there for %d", n, len(commands), a.Err, want)
				}
			}
			if charged != want || fault == nil && line.sent.Load() < 4 {
				t.Errorf("%d charged, want %d, in %d frames", charged, want, line.sent.Load())
			}
		})
	}
}
