package api

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
)

// What is appended is what encoding/json writes.
func TestAppendedCharges(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	amount := func() credits.Amount { return credits.Amount(r.Int64N(1 << r.IntN(50))) }
	quota := func() credits.Quota {
		if r.IntN(4) == 0 {
			return credits.Unlimited
		}
		return credits.Of(amount())
	}
	texts := []string{"", "standard", `a"b`, "<&>", "Zürich", "a\\b", "\u2028", "x\x01"}
	text := func() string { return texts[r.IntN(len(texts))] }
	for range 2000 {
		c := ChargeOut{
			ID: text(), Entry: text(), Credit: text(), Amount: amount(), At: time.UnixMicro(r.Int64N(1 << 51)).UTC(),
			Balance: credits.Balance{Allowance: quota(), Used: amount(), Held: amount(), Available: quota()},
		}
		if member := text(); member != "" {
			c.Member = &member
		}
		want, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(append(c.appendMembers([]byte("{")), '}')); got != string(want) {
			t.Fatalf("seed %d\n%s\nwant\n%s", seed, got, want)
		}
	}
}
